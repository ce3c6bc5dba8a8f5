//! The door in HTML: the first password, signing in, and what belongs to it behind the door. No script: nothing on these pages
//! changes by itself.

use jiff::Zoned;
use maud::{Markup, html};

use super::frame;
use crate::door::{CHARS_MAX, CHARS_MIN, CODE_DIGITS};
use crate::store::TokenRow;
use crate::web::words;

/// Characters of a reason that are shown.
const WHY_CHARS: usize = 300;
/// A code may be typed with spaces and hyphens.
const CODE_CHARS_MAX: usize = CODE_DIGITS * 2;

/// What stands behind the door.
#[derive(Debug, Clone)]
pub(in crate::web) struct View {
    pub(in crate::web) demo: bool,
    pub(in crate::web) now: Zoned,
    pub(in crate::web) tokens: Vec<TokenRow>,
    /// A token that was just made, which is shown this once.
    pub(in crate::web) token: Option<String>,
    pub(in crate::web) done: Option<&'static str>,
    pub(in crate::web) refused: Option<String>,
}

/// Nothing but setting the first password.
pub(in crate::web) fn first(refused: Option<&str>) -> Markup {
    let content = html! {
        div .top {
            h1 { "Welcome" }
            p .quiet { "This box is yours once it has a password. Everybody in your network can open this page, and only who knows the password sees your callers." }
        }
        section .card aria-label="The first password" {
            (refusal(refused))
            form method="post" action="/password" {
                label for="code" { "The code that the box shows" }
                input #code name="code" inputmode="numeric" autocomplete="one-time-code" maxlength=(CODE_CHARS_MAX) required
                    aria-describedby="code-hint" autofocus;
                p #code-hint .quiet { (CODE_DIGITS) " digits, in the log of textback. On the box itself, " code { "textback password" } " shows them too." }
                (new_password("password", "Your password"))
                button type="submit" { "Set the password" }
            }
        }
    };
    frame("Welcome", false, None, &content)
}

pub(in crate::web) fn sign_in(refused: Option<&str>) -> Markup {
    let content = html! {
        div .top { h1 { "Sign in" } }
        section .card aria-label="Sign in" {
            (refusal(refused))
            form method="post" action="/sign-in" {
                label for="password" { "Password" }
                input #password name="password" type="password" autocomplete="current-password" maxlength=(CHARS_MAX) required autofocus;
                button type="submit" { "Sign in" }
            }
            details {
                summary { "I do not know it" }
                div { p .quiet { "On the box itself, " code { "textback password" } " sets a new one. Calls are texted meanwhile as ever." } }
            }
        }
    };
    frame("Sign in", false, None, &content)
}

pub(in crate::web) fn access(view: &View) -> Markup {
    let content = html! {
        div .top {
            a .way href="/" { "Back" }
            h1 { "Access" }
            @if let Some(done) = view.done { p .saved role="status" { (done) } }
            (refusal(view.refused.as_deref()))
        }
        @if view.demo {
            p .quiet { "The demo asks for no password: it listens on this computer alone, and nothing in it is real." }
        } @else {
            (password())
            (sessions())
        }
        (tokens(view))
    };
    frame("Access", view.demo, None, &content)
}

fn password() -> Markup {
    html! {
        section .card aria-labelledby="password-title" {
            h2 #password-title { "Password" }
            form method="post" action="/access/password" {
                label for="old" { "The present password" }
                input #old name="old" type="password" autocomplete="current-password" maxlength=(CHARS_MAX) required;
                (new_password("new", "The new password"))
                button type="submit" { "Change it" }
            }
        }
    }
}

fn sessions() -> Markup {
    html! {
        section .card aria-labelledby="sessions-title" {
            h2 #sessions-title { "Signed in" }
            p .quiet { "A browser stays signed in for 30 days, and for 7 when it does not come back." }
            div .choices {
                form method="post" action="/sign-out" { button .second type="submit" { "Sign out here" } }
                form method="post" action="/access/sign-out" { button .second type="submit" { "Sign out everywhere" } }
            }
        }
    }
}

fn tokens(view: &View) -> Markup {
    html! {
        section .card aria-labelledby="tokens-title" {
            h2 #tokens-title { "Programs" }
            p .quiet { "A token lets a program of yours in, without the password. It stays when the password is changed." }
            @if let Some(token) = &view.token {
                div .saved role="status" {
                    p { "This is the token. It is shown this once: keep it where the program finds it." }
                    p { code .token { (token) } }
                }
            }
            @if !view.tokens.is_empty() {
                ol { @for row in &view.tokens { (token(view, row)) } }
            }
            form method="post" action="/access/tokens" {
                label for="name" { "What it is for" }
                input #name name="name" type="text" maxlength="60" autocomplete="off" placeholder="Graphs";
                button .second type="submit" { "Make a token" }
            }
        }
    }
}

fn token(view: &View, row: &TokenRow) -> Markup {
    let day = |at: jiff::Timestamp| {
        let at = at.to_zoned(view.now.time_zone().clone());
        words::day_name(at.date(), view.now.date())
    };
    html! {
        li {
            div {
                div .who { bdi { (words::shown(&row.name, WHY_CHARS)) } }
                div .quiet {
                    "Made: " (day(row.made_at)) ". "
                    @match row.used_at {
                        Some(used_at) => { "Used: " (day(used_at)) "." }
                        None => { "Never used." }
                    }
                }
            }
            form method="post" action="/access/tokens/revoke" {
                input type="hidden" name="id" value=(row.id);
                button .second type="submit" aria-label={ "Revoke " (words::shown(&row.name, WHY_CHARS)) } { "Revoke" }
            }
        }
    }
}

fn new_password(name: &str, label: &str) -> Markup {
    let hint = format!("{name}-hint");
    html! {
        label for=(name) { (label) }
        input id=(name) name=(name) type="password" autocomplete="new-password" minlength=(CHARS_MIN) maxlength=(CHARS_MAX) required
            aria-describedby=(hint);
        p .quiet id=(hint) { "At least " (CHARS_MIN) " characters. A sentence is good." }
    }
}

fn refusal(refused: Option<&str>) -> Markup {
    html! {
        @if let Some(why) = refused { p .refusal role="alert" { (words::shown(why, WHY_CHARS)) } }
    }
}
