//! The message: the name of the business, the words, and what a caller would get.

use maud::{Markup, html};

use super::FormState;
use crate::settings::Settings;
use crate::sms::{Alphabet, Measure};
use crate::web::message::{Draft, Outcome, Preview};
use crate::web::reader::Reader;
use crate::web::words;
use crate::wording::{Occasion, Placeholder, VALUE_CHARS_MAX};

/// Characters of a message that is no text yet, as the preview shows it.
const DRAFT_CHARS: usize = 2000;

pub(super) fn section(settings: &Settings, reader: &Reader, state: &FormState) -> Markup {
    let draft = match state {
        FormState::Refused(draft) => draft.clone(),
        FormState::Fresh | FormState::Saved | FormState::Tested => {
            Draft::of(settings, reader.home, Occasion::MissedCall)
        }
    };
    let refused = matches!(state, FormState::Refused(_));
    html! {
        section #message .card.message aria-labelledby="message-title" {
            h2 #message-title { (reader.say("Your message")) }
            @if matches!(state, FormState::Saved) {
                p #saved .saved role="status" { (reader.say("Saved. The next caller gets it.")) }
            }
            @if matches!(state, FormState::Tested) {
                p #saved .saved role="status" { (reader.say("On its way to your phone.")) }
            }
            form #message-form method="post" action="/message" {
                label for="business" { (reader.say("Name of your business")) }
                input #business name="business" type="text" value=(draft.business.as_deref().unwrap_or_default()) maxlength=(VALUE_CHARS_MAX)
                    autocomplete="organization" aria-describedby="name-hint preview";
                p #name-hint .quiet { (reader.say("The text comes from a number that callers do not know, so it should say who you are.")) }
                label for="text" { (reader.say("What missed callers are told")) }
                textarea #text name="message" rows="5" aria-describedby="preview hint"
                    aria-invalid=[refused.then_some("true")] autofocus[refused] { "\n" (draft.message) }
                (placeholders(reader))
                div #preview { (preview(reader, &draft.preview(settings, reader.home))) }
                button type="submit" { (reader.say("Save")) }
            }
            @if settings.owner_number().is_some() && !refused {
                form #test-text method="post" action="/message/test" {
                    button .second type="submit" { (reader.say("Text it to me")) }
                }
            }
            a .way href="/messages/missed_call" { (reader.say("Earlier wordings, and messages for closed hours and holidays")) }
        }
    }
}

/// What may stand in a message.
pub(super) fn placeholders(reader: &Reader) -> Markup {
    html! {
        p #hint .quiet {
            (reader.around("Filled in for you: {what}", &[("what", html! {
                @for (at, placeholder) in Placeholder::ALL.iter().enumerate() {
                    @if at > 0 { " " }
                    code { (placeholder) }
                }
            })]))
        }
    }
}

/// What a caller would get, what it takes, what could be better, and why it would not be kept.
pub(in crate::web) fn preview(reader: &Reader, preview: &Preview) -> Markup {
    html! {
        @for refusal in &preview.refusals {
            p.refusal role="alert" { (reader.retell(refusal)) }
        }
        p.quiet { (reader.say("The caller gets")) }
        @match &preview.text {
            Outcome::Text(text, measure) => {
                p.bubble.ours dir="auto" { (text) }
                p.count { (counted(reader, measure)) }
                @if measure.alphabet == Alphabet::Ucs2 {
                    p.quiet { (reader.say(ALPHABET_NOTE)) }
                }
                @for advice in &preview.advice {
                    p.advice { (reader.retell(advice)) }
                }
            }
            Outcome::Nothing => p.count { (reader.say("nothing: outside your hours you want silence.")) },
            Outcome::Unfinished(typed) => p.bubble.ours.unfinished dir="auto" { (words::shown(typed, DRAFT_CHARS)) },
        }
    }
}

/// 160 septets and 70 UTF-16 units: 3GPP TS 23.040 clause 9.2.3.16.
const ALPHABET_NOTE: &str =
    "An emoji or a rare letter in it makes every text shorter: 70 characters instead of 160.";

/// `76 characters, sent as 1 text. 84 more fit.`
fn counted(reader: &Reader, measure: &Measure) -> String {
    let characters = reader.count(measure.units, "1 character", "{n} characters");
    let texts = reader.count(measure.parts, "1 text", "{n} texts");
    reader.fill(
        "{characters}, sent as {texts}. {left} more fit.",
        &[
            ("characters", &characters),
            ("texts", &texts),
            ("left", &measure.units_left_in_last_part),
        ],
    )
}
