//! A message as it is typed: what would become of it, in the owner's words. The settings' own checks decide.

use serde::Deserialize;

use crate::phone::Region;
use crate::settings::{self, BUSINESS_NAME, Refusal, Setting, Settings};
use crate::sms::{self, Measure};
use crate::web::words;
use crate::wording::{self, Advice, Language, Occasion, SAMPLE_CALLER, Template, Values};

/// What stands in the form, as typed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(in crate::web) struct Draft {
    /// What the message is for; it stands in the address, where it is not the usual one.
    #[serde(skip, default = "usual")]
    pub(in crate::web) occasion: Occasion,
    /// The name of the business; nothing where the form does not ask for it.
    pub(in crate::web) business: Option<String>,
    /// The words.
    pub(in crate::web) message: String,
}

fn usual() -> Occasion {
    Occasion::MissedCall
}

/// What would become of a draft.
#[derive(Debug)]
pub(in crate::web) struct Preview {
    /// What a caller would get.
    pub(in crate::web) text: Outcome,
    /// Why it would not be kept, in sentences.
    pub(in crate::web) refusals: Vec<String>,
    /// What could be better about one that would be, in sentences.
    pub(in crate::web) advice: Vec<String>,
}

/// What a caller would get by a draft.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::web) enum Outcome {
    /// This text, counted out.
    Text(String, Measure),
    /// None: the draft as typed makes no text yet.
    Unfinished(String),
    /// None, as the owner wants it outside the hours.
    Nothing,
}

impl Draft {
    /// What stands in the form of a page that was just opened. Where the owner has no message of his own, the built-in one
    /// is there to be changed; none is for closed hours and holidays, where another message takes its place.
    pub(in crate::web) fn of(
        settings: &Settings,
        home: Option<Region>,
        occasion: Occasion,
    ) -> Self {
        let business = settings.business_name();
        let values = Values {
            business,
            ..Values::default()
        };
        let built_in = settings.language(home).built_in(occasion, &values);
        let message = match settings.message(occasion) {
            Some(own) => own.source(),
            None if has_stand_in(occasion) => "",
            None => built_in.source(),
        };
        Self {
            occasion,
            business: Some(business.unwrap_or_default().to_owned()),
            message: message.to_owned(),
        }
    }

    /// The setting that it becomes.
    pub(in crate::web) fn setting(&self) -> &'static Setting {
        Setting::of_message(self.occasion)
    }

    /// The message as a setting. A built-in one that was not changed stays unset, so that it gains the name once there is
    /// one.
    fn message_setting(&self, language: &Language) -> &str {
        let typed = self.message.trim();
        if language.has_built_in(self.occasion, typed) && !has_stand_in(self.occasion) {
            ""
        } else {
            typed
        }
    }

    /// What keeping it would change, the name first.
    pub(super) fn changes(&self, language: &Language) -> Vec<(&'static str, &str)> {
        let name = self.business.as_deref().map(|name| (BUSINESS_NAME, name));
        let message = (self.setting().key, self.message_setting(language));
        name.into_iter().chain([message]).collect()
    }

    /// Why the two would not be kept, in sentences. They are checked together, as the store does: a message that lacks the name
    /// may come with the name.
    fn refusals(&self, current: &Settings, language: &Language) -> Vec<String> {
        let changes = self.changes(language);
        let mut becomes = changes.clone();
        if let Some((_, message)) = becomes.last_mut() {
            *message = "";
        }
        let becomes = current.with(&becomes);
        changes
            .iter()
            .filter_map(|(key, value)| settings::check_change(&becomes, key, value).err())
            .map(|refusal| in_words(&refusal))
            .collect()
    }

    /// What would become of it; `current` has the other settings.
    pub(in crate::web) fn preview(&self, current: &Settings, home: Option<Region>) -> Preview {
        let language = current.language(home);
        let refusals = self.refusals(current, language);
        let owner = current.owner_number().map(|owner| owner.format_for(home));
        let time = wording::sample_time(home);
        let values = Values {
            business: self.business.as_deref().or(current.business_name()),
            caller: Some(SAMPLE_CALLER),
            time: Some(&time),
            owner: owner.as_deref(),
        };
        let text = self.text(current, language, &values);
        let advice = match text {
            Outcome::Text(..) if refusals.is_empty() => self.advice(current, language, &values),
            _ => Vec::new(),
        };
        Preview {
            text,
            refusals,
            advice,
        }
    }

    fn text(&self, current: &Settings, language: &Language, values: &Values<'_>) -> Outcome {
        let message = self.message_setting(language);
        let (occasion, own) = match Template::parse(message) {
            Ok(own) => (self.occasion, Some(own)),
            Err(_) if !message.is_empty() => return Outcome::Unfinished(message.to_owned()),
            Err(_) => match self.stand_in(current) {
                Some((occasion, own)) => (occasion, own.cloned()),
                None => return Outcome::Nothing,
            },
        };
        let text = wording::text(occasion, own.as_ref(), language, values);
        let measure = sms::measure(&text);
        Outcome::Text(text, measure)
    }

    /// The message that is sent while this one is empty, and what it is for, as [`crate::rules`] chooses; nothing if none is sent then.
    fn stand_in<'s>(&self, current: &'s Settings) -> Option<(Occasion, Option<&'s Template>)> {
        let usual = (Occasion::MissedCall, current.missed_call_message());
        let closed = current.message(Occasion::AfterHours);
        match self.occasion {
            Occasion::Holiday if closed.is_some() => Some((Occasion::AfterHours, closed)),
            Occasion::AfterHours | Occasion::Holiday => {
                current.texts_without_message().then_some(usual)
            }
            other => Some((other, None)),
        }
    }

    fn advice(&self, current: &Settings, language: &Language, values: &Values<'_>) -> Vec<String> {
        let own = Template::parse(self.message_setting(language)).ok();
        // The built-in one says the name as soon as there is one.
        let named = Values {
            business: Some("name"),
            ..*values
        };
        let built_in = || language.built_in(self.occasion, &named);
        let message = match (&own, self.stand_in(current)) {
            (Some(own), _) => own,
            (None, Some((_, Some(other)))) => other,
            (None, _) => built_in(),
        };
        let advice = wording::advice(message, self.occasion, language, values);
        advice.iter().map(Advice::sentence).collect()
    }
}

/// Whether another message goes out, or none, while this one is empty.
fn has_stand_in(occasion: Occasion) -> bool {
    matches!(occasion, Occasion::AfterHours | Occasion::Holiday)
}

pub(in crate::web) fn in_words(refusal: &Refusal) -> String {
    match refusal {
        // The field itself says which setting it is.
        Refusal::BadValue { why, .. } => words::sentence(why),
        Refusal::UnknownKey { .. } => words::sentence(&refusal.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{MESSAGE_HELD, MESSAGE_LANGUAGE, OWNER_NUMBER};

    fn draft(business: &str, message: &str) -> Draft {
        Draft {
            occasion: Occasion::MissedCall,
            business: Some(business.to_owned()),
            message: message.to_owned(),
        }
    }

    fn text(preview: Preview) -> String {
        match preview.text {
            Outcome::Text(text, _) => text,
            other => panic!("no text: {other:?}"),
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
                business: Some("Ann's".to_owned()),
                ..Draft::of(&current, None, Occasion::MissedCall)
            };
            let preview = typed.preview(&current, None);
            assert_eq!((&preview.refusals, &preview.advice), (&vec![], &vec![]));
            let text = text(preview);
            assert!(text.starts_with(expected), "{text}");
            assert_eq!(typed.message_setting(current.language(None)), "");
        }
        // Another language's is a message like any other.
        let english = Draft::of(&Settings::default(), None, Occasion::MissedCall);
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
        let expected = "Ann's missed (202) 555-0143 at 10:12 AM. Call (202) 555-0188.";
        let measure = sms::measure(expected);
        assert_eq!(preview.text, Outcome::Text(expected.to_owned(), measure));
        let unfinished = draft("", "{").preview(&current, None);
        assert_eq!(unfinished.text, Outcome::Unfinished("{".to_owned()));
    }

    #[test]
    fn an_empty_message_for_closed_hours_shows_what_goes_out_instead() {
        let usual = (settings::MESSAGE_MISSED_CALL, "Usual.");
        let closed = (settings::MESSAGE_AFTER_HOURS, "Closed.");
        let silence = (settings::HOURS_WITHOUT_MESSAGE, "none");
        for (occasion, current, expected) in [
            (Occasion::AfterHours, vec![usual], Some("Usual.")),
            (Occasion::AfterHours, vec![usual, silence], None),
            (Occasion::AfterHours, vec![usual, closed], Some("Closed.")),
            (Occasion::Holiday, vec![usual], Some("Usual.")),
            (Occasion::Holiday, vec![usual, silence], None),
            (
                Occasion::Holiday,
                vec![usual, closed, silence],
                Some("Closed."),
            ),
        ] {
            let current = settings(&current);
            let preview = Draft::of(&current, None, occasion).preview(&current, None);
            let shown = match preview.text {
                Outcome::Text(text, _) => Some(text),
                Outcome::Nothing => None,
                Outcome::Unfinished(typed) => panic!("{typed}"),
            };
            assert_eq!(shown.as_deref(), expected, "{occasion:?}");
        }
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
