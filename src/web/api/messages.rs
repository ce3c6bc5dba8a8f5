//! The messages: what they say, what they once said, and what a caller gets.

use jiff::Timestamp;
#[cfg(test)]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::operations::{Answer, At, Done, Json};
use super::problem::Problem;
use crate::settings::Setting;
use crate::sms::Alphabet;
use crate::web::message::{self, Draft, Outcome, Preview};
use crate::web::{App, page};
use crate::wording::Occasion;

#[derive(Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct Which {
    /// `missed_call`, `after_hours`, `holiday`, `held`, `follow_up`, `opt_out`, `opt_in` or `help`.
    occasion: String,
}

impl Which {
    fn occasion(&self) -> Answer<Occasion> {
        let occasion = Occasion::from_token(&self.occasion);
        occasion.ok_or_else(|| Problem::not_found("there is no such message"))
    }
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct Message {
    /// The words with their placeholders; the built-in ones where you have none of your own.
    words: String,
    preview: Shown,
    /// What it said before, newest first.
    earlier: Vec<Earlier>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct Earlier {
    id: i64,
    /// Empty: the built-in ones.
    words: String,
    /// When it was changed.
    until: Timestamp,
}

/// What would become of words.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct Shown {
    /// What a caller gets; null if nothing, or if the words make no text yet.
    text: Option<String>,
    /// How many SMS that takes.
    parts: Option<usize>,
    /// Characters as the alphabet counts them.
    characters: Option<usize>,
    /// So many more fit into the last part.
    more_fit: Option<usize>,
    /// `gsm7` or `ucs2`.
    alphabet: Option<&'static str>,
    /// Why they would not be kept.
    refusals: Vec<String>,
    /// What could be better.
    advice: Vec<String>,
}

impl From<Preview> for Shown {
    fn from(preview: Preview) -> Self {
        let text = match preview.text {
            Outcome::Text(text, measure) => Some((text, measure)),
            Outcome::Unfinished(_) | Outcome::Nothing => None,
        };
        let measure = text.as_ref().map(|(_, measure)| *measure);
        Self {
            parts: measure.map(|it| it.parts),
            characters: measure.map(|it| it.units),
            more_fit: measure.map(|it| it.units_left_in_last_part),
            alphabet: measure.map(|it| match it.alphabet {
                Alphabet::Ucs2 => "ucs2",
                _ => "gsm7",
            }),
            text: text.map(|(text, _)| text),
            refusals: preview.refusals,
            advice: preview.advice,
        }
    }
}

pub(super) async fn one(app: App, At(which): At<Which>) -> Answer<Json<Message>> {
    let (store, occasion) = (&app.state.store, which.occasion()?);
    let settings = store.settings().await?;
    let home = page::home(&app.state, &settings);
    let draft = Draft::of(&settings, home, occasion);
    let earlier = store
        .earlier_messages(Setting::of_message(occasion))
        .await?;
    let earlier = earlier.into_iter().map(|it| Earlier {
        id: it.id,
        words: it.value,
        until: it.until,
    });
    Ok(Json(Message {
        preview: draft.preview(&settings, home).into(),
        words: draft.message,
        earlier: earlier.collect(),
    }))
}

#[derive(Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct Words {
    /// With placeholders; empty: the built-in ones.
    words: String,
    /// The name of the business, if that is to change with them.
    business: Option<String>,
}

impl Words {
    fn draft(self, occasion: Occasion) -> Draft {
        Draft {
            occasion,
            business: self.business,
            message: self.words,
        }
    }
}

pub(super) async fn preview(
    app: App,
    (At(which), Json(typed)): (At<Which>, Json<Words>),
) -> Answer<Json<Shown>> {
    let draft = typed.draft(which.occasion()?);
    Ok(Json(message::preview_now(&app, &draft).await?.into()))
}

pub(super) async fn change(
    app: App,
    (At(which), Json(typed)): (At<Which>, Json<Words>),
) -> Answer<Done> {
    let draft = typed.draft(which.occasion()?);
    if message::keep(&app, &draft).await? {
        return Ok(Done);
    }
    let preview = message::preview_now(&app, &draft).await?;
    Err(Problem::refused(&preview.refusals.join(" ")))
}

#[derive(Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct Again {
    /// Of an earlier wording.
    id: i64,
}

pub(super) async fn restore(
    app: App,
    (At(which), Json(again)): (At<Which>, Json<Again>),
) -> Answer<Done> {
    let (store, now) = (&app.state.store, app.state.clock.wall());
    let message = Setting::of_message(which.occasion()?);
    match store.restore_message(message, again.id, now).await? {
        Some(Ok(_)) => Ok(Done),
        Some(Err(refusal)) => Err(Problem::refused(&refusal.to_string())),
        None => Err(Problem::not_found("there is no such earlier wording")),
    }
}

pub(super) async fn test(app: App, At(which): At<Which>) -> Answer<Done> {
    match message::text_to_owner(&app, which.occasion()?).await? {
        true => Ok(Done),
        false => Err(Problem::refused(
            "there is no text to send, or no number of the owner to send it to (owner.number)",
        )),
    }
}
