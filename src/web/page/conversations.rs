//! Conversations in HTML: the list, and one of them as a phone shows it, with its answer and its outcome below.

use jiff::Zoned;
use maud::{Markup, html};

use super::frame;
use crate::phone::Region;
use crate::store::{LeadOutcome, Thread, ThreadLine};
use crate::text::TextState;
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
    pub(in crate::web) now: Zoned,
    /// The country whose numbers are written short.
    pub(in crate::web) home: Option<Region>,
    pub(in crate::web) demo: bool,
    pub(in crate::web) threads: Vec<Thread>,
    pub(in crate::web) sought: String,
}

/// One conversation.
pub(in crate::web) struct ThreadView {
    pub(in crate::web) now: Zoned,
    pub(in crate::web) home: Option<Region>,
    pub(in crate::web) demo: bool,
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
    let live = format!("/conversations/now?{}", query(&view.sought));
    frame(
        "Conversations",
        view.demo,
        Some(&live),
        &html! {
            div .top {
                a .way href="/" { "Back" }
                h1 { "Conversations" }
                p .quiet { "Everybody who has written to you. Your phone gets these texts too, if its number is set." }
            }
            section .card.replies aria-labelledby="found-title" {
                h2 #found-title { "Who wrote" }
                form .search role="search" method="get" action="/conversations" {
                    label for="sought" { "Look for a name, a number or a word" }
                    input #sought name="sought" type="search" value=(view.sought) maxlength="60" autocomplete="off";
                    button .second type="submit" { "Look" }
                }
                (list_live(view))
            }
        },
    )
}

/// The part that changes by itself.
pub(in crate::web) fn list_live(view: &ListView) -> Markup {
    let today = view.now.date();
    html! {
        div #threads data-live {
            @if view.threads.is_empty() && view.sought.is_empty() {
                p .quiet { "Nobody has written yet." }
            } @else if view.threads.is_empty() {
                p .quiet { "Nobody of that name, number or word." }
            }
            ol {
                @for thread in &view.threads {
                    li {
                        a .thread href={ "/conversations/" (thread.number) } {
                            span .who {
                                (who(thread, view.home))
                                " "
                                time datetime=(thread.replied_at) { (words::time_seen_from(thread.replied_at, &view.now, today)) }
                            }
                            span .glance dir="auto" { (words::shown(&thread.words, GLANCE_CHARS)) }
                            (standing(thread))
                        }
                    }
                }
            }
        }
    }
}

fn who(thread: &Thread, home: Option<Region>) -> Markup {
    let name = words::shown(&thread.name, NAME_CHARS);
    html! {
        @if !name.is_empty() { bdi { (name) } " " }
        bdi { (words::number(&thread.number, home)) }
    }
}

/// Where it stands, in a few words.
fn standing(thread: &Thread) -> Markup {
    let (dot, said) = match thread.outcome {
        Some(LeadOutcome::Won) => match thread.amount {
            Some(amount) => ("delivered", format!("Won, {}.", sum(amount))),
            None => ("delivered", "Won.".to_owned()),
        },
        Some(LeadOutcome::Lost) => ("skipped", "Lost.".to_owned()),
        Some(LeadOutcome::NotALead) => ("skipped", "No job.".to_owned()),
        None if thread.opted_out => ("skipped", "Asked for no more texts.".to_owned()),
        None if thread.waits => ("waiting", "Waits for your answer.".to_owned()),
        None => ("sent", "Answered.".to_owned()),
    };
    html! { span .fate { span .{ "dot " (dot) } {} (said) } }
}

pub(in crate::web) fn thread_page(view: &ThreadView) -> Markup {
    let thread = &view.thread;
    let number = &thread.number;
    let live = format!("/conversations/{number}/now");
    let name = words::shown(&thread.name, NAME_CHARS);
    let short = words::number(number, view.home);
    let title = if name.is_empty() {
        short.clone()
    } else {
        name.clone()
    };
    let content = html! {
        div .top {
            a .way href="/conversations" { "All conversations" }
            h1 { bdi { (title) } }
            p .ways {
                a .way href={ "tel:" (number) } { "Call " bdi { (short) } }
                a .way href={ "/people?number=" (super::people::encoded(number.as_str())) "#never_text" } { "Never text them" }
            }
        }
        section .card.replies aria-label="What was said" {
            (thread_live(view))
            div #said {
                @if let Some(did) = view.did { p .saved role="status" { (did) } }
                @if let Some(refusal) = &view.refusal { p .refusal role="alert" { (words::sentence(&words::shown(refusal, BODY_CHARS))) } }
            }
            form #answer method="post" action="/conversations/answer" {
                input type="hidden" name="number" value=(number);
                label for="words" { "Your answer" }
                textarea #words name="words" rows="3" required maxlength=(ANSWER_CHARS) autofocus[view.refusal.is_some()] { "\n" (view.typed) }
                @if thread.opted_out {
                    p .advice { "They asked for no more texts. Write only if they are waiting for your answer, or call them." }
                }
                button type="submit" { "Send" }
            }
        }
        section .card aria-labelledby="outcome-title" {
            h2 #outcome-title { "What came of it" }
            form #outcome method="post" action="/conversations/outcome" {
                input type="hidden" name="number" value=(number);
                label for="amount" { "What the job is worth, if you won it" }
                input #amount name="amount" type="text" inputmode="decimal" maxlength="20" autocomplete="off"
                    value=(amount_typed(view));
                div .choices role="group" aria-labelledby="outcome-title" {
                    @for (outcome, label) in CHOICES {
                        button .second type="submit" name="outcome" value=(outcome.token())
                            aria-pressed=(if thread.outcome == Some(outcome) { "true" } else { "false" }) { (label) }
                    }
                    @if thread.outcome.is_some() {
                        button .second type="submit" name="outcome" value="open" { "Still open" }
                    }
                }
            }
        }
    };
    frame(&title, view.demo, Some(&live), &content)
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
    let today = view.now.date();
    html! {
        div #lines data-live aria-live="polite" {
            ol {
                @for line in &view.lines {
                    li .ours[line.ours.is_some()] {
                        p .bubble.ours[line.ours.is_some()] dir="auto" { (words::shown(&line.body, BODY_CHARS)) }
                        p .under {
                            time datetime=(line.at) { (words::time_seen_from(line.at, &view.now, today)) }
                            @if let Some(state) = line.ours { " " (fate(state, line.error.as_deref())) }
                        }
                    }
                }
            }
        }
    }
}

fn fate(state: TextState, error: Option<&str>) -> String {
    match state {
        TextState::Queued | TextState::Sending | TextState::Unconfirmed => "on its way".to_owned(),
        TextState::Sent => "sent".to_owned(),
        TextState::Delivered | TextState::Received => "arrived".to_owned(),
        TextState::Failed => match error {
            Some(error) => format!(
                "not sent. {}",
                words::sentence(&words::shown(error, BODY_CHARS))
            ),
            None => "not sent".to_owned(),
        },
    }
}

/// Who never wrote has no conversation.
pub(in crate::web) fn nobody(demo: bool) -> Markup {
    frame(
        "Nobody",
        demo,
        None,
        &html! {
            div .top {
                h1 { "No such conversation" }
                p .quiet { "This number has never written to you. Old conversations are thinned out with your other records." }
                a .way href="/conversations" { "All conversations" }
            }
        },
    )
}

fn query(sought: &str) -> String {
    format!("sought={}", super::people::encoded(sought))
}
