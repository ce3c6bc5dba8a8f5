//! Every setting.

use std::collections::BTreeMap;

#[cfg(test)]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::operations::{Answer, At, Json};
use super::problem::Problem;
use crate::settings::{self, ALL, OWNER_PIN, Setting, Settings};
use crate::web::App;

#[derive(Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct Which {
    /// Such as `business.name`.
    key: String,
}

impl Which {
    fn setting(&self) -> Answer<&'static Setting> {
        settings::find(&self.key).map_err(|refusal| Problem::not_found(&refusal.to_string()))
    }
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct All {
    settings: Vec<Told>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct Told {
    key: &'static str,
    /// Null for a PIN that is set.
    value: Option<String>,
    default: &'static str,
    /// What it does.
    help: &'static str,
    /// What it takes.
    accepts: String,
}

impl Told {
    fn of(setting: &'static Setting, settings: &Settings) -> Self {
        let value = settings.value(setting.key).unwrap_or_default();
        let is_secret = setting.key == OWNER_PIN && !value.is_empty();
        Self {
            key: setting.key,
            value: (!is_secret).then(|| value.to_owned()),
            default: setting.default,
            help: setting.help,
            accepts: setting.accepts(),
        }
    }
}

pub(super) async fn all(app: App, (): ()) -> Answer<Json<All>> {
    let current = app.state.store.settings().await?;
    let settings = ALL.iter().map(|setting| Told::of(setting, &current));
    Ok(Json(All {
        settings: settings.collect(),
    }))
}

pub(super) async fn one(app: App, At(which): At<Which>) -> Answer<Json<Told>> {
    let setting = which.setting()?;
    let current = app.state.store.settings().await?;
    Ok(Json(Told::of(setting, &current)))
}

#[derive(Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct Value {
    value: String,
}

pub(super) async fn change(
    app: App,
    (At(which), Json(typed)): (At<Which>, Json<Value>),
) -> Answer<Json<Told>> {
    set(&app, which.setting()?, &typed.value).await
}

pub(super) async fn reset(app: App, At(which): At<Which>) -> Answer<Json<Told>> {
    // Empty stands for the default in each of them.
    set(&app, which.setting()?, "").await
}

async fn set(app: &App, setting: &'static Setting, value: &str) -> Answer<Json<Told>> {
    let (store, now) = (&app.state.store, app.state.clock.wall());
    match store.change_setting(setting.key, value, now).await? {
        Ok(_) => Ok(Json(Told::of(setting, &*store.settings().await?))),
        Err(refusal) => Err(Problem::refused(&refusal.to_string())),
    }
}

#[derive(Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct Several {
    /// Keys and values.
    settings: BTreeMap<String, String>,
}

pub(super) async fn change_several(app: App, Json(typed): Json<Several>) -> Answer<Json<All>> {
    let (store, now) = (&app.state.store, app.state.clock.wall());
    let changes: Vec<(&str, &str)> = typed
        .settings
        .iter()
        .map(|(key, value)| (key.as_str(), value.as_str()))
        .collect();
    match store.change_settings(&changes, now).await? {
        Ok(_) => all(app, ()).await,
        Err(refusal) => Err(Problem::refused(&refusal.to_string())),
    }
}
