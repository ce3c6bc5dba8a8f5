//! What families of modems do differently: what a row of `family/table.rs` holds, and whose row is a modem's. Knows no line.
//!
//! What is not here is the same for all: the lines that families send by themselves are read whoever sends them
//! (`at/urc/vendor.rs`), for no two mean different things by one name, and what can be found out by trying is tried.
//!
//! There is no pause between commands: u-blox (20 ms, data sheet) and some drivers (100 ms) leave one so that URCs
//! kept back get out, but ours are read at any time, and nothing shows that a modem loses any. There is no list of noise:
//! what nobody knows is passed over wherever it stands. `+CCWA` is left alone: it has wedged sticks for good (chan_dongle-bg
//! issues 132 and 244), and nothing shows for which families it is harmless.

mod table;

use crate::at::{Memory, NewMessages};
use table::FAMILIES;
pub(super) use table::PLAIN_3GPP;

/// One family.
#[derive(Debug, PartialEq, Eq)]
pub struct Family {
    /// What people call it.
    pub name: &'static str,
    /// Words of which `AT+CGMI` or `AT+CGMM` holds one, in capitals …
    makers: &'static [&'static str],
    /// … and words of which `AT+CGMM` holds one, in capitals; none if all models of the maker are meant.
    models: &'static [&'static str],
    /// Its ports on USB; the first entry that fits is taken.
    pub(super) usb: &'static [UsbPorts],
    /// Commands sent once the common ones are through; of each list the first that is accepted. Refusals do not matter.
    pub(super) extra: &'static [&'static [&'static str]],
    /// Where messages are kept: the first that the modem accepts, with how many of the three memories are named.
    pub(super) memories: &'static [(Memory, u8)],
    /// How new messages are told: the first that the modem accepts.
    pub(super) new_messages: &'static [NewMessages],
    /// How a ringing call is rejected: one after the other until one is accepted.
    pub(super) hang_up: &'static [&'static str],
    /// Whether it is known to ring.
    pub(super) voice: Voice,
}

/// What is known of a family's calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Voice {
    /// It rings where the network lets it.
    Rings,
    /// It rings unless this question, by the prefix and field of its answer, is answered with `silent`.
    Asks {
        question: &'static str,
        prefix: &'static str,
        field: usize,
        silent: u8,
        /// Whether that alone keeps it from ringing, or only on LTE.
        on_lte_only: bool,
        why: &'static str,
    },
    /// It is not made for calls: no network and no setting will make it ring.
    Never,
}

/// Which of a USB modem's serial ports is which.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct UsbPorts {
    /// `idVendor`, four hexadecimal digits …
    pub(super) vendor: &'static str,
    /// … and `idProduct`s; none if all of the vendor's are meant.
    pub(super) products: &'static [&'static str],
    /// The port that speaks AT and rings with numbers.
    pub(super) at: Interface,
    /// Another one, on which some of what the modem says by itself may come instead.
    pub(super) second: Option<Interface>,
}

/// How a port is known among a modem's others: `ttyUSB` numbers move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Interface {
    /// By `bInterfaceNumber`.
    Number(u8),
    /// By class, subclass and protocol, where each maker's stick numbers them in its own way.
    Kind(&'static [[u8; 3]]),
}

impl Interface {
    fn is(self, number: u8, kind: Option<[u8; 3]>) -> bool {
        match self {
            Self::Number(at) => at == number,
            Self::Kind(kinds) => kind.is_some_and(|kind| kinds.contains(&kind)),
        }
    }
}

/// What a serial port is, of a modem that is known by its USB ids; likeliest to speak AT first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Role {
    /// It speaks AT and rings with numbers.
    At,
    /// Nothing is known of the modem.
    Unknown,
    /// It speaks AT too; perhaps it rings without numbers.
    Second,
    /// Diagnostics, GPS, data.
    Other,
}

/// All that is known of modems' ports, in the order in which it is looked through.
pub(super) fn usb_ports() -> impl Iterator<Item = &'static UsbPorts> {
    FAMILIES.iter().flat_map(|family| family.usb)
}

impl Family {
    /// The family of a modem by what it calls itself (`AT+CGMI`, `AT+CGMM`); plain 3GPP if nothing is known of it.
    pub(super) fn of(manufacturer: Option<&str>, model: Option<&str>) -> &'static Self {
        let maker = manufacturer.unwrap_or_default().to_uppercase();
        let model = model.unwrap_or_default().to_uppercase();
        let fits = |family: &&Self| {
            let made = |word: &&str| maker.contains(*word) || model.contains(*word);
            let meant = |word: &&str| model.contains(*word);
            family.makers.iter().any(made)
                && (family.models.is_empty() || family.models.iter().any(meant))
        };
        FAMILIES.iter().find(fits).unwrap_or(&PLAIN_3GPP)
    }

    /// What the port on a USB interface is, as far as some family's row knows the modem; ids in hexadecimal, as sysfs has them.
    pub(super) fn role_on_usb(
        vendor: &str,
        product: &str,
        interface: u8,
        kind: Option<[u8; 3]>,
    ) -> Role {
        let fits = |ports: &&UsbPorts| {
            ports.vendor == vendor
                && (ports.products.is_empty() || ports.products.contains(&product))
        };
        let known = usb_ports().find(fits);
        match known {
            None => Role::Unknown,
            Some(ports) if ports.at.is(interface, kind) => Role::At,
            Some(ports) if ports.second.is_some_and(|it| it.is(interface, kind)) => Role::Second,
            // Its other kinds are not known, or not all of them.
            Some(ports) if ports.products.is_empty() => Role::Unknown,
            Some(_) => Role::Other,
        }
    }
}

impl Default for &'static Family {
    fn default() -> Self {
        &PLAIN_3GPP
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_modem_is_known_by_what_it_calls_itself() {
        let cases = [
            ("huawei", "E1752", "Huawei"),
            ("Huawei Technologies Co., Ltd.", "ME909s-120", "Huawei"),
            ("huawei", "E3372", "Huawei data stick"),
            ("SIMCOM_Ltd", "SIMCOM_SIM800L", "SIMCom 800, 900"),
            ("SIMCOM_Ltd", "SIMCOM_SIM900", "SIMCom 800, 900"),
            (
                "SIMCOM INCORPORATED",
                "SIMCOM_SIM7600E-H",
                "SIMCom 5300, 7000, A7600",
            ),
            (
                "SIMCOM INCORPORATED",
                "SIMCOM_SIM5320E",
                "SIMCom 5300, 7000, A7600",
            ),
            ("INCORPORATED", "A7670E-FASE", "SIMCom 5300, 7000, A7600"),
            ("SIMCOM INCORPORATED", "SIM7000G", "SIMCom without voice"),
            (
                "SIMCOM INCORPORATED",
                "SIM7670G-LNGV",
                "SIMCom without voice",
            ),
            ("Quectel", "EC25", "Quectel"),
            ("Quectel", "BG96", "Quectel without voice"),
            ("u-blox", "LARA-R6001D", "u-blox"),
            ("Telit", "HE910", "Telit"),
            ("Cinterion", "PLS8-E", "Cinterion"),
            ("SIEMENS", "MC55i", "Cinterion"),
            ("ZTE CORPORATION", "MF626", "ZTE"),
            ("Sierra Wireless, Incorporated", "MC7455", "Sierra"),
            (
                "Sierra Wireless, Incorporated",
                "EM7565",
                "Sierra without voice",
            ),
            ("WAVECOM MODEM", "900E1800", "Sierra"),
            ("Acme", "M1", "plain 3GPP"),
        ];
        for (maker, model, name) in cases {
            let family = Family::of(Some(maker), Some(model));
            assert_eq!(family.name, name, "{maker} {model}");
        }
        assert_eq!(Family::of(None, None).name, "plain 3GPP");
        assert_eq!(
            Family::of(None, Some("A7670SA")).name,
            "SIMCom 5300, 7000, A7600"
        );
    }

    #[test]
    fn every_family_can_text_and_reject_and_the_later_rows_are_reached() {
        for (at, family) in FAMILIES.iter().enumerate() {
            assert!(
                !family.makers.is_empty() && !family.hang_up.is_empty(),
                "{family:?}"
            );
            assert!(!family.memories.is_empty() && !family.new_messages.is_empty());
            let words = family.makers.iter().chain(family.models);
            for word in words {
                assert_eq!(*word, word.to_uppercase(), "{}", family.name);
            }
            let hidden = FAMILIES[..at].iter().any(|before| {
                before.models.is_empty() && family.makers.iter().all(|m| before.makers.contains(m))
            });
            assert!(!hidden, "{} is never reached", family.name);
        }
    }
}
