//! The settings in HTML: a card for each group, a form for each setting. It has no script: nothing on it changes by itself.

use std::sync::Arc;

use maud::{Markup, html};

use super::frame;
use crate::settings::{ALL, OWNER_PIN, Setting, Settings};
use crate::web::reader::Reader;

/// All that is shown.
pub(in crate::web) struct View {
    pub(in crate::web) settings: Arc<Settings>,
    pub(in crate::web) reader: Reader,
    /// What was just saved.
    pub(in crate::web) saved: Option<&'static str>,
    /// What was not.
    pub(in crate::web) refused: Option<Refused>,
}

/// A value that was not kept.
pub(in crate::web) struct Refused {
    pub(in crate::web) key: &'static str,
    pub(in crate::web) typed: String,
    pub(in crate::web) why: String,
}

/// The groups by what their keys begin with, and their titles.
const GROUPS: [(&str, &str); 10] = [
    ("business", "Your business"),
    ("hours", "When you are open"),
    ("message", "What callers are told"),
    ("texts", "Who is texted, and how much"),
    ("calls", "Calls"),
    ("owner", "You and your phone"),
    ("desk", "The front desk"),
    ("digest", "Summaries by text"),
    ("follow_up", "Once more"),
    ("data", "Records"),
];

/// Where a setting stands on the page.
pub(in crate::web) fn id(key: &str) -> String {
    key.replace(['.', '_'], "-")
}

pub(in crate::web) fn page(view: &View) -> Markup {
    let reader = &view.reader;
    let people = html! { a .way href="/people" { (reader.say("People who get no text")) } };
    let content = html! {
        div .top {
            a .way href="/" { (reader.say("Back")) }
            h1 { (reader.say("Settings")) }
            p .quiet {
                (reader.around("Nothing here has to be set. Who is never texted stands under {people}.", &[("people", people)]))
            }
        }
        @for (group, title) in GROUPS {
            section .card .settings aria-labelledby={ "group-" (id(group)) } {
                h2 id={ "group-" (id(group)) } { (reader.say(title)) }
                @for setting in ALL.iter().filter(|setting| of_group(setting, group)) { (form(view, setting)) }
            }
        }
    };
    frame(reader, reader.say("Settings"), None, &content)
}

fn of_group(setting: &Setting, group: &str) -> bool {
    setting.key.split('.').next() == Some(group)
}

fn form(view: &View, setting: &Setting) -> Markup {
    let reader = &view.reader;
    let id = id(setting.key);
    let refused = view
        .refused
        .as_ref()
        .filter(|refused| refused.key == setting.key);
    let stored = view.settings.value(setting.key).unwrap_or_default();
    let value = match refused {
        Some(refused) => refused.typed.as_str(),
        None if setting.key == OWNER_PIN => "",
        None => stored,
    };
    let (field, hint) = (format!("{id}-value"), format!("{id}-hint"));
    let invalid = refused.map(|_| "true");
    html! {
        form id=(id) method="post" action="/settings" {
            input type="hidden" name="key" value=(setting.key);
            label for=(field) { (reader.retell(setting.help)) }
            @if let Some(refused) = refused {
                p .refusal role="alert" { (reader.retell(&refused.why)) }
            } @else if view.saved == Some(setting.key) {
                p .saved role="status" { (reader.say("Saved.")) }
            }
            @if !setting.choices().is_empty() {
                select id=(field) name="value" aria-describedby=(hint) {
                    @for (choice, name) in setting.choices() {
                        option value=(choice) selected[choice == value] { (reader.say(name)) }
                    }
                }
            } @else if setting.occasion().is_some() {
                textarea id=(field) name="value" rows="3" aria-describedby=(hint) aria-invalid=[invalid] { "\n" (value) }
            } @else {
                input id=(field) name="value" type=(kind(setting)) value=(value) autocomplete="off"
                    aria-describedby=(hint) aria-invalid=[invalid];
            }
            p .quiet id=(hint) {
                // What may be chosen is there to be seen.
                @if setting.choices().is_empty() { (reader.retell(&setting.accepts())) }
                @if setting.key == OWNER_PIN && !stored.is_empty() { " " (reader.say("One is set, and not shown.")) }
                @if stored != setting.default {
                    @let default = reader.say(if setting.default.is_empty() { "empty" } else { setting.default });
                    " " (reader.fill("Without a choice of yours: {value}.", &[("value", &default)]))
                }
            }
            div .choices {
                button type="submit" { (reader.say("Save")) }
                @if stored != setting.default {
                    button .second type="submit" name="default" value="yes" { (reader.say("Back to the default")) }
                }
            }
        }
    }
}

fn kind(setting: &Setting) -> &'static str {
    if setting.key == OWNER_PIN {
        "password"
    } else {
        "text"
    }
}
