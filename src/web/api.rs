//! `/api/v1`: all that the page shows and does, for programs. Each operation uses the functions that the page uses; the document of them
//! all is made of the types they take and give, see `document`.

mod access;
mod calls;
mod conversations;
#[cfg(test)]
mod document;
mod messages;
mod operations;
mod people;
mod problem;
mod settings;
mod setup;
mod the_box;

use axum::Router;
use axum::response::IntoResponse;
use axum::routing::get;

use super::App;
use operations::{Operations, Verb};
pub(super) use problem::speak_json;

/// Where the API begins.
const PLACE: &str = "/api/v1";

/// What the operations are, for programs that make programs of it (OpenAPI 3.1); a test holds it to the code.
const DOCUMENT: &str = include_str!("../../docs/openapi.json");

/// What takes no more than a form does, and what takes files.
pub(super) struct Routers {
    pub(super) small: Router<App>,
    pub(super) files: Router<App>,
}

/// Every address of the API.
pub(super) fn routers() -> Routers {
    let document = get(async || ([("content-type", "application/json")], DOCUMENT).into_response());
    let small = operations().into_router().route("/openapi.json", document);
    let files = files().into_router();
    Routers {
        small: Router::new().nest(PLACE, small),
        files: Router::new().nest(PLACE, files),
    }
}

fn files() -> Operations {
    Operations::default()
        .on(
            Verb::Post,
            "/people/{list}/import",
            "Puts everybody of a vCard or CSV file on a list, whole or not at all.",
            people::import,
        )
        .on(
            Verb::Post,
            "/box/backup",
            "A copy of the database as it is now, for `textback restore`.",
            the_box::backup,
        )
}

fn operations() -> Operations {
    use Verb::{Delete, Get, Post, Put};
    Operations::default()
        .on(
            Get,
            "/status",
            "Whether a call missed now would be texted, and how the box is.",
            the_box::status,
        )
        .on(
            Get,
            "/calls",
            "Calls, newest first, in the shape of `textback export`.",
            calls::calls,
        )
        .on(
            Get,
            "/texts",
            "Texts in and out, newest first, in the shape of `textback export`.",
            calls::texts,
        )
        .on(
            Get,
            "/days",
            "The last days: calls, texted, and callers who wrote back.",
            calls::days,
        )
        .on(
            Get,
            "/alerts",
            "What the owner has to see to himself, of the last days, newest first.",
            calls::alerts,
        )
        .on(
            Get,
            "/conversations",
            "Whoever wrote, the last first.",
            conversations::list,
        )
        .on(
            Get,
            "/conversations/{number}",
            "One conversation with its texts, oldest first.",
            conversations::one,
        )
        .on(
            Post,
            "/conversations/{number}/answers",
            "Texts the caller.",
            conversations::answer,
        )
        .on(
            Put,
            "/conversations/{number}/outcome",
            "Writes down what came of it.",
            conversations::conclude,
        )
        .on(
            Get,
            "/people/{list}",
            "A list of people: never-text, contacts or opted-out.",
            people::list,
        )
        .on(
            Put,
            "/people/{list}/{number}",
            "Puts somebody on a list, or names them anew.",
            people::add,
        )
        .on(
            Delete,
            "/people/{list}/{number}",
            "Takes somebody off a list.",
            people::remove,
        )
        .on(
            Get,
            "/settings",
            "Every setting with what it does and takes. The PIN is not told.",
            settings::all,
        )
        .on(
            Put,
            "/settings",
            "Changes several settings, all of them or none.",
            settings::change_several,
        )
        .on(Get, "/settings/{key}", "One setting.", settings::one)
        .on(
            Put,
            "/settings/{key}",
            "Changes a setting.",
            settings::change,
        )
        .on(
            Delete,
            "/settings/{key}",
            "Puts a setting back to its default.",
            settings::reset,
        )
        .on(
            Get,
            "/messages/{occasion}",
            "A message, what a caller gets by it, and what it said before.",
            messages::one,
        )
        .on(
            Post,
            "/messages/{occasion}/preview",
            "What would become of these words; nothing is kept.",
            messages::preview,
        )
        .on(
            Put,
            "/messages/{occasion}",
            "Changes a message.",
            messages::change,
        )
        .on(
            Post,
            "/messages/{occasion}/restore",
            "Has it say again what it once said.",
            messages::restore,
        )
        .on(
            Post,
            "/messages/{occasion}/test",
            "Texts it to the owner.",
            messages::test,
        )
        .on(
            Get,
            "/outlets",
            "Who else is told what happens, and how that goes.",
            the_box::outlets,
        )
        .on(
            Post,
            "/outlets/{outlet}/again",
            "Sends again what was given up.",
            the_box::deliver_again,
        )
        .on(
            Get,
            "/box",
            "Modem, SIM, what was done for the modem, disk, clock, version.",
            the_box::show,
        )
        .on(
            Get,
            "/box/signal",
            "How well the modem heard its network over the last day.",
            the_box::signal,
        )
        .on(
            Get,
            "/box/log",
            "The newest lines of the log.",
            the_box::log,
        )
        .on(
            Post,
            "/box/support",
            "What to send in with a question; numbers are shortened.",
            the_box::support_file,
        )
        .on(
            Post,
            "/box/restart",
            "Has the program start anew.",
            the_box::restart,
        )
        .on(
            Get,
            "/setup",
            "How far the set-up is, as the box finds it.",
            setup::state,
        )
        .on(
            Post,
            "/setup/code",
            "Texts the owner's number a code.",
            setup::send_code,
        )
        .on(
            Post,
            "/setup/proof",
            "Proves that the number is the owner's.",
            setup::prove,
        )
        .on(
            Get,
            "/setup/forwarding",
            "The codes that have a phone forward its calls to the box.",
            setup::codes,
        )
        .on(
            Post,
            "/setup/test",
            "Calls count as the test call from now on.",
            setup::begin_test,
        )
        .on(
            Get,
            "/setup/test",
            "What the test call has shown so far.",
            setup::test,
        )
        .on(
            Put,
            "/setup/forwarding",
            "Keeps whose codes were chosen.",
            setup::choose,
        )
        .on(Post, "/setup/done", "The set-up is over.", setup::finish)
        .on(
            Put,
            "/password",
            "Changes the password of the page; every browser has to sign in again.",
            access::change_password,
        )
        .on(
            Get,
            "/tokens",
            "The tokens of programs, without their secrets.",
            access::tokens,
        )
        .on(
            Post,
            "/tokens",
            "Makes one; only this answer has the secret in it.",
            access::make_token,
        )
        .on(Delete, "/tokens/{id}", "Revokes one.", access::revoke_token)
        .on(
            Delete,
            "/sessions",
            "Signs every browser out.",
            access::end_sessions,
        )
}
