//! What callers wrote back.

use maud::{Markup, html};

use super::Shown;
use crate::phone::PhoneNumber;
use crate::store::{Overview, ReplyView};
use crate::web::words;

/// Replies shown before the line that opens the older ones.
const FIRST: usize = 4;
/// Characters of a reply that are shown: a text of five parts fits.
const BODY_CHARS: usize = 800;
/// Characters of a sender that is no number.
const SENDER_CHARS: usize = 30;

pub(super) fn section(shown: &Shown, overview: &Overview) -> Markup {
    let (first, older) = overview.replies.split_at(overview.replies.len().min(FIRST));
    let reader = &shown.reader;
    html! {
        section .card.replies aria-labelledby="replies-title" {
            h2 #replies-title { (reader.say("Replies")) }
            div #replies data-live {
                @if first.is_empty() { p.quiet { (reader.say("What callers write back is shown here.")) } }
                (list(shown, first))
            }
            details .none[older.is_empty()] {
                summary { (reader.say("Earlier replies")) }
                div #earlier-replies data-live { (list(shown, older)) }
            }
        }
    }
}

fn list(shown: &Shown, replies: &[ReplyView]) -> Markup {
    html! {
        @if !replies.is_empty() {
            ol {
                @for reply in replies { (line(shown, reply)) }
            }
        }
    }
}

fn line(shown: &Shown, reply: &ReplyView) -> Markup {
    let reader = &shown.reader;
    html! {
        li {
            p.who {
                (who(shown, reply.number.as_deref()))
                " "
                time datetime=(reply.at) { (reader.time_since(reply.at)) }
            }
            p.bubble dir="auto" { (words::shown(&reply.body, BODY_CHARS)) }
            @if reply.perhaps_stop {
                p.fate { span .dot.failed {} (reader.say("This may be a request for no more texts.")) }
            }
        }
    }
}

fn who(shown: &Shown, sender: Option<&str>) -> Markup {
    let reader = &shown.reader;
    let number = sender.and_then(PhoneNumber::from_e164);
    let name = sender.map(|name| words::shown(name, SENDER_CHARS));
    html! {
        @if let Some(number) = number {
            a href={ "tel:" (number) } { bdi { (reader.number(&number)) } }
        } @else if let Some(name) = name.filter(|name| !name.is_empty()) {
            bdi { (name) }
        } @else {
            (reader.say("Unknown sender"))
        }
    }
}
