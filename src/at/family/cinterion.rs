//! Cinterion, which was Siemens before and Gemalto and Thales after.

use super::plain::{PLAIN_3GPP, cnmi};
use super::{Family, Lines, Maker, Says, call};
use crate::at::urc::{CallState, LineNumber};
use crate::at::{NewMessages, Urc};

pub(super) const MAKER: Maker = Maker {
    families: &[
        // `^SLCC=1`: the end of a call is a list without it (ModemManager's Cinterion plugin).
        Family {
            name: "Cinterion",
            makers: &["CINTERION", "GEMALTO", "THALES", "SIEMENS"],
            extra: &[&["^SLCC=1"]],
            new_messages: BUFFER_1_FIRST,
            ..PLAIN_3GPP
        },
    ],
    lines: Lines {
        says: &[
            // One line a call, as `+CLCC` with a traffic channel before the number, and an empty one behind the last (ModemManager's
            // Cinterion tests).
            Says::Fields("^SLCC", |args| {
                if args.len() == 0 {
                    return Some(Urc::CurrentCallsTold);
                }
                let state = CallState::read(args.number(2)?)?;
                let incoming = args.number::<u8>(1)? == 1;
                let voice = args.number::<u8>(3)? == 0;
                let number = LineNumber::parse(args.get(6), args.number(7));
                Some(call(args.number(0), incoming, state, voice, number))
            }),
        ],
        // ModemManager's Cinterion plugin.
        restarts: &["^SYSSTART"],
        noise: &[],
    },
};

/// Buffer 1 first, which some insist on (MC75i: gammu pull 1207).
const BUFFER_1_FIRST: &[NewMessages] = &[
    cnmi(2, 1, 1),
    cnmi(2, 1, 0),
    cnmi(1, 1, 1),
    cnmi(1, 1, 0),
    cnmi(2, 2, 1),
    cnmi(2, 2, 0),
    cnmi(2, 0, 1),
    cnmi(1, 0, 0),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::at::family::tests::{in_list, known, number, told};
    use crate::at::urc::Reading;

    #[test]
    fn its_modems_are_known() {
        known(&[
            ("Cinterion", "PLS8-E", "Cinterion"),
            ("SIEMENS", "MC55i", "Cinterion"),
        ]);
    }

    #[test]
    fn its_lines_are_read() {
        use CallState::{Active, Incoming};
        told(&[
            (
                r#"^SLCC: 1,1,4,0,0,0,"123456789",161"#,
                in_list(Some(1), Incoming, number("123456789", 161)),
            ),
            ("^SLCC: 1,1,0,0,1,0", in_list(Some(1), Active, None)),
            ("^SLCC: ", Reading::Urc(Urc::CurrentCallsTold)),
            ("^SLCC: 1,1", Reading::Unknown),
            ("^SYSSTART", Reading::Urc(Urc::Restarted)),
        ]);
    }
}
