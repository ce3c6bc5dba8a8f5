//! Quectel: EC2x, EG9x, EP06 and their kin, and the modules for LTE-M and NB-IoT, which have no voice.

use super::plain::PLAIN_3GPP;
use super::{Family, Lines, Maker, Says, Voice, call, numbered};
use crate::at::Urc;
use crate::at::args::Args;
use crate::at::urc::{CallState, LineNumber, Reading};

pub(super) const MAKER: Maker = Maker {
    families: &[
        // LTE-M and NB-IoT: by class, without a source of their own.
        Family {
            name: "Quectel without voice",
            makers: &["QUECTEL"],
            models: &["BG95", "BG96", "BG77", "BC66", "BC95"],
            voice: Voice::Never,
            ..PLAIN_3GPP
        },
        // Without a URC port that is ours nothing rings, and it is forgotten at every start: EG25 takes "all", EC25 and EP06 one
        // port (pinephone_modem_sdk issues 2 and 6, serialport-gsm issue 12). "ccinfo" ends calls by name (chan_quectel).
        // `"urc/cache"` off: no line is kept back (eg25-manager). IMS off means no VoLTE (pinephone_modem_sdk issue 250).
        Family {
            name: "Quectel",
            makers: &["QUECTEL"],
            // An EP06-E takes commands on one and says `+CDS` and RING on the other (sms-gate docs/modem.md, measured).
            usb: &[numbered(
                "2c7c",
                &[
                    "0125", "0121", "0191", "0195", "0296", "0306", "0512", "0800",
                ],
                2,
                Some(3),
            )],
            extra: &[
                &[
                    "+QURCCFG=\"urcport\",\"all\"",
                    "+QURCCFG=\"urcport\",\"usbat\"",
                ],
                &["+QINDCFG=\"ccinfo\",1,0"],
                &["+QCFG=\"urc/cache\",0"],
            ],
            voice: Voice::Asks {
                question: "+QCFG=\"ims\"",
                prefix: "+QCFG:",
                field: 1,
                silent: 0,
                on_lte_only: true,
                why: "VoLTE is switched off in this modem (AT+QCFG=\"ims\"): on LTE a call rings only if the network hands it down to 2G or 3G. Ring the SIM once to be sure.",
            },
            ..PLAIN_3GPP
        },
    ],
    lines: Lines {
        says: &[
            // Other things than calls are told under this name too.
            Says::Text("+QIND", |text| {
                match Args::parse(text).and_then(|args| indication(&args)) {
                    Some(urc) => Reading::Urc(urc),
                    None if text.contains("ccinfo") => Reading::Unknown,
                    None => Reading::Foreign,
                }
            }),
            // Others' DSCI has a dozen fields and another meaning (chan_quectel).
            Says::Text("^DSCI", |text| {
                let urc = Args::parse(text).and_then(|args| call_status(&args));
                urc.map_or(Reading::Foreign, Reading::Urc)
            }),
        ],
        // ModemManager's `mm-shared-quectel.c`.
        restarts: &["RDY"],
        // ModemManager's `mm-shared-quectel.c`, chan_quectel's README.
        noise: &[
            "+QUSIM: 1",
            "+QIND: \"csq\",27,99",
            "+QIND: \"act\"",
            "+QGPSURC:",
            "+QLWURC:",
            "POWERED DOWN",
        ],
    },
};

/// "ccinfo",<idx>,<dir>,<state>,<mode>,<mpty>,<number>,<type>[,<alpha>]; released is -1 or 6 (chan_quectel). "smsfull" (ModemManager).
fn indication(args: &Args<'_>) -> Option<Urc> {
    match args.get(0)? {
        "ccinfo" => {
            let incoming = args.number::<u8>(2)? == 1;
            let state = unlike_clcc(args.number(3)?)?;
            // EG25-G firmware 30.202 ends the line behind the state (public file id 67281284103).
            let voice = args.get(4).is_none_or(|mode| mode == "0");
            let number = LineNumber::parse(args.get(6), args.number(7));
            Some(call(args.number(1), incoming, state, voice, number))
        }
        "smsfull" => Some(Urc::SmsMemoryFull),
        _ => None,
    }
}

/// <idx>,<dir>,<state>,<type>,<number>,<number type> (chan_quectel).
fn call_status(args: &Args<'_>) -> Option<Urc> {
    if !(4..=7).contains(&args.len()) {
        return None;
    }
    let incoming = args.number::<u8>(1)? == 1;
    let state = unlike_clcc(args.number(2)?)?;
    let voice = args.number(3) == Some(0_u8);
    let number = LineNumber::parse(args.get(4), args.number(5));
    Some(call(args.number(0), incoming, state, voice, number))
}

/// States as ccinfo and `^DSCI` count them: 3 is connected, 6 and -1 are over. Of 0 to 2, 4 and 5 they mean what `+CLCC` means.
fn unlike_clcc(state: i8) -> Option<CallState> {
    match state {
        -1 => Some(CallState::Disconnected),
        3 => Some(CallState::Active),
        state => CallState::read(u8::try_from(state).ok()?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::at::family::tests::{in_list, known, number, told};

    #[test]
    fn its_modems_are_known() {
        known(&[
            ("Quectel", "EC25", "Quectel"),
            ("Quectel", "BG96", "Quectel without voice"),
        ]);
    }

    #[test]
    fn its_lines_are_read() {
        use CallState::{Active, Disconnected, Incoming};
        told(&[
            (
                r#"+QIND: "ccinfo",4,1,4,0,0,"0955452980",128"#,
                in_list(Some(4), Incoming, number("0955452980", 128)),
            ),
            (
                r#"+QIND: "ccinfo",2,1,-1,0,0,"+372132123",145,"Ilja""#,
                in_list(Some(2), Disconnected, number("+372132123", 145)),
            ),
            (
                r#"+QIND: "ccinfo",2,1,3,0,0,"+372132123",145"#,
                in_list(Some(2), Active, number("+372132123", 145)),
            ),
            // As EG25-G firmware 30.202 has it: nothing behind the state.
            (
                r#"+QIND: "ccinfo",2,1,-1"#,
                in_list(Some(2), Disconnected, None),
            ),
            (r#"+QIND: "ccinfo",2,1"#, Reading::Unknown),
            (r#"+QIND: "ccinfo"#, Reading::Unknown),
            (r#"+QIND: "csq",27,99"#, Reading::Foreign),
            (r#"+QIND: "csq"#, Reading::Foreign),
            (r#"+QIND: "smsfull","SM""#, Reading::Urc(Urc::SmsMemoryFull)),
            (
                "^DSCI: 2,1,6,0,+48123456789,145",
                in_list(Some(2), Disconnected, number("+48123456789", 145)),
            ),
            ("^DSCI: 1,1,4,0,1,2,3,4,5,6,7,8", Reading::Foreign),
            ("RDY", Reading::Urc(Urc::Restarted)),
        ]);
    }
}
