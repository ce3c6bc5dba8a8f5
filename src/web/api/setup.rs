//! The set-up: how far it is, the owner's number, the forwarding codes, the test call. What its steps set are settings.

use jiff::Timestamp;
#[cfg(test)]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::operations::{Answer, Done, Json, Query};
use super::problem::Problem;
use crate::forwarding;
use crate::phone::PhoneNumber;
use crate::rules::Caller;
use crate::store::Mark;
use crate::web::setup::{self, Facts, Forwarding, Step, Verdict};
use crate::web::{App, page};

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct State {
    steps: Vec<StepState>,
    /// The number of the SIM in the box, where somebody told it.
    box_number: Option<String>,
    /// Whose codes were chosen.
    carrier: Option<String>,
    /// Where calls went before, as the carrier said.
    old_target: Option<String>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct StepState {
    /// `modem`, `business`, `hours`, `message`, `forwarding` or `test`.
    step: &'static str,
    /// The box finds nothing left to do in it.
    done: bool,
}

pub(super) async fn state(app: App, (): ()) -> Answer<Json<State>> {
    let facts = Facts::read(&app).await?;
    let steps = Step::ALL.into_iter().map(|step| StepState {
        step: step.token(),
        done: facts.is_done(step),
    });
    let kept = |mark: Mark| facts.marks.get(mark).map(str::to_owned);
    Ok(Json(State {
        steps: steps.collect(),
        carrier: kept(Mark::Carrier),
        old_target: kept(Mark::OldTarget),
        box_number: facts.box_number(&app).map(|number| number.to_string()),
    }))
}

pub(super) async fn send_code(app: App, (): ()) -> Answer<Done> {
    match setup::try_send_code(&app).await? {
        Ok(()) => Ok(Done),
        Err(why) => Err(Problem::refused(&why.to_string())),
    }
}

#[derive(Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct Proof {
    /// The six digits that came.
    code: String,
}

pub(super) async fn prove(app: App, Json(proof): Json<Proof>) -> Answer<Done> {
    let (store, now) = (&app.state.store, app.state.clock.wall());
    match store.prove_owner(&proof.code, now).await? {
        true => Ok(Done),
        false => Err(Problem::refused(setup::WRONG_CODE)),
    }
}

#[derive(Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct Asked {
    /// One of `carriers`; all of them where it is left out.
    carrier: Option<String>,
    /// The number of the SIM in the box; what the box knows itself where it is left out.
    box_number: Option<String>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct Codes {
    /// The carriers of the home country, as the owner picks his.
    carriers: Vec<&'static str>,
    codes: Vec<Code>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct Code {
    carrier: &'static str,
    /// What to dial.
    set: String,
    /// What undoes it.
    undo: &'static str,
    /// What asks where calls go now, to be dialled first.
    ask: Option<&'static str>,
    source: &'static str,
}

pub(super) async fn codes(app: App, Query(asked): Query<Asked>) -> Answer<Json<Codes>> {
    let facts = Facts::read(&app).await?;
    let home = page::home(&app.state, &facts.settings);
    let number = match &asked.box_number {
        Some(typed) => {
            let number = PhoneNumber::parse(typed, home);
            number.map_err(|why| Problem::refused(&why.to_string()))?
        }
        None => facts.box_number(&app).ok_or_else(|| {
            Problem::refused("the SIM does not tell its number; ask with box_number")
        })?,
    };
    let carriers = forwarding::carriers(home);
    let is_asked = |carrier: &&&str| asked.carrier.as_deref().is_none_or(|it| it == **carrier);
    let codes = carriers
        .iter()
        .filter(is_asked)
        .flat_map(|carrier| forwarding::ways(home, carrier))
        .map(|way| Code {
            carrier: way.carrier,
            set: way.set(&number),
            undo: way.undo(),
            ask: way.ask(),
            source: way.source,
        })
        .collect();
    Ok(Json(Codes { carriers, codes }))
}

#[derive(Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct Chosen {
    /// The number of the SIM in the box.
    box_number: String,
    /// One of the carriers.
    carrier: String,
    /// Where calls went before, as the carrier said; it is only kept to be read.
    #[serde(default)]
    old_target: String,
}

pub(super) async fn choose(app: App, Json(chosen): Json<Chosen>) -> Answer<Done> {
    let chosen = Forwarding {
        box_number: chosen.box_number,
        carrier: chosen.carrier,
        old_target: chosen.old_target,
    };
    match setup::try_choose(&app, &chosen).await? {
        Ok(()) => Ok(Done),
        Err(why) => Err(Problem::refused(&why)),
    }
}

pub(super) async fn finish(app: App, (): ()) -> Answer<Done> {
    setup::finish(&app).await?;
    Ok(Done)
}

pub(super) async fn begin_test(app: App, (): ()) -> Answer<Done> {
    setup::try_begin_test(&app).await?;
    Ok(Done)
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct Test {
    /// Since when calls count; null while no test was begun.
    since: Option<Timestamp>,
    call: Option<Call>,
    /// A call should have come by now.
    nothing_came: bool,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct Call {
    started_at: Timestamp,
    /// E.164; null where none arrived.
    caller: Option<String>,
    /// For how many seconds it rang; null while it does.
    rang_s: Option<i64>,
    /// `works`; `own_number`: the phone sends its own number instead of the caller's; `no_number`.
    verdict: Option<&'static str>,
}

pub(super) async fn test(app: App, (): ()) -> Answer<Json<Test>> {
    let facts = Facts::read(&app).await?;
    let verdict = facts.verdict().map(|verdict| match verdict {
        Verdict::Works => "works",
        Verdict::OwnNumber => "own_number",
        Verdict::NoNumber => "no_number",
    });
    Ok(Json(Test {
        since: facts.marks.test_from(),
        nothing_came: facts.nothing_came,
        call: facts.call.map(|call| Call {
            started_at: call.started_at,
            caller: match call.caller {
                Caller::Number(number) => Some(number.to_string()),
                _ => None,
            },
            rang_s: call.rang_for.map(|it| it.as_secs()),
            verdict,
        }),
    }))
}
