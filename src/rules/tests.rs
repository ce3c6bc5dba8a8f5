//! Calls with all that is known of them, and the decision each must get.

use super::*;

const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);

fn number(e164: &str) -> PhoneNumber {
    PhoneNumber::parse(e164, None).unwrap()
}

fn region(letters: &str) -> Region {
    Region::parse(letters).unwrap()
}

/// A call from home that nothing speaks against.
fn facts() -> Facts<'static> {
    Facts {
        caller: Caller::Number(number("+12025550143")),
        picked_up: false,
        opted_out: false,
        never_text: false,
        own_numbers: &[],
        failed_before: None,
        last_text_at: None,
        texts_today: 0,
        ended_at: NOW,
        now: NOW,
        home: Some(region("US")),
    }
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
        Decision::Text => "text",
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
        never_text: true,
        own_numbers: &own,
        last_text_at: Some(NOW),
        texts_today: 200,
        now: NOW + SignedDuration::from_secs(3601),
        ..facts()
    };
    let settings = Settings::default();
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
    all.never_text = false;
    assert_eq!(token(&all, &settings), "cannot_receive");
    all.caller = Caller::Number(number("+4915123456789"));
    assert_eq!(token(&all, &settings), "foreign");
    all.caller = facts().caller;
    assert_eq!(token(&all, &settings), "cooldown");
    all.last_text_at = None;
    assert_eq!(token(&all, &settings), "too_late");
    all.now = NOW + HELPS_FOR;
    assert_eq!(token(&all, &settings), "day_cap");
    all.texts_today = 199;
    assert_eq!(token(&all, &settings), "text");
}

#[test]
fn the_owner_calling_is_not_texted() {
    let owner = settings(&[("owner.number", "+12025550143")]);
    assert_eq!(token(&facts(), &owner), "own_number");
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
            ended_at: now,
            now,
            last_text_at: Some(last),
            ..facts()
        };
        assert_eq!(decide(&facts, &Settings::default()), Decision::Text);
    }
}

#[test]
fn a_reason_survives_the_store_and_reads_well() {
    let cooldown = |texted_s_ago| SkipReason::Cooldown { texted_s_ago };
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
            SkipReason::NeverText,
            "never_text",
            None,
            "the number is on your never-text list.",
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
            SkipReason::DayCap,
            "day_cap",
            None,
            "as many texts went out today as your settings allow.",
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
