//! Conversations with callers: looked through, answered, and closed with what came of them.

use axum::extract::{self, Form, Path, Query};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::message::unavailable;
use super::page::conversations::{self, ListView, ThreadView};
use super::reader::Reader;
use super::{App, page};
use crate::phone::PhoneNumber;
use crate::steering;
use crate::store::{LeadOutcome, StoreError, Thread};

/// Characters that are looked for, at most.
const SOUGHT_CHARS: usize = 60;

/// What the address of the list asks for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Sought {
    sought: String,
}

/// What was done before the conversation was asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Did {
    did: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Answered {
    number: String,
    words: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Concluded {
    pub(super) number: String,
    /// `won`, `lost`, `not_a_lead`, or `open`, which takes back what was said.
    pub(super) outcome: String,
    #[serde(default)]
    pub(super) amount: String,
}

/// `GET /conversations`.
pub(super) async fn list(
    extract::State(app): extract::State<App>,
    Query(asked): Query<Sought>,
) -> Response {
    match read_list(&app, &asked.sought).await {
        Ok(view) => conversations::list_page(&view).into_response(),
        Err(error) => unavailable(&error),
    }
}

/// `GET /conversations/now`: the list as it is now.
pub(super) async fn list_now(
    extract::State(app): extract::State<App>,
    Query(asked): Query<Sought>,
) -> Response {
    match read_list(&app, &asked.sought).await {
        Ok(view) => conversations::list_live(&view).into_response(),
        Err(error) => unavailable(&error),
    }
}

/// Whoever wrote and is sought, the last first.
pub(super) async fn find(app: &App, sought: &str) -> Result<Vec<Thread>, StoreError> {
    let sought: String = sought.chars().take(SOUGHT_CHARS).collect();
    app.state.store.threads(&sought).await
}

async fn read_list(app: &App, sought: &str) -> Result<ListView, StoreError> {
    Ok(ListView {
        reader: Reader::of(app).await,
        threads: find(app, sought).await?,
        sought: sought.chars().take(SOUGHT_CHARS).collect(),
    })
}

/// `GET /conversations/+12025550143`.
pub(super) async fn thread(
    extract::State(app): extract::State<App>,
    Path(number): Path<String>,
    Query(asked): Query<Did>,
) -> Response {
    let did = match asked.did.as_str() {
        "answered" => Some("On its way."),
        "concluded" => Some("Written down."),
        _ => None,
    };
    show(&app, &number, StatusCode::OK, |view| ThreadView {
        did,
        ..view
    })
    .await
}

/// `GET /conversations/+12025550143/now`: its texts as they are now.
pub(super) async fn thread_now(
    extract::State(app): extract::State<App>,
    Path(number): Path<String>,
) -> Response {
    match read_thread(&app, &number).await {
        Ok(Some(view)) => conversations::thread_live(&view).into_response(),
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => unavailable(&error),
    }
}

async fn show(
    app: &App,
    number: &str,
    status: StatusCode,
    with: impl FnOnce(ThreadView) -> ThreadView,
) -> Response {
    match read_thread(app, number).await {
        Ok(Some(view)) => (status, conversations::thread_page(&with(view))).into_response(),
        Ok(None) => {
            let nobody = conversations::nobody(&Reader::of(app).await);
            (StatusCode::NOT_FOUND, nobody).into_response()
        }
        Err(error) => unavailable(&error),
    }
}

async fn read_thread(app: &App, number: &str) -> Result<Option<ThreadView>, StoreError> {
    let state = &app.state;
    let Some(number) = PhoneNumber::from_e164(number) else {
        return Ok(None);
    };
    let Some((thread, lines)) = state.store.thread(&number).await? else {
        return Ok(None);
    };
    Ok(Some(ThreadView {
        reader: Reader::of(app).await,
        thread,
        lines,
        did: None,
        refusal: None,
        typed: String::new(),
        amount: String::new(),
    }))
}

/// `POST /conversations/answer`.
pub(super) async fn answer(
    extract::State(app): extract::State<App>,
    Form(typed): Form<Answered>,
) -> Response {
    match try_answer(&app, &typed.number, &typed.words).await {
        Ok(Ok(number)) => back(&number, "answered"),
        Ok(Err(why)) => {
            let with = |view| ThreadView {
                refusal: Some(why),
                typed: typed.words.clone(),
                ..view
            };
            show(&app, &typed.number, StatusCode::UNPROCESSABLE_ENTITY, with).await
        }
        Err(error) => unavailable(&error),
    }
}

/// Who was answered, or why not.
pub(super) async fn try_answer(
    app: &App,
    number: &str,
    words: &str,
) -> Result<Result<PhoneNumber, String>, StoreError> {
    let Some(number) = PhoneNumber::from_e164(number) else {
        return Ok(Err(format!("{number} is no number")));
    };
    let state = &app.state;
    let settings = state.store.settings().await?;
    let (home, now) = (page::home(state, &settings), state.clock.wall());
    let sent = state.store.answer_caller(&number, words, home, now);
    Ok(match sent.await? {
        Ok(()) => Ok(number),
        Err(why) => Err(why.to_string()),
    })
}

/// `POST /conversations/outcome`.
pub(super) async fn conclude(
    extract::State(app): extract::State<App>,
    Form(typed): Form<Concluded>,
) -> Response {
    match try_conclude(&app, &typed).await {
        Ok(Ok(Some(number))) => back(&number, "concluded"),
        Ok(Ok(None)) => StatusCode::NOT_FOUND.into_response(),
        Ok(Err(why)) => {
            let with = |view| ThreadView {
                refusal: Some(why),
                amount: typed.amount.clone(),
                ..view
            };
            show(&app, &typed.number, StatusCode::UNPROCESSABLE_ENTITY, with).await
        }
        Err(error) => unavailable(&error),
    }
}

/// Whose conversation it was, `None` if there is no such, or why nothing was written down.
pub(super) async fn try_conclude(
    app: &App,
    typed: &Concluded,
) -> Result<Result<Option<PhoneNumber>, String>, StoreError> {
    let outcome = LeadOutcome::from_token(&typed.outcome);
    if outcome.is_none() && typed.outcome != "open" {
        let why = "The outcome is won, lost, not_a_lead or open.";
        return Ok(Err(why.to_owned()));
    }
    let Some(number) = PhoneNumber::from_e164(&typed.number) else {
        return Ok(Ok(None));
    };
    let amount = match typed.amount.trim() {
        "" => None,
        sum => match steering::amount(sum) {
            Some(amount) => Some(amount),
            None => {
                return Ok(Err(format!(
                    "\u{201c}{sum}\u{201d} is no sum. Write it like 450 or 1,200.50."
                )));
            }
        },
    };
    let (store, now) = (&app.state.store, app.state.clock.wall());
    let concluded = store.conclude(&number, outcome, amount, now).await?;
    Ok(Ok(concluded.then_some(number)))
}

fn back(number: &PhoneNumber, did: &str) -> Response {
    Redirect::to(&format!("/conversations/{number}?did={did}#said")).into_response()
}
