//! Pictures of the last days and weeks, drawn here: a bar for the calls of each, in it one for the callers texted, and in that one
//! for those who answered.

use std::fmt::Display;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan, Zoned};
use maud::{Markup, html};

use super::Shown;
use crate::settings::Settings;
use crate::store::{CallCount, Overview};
use crate::web::reader::Reader;

/// Weeks in the second picture.
const WEEKS: i64 = 8;
/// Units of a picture from side to side.
const WIDE: u32 = 280;
/// Units of the highest bar.
const HIGHEST: u32 = 72;
/// Units above the bars, for their numbers.
const ABOVE: u32 = 20;
/// Calls at which a bar is highest at least: three calls on a quiet day are not a mountain.
const SCALE_MIN: u32 = 6;

pub(super) fn section(shown: &Shown, overview: &Overview, settings: &Settings) -> Markup {
    let reader = &shown.reader;
    let days = columns(&overview.days, |days_ago| day(reader, days_ago));
    let weeks = columns(&shown.weeks, |weeks_ago| week(reader, weeks_ago));
    let past_weeks = weeks.split_last().map_or(&[][..], |(_, past)| past);
    html! {
        section .card.week aria-labelledby="week-title" {
            h2 #week-title { (reader.say("Last 7 days")) }
            div #week data-live {
                (picture(reader, &days))
                (recovered(reader, overview.wrote_back, settings.job_value()))
            }
            // A new box has nothing to tell of weeks.
            div #weeks data-live {
                @if past_weeks.iter().any(|week| week.count.calls > 0) {
                    h3 { (reader.fill("Last {n} weeks", &[("n", &WEEKS)])) }
                    (picture(reader, &weeks))
                }
            }
        }
    }
}

/// When each of the weeks began, oldest first, on Mondays; the last one is this week.
pub(in crate::web) fn week_starts(now: &Zoned) -> Vec<Timestamp> {
    (0..WEEKS)
        .rev()
        .filter_map(|weeks_ago| {
            let monday = monday(now.date(), weeks_ago)?;
            monday.to_zoned(now.time_zone().clone()).ok()
        })
        .map(|start| start.timestamp())
        .collect()
}

fn monday(today: Date, weeks_ago: i64) -> Option<Date> {
    let days = i64::from(today.weekday().to_monday_zero_offset());
    today.checked_sub((days + 7 * weeks_ago).days()).ok()
}

/// What those who wrote back may bring: replies times what a job is worth.
fn recovered(reader: &Reader, wrote_back: u32, job_value: u32) -> Markup {
    let worth = u64::from(wrote_back) * u64::from(job_value);
    let values: [(&str, &dyn Display); 3] =
        [("n", &wrote_back), ("worth", &worth), ("each", &job_value)];
    let words = match (wrote_back, worth) {
        (1, 0) => "1 caller wrote back.",
        (_, 0) => "{n} callers wrote back.",
        (1, _) => "1 caller wrote back: about {worth} in jobs at {each} each.",
        (_, _) => "{n} callers wrote back: about {worth} in jobs at {each} each.",
    };
    html! {
        @if wrote_back > 0 { p #recovered .quiet { (reader.fill(words, &values)) } }
    }
}

fn picture(reader: &Reader, columns: &[Column]) -> Markup {
    let sum = |of: fn(&CallCount) -> u32| -> u32 {
        let counts = columns.iter().map(|column| of(&column.count));
        counts.fold(0, u32::saturating_add)
    };
    let [calls, texted, answered] = [
        sum(|it| it.calls),
        sum(|it| it.texted),
        sum(|it| it.answered),
    ];
    let calls_in_words = reader.count(calls, "1 missed call", "{n} missed calls");
    let highest = columns.iter().map(|column| column.count.calls);
    let scale = highest.fold(SCALE_MIN, u32::max);
    let columns_drawn = u32::try_from(columns.len()).unwrap_or(u32::MAX).max(1);
    let step = WIDE / columns_drawn;
    let spoken: Vec<String> = columns.iter().map(|column| column.spoken(reader)).collect();
    html! {
        svg viewBox={ "0 0 " (WIDE) " " (ABOVE + HIGHEST + 22) } role="img" aria-label=(spoken.join(" ")) {
            @for (column, at) in columns.iter().zip(0..) { (column.draw(at * step, step, scale)) }
        }
        p.quiet {
            @if calls == 0 {
                (reader.say("No missed calls."))
            } @else {
                (reader.around("{calls}, {texted} texted, {answered} answered.", &[
                    ("calls", html! { span.key {} (calls_in_words) }),
                    ("texted", html! { span.key.texted {} (texted) }),
                    ("answered", html! { span.key.answered {} (answered) }),
                ]))
            }
        }
    }
}

/// A day or a week.
struct Column {
    /// As it is told.
    name: String,
    /// As it stands under its bar.
    label: String,
    /// It is still going on.
    is_last: bool,
    count: CallCount,
}

/// The columns of these counts, the last of which is now; `named` tells what one of so long ago is called, and called for short.
fn columns(counts: &[CallCount], named: impl Fn(i64) -> (String, String)) -> Vec<Column> {
    let ago = (0_i64..).take(counts.len()).collect::<Vec<_>>();
    let column = |(ago, count): (i64, &CallCount)| {
        let (name, label) = named(ago);
        Column {
            name,
            label,
            is_last: ago == 0,
            count: *count,
        }
    };
    ago.into_iter().rev().zip(counts).map(column).collect()
}

fn day(reader: &Reader, days_ago: i64) -> (String, String) {
    let today = reader.now.date();
    let day = today.checked_sub(days_ago.days()).unwrap_or(today);
    let weekday = day.strftime("%a").to_string();
    (reader.day_name(day), reader.say(&weekday).to_owned())
}

fn week(reader: &Reader, weeks_ago: i64) -> (String, String) {
    let today = reader.now.date();
    let monday = monday(today, weeks_ago).unwrap_or(today);
    let month = monday.strftime("%b").to_string();
    let label = reader.fill(
        "{day} {month}",
        &[("day", &monday.day()), ("month", &reader.say(&month))],
    );
    let name = reader.fill("Week of {day}", &[("day", &label)]);
    // There is room for every other one.
    match weeks_ago % 2 {
        0 => (name, label),
        _ => (name, String::new()),
    }
}

impl Column {
    fn spoken(&self, reader: &Reader) -> String {
        let calls = reader.count(self.count.calls, "1 missed call", "{n} missed calls");
        reader.fill(
            "{day}: {calls}, {texted} texted, {answered} answered.",
            &[
                ("day", &self.name),
                ("calls", &calls),
                ("texted", &self.count.texted),
                ("answered", &self.count.answered),
            ],
        )
    }

    fn draw(&self, left: u32, step: u32, scale: u32) -> Markup {
        let (floor, middle) = (ABOVE + HIGHEST, left + step / 2);
        let height = |calls: u32| {
            let exact = u64::from(calls) * u64::from(HIGHEST) / u64::from(scale.max(1));
            u32::try_from(exact).unwrap_or(HIGHEST).min(HIGHEST)
        };
        let CallCount {
            calls,
            texted,
            answered,
        } = self.count;
        let bars = [("calls", calls), ("texted", texted), ("answered", answered)];
        html! {
            g .today[self.is_last] {
                rect.track x=(left + 8) y=(ABOVE) width=(step - 16) height=(HIGHEST) rx="5" {}
                @for (class, height) in bars.map(|(class, count)| (class, height(count))) {
                    @if height > 0 {
                        rect .(class) x=(left + 8) y=(floor - height) width=(step - 16) height=(height) rx="5" {}
                    }
                }
                @if calls > 0 { text.number x=(middle) y=(floor - height(calls) - 6) { (calls) } }
                @if !self.label.is_empty() { text x=(middle) y=(floor + 17) { (self.label) } }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_begin_on_mondays_also_when_the_clocks_change() {
        for (now, last, first) in [
            // The clocks went forward on Sunday the 8th.
            (
                "2026-03-09T00:30:00",
                "2026-03-09T04:00:00Z",
                "2026-01-19T05:00:00Z",
            ),
            (
                "2026-03-08T23:30:00",
                "2026-03-02T05:00:00Z",
                "2026-01-12T05:00:00Z",
            ),
        ] {
            let now: Zoned = format!("{now}[America/New_York]").parse().unwrap();
            let starts = week_starts(&now);
            assert_eq!(starts.len(), 8);
            assert_eq!(starts[7].to_string(), last);
            assert_eq!(starts[0].to_string(), first);
        }
    }
}
