//! The ladder by events and times.

use super::*;
use crate::at::Cause;

const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn not_sent(message: u64) -> Event {
    Event::NotSent {
        message,
        blame: Blame::Alone,
    }
}

fn cms(code: u16) -> AtError {
    AtError::Cms(Cause {
        code: Some(code),
        words: String::new(),
    })
}

/// The rungs that refusals of new messages at these seconds bring.
fn climbed(healing: &mut Healing, seconds: impl IntoIterator<Item = u64>) -> Vec<Option<Rung>> {
    let seconds = seconds.into_iter();
    seconds
        .map(|at| {
            let rung = healing.on(s(at), not_sent(at));
            healing.on(s(at) + s(20), Event::Up);
            rung
        })
        .collect()
}

#[test]
fn three_messages_in_a_row_make_it_ill_or_two_a_minute_apart() {
    for (seconds, ill_at) in [
        (vec![0, 1, 2], Some(2)),
        (vec![0, 59], None),
        (vec![0, 60], Some(60)),
    ] {
        let mut healing = Healing::default();
        let mut found = None;
        for at in seconds {
            if healing.on(s(at), not_sent(at)).is_some() {
                found = Some(at);
            }
        }
        assert_eq!(found, ill_at);
    }
}

#[test]
fn one_message_alone_needs_two_minutes_and_an_error_that_cannot_be_its_own_fault() {
    for (blame, last, ill) in [
        (Blame::Alone, 119, false),
        (Blame::Alone, 120, true),
        (Blame::WithOthers, 3000, false),
        (Blame::None, 3000, false),
    ] {
        let mut healing = Healing::default();
        let event = Event::NotSent { message: 7, blame };
        for at in [0, 4, 12, 28, 60] {
            assert_eq!(healing.on(s(at), event), None);
        }
        let rung = healing.on(s(last), event);
        assert_eq!(rung, ill.then_some(Rung::Clear), "{blame:?} {last}");
    }
}

#[test]
fn an_error_that_may_be_a_forgotten_setting_counts_once_setting_it_up_has_not_helped_twice() {
    let mut healing = Healing::default();
    let blame = Blame::OnceSetUp;
    let event = Event::NotSent { message: 7, blame };
    for at in [0, 0, 9, 28, 59] {
        assert_eq!(healing.on(s(at), event), None, "{at}");
        healing.on(s(at), Event::Up);
    }
    assert_eq!(healing.on(s(60), event), Some(Rung::Clear));
}

#[test]
fn what_is_about_a_recipient_never_counts() {
    for (code, blame) in [
        (1, Blame::None),
        (21, Blame::None),
        (27, Blame::None),
        (28, Blame::None),
        (38, Blame::Alone),
        (42, Blame::Alone),
        (192, Blame::None),
        (304, Blame::WithOthers),
        (330, Blame::Alone),
        (350, Blame::WithOthers),
        (500, Blame::Alone),
        (512, Blame::Alone),
        (531, Blame::None),
    ] {
        assert_eq!(Blame::of(&cms(code)), blame, "{code}");
    }
    assert_eq!(Blame::of(&AtError::Plain), Blame::OnceSetUp);
}

#[test]
fn a_message_that_leaves_ends_it_all() {
    let mut healing = Healing::default();
    climbed(&mut healing, [0, 60, 120, 180]);
    assert!(healing.illness(s(200)).is_some());
    healing.on(s(200), Event::Sent);
    assert_eq!(healing.illness(s(200)), None);
    assert_eq!(climbed(&mut healing, [300, 310]), [None, None]);
    // From the bottom again; the cool-downs stay.
    assert_eq!(climbed(&mut healing, [360]), [Some(Rung::Clear)]);
}

#[test]
fn setting_it_up_proves_nothing_of_texts() {
    let mut healing = Healing::default();
    assert_eq!(climbed(&mut healing, [0, 60]), [None, Some(Rung::Clear)]);
    healing.on(s(61), Event::Up);
    assert!(healing.illness(s(62)).is_some());
}

#[test]
fn rungs_follow_each_other_and_at_the_top_a_person_is_needed() {
    let mut healing = Healing::default();
    use Rung::*;
    assert_eq!(
        climbed(&mut healing, [0, 60, 120, 180, 240, 300]),
        [
            None,
            Some(Clear),
            Some(Reopen),
            Some(Radio),
            Some(Restart),
            Some(UsbReset)
        ]
    );
    let illness = healing.illness(s(321)).unwrap();
    assert!(!illness.person && illness.rest.is_none());
    assert_eq!(climbed(&mut healing, [360]), [None]);
    let illness = healing.illness(s(361)).unwrap();
    assert!(illness.person);
    assert_eq!(illness.rest, Some(s(299)), "tried every five minutes");
    assert_eq!(healing.illness(s(660)).unwrap().rest, None);
}

#[test]
fn a_restart_is_half_an_hour_from_the_last() {
    let mut healing = Healing::default();
    let rungs = climbed(&mut healing, (0..240).map(|minute| minute * 60));
    for hard in [Rung::Restart, Rung::UsbReset] {
        let at: Vec<_> = (0..240).filter(|i| rungs[*i] == Some(hard)).collect();
        assert!(at.len() > 3, "it goes on trying: {at:?}");
        assert!(at.windows(2).all(|two| two[1] - two[0] >= 30), "{at:?}");
    }
}

#[test]
fn a_restart_before_our_own_start_counts_too() {
    let mut healing = Healing::default();
    healing.remember(s(0), Rung::Restart, s(10 * 60));
    healing.remember(s(0), Rung::UsbReset, s(29 * 60));
    let rungs = climbed(&mut healing, (0..22).map(|minute| minute * 60));
    let restart = rungs.iter().position(|rung| *rung == Some(Rung::Restart));
    assert_eq!(restart, Some(20));
    assert_eq!(rungs[4], Some(Rung::UsbReset), "{rungs:?}");
}

#[test]
fn rungs_keep_a_distance() {
    let mut healing = Healing::default();
    assert_eq!(climbed(&mut healing, [0, 60, 89]).last(), Some(&None));
    assert_eq!(healing.illness(s(89)).unwrap().rest, Some(s(1)));
    assert_eq!(climbed(&mut healing, [90]), [Some(Rung::Reopen)]);
}

#[test]
fn an_hour_without_a_refusal_is_forgotten() {
    let mut healing = Healing::default();
    climbed(&mut healing, [0, 60]);
    healing.on(s(60 + 3599), Event::Tick);
    assert!(healing.illness(s(60 + 3599)).is_some());
    healing.on(s(60 + 3600), Event::Tick);
    assert_eq!(healing.illness(s(60 + 3600)), None);
}

#[test]
fn a_modem_that_worked_and_does_not_come_back_is_helped() {
    for (answers, first) in [(true, Rung::Radio), (false, Rung::UsbReset)] {
        let mut healing = Healing::default();
        let event = Event::NotUp { answers };
        for at in 0..100 {
            assert_eq!(healing.on(s(60 * at), event), None, "it may be no modem");
        }
        healing.on(s(6000), Event::Up);
        assert_eq!(healing.on(s(7000), event), None);
        assert_eq!(healing.on(s(7299), event), None);
        assert_eq!(healing.on(s(7300), event), Some(first));
        assert_eq!(healing.on(s(7310), event), None, "it gets its time again");
        healing.on(s(7400), Event::Up);
        assert_eq!(healing.on(s(7500), event), None);
        assert_eq!(healing.illness(s(7500)), None);
    }
}

#[test]
fn where_the_last_rung_cannot_be_done_a_person_is_needed_at_once() {
    let mut healing = Healing::default();
    climbed(&mut healing, [0, 60, 120, 180]);
    healing.skipped();
    assert!(!healing.wants_person());
    climbed(&mut healing, [240, 300]);
    assert!(!healing.wants_person());
    healing.skipped();
    assert!(healing.wants_person());
}

#[test]
fn a_question_that_is_never_answered_is_not_written_down_each_minute() {
    let mut healing = Healing::default();
    let minutes = (0..60).map(|minute| healing.on(s(minute * 60), Event::Silent));
    assert_eq!(minutes.flatten().count(), 6);
}

#[test]
fn rungs_have_a_number_and_a_name_of_their_own() {
    for (at, row) in LADDER.iter().enumerate() {
        assert_eq!(row.rung.number(), at + 1);
        assert_eq!(Rung::from_token(row.token), Some(row.rung));
    }
    assert_eq!(Rung::from_token("nothing"), None);
}
