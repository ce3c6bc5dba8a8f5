//! Status reports on a real file: which text each is about, and what becomes of it.

use super::*;

#[tokio::test]
async fn reports_find_their_text_by_reference_and_number() {
    let Fixture { store, .. } = fixture();
    text(&store, ANNA, NOON).await;
    text(&store, BEN, NOON).await;
    for _ in 0..2 {
        let text = claimed(&store, NOON).await;
        // The reference wraps: both texts have the same one.
        store
            .part_taken(text.id, 1, 1, Some(7), at(NOON))
            .await
            .unwrap();
    }
    let report = |recipient: &str, reference, outcome| Report {
        reference,
        recipient: recipient.to_owned(),
        stamp: None,
        outcome,
    };
    let later = at("2026-03-02T12:00:30Z");
    let stranger = store
        .reported(report("+12025559999", 7, ReportOutcome::Delivered), later)
        .await
        .unwrap();
    assert_eq!(stranger, None);
    let other = store
        .reported(report(ANNA, 8, ReportOutcome::Delivered), later)
        .await
        .unwrap();
    assert_eq!(other, None);
    // Sent international, reported national.
    let anna = store
        .reported(report("2025550143", 7, ReportOutcome::Delivered), later)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((anna.text_id, anna.state), (1, TextState::Delivered));
    let no = ReportOutcome::Failed {
        said: "the phone number is not in use".to_owned(),
        number: None,
    };
    let ben = store
        .reported(report(BEN, 7, no), later)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((ben.text_id, ben.state), (2, TextState::Failed));
    let late = at("2026-03-06T12:00:30Z");
    assert_eq!(
        store
            .reported(report(ANNA, 7, ReportOutcome::Delivered), late)
            .await
            .unwrap(),
        None
    );
}

#[tokio::test]
async fn a_report_settles_an_unconfirmed_text_by_its_recipient() {
    let Fixture { store, .. } = fixture();
    text(&store, ANNA, NOON).await;
    let text = claimed(&store, NOON).await;
    let unconfirmed = Transition::Unconfirmed {
        until: at(NOON),
        error: "silence".into(),
    };
    store.settle(text.id, unconfirmed, at(NOON)).await.unwrap();
    let report = Report {
        reference: 200,
        recipient: ANNA.into(),
        stamp: None,
        outcome: ReportOutcome::Delivered,
    };
    let found = store.reported(report, at(NOON)).await.unwrap().unwrap();
    assert_eq!(found.state, TextState::Delivered);
    assert_eq!(claim(&store, "2026-03-02T13:00:00Z").await, Next::Nothing);
}

#[tokio::test]
async fn a_report_that_overtakes_the_modems_answer_stands() {
    let Fixture { store, .. } = fixture();
    let no = ReportOutcome::Failed {
        said: "the phone number is not in use".to_owned(),
        number: None,
    };
    for (outcome, state) in [
        (ReportOutcome::Delivered, TextState::Delivered),
        (no.clone(), TextState::Failed),
    ] {
        for answered in [true, false] {
            text(&store, ANNA, NOON).await;
            let text = claimed(&store, NOON).await;
            let reference = u8::try_from(text.id).unwrap();
            let report = Report {
                reference,
                recipient: ANNA.into(),
                stamp: None,
                outcome: outcome.clone(),
            };
            let found = store.reported(report, at(NOON)).await.unwrap();
            let expected = ReportMatch {
                text_id: text.id,
                state,
            };
            assert_eq!(found, Some(expected));
            if answered {
                let taken = store.part_taken(text.id, 1, 1, Some(reference), at(NOON));
                taken.await.unwrap();
            } else {
                let until = at(NOON);
                let error = "silence".to_owned();
                let silence = Transition::Unconfirmed { until, error };
                store.settle(text.id, silence, at(NOON)).await.unwrap();
            }
            let kept: String = store
                .read("test", |c| {
                    c.query_row(
                        "SELECT state FROM texts ORDER BY id DESC LIMIT 1",
                        [],
                        |r| r.get(0),
                    )
                })
                .await
                .unwrap();
            assert_eq!(kept, state.token(), "answered: {answered}");
        }
    }
}

#[tokio::test]
async fn the_first_part_does_not_speak_for_one_that_may_be_lost() {
    let Fixture { store, .. } = fixture();
    text(&store, ANNA, NOON).await;
    let text = claimed(&store, NOON).await;
    store
        .write("test", |t| {
            t.execute("UPDATE texts SET parts = 2", []).map(|_| ())
        })
        .await
        .unwrap();
    store
        .part_taken(text.id, 1, 2, Some(1), at(NOON))
        .await
        .unwrap();
    let silence = Transition::Unconfirmed {
        until: at(NOON),
        error: "silence".into(),
    };
    store.settle(text.id, silence, at(NOON)).await.unwrap();
    let report = |reference| Report {
        reference,
        recipient: ANNA.into(),
        stamp: None,
        outcome: ReportOutcome::Delivered,
    };
    let first = store.reported(report(1), at(NOON)).await.unwrap().unwrap();
    assert_eq!(first.state, TextState::Unconfirmed);
    let last = store.reported(report(2), at(NOON)).await.unwrap().unwrap();
    assert_eq!(last.state, TextState::Delivered);
}

/// Found by the simulation: it settled an older text to the same number, which had never left.
#[tokio::test]
async fn a_report_that_overtakes_the_answer_to_a_first_part_is_about_that_part() {
    let Fixture { store, .. } = fixture();
    text(&store, ANNA, NOON).await;
    let older = claimed(&store, NOON).await;
    let silence = Transition::Unconfirmed {
        until: at(NOON) + jiff::SignedDuration::from_mins(3),
        error: "silence".into(),
    };
    store.settle(older.id, silence, at(NOON)).await.unwrap();
    let later = "2026-03-02T12:01:00Z";
    text(&store, ANNA, later).await;
    store
        .write("test", |t| {
            t.execute("UPDATE texts SET parts = 2 WHERE id = 2", [])
                .map(|_| ())
        })
        .await
        .unwrap();
    let long = claimed(&store, later).await;
    let report = Report {
        reference: 9,
        recipient: ANNA.into(),
        stamp: Some(at(later)),
        outcome: ReportOutcome::Delivered,
    };
    let about = ReportMatch {
        text_id: long.id,
        state: TextState::Sending,
    };
    let found = store.reported(report.clone(), at(later)).await.unwrap();
    assert_eq!(found, Some(about));
    // Its own answer comes, and the report once more: neither stands for the second part.
    let answer = store.part_taken(long.id, 1, 2, Some(9), at(later));
    answer.await.unwrap();
    let again = store.reported(report, at(later)).await.unwrap();
    assert_eq!(again, Some(about));
    let answer = store.part_taken(long.id, 2, 2, Some(10), at(later));
    answer.await.unwrap();
    let states: Vec<(i64, String)> = store
        .read("test", |c| {
            c.prepare("SELECT id, state FROM texts ORDER BY id")?
                .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect()
        })
        .await
        .unwrap();
    let state = |id, state: &str| (id, state.to_owned());
    assert_eq!(
        states,
        [state(older.id, "unconfirmed"), state(long.id, "sent")]
    );
}

#[tokio::test]
async fn the_last_part_speaks_for_the_whole() {
    let Fixture { store, .. } = fixture();
    text(&store, ANNA, NOON).await;
    let text = claimed(&store, NOON).await;
    store
        .write("test", |t| {
            t.execute("UPDATE texts SET parts = 2", []).map(|_| ())
        })
        .await
        .unwrap();
    store
        .part_taken(text.id, 1, 2, Some(1), at(NOON))
        .await
        .unwrap();
    store
        .part_taken(text.id, 2, 2, Some(2), at(NOON))
        .await
        .unwrap();
    let report = |reference| Report {
        reference,
        recipient: ANNA.into(),
        stamp: None,
        outcome: ReportOutcome::Delivered,
    };
    let first = store.reported(report(1), at(NOON)).await.unwrap().unwrap();
    assert_eq!(first.state, TextState::Sent, "half of it has arrived");
    let last = store.reported(report(2), at(NOON)).await.unwrap().unwrap();
    assert_eq!(last.state, TextState::Delivered);
}

#[tokio::test]
async fn a_network_that_still_tries_has_the_text() {
    let Fixture { store, .. } = fixture();
    text(&store, ANNA, NOON).await;
    let text = claimed(&store, NOON).await;
    let unconfirmed = Transition::Unconfirmed {
        until: at(NOON),
        error: "silence".into(),
    };
    store.settle(text.id, unconfirmed, at(NOON)).await.unwrap();
    let report = |outcome| Report {
        reference: 9,
        recipient: ANNA.into(),
        stamp: None,
        outcome,
    };
    let tries = store
        .reported(report(ReportOutcome::Taken), at(NOON))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(tries.state, TextState::Sent);
    assert_eq!(
        claim(&store, "2026-03-02T12:30:00Z").await,
        Next::Nothing,
        "no second copy"
    );
    let arrived = store
        .reported(report(ReportOutcome::Delivered), at(NOON))
        .await
        .unwrap();
    assert_eq!(arrived.map(|found| found.state), Some(TextState::Delivered));
}

#[tokio::test]
async fn unconfirmed_texts_wait_for_reports_from_the_modem_that_came_back() {
    let Fixture { store, .. } = fixture();
    text(&store, ANNA, NOON).await;
    let text = claimed(&store, NOON).await;
    let unconfirmed = Transition::Unconfirmed {
        until: at(NOON),
        error: "silence".into(),
    };
    store.settle(text.id, unconfirmed, at(NOON)).await.unwrap();
    let until = at("2026-03-02T12:08:00Z");
    store.modem_is_back(at(NOON), until, false).await.unwrap();
    assert_eq!(
        claim(&store, "2026-03-02T12:05:00Z").await,
        Next::Wait(until)
    );
}

#[tokio::test]
async fn a_report_on_one_part_does_not_speak_for_those_that_never_left() {
    let Fixture { store, .. } = fixture();
    text(&store, ANNA, NOON).await;
    let text = claimed(&store, NOON).await;
    store
        .write("test", |t| {
            t.execute("UPDATE texts SET parts = 3", []).map(|_| ())
        })
        .await
        .unwrap();
    store.recover(at("2026-03-02T12:03:00Z")).await.unwrap();
    let report = Report {
        reference: 21,
        recipient: ANNA.into(),
        stamp: None,
        outcome: ReportOutcome::Delivered,
    };
    let found = store.reported(report, at(NOON)).await.unwrap().unwrap();
    assert_eq!((found.text_id, found.state), (text.id, TextState::Queued));
    assert_eq!(
        claimed(&store, NOON).await.parts_taken,
        [1],
        "and the others go out now"
    );
}

#[tokio::test]
async fn a_call_whose_text_left_is_exported_as_texted_whatever_became_of_the_text() {
    let Fixture { store, dir } = fixture();
    text(&store, ANNA, NOON).await;
    let left = claimed(&store, NOON).await.id;
    store
        .part_taken(left, 1, 1, Some(7), at(NOON))
        .await
        .unwrap();
    let report = Report {
        reference: 7,
        recipient: ANNA.to_owned(),
        stamp: None,
        outcome: ReportOutcome::Failed {
            said: "the phone is gone".to_owned(),
            number: None,
        },
    };
    store.reported(report, at(NOON)).await.unwrap();
    text(&store, BEN, NOON).await;
    let stayed = claimed(&store, NOON).await.id;
    let error = "refused".to_owned();
    store
        .settle(
            stayed,
            Transition::Fail(Failure::Unsendable(error)),
            at(NOON),
        )
        .await
        .unwrap();

    let all = read_everything(dir.path()).unwrap();
    let states: Vec<_> = all.texts.iter().map(|text| text.state.as_str()).collect();
    assert_eq!(states, ["failed", "failed"]);
    assert_eq!(all.texts[0].error.as_deref(), Some("the phone is gone"));
    let outcomes: Vec<_> = all
        .calls
        .iter()
        .map(|call| (call.outcome, call.reason.as_deref()))
        .collect();
    assert_eq!(outcomes, [("texted", None), ("skipped", Some("not_sent"))]);
}

#[tokio::test]
async fn a_text_that_may_have_left_counts_whatever_it_failed_of() {
    async fn count(store: &Store) -> u32 {
        let counted = store.write("test", |t| {
            let periods = crate::store::fences::Periods::at(at(NOON), &TimeZone::UTC);
            crate::store::fences::count(t, crate::rules::Fence::Day, periods)
        });
        counted.await.unwrap()
    }
    let Fixture { store, .. } = fixture();
    let silence = || Transition::Unconfirmed {
        until: at(NOON),
        error: "silence".to_owned(),
    };
    let again = |_: &Outgoing, _: &Settings, _: &[Timestamp]| Transition::Send {
        again: true,
        late: false,
    };
    // Nothing was heard of it, and its recipient wants none.
    text(&store, ANNA, NOON).await;
    let first = claimed(&store, NOON).await.id;
    store.settle(first, silence(), at(NOON)).await.unwrap();
    let opted_out = Transition::Fail(Failure::OptedOut);
    store.settle(first, opted_out, at(NOON)).await.unwrap();
    assert_eq!(count(&store).await, 1);
    // Its second copy could not be sent any more.
    text(&store, BEN, NOON).await;
    let second = claimed(&store, NOON).await.id;
    store.settle(second, silence(), at(NOON)).await.unwrap();
    store.claim_next(at(NOON), again).await.unwrap();
    let too_late = Transition::Fail(Failure::TooLate);
    store
        .settle(second, too_late.clone(), at(NOON))
        .await
        .unwrap();
    assert_eq!(count(&store).await, 2);
    // Never with the modem's network.
    text(&store, ANNA, NOON).await;
    let third = claimed(&store, NOON).await.id;
    store.settle(third, too_late, at(NOON)).await.unwrap();
    assert_eq!(count(&store).await, 2);
}
