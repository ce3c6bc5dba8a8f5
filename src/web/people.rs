//! The lists of people: shown, changed by hand, and filled from a file. What a number and what a list is, the rooms below say.

use axum::extract::{self, Form, Multipart, Query};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::message::{in_words, unavailable};
use super::page::people::{self, View};
use super::reader::Reader;
use super::{App, page, words};
use crate::address_book::{self, AddressBook, FILE_BYTES_MAX};
use crate::phone::PhoneNumber;
use crate::settings::TEXTS_ONLY_STRANGERS;
use crate::store::{Imported, List, Listed, StoreError};

/// People of each list where all lists are shown.
const FIRST_SHOWN: usize = 10;
/// People of a list where it is shown alone.
const SHOWN_ALONE: usize = 50;
/// Characters that are looked for, at most; no name and no number is longer.
const SOUGHT_CHARS: usize = 60;

/// Bytes of an upload at most. More of it than [`FILE_BYTES_MAX`] is not kept, but read to its end: a browser shows our answer only
/// when it has sent everything. An address book with pictures in it has as much as this.
pub const UPLOAD_BYTES_MAX: usize = 32 * 1024 * 1024;

/// What the address of the page asks for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    /// The list to show alone.
    list: String,
    /// Whom to look for.
    sought: String,
    /// How many to pass over.
    from: usize,
    /// What was done before the page was asked for, and with which list.
    did: String,
    at: String,
    /// A number that is about to be put on the never-text list.
    number: String,
}

/// What was done, or why not; stands beside the list that it is about.
#[derive(Debug, Clone)]
pub(super) enum Notice {
    /// It was done.
    Done(&'static str),
    /// A file was taken.
    Imported(Imported, AddressBook),
    /// It was not done.
    Refused(String),
}

/// The form of one person, as typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    pub(super) list: String,
    pub(super) number: String,
    pub(super) name: String,
    /// That somebody who opted out has asked to be texted again.
    pub(super) asked: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Switch {
    only_strangers: String,
}

/// `GET /people`.
pub(super) async fn page(
    extract::State(app): extract::State<App>,
    Query(asked): Query<Asked>,
) -> Response {
    let done = match asked.did.as_str() {
        "added" => Some("Added."),
        "renamed" => Some("It was on the list already."),
        "removed" => Some("Removed."),
        "only-strangers" => Some("Saved. Your contacts are left alone from the next call on."),
        "everybody" => {
            Some("Saved. Your contacts are texted like everybody else from the next call on.")
        }
        _ => None,
    };
    let notice = done.and_then(|done| Some((List::from_token(&asked.at)?, Notice::Done(done))));
    let typed = Typed {
        list: List::NeverText.token().to_owned(),
        number: words::shown(&asked.number, SOUGHT_CHARS),
        ..Typed::default()
    };
    show(&app, StatusCode::OK, &asked, notice, typed).await
}

/// `POST /people/add`.
pub(super) async fn add(
    extract::State(app): extract::State<App>,
    Form(typed): Form<Typed>,
) -> Response {
    let Some(list) = List::from_token(&typed.list) else {
        return StatusCode::UNPROCESSABLE_ENTITY.into_response();
    };
    match try_add(&app, list, &typed.number, &typed.name).await {
        Ok(Ok(true)) => back(list, "added"),
        Ok(Ok(false)) => back(list, "renamed"),
        Ok(Err(why)) => refuse(&app, list, &why, typed).await,
        Err(error) => unavailable(&error),
    }
}

/// Whether the number is new on the list, or why it is not put there.
pub(super) async fn try_add(
    app: &App,
    list: List,
    number: &str,
    name: &str,
) -> Result<Result<bool, String>, StoreError> {
    let store = &app.state.store;
    let settings = store.settings().await?;
    let home = page::home(&app.state, &settings);
    let number = match PhoneNumber::parse(number, home) {
        Ok(number) => number,
        Err(error) => return Ok(Err(error.to_string())),
    };
    let now = app.state.clock.wall();
    let listed = store.list_person(list, &number, name, now).await?;
    Ok(listed.map_err(|full| full.to_string()))
}

/// `POST /people/remove`.
pub(super) async fn remove(
    extract::State(app): extract::State<App>,
    Form(typed): Form<Typed>,
) -> Response {
    let Some(list) = List::from_token(&typed.list) else {
        return StatusCode::UNPROCESSABLE_ENTITY.into_response();
    };
    match try_remove(&app, list, &typed.number, typed.asked == "yes").await {
        Ok(Ok(_)) => back(list, "removed"),
        Ok(Err(why)) => refuse(&app, list, why, Typed::default()).await,
        Err(error) => unavailable(&error),
    }
}

/// Whether somebody was on the list and is not any more, or why they stay. `asked`: they asked to be texted again.
pub(super) async fn try_remove(
    app: &App,
    list: List,
    number: &str,
    asked: bool,
) -> Result<Result<bool, &'static str>, StoreError> {
    if list == List::OptedOut && !asked {
        let why =
            "who asked for no more texts stays on this list until they ask you to text them again";
        return Ok(Err(why));
    }
    Ok(Ok(app.state.store.unlist_person(list, number).await?))
}

/// `POST /people/strangers`: the switch.
pub(super) async fn strangers(
    extract::State(app): extract::State<App>,
    Form(switch): Form<Switch>,
) -> Response {
    let store = &app.state.store;
    let changed = store.change_setting(
        TEXTS_ONLY_STRANGERS,
        &switch.only_strangers,
        app.state.clock.wall(),
    );
    match changed.await {
        Ok(Ok(kept)) if kept == "yes" => back(List::Contacts, "only-strangers"),
        Ok(Ok(_)) => back(List::Contacts, "everybody"),
        Ok(Err(why)) => refuse(&app, List::Contacts, &in_words(&why), Typed::default()).await,
        Err(error) => unavailable(&error),
    }
}

/// `POST /people/import`: a file, whole or not at all.
pub(super) async fn import(
    extract::State(app): extract::State<App>,
    mut form: Multipart,
) -> Response {
    let Ok(upload) = Upload::read(&mut form).await else {
        let reader = Reader::of(&app).await;
        let sentence = reader.say("The file did not arrive whole. Please try again.");
        return (StatusCode::BAD_REQUEST, format!("{sentence}\n")).into_response();
    };
    // Who asked for no more texts asked one by one.
    let Some(list) = List::from_token(&upload.list).filter(|list| *list != List::OptedOut) else {
        return StatusCode::UNPROCESSABLE_ENTITY.into_response();
    };
    match try_import(&app, list, upload.file).await {
        Ok(Ok((imported, book))) => {
            let notice = Some((list, Notice::Imported(imported, book)));
            show(
                &app,
                StatusCode::OK,
                &Asked::default(),
                notice,
                Typed::default(),
            )
            .await
        }
        Ok(Err(why)) => refuse(&app, list, &why, Typed::default()).await,
        Err(error) => unavailable(&error),
    }
}

/// What an upload came to, or why nothing of it was kept.
pub(super) async fn try_import(
    app: &App,
    list: List,
    file: Vec<u8>,
) -> Result<Result<(Imported, AddressBook), String>, StoreError> {
    let store = &app.state.store;
    let settings = store.settings().await?;
    let home = page::home(&app.state, &settings);
    // A full file takes a small computer a second, in which calls come.
    let read = tokio::task::spawn_blocking(move || address_book::read(&file, home)).await;
    let mut book = match read {
        Ok(Ok(book)) => book,
        Ok(Err(why)) => return Ok(Err(why.to_string())),
        Err(_) => return Ok(Err("the box is being stopped; try again".to_owned())),
    };
    let entries = std::mem::take(&mut book.entries);
    let imported = store
        .import_people(list, entries, app.state.clock.wall())
        .await?;
    Ok(imported
        .map(|imported| (imported, book))
        .map_err(|full| full.to_string()))
}

/// What the form of a file sends.
#[derive(Debug, Default)]
struct Upload {
    list: String,
    /// One byte more than may be, if there are more.
    file: Vec<u8>,
}

impl Upload {
    async fn read(form: &mut Multipart) -> Result<Self, extract::multipart::MultipartError> {
        let mut upload = Self::default();
        while let Some(mut field) = form.next_field().await? {
            let is_file = field.name() == Some("file");
            let is_list = field.name() == Some("list");
            let mut kept = Vec::new();
            while let Some(chunk) = field.chunk().await? {
                let room = (FILE_BYTES_MAX + 1).saturating_sub(kept.len());
                kept.extend_from_slice(&chunk[..room.min(chunk.len())]);
            }
            if is_file {
                upload.file = kept;
            } else if is_list {
                upload.list = String::from_utf8_lossy(&kept).into_owned();
            }
        }
        Ok(upload)
    }
}

/// To the page, which says what was done.
fn back(list: List, did: &str) -> Response {
    let list = list.token();
    Redirect::to(&format!("/people?did={did}&at={list}#{list}")).into_response()
}

/// The page with what was typed and why it was not done.
async fn refuse(app: &App, list: List, why: &str, typed: Typed) -> Response {
    let notice = Some((list, Notice::Refused(words::sentence(why))));
    let asked = Asked::default();
    show(app, StatusCode::UNPROCESSABLE_ENTITY, &asked, notice, typed).await
}

async fn show(
    app: &App,
    status: StatusCode,
    asked: &Asked,
    notice: Option<(List, Notice)>,
    typed: Typed,
) -> Response {
    match view(app, asked, notice, typed).await {
        Ok(view) => (status, people::page(&view)).into_response(),
        Err(error) => unavailable(&error),
    }
}

async fn view(
    app: &App,
    asked: &Asked,
    notice: Option<(List, Notice)>,
    typed: Typed,
) -> Result<View, StoreError> {
    let store = &app.state.store;
    let settings = store.settings().await?;
    let alone = List::from_token(&asked.list);
    let sought = words::shown(&asked.sought, SOUGHT_CHARS);
    let (from, most) = match alone {
        Some(_) => (asked.from, SHOWN_ALONE),
        None => (0, FIRST_SHOWN),
    };
    let mut lists: Vec<(List, Listed)> = Vec::new();
    for list in List::ALL {
        if alone.is_none_or(|alone| alone == list) {
            lists.push((list, store.people(list, &sought, from, most).await?));
        }
    }
    Ok(View {
        reader: Reader::of(app).await,
        only_strangers: settings.only_strangers(),
        lists,
        alone: alone.is_some(),
        sought,
        from,
        most,
        notice,
        typed,
    })
}
