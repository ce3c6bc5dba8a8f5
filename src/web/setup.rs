//! The walk through the set-up: six steps, each of them looked at by the box itself, each of them to be left and come back to.

mod facts;

use axum::extract::{self, Form, Path, Query};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::Markup;
use serde::Deserialize;

use super::message::{self, Draft, unavailable};
use super::page::setup::{self as view, View};
use super::reader::Reader;
use super::{App, page, words};
use crate::forwarding;
use crate::phone::PhoneNumber;
use crate::settings::{BUSINESS_NAME, HOURS_WEEKLY, OWNER_NUMBER};
use crate::store::{Mark, NoCode, StoreError};
use crate::wording::Occasion;

pub(super) use facts::{Facts, Step, Verdict, way_of};

/// Characters of a carrier's answer about where calls went before.
const OLD_TARGET_CHARS: usize = 60;
/// What a wrong code is answered with.
pub(super) const WRONG_CODE: &str = "this is not the code that came last; after five wrong ones, or half an hour, have another one sent";

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Said {
    said: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Business {
    business: String,
    number: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Proof {
    code: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Hours {
    weekly: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Forwarding {
    pub(super) box_number: String,
    pub(super) carrier: String,
    #[serde(default)]
    pub(super) old_target: String,
}

/// `GET /setup`: to the first step that has something left to do.
pub(super) async fn begin(extract::State(app): extract::State<App>) -> Response {
    match Facts::read(&app).await {
        Ok(facts) => {
            let next = Step::ALL.into_iter().find(|step| !facts.is_done(*step));
            Redirect::to(&next.unwrap_or(Step::Test).place()).into_response()
        }
        Err(error) => unavailable(&error),
    }
}

/// `GET /setup/{step}`.
pub(super) async fn step(
    extract::State(app): extract::State<App>,
    Path(step): Path<String>,
    Query(said): Query<Said>,
) -> Response {
    let Some(step) = Step::from_token(&step) else {
        return page::nothing_here(extract::State(app)).await;
    };
    let said = match said.said.as_str() {
        "sent" => Some("A code is on its way to your phone."),
        "proved" => Some("This is your phone."),
        _ => None,
    };
    show(&app, step, |view| view.said = said).await
}

/// `GET /setup/{step}/now`: what changes by itself.
pub(super) async fn now(
    extract::State(app): extract::State<App>,
    Path(step): Path<String>,
) -> Result<Markup, Response> {
    let step = Step::from_token(&step).ok_or_else(|| StatusCode::NOT_FOUND.into_response())?;
    match view_of(&app, step).await {
        Ok(view) => Ok(view::live(&view)),
        Err(error) => Err(unavailable(&error)),
    }
}

/// `POST /setup/keep/business`: the name and the owner's number.
pub(super) async fn business(
    extract::State(app): extract::State<App>,
    Form(typed): Form<Business>,
) -> Response {
    let store = &app.state.store;
    let before = match store.settings().await {
        Ok(settings) => settings,
        Err(error) => return unavailable(&error),
    };
    // As people at home write it: the SIM may tell the country where no setting does.
    let home = page::home(&app.state, &before);
    let number = PhoneNumber::parse(&typed.number, home).map(|number| number.as_str().to_owned());
    let number = match number {
        Ok(number) => number,
        Err(why) => {
            return refuse(&app, Step::Business, &why.to_string(), |view| {
                view.typed = Some((typed.business, typed.number));
            })
            .await;
        }
    };
    let changes = [
        (BUSINESS_NAME, typed.business.as_str()),
        (OWNER_NUMBER, number.as_str()),
    ];
    let done = async {
        if let Err(refusal) = store
            .change_settings(&changes, app.state.clock.wall())
            .await?
        {
            return Ok(Some(message::in_words(&refusal)));
        }
        let after = store.settings().await?;
        if after.owner_number() != before.owner_number() {
            store.forget_code().await?;
        }
        Ok(None)
    };
    match done.await {
        Ok(None) => Redirect::to(&Step::Business.place()).into_response(),
        Ok(Some(why)) => {
            refuse(&app, Step::Business, &why, |view| {
                view.typed = Some((typed.business, typed.number));
            })
            .await
        }
        Err(error) => unavailable(&error),
    }
}

/// `POST /setup/code`: texts the owner's number a code.
pub(super) async fn send_code(extract::State(app): extract::State<App>) -> Response {
    match try_send_code(&app).await {
        Ok(Ok(())) => said(Step::Business, "sent"),
        Ok(Err(why)) => refuse(&app, Step::Business, &why.to_string(), |_| {}).await,
        Err(error) => unavailable(&error),
    }
}

/// Texts the owner's number a code, or tells why not.
pub(super) async fn try_send_code(app: &App) -> Result<Result<(), NoCode>, StoreError> {
    let reader = Reader::of(app).await;
    let english = "Your code for the missed-call box is {code}.";
    let words = move |code: &str| reader.fill(english, &[("code", &code)]);
    let now = app.state.clock.wall();
    app.state.store.send_code(now, words).await
}

/// `POST /setup/proof`.
pub(super) async fn prove(
    extract::State(app): extract::State<App>,
    Form(typed): Form<Proof>,
) -> Response {
    match app
        .state
        .store
        .prove_owner(&typed.code, app.state.clock.wall())
        .await
    {
        Ok(true) => said(Step::Business, "proved"),
        Ok(false) => refuse(&app, Step::Business, WRONG_CODE, |_| {}).await,
        Err(error) => unavailable(&error),
    }
}

/// `POST /setup/keep/hours`.
pub(super) async fn hours(
    extract::State(app): extract::State<App>,
    Form(typed): Form<Hours>,
) -> Response {
    let store = &app.state.store;
    match store
        .change_setting(HOURS_WEEKLY, &typed.weekly, app.state.clock.wall())
        .await
    {
        Ok(Ok(_)) => go_on(&app, Step::Hours, &[(Mark::Hours, "seen")]).await,
        Ok(Err(why)) => {
            refuse(&app, Step::Hours, &message::in_words(&why), |view| {
                view.typed = Some((typed.weekly, String::new()));
            })
            .await
        }
        Err(error) => unavailable(&error),
    }
}

/// `POST /setup/keep/message`.
pub(super) async fn keep_message(
    extract::State(app): extract::State<App>,
    Form(draft): Form<Draft>,
) -> Response {
    match message::keep(&app, &draft).await {
        Ok(true) => go_on(&app, Step::Message, &[(Mark::Message, "seen")]).await,
        Ok(false) => {
            let with = |view: &mut View| view.draft = draft;
            let mut response = show(&app, Step::Message, with).await;
            *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
            response
        }
        Err(error) => unavailable(&error),
    }
}

/// `POST /setup/keep/forwarding`: whose code to show.
pub(super) async fn forwarding(
    extract::State(app): extract::State<App>,
    Form(typed): Form<Forwarding>,
) -> Response {
    match try_choose(&app, &typed).await {
        Ok(Ok(())) => Redirect::to("/setup/forwarding#code").into_response(),
        Ok(Err(why)) => {
            refuse(&app, Step::Forwarding, &why, |view| {
                view.typed = Some((typed.box_number, typed.carrier));
            })
            .await
        }
        Err(error) => unavailable(&error),
    }
}

/// Keeps whose code is shown, or tells why not.
pub(super) async fn try_choose(
    app: &App,
    typed: &Forwarding,
) -> Result<Result<(), String>, StoreError> {
    let store = &app.state.store;
    let settings = store.settings().await?;
    let home = page::home(&app.state, &settings);
    let number = match PhoneNumber::parse(&typed.box_number, home) {
        Ok(number) => number,
        Err(why) => return Ok(Err(why.to_string())),
    };
    if !forwarding::carriers(home).contains(&typed.carrier.as_str()) {
        return Ok(Err("pick the carrier of your phone".to_owned()));
    }
    let old_target = words::shown(&typed.old_target, OLD_TARGET_CHARS);
    let marks = [
        (Mark::BoxNumber, number.as_str()),
        (Mark::Carrier, typed.carrier.as_str()),
        (Mark::Way, ""),
        (Mark::OldTarget, old_target.as_str()),
    ];
    store.mark(&marks).await?;
    Ok(Ok(()))
}

/// `POST /setup/way`: the next code of this carrier, and from the last one back to the first.
pub(super) async fn next_way(extract::State(app): extract::State<App>) -> Response {
    let done = async {
        let facts = Facts::read(&app).await?;
        let home = page::home(&app.state, &facts.settings);
        let ways = forwarding::ways(home, facts.marks.get(Mark::Carrier).unwrap_or_default());
        let next = (way_of(&facts.marks) + 1) % ways.len().max(1);
        let marks = [
            (Mark::Way, next.to_string()),
            (Mark::TestFrom, String::new()),
        ];
        let marks = marks
            .each_ref()
            .map(|(mark, value)| (*mark, value.as_str()));
        app.state.store.mark(&marks).await
    };
    match done.await {
        Ok(()) => Redirect::to("/setup/forwarding#code").into_response(),
        Err(error) => unavailable(&error),
    }
}

/// `POST /setup/keep/test`: calls count from now on.
pub(super) async fn test(extract::State(app): extract::State<App>) -> Response {
    match try_begin_test(&app).await {
        Ok(()) => Redirect::to(&Step::Test.place()).into_response(),
        Err(error) => unavailable(&error),
    }
}

/// Calls count from now on.
pub(super) async fn try_begin_test(app: &App) -> Result<(), StoreError> {
    let now = app.state.clock.wall().as_millisecond().to_string();
    app.state.store.mark(&[(Mark::TestFrom, &now)]).await
}

/// `POST /setup/done`.
pub(super) async fn done(extract::State(app): extract::State<App>) -> Response {
    match finish(&app).await {
        Ok(()) => Redirect::to("/").into_response(),
        Err(error) => unavailable(&error),
    }
}

/// The walk is over.
pub(super) async fn finish(app: &App) -> Result<(), StoreError> {
    app.state.store.mark(&[(Mark::Done, "yes")]).await
}

async fn go_on(app: &App, step: Step, marks: &[(Mark, &str)]) -> Response {
    match app.state.store.mark(marks).await {
        Ok(()) => Redirect::to(&step.next().unwrap_or(step).place()).into_response(),
        Err(error) => unavailable(&error),
    }
}

fn said(step: Step, what: &str) -> Response {
    Redirect::to(&format!("{}?said={what}", step.place())).into_response()
}

async fn refuse(app: &App, step: Step, why: &str, with: impl FnOnce(&mut View)) -> Response {
    let mut response = show(app, step, |view| {
        view.refused = Some(words::sentence(why));
        with(view);
    })
    .await;
    *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    response
}

async fn show(app: &App, step: Step, with: impl FnOnce(&mut View)) -> Response {
    match view_of(app, step).await {
        Ok(mut view) => {
            with(&mut view);
            view::page(&view).into_response()
        }
        Err(error) => unavailable(&error),
    }
}

async fn view_of(app: &App, step: Step) -> Result<View, StoreError> {
    let facts = Facts::read(app).await?;
    let reader = Reader::of(app).await;
    Ok(View {
        step,
        box_number: facts.box_number(app),
        draft: Draft::of(&facts.settings, reader.home, Occasion::MissedCall),
        reader,
        facts,
        said: None,
        refused: None,
        typed: None,
    })
}
