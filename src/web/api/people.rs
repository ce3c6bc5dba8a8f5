//! The lists of people.

use jiff::Timestamp;
#[cfg(test)]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::operations::{Answer, At, Done, File, Json, Query};
use super::problem::Problem;
use crate::store::List;
use crate::web::App;
use crate::web::people;

/// People of one answer.
const MOST: usize = 1000;

#[derive(Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct Which {
    /// `never-text`, `contacts` or `opted-out`.
    list: String,
}

impl Which {
    fn list(&self) -> Answer<List> {
        list_of(&self.list)
    }
}

fn list_of(token: &str) -> Answer<List> {
    let sentence = "the lists are never-text, contacts and opted-out";
    List::from_token(token).ok_or_else(|| Problem::not_found(sentence))
}

#[derive(Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct Who {
    /// `never-text`, `contacts` or `opted-out`.
    list: String,
    /// As people at home write it, or E.164.
    number: String,
}

#[derive(Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct Sought {
    /// A part of the name or the number; everybody where it is left out.
    #[serde(default)]
    sought: String,
    /// So many to pass over.
    #[serde(default)]
    skip: usize,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct People {
    /// 1000 at most.
    people: Vec<Person>,
    /// So many match what was sought.
    matching: usize,
    /// So many are on the list.
    total: usize,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct Person {
    /// E.164.
    number: String,
    /// May be empty.
    name: String,
    /// When they opted out.
    since: Option<Timestamp>,
}

pub(super) async fn list(
    app: App,
    (At(which), Query(asked)): (At<Which>, Query<Sought>),
) -> Answer<Json<People>> {
    let (store, list) = (&app.state.store, which.list()?);
    let listed = store.people(list, &asked.sought, asked.skip, MOST).await?;
    let people = listed.people.into_iter().map(|person| Person {
        number: person.number,
        name: person.name,
        since: person.since,
    });
    Ok(Json(People {
        people: people.collect(),
        matching: listed.matching,
        total: listed.total,
    }))
}

#[derive(Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct Named {
    /// What you call them; may be left out.
    #[serde(default)]
    name: String,
}

pub(super) async fn add(app: App, (At(who), Json(named)): (At<Who>, Json<Named>)) -> Answer<Done> {
    let list = list_of(&who.list)?;
    match people::try_add(&app, list, &who.number, &named.name).await? {
        Ok(_) => Ok(Done),
        Err(why) => Err(Problem::refused(&why)),
    }
}

#[derive(Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct Asked {
    /// That somebody who opted out has asked to be texted again; without, they stay on that list.
    #[serde(default)]
    asked: bool,
}

pub(super) async fn remove(
    app: App,
    (At(who), Query(asked)): (At<Who>, Query<Asked>),
) -> Answer<Done> {
    let list = list_of(&who.list)?;
    match people::try_remove(&app, list, &who.number, asked.asked).await? {
        Ok(true) => Ok(Done),
        Ok(false) => Err(Problem::not_found("nobody of this number is on the list")),
        Err(why) => Err(Problem::refused(why)),
    }
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct Came {
    /// Numbers that are new on the list.
    added: usize,
    /// Numbers that were on it.
    known: usize,
}

pub(super) async fn import(
    app: App,
    (At(which), File(file)): (At<Which>, File),
) -> Answer<Json<Came>> {
    let list = which.list()?;
    if list == List::OptedOut {
        let why = "who asked for no more texts asked one by one";
        return Err(Problem::refused(why));
    }
    match people::try_import(&app, list, file).await? {
        Ok((imported, _)) => Ok(Json(Came {
            added: imported.added,
            known: imported.known,
        })),
        Err(why) => Err(Problem::refused(&why)),
    }
}
