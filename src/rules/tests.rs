//! Calls with all that is known of them, and the decision each must get.

use super::*;

/// 8:00 on a Friday.
const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);
/// 3:00 of that day.
const NIGHT: Timestamp = Timestamp::constant(1_800_000_000 - 5 * 3600, 0);

fn utc(at: Timestamp) -> Zoned {
    at.to_zoned(jiff::tz::TimeZone::UTC)
}

fn number(e164: &str) -> PhoneNumber {
    PhoneNumber::parse(e164, None).unwrap()
}

fn region(letters: &str) -> Region {
    Region::parse(letters).unwrap()
}

/// A call from home that nothing speaks against.
fn facts() -> Facts<'static> {
    let caller = Caller::Number(number("+12025550143"));
    Facts::of_call(caller, 3, utc(NOW), NOW, Some(region("US")))
}

fn settings(pairs: &[(&str, &str)]) -> Settings {
    Settings::from_pairs(
        pairs
            .iter()
            .map(|&(key, value)| (key.to_owned(), value.to_owned())),
    )
}

fn token(facts: &Facts<'_>, settings: &Settings) -> &'static str {
    match decide(facts, settings) {
        Decision::Text(_) => "text",
        Decision::Skip(reason) => reason.token(),
    }
}

/// Each step takes away what the one before gave as its reason, so the whole order is walked.
#[test]
fn the_rules_are_asked_in_their_order() {
    let foreign_landline = number("+493012345678");
    let own = [foreign_landline.clone()];
    let mut all = Facts {
        caller: Caller::Withheld,
        picked_up: true,
        opted_out: true,
        never_text: Some("Ann".to_owned()),
        contact: Some(String::new()),
        own_numbers: &own,
        last_text_at: Some(NIGHT),
        counts: Counts {
            day: 200,
            month: 1000,
            recipients: 250,
            neighbours: 60,
            odd_calls: 60,
            is_recipient: false,
        },
        rings: 1,
        ended_at: utc(NIGHT),
        now: NIGHT + SignedDuration::from_secs(3601),
        ..facts()
    };
    let with_hours = settings(&[
        ("hours.weekly", "Mo-Fr 8:00-17:00"),
        ("hours.without_message", "none"),
    ]);
    let settings = settings(&[("texts.only_strangers", "yes")]);
    assert_eq!(token(&all, &settings), "picked_up");
    all.picked_up = false;
    assert_eq!(token(&all, &settings), "withheld");
    all.caller = Caller::Unavailable;
    assert_eq!(token(&all, &settings), "no_caller_id");
    all.caller = Caller::Unreadable("88999".to_owned());
    assert_eq!(token(&all, &settings), "cannot_receive");
    all.caller = Caller::Number(foreign_landline);
    assert_eq!(token(&all, &settings), "own_number");
    all.own_numbers = &[];
    assert_eq!(token(&all, &settings), "opted_out");
    all.opted_out = false;
    assert_eq!(token(&all, &settings), "never_text");
    all.never_text = None;
    assert_eq!(token(&all, &settings), "contact");
    all.contact = None;
    assert_eq!(token(&all, &settings), "cannot_receive");
    all.caller = Caller::Number(number("+4915123456789"));
    assert_eq!(token(&all, &settings), "foreign");
    all.caller = facts().caller;
    let paused = self::settings(&[("texts.paused_until", "2027-01-15 10:00")]);
    assert_eq!(token(&all, &paused), "paused");
    assert_eq!(token(&all, &settings), "cooldown");
    all.last_text_at = None;
    assert_eq!(token(&all, &settings), "too_late");
    all.now = NIGHT + HELPS_FOR;
    assert_eq!(token(&all, &with_hours), "outside_hours");
    assert_eq!(token(&all, &settings), "neighbours_cap");
    all.counts.neighbours = 59;
    assert_eq!(token(&all, &settings), "night_burst");
    all.is_known = true;
    assert_eq!(token(&all, &settings), "day_cap");
    all.counts.day = 199;
    assert_eq!(token(&all, &settings), "month_cap");
    all.counts.month = 999;
    assert_eq!(token(&all, &settings), "recipients_cap");
    all.counts.is_recipient = true;
    assert_eq!(token(&all, &settings), "text");
}

#[test]
fn the_owner_calling_is_not_texted() {
    let owner = settings(&[("owner.number", "+12025550143")]);
    assert_eq!(token(&facts(), &owner), "own_number");
}

#[test]
fn whom_the_owner_knows_is_left_alone_only_if_he_says_so() {
    let known = Facts {
        contact: Some("Ann".to_owned()),
        ..facts()
    };
    for (only_strangers, facts, expected) in [
        ("no", &known, "text"),
        ("yes", &known, "contact"),
        ("yes", &facts(), "text"),
    ] {
        let settings = settings(&[("texts.only_strangers", only_strangers)]);
        assert_eq!(token(facts, &settings), expected, "{only_strangers}");
    }
}

#[test]
fn a_number_is_texted_if_texts_reach_it_and_it_is_from_home() {
    for (caller, home, allow, expected) in [
        ("+12025550143", Some("US"), "no", "text"),
        ("+14165550143", Some("US"), "no", "text"),
        ("+18765550143", Some("US"), "no", "foreign"),
        ("+18765550143", Some("US"), "yes", "text"),
        ("+4915123456789", Some("US"), "no", "foreign"),
        ("+4915123456789", Some("US"), "yes", "text"),
        ("+4915123456789", None, "no", "text"),
        ("+4915123456789", Some("DE"), "no", "text"),
        ("+493012345678", Some("DE"), "no", "cannot_receive"),
        ("+493012345678", Some("US"), "yes", "cannot_receive"),
        ("+18002255288", Some("US"), "no", "cannot_receive"),
        ("+19002345678", Some("US"), "no", "cannot_receive"),
        ("+4918012345678", Some("DE"), "no", "cannot_receive"),
        // A number that the plans do not know is a job all the same.
        ("+1234567890", Some("US"), "no", "text"),
        ("+445612345678", Some("GB"), "no", "text"),
    ] {
        let facts = Facts {
            caller: Caller::Number(number(caller)),
            home: home.map(region),
            ..facts()
        };
        let settings = settings(&[("texts.allow_foreign", allow)]);
        assert_eq!(
            token(&facts, &settings),
            expected,
            "{caller} in {home:?}, foreign: {allow}"
        );
    }
}

/// What the owner has written decides which message goes out, and whether one does.
#[test]
fn the_message_fits_the_hour() {
    const CLOSED: (&str, &str) = ("message.after_hours", "Closed");
    const HOLIDAY: (&str, &str) = ("message.holiday", "Holiday");
    const NONE: (&str, &str) = ("hours.without_message", "none");
    let (open, closed) = ("2027-01-15T08:00:00Z", "2027-01-15T20:00:00Z");
    let (holiday, away) = ("2027-01-06T10:00:00Z", "2027-01-20T10:00:00Z");
    for (when, written, expected) in [
        (open, &[CLOSED, HOLIDAY][..], "missed_call"),
        (closed, &[CLOSED, HOLIDAY], "after_hours"),
        (holiday, &[CLOSED, HOLIDAY], "holiday"),
        (away, &[CLOSED, HOLIDAY], "holiday"),
        (holiday, &[CLOSED], "after_hours"),
        (closed, &[HOLIDAY], "missed_call"),
        (closed, &[], "missed_call"),
        (away, &[], "missed_call"),
        (open, &[NONE], "missed_call"),
        (closed, &[NONE], "skip hours"),
        (closed, &[NONE, HOLIDAY], "skip hours"),
        (holiday, &[NONE], "skip holiday"),
        (holiday, &[NONE, CLOSED], "after_hours"),
        (away, &[NONE], "skip away 2027-01-22"),
    ] {
        let at: Timestamp = when.parse().unwrap();
        let mut pairs = vec![
            ("hours.weekly", "Mo-Fr 8:00-17:00"),
            ("hours.holidays", "01-06"),
        ];
        pairs.extend(written);
        if when == away {
            pairs.push(("hours.away_until", "2027-01-22"));
        }
        let facts = Facts {
            ended_at: utc(at),
            now: at,
            ..facts()
        };
        let found = match decide(&facts, &settings(&pairs)) {
            Decision::Text(occasion) => occasion.token().to_owned(),
            Decision::Skip(reason) => format!("skip {}", reason.detail().unwrap()),
        };
        assert_eq!(found, expected, "{when} with {written:?}");
    }
    // The hours are those of the place: 17:30 in New York is a closed hour there, and 22:30 in the world's time.
    let there = jiff::tz::TimeZone::get("America/New_York").unwrap();
    let at: Timestamp = "2027-01-15T22:30:00Z".parse().unwrap();
    let facts = Facts {
        ended_at: at.to_zoned(there),
        now: at,
        ..facts()
    };
    let settings = settings(&[("hours.weekly", "Mo-Fr 20:00-23:00"), NONE]);
    assert_eq!(token(&facts, &settings), "outside_hours");
}

#[test]
fn the_cooldown_ends_on_the_second() {
    const HOUR_S: i64 = 3600;
    for (texted_s_ago, hours, expected) in [
        (0, "24", "cooldown"),
        (24 * HOUR_S - 1, "24", "cooldown"),
        (24 * HOUR_S, "24", "text"),
        (HOUR_S, "1", "text"),
        (0, "0", "text"),
        // The clock was set back: by a little, by years.
        (-HOUR_S, "24", "cooldown"),
        (-24 * HOUR_S, "24", "text"),
    ] {
        let last_text_at = Some(NOW - SignedDuration::from_secs(texted_s_ago));
        let facts = Facts {
            last_text_at,
            ..facts()
        };
        let settings = settings(&[("texts.cooldown_h", hours)]);
        assert_eq!(
            token(&facts, &settings),
            expected,
            "{texted_s_ago} s ago, {hours} h"
        );
    }
    // The whole range of time does not overflow.
    for (now, last) in [
        (Timestamp::MIN, Timestamp::MAX),
        (Timestamp::MAX, Timestamp::MIN),
    ] {
        let facts = Facts {
            ended_at: utc(now),
            now,
            last_text_at: Some(last),
            ..facts()
        };
        assert_eq!(token(&facts, &Settings::default()), "text");
    }
}

#[test]
fn a_reason_survives_the_store_and_reads_well() {
    let ann = "Ann".to_owned();
    let cooldown = |texted_s_ago| SkipReason::Cooldown { texted_s_ago };
    let full = |fence, most| SkipReason::Fence { fence, most };
    for (reason, token, detail, sentence) in [
        (
            SkipReason::PickedUp,
            "picked_up",
            None,
            "the call was answered.",
        ),
        (
            SkipReason::Withheld,
            "withheld",
            None,
            "the caller hid the number.",
        ),
        (
            SkipReason::NoCallerId,
            "no_caller_id",
            None,
            "the network did not show a number.",
        ),
        (
            SkipReason::OwnNumber,
            "own_number",
            None,
            "this is one of your own numbers.",
        ),
        (
            SkipReason::OptedOut,
            "opted_out",
            None,
            "they asked for no more texts (STOP).",
        ),
        (
            SkipReason::NeverText { name: ann.clone() },
            "never_text",
            Some("Ann"),
            "Ann is on your never-text list.",
        ),
        (
            SkipReason::NeverText {
                name: String::new(),
            },
            "never_text",
            None,
            "the number is on your never-text list.",
        ),
        (
            SkipReason::Contact { name: ann },
            "contact",
            Some("Ann"),
            "Ann is among your contacts.",
        ),
        (
            SkipReason::Contact {
                name: String::new(),
            },
            "contact",
            None,
            "the number is among your contacts.",
        ),
        (
            SkipReason::CannotReceive(CannotReceive::FixedLine),
            "cannot_receive",
            Some("fixed_line"),
            "the number is a landline, which cannot receive texts.",
        ),
        (
            SkipReason::CannotReceive(CannotReceive::Premium),
            "cannot_receive",
            Some("premium"),
            "the number is a premium one, and a text to it may be dear.",
        ),
        (
            SkipReason::CannotReceive(CannotReceive::SharedCost),
            "cannot_receive",
            Some("shared_cost"),
            "the number is one of shared cost, which cannot receive texts.",
        ),
        (
            SkipReason::CannotReceive(CannotReceive::TollFree),
            "cannot_receive",
            Some("toll_free"),
            "the number is a toll-free one, which call centres use.",
        ),
        (
            SkipReason::CannotReceive(CannotReceive::Personal),
            "cannot_receive",
            Some("personal"),
            "the number is one that only passes calls on, and no texts.",
        ),
        (
            SkipReason::CannotReceive(CannotReceive::Company),
            "cannot_receive",
            Some("company"),
            "the number is one that companies call from, and it takes no texts.",
        ),
        (
            SkipReason::CannotReceive(CannotReceive::Machine),
            "cannot_receive",
            Some("machine"),
            "the number is a machine's, and nobody would read the text.",
        ),
        (
            SkipReason::CannotReceive(CannotReceive::NotDialable),
            "cannot_receive",
            Some("not_dialable"),
            "what the network showed is not a number one can text.",
        ),
        (
            SkipReason::Foreign(Some(region("FR"))),
            "foreign",
            Some("FR"),
            "the number is from abroad (FR).",
        ),
        (
            SkipReason::Foreign(None),
            "foreign",
            None,
            "the number is from abroad.",
        ),
        (
            cooldown(59),
            "cooldown",
            Some("59"),
            "you texted them just now.",
        ),
        (
            cooldown(60),
            "cooldown",
            Some("60"),
            "you texted them 1 min ago.",
        ),
        (
            cooldown(3599),
            "cooldown",
            Some("3599"),
            "you texted them 59 min ago.",
        ),
        (
            cooldown(3 * 3600),
            "cooldown",
            Some("10800"),
            "you texted them 3 h ago.",
        ),
        (
            cooldown(86_400),
            "cooldown",
            Some("86400"),
            "you texted them 1 day ago.",
        ),
        (
            cooldown(172_800),
            "cooldown",
            Some("172800"),
            "you texted them 2 days ago.",
        ),
        (
            SkipReason::Paused("2027-01-15 10:00".parse().unwrap()),
            "paused",
            Some("2027-01-15 10:00"),
            "you paused texts until 2027-01-15 10:00.",
        ),
        (
            SkipReason::OutsideHours(Closed::Hours),
            "outside_hours",
            Some("hours"),
            "you were closed, and there is no message for that.",
        ),
        (
            SkipReason::OutsideHours(Closed::Holiday(None)),
            "outside_hours",
            Some("holiday"),
            "it was a holiday, and there is no message for that.",
        ),
        (
            SkipReason::OutsideHours(Closed::Holiday(Some("New Year's Day".to_owned()))),
            "outside_hours",
            Some("holiday New Year's Day"),
            "it was a holiday (New Year's Day), and there is no message for that.",
        ),
        (
            SkipReason::OutsideHours(Closed::Away("2027-01-18".parse().unwrap())),
            "outside_hours",
            Some("away 2027-01-18"),
            "you were out of office until 2027-01-18, and there is no message for that.",
        ),
        (
            full(Fence::Day, Some(200)),
            "day_cap",
            Some("200"),
            "200 texts went out today, which is all your settings allow.",
        ),
        (
            full(Fence::Day, None),
            "day_cap",
            None,
            "as many texts went out today as your settings allow.",
        ),
        (
            full(Fence::Month, Some(1000)),
            "month_cap",
            Some("1000"),
            "1000 texts went out this month, which is all your settings allow.",
        ),
        (
            full(Fence::Recipients, Some(250)),
            "recipients_cap",
            Some("250"),
            "250 people were texted this month, which is all your settings allow.",
        ),
        (
            full(Fence::Neighbours, Some(10)),
            "neighbours_cap",
            Some("10"),
            "10 numbers almost the same were texted within an hour, as machines call.",
        ),
        (
            full(Fence::Night, Some(10)),
            "night_burst",
            Some("10"),
            "it rang once, in a night with 10 or more such calls, as machines call.",
        ),
    ] {
        assert_eq!(reason.token(), token);
        assert_eq!(reason.detail().as_deref(), detail, "{token}");
        assert_eq!(reason.sentence(), format!("Not texted: {sentence}"));
        assert_eq!(SkipReason::from_stored(token, detail), Some(reason));
    }
    for (token, detail) in [
        ("bored", None),
        ("withheld", Some("x")),
        ("cooldown", None),
        ("paused", None),
        ("paused", Some("soon")),
        ("outside_hours", Some("tired")),
        ("day_cap", Some("many")),
        ("cooldown", Some("-1")),
        ("cannot_receive", Some("x")),
        ("foreign", Some("ZZ")),
    ] {
        assert_eq!(
            SkipReason::from_stored(token, detail),
            None,
            "{token} {detail:?}"
        );
    }
}
