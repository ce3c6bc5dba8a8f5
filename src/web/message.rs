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
use crate::wording::{self, Advice, Language, Occasion, SAMPLE_CALLER, Template, Values};

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
    /// What could be better about one that would be, in sentences.
    pub(super) advice: Vec<String>,
}

impl Draft {
    /// What stands in the form of a page that was just opened. Where the owner has no message of his own, the built-in one
    /// is there to be changed.
    pub(super) fn of(settings: &Settings, home: Option<Region>) -> Self {
        let business = settings.business_name();
        let values = Values {
            business,
            ..Values::default()
        };
        let language = settings.language(home);
        Self {
            business: business.unwrap_or_default().to_owned(),
            message: settings
                .missed_call_message()
                .unwrap_or_else(|| language.built_in(Occasion::MissedCall, &values))
                .source()
                .to_owned(),
        }
    }

    /// The message as a setting. A built-in one that was not changed stays unset, so that it gains the name once there is
    /// one.
    fn message_setting(&self, language: &Language) -> &str {
        let typed = self.message.trim();
        if language.has_built_in(Occasion::MissedCall, typed) {
            ""
        } else {
            typed
        }
    }

    /// Why the two would not be kept, in sentences. They are checked together, as the store does: a message that lacks the name
    /// may come with the name.
    fn refusals(&self, current: &Settings, language: &Language) -> Vec<String> {
        let becomes = current.with(&[(BUSINESS_NAME, &self.business), (MESSAGE_MISSED_CALL, "")]);
        let changes = [
            (BUSINESS_NAME, self.business.as_str()),
            (MESSAGE_MISSED_CALL, self.message_setting(language)),
        ];
        changes
            .iter()
            .filter_map(|(key, value)| settings::check_change(&becomes, key, value).err())
            .map(|refusal| in_words(&refusal))
            .collect()
    }

    /// What would become of it; `current` has the other settings.
    pub(super) fn preview(&self, current: &Settings, home: Option<Region>) -> Preview {
        let language = current.language(home);
        let refusals = self.refusals(current, language);
        let owner = current.owner_number().map(|owner| owner.format_for(home));
        let time = wording::sample_time(home);
        let values = Values {
            business: Some(&self.business),
            caller: Some(SAMPLE_CALLER),
            time: Some(&time),
            owner: owner.as_deref(),
        };
        let advice = if refusals.is_empty() {
            self.advice(language, &values)
        } else {
            Vec::new()
        };
        Preview {
            text: self.text(language, &values),
            refusals,
            advice,
        }
    }

    fn text(&self, language: &Language, values: &Values<'_>) -> Result<(String, Measure), String> {
        let message = self.message_setting(language);
        let own = Template::parse(message).ok();
        if !message.is_empty() && own.is_none() {
            return Err(message.to_owned());
        }
        let text = wording::missed_call_text(own.as_ref(), language, values);
        let measure = sms::measure(&text);
        Ok((text, measure))
    }

    fn advice(&self, language: &Language, values: &Values<'_>) -> Vec<String> {
        let own = Template::parse(self.message_setting(language)).ok();
        // The built-in one says the name as soon as there is one.
        let named = Values {
            business: Some("name"),
            ..*values
        };
        let message = own
            .as_ref()
            .unwrap_or_else(|| language.built_in(Occasion::MissedCall, &named));
        let advice = wording::advice(message, Occasion::MissedCall, language, values);
        advice.iter().map(Advice::sentence).collect()
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
    match keep(&app, &draft).await {
        Ok(true) => Redirect::to("/?saved#message").into_response(),
        Ok(false) => {
            let page = page::with_draft(&app, draft).await;
            (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
        }
        Err(error) => unavailable(&error),
    }
}

/// Keeps name and message, both or neither; false if they do not do. Why not, their preview tells.
pub(super) async fn keep(app: &App, draft: &Draft) -> Result<bool, StoreError> {
    let settings = app.state.store.settings().await?;
    let language = settings.language(page::home(&app.state, &settings));
    let changes = [
        (BUSINESS_NAME, draft.business.as_str()),
        (MESSAGE_MISSED_CALL, draft.message_setting(language)),
    ];
    Ok(app.state.store.change_settings(&changes).await?.is_ok())
}

/// `POST /message/test`: the message as it is kept, to the owner's own phone.
pub(super) async fn send_test(extract::State(app): extract::State<App>) -> Response {
    let sent = async {
        let settings = app.state.store.settings().await?;
        let home = page::home(&app.state, &settings);
        match Draft::of(&settings, home).preview(&settings, home).text {
            Ok((text, _)) => {
                app.state
                    .store
                    .text_owner(&text, app.state.clock.wall())
                    .await
            }
            Err(_) => Ok(false),
        }
    };
    match sent.await {
        Ok(true) => Redirect::to("/?tested#message").into_response(),
        Ok(false) => Redirect::to("/settings#owner-number").into_response(),
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
    use crate::settings::{MESSAGE_HELD, MESSAGE_LANGUAGE, OWNER_NUMBER};

    fn draft(business: &str, message: &str) -> Draft {
        Draft {
            business: business.to_owned(),
            message: message.to_owned(),
        }
    }

    fn settings(pairs: &[(&str, &str)]) -> Settings {
        Settings::default().with(pairs)
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
            let preview = draft(business, message).preview(&Settings::default(), None);
            let refusals = preview.refusals;
            let as_expected = match (&refusals[..], refused) {
                ([], "") => true,
                ([one], refused) => !refused.is_empty() && one.contains(refused),
                _ => false,
            };
            assert!(as_expected, "{business:?} {message:?} gave {refusals:?}");
        }
        // The store would refuse the name for the sake of another message.
        let current = settings(&[(MESSAGE_HELD, "Sorry.")]);
        let preview = draft("Ann's", "{business}.").preview(&current, None);
        let expected = "Message.held does not say {business} yet; put it in there first, or empty that message.";
        assert_eq!(preview.refusals, [expected]);
    }

    #[test]
    fn an_unchanged_built_in_message_gains_the_name() {
        for (language, expected) in [("en", "Hi, this is Ann's. "), ("es", "Hola, somos Ann's. ")] {
            let current = settings(&[(MESSAGE_LANGUAGE, language)]);
            let typed = Draft {
                business: "Ann's".to_owned(),
                ..Draft::of(&current, None)
            };
            let preview = typed.preview(&current, None);
            let (text, _) = preview.text.unwrap();
            assert!(text.starts_with(expected), "{text}");
            assert_eq!(typed.message_setting(current.language(None)), "");
            assert_eq!((preview.refusals, preview.advice), (Vec::new(), Vec::new()));
        }
        // Another language's is a message like any other.
        let english = Draft::of(&Settings::default(), None);
        let spanish = settings(&[(MESSAGE_LANGUAGE, "es")]);
        assert_eq!(
            english.message_setting(spanish.language(None)),
            english.message
        );
    }

    #[test]
    fn a_preview_counts_what_will_be_sent() {
        let typed = draft(
            "Ann’s",
            "{business} missed {caller} at {time}. Call {owner}.",
        );
        let current = settings(&[(OWNER_NUMBER, "+12025550188")]);
        let preview = typed.preview(&current, Region::parse("US"));
        let (text, measure) = preview.text.unwrap();
        assert_eq!(
            text,
            "Ann's missed (202) 555-0143 at 10:12 AM. Call (202) 555-0188."
        );
        assert_eq!(measure, sms::measure(&text));
        let unfinished = draft("", "{").preview(&current, None);
        assert_eq!(unfinished.text, Err("{".to_owned()));
    }

    #[test]
    fn advice_is_given_on_what_would_be_kept() {
        let advice = |business: &str, message: &str| {
            let preview = draft(business, message).preview(&Settings::default(), None);
            preview.advice.join(" ")
        };
        let missing = advice("Ann's", "{business}: see acme.com");
        assert!(
            missing.contains("how to get no more") && missing.contains("“acme.com”"),
            "{missing}"
        );
        let unnamed = "Fill in the name of your business";
        assert!(advice("", "").contains(unnamed));
        assert!(advice("", "Hi, {business}. STOP to end.").contains(unnamed));
        assert_eq!(advice("Ann's", ""), "");
        // What is refused has to be mended first.
        assert_eq!(advice("Ann's", "see acme.com"), "");
    }
}
