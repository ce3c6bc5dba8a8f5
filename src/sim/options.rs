//! What kind of modem, SIM and network to play: facts and oddities as plain data. Knows nothing of how they are played.

use std::time::Duration;

/// Everything that can be chosen before the simulated modem is switched on.
///
/// The default is a plain 3GPP modem: registered, SIM without PIN, answers at once, says `NO CARRIER`.
#[derive(Debug, Clone)]
pub struct Options {
    /// What `AT+CGMI` answers.
    pub manufacturer: String,
    /// What `AT+CGMM` answers.
    pub model: String,
    /// What `AT+CGMR` answers.
    pub revision: String,
    /// What `AT+CIMI` answers; its first digits tell the country.
    pub imsi: String,
    /// What `AT+CNUM` answers; many SIMs do not know their number.
    pub own_number: Option<String>,
    /// What `AT+COPS?` answers.
    pub operator: String,
    /// The service centre, for `AT+CSCA?` and in front of every PDU; empty on a SIM that knows none, and then no message goes out.
    pub service_centre: String,
    /// Whether there is a SIM at all.
    pub sim_present: bool,
    /// The PIN the SIM asks for after every start; `None` asks for none.
    pub pin: Option<String>,
    /// How many messages the SIM holds.
    pub sms_slots: usize,
    /// Whether calls can reach this modem; a data-only modem shows nothing of them.
    pub voice: bool,
    /// Whether `AT+CCWA` is understood. Without it a second caller hears busy and the modem shows nothing.
    pub call_waiting: bool,
    /// Time from one RING to the next; 1.07 s (EP06-E) to 6 s (LARA-R6) are seen in the field.
    pub cadence: Duration,
    /// How the modem tells that a call has ended.
    pub end: EndStyle,
    /// Time between the caller's giving up and the modem's noticing it: until then it rings on and `+CLCC` lists it.
    pub end_noticed_after: Duration,
    /// Whether `AT+CHUP` and `ATH` end a ringing call; otherwise they say OK and it rings on.
    pub hang_up_works: bool,
    /// `+CFUN` after a start; the D-Link DWM-157 comes up with 4.
    pub functionality_at_start: u8,
    /// How long a start takes; until then the modem is deaf.
    pub start_takes: Duration,
    /// Lines the modem says once it has started.
    pub start_lines: Vec<String>,
    /// How long the SIM answers "busy" (`+CME ERROR: 14`) after a start or the PIN.
    pub sim_takes: Duration,
    /// How long the network needs to register the modem.
    pub registration_takes: Duration,
    /// What the network grants once registered.
    pub registration: Registration,
    /// Which `AT+CNMI` values are taken; others get `+CMS ERROR: 303`.
    pub cnmi: CnmiSupport,
    /// Time to answer any command but the sending of a message.
    pub answer_takes: Duration,
    /// Time from `AT+CMGS` to the prompt.
    pub prompt_takes: Duration,
    /// Time from Ctrl-Z to `+CMGS`: up to 23 s in the field.
    pub send_takes: Duration,
    /// Time from the network's taking a message to the status report.
    pub report_takes: Duration,
    /// Commands beside the usual ones that are answered with OK, each written as after `AT` (`^CURC=1`).
    pub accepted: Vec<String>,
    /// Questions beside the usual ones, each with the line that answers it.
    pub answers: &'static [(&'static str, &'static str)],
    /// What the modem says of its calls in its family's own words.
    pub own_lines: &'static [OwnLines],
    /// The command without which nothing comes by itself, start lines aside (Quectel's `+QURCCFG`).
    pub urcs_need: Option<&'static str>,
    /// What it says by itself that nobody wants to know, one line after the other …
    pub noise: &'static [&'static str],
    /// … and how often.
    pub noise_every: Duration,
    /// What else is odd about this modem.
    pub quirks: Quirks,
    /// The zone of the network's clock, in quarters of an hour east, as `AT+CCLK?` tells it after `AT+CTZU=1`; `None` is a modem that never
    /// learns the time and counts from 1980.
    pub network_zone: Option<i8>,
    /// How long after the simulation began the network tells its time; until then it is as if it never did.
    pub network_time_takes: Duration,
    /// What the network's clock shows when the simulation begins, for the time stamps in PDUs: 1990 to 2089.
    pub started_at: jiff::Timestamp,
}

impl Options {
    /// Whether a command beside the usual ones is one of this modem's.
    pub(super) fn understands(&self, whole: &str) -> bool {
        let switches = self.own_lines.iter().filter_map(|own| own.switched_on_by);
        let mut more = switches.chain(self.urcs_need);
        let known = |known: &str| known.eq_ignore_ascii_case(whole);
        self.accepted.iter().any(|it| known(it)) || more.any(known)
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            manufacturer: "textback".into(),
            model: "SimModem".into(),
            revision: "1.0".into(),
            imsi: "310410123456789".into(),
            own_number: None,
            operator: "Simnet".into(),
            service_centre: "+12025550100".into(),
            sim_present: true,
            pin: None,
            sms_slots: 20,
            voice: true,
            call_waiting: false,
            cadence: Duration::from_secs(5),
            end: EndStyle::NoCarrier,
            end_noticed_after: Duration::ZERO,
            hang_up_works: true,
            functionality_at_start: 1,
            start_takes: Duration::ZERO,
            start_lines: vec!["RDY".into()],
            sim_takes: Duration::ZERO,
            registration_takes: Duration::ZERO,
            registration: Registration::HOME,
            cnmi: CnmiSupport::default(),
            answer_takes: Duration::ZERO,
            prompt_takes: Duration::ZERO,
            send_takes: Duration::ZERO,
            report_takes: Duration::from_secs(2),
            accepted: Vec::new(),
            answers: &[],
            own_lines: &[],
            urcs_need: None,
            noise: &[],
            noise_every: Duration::from_secs(20),
            quirks: Quirks::default(),
            network_zone: Some(-20),
            network_time_takes: Duration::ZERO,
            started_at: jiff::Timestamp::from_second(1_767_268_800).unwrap_or_default(),
        }
    }
}

/// What a family says of a call beside, or in place of, RING, `+CLIP` and `NO CARRIER`. In each line `{index}` is the call's, `{digits}` the
/// caller's number, and `,{number}` that number as `+CLIP` has it, or nothing where the network shows none.
#[derive(Debug, Clone, Copy, Default)]
pub struct OwnLines {
    /// The command that switches them on; without one they always come.
    pub switched_on_by: Option<&'static str>,
    /// It begins to ring: said once.
    pub rings: &'static [&'static str],
    /// Somebody answers.
    pub answered: &'static [&'static str],
    /// The caller has gone before anybody answered, or was rejected.
    pub missed: &'static [&'static str],
    /// A talk is over.
    pub over: &'static [&'static str],
}

/// Oddities of single modem families, each switched on by itself.
#[derive(Debug, Clone, Default)]
pub struct Quirks {
    /// What the prompt looks like.
    pub prompt: PromptForm,
    /// Lines that come by themselves end in `\r\r\n` (SIMCom).
    pub doubled_cr: bool,
    /// `+CLIP` comes before RING (SIM800).
    pub clip_before_ring: bool,
    /// `AT+CLIP=1` is taken and no `+CLIP` ever comes (Huawei's ttyUSB0).
    pub no_clip: bool,
    /// A withheld number gives no `+CLIP` at all instead of an empty one.
    pub no_clip_when_withheld: bool,
    /// No RING at all: `+CLIP` alone announces the call (seen on SIM800).
    pub no_ring: bool,
    /// The fields behind the number in `+CLIP`.
    pub clip: ClipForm,
    /// How numbers are written.
    pub number: NumberForm,
    /// RING leaves in two pieces, with this long between them.
    pub ring_split_by: Option<Duration>,
    /// RING waits for the final result of a command and leaves in the same write, at most
    /// [`GLUE_WAIT_MAX`](super::modem::GLUE_WAIT_MAX) late.
    pub ring_glued_to_final: bool,
    /// What happens to bytes that arrive while a command is at work.
    pub early_bytes: EarlyBytes,
    /// Answer to a command the modem does not know; Huawei's E1752 says `COMMAND NOT SUPPORT`. `None` is `ERROR`.
    pub unknown_command: Option<String>,
    /// What the modem says by itself when the SIM's memory is full, such as `^SMMEMFULL: "SM"`.
    pub memory_full_line: Option<String>,
    /// `+CRING: VOICE` whatever `AT+CRC` says.
    pub cring_always: bool,
    /// `ATE0` is refused.
    pub echo_stays: bool,
    /// What the SIM answers until it is ready, as `+CME ERROR`, in place of 14: an A7670 says 13 for 2 to 3 s.
    pub sim_not_ready: Option<u16>,
    /// No `OK` behind `+CPIN: READY` (Wavecom).
    pub no_ok_behind_sim_state: bool,
    /// `ATH` leaves calls alone without `AT+CVHU=0` (SIM7600).
    pub ath_needs_cvhu: bool,
    /// `+CDS: ,24`: a comma before the length (ZTE).
    pub comma_in_report: bool,
    /// Where stored status reports lie (`AT+CNMI` with ds 2), and what `+CDSI` claims.
    pub report_memory: ReportMemory,
    /// `+CLCC` lists calls without their number (`+CLCC: 1,1,0,0,1` in ModemManager's tests).
    pub bare_list: bool,
    /// The first command that begins so is not answered: the modem starts anew, as it does on a supply too weak for what it was told.
    pub restarts_at: Option<&'static str>,
}

/// How a modem tells that a ringing call has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EndStyle {
    /// `NO CARRIER`.
    NoCarrier,
    /// Nothing: RING just stops coming.
    Silent,
    /// The family's own line, such as `^CEND:1,0,104,16`; `{number}` becomes the caller's number.
    Line(String),
}

/// The shape of the prompt of `AT+CMGS`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum PromptForm {
    /// `\r\n> `, 3GPP TS 27.005.
    #[default]
    Usual,
    /// `\r\n>\r\n` (SIM7670G-LNGV, firmware 2382B02SIM767XM5A).
    Bare,
}

/// The fields of `+CLIP` behind number and type.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ClipForm {
    /// `"+49…",145,,,,0` (Huawei, Quectel).
    #[default]
    EmptyFields,
    /// `"+49…",145,"",0,"",0` (SIM800).
    QuotedFields,
    /// `"+49…",145` and nothing else (Wavecom): no validity to read.
    TwoFields,
}

/// How a modem writes an international number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum NumberForm {
    /// `"+491701234567",145`.
    #[default]
    Plus145,
    /// `"491701234567",145`: international, and the plus is missing.
    Bare145,
    /// National form.
    National {
        /// The country code to leave off, without plus.
        country_code: String,
        /// What stands in its place, such as `0`.
        trunk_prefix: String,
        /// 129, or 128 as a SIM7600 has it.
        kind: u8,
    },
}

/// What becomes of bytes that arrive while a command is at work. Either way it is a violation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum EarlyBytes {
    /// They wait for the command to end.
    #[default]
    Buffered,
    /// They break the command off, and are lost (E303S).
    Abort,
}

/// Where stored status reports lie and where the modem says they lie.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ReportMemory {
    /// With the messages, in `SM`.
    #[default]
    WithMessages,
    /// In `SR`, and `+CDSI` says so.
    Own,
    /// In `SR`, but `+CDSI` says `SM` (EC25, EG25).
    OwnButMisnamed,
}

/// What the network has granted: `<stat>` of `+CREG` and `+CEREG`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Registration {
    /// `+CREG`: the circuit-switched side.
    pub circuit: u8,
    /// `+CEREG`: LTE.
    pub lte: u8,
}

impl Registration {
    /// Registered at home on both sides.
    pub const HOME: Self = Self { circuit: 1, lte: 1 };
    /// No network, and not looking for one.
    pub const NONE: Self = Self { circuit: 0, lte: 0 };
    /// Looking for a network.
    pub const SEARCHING: Self = Self { circuit: 2, lte: 2 };

    /// Messages pass: home, roaming, and "SMS only" (3GPP TS 27.007 7.2).
    pub(super) fn carries_sms(self) -> bool {
        [self.circuit, self.lte]
            .iter()
            .any(|stat| matches!(stat, 1 | 5 | 6 | 7 | 9 | 10))
    }

    /// Calls ring: they need the circuit-switched side, at home or roaming.
    pub(super) fn carries_calls(self) -> bool {
        matches!(self.circuit, 1 | 5)
    }
}

/// The `AT+CNMI` values (27.005 3.4.1) this modem takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CnmiSupport {
    /// `<mode>`.
    pub mode: Vec<u8>,
    /// `<mt>`.
    pub mt: Vec<u8>,
    /// `<bm>`.
    pub bm: Vec<u8>,
    /// `<ds>`.
    pub ds: Vec<u8>,
    /// `<bfr>`.
    pub bfr: Vec<u8>,
}

impl Default for CnmiSupport {
    fn default() -> Self {
        Self {
            mode: vec![0, 1, 2],
            mt: vec![0, 1, 2],
            bm: vec![0, 2],
            ds: vec![0, 1, 2],
            bfr: vec![0, 1],
        }
    }
}
