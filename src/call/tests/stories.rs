//! The specification of `call`: event sequences as real modems send them, and the calls each must come to.

use super::*;

/// Every call that must come out of the story: when it ended, who it was, rings, picked up.
type Expected<'a> = &'a [(u64, &'a str, u32, bool)];

/// Its name, what happens when (in ms), and what it comes to.
type Story<'a> = (&'a str, Vec<(u64, Step)>, Expected<'a>);

#[test]
fn stories() {
    let anna_rings = listed(1, CallState::Incoming, Some(ANNA));
    let ben_waits = listed(2, CallState::Waiting, Some(BEN));
    let table: &[Story<'_>] = &[
        (
            "three rings, then NO CARRIER",
            vec![
                (0, ring()),
                (10, clip(ANNA)),
                (5000, ring()),
                (5010, clip(ANNA)),
                (10_000, ring()),
                (10_010, clip(ANNA)),
                (12_000, no_carrier()),
            ],
            &[(12_000, ANNA, 3, false)],
        ),
        (
            "the number first, then RING (SIM800)",
            vec![(0, clip(ANNA)), (5, ring()), (3000, no_carrier())],
            &[(3000, ANNA, 1, false)],
        ),
        (
            "a number without any RING, and nothing at the end",
            vec![(0, clip(ANNA))],
            &[(12_000, ANNA, 1, false)],
        ),
        (
            "RING alone, no number ever",
            vec![(0, ring()), (1000, no_carrier())],
            &[(1000, "nothing", 1, false)],
        ),
        (
            "RING twice at once is one ring (two channels open)",
            vec![
                (0, ring()),
                (3, ring()),
                (4, clip(ANNA)),
                (5, clip(ANNA)),
                (900, no_carrier()),
            ],
            &[(900, ANNA, 1, false)],
        ),
        (
            "silence is twice the cadence once it is known (1.07 s, EP06-E)",
            vec![(0, ring()), (0, clip(ANNA)), (1070, ring()), (2140, ring())],
            &[(2140 + 2 * 1070 + 300, ANNA, 3, false)],
        ),
        (
            "a cadence of 6 s does not end the call between two rings (LARA)",
            vec![
                (0, ring()),
                (1, clip(ANNA)),
                (6000, ring()),
                (12_000, ring()),
                (13_000, no_carrier()),
            ],
            &[(13_000, ANNA, 3, false)],
        ),
        (
            "one lost RING doubles the gap, and the call goes on",
            vec![
                (0, ring()),
                (1, clip(ANNA)),
                (5000, ring()),
                (15_000, ring()),
                (16_000, no_carrier()),
            ],
            &[(16_000, ANNA, 3, false)],
        ),
        (
            "withheld",
            vec![
                (0, ring()),
                (1, Says(Urc::CallerId(hidden(Presentation::Withheld)))),
                (2000, no_carrier()),
            ],
            &[(2000, "Withheld", 1, false)],
        ),
        (
            "unavailable first, the number with the second ring",
            vec![
                (0, ring()),
                (1, Says(Urc::CallerId(hidden(Presentation::Unavailable)))),
                (5000, ring()),
                (5001, clip(ANNA)),
                (6000, no_carrier()),
            ],
            &[(6000, ANNA, 2, false)],
        ),
        (
            "the list is polled and goes empty: three empty answers end the call",
            vec![
                (0, lists([anna_rings.clone()])),
                (0, ring()),
                (1, clip(ANNA)),
                (1500, lists([])),
            ],
            &[(2800, ANNA, 1, false)],
        ),
        (
            "one empty answer in between proves nothing",
            vec![
                (0, lists([anna_rings.clone()])),
                (0, ring()),
                (1, clip(ANNA)),
                (1500, lists([])),
                (2300, lists([anna_rings.clone()])),
                (4500, lists([])),
                (4600, no_carrier()),
            ],
            &[(4600, ANNA, 1, false)],
        ),
        (
            "a RING in between starts the counting of empty answers again",
            vec![
                (0, lists([anna_rings.clone()])),
                (0, ring()),
                (1, clip(ANNA)),
                (1500, lists([])),
                (2700, ring()),
                (2900, no_carrier()),
            ],
            &[(2900, ANNA, 2, false)],
        ),
        (
            "what a line told and the list has never shown is not ended by the list",
            vec![
                (0, Says(Urc::CurrentCall(anna_rings.clone()))),
                (0, ring()),
                (1, clip(ANNA)),
                (1500, lists([])),
                (5000, ring()),
                (9000, lists([])),
                (10_000, ring()),
            ],
            &[(20_300, ANNA, 3, false)],
        ),
        (
            "a ring that crosses the pick-up on the way is no second call",
            vec![
                (0, ring()),
                (1, clip(ANNA)),
                (2000, Says(Urc::PickedUp { index: None })),
                (2300, ring()),
                (2301, clip(ANNA)),
            ],
            &[(2000, ANNA, 1, true)],
        ),
        (
            "a modem that never lists a call: its empty list proves nothing",
            vec![
                (0, lists([])),
                (0, ring()),
                (1, clip(ANNA)),
                (5000, ring()),
                (10_000, ring()),
                (11_000, no_carrier()),
            ],
            &[(11_000, ANNA, 3, false)],
        ),
        (
            "the list alone gives the number, before and without +CLIP",
            vec![
                (0, lists([anna_rings.clone()])),
                (0, ring()),
                (3000, no_carrier()),
            ],
            &[(3000, ANNA, 1, false)],
        ),
        (
            "digits in the list do not unveil a withheld number",
            vec![
                (0, lists([anna_rings.clone()])),
                (0, ring()),
                (1, Says(Urc::CallerId(hidden(Presentation::Withheld)))),
                (3000, no_carrier()),
            ],
            &[(3000, "Withheld", 1, false)],
        ),
        (
            "picked up on another phone: over at once, not missed, and its later end is nothing",
            vec![
                (0, lists([anna_rings.clone()])),
                (0, ring()),
                (1, clip(ANNA)),
                (3500, lists([listed(1, CallState::Active, Some(ANNA))])),
                (60_000, no_carrier()),
            ],
            &[(4000, ANNA, 1, true)],
        ),
        (
            "an unsolicited list line with stat 6 ends it (SIMCom)",
            vec![
                (0, ring()),
                (1, clip(ANNA)),
                (
                    2000,
                    Says(Urc::CurrentCall(listed(
                        1,
                        CallState::Disconnected,
                        Some(ANNA),
                    ))),
                ),
            ],
            &[(2000, ANNA, 1, false)],
        ),
        (
            "a call told by an unsolicited list line alone",
            vec![
                (
                    0,
                    Says(Urc::CurrentCall(listed(1, CallState::Incoming, Some(ANNA)))),
                ),
                (9000, no_carrier()),
            ],
            &[(9000, ANNA, 1, false)],
        ),
        (
            "Huawei: ^CEND and nothing else ends it",
            vec![
                (0, ring()),
                (4, clip(ANNA)),
                (4000, ring()),
                (6000, Says(Urc::CallEnded { index: Some(1) })),
            ],
            &[(6000, ANNA, 2, false)],
        ),
        (
            "Huawei: ^CONN is a pick-up, and its ^CEND no second end",
            vec![
                (0, ring()),
                (4, clip(ANNA)),
                (5000, Says(Urc::PickedUp { index: Some(1) })),
                (9000, Says(Urc::CallEnded { index: Some(1) })),
            ],
            &[(5000, ANNA, 1, true)],
        ),
        (
            "an end that names its call leaves the other one ringing",
            vec![
                (0, lists([anna_rings.clone(), ben_waits.clone()])),
                (0, ring()),
                (4, clip(ANNA)),
                (2500, lists([anna_rings.clone()])),
                (2500, Says(Urc::CallEnded { index: Some(2) })),
                (4000, lists([])),
                (4000, Says(Urc::CallEnded { index: Some(1) })),
            ],
            &[(2500, BEN, 1, false), (4000, ANNA, 1, false)],
        ),
        (
            "SIM7600: MISSED_CALL ends what rings, in national form too",
            vec![
                (0, ring()),
                (1, clip(ANNA)),
                (6000, missed(Some("2025550143"))),
            ],
            &[(6000, ANNA, 1, false)],
        ),
        (
            "SIM7600: MISSED_CALL may be all there is of a call",
            vec![(0, missed(Some(ANNA)))],
            &[(0, ANNA, 1, false)],
        ),
        (
            "SIM7600: MISSED_CALL without a number",
            vec![(0, missed(None))],
            &[(0, "Unavailable", 1, false)],
        ),
        (
            "SIM7600: MISSED_CALL behind an end that was known is no second call",
            vec![
                (0, ring()),
                (1, clip(ANNA)),
                (3000, no_carrier()),
                (3001, missed(Some("2025550143"))),
            ],
            &[(3000, ANNA, 1, false)],
        ),
        (
            "SIM7600: MISSED_CALL of somebody else is a call of its own",
            vec![
                (0, ring()),
                (1, clip(ANNA)),
                (3000, no_carrier()),
                (3001, missed(Some(BEN))),
            ],
            &[(3000, ANNA, 1, false), (3001, BEN, 1, false)],
        ),
        (
            "u-blox: +UCALLSTAT without RING, the number from +CLIP",
            vec![
                (0, tells(1, CallState::Incoming)),
                (10, clip(ANNA)),
                (9000, tells(1, CallState::Disconnected)),
            ],
            &[(9000, ANNA, 1, false)],
        ),
        (
            "Quectel: ccinfo counts from 4 where +CLCC counts from 1; one call, withheld or not",
            vec![
                (0, lists([listed(1, CallState::Incoming, None)])),
                (0, ring()),
                (1, tells(4, CallState::Incoming)),
                (5000, ring()),
                (7000, no_carrier()),
            ],
            &[(7000, "nothing", 2, false)],
        ),
        (
            "Telit: #ECAM counts nothing, +CLCC does",
            vec![
                (0, lists([listed(1, CallState::Incoming, None)])),
                (0, ring()),
                (1, uncounted(CallState::Incoming)),
                (5000, uncounted(CallState::Disconnected)),
            ],
            &[(5000, "nothing", 1, false)],
        ),
        (
            "Cinterion: who is left out of the list that ^SLCC tells is gone",
            vec![
                (0, ring()),
                (1, Says(Urc::CurrentCall(anna_rings.clone()))),
                (2, Says(Urc::CurrentCallsTold)),
                (4000, Says(Urc::CurrentCall(anna_rings.clone()))),
                (4000, Says(Urc::CurrentCall(ben_waits.clone()))),
                (4001, Says(Urc::CurrentCallsTold)),
                (5000, Says(Urc::CurrentCall(ben_waits.clone()))),
                (5001, Says(Urc::CurrentCallsTold)),
                (6000, Says(Urc::CurrentCallsTold)),
            ],
            &[(5001, ANNA, 1, false), (6000, BEN, 1, false)],
        ),
        (
            "outgoing and data calls are not ours",
            vec![
                (
                    0,
                    Says(Urc::CurrentCall(CurrentCall {
                        incoming: false,
                        ..anna_rings.clone()
                    })),
                ),
                (
                    1,
                    Says(Urc::CurrentCall(CurrentCall {
                        voice: false,
                        ..anna_rings.clone()
                    })),
                ),
            ],
            &[],
        ),
        (
            "the same end twice is one end",
            vec![
                (0, ring()),
                (1, clip(ANNA)),
                (900, no_carrier()),
                (901, no_carrier()),
            ],
            &[(900, ANNA, 1, false)],
        ),
        (
            "back to back, each with its own end",
            vec![
                (0, ring()),
                (1, clip(ANNA)),
                (2000, no_carrier()),
                (2100, ring()),
                (2101, clip(BEN)),
                (4100, no_carrier()),
            ],
            &[(2000, ANNA, 1, false), (4100, BEN, 1, false)],
        ),
        (
            "back to back and the first end was lost: no list, so the new number is a new call",
            vec![
                (0, ring()),
                (1, clip(ANNA)),
                (2100, ring()),
                (2101, clip(BEN)),
                (4100, no_carrier()),
            ],
            &[(2101, ANNA, 2, false), (4100, BEN, 1, false)],
        ),
        (
            "a number that has lost digits is the same caller's",
            vec![
                (0, ring()),
                (1, clip(ANNA)),
                (5000, ring()),
                (5001, clip("+1202555043")),
                (7000, no_carrier()),
            ],
            &[(7000, ANNA, 2, false)],
        ),
        (
            "a whole number mends one that had lost digits",
            vec![
                (0, ring()),
                (1, clip("+120255543")),
                (5000, ring()),
                (5001, clip(ANNA)),
                (7000, no_carrier()),
            ],
            &[(7000, ANNA, 2, false)],
        ),
        (
            "the list mends a number that had lost digits",
            vec![
                (0, lists([anna_rings.clone()])),
                (0, ring()),
                (1, clip("+120255543")),
                (7000, no_carrier()),
            ],
            &[(7000, ANNA, 1, false)],
        ),
        (
            "another number that the list contradicts is noise",
            vec![
                (0, lists([anna_rings.clone()])),
                (0, ring()),
                (1, clip(ANNA)),
                (5000, ring()),
                (5001, clip("+12025550193")),
                (7000, no_carrier()),
            ],
            &[(7000, ANNA, 2, false)],
        ),
        (
            "the list shows another number in the same place: the first end and the second +CLIP were lost",
            vec![
                (0, lists([anna_rings.clone()])),
                (0, ring()),
                (1, clip(ANNA)),
                (2500, lists([listed(1, CallState::Incoming, Some(BEN))])),
                (4500, no_carrier()),
            ],
            &[(3000, ANNA, 1, false), (4500, BEN, 1, false)],
        ),
        (
            "a second caller waits: two calls, told apart by the list at the first end",
            vec![
                (0, lists([anna_rings.clone()])),
                (0, ring()),
                (1, clip(ANNA)),
                (2000, Says(Urc::CallWaiting(from(BEN)))),
                (2100, Says(Urc::CallWaiting(from(BEN)))),
                (2200, lists([anna_rings.clone(), ben_waits.clone()])),
                (3500, lists([listed(2, CallState::Incoming, Some(BEN))])),
                (3600, no_carrier()),
                (4000, ring()),
                (6000, lists([])),
                (6100, no_carrier()),
            ],
            &[(3600, ANNA, 1, false), (6100, BEN, 1, false)],
        ),
        (
            "a second caller waits and the modem has no list: the older one ended first",
            vec![
                (0, ring()),
                (1, clip(ANNA)),
                (2000, Says(Urc::CallWaiting(from(BEN)))),
                (3000, no_carrier()),
                (5000, no_carrier()),
            ],
            &[(3000, ANNA, 1, false), (5000, BEN, 1, false)],
        ),
        (
            "the modem dies while it rings, and the caller is gone when it is back",
            vec![(0, ring()), (1, clip(ANNA)), (3000, ModemLost)],
            &[(12_001, ANNA, 1, false)],
        ),
        (
            "the modem dies while it rings, and it rings on: one call",
            vec![
                (0, ring()),
                (1, clip(ANNA)),
                (3000, ModemLost),
                (8000, ring()),
                (8001, clip(ANNA)),
                (9000, no_carrier()),
            ],
            &[(9000, ANNA, 2, false)],
        ),
        (
            "a late +CLIP behind the end is no call",
            vec![
                (0, ring()),
                (1, clip(ANNA)),
                (900, no_carrier()),
                (1900, clip(ANNA)),
            ],
            &[(900, ANNA, 1, false)],
        ),
        (
            "a late RING behind the end is no call",
            vec![
                (0, ring()),
                (1, clip(ANNA)),
                (900, no_carrier()),
                (950, ring()),
            ],
            &[(900, ANNA, 1, false)],
        ),
        (
            "a RING that crosses our hang-up, with its number behind it, adds nothing to the next call",
            vec![
                (0, ring()),
                (1, clip(ANNA)),
                (900, no_carrier()),
                (901, ring()),
                (902, clip(ANNA)),
                (6000, ring()),
                (6001, clip(BEN)),
                (7000, no_carrier()),
            ],
            &[(900, ANNA, 1, false), (7000, BEN, 1, false)],
        ),
        (
            "somebody whose number is hidden right behind another call rings twice and is a call",
            vec![
                (0, ring()),
                (1, clip(ANNA)),
                (900, no_carrier()),
                (1000, ring()),
                (6000, ring()),
                (7000, no_carrier()),
            ],
            &[(900, ANNA, 1, false), (7000, "nothing", 2, false)],
        ),
        (
            "national in the list, international in +CLIP: the same caller",
            vec![
                (
                    0,
                    lists([listed(1, CallState::Incoming, Some("2025550143"))]),
                ),
                (0, ring()),
                (1, clip(ANNA)),
                (5000, ring()),
                (7000, no_carrier()),
            ],
            &[(7000, ANNA, 2, false)],
        ),
    ];
    for (name, story, expected) in table {
        let seen = play(None, story);
        let expected: Vec<_> = expected
            .iter()
            .map(|(at, who, rings, picked_up)| (*at, (*who).to_owned(), *rings, *picked_up))
            .collect();
        assert_eq!(seen.ended, expected, "{name}");
        assert_eq!(
            seen.started,
            expected.len(),
            "every call that ends has started: {name}"
        );
    }
}
