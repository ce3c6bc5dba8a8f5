//! One of the messages in HTML: its words, what a caller would get, what it said before, and the way to the others.

use std::sync::Arc;

use maud::{Markup, html};

use super::{form, frame};
use crate::settings::{Setting, Settings};
use crate::store::EarlierMessage;
use crate::web::message::Draft;
use crate::web::reader::Reader;
use crate::web::words;
use crate::wording::Occasion;

/// Characters of an earlier wording that are shown: all that can be saved.
const WORDING_CHARS: usize = 2000;

/// All that is shown.
pub(in crate::web) struct View {
    pub(in crate::web) reader: Reader,
    pub(in crate::web) settings: Arc<Settings>,
    /// What stands in the form.
    pub(in crate::web) draft: Draft,
    /// What it said before, newest first.
    pub(in crate::web) earlier: Vec<EarlierMessage>,
    /// What was done before the page was asked for.
    pub(in crate::web) did: Option<String>,
    /// Why an earlier wording was not taken.
    pub(in crate::web) refused: Option<String>,
}

/// What an occasion is called on the way to it.
fn title(occasion: Occasion) -> &'static str {
    match occasion {
        Occasion::MissedCall => "While you are open",
        Occasion::AfterHours => "While you are closed",
        Occasion::Holiday => "On holidays",
        Occasion::Held => "When the text goes out late",
        Occasion::FollowUp => "Once more",
        Occasion::OptOut => "Answer to STOP",
        Occasion::OptIn => "Answer to START",
        Occasion::Help => "Answer to HELP",
    }
}

pub(in crate::web) fn page(view: &View) -> Markup {
    let (reader, occasion) = (&view.reader, view.draft.occasion);
    let content = html! {
        div .top {
            a .way href="/#message" { (reader.say("Back")) }
            h1 { (reader.say("Your messages")) }
            nav .tabs aria-label=(reader.say("Messages")) {
                @for other in Occasion::ALL {
                    a href=(address(other)) aria-current=[(other == occasion).then_some("page")] { (reader.say(title(other))) }
                }
            }
        }
        (words_section(view))
        (earlier(view))
    };
    frame(
        reader,
        reader.say("Your messages"),
        Some(&address(occasion)),
        &content,
    )
}

fn address(occasion: Occasion) -> String {
    format!("/messages/{}", occasion.token())
}

fn words_section(view: &View) -> Markup {
    let (reader, occasion) = (&view.reader, view.draft.occasion);
    let place = address(occasion);
    let preview = view.draft.preview(&view.settings, reader.home);
    let refused = !preview.refusals.is_empty();
    html! {
        section .card .message aria-labelledby="words-title" {
            h2 #words-title { (reader.say(title(occasion))) }
            p .quiet { (reader.retell(Setting::of_message(occasion).help)) }
            @match view.did.as_deref() {
                Some("saved") => p #saved .saved role="status" { (reader.say("Saved. The next caller gets it.")) },
                Some("again") => p #saved .saved role="status" { (reader.say("It says that again. The next caller gets it.")) },
                Some("tested") => p #saved .saved role="status" { (reader.say("On its way to your phone.")) },
                _ => {}
            }
            form #message-form method="post" action=(place) data-preview={ (place) "/preview" } {
                label for="text" { (reader.say("The words")) }
                textarea #text name="message" rows="5" aria-describedby="preview hint"
                    aria-invalid=[refused.then_some("true")] autofocus[refused] { "\n" (view.draft.message) }
                (form::placeholders(reader))
                div #preview { (form::preview(reader, &preview)) }
                button type="submit" { (reader.say("Save")) }
            }
            @if view.settings.owner_number().is_some() && !refused {
                form #test-text method="post" action={ (place) "/test" } {
                    button .second type="submit" { (reader.say("Text it to me")) }
                }
            }
        }
    }
}

fn earlier(view: &View) -> Markup {
    let reader = &view.reader;
    let again = format!("{}/again", address(view.draft.occasion));
    html! {
        section #earlier .card .message aria-labelledby="earlier-title" {
            h2 #earlier-title { (reader.say("Earlier wordings")) }
            @if let Some(why) = &view.refused { p .refusal role="alert" { (reader.retell(why)) } }
            @if view.earlier.is_empty() { p .quiet { (reader.say("It has not been changed so far.")) } }
            ol {
                @for message in &view.earlier {
                    @let until = reader.local(message.until);
                    @let (day, time) = (reader.day_name(until.date()), words::time_of_day(&until));
                    li {
                        div {
                            p .bubble .ours dir="auto" {
                                @if message.value.is_empty() { (reader.say("(empty: as the box came)")) } @else { (words::shown(&message.value, WORDING_CHARS)) }
                            }
                            p .quiet { (reader.fill("Last said: {day}, {time}", &[("day", &day), ("time", &time)])) }
                            form method="post" action=(again) {
                                input type="hidden" name="id" value=(message.id);
                                button .second type="submit" { (reader.say("Say this again")) }
                            }
                        }
                    }
                }
            }
        }
    }
}
