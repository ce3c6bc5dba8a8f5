//! The lines by which families of modems tell of calls and of a full memory in their own words. Every family's are read on every
//! modem: no two give one name two meanings, and makers copy each other. Knows no family by name.

use super::{Args, CallState, CurrentCall, LineNumber, Reading, Urc};

/// How one line is read; `None` if it is damaged.
type Read = fn(&Args<'_>) -> Option<Urc>;

/// The lines whose fields stand between commas.
const LINES: &[(&str, Read)] = &[
    // Huawei: <idx>,<duration>,<end_status>[,<cause>], and <idx>,<call_type> (chan_dongle issue 82, ModemManager's Huawei plugin).
    // The duration does not tell that somebody talked: E1752's fake in python-gsmmodem gives one without a `^CONN`.
    ("^CEND", |args| {
        let index = Some(args.number(0)?);
        Some(Urc::CallEnded { index })
    }),
    ("^CONN", |args| {
        let index = Some(args.number(0)?);
        Some(Urc::PickedUp { index })
    }),
    // Huawei MT5700: a call over IMS rings so.
    ("^IRING", |_| Some(Urc::Ring)),
    // Huawei says it again and again, after a start and at other times: only the settings tell whether it has started anew.
    ("^BOOT", |_| Some(Urc::PerhapsRestarted)),
    // u-blox: <call_id>,<call_stat>; 7 is "connected", said once (rusp_firmware, ModemManager's u-blox plugin).
    ("+UCALLSTAT", |args| {
        let state = match args.number(1)? {
            7 => CallState::Active,
            state => CallState::read(state)?,
        };
        Some(call(args.number(0), true, state, true, None))
    }),
    // Quectel: "ccinfo",<idx>,<dir>,<state>,<mode>,<mpty>,<number>,<type>[,<alpha>]; released is -1 or 6 (chan_quectel).
    ("+QIND", |args| match args.get(0)? {
        "ccinfo" => {
            let incoming = args.number::<u8>(2)? == 1;
            let state = unlike_clcc(args.number(3)?)?;
            let voice = args.number(4) == Some(0_u8);
            let number = LineNumber::parse(args.get(6), args.number(7));
            Some(call(args.number(1), incoming, state, voice, number))
        }
        "smsfull" => Some(Urc::SmsMemoryFull),
        _ => None,
    }),
    // Quectel: <idx>,<dir>,<state>,<type>,<number>,<number type>. Others' DSCI has a dozen fields and another meaning.
    ("^DSCI", |args| {
        if !(4..=7).contains(&args.len()) {
            return None;
        }
        let incoming = args.number::<u8>(1)? == 1;
        let state = unlike_clcc(args.number(2)?)?;
        let voice = args.number(3) == Some(0_u8);
        let number = LineNumber::parse(args.get(4), args.number(5));
        Some(call(args.number(0), incoming, state, voice, number))
    }),
    // Cinterion: one line a call, as `+CLCC` with a traffic channel before the number, and an empty one behind the last.
    ("^SLCC", |args| {
        if args.len() == 0 {
            return Some(Urc::CurrentCallsTold);
        }
        let state = CallState::read(args.number(2)?)?;
        let incoming = args.number::<u8>(1)? == 1;
        let voice = args.number::<u8>(3)? == 0;
        let number = LineNumber::parse(args.get(6), args.number(7));
        Some(call(args.number(0), incoming, state, voice, number))
    }),
    // Telit: <ccid>,<status>,<type>,…; its ids are not those of `+CLCC` (Telit AT guide, #ECAM).
    ("#ECAM", |args| {
        let state = match args.number::<u8>(1)? {
            0 => CallState::Disconnected,
            1 | 2 => CallState::Dialing,
            3 => CallState::Active,
            4 => CallState::Held,
            5 => CallState::Waiting,
            6 => CallState::Incoming,
            _ => return None,
        };
        Some(call(None, true, state, true, None))
    }),
    // ZTE, Qualcomm M6280 (python-gsmmodem's K3565-Z).
    ("HANGUP", |_| Some(Urc::CallEnded { index: None })),
    ("^SMMEMFULL", |_| Some(Urc::SmsMemoryFull)),
];

/// The lines that are words (SIMCom, SIM800's memory, IMS calls of MT5700).
const WORDS: &[(&str, Urc)] = &[
    ("IRING", Urc::Ring),
    // ZTE, where somebody answers (python-gsmmodem's K3565-Z). Nothing that we send is answered so.
    ("CONNECT", Urc::PickedUp { index: None }),
    ("VOICE CALL: BEGIN", Urc::PickedUp { index: None }),
    ("VOICE CALL: END", Urc::CallEnded { index: None }),
    ("+SMS FULL", Urc::SmsMemoryFull),
];

/// Reads one line, spaces around it taken off; `None` if it is no line of a family's own.
pub(super) fn read(line: &str) -> Option<Reading> {
    if let Some((_, urc)) = WORDS.iter().find(|(words, _)| *words == line) {
        return Some(Reading::Urc(urc.clone()));
    }
    // With a duration: `VOICE CALL: END: 000041`, and `0:41` on an A7670.
    if line.starts_with("VOICE CALL: END:") {
        return Some(Reading::Urc(Urc::CallEnded { index: None }));
    }
    let (name, rest) = line.split_once(':')?;
    if name == "MISSED_CALL" {
        return Some(missed(rest).map_or(Reading::Unknown, Reading::Urc));
    }
    let (_, read) = LINES.iter().find(|(known, _)| *known == name)?;
    let args = Args::parse(rest);
    Some(match args.and_then(|args| read(&args)) {
        Some(urc) => Reading::Urc(urc),
        // Other things are told under this name too.
        None if name == "+QIND" && !rest.contains("ccinfo") => Reading::Foreign,
        None if name == "^DSCI" => Reading::Foreign,
        None => Reading::Unknown,
    })
}

/// SIMCom's `MISSED_CALL: 11:53AM 08020866256`. The time has no date and no seconds: ours is better.
fn missed(rest: &str) -> Option<Urc> {
    let mut words = rest.split_whitespace();
    let time = words.next()?;
    let half = |end: &&str| time.ends_with(*end);
    if !time.contains(':') || !["AM", "PM"].iter().any(half) {
        return None;
    }
    let number = LineNumber::parse(words.next(), None);
    Some(Urc::MissedCall { number })
}

/// States as ccinfo and `^DSCI` count them: 3 is connected, 6 and -1 are over. Of 0 to 2, 4 and 5 they mean what `+CLCC` means.
fn unlike_clcc(state: i8) -> Option<CallState> {
    match state {
        -1 => Some(CallState::Disconnected),
        3 => Some(CallState::Active),
        state => CallState::read(u8::try_from(state).ok()?),
    }
}

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
