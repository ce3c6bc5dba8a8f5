//! The walk through the set-up in HTML: a step a page, with one large button. It works without script; with it, what the box
//! finds out shows by itself.

use maud::{Markup, html};

use super::{form, frame};
use crate::forwarding::{self, Way};
use crate::phone::PhoneNumber;
use crate::rules::Caller;
use crate::store::{Mark, TestCall};
use crate::web::message::Draft;
use crate::web::reader::Reader;
use crate::web::setup::{Facts, Step, Verdict, way_of};
use crate::web::words;
use crate::wording::VALUE_CHARS_MAX;

/// Characters of a reason that are shown.
const WHY_CHARS: usize = 400;
/// Opening hours as they are written, in every language.
const SAMPLE_HOURS: &str = "Mo-Fr 8:00-17:00; Sa 9:00-12:00";

/// All that is shown.
pub(in crate::web) struct View {
    pub(in crate::web) reader: Reader,
    pub(in crate::web) step: Step,
    pub(in crate::web) facts: Facts,
    pub(in crate::web) box_number: Option<PhoneNumber>,
    pub(in crate::web) draft: Draft,
    pub(in crate::web) said: Option<&'static str>,
    pub(in crate::web) refused: Option<String>,
    /// What was typed and refused.
    pub(in crate::web) typed: Option<(String, String)>,
}

pub(in crate::web) fn page(view: &View) -> Markup {
    let at = Step::ALL
        .iter()
        .position(|step| *step == view.step)
        .unwrap_or(0);
    let reader = &view.reader;
    let now = format!("{}/now", view.step.place());
    let title = reader.say(title(view.step));
    let content = html! {
        div .top {
            a .way href="/" { (reader.say("Leave; it can be gone on with later")) }
            p .quiet { (reader.fill("Step {step} of {of}", &[("step", &(at + 1)), ("of", &Step::ALL.len())])) }
            h1 { (title) }
            (steps(view))
            @if let Some(said) = view.said { p .saved role="status" { (reader.say(said)) } }
            @if let Some(why) = &view.refused { p .refusal role="alert" { (words::shown(&reader.retell(why), WHY_CHARS)) } }
        }
        section .card .setup aria-label=(title) {
            @match view.step {
                Step::Modem => (modem(view)),
                Step::Business => (business(view)),
                Step::Hours => (hours(view)),
                Step::Message => (message(view)),
                Step::Forwarding => (forwarding(view)),
                Step::Test => (test(view)),
            }
        }
    };
    frame(reader, title, Some(&now), &content)
}

/// The parts that change by themselves.
pub(in crate::web) fn live(view: &View) -> Markup {
    match view.step {
        Step::Modem => modem_now(view),
        Step::Test => test_now(view),
        _ => html! {},
    }
}

fn title(step: Step) -> &'static str {
    match step {
        Step::Modem => "Modem and SIM",
        Step::Business => "Your business and your phone",
        Step::Hours => "When you are open",
        Step::Message => "What callers are told",
        Step::Forwarding => "Forward your calls",
        Step::Test => "One test call",
    }
}

fn steps(view: &View) -> Markup {
    let reader = &view.reader;
    html! {
        ol .steps {
            @for step in Step::ALL {
                @let done = view.facts.is_done(step);
                li .done[done] {
                    a .way href=(step.place()) aria-current=[(step == view.step).then_some("step")] {
                        (reader.say(title(step))) @if done { span .tick aria-label=(reader.say("done")) { " ✓" } }
                    }
                }
            }
        }
    }
}

fn next(reader: &Reader, step: Step, label: &str) -> Markup {
    let place = step.next().map_or_else(|| "/".to_owned(), Step::place);
    html! { a .button href=(place) { (reader.say(label)) } }
}

fn modem(view: &View) -> Markup {
    let reader = &view.reader;
    html! {
        (modem_now(view))
        (next(reader, Step::Modem, "Next"))
    }
}

fn modem_now(view: &View) -> Markup {
    let reader = &view.reader;
    let (reason, voice) = (view.facts.modem.reason(), view.facts.voice());
    html! {
        div #modem-now data-live aria-live="polite" {
            @match (&reason, voice) {
                (Some(why), _) => {
                    p .advice { (words::shown(&reader.retell(why), WHY_CHARS)) }
                    p .quiet { (reader.say("This page looks again by itself.")) }
                }
                (None, Some(why)) => p .advice { (reader.retell(why)) },
                (None, None) => p .saved { (reader.say("The modem has the network and would send a text now.")) },
            }
        }
    }
}

fn business(view: &View) -> Markup {
    let reader = &view.reader;
    let settings = &view.facts.settings;
    let owner = settings.owner_number();
    let (name, number) = match &view.typed {
        Some((name, number)) => (name.clone(), number.clone()),
        None => (
            settings.business_name().unwrap_or_default().to_owned(),
            owner
                .map(|owner| owner.format_for(reader.home))
                .unwrap_or_default(),
        ),
    };
    html! {
        form method="post" action="/setup/keep/business" {
            label for="business" { (reader.say("Name of your business")) }
            input #business name="business" type="text" value=(name) maxlength=(VALUE_CHARS_MAX) autocomplete="organization" required;
            label for="number" { (reader.say("Your own mobile number")) }
            input #number name="number" type="tel" value=(number) maxlength="30" autocomplete="tel" required aria-describedby="number-hint";
            p #number-hint .quiet { (reader.say("What callers answer comes there. It is never texted as a caller.")) }
            button .second[view.facts.owner_is_proved() || owner.is_some()] type="submit" { (reader.say("Save")) }
        }
        @if view.facts.owner_is_proved() {
            p .saved { (reader.say("Your phone is known.")) }
            (next(reader, Step::Business, "Next"))
        } @else if let Some(owner) = owner {
            form #proof method="post" action="/setup/proof" {
                @if view.facts.marks.code_sent() {
                    label for="code" { (reader.fill("The code that came to {number}", &[("number", &owner.format_for(reader.home))])) }
                    input #code name="code" inputmode="numeric" autocomplete="one-time-code" maxlength="12" required;
                    button type="submit" { (reader.say("This is the code")) }
                }
            }
            form method="post" action="/setup/code" {
                button .second[view.facts.marks.code_sent()] type="submit" {
                    @if view.facts.marks.code_sent() { (reader.say("Send another one")) } @else { (reader.say("Text me a code")) }
                }
            }
            a .way href=(Step::Hours.place()) { (reader.say("Later")) }
        }
    }
}

fn hours(view: &View) -> Markup {
    let reader = &view.reader;
    let weekly = match &view.typed {
        Some((weekly, _)) => weekly.clone(),
        None => view
            .facts
            .settings
            .value(crate::settings::HOURS_WEEKLY)
            .unwrap_or_default()
            .to_owned(),
    };
    html! {
        p .quiet { (reader.say("Callers are texted at any hour. With hours set, those who call when you are closed can get another message.")) }
        form method="post" action="/setup/keep/hours" {
            label for="weekly" { (reader.say("Opening hours")) }
            input #weekly name="weekly" type="text" value=(weekly) autocomplete="off" aria-describedby="weekly-hint";
            p #weekly-hint .quiet {
                (reader.around("Such as {hours}. Empty: the same message at all times.", &[
                    ("hours", html! { code { (SAMPLE_HOURS) } }),
                ]))
            }
            button type="submit" { (reader.say("Next")) }
        }
    }
}

fn message(view: &View) -> Markup {
    let reader = &view.reader;
    let preview = view.draft.preview(&view.facts.settings, reader.home);
    let refused = !preview.refusals.is_empty();
    html! {
        form #message-form method="post" action="/setup/keep/message" {
            input type="hidden" name="business" value=[view.draft.business.as_deref()];
            label for="text" { (reader.say("What missed callers are told")) }
            textarea #text name="message" rows="5" aria-describedby="preview" aria-invalid=[refused.then_some("true")] { "\n" (view.draft.message) }
            div #preview { (form::preview(reader, &preview)) }
            button type="submit" { (reader.say("Next")) }
        }
    }
}

fn forwarding(view: &View) -> Markup {
    let reader = &view.reader;
    let carriers = forwarding::carriers(reader.home);
    let marks = &view.facts.marks;
    let (number, carrier) = match &view.typed {
        Some((number, carrier)) => (number.clone(), carrier.clone()),
        None => (
            view.box_number
                .as_ref()
                .map(|number| number.format_for(reader.home))
                .unwrap_or_default(),
            marks.get(Mark::Carrier).unwrap_or_default().to_owned(),
        ),
    };
    let ways = forwarding::ways(reader.home, marks.get(Mark::Carrier).unwrap_or_default());
    let way = ways.get(way_of(marks)).or(ways.first());
    html! {
        p .quiet { (reader.say("Your phone is told once to send calls here that you do not take. It rings as ever, and you take what you can.")) }
        form method="post" action="/setup/keep/forwarding" {
            label for="box" { (reader.say("The number of the SIM in this box")) }
            input #box name="box_number" type="tel" value=(number) maxlength="30" autocomplete="off" required;
            label for="carrier" { (reader.say("The carrier of the phone that customers call")) }
            select #carrier name="carrier" {
                @for each in carriers { option value=(each) selected[each == carrier] { (reader.say(each)) } }
            }
            @if let Some(ask) = way.and_then(Way::ask) {
                p .quiet { (reader.around("First dial {code}: the phone tells where unanswered calls go now.", &[("code", dial(ask))])) }
                label for="old" { (reader.say("Where they go now")) }
                input #old name="old_target" type="text" value=(marks.get(Mark::OldTarget).unwrap_or_default()) maxlength="60" autocomplete="off"
                    aria-describedby="old-hint";
                p #old-hint .quiet { (reader.say("Mostly it is your voicemail's number. Write it down here, and it can be put back.")) }
            }
            button .second[way.is_some()] type="submit" { (reader.say("Show the code")) }
        }
        @if let (Some(way), Some(number)) = (way, &view.box_number) {
            (code(view, way, number, ways.len()))
            (next(reader, Step::Forwarding, "I have dialled it"))
        }
    }
}

/// The code, what takes it back, and the next one.
fn code(view: &View, way: &Way, number: &PhoneNumber, ways: usize) -> Markup {
    let reader = &view.reader;
    let set = way.set(number);
    let old_target = view.facts.marks.get(Mark::OldTarget);
    html! {
        div #code {
            h2 { (reader.say("Dial this on the phone that customers call")) }
            p .dial { (dial(&set)) }
            p .quiet { (reader.say("Tap it on that phone, or type it as it stands and press call. The phone answers with a message.")) }
            p .quiet { (reader.around("To take it back: {code}.", &[("code", dial(way.undo()))])) }
            @if let Some(old) = old_target { p .quiet {
                (reader.around("Before, such calls went to: {number}.", &[("number", html! { bdi { (words::shown(old, WHY_CHARS)) } })]))
            } }
            @if ways > 1 {
                form method="post" action="/setup/way" {
                    button .second type="submit" { (reader.say("The phone refuses it: show another code")) }
                }
            }
        }
    }
}

fn dial(code: &str) -> Markup {
    html! { a .dials href=(forwarding::link(code)) { code { (code) } } }
}

fn test(view: &View) -> Markup {
    let reader = &view.reader;
    let waiting = view.facts.marks.test_from().is_some();
    html! {
        p .quiet { (reader.say("Take a third phone, call your business number, and let it ring until it stops. Do not answer.")) }
        form method="post" action="/setup/keep/test" {
            button .second[waiting] type="submit" { @if waiting { (reader.say("Begin again")) } @else { (reader.say("I am calling now")) } }
        }
        (test_now(view))
        form method="post" action="/setup/done" { button .second[!view.facts.is_done(Step::Test)] type="submit" { (reader.say("Done")) } }
    }
}

fn test_now(view: &View) -> Markup {
    let reader = &view.reader;
    let facts = &view.facts;
    html! {
        div #test-now data-live aria-live="polite" {
            @match (&facts.call, facts.marks.test_from()) {
                (Some(call), Some(from)) => {
                    @let after = call.started_at.duration_since(from).as_secs();
                    p { (ringing(view, call)) }
                    p .quiet {
                        (reader.count(
                            after.max(0),
                            "It reached the box 1 second after you began.",
                            "It reached the box {n} seconds after you began.",
                        ))
                    }
                    @match facts.verdict() {
                        Some(Verdict::Works) => p .saved { (reader.say("The caller's own number arrived. Everything works.")) },
                        Some(Verdict::OwnNumber) => (own_number(reader)),
                        _ => (no_number(reader)),
                    }
                }
                (None, Some(_)) if facts.nothing_came => {
                    p .advice { (reader.say("No call has come for a minute. Either the phone has not taken the code, or it still rings elsewhere, such as at your voicemail.")) }
                    form method="post" action="/setup/way" { button .second type="submit" { (reader.say("Try another code")) } }
                }
                (None, Some(_)) => p { (reader.say("Waiting for your call.")) },
                (_, None) => p .none {},
            }
        }
    }
}

fn ringing(view: &View, call: &TestCall) -> Markup {
    let reader = &view.reader;
    let Caller::Number(number) = &call.caller else {
        let words = match call.rang_for {
            None => "It rings, without a number.",
            Some(_) => "A call came, without a number, and was missed.",
        };
        return html! { (reader.say(words)) };
    };
    let words = match call.rang_for {
        None => "It rings from {number}.",
        Some(_) => "A call came from {number}, and was missed.",
    };
    let number = html! { bdi { (reader.number(number)) } };
    reader.around(words, &[("number", number)])
}

fn own_number(reader: &Reader) -> Markup {
    html! {
        p .advice {
            (reader.say("Your own number arrived in place of the caller's. If you called from that very phone, call from another one."))
            " "
            (reader.say("If not, your carrier hides who calls when it forwards, and the box cannot text them: ask the carrier to pass the caller's number on, or try another code."))
        }
        form method="post" action="/setup/way" { button .second type="submit" { (reader.say("Try another code")) } }
    }
}

fn no_number(reader: &Reader) -> Markup {
    html! { p .advice { (reader.say("The call came without a number. Call once more from a phone that shows its number. If it stays so, your carrier does not pass numbers on.")) } }
}
