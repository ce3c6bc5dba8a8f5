//! Every command we send, built by at-commands, with what has to be known to wait for its answer. What goes into them
//! is typed ([`super::parameter`]), for at-commands writes strings out as they are.

use std::fmt;
use std::time::Duration;

use at_commands::builder::{CommandBuilder, Set};

use super::parameter::{Memory, NewMessages, Pin, ServiceCentre};
use super::urc::Domain;

/// What the modem answers out of its own memory. ModemManager and ofono give such commands 3 to 5 s.
const LOCAL_TIMEOUT: Duration = Duration::from_secs(5);
/// What goes to the SIM or lists it: 50 messages take 1.7 s at 115,200 baud, and sms-gate allows 10 to 12 s.
const SIM_TIMEOUT: Duration = Duration::from_secs(15);
/// What starts the radio or asks the network; `+CFUN=1` may take 10 s and more.
const RADIO_TIMEOUT: Duration = Duration::from_secs(30);
/// A probe, repeated until the modem answers (ofono's Quectel driver repeats it every 500 ms, for some have to learn the baud rate).
const PROBE_TIMEOUT: Duration = Duration::from_millis(500);
/// From `AT+CMGS` to its prompt: ModemManager's 10 s; others allow 5 s to 2 x 5 s.
pub const PROMPT_TIMEOUT: Duration = Duration::from_secs(10);
/// From Ctrl-Z to `+CMGS`. 14 s (python-gsmmodem issue 44) and 23 s (gammu issue 355) have been measured; in use are 20 s
/// (kannel) to 300 s (ModemManager). Giving up too early means a text whose fate nobody knows.
const SEND_TIMEOUT: Duration = Duration::from_secs(120);

/// Room for the longest command, `AT+CPMS="SM","SM","SM"`, and to spare.
const COMMAND_ROOM: usize = 64;

/// Which lines of an answer are its information.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Information {
    /// Nothing but a final result.
    None,
    /// Lines with this prefix.
    Prefixed(&'static str),
    /// Lines with this prefix, each with a PDU on the line behind it.
    WithPdu(&'static str),
    /// `+CREG` or `+CEREG` with `<n>` in front of `<stat>`; without it, it is the URC.
    Registration(Domain),
    /// A single line without a prefix, such as the name of the maker (some modems do put this prefix).
    Bare(&'static str),
}

/// A command, ready to be sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Command {
    line: Vec<u8>,
    information: Information,
    timeout: Duration,
    prompts: bool,
    information_required: bool,
    /// Shown in place of a command that holds a secret.
    secret: bool,
}

impl Command {
    fn new(line: &[u8], information: Information, timeout: Duration) -> Self {
        Self {
            line: line.to_vec(),
            information,
            timeout,
            prompts: false,
            information_required: false,
            secret: false,
        }
    }

    fn execute(name: &str, information: Information, timeout: Duration) -> Self {
        let mut room = [0; COMMAND_ROOM];
        let line = CommandBuilder::create_execute(&mut room, true)
            .named(name)
            .finish_with(b"\r")
            .expect("names are constants shorter than the room");
        Self::new(line, information, timeout)
    }

    fn query(name: &str, information: Information, timeout: Duration) -> Self {
        let mut room = [0; COMMAND_ROOM];
        let line = CommandBuilder::create_query(&mut room, true)
            .named(name)
            .finish_with(b"\r")
            .expect("names are constants shorter than the room");
        Self::new(line, information, timeout)
    }

    fn set(
        name: &str,
        timeout: Duration,
        parameters: impl for<'a> FnOnce(CommandBuilder<'a, Set>) -> CommandBuilder<'a, Set>,
    ) -> Self {
        let mut room = [0; COMMAND_ROOM];
        let line = parameters(CommandBuilder::create_set(&mut room, true).named(name))
            .finish_with(b"\r")
            .expect("parameters are short by type");
        Self::new(line, Information::None, timeout)
    }

    fn set_number(name: &str, value: i32, timeout: Duration) -> Self {
        Self::set(name, timeout, |set| set.with_int_parameter(value))
    }

    /// `AT`: is anybody there?
    #[must_use]
    pub fn attention() -> Self {
        Self::execute("", Information::None, PROBE_TIMEOUT)
    }

    /// `ATV1Q0`: results in words, and results at all (V.250 6.2.5, 6.2.6). In this order, for one that refuses `Q0` (E3372h-320) says
    /// so in words by then.
    #[must_use]
    pub fn results_in_words() -> Self {
        Self::execute("V1Q0", Information::None, PROBE_TIMEOUT)
    }

    /// A command of a table of modem families: `AT` and `name`, nothing but a final result expected.
    #[must_use]
    pub fn plain(name: &'static str) -> Self {
        Self::execute(name, Information::None, RADIO_TIMEOUT)
    }

    /// A question of a table of modem families: `AT` and `name`, answered by a line with `prefix`.
    #[must_use]
    pub fn vendor_question(name: &'static str, prefix: &'static str) -> Self {
        Self::execute(name, Information::Prefixed(prefix), LOCAL_TIMEOUT)
    }

    /// `ATE0`: no echo.
    #[must_use]
    pub fn echo_off() -> Self {
        Self::execute("E0", Information::None, LOCAL_TIMEOUT)
    }

    /// `AT+CMEE=1`: errors as numbers.
    #[must_use]
    pub fn numeric_errors() -> Self {
        Self::set_number("+CMEE", 1, LOCAL_TIMEOUT)
    }

    /// `AT+CPIN?`: what the SIM wants. Must bring information, so an `OK` by itself belongs to something earlier.
    #[must_use]
    pub fn sim_state() -> Self {
        Self {
            information_required: true,
            ..Self::query("+CPIN", Information::Prefixed("+CPIN:"), LOCAL_TIMEOUT)
        }
    }

    /// `AT+CPIN="…"`.
    #[must_use]
    pub fn enter_pin(pin: &Pin) -> Self {
        Self {
            secret: true,
            ..Self::set("+CPIN", RADIO_TIMEOUT, |set| {
                set.with_string_parameter(pin.digits())
            })
        }
    }

    /// `AT+CFUN?`: is the radio on?
    #[must_use]
    pub fn functionality() -> Self {
        Self::query("+CFUN", Information::Prefixed("+CFUN:"), LOCAL_TIMEOUT)
    }

    /// `AT+CFUN=1`: radio on.
    #[must_use]
    pub fn full_functionality() -> Self {
        Self::set_number("+CFUN", 1, RADIO_TIMEOUT)
    }

    /// `ATS0=0`: never answer a call by yourself.
    #[must_use]
    pub fn no_automatic_answer() -> Self {
        Self::set_number("S0", 0, LOCAL_TIMEOUT)
    }

    /// `AT+CMGF=0`: PDU mode.
    #[must_use]
    pub fn pdu_mode() -> Self {
        Self::set_number("+CMGF", 0, LOCAL_TIMEOUT)
    }

    /// `AT+CSMS=0`: messages need no acknowledgement by `AT+CNMA`.
    #[must_use]
    pub fn no_acknowledgement() -> Self {
        Self {
            information: Information::Prefixed("+CSMS:"),
            ..Self::set_number("+CSMS", 0, LOCAL_TIMEOUT)
        }
    }

    /// `AT+CLIP=1`: show who calls.
    #[must_use]
    pub fn caller_id() -> Self {
        Self::set_number("+CLIP", 1, RADIO_TIMEOUT)
    }

    /// `AT+CRC=0`: `RING` and not `+CRING`. Both are understood; what another program left is not to be relied on.
    #[must_use]
    pub fn plain_ring() -> Self {
        Self::set_number("+CRC", 0, LOCAL_TIMEOUT)
    }

    /// `AT+CVHU=0`: `ATH` ends voice calls too (27.007 6.20), which some do not without it (T-SIM7600X issues 44 and 65).
    #[must_use]
    pub fn hang_up_by_ath() -> Self {
        Self {
            // ZTE (python-gsmmodem).
            information: Information::Prefixed("+CVHU:"),
            ..Self::set_number("+CVHU", 0, LOCAL_TIMEOUT)
        }
    }

    /// `AT+CPMS="…","…","…"`: one memory for everything; `count` (1 to 3) of the three are named.
    #[must_use]
    pub fn message_memory(memory: Memory, count: u8) -> Self {
        Self {
            information: Information::Prefixed("+CPMS:"),
            ..Self::set("+CPMS", SIM_TIMEOUT, |set| {
                (0..count.clamp(1, 3)).fold(set, |set, _| set.with_string_parameter(memory.name()))
            })
        }
    }

    /// `AT+CPMS?`: how full the memories are.
    #[must_use]
    pub fn message_memory_usage() -> Self {
        Self::query("+CPMS", Information::Prefixed("+CPMS:"), SIM_TIMEOUT)
    }

    /// `AT+CSCA?`: the service centre, without whose number no text goes out.
    #[must_use]
    pub fn service_centre() -> Self {
        Self::query("+CSCA", Information::Prefixed("+CSCA:"), SIM_TIMEOUT)
    }

    /// `AT+CSCA=…`: tells it that number.
    #[must_use]
    pub fn set_service_centre(centre: &ServiceCentre) -> Self {
        Self::set("+CSCA", SIM_TIMEOUT, |set| {
            set.with_string_parameter(centre.as_str())
                .with_int_parameter(centre.kind())
        })
    }

    /// `AT+CTZU=1`: have the modem set its clock by the network (27.007 8.40).
    #[must_use]
    pub fn network_time() -> Self {
        Self::set_number("+CTZU", 1, LOCAL_TIMEOUT)
    }

    /// `AT+CCLK?`: what time is it?
    #[must_use]
    pub fn time() -> Self {
        Self::query("+CCLK", Information::Prefixed("+CCLK:"), LOCAL_TIMEOUT)
    }

    /// `AT+CNMI=…`: how messages and status reports are told.
    #[must_use]
    pub fn new_messages(how: NewMessages) -> Self {
        Self::set("+CNMI", SIM_TIMEOUT, |set| {
            set.with_int_parameter(how.mode)
                .with_int_parameter(how.message)
                .with_int_parameter(how.broadcast)
                .with_int_parameter(how.report)
                .with_int_parameter(how.buffer)
        })
    }

    /// `AT+CNMI?`: how they are told.
    #[must_use]
    pub fn new_messages_now() -> Self {
        Self::query("+CNMI", Information::Prefixed("+CNMI:"), SIM_TIMEOUT)
    }

    /// `AT+CMGF?`: PDU mode?
    #[must_use]
    pub fn mode_now() -> Self {
        Self::query("+CMGF", Information::Prefixed("+CMGF:"), LOCAL_TIMEOUT)
    }

    /// `AT+CREG=2` or `AT+CEREG=2`: tell every change of registration, with the access technology.
    #[must_use]
    pub fn tell_registration(domain: Domain) -> Self {
        Self::set_number(domain.name(), 2, LOCAL_TIMEOUT)
    }

    /// `AT+CREG?` or `AT+CEREG?`.
    #[must_use]
    pub fn registration(domain: Domain) -> Self {
        Self::query(
            domain.name(),
            Information::Registration(domain),
            LOCAL_TIMEOUT,
        )
    }

    /// `AT+CGMI`: who made it.
    #[must_use]
    pub fn manufacturer() -> Self {
        Self::execute("+CGMI", Information::Bare("+CGMI:"), LOCAL_TIMEOUT)
    }

    /// `AT+CGMM`: what it is called.
    #[must_use]
    pub fn model() -> Self {
        Self::execute("+CGMM", Information::Bare("+CGMM:"), LOCAL_TIMEOUT)
    }

    /// `AT+CGMR`: its firmware.
    #[must_use]
    pub fn revision() -> Self {
        Self::execute("+CGMR", Information::Bare("+CGMR:"), LOCAL_TIMEOUT)
    }

    /// `AT+CIMI`: the SIM's IMSI.
    #[must_use]
    pub fn imsi() -> Self {
        Self::execute("+CIMI", Information::Bare("+CIMI:"), SIM_TIMEOUT)
    }

    /// `AT+CNUM`: the SIM's own number, if it knows it.
    #[must_use]
    pub fn own_number() -> Self {
        Self::execute("+CNUM", Information::Prefixed("+CNUM:"), SIM_TIMEOUT)
    }

    /// `AT+COPS=3,0`: name the operator in words. Never `AT+COPS=?`, which blocks for minutes.
    #[must_use]
    pub fn operator_in_words() -> Self {
        Self::set("+COPS", LOCAL_TIMEOUT, |set| {
            set.with_int_parameter(3).with_int_parameter(0)
        })
    }

    /// `AT+COPS?`: whose network this is.
    #[must_use]
    pub fn operator() -> Self {
        Self::query("+COPS", Information::Prefixed("+COPS:"), RADIO_TIMEOUT)
    }

    /// `AT+CSQ`: how strong the signal is.
    #[must_use]
    pub fn signal() -> Self {
        Self::execute("+CSQ", Information::Prefixed("+CSQ:"), LOCAL_TIMEOUT)
    }

    /// `AT+CLCC`: what calls there are.
    #[must_use]
    pub fn current_calls() -> Self {
        Self::execute("+CLCC", Information::Prefixed("+CLCC:"), LOCAL_TIMEOUT)
    }

    /// `AT+CMGL=4`: every stored message.
    #[must_use]
    pub fn list_messages() -> Self {
        Self {
            information: Information::WithPdu("+CMGL:"),
            ..Self::set_number("+CMGL", 4, SIM_TIMEOUT)
        }
    }

    /// `AT+CMGR=<index>`: one stored message.
    #[must_use]
    pub fn read_message(index: u16) -> Self {
        Self {
            information: Information::WithPdu("+CMGR:"),
            ..Self::set_number("+CMGR", index.into(), SIM_TIMEOUT)
        }
    }

    /// Whether it lists or reads messages, which a modem refuses that is in another mode.
    #[must_use]
    pub fn is_about_stored(&self) -> bool {
        matches!(self.information, Information::WithPdu(_))
    }

    /// `AT+CMGD=<index>`: delete one stored message.
    #[must_use]
    pub fn delete_message(index: u16) -> Self {
        Self::set_number("+CMGD", index.into(), SIM_TIMEOUT)
    }

    /// `AT+CMGS=<length>`: send a message of so many octets, service centre address not counted. A prompt follows
    /// within [`PROMPT_TIMEOUT`]; the answer comes within two minutes of the PDU.
    #[must_use]
    pub fn send_message(tpdu_length: u8) -> Self {
        Self {
            information: Information::Prefixed("+CMGS:"),
            prompts: true,
            ..Self::set_number("+CMGS", tpdu_length.into(), SEND_TIMEOUT)
        }
    }

    /// The same command with another time to wait.
    #[must_use]
    pub fn within(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// What goes out, carriage return included.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.line
    }

    /// What a modem that echoes sends back.
    #[must_use]
    pub fn echo(&self) -> &str {
        std::str::from_utf8(&self.line).map_or("", str::trim_end)
    }

    /// Which lines of the answer are its information.
    #[must_use]
    pub(super) fn information(&self) -> Information {
        self.information
    }

    /// How long an answer may take.
    #[must_use]
    pub fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Whether the modem asks for a PDU before it answers.
    #[must_use]
    pub fn prompts(&self) -> bool {
        self.prompts
    }

    /// Whether an `OK` without information cannot be this command's.
    #[must_use]
    pub fn information_required(&self) -> bool {
        self.information_required
    }

    /// `AT+CFUN=4`: radio off (27.007 8.2).
    #[must_use]
    pub fn radio_off() -> Self {
        Self::set_number("+CFUN", 4, RADIO_TIMEOUT)
    }

    /// `AT+COPS=0`: have it choose its network by itself (27.007 7.3).
    #[must_use]
    pub fn automatic_operator() -> Self {
        Self::set_number("+COPS", 0, RADIO_TIMEOUT)
    }

    /// `AT+CFUN=1,1`: the modem starts anew (27.007 8.2). Some drop off USB before they answer.
    #[must_use]
    pub fn restart() -> Self {
        Self::set("+CFUN", RADIO_TIMEOUT, |set| {
            set.with_int_parameter(1).with_int_parameter(1)
        })
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.echo();
        match text.split_once('=') {
            Some((name, _)) if self.secret => write!(f, "{name}=…"),
            _ => f.write_str(text),
        }
    }
}

impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Command({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_go_out_as_the_standards_write_them() {
        let how = NewMessages {
            mode: 2,
            message: 1,
            broadcast: 0,
            report: 1,
            buffer: 0,
        };
        let cases: [(Command, &[u8]); 17] = [
            (Command::attention(), b"AT\r"),
            (Command::echo_off(), b"ATE0\r"),
            (Command::no_automatic_answer(), b"ATS0=0\r"),
            (Command::numeric_errors(), b"AT+CMEE=1\r"),
            (Command::sim_state(), b"AT+CPIN?\r"),
            (
                Command::enter_pin(&Pin::new("0042\n").unwrap()),
                b"AT+CPIN=\"0042\"\r",
            ),
            (
                Command::message_memory(Memory::Sim, 3),
                b"AT+CPMS=\"SM\",\"SM\",\"SM\"\r",
            ),
            (
                Command::message_memory(Memory::Modem, 2),
                b"AT+CPMS=\"ME\",\"ME\"\r",
            ),
            (Command::new_messages(how), b"AT+CNMI=2,1,0,1,0\r"),
            (Command::registration(Domain::Lte), b"AT+CEREG?\r"),
            (Command::operator_in_words(), b"AT+COPS=3,0\r"),
            (Command::plain("+CHUP"), b"AT+CHUP\r"),
            (Command::read_message(u16::MAX), b"AT+CMGR=65535\r"),
            (Command::send_message(0), b"AT+CMGS=0\r"),
            (Command::radio_off(), b"AT+CFUN=4\r"),
            (Command::automatic_operator(), b"AT+COPS=0\r"),
            (Command::restart(), b"AT+CFUN=1,1\r"),
        ];
        for (command, bytes) in cases {
            assert_eq!(
                command.bytes(),
                bytes,
                "{}",
                String::from_utf8_lossy(command.bytes())
            );
        }
    }

    #[test]
    fn a_pin_is_four_to_eight_digits_and_stays_hidden() {
        for bad in ["", "123", "123456789", "12a4", "12\"4", "1 234", "١٢٣٤"] {
            assert_eq!(Pin::new(bad), None, "{bad}");
        }
        let pin = Pin::new(" 12345678\n").unwrap();
        let command = Command::enter_pin(&pin);
        assert_eq!(
            format!("{pin:?} {command} {command:?}"),
            "Pin(…) AT+CPIN=… Command(AT+CPIN=…)"
        );
    }
}
