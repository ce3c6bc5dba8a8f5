//! Which addresses a receiver may have. An address that somebody else hands out (a name's, over DNS) must not lead the box to the
//! router, to itself or to a neighbour in the office network; and what callers wrote does not cross the internet in the clear.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Why an address is not to be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Forbidden {
    /// It is in a network of one's own, and that has not been allowed.
    #[error(
        "{0} is an address inside a private network; set outlets.allow_private = true if that is meant"
    )]
    Private(IpAddr),
    /// It is nobody's who could answer.
    #[error("{0} is no address that can be reached")]
    Nowhere(IpAddr),
    /// It is on the internet, and nothing would be encrypted.
    #[error("{0} is on the internet, where callers' texts must be encrypted; use https:// or TLS")]
    InTheClear(IpAddr),
}

/// Whether what is to be delivered may go to this address.
///
/// # Errors
/// Why not.
pub fn may_reach(address: IpAddr, encrypted: bool, allow_private: bool) -> Result<(), Forbidden> {
    let address = address.to_canonical();
    match kind(address) {
        Kind::Nowhere => Err(Forbidden::Nowhere(address)),
        Kind::Private if !allow_private => Err(Forbidden::Private(address)),
        Kind::Public if !encrypted => Err(Forbidden::InTheClear(address)),
        Kind::Private | Kind::Public => Ok(()),
    }
}

/// Whether an address is inside a network of one's own, or this computer's.
#[must_use]
pub fn is_private(address: IpAddr) -> bool {
    matches!(kind(address.to_canonical()), Kind::Private)
}

enum Kind {
    Public,
    Private,
    Nowhere,
}

/// By the IANA registries of special-purpose addresses (RFC 6890 and its updates), as of 2026.
fn kind(address: IpAddr) -> Kind {
    match address {
        IpAddr::V4(v4) => kind_of_v4(v4),
        IpAddr::V6(v6) => kind_of_v6(v6),
    }
}

fn kind_of_v4(address: Ipv4Addr) -> Kind {
    match address.octets() {
        // RFC 1918, RFC 6598 (an operator's own), RFC 1122 (loopback), RFC 3927 (link-local).
        [10 | 127, ..]
        | [172, 16..=31, ..]
        | [192, 168, ..]
        | [100, 64..=127, ..]
        | [169, 254, ..] => Kind::Private,
        // RFC 1122 (this network), RFC 6890, RFC 5737 (documentation), RFC 2544 (benchmarks), RFC 5771 (multicast), RFC 1112.
        [0 | 224.., ..]
        | [192, 0, 0 | 2, _]
        | [198, 51, 100, _]
        | [203, 0, 113, _]
        | [198, 18 | 19, ..] => Kind::Nowhere,
        _ => Kind::Public,
    }
}

fn kind_of_v6(address: Ipv6Addr) -> Kind {
    if address.is_loopback() {
        return Kind::Private;
    }
    match address.segments() {
        // RFC 4193 (unique local), RFC 4291 (link-local), RFC 3879 (site-local, as before that).
        [0xfc00..=0xfdff | 0xfe80..=0xfeff, ..] => Kind::Private,
        // RFC 6052 and RFC 3056: they carry a v4 address, which is what is reached in the end.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => {
            let [a, b] = high.to_be_bytes();
            let [c, d] = low.to_be_bytes();
            kind_of_v4(Ipv4Addr::new(a, b, c, d))
        }
        // RFC 3849 (documentation).
        [0x2001, 0xdb8, ..] => Kind::Nowhere,
        // RFC 4291: what is handed out to be reached. The rest is multicast, unspecified, or nobody's.
        [0x2000..=0x3fff, ..] => Kind::Public,
        _ => Kind::Nowhere,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_network_is_known_at_its_edges() {
        let table = "
            1.1.1.1 public
            9.255.255.255 public
            10.0.0.0 private
            10.255.255.255 private
            11.0.0.0 public
            100.63.255.255 public
            100.64.0.0 private
            100.127.255.255 private
            100.128.0.0 public
            127.0.0.1 private
            127.255.255.255 private
            169.253.255.255 public
            169.254.169.254 private
            172.15.255.255 public
            172.16.0.0 private
            172.31.255.255 private
            172.32.0.0 public
            192.168.0.1 private
            192.169.0.0 public
            0.0.0.0 nowhere
            192.0.2.1 nowhere
            198.18.0.1 nowhere
            224.0.0.1 nowhere
            255.255.255.255 nowhere
            ::1 private
            :: nowhere
            ::ffff:127.0.0.1 private
            ::ffff:8.8.8.8 public
            64:ff9b::10.0.0.1 private
            64:ff9b::8.8.8.8 public
            2002:7f00:1:: private
            fc00::1 private
            fdff::1 private
            fe80::1 private
            fec0::1 private
            ff02::1 nowhere
            2001:db8::1 nowhere
            2606:4700::1111 public
            4000::1 nowhere";
        for line in table.lines().skip(1) {
            let (address, expected) = line.trim().split_once(' ').unwrap();
            let address = address.parse().unwrap();
            let found = match (
                may_reach(address, true, false),
                may_reach(address, true, true),
            ) {
                (Ok(()), Ok(())) => "public",
                (Err(Forbidden::Private(_)), Ok(())) => "private",
                (Err(Forbidden::Nowhere(_)), Err(Forbidden::Nowhere(_))) => "nowhere",
                other => panic!("{address}: {other:?}"),
            };
            assert_eq!(found, expected, "{address}");
        }
    }

    #[test]
    fn only_a_network_of_ones_own_may_be_crossed_in_the_clear() {
        let (public, private) = ("1.1.1.1".parse().unwrap(), "10.0.0.1".parse().unwrap());
        assert_eq!(
            may_reach(public, false, true),
            Err(Forbidden::InTheClear(public))
        );
        assert_eq!(may_reach(private, false, true), Ok(()));
        assert_eq!(
            may_reach(private, false, false),
            Err(Forbidden::Private(private))
        );
    }
}
