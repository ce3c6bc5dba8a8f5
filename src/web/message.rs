//! The message: what a caller would get, counted out as one types, and saving it. Checks are the settings' own.

use axum::extract::{self, Form};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::Markup;
use serde::Deserialize;

use super::page::form;
use super::{App, page, words};
use crate::phone::Region;
use crate::settings::{self, BUSINESS_NAME, MESSAGE_MISSED_CALL, Refusal, Settings};
use crate::sms::{self, Measure};
use crate::store::StoreError;
use crate::wording::{self, Template, Values};

/// What stands for the caller in a preview: a number that belongs to nobody (47 CFR 52.15, the 555-01xx of every area).
const SAMPLE_CALLER: &str = "(202) 555-0143";
/// When the caller of a preview called.
const SAMPLE_TIME: &str = "10:12";

/// What stands in the form, as typed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Draft {
    /// The name of the business.
    pub(super) business: String,
    /// The text for a missed call.
    pub(super) message: String,
}

/// What would become of a draft.
#[derive(Debug)]
pub(super) struct Preview {
    /// What a caller would get, counted out; the draft as typed where it makes no text yet.
    pub(super) text: Result<(String, Measure), String>,
    /// Why it would not be kept, in sentences.
    pub(super) refusals: Vec<String>,
}

impl Draft {
    /// What stands in the form of a page that was just opened. Where the owner has no message of his own, the built-in one
    /// is there to be changed.
    pub(super) fn of(settings: &Settings) -> Self {
        let built_in = match settings.business_name() {
            Some(_) => wording::MISSED_CALL_WITH_NAME,
            None => wording::MISSED_CALL,
        };
        Self {
            business: settings.business_name().unwrap_or_default().to_owned(),
            message: settings
                .missed_call_message()
                .map_or(built_in, Template::source)
                .to_owned(),
        }
    }

    /// The message as a setting. A built-in one that was not changed stays unset, so that it gains the name once there is
    /// one.
    fn message_setting(&self) -> &str {
        let typed = self.message.trim();
        match typed {
            wording::MISSED_CALL | wording::MISSED_CALL_WITH_NAME => "",
            own => own,
        }
    }

    /// Why the two would not be kept, in sentences. They are checked together, as the store does: a message that lacks the name
    /// may come with the name.
    fn refusals(&self) -> Vec<String> {
        let business = settings::check(BUSINESS_NAME, &self.business);
        let named = Settings::from_pairs(
            business
                .iter()
                .map(|name| (BUSINESS_NAME.to_owned(), name.clone())),
        );
        let message = settings::check_change(&named, MESSAGE_MISSED_CALL, self.message_setting());
        let refusals = [business.err(), message.err()].into_iter().flatten();
        refusals.map(|refusal| in_words(&refusal)).collect()
    }

    /// What would become of it; `current` has the other settings.
    pub(super) fn preview(&self, current: &Settings, home: Option<Region>) -> Preview {
        Preview {
            text: self.text(current, home),
            refusals: self.refusals(),
        }
    }

    fn text(&self, current: &Settings, home: Option<Region>) -> Result<(String, Measure), String> {
        let message = self.message_setting();
        if !message.is_empty() && Template::parse(message).is_err() {
            return Err(message.to_owned());
        }
        let owner = current.owner_number();
        let own = Template::parse(message).ok();
        let owner = owner.map(|number| number.format_for(home));
        let values = Values {
            business: Some(&self.business),
            caller: Some(SAMPLE_CALLER),
            time: Some(SAMPLE_TIME),
            owner: owner.as_deref(),
        };
        let text = wording::missed_call_text(own.as_ref(), &values);
        let measure = sms::measure(&text);
        Ok((text, measure))
    }
}

fn in_words(refusal: &Refusal) -> String {
    match refusal {
        // The field itself says which setting it is.
        Refusal::BadValue { why, .. } => words::sentence(why),
        Refusal::UnknownKey { .. } => words::sentence(&refusal.to_string()),
    }
}

/// `POST /preview`: what a caller would get, as the part of the page that shows it.
pub(super) async fn preview(
    extract::State(app): extract::State<App>,
    Form(draft): Form<Draft>,
) -> Result<Markup, Response> {
    let settings = app.state.store.settings().await;
    let settings = settings.map_err(|error| unavailable(&error))?;
    let home = page::home(&app.state, &settings);
    Ok(form::preview(&draft.preview(&settings, home)))
}

/// `POST /message`: keeps both or neither. Back to the page if kept, else the page with what was typed and why not.
pub(super) async fn save(
    extract::State(app): extract::State<App>,
    Form(draft): Form<Draft>,
) -> Response {
    let changes = [
        (BUSINESS_NAME, draft.business.as_str()),
        (MESSAGE_MISSED_CALL, draft.message_setting()),
    ];
    match app.state.store.change_settings(&changes).await {
        Ok(Ok(_)) => Redirect::to("/?saved#message").into_response(),
        Ok(Err(_)) => {
            let page = page::with_draft(&app, draft).await;
            (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
        }
        Err(error) => unavailable(&error),
    }
}

/// The store failed, in a sentence.
pub(super) fn unavailable(error: &StoreError) -> Response {
    let sentence = words::sentence(&error.to_string());
    (StatusCode::SERVICE_UNAVAILABLE, sentence).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::OWNER_NUMBER;

    fn draft(business: &str, message: &str) -> Draft {
        Draft {
            business: business.to_owned(),
            message: message.to_owned(),
        }
    }

    #[test]
    fn name_and_message_are_checked_together() {
        for (business, message, refused) in [
            ("", "Sorry.", ""),
            ("Ann's", "Sorry, {business}.", ""),
            ("Ann's", "", ""),
            ("Ann's", "Sorry.", "must say {business}"),
            ("", "Sorry {nmae}.", "{nmae} stands for nothing"),
            ("", "Sorry {business", "not closed"),
            (&"x".repeat(61), "{business}", "61 characters"),
        ] {
            let refusals = draft(business, message).refusals();
            let as_expected = match (&refusals[..], refused) {
                ([], "") => true,
                ([one], refused) => !refused.is_empty() && one.contains(refused),
                _ => false,
            };
            assert!(as_expected, "{business:?} {message:?} gave {refusals:?}");
        }
    }

    #[test]
    fn an_unchanged_built_in_message_gains_the_name() {
        let typed = Draft {
            business: "Ann's".to_owned(),
            ..Draft::of(&Settings::default())
        };
        let (text, _) = typed.text(&Settings::default(), None).unwrap();
        assert!(text.starts_with("Hi, this is Ann's."), "{text}");
        assert_eq!(typed.message_setting(), "");
        assert_eq!(typed.refusals(), [""; 0]);
    }

    #[test]
    fn a_preview_counts_what_will_be_sent() {
        let typed = draft(
            "Ann’s",
            "{business} missed {caller} at {time}. Call {owner}.",
        );
        let owner = (OWNER_NUMBER.to_owned(), "+12025550188".to_owned());
        let current = Settings::from_pairs(std::iter::once(owner));
        let (text, measure) = typed.text(&current, Region::parse("US")).unwrap();
        assert_eq!(
            text,
            "Ann's missed (202) 555-0143 at 10:12. Call (202) 555-0188."
        );
        assert_eq!(measure, sms::measure(&text));
        assert_eq!(draft("", "{").text(&current, None), Err("{".to_owned()));
    }
}
