//! Conversations in HTML: the list, and one of them as a phone shows it, with its answer and its outcome below.

use maud::{Markup, html};

use super::frame;
use crate::store::{LeadOutcome, Thread, ThreadLine};
use crate::text::TextState;
use crate::web::reader::Reader;
use crate::web::words;
use crate::wording::sum;

/// Characters of a text that are shown: ten parts fit.
const BODY_CHARS: usize = 1600;
/// Characters of the last words in the list.
const GLANCE_CHARS: usize = 90;
/// Characters of a name.
const NAME_CHARS: usize = 40;
/// Characters that a browser lets one type as an answer: ten parts of the plainest letters.
const ANSWER_CHARS: usize = 1530;

/// The list.
pub(in crate::web) struct ListView {
    pub(in crate::web) reader: Reader,
    pub(in crate::web) threads: Vec<Thread>,
    pub(in crate::web) sought: String,
}

/// One conversation.
pub(in crate::web) struct ThreadView {
    pub(in crate::web) reader: Reader,
    pub(in crate::web) thread: Thread,
    pub(in crate::web) lines: Vec<ThreadLine>,
    /// What was just done.
    pub(in crate::web) did: Option<&'static str>,
    /// Why it was not.
    pub(in crate::web) refusal: Option<String>,
    /// What was typed then.
    pub(in crate::web) typed: String,
    pub(in crate::web) amount: String,
}

pub(in crate::web) fn list_page(view: &ListView) -> Markup {
    let reader = &view.reader;
    let live = format!("/conversations/now?{}", query(&view.sought));
    frame(
        reader,
        reader.say("Conversations"),
        Some(&live),
        &html! {
            div .top {
                a .way href="/" { (reader.say("Back")) }
                h1 { (reader.say("Conversations")) }
                p .quiet { (reader.say("Everybody who has written to you. Your phone gets these texts too, if its number is set.")) }
            }
            section .card.replies aria-labelledby="found-title" {
                h2 #found-title { (reader.say("Who wrote")) }
                form .search role="search" method="get" action="/conversations" {
                    label for="sought" { (reader.say("Look for a name, a number or a word")) }
                    input #sought name="sought" type="search" value=(view.sought) maxlength="60" autocomplete="off";
                    button .second type="submit" { (reader.say("Look")) }
                }
                (list_live(view))
            }
        },
    )
}

/// The part that changes by itself.
pub(in crate::web) fn list_live(view: &ListView) -> Markup {
    let reader = &view.reader;
    html! {
        div #threads data-live {
            @if view.threads.is_empty() && view.sought.is_empty() {
                p .quiet { (reader.say("Nobody has written yet.")) }
            } @else if view.threads.is_empty() {
                p .quiet { (reader.say("Nobody of that name, number or word.")) }
            }
            ol {
                @for thread in &view.threads {
                    li {
                        a .thread href={ "/conversations/" (thread.number) } {
                            span .who {
                                (who(thread, reader))
                                " "
                                time datetime=(thread.replied_at) { (reader.time_since(thread.replied_at)) }
                            }
                            span .glance dir="auto" { (words::shown(&thread.words, GLANCE_CHARS)) }
                            (standing(thread, reader))
                        }
                    }
                }
            }
        }
    }
}

fn who(thread: &Thread, reader: &Reader) -> Markup {
    let name = words::shown(&thread.name, NAME_CHARS);
    html! {
        @if !name.is_empty() { bdi { (name) } " " }
        bdi { (reader.number(&thread.number)) }
    }
}

/// Where it stands, in a few words.
fn standing(thread: &Thread, reader: &Reader) -> Markup {
    let (dot, said) = match thread.outcome {
        Some(LeadOutcome::Won) => match thread.amount {
            Some(amount) => (
                "delivered",
                reader.fill("Won, {amount}.", &[("amount", &sum(amount))]),
            ),
            None => ("delivered", reader.say("Won.").to_owned()),
        },
        Some(LeadOutcome::Lost) => ("skipped", reader.say("Lost.").to_owned()),
        Some(LeadOutcome::NotALead) => ("skipped", reader.say("No job.").to_owned()),
        None if thread.opted_out => {
            let said = reader.say("Asked for no more texts.");
            ("skipped", said.to_owned())
        }
        None if thread.waits => ("waiting", reader.say("Waits for your answer.").to_owned()),
        None => ("sent", reader.say("Answered.").to_owned()),
    };
    html! { span .fate { span .{ "dot " (dot) } {} (said) } }
}

pub(in crate::web) fn thread_page(view: &ThreadView) -> Markup {
    let reader = &view.reader;
    let thread = &view.thread;
    let number = &thread.number;
    let live = format!("/conversations/{number}/now");
    let name = words::shown(&thread.name, NAME_CHARS);
    let short = reader.number(number);
    let title = if name.is_empty() {
        short.clone()
    } else {
        name.clone()
    };
    let content = html! {
        div .top {
            a .way href="/conversations" { (reader.say("All conversations")) }
            h1 { bdi { (title) } }
            p .ways {
                a .way href={ "tel:" (number) } { (reader.around("Call {number}", &[("number", html! { bdi { (short) } })])) }
                a .way href={ "/people?number=" (super::people::encoded(number.as_str())) "#never_text" } { (reader.say("Never text them")) }
            }
        }
        section .card.replies aria-label=(reader.say("What was said")) {
            (thread_live(view))
            div #said {
                @if let Some(did) = view.did { p .saved role="status" { (reader.say(did)) } }
                @if let Some(refusal) = &view.refusal { p .refusal role="alert" { (reader.retell(&words::shown(refusal, BODY_CHARS))) } }
            }
            form #answer method="post" action="/conversations/answer" {
                input type="hidden" name="number" value=(number);
                label for="words" { (reader.say("Your answer")) }
                textarea #words name="words" rows="3" required maxlength=(ANSWER_CHARS) autofocus[view.refusal.is_some()] { "\n" (view.typed) }
                @if thread.opted_out {
                    p .advice { (reader.say("They asked for no more texts. Write only if they are waiting for your answer, or call them.")) }
                }
                button type="submit" { (reader.say("Send")) }
            }
        }
        section .card aria-labelledby="outcome-title" {
            h2 #outcome-title { (reader.say("What came of it")) }
            form #outcome method="post" action="/conversations/outcome" {
                input type="hidden" name="number" value=(number);
                label for="amount" { (reader.say("What the job is worth, if you won it")) }
                input #amount name="amount" type="text" inputmode="decimal" maxlength="20" autocomplete="off"
                    value=(amount_typed(view));
                div .choices role="group" aria-labelledby="outcome-title" {
                    @for (outcome, label) in CHOICES {
                        button .second type="submit" name="outcome" value=(outcome.token())
                            aria-pressed=(if thread.outcome == Some(outcome) { "true" } else { "false" }) { (reader.say(label)) }
                    }
                    @if thread.outcome.is_some() {
                        button .second type="submit" name="outcome" value="open" { (reader.say("Still open")) }
                    }
                }
            }
        }
    };
    frame(reader, &title, Some(&live), &content)
}

const CHOICES: [(LeadOutcome, &str); 3] = [
    (LeadOutcome::Won, "Won"),
    (LeadOutcome::Lost, "Lost"),
    (LeadOutcome::NotALead, "No job"),
];

fn amount_typed(view: &ThreadView) -> String {
    match view.thread.amount {
        Some(amount) if view.amount.is_empty() => sum(amount),
        _ => view.amount.clone(),
    }
}

/// The part that changes by itself.
pub(in crate::web) fn thread_live(view: &ThreadView) -> Markup {
    let reader = &view.reader;
    html! {
        div #lines data-live aria-live="polite" {
            ol {
                @for line in &view.lines {
                    li .ours[line.ours.is_some()] {
                        p .bubble.ours[line.ours.is_some()] dir="auto" { (words::shown(&line.body, BODY_CHARS)) }
                        p .under {
                            time datetime=(line.at) { (reader.time_since(line.at)) }
                            @if let Some(state) = line.ours { " " (fate(state, line.error.as_deref(), reader)) }
                        }
                    }
                }
            }
        }
    }
}

fn fate(state: TextState, error: Option<&str>, reader: &Reader) -> String {
    let words = match state {
        TextState::Queued | TextState::Sending | TextState::Unconfirmed => "on its way",
        TextState::Sent => "sent",
        TextState::Delivered | TextState::Received => "arrived",
        TextState::Failed => "not sent",
    };
    match error {
        Some(error) if state == TextState::Failed => {
            let error = reader.retell(&words::shown(error, BODY_CHARS));
            format!("{}. {error}", reader.say(words))
        }
        _ => reader.say(words).to_owned(),
    }
}

/// Who never wrote has no conversation.
pub(in crate::web) fn nobody(reader: &Reader) -> Markup {
    frame(
        reader,
        reader.say("Nobody"),
        None,
        &html! {
            div .top {
                h1 { (reader.say("No such conversation")) }
                p .quiet { (reader.say("This number has never written to you. Old conversations are thinned out with your other records.")) }
                a .way href="/conversations" { (reader.say("All conversations")) }
            }
        },
    )
}

fn query(sought: &str) -> String {
    format!("sought={}", super::people::encoded(sought))
}
