//! Calls, texts and the last days.

use jiff::Timestamp;
use jiff::civil::Date;
#[cfg(test)]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::operations::{Answer, Json, Query};
use crate::store::{About, AlertView, CallCount, ExportedCall, ExportedText};
use crate::web::page::alerts::sentence;
use crate::web::reader::Reader;
use crate::web::{App, page};

/// Rows of one answer where nobody asks for another number of them.
const MOST: u32 = 100;
/// At most.
const MOST_MAX: u32 = 1000;

#[derive(Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct Page {
    /// Those before the one of this id; the newest where it is left out.
    before: Option<i64>,
    /// So many at most: 1 to 1000, 100 where it is left out.
    limit: Option<u32>,
}

impl Page {
    fn limit(&self) -> u32 {
        self.limit.unwrap_or(MOST).clamp(1, MOST_MAX)
    }
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct Calls {
    calls: Vec<ExportedCall>,
}

pub(super) async fn calls(app: App, Query(page): Query<Page>) -> Answer<Json<Calls>> {
    let store = &app.state.store;
    let calls = store.calls_before(page.before, page.limit()).await?;
    Ok(Json(Calls { calls }))
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct Texts {
    texts: Vec<ExportedText>,
}

pub(super) async fn texts(app: App, Query(page): Query<Page>) -> Answer<Json<Texts>> {
    let store = &app.state.store;
    let texts = store.texts_before(page.before, page.limit()).await?;
    Ok(Json(Texts { texts }))
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct Days {
    /// Oldest first; the last one is today, in the owner's zone.
    days: Vec<Day>,
    /// The same of weeks, each by its Monday; the last one is this week.
    weeks: Vec<Day>,
    /// Texted callers who wrote back in these days.
    wrote_back: u32,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct Day {
    day: Date,
    /// Calls that ended.
    calls: u32,
    /// Calls whose text has left.
    texted: u32,
    /// Those of them whose callers have written since.
    answered: u32,
}

pub(super) async fn days(app: App, (): ()) -> Answer<Json<Days>> {
    let state = &app.state;
    let now = Reader::of(&app).await.now;
    let (days, weeks) = (page::day_starts(&now), page::week_starts(&now));
    let overview = state.store.overview(days.clone()).await?;
    let counts = state.store.count_calls(weeks.clone()).await?;
    let counted = |starts: Vec<Timestamp>, counts: Vec<CallCount>| -> Vec<Day> {
        let counted = starts.into_iter().zip(counts);
        let day = |(start, count): (Timestamp, CallCount)| Day {
            day: start.to_zoned(now.time_zone().clone()).date(),
            calls: count.calls,
            texted: count.texted,
            answered: count.answered,
        };
        counted.map(day).collect()
    };
    Ok(Json(Days {
        days: counted(days, overview.days),
        weeks: counted(weeks, counts),
        wrote_back: overview.wrote_back,
    }))
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct Alerts {
    alerts: Vec<Told>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct Told {
    /// When that was known.
    at: Timestamp,
    /// What it is, in a sentence.
    what: String,
    /// Whom to ring back, E.164.
    number: Option<String>,
    /// When the text left that told the owner.
    told_at: Option<Timestamp>,
}

impl From<AlertView> for Told {
    fn from(view: AlertView) -> Self {
        Self {
            at: view.alert.at,
            what: sentence(&view.alert),
            number: match &view.alert.about {
                About::Person { number, .. } => Some(number.to_string()),
                About::Words(_) => None,
            },
            told_at: view.told_at,
        }
    }
}

pub(super) async fn alerts(app: App, (): ()) -> Answer<Json<Alerts>> {
    let state = &app.state;
    let now = Reader::of(&app).await.now;
    let overview = state.store.overview(page::day_starts(&now)).await?;
    Ok(Json(Alerts {
        alerts: overview.alerts.into_iter().map(Told::from).collect(),
    }))
}
