//! The door in HTML: the first password, signing in, and what belongs to it behind the door. No script: nothing on these pages
//! changes by itself.

use maud::{Markup, html};

use super::frame;
use crate::door::{CHARS_MAX, CHARS_MIN, CODE_DIGITS};
use crate::store::TokenRow;
use crate::web::reader::Reader;
use crate::web::words;

/// Characters of a reason that are shown.
const WHY_CHARS: usize = 300;
/// A code may be typed with spaces and hyphens.
const CODE_CHARS_MAX: usize = CODE_DIGITS * 2;

/// What stands behind the door.
#[derive(Debug, Clone)]
pub(in crate::web) struct View {
    pub(in crate::web) reader: Reader,
    pub(in crate::web) tokens: Vec<TokenRow>,
    /// A token that was just made, which is shown this once.
    pub(in crate::web) token: Option<String>,
    pub(in crate::web) done: Option<&'static str>,
    pub(in crate::web) refused: Option<String>,
}

/// Nothing but setting the first password.
pub(in crate::web) fn first(reader: &Reader, refused: Option<&str>) -> Markup {
    let content = html! {
        div .top {
            h1 { (reader.say("Welcome")) }
            p .quiet { (reader.say("This box is yours once it has a password. Everybody in your network can open this page, and only who knows the password sees your callers.")) }
        }
        section .card aria-label=(reader.say("The first password")) {
            (refusal(reader, refused))
            form method="post" action="/password" {
                label for="code" { (reader.say("The code that the box shows")) }
                input #code name="code" inputmode="numeric" autocomplete="one-time-code" maxlength=(CODE_CHARS_MAX) required
                    aria-describedby="code-hint" autofocus;
                p #code-hint .quiet {
                    (reader.around("{n} digits, in the log of textback. On the box itself, {command} shows them too.", &[
                        ("n", html! { (CODE_DIGITS) }),
                        ("command", html! { code { "textback password" } }),
                    ]))
                }
                (new_password(reader, "password", reader.say("Your password")))
                button type="submit" { (reader.say("Set the password")) }
            }
        }
    };
    frame(reader, reader.say("Welcome"), None, &content)
}

pub(in crate::web) fn sign_in(reader: &Reader, refused: Option<&str>) -> Markup {
    let content = html! {
        div .top { h1 { (reader.say("Sign in")) } }
        section .card aria-label=(reader.say("Sign in")) {
            (refusal(reader, refused))
            form method="post" action="/sign-in" {
                label for="password" { (reader.say("Password")) }
                input #password name="password" type="password" autocomplete="current-password" maxlength=(CHARS_MAX) required autofocus;
                button type="submit" { (reader.say("Sign in")) }
            }
            details {
                summary { (reader.say("I do not know it")) }
                div { p .quiet {
                    (reader.around("On the box itself, {command} sets a new one. Calls are texted meanwhile as ever.", &[
                        ("command", html! { code { "textback password" } }),
                    ]))
                } }
            }
        }
    };
    frame(reader, reader.say("Sign in"), None, &content)
}

pub(in crate::web) fn access(view: &View) -> Markup {
    let reader = &view.reader;
    let content = html! {
        div .top {
            a .way href="/" { (reader.say("Back")) }
            h1 { (reader.say("Access")) }
            @if let Some(done) = view.done { p .saved role="status" { (reader.say(done)) } }
            (refusal(reader, view.refused.as_deref()))
        }
        @if reader.demo {
            p .quiet { (reader.say("The demo asks for no password: it listens on this computer alone, and nothing in it is real.")) }
        } @else {
            (password(reader))
            (sessions(reader))
        }
        (tokens(view))
    };
    frame(reader, reader.say("Access"), None, &content)
}

fn password(reader: &Reader) -> Markup {
    html! {
        section .card aria-labelledby="password-title" {
            h2 #password-title { (reader.say("Password")) }
            form method="post" action="/access/password" {
                label for="old" { (reader.say("The present password")) }
                input #old name="old" type="password" autocomplete="current-password" maxlength=(CHARS_MAX) required;
                (new_password(reader, "new", reader.say("The new password")))
                button type="submit" { (reader.say("Change it")) }
            }
        }
    }
}

fn sessions(reader: &Reader) -> Markup {
    html! {
        section .card aria-labelledby="sessions-title" {
            h2 #sessions-title { (reader.say("Signed in")) }
            p .quiet { (reader.say("A browser stays signed in for 30 days, and for 7 when it does not come back.")) }
            div .choices {
                form method="post" action="/sign-out" { button .second type="submit" { (reader.say("Sign out here")) } }
                form method="post" action="/access/sign-out" { button .second type="submit" { (reader.say("Sign out everywhere")) } }
            }
        }
    }
}

fn tokens(view: &View) -> Markup {
    let reader = &view.reader;
    html! {
        section .card aria-labelledby="tokens-title" {
            h2 #tokens-title { (reader.say("Programs")) }
            p .quiet { (reader.say("A token lets a program of yours in, without the password. It stays when the password is changed.")) }
            @if let Some(token) = &view.token {
                div .saved role="status" {
                    p { (reader.say("This is the token. It is shown this once: keep it where the program finds it.")) }
                    p { code .token { (token) } }
                }
            }
            @if !view.tokens.is_empty() {
                ol { @for row in &view.tokens { (token(view, row)) } }
            }
            form method="post" action="/access/tokens" {
                label for="name" { (reader.say("What it is for")) }
                input #name name="name" type="text" maxlength="60" autocomplete="off" placeholder=(reader.say("Graphs"));
                button .second type="submit" { (reader.say("Make a token")) }
            }
        }
    }
}

fn token(view: &View, row: &TokenRow) -> Markup {
    let reader = &view.reader;
    let day = |at| reader.day_name(reader.local(at).date());
    let name = words::shown(&row.name, WHY_CHARS);
    html! {
        li {
            div {
                div .who { bdi { (name) } }
                div .quiet {
                    (reader.fill("Made: {day}.", &[("day", &day(row.made_at))])) " "
                    @match row.used_at {
                        Some(used_at) => (reader.fill("Used: {day}.", &[("day", &day(used_at))])),
                        None => (reader.say("Never used.")),
                    }
                }
            }
            form method="post" action="/access/tokens/revoke" {
                input type="hidden" name="id" value=(row.id);
                button .second type="submit" aria-label=(reader.fill("Revoke {name}", &[("name", &name)])) { (reader.say("Revoke")) }
            }
        }
    }
}

fn new_password(reader: &Reader, name: &str, label: &str) -> Markup {
    let hint = format!("{name}-hint");
    html! {
        label for=(name) { (label) }
        input id=(name) name=(name) type="password" autocomplete="new-password" minlength=(CHARS_MIN) maxlength=(CHARS_MAX) required
            aria-describedby=(hint);
        p .quiet id=(hint) { (reader.fill("At least {n} characters. A sentence is good.", &[("n", &CHARS_MIN)])) }
    }
}

fn refusal(reader: &Reader, refused: Option<&str>) -> Markup {
    html! {
        @if let Some(why) = refused { p .refusal role="alert" { (words::shown(&reader.retell(why), WHY_CHARS)) } }
    }
}
