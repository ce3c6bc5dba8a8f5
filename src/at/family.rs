//! What families of modems do differently: what is known of a maker, whose row is a modem's, and which lines are a family's own.
//! One file a maker below, each fact with its source; what is the same for all is in `plain.rs` and in `at/urc.rs`.
//!
//! Rows are chosen by what a modem calls itself. Lines are read on every modem, whoever sends them: no two makers mean different
//! things by one name, which a test holds, and makers copy each other.
//!
//! Of what a family might have of its own there is no column for
//!
//! - **call waiting**: `+CCWA` is left alone on all. It has wedged sticks for good (chan_dongle-bg issues 132 and 244), and
//!   nothing shows for which families it is harmless. Where it is on, a waiting call is told by `+CCWA` or by a family's own list
//!   of calls;
//! - **time-outs**: those of `at/command.rs`, and the patience with one that starts (`modem/bring_up.rs`), are longer than what was
//!   measured of the slowest, and a quicker modem loses nothing;
//! - **pauses between commands**: u-blox (20 ms, data sheet) and some drivers (100 ms) leave one so that URCs kept back get out,
//!   but ours are read at any time, and nothing shows that a modem loses any.
//!
//! USB ids and interfaces are those of ModemManager's `77-mm-*-port-types.rules`, unless a row says otherwise; hardware.md has the
//! same for people, and a test holds the two together.

mod cinterion;
mod huawei;
mod plain;
mod quectel;
mod sierra;
mod simcom;
mod telit;
mod ublox;
mod zte;

use super::args::Args;
use super::urc::{CallState, CurrentCall, LineNumber, Reading, Urc};
use super::{Memory, NewMessages};
use plain::PLAIN_3GPP;

/// All makers, in the order in which their rows are looked through.
const MAKERS: &[Maker] = &[
    huawei::MAKER,
    simcom::MAKER,
    quectel::MAKER,
    ublox::MAKER,
    telit::MAKER,
    cinterion::MAKER,
    zte::MAKER,
    sierra::MAKER,
];

/// All that is known of one maker's modems.
struct Maker {
    /// Its families, the special ones before the rest of it; the first that fits is taken.
    families: &'static [Family],
    /// What they say in words of their own.
    lines: Lines,
}

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
    usb: &'static [UsbPorts],
    /// Its devices on USB that show no port to speak AT on.
    without_port: &'static [WithoutPort],
    /// Commands sent once the common ones are through; of each list the first that is accepted. Refusals do not matter.
    pub(crate) extra: &'static [&'static [&'static str]],
    /// Where messages are kept: the first that the modem accepts, with how many of the three memories are named.
    pub(crate) memories: &'static [(Memory, u8)],
    /// How new messages are told: the first that the modem accepts.
    pub(crate) new_messages: &'static [NewMessages],
    /// How a ringing call is rejected: one after the other until one is accepted.
    pub(crate) hang_up: &'static [&'static str],
    /// Whether it is known to ring.
    pub(crate) voice: Voice,
}

/// What is known of a family's calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Voice {
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
struct UsbPorts {
    /// `idVendor`, four hexadecimal digits …
    vendor: &'static str,
    /// … and `idProduct`s; none if all of the vendor's are meant.
    products: &'static [&'static str],
    /// The port that speaks AT and rings with numbers.
    at: Interface,
    /// Another one, on which some of what the modem says by itself may come instead.
    second: Option<Interface>,
}

/// A device on USB that is a modem, and shows no serial port.
#[derive(Debug, PartialEq, Eq)]
struct WithoutPort {
    /// `idVendor` …
    vendor: &'static str,
    /// … and `idProduct`.
    product: &'static str,
    /// Why, and what to do.
    why: &'static str,
}

/// Ports that are known by number: `at` and `second` of [`UsbPorts`].
const fn numbered(
    vendor: &'static str,
    products: &'static [&'static str],
    at: u8,
    second: Option<u8>,
) -> UsbPorts {
    UsbPorts {
        vendor,
        products,
        at: Interface::Number(at),
        second: match second {
            Some(second) => Some(Interface::Number(second)),
            None => None,
        },
    }
}

/// How a port is known among a modem's others: `ttyUSB` numbers move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Interface {
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
pub(crate) enum Role {
    /// It speaks AT and rings with numbers.
    At,
    /// Nothing is known of the modem.
    Unknown,
    /// It speaks AT too; perhaps it rings without numbers.
    Second,
    /// Diagnostics, GPS, data.
    Other,
}

fn families() -> impl Iterator<Item = &'static Family> {
    MAKERS.iter().flat_map(|maker| maker.families)
}

/// All that is known of modems' ports, in the order in which it is looked through.
fn usb_ports() -> impl Iterator<Item = &'static UsbPorts> {
    families().flat_map(|family| family.usb)
}

impl Family {
    /// The family of a modem by what it calls itself (`AT+CGMI`, `AT+CGMM`); plain 3GPP if nothing is known of it.
    pub(crate) fn of(manufacturer: Option<&str>, model: Option<&str>) -> &'static Self {
        let maker = manufacturer.unwrap_or_default().to_uppercase();
        let model = model.unwrap_or_default().to_uppercase();
        let fits = |family: &&Self| {
            let made = |word: &&str| maker.contains(*word) || model.contains(*word);
            let meant = |word: &&str| model.contains(*word);
            family.makers.iter().any(made)
                && (family.models.is_empty() || family.models.iter().any(meant))
        };
        families().find(fits).unwrap_or(&PLAIN_3GPP)
    }

    /// Why the device with these USB ids shows no serial port, and what to do, if some family's row knows it; ids in hexadecimal, as sysfs
    /// has them.
    pub(crate) fn without_port(vendor: &str, product: &str) -> Option<&'static str> {
        let mut known = families().flat_map(|family| family.without_port);
        known
            .find(|it| it.vendor == vendor && it.product == product)
            .map(|it| it.why)
    }

    /// What the port on a USB interface is, as far as some family's row knows the modem; ids in hexadecimal, as sysfs has them.
    pub(crate) fn role_on_usb(
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

/// What a maker's modems say by themselves in words of their own.
struct Lines {
    /// Of calls and of a full memory: ring, number, waiting call, pick-up, end.
    says: &'static [Says],
    /// Whole lines by which they tell that they have started anew and forgotten every setting.
    restarts: &'static [&'static str],
    /// Lines that mean nothing to us. Those without a colon would be unknown, and perhaps a part of something, if they were not
    /// here. Those with one are foreign by their shape; they are examples, and a test holds that nobody takes them for ours. Where
    /// the source gives no more, the name and its colon.
    noise: &'static [&'static str],
}

/// One line, and what it says.
enum Says {
    /// The whole line is these words.
    Words(&'static str, Urc),
    /// A name, a colon, and fields between commas. Where nothing can be made of them, the line is damaged.
    Fields(&'static str, fn(&Args<'_>) -> Option<Urc>),
    /// A name, a colon, and a text of another form, or one that other things are told under as well.
    Text(&'static str, fn(&str) -> Reading),
}

impl Says {
    fn name(&self) -> &'static str {
        match self {
            Self::Words(name, _) | Self::Fields(name, _) | Self::Text(name, _) => name,
        }
    }

    fn read(&self, line: &str) -> Option<Reading> {
        let behind = line.strip_prefix(self.name())?;
        Some(match self {
            Self::Words(_, urc) => {
                let whole = behind.is_empty();
                return whole.then(|| Reading::Urc(urc.clone()));
            }
            Self::Fields(_, read) => {
                let args = Args::parse(behind.strip_prefix(':')?);
                let urc = args.and_then(|args| read(&args));
                urc.map_or(Reading::Unknown, Reading::Urc)
            }
            Self::Text(_, read) => read(behind.strip_prefix(':')?),
        })
    }
}

/// Reads one line, spaces around it taken off; `None` if it is no line of a family's own.
pub(super) fn read(line: &str) -> Option<Reading> {
    MAKERS.iter().find_map(|maker| {
        if maker.lines.restarts.contains(&line) {
            return Some(Reading::Urc(Urc::Restarted));
        }
        maker.lines.says.iter().find_map(|says| says.read(line))
    })
}

/// Whether a line without a colon is known to mean nothing.
pub(super) fn is_noise(line: &str) -> bool {
    MAKERS.iter().any(|maker| maker.lines.noise.contains(&line))
}

/// A call in a family's own list of calls; an `index` of 0 counts no call that `AT+CHLD` knows.
fn call(
    index: Option<u8>,
    incoming: bool,
    state: CallState,
    voice: bool,
    number: Option<LineNumber>,
) -> Urc {
    Urc::CurrentCall(CurrentCall {
        index: index.filter(|index| *index > 0),
        incoming,
        state,
        voice,
        number,
    })
}

#[cfg(test)]
mod tests;
