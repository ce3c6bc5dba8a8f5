//! The lists of people in HTML. Works without script, and has none: nothing on it changes by itself.

use jiff::civil::Date;
use maud::{Markup, html};

use super::frame;
use crate::address_book::LeftOut;
use crate::phone::PhoneNumber;
use crate::store::{Imported, List, Listed, Person};
use crate::web::people::{Notice, Typed};
use crate::web::reader::Reader;
use crate::web::words;
use crate::wording::VALUE_CHARS_MAX;

/// Characters of a number that are shown where it is none of ours.
const NUMBER_CHARS: usize = 30;
/// Characters of what was wrong with a line of a file.
const WHY_CHARS: usize = 300;
/// What the files are called that are taken.
const FILES: &str = ".vcf,.csv,.txt,text/vcard,text/csv";

/// All that is shown.
pub(in crate::web) struct View {
    pub(in crate::web) reader: Reader,
    pub(in crate::web) only_strangers: bool,
    pub(in crate::web) lists: Vec<(List, Listed)>,
    /// One list alone, a part at a time.
    pub(in crate::web) alone: bool,
    pub(in crate::web) sought: String,
    /// So many are passed over, and so many shown.
    pub(in crate::web) from: usize,
    pub(in crate::web) most: usize,
    pub(in crate::web) notice: Option<(List, Notice)>,
    /// What stands in the form for one person.
    pub(in crate::web) typed: Typed,
}

struct Words {
    title: &'static str,
    what: &'static str,
    none: &'static str,
    add: &'static str,
}

fn words_of(list: List) -> Words {
    match list {
        List::NeverText => Words {
            title: "Never text",
            what: "Family, crew, suppliers: when they call, they get no text.",
            none: "Nobody yet.",
            add: "Add somebody who is never texted",
        },
        List::Contacts => Words {
            title: "Contacts",
            what: "People you know already.",
            none: "Nobody yet.",
            add: "Add a contact",
        },
        List::OptedOut => Words {
            title: "Asked for no texts",
            what: "They wrote STOP, or told you on the phone. They get no text until they write START or ask you.",
            none: "Nobody.",
            add: "Add somebody who told you on the phone",
        },
    }
}

pub(in crate::web) fn page(view: &View) -> Markup {
    let reader = &view.reader;
    let content = html! {
        div .top {
            a .way href="/" { (reader.say("Back to the calls")) }
            h1 { (reader.say("People")) }
            (search(view))
        }
        @for (list, listed) in &view.lists { (section(view, *list, listed)) }
    };
    frame(reader, reader.say("People"), None, &content)
}

fn search(view: &View) -> Markup {
    let reader = &view.reader;
    html! {
        form .search method="get" action="/people" role="search" {
            @if let (true, [(list, _)]) = (view.alone, &view.lists[..]) {
                input type="hidden" name="list" value=(list.token());
            }
            label for="sought" { (reader.say("Find a name or a number")) }
            input #sought name="sought" type="search" value=(view.sought) maxlength=(VALUE_CHARS_MAX) autocomplete="off";
            button type="submit" { (reader.say("Find")) }
        }
    }
}

fn section(view: &View, list: List, listed: &Listed) -> Markup {
    let (reader, words) = (&view.reader, words_of(list));
    let token = list.token();
    let title = format!("{token}-title");
    let notice = view.notice.as_ref().filter(|(about, _)| *about == list);
    html! {
        section .card id=(token) aria-labelledby=(title) {
            h2 id=(title) {
                (reader.say(words.title))
                @if listed.total > 0 { " " span.rings { (listed.total) } }
            }
            p.quiet { (reader.say(words.what)) }
            @if let Some((_, notice)) = notice { (told(reader, notice)) }
            @if list == List::Contacts { (switch(reader, view.only_strangers)) }
            @if listed.people.is_empty() {
                p.quiet { @if listed.total == 0 { (reader.say(words.none)) } @else { (reader.say("Nobody like that.")) } }
            } @else {
                ol { @for person in &listed.people { (line(view, list, person)) } }
            }
            (ways(view, list, listed))
            (add(view, list, &words))
            @if list != List::OptedOut { (import(reader, list)) }
        }
    }
}

fn told(reader: &Reader, notice: &Notice) -> Markup {
    match notice {
        Notice::Done(done) => html! { p .saved role="status" { (reader.say(done)) } },
        Notice::Refused(why) => {
            html! { p .refusal role="alert" { (words::shown(&reader.retell(why), WHY_CHARS)) } }
        }
        Notice::Imported(imported, book) => html! {
            p .saved role="status" { (counted(reader, *imported)) }
            @if book.without_number > 0 {
                p.quiet {
                    (reader.count(
                        book.without_number,
                        "1 contact without a phone number passed over.",
                        "{n} contacts without a phone number passed over.",
                    ))
                }
            }
            @if book.left_out_count > 0 {
                p.quiet {
                    (reader.fill(
                        "Left out, because they could not be read as phone numbers: {n}.",
                        &[("n", &book.left_out_count)],
                    ))
                }
                ul .left-out {
                    @for left_out in &book.left_out { li { bdi { (words::shown(&line_left_out(reader, left_out), WHY_CHARS)) } } }
                    @if book.left_out_count > book.left_out.len() { li { "…" } }
                }
            }
        },
    }
}

/// `Line 3 (Ann): "12" is not a whole phone number …`
fn line_left_out(reader: &Reader, left_out: &LeftOut) -> String {
    let english = match left_out.name.as_str() {
        "" => "Line {line}: {why}.",
        _ => "Line {line} ({name}): {why}.",
    };
    let why = reader.retell_part(&left_out.why);
    reader.fill(
        english,
        &[
            ("line", &left_out.line),
            ("name", &left_out.name),
            ("why", &why),
        ],
    )
}

/// `12 numbers added. 3 were on the list already.`
fn counted(reader: &Reader, imported: Imported) -> String {
    let added = reader.count(imported.added, "1 number added.", "{n} numbers added.");
    let known = reader.count(
        imported.known,
        "1 was on the list already.",
        "{n} were on the list already.",
    );
    match imported.known {
        0 => added,
        _ => format!("{added} {known}"),
    }
}

/// Whether contacts are left alone, and the button that changes it.
fn switch(reader: &Reader, only_strangers: bool) -> Markup {
    let (now, value, button) = match only_strangers {
        true => (
            "Only strangers are texted. These are left alone.",
            "no",
            "Text my contacts too",
        ),
        false => (
            "They are texted like everybody else.",
            "yes",
            "Text only strangers",
        ),
    };
    html! {
        form #strangers method="post" action="/people/strangers" {
            p { (reader.say(now)) }
            button .second type="submit" name="only_strangers" value=(value) { (reader.say(button)) }
        }
    }
}

fn line(view: &View, list: List, person: &Person) -> Markup {
    let reader = &view.reader;
    let number = PhoneNumber::from_e164(&person.number);
    let written = match &number {
        Some(number) => reader.number(number),
        None => words::shown(&person.number, NUMBER_CHARS),
    };
    let name = words::shown(&person.name, VALUE_CHARS_MAX);
    let spoken = match name.as_str() {
        "" => written.clone(),
        name => format!("{name}, {written}"),
    };
    html! {
        li {
            div {
                p.who {
                    @if !name.is_empty() { bdi { (name) } }
                    bdi .rings[!name.is_empty()] { (written) }
                }
                @if let Some(since) = person.since {
                    p.quiet { (since_when(reader, reader.local(since).date())) }
                }
            }
            @if list == List::OptedOut {
                details .lift {
                    summary aria-label=(reader.fill("Text again: {whom}", &[("whom", &spoken)])) { (reader.say("Text again")) }
                    form method="post" action="/people/remove" {
                        (hidden(list, &person.number))
                        p.quiet { (reader.say("Only if they said so: nobody may be texted against their word.")) }
                        button .second type="submit" name="asked" value="yes" { (reader.say("They asked you to text them again")) }
                    }
                }
            } @else {
                form method="post" action="/people/remove" {
                    (hidden(list, &person.number))
                    button .second type="submit" aria-label=(reader.fill("Remove {whom}", &[("whom", &spoken)])) { (reader.say("Remove")) }
                }
            }
        }
    }
}

/// `Since Friday`.
fn since_when(reader: &Reader, day: Date) -> String {
    let today = reader.now.date();
    match (today - day).get_days() {
        0 => reader.say("Since today").to_owned(),
        1 => reader.say("Since yesterday").to_owned(),
        _ => reader.fill("Since {day}", &[("day", &reader.day_name(day))]),
    }
}

fn hidden(list: List, number: &str) -> Markup {
    html! {
        input type="hidden" name="list" value=(list.token());
        input type="hidden" name="number" value=(number);
    }
}

/// To the rest of a list.
fn ways(view: &View, list: List, listed: &Listed) -> Markup {
    let reader = &view.reader;
    let to = |from: usize, alone: bool| {
        let list = if alone { list.token() } else { "" };
        let sought = encoded(&view.sought);
        format!("/people?list={list}&sought={sought}&from={from}")
    };
    let shown_to = view.from.saturating_add(listed.people.len());
    html! {
        @if view.alone {
            p.ways {
                @if view.from > 0 { a .way href=(to(view.from.saturating_sub(view.most), true)) { (reader.say("Before")) } }
                @if listed.matching > shown_to { a .way href=(to(shown_to, true)) { (reader.say("More")) } }
                a .way href=(to(0, false)) { (reader.say("All lists")) }
            }
        } @else if listed.matching > shown_to {
            p.ways { a .way href=(to(0, true)) { (reader.fill("Show all {n}", &[("n", &listed.matching)])) } }
        }
    }
}

/// As a value in an address.
pub(super) fn encoded(value: &str) -> String {
    let byte = |byte: &u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(*byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    value.as_bytes().iter().map(byte).collect()
}

fn add(view: &View, list: List, words: &Words) -> Markup {
    let reader = &view.reader;
    let token = list.token();
    let typed = if view.typed.list == token {
        view.typed.clone()
    } else {
        Typed::default()
    };
    let (number, name) = (format!("{token}-number"), format!("{token}-name"));
    html! {
        details open[!typed.number.is_empty()] {
            summary { (reader.say(words.add)) }
            form method="post" action="/people/add" {
                input type="hidden" name="list" value=(token);
                label for=(number) { (reader.say("Phone number")) }
                input id=(number) name="number" type="tel" value=(typed.number) maxlength="40" autocomplete="off" required;
                @if list != List::OptedOut {
                    label for=(name) { (reader.say("Name, if you like")) }
                    input id=(name) name="name" type="text" value=(typed.name) maxlength=(VALUE_CHARS_MAX) autocomplete="off";
                }
                button type="submit" { (reader.say("Add")) }
            }
        }
    }
}

fn import(reader: &Reader, list: List) -> Markup {
    let token = list.token();
    let (file, hint) = (format!("{token}-file"), format!("{token}-file-hint"));
    html! {
        details {
            summary { (reader.say("Add many from a file")) }
            form method="post" action="/people/import" enctype="multipart/form-data" {
                input type="hidden" name="list" value=(token);
                label for=(file) { (reader.say("A vCard (.vcf) or CSV file, as phones and mail programs export contacts")) }
                input id=(file) name="file" type="file" accept=(FILES) aria-describedby=(hint) required;
                p.quiet id=(hint) { (reader.say("Up to 2 MB, without pictures. The file stays on this box; only names and numbers are kept.")) }
                button type="submit" { (reader.say("Add all")) }
            }
        }
    }
}
