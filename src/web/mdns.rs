//! The box's name in its network: `textback.local`, by multicast DNS (RFC 6762), so that nobody has to find out its address. Another box of
//! that name in the same network makes this one `textback-2.local`.
//!
//! Beside Avahi, where that runs, both answer for names of their own. It knows nothing of the page but that there is one.

use std::fs;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::time::Duration;

use rustix::net::{AddressFamily, SocketFlags, SocketType, ipproto, sockopt};
use simple_dns::rdata::{A, NSEC, NsecTypeBitMap, RData};
use simple_dns::{CLASS, Name, Packet, PacketFlag, QCLASS, QTYPE, Question, ResourceRecord, TYPE};
use tokio::net::UdpSocket;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

use crate::clock::Clock;

/// Where everybody listens (RFC 6762, section 3).
const GROUP: Ipv4Addr = Ipv4Addr::new(224, 0, 0, 251);
const PORT: u16 = 5353;
/// Seconds that an answer holds (section 10).
const TTL_S: u32 = 120;
/// The same for those who ask as they would ask any server (section 6.7).
const PLAIN_TTL_S: u32 = 10;
/// Bytes of a packet at most (section 17).
const PACKET_BYTES: usize = 9000;
/// Whether the name is free is asked so often, so far apart (section 8.1).
const PROBES: u32 = 3;
const PROBE_EVERY: Duration = Duration::from_millis(250);
/// It is told of so often, so far apart, once it is ours (section 8.3).
const ANNOUNCEMENTS: u32 = 2;
const ANNOUNCE_EVERY: Duration = Duration::from_secs(1);
/// How often interfaces are looked at: a network that came after us, or gave us another address.
const LOOK_EVERY: Duration = Duration::from_secs(60);
/// The same answer is not sent to everybody more often (section 6).
const ANSWER_EVERY: Duration = Duration::from_secs(1);
/// Boxes of one name in one network, beyond which something else is wrong.
const NAMES_MAX: u32 = 20;

/// An interface of this computer, and its address there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Interface {
    index: u32,
    address: Ipv4Addr,
}

/// What there is to do next without being asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    Probe(u32),
    Announce(u32),
    Rest,
    /// Every name was taken: something answers to all of them, and nothing is said until the next start.
    Silence,
}

/// Answers for `name`.local until `stop`.
pub(super) async fn answer(name: String, clock: Clock, stop: CancellationToken) {
    let socket = match open() {
        Ok(socket) => socket,
        Err(error) => {
            warn!(%error, "nobody finds the page by its name: port {PORT} cannot be opened");
            return;
        }
    };
    let mut responder = Responder {
        socket,
        base: name,
        number: 1,
        interfaces: Vec::new(),
        turn: Turn::Rest,
        turn_at: clock.monotonic(),
        answered_at: None,
        clock,
    };
    tokio::select! {
        () = stop.cancelled() => {}
        () = responder.run() => {}
    }
}

struct Responder {
    socket: UdpSocket,
    base: String,
    /// 2 for `textback-2`.
    number: u32,
    interfaces: Vec<Interface>,
    turn: Turn,
    /// As the clock's monotonic time, like the next.
    turn_at: Duration,
    answered_at: Option<Duration>,
    clock: Clock,
}

impl Responder {
    fn name(&self) -> String {
        match self.number {
            1 => format!("{}.local", self.base),
            number => format!("{}-{number}.local", self.base),
        }
    }

    async fn run(&mut self) {
        let mut packet = vec![0; PACKET_BYTES];
        loop {
            let wait = self.turn_at.saturating_sub(self.clock.monotonic());
            tokio::select! {
                received = self.socket.recv_from(&mut packet) => match received {
                    Ok((length, from)) => self.hear(&packet[..length], from).await,
                    Err(error) => {
                        debug!(%error, "a question about our name could not be read");
                        sleep(ANSWER_EVERY).await;
                    }
                },
                () = sleep(wait) => self.take_turn().await,
            }
        }
    }

    async fn take_turn(&mut self) {
        let name = self.name();
        let (next, wait) = match self.turn {
            Turn::Rest => {
                let interfaces = interfaces();
                if interfaces == self.interfaces {
                    (Turn::Rest, LOOK_EVERY)
                } else {
                    self.join(interfaces);
                    (Turn::Probe(PROBES), Duration::ZERO)
                }
            }
            Turn::Probe(0) => {
                info!(%name, "the page is found by this name, too");
                (Turn::Announce(ANNOUNCEMENTS), Duration::ZERO)
            }
            Turn::Probe(left) => {
                self.tell_all(|_| probe(&name)).await;
                (Turn::Probe(left - 1), PROBE_EVERY)
            }
            Turn::Silence => (Turn::Silence, LOOK_EVERY),
            Turn::Announce(0) => (Turn::Rest, LOOK_EVERY),
            Turn::Announce(left) => {
                self.tell_all(|address| announcement(&name, address)).await;
                (Turn::Announce(left - 1), ANNOUNCE_EVERY)
            }
        };
        self.turn = next;
        self.turn_at = self.clock.monotonic() + wait;
    }

    fn join(&mut self, interfaces: Vec<Interface>) {
        for interface in &interfaces {
            // Told twice that we are there, the system says so; what it will not join it will not join tomorrow.
            let joined = sockopt::set_ip_add_membership_with_ifindex(
                &self.socket,
                &GROUP,
                &Ipv4Addr::UNSPECIFIED,
                interface.index,
            );
            debug!(?interface, ?joined, "asking what is asked there");
        }
        self.interfaces = interfaces;
    }

    async fn tell_all(&self, packet: impl Fn(Ipv4Addr) -> Option<Vec<u8>>) {
        for interface in &self.interfaces {
            if let Some(packet) = packet(interface.address) {
                self.tell(interface.address, &packet).await;
            }
        }
    }

    /// To everybody in the network that this address of ours is in.
    async fn tell(&self, address: Ipv4Addr, packet: &[u8]) {
        let chosen = sockopt::set_ip_multicast_if(&self.socket, &address);
        let told = match chosen {
            Ok(()) => self.socket.send_to(packet, (GROUP, PORT)).await,
            Err(error) => Err(error.into()),
        };
        debug!(%address, ?told, "telling our name");
    }

    /// Somebody else has this name.
    fn give_way(&mut self, name: &str) {
        self.turn_at = self.clock.monotonic();
        if self.number == NAMES_MAX {
            warn!(
                name,
                "something in this network answers to every name, so the page is found by its address alone"
            );
            self.turn = Turn::Silence;
            return;
        }
        self.number += 1;
        self.turn = Turn::Probe(PROBES);
        warn!(name, becomes = %self.name(), "another box in this network has our name");
    }

    async fn hear(&mut self, packet: &[u8], from: SocketAddr) {
        let SocketAddr::V4(from) = from else { return };
        let ours: Vec<Ipv4Addr> = self.interfaces.iter().map(|it| it.address).collect();
        let name = self.name();
        if self.turn != Turn::Silence && is_taken(packet, &name, &ours) {
            self.give_way(&name);
            return;
        }
        if matches!(self.turn, Turn::Probe(_) | Turn::Silence) {
            return;
        }
        let Some(address) = address_towards(from).filter(|address| ours.contains(address)) else {
            return;
        };
        match reply(packet, &name, address, from.port()) {
            Some(Reply::ToAll(packet)) => {
                let now = self.clock.monotonic();
                let again = |at: Duration| now.saturating_sub(at) < ANSWER_EVERY;
                if !self.answered_at.is_some_and(again) {
                    self.answered_at = Some(now);
                    self.tell(address, &packet).await;
                }
            }
            Some(Reply::ToOne(packet)) => {
                let told = self.socket.send_to(&packet, from).await;
                debug!(%from, ?told, "telling our name to one");
            }
            None => {}
        }
    }
}

/// A socket on the port that all who answer share.
fn open() -> io::Result<UdpSocket> {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let (family, kind) = (AddressFamily::INET, SocketType::DGRAM);
    let socket = rustix::net::socket_with(family, kind, flags, Some(ipproto::UDP))?;
    sockopt::set_socket_reuseaddr(&socket, true)?;
    sockopt::set_socket_reuseport(&socket, true)?;
    // What we tell is for this network and goes no further (section 11).
    sockopt::set_ip_multicast_ttl(&socket, 255)?;
    rustix::net::bind(&socket, &SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, PORT))?;
    UdpSocket::from_std(std::net::UdpSocket::from(socket))
}

/// The interfaces that lead somewhere, each with our address there. Without netlink, which the systemd unit forbids: the system names them in
/// /sys, and a socket that would send there tells where it would send from.
fn interfaces() -> Vec<Interface> {
    let Ok(entries) = fs::read_dir("/sys/class/net") else {
        return Vec::new();
    };
    let indexes = entries.flatten().filter_map(|entry| {
        let index = fs::read_to_string(entry.path().join("ifindex")).ok()?;
        index.trim().parse().ok()
    });
    let mut found: Vec<Interface> = indexes
        .filter_map(|index| {
            let address = address_on(index).ok()?;
            (!address.is_loopback() && !address.is_unspecified())
                .then_some(Interface { index, address })
        })
        .collect();
    found.sort_by_key(|interface| interface.index);
    found
}

fn address_on(index: u32) -> io::Result<Ipv4Addr> {
    let socket = std::net::UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?;
    sockopt::set_ip_multicast_if_with_ifindex(&socket, &GROUP, &Ipv4Addr::UNSPECIFIED, index)?;
    // Nothing is sent: this only chooses where from.
    socket.connect((GROUP, PORT))?;
    local(&socket)
}

/// Where we would send from to whoever asks, which is the address by which they reach us.
fn address_towards(peer: SocketAddrV4) -> Option<Ipv4Addr> {
    let socket = std::net::UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    socket.connect(peer).ok()?;
    local(&socket).ok()
}

fn local(socket: &std::net::UdpSocket) -> io::Result<Ipv4Addr> {
    match socket.local_addr()? {
        SocketAddr::V4(address) => Ok(*address.ip()),
        SocketAddr::V6(_) => Err(io::ErrorKind::Unsupported.into()),
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Reply {
    ToAll(Vec<u8>),
    ToOne(Vec<u8>),
}

/// What is answered to a packet from this port, if it asks for our name; nothing to what cannot be read.
fn reply(packet: &[u8], name: &str, address: Ipv4Addr, port: u16) -> Option<Reply> {
    let asked = Packet::parse(packet).ok()?;
    if asked.has_flags(PacketFlag::RESPONSE) {
        return None;
    }
    let ours = |question: &&Question<'_>| {
        let class = question.qclass == QCLASS::CLASS(CLASS::IN) || question.qclass == QCLASS::ANY;
        class && question.qname.to_string().eq_ignore_ascii_case(name)
    };
    let questions: Vec<&Question<'_>> = asked.questions.iter().filter(ours).collect();
    let wants = |kind: TYPE| {
        let wanted = [QTYPE::TYPE(kind), QTYPE::ANY];
        questions.iter().any(|it| wanted.contains(&it.qtype))
    };
    let (address_wanted, only_v6) = (wants(TYPE::A), wants(TYPE::AAAA));
    if !address_wanted && !only_v6 {
        return None;
    }
    let known = |record: &ResourceRecord<'_>| {
        record.name.to_string().eq_ignore_ascii_case(name)
            && record.ttl >= TTL_S / 2
            && record.rdata == RData::A(A::from(address))
    };
    // Who says that it knows is not told (section 7.1).
    if asked.answers.iter().any(known) {
        return None;
    }
    if port != PORT {
        let mut told = Packet::new_reply(asked.id());
        told.set_flags(PacketFlag::AUTHORITATIVE_ANSWER);
        told.questions = questions.into_iter().cloned().collect();
        if address_wanted {
            told.answers.push(record(name, address, PLAIN_TTL_S)?);
        }
        return Some(Reply::ToOne(told.build_bytes_vec().ok()?));
    }
    let mut told = Packet::new_reply(0);
    told.set_flags(PacketFlag::AUTHORITATIVE_ANSWER);
    if address_wanted {
        told.answers.push(flushing(record(name, address, TTL_S)?));
        told.additional_records.push(flushing(nothing_else(name)?));
    } else {
        told.answers.push(flushing(nothing_else(name)?));
    }
    let packet = told.build_bytes_vec().ok()?;
    Some(match questions.iter().all(|it| it.unicast_response) {
        true => Reply::ToOne(packet),
        false => Reply::ToAll(packet),
    })
}

/// Whether somebody else says that our name is theirs.
fn is_taken(packet: &[u8], name: &str, ours: &[Ipv4Addr]) -> bool {
    let Ok(told) = Packet::parse(packet) else {
        return false;
    };
    told.has_flags(PacketFlag::RESPONSE)
        && told.answers.iter().any(|record| match &record.rdata {
            RData::A(address) => {
                let another = !ours.contains(&Ipv4Addr::from(address.address));
                record.name.to_string().eq_ignore_ascii_case(name) && another && record.ttl > 0
            }
            _ => false,
        })
}

fn probe(name: &str) -> Option<Vec<u8>> {
    let mut packet = Packet::new_query(0);
    let (kind, class) = (QTYPE::ANY, QCLASS::CLASS(CLASS::IN));
    packet
        .questions
        .push(Question::new(Name::new(name).ok()?, kind, class, true));
    packet.build_bytes_vec().ok()
}

fn announcement(name: &str, address: Ipv4Addr) -> Option<Vec<u8>> {
    let mut packet = Packet::new_reply(0);
    packet.set_flags(PacketFlag::AUTHORITATIVE_ANSWER);
    packet.answers.push(flushing(record(name, address, TTL_S)?));
    packet.build_bytes_vec().ok()
}

fn record(name: &str, address: Ipv4Addr, ttl: u32) -> Option<ResourceRecord<'_>> {
    let data = RData::A(A::from(address));
    Some(ResourceRecord::new(
        Name::new(name).ok()?,
        CLASS::IN,
        ttl,
        data,
    ))
}

/// That there is an address of the older kind and no other (section 6.1): without, telephones wait for the newer one.
fn nothing_else(name: &str) -> Option<ResourceRecord<'_>> {
    let bit_map = NsecTypeBitMap {
        window_block: 0,
        // The first bit of the map is type 0; A is type 1.
        bitmap: vec![0b0100_0000].into(),
    };
    let data = RData::NSEC(NSEC {
        next_name: Name::new(name).ok()?,
        type_bit_maps: vec![bit_map],
    });
    Some(ResourceRecord::new(
        Name::new(name).ok()?,
        CLASS::IN,
        TTL_S,
        data,
    ))
}

/// What was known of the name before is over (section 10.2).
fn flushing(record: ResourceRecord<'_>) -> ResourceRecord<'_> {
    record.with_cache_flush(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "textback.local";
    const OURS: Ipv4Addr = Ipv4Addr::new(192, 168, 1, 20);
    const OTHERS: Ipv4Addr = Ipv4Addr::new(192, 168, 1, 30);

    fn question(name: &str, kind: QTYPE, unicast: bool) -> Packet<'_> {
        let mut packet = Packet::new_query(7);
        let class = QCLASS::CLASS(CLASS::IN);
        packet.questions.push(Question::new(
            Name::new(name).unwrap(),
            kind,
            class,
            unicast,
        ));
        packet
    }

    fn ask(name: &str, kind: TYPE, unicast: bool, port: u16) -> Option<Reply> {
        let packet = question(name, QTYPE::TYPE(kind), unicast);
        reply(&packet.build_bytes_vec().unwrap(), NAME, OURS, port)
    }

    fn records(packet: &[u8]) -> Vec<String> {
        let packet = Packet::parse(packet).unwrap();
        assert!(packet.has_flags(PacketFlag::RESPONSE | PacketFlag::AUTHORITATIVE_ANSWER));
        let told = packet.answers.iter().map(|record| {
            let data = match &record.rdata {
                RData::A(address) => Ipv4Addr::from(address.address).to_string(),
                other => format!("{:?}", other.type_code()),
            };
            format!(
                "{} {} {data} {}",
                record.name, record.ttl, record.cache_flush
            )
        });
        told.collect()
    }

    #[test]
    fn who_asks_for_our_name_is_told_our_address() {
        let address = ["textback.local 120 192.168.1.20 true"];
        let Some(Reply::ToAll(packet)) = ask(NAME, TYPE::A, false, PORT) else {
            panic!("everybody is told");
        };
        assert_eq!(records(&packet), address);
        assert_eq!(Packet::parse(&packet).unwrap().id(), 0);
        let Some(Reply::ToOne(packet)) = ask("TextBack.LOCAL", TYPE::A, true, PORT) else {
            panic!("who asks for himself is told alone");
        };
        assert_eq!(records(&packet), address);
        // As a resolver that knows nothing of this protocol does: its question comes back, and its number.
        let Some(Reply::ToOne(packet)) = ask(NAME, TYPE::A, false, 50_000) else {
            panic!("it is told alone");
        };
        assert_eq!(records(&packet), ["textback.local 10 192.168.1.20 false"]);
        let packet = Packet::parse(&packet).unwrap();
        assert_eq!((packet.id(), packet.questions.len()), (7, 1));
        // Telephones ask for the newer kind of address, and wait unless they hear that there is none.
        let Some(Reply::ToAll(packet)) = ask(NAME, TYPE::AAAA, false, PORT) else {
            panic!("everybody is told");
        };
        assert_eq!(records(&packet), ["textback.local 120 NSEC true"]);
    }

    #[test]
    fn other_questions_and_rubbish_are_left_unanswered() {
        assert_eq!(ask("printer.local", TYPE::A, false, PORT), None);
        assert_eq!(ask("textback-2.local", TYPE::A, false, PORT), None);
        assert_eq!(ask(NAME, TYPE::TXT, false, PORT), None);
        assert_eq!(reply(b"", NAME, OURS, PORT), None);
        assert_eq!(reply(&[0xff; 300], NAME, OURS, PORT), None);
        let announced = announcement(NAME, OURS).unwrap();
        assert_eq!(
            reply(&announced, NAME, OURS, PORT),
            None,
            "an answer is no question"
        );
        // Who knows already.
        let mut knows = question(NAME, QTYPE::TYPE(TYPE::A), false);
        knows.answers.push(record(NAME, OURS, TTL_S).unwrap());
        assert_eq!(
            reply(&knows.build_bytes_vec().unwrap(), NAME, OURS, PORT),
            None
        );
        let mut mistaken = question(NAME, QTYPE::TYPE(TYPE::A), false);
        mistaken.answers.push(record(NAME, OTHERS, TTL_S).unwrap());
        assert!(reply(&mistaken.build_bytes_vec().unwrap(), NAME, OURS, PORT).is_some());
    }

    #[test]
    fn a_name_is_taken_if_another_address_answers_to_it() {
        let told = |name: &str, address: Ipv4Addr| announcement(name, address).unwrap();
        assert!(is_taken(&told(NAME, OTHERS), NAME, &[OURS]));
        assert!(
            !is_taken(&told(NAME, OURS), NAME, &[OTHERS, OURS]),
            "our own voice"
        );
        assert!(!is_taken(&told("printer.local", OTHERS), NAME, &[OURS]));
        assert!(
            !is_taken(&probe(NAME).unwrap(), NAME, &[OURS]),
            "a question"
        );
        assert!(!is_taken(b"rubbish", NAME, &[OURS]));
    }

    #[tokio::test]
    async fn whatever_answers_to_every_name_is_not_argued_with() {
        let clock = Clock::simulated("2026-03-02T12:00:00Z".parse().unwrap());
        let mut responder = Responder {
            socket: UdpSocket::bind("127.0.0.1:0").await.unwrap(),
            base: "textback".to_owned(),
            number: 1,
            interfaces: vec![Interface {
                index: 1,
                address: OURS,
            }],
            turn: Turn::Rest,
            turn_at: clock.monotonic(),
            answered_at: None,
            clock,
        };
        let stranger = "192.168.1.30:5353".parse().unwrap();
        for number in 2..=NAMES_MAX {
            let taken = announcement(&responder.name(), OTHERS).unwrap();
            responder.hear(&taken, stranger).await;
            assert_eq!(responder.name(), format!("textback-{number}.local"));
            assert_eq!(responder.turn, Turn::Probe(PROBES));
        }
        for _ in 0..3 {
            let taken = announcement(&responder.name(), OTHERS).unwrap();
            responder.hear(&taken, stranger).await;
            assert_eq!(
                (responder.turn, responder.number),
                (Turn::Silence, NAMES_MAX)
            );
        }
    }

    proptest::proptest! {
        #[test]
        fn no_packet_is_too_much_for_it(packet: Vec<u8>, port: u16) {
            let _ = reply(&packet, NAME, OURS, port);
            let _ = is_taken(&packet, NAME, &[OURS]);
        }

        #[test]
        fn no_damage_to_a_question_is_too_much_for_it(at: proptest::sample::Index, byte: u8) {
            let mut packet = question(NAME, QTYPE::ANY, true).build_bytes_vec().unwrap();
            let at = at.index(packet.len());
            packet[at] = byte;
            let _ = reply(&packet, NAME, OURS, PORT);
        }
    }
}
