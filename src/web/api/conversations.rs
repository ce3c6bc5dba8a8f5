//! Conversations with callers.

use jiff::Timestamp;
#[cfg(test)]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::operations::{Answer, At, Done, Json, Query};
use super::problem::Problem;
use crate::phone::PhoneNumber;
use crate::store::{LeadOutcome, Thread, ThreadLine};
use crate::web::App;
use crate::web::conversations::{self, Concluded};

const NOBODY: &str = "nobody of this number has written";

#[derive(Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct Which {
    /// E.164, such as +12025550143.
    number: String,
}

impl Which {
    fn number(&self) -> Answer<PhoneNumber> {
        let number = PhoneNumber::from_e164(&self.number);
        number.ok_or_else(|| Problem::not_found(NOBODY))
    }
}

#[derive(Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct Sought {
    /// A part of the number, the name or the last words; everybody where it is left out.
    #[serde(default)]
    sought: String,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct Conversations {
    conversations: Vec<Conversation>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct Conversation {
    /// Who wrote: E.164, or a name or short code that cannot be answered.
    number: String,
    /// As the owner's lists call them; may be empty.
    name: String,
    /// 7 for #7 on the owner's phone.
    tag: Option<u32>,
    /// When they wrote last.
    replied_at: Timestamp,
    /// What they wrote last.
    words: String,
    /// Nobody has answered that, nor said what came of it.
    waits: bool,
    /// They asked for no more texts.
    opted_out: bool,
    /// `won`, `lost` or `not_a_lead`.
    outcome: Option<&'static str>,
    /// What the job is worth, in hundredths.
    amount: Option<i64>,
}

impl From<Thread> for Conversation {
    fn from(thread: Thread) -> Self {
        Self {
            number: thread.number.to_string(),
            name: thread.name,
            tag: thread.tag,
            replied_at: thread.replied_at,
            words: thread.words,
            waits: thread.waits,
            opted_out: thread.opted_out,
            outcome: thread.outcome.map(LeadOutcome::token),
            amount: thread.amount,
        }
    }
}

pub(super) async fn list(app: App, Query(asked): Query<Sought>) -> Answer<Json<Conversations>> {
    let found = conversations::find(&app, &asked.sought).await?;
    let conversations = found.into_iter().map(Conversation::from).collect();
    Ok(Json(Conversations { conversations }))
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct Whole {
    #[serde(flatten)]
    conversation: Conversation,
    /// The newest 200, oldest first.
    texts: Vec<Line>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct Line {
    at: Timestamp,
    body: String,
    /// Where it stands if it is ours; null if it is theirs.
    state: Option<String>,
    /// What went wrong with it.
    error: Option<String>,
}

impl From<ThreadLine> for Line {
    fn from(line: ThreadLine) -> Self {
        Self {
            at: line.at,
            body: line.body,
            state: line.ours.map(|state| state.token().to_owned()),
            error: line.error,
        }
    }
}

pub(super) async fn one(app: App, At(which): At<Which>) -> Answer<Json<Whole>> {
    let found = app.state.store.thread(&which.number()?).await?;
    let (thread, lines) = found.ok_or_else(|| Problem::not_found(NOBODY))?;
    Ok(Json(Whole {
        conversation: thread.into(),
        texts: lines.into_iter().map(Line::from).collect(),
    }))
}

#[derive(Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct Words {
    /// What the caller gets.
    words: String,
}

pub(super) async fn answer(
    app: App,
    (At(which), Json(typed)): (At<Which>, Json<Words>),
) -> Answer<Done> {
    let answered = conversations::try_answer(&app, &which.number, &typed.words).await?;
    match answered {
        Ok(_) => Ok(Done),
        Err(why) => Err(Problem::refused(&why)),
    }
}

#[derive(Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct Outcome {
    /// `won`, `lost`, `not_a_lead`, or `open`, which takes back what was said.
    outcome: String,
    /// What the job is worth, such as 450 or 1,200.50; empty or left out where nobody knows.
    #[serde(default)]
    amount: String,
}

pub(super) async fn conclude(
    app: App,
    (At(which), Json(typed)): (At<Which>, Json<Outcome>),
) -> Answer<Done> {
    let concluded = Concluded {
        number: which.number,
        outcome: typed.outcome,
        amount: typed.amount,
    };
    match conversations::try_conclude(&app, &concluded).await? {
        Ok(Some(_)) => Ok(Done),
        Ok(None) => Err(Problem::not_found(NOBODY)),
        Err(why) => Err(Problem::refused(&why)),
    }
}
