//! A picture of the last seven days, drawn here: a bar for the calls of each, and in it one for the callers texted.

use std::fmt::Display;

use jiff::ToSpan;
use maud::{Markup, html};

use super::Shown;
use crate::settings::Settings;
use crate::store::{DayCount, Overview};
use crate::web::reader::Reader;

/// Units of the picture from one bar to the next.
const STEP: u32 = 40;
/// Units of the highest bar.
const HIGHEST: u32 = 72;
/// Units above the bars, for their numbers.
const ABOVE: u32 = 20;
/// Calls at which a bar is highest at least: three calls on a quiet week are not a mountain.
const SCALE_MIN: u32 = 6;

pub(super) fn section(shown: &Shown, overview: &Overview, settings: &Settings) -> Markup {
    let reader = &shown.reader;
    html! {
        section .card.week aria-labelledby="week-title" {
            h2 #week-title { (reader.say("Last 7 days")) }
            div #week data-live {
                (picture(shown, &overview.days))
                (recovered(reader, overview.wrote_back, settings.job_value()))
            }
        }
    }
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

fn picture(shown: &Shown, days: &[DayCount]) -> Markup {
    let reader = &shown.reader;
    let total = days.iter().fold(DayCount::default(), |sum, day| DayCount {
        calls: sum.calls.saturating_add(day.calls),
        texted: sum.texted.saturating_add(day.texted),
    });
    let scale = days.iter().map(|day| day.calls).fold(SCALE_MIN, u32::max);
    let columns: Vec<Column> = (0_u32..)
        .zip((0..days.len()).rev())
        .zip(days)
        .map(|((at, days_ago), day)| Column::new(reader, at, days_ago, *day, scale))
        .collect();
    let spoken = columns
        .iter()
        .map(|column| column.spoken(reader))
        .collect::<Vec<_>>();
    html! {
        svg viewBox={ "0 0 " (STEP * 7) " " (ABOVE + HIGHEST + 22) } role="img" aria-label=(spoken.join(" ")) {
            @for column in &columns { (column.draw()) }
        }
        p.quiet {
            @if total.calls == 0 {
                (reader.say("No missed calls."))
            } @else {
                @let calls = reader.count(total.calls, "1 missed call", "{n} missed calls");
                (reader.around("{texted} texted of {calls}.", &[
                    ("texted", html! { span.key.texted {} (total.texted) }),
                    ("calls", html! { span.key {} (calls) }),
                ]))
            }
        }
    }
}

struct Column {
    left: u32,
    name: String,
    initials: String,
    today: bool,
    count: DayCount,
    calls_height: u32,
    texted_height: u32,
}

impl Column {
    fn new(reader: &Reader, at: u32, days_ago: usize, count: DayCount, scale: u32) -> Self {
        let today = reader.now.date();
        let span = i64::try_from(days_ago).unwrap_or(0).days();
        let day = today.checked_sub(span).unwrap_or(today);
        let height = |calls: u32| {
            let exact = u64::from(calls) * u64::from(HIGHEST) / u64::from(scale.max(1));
            u32::try_from(exact).unwrap_or(HIGHEST).min(HIGHEST)
        };
        Self {
            left: at * STEP,
            name: reader.day_name(day),
            initials: reader.say(&day.strftime("%a").to_string()).to_owned(),
            today: days_ago == 0,
            count,
            calls_height: height(count.calls),
            texted_height: height(count.texted),
        }
    }

    fn spoken(&self, reader: &Reader) -> String {
        let calls = reader.count(self.count.calls, "1 missed call", "{n} missed calls");
        reader.fill(
            "{day}: {calls}, {texted} texted.",
            &[
                ("day", &self.name),
                ("calls", &calls),
                ("texted", &self.count.texted),
            ],
        )
    }

    fn draw(&self) -> Markup {
        let floor = ABOVE + HIGHEST;
        let middle = self.left + STEP / 2;
        html! {
            g .today[self.today] {
                rect.track x=(self.left + 8) y=(ABOVE) width=(STEP - 16) height=(HIGHEST) rx="5" {}
                @if self.count.calls > 0 {
                    rect.calls x=(self.left + 8) y=(floor - self.calls_height) width=(STEP - 16) height=(self.calls_height) rx="5" {}
                    text.number x=(middle) y=(floor - self.calls_height - 6) { (self.count.calls) }
                }
                @if self.count.texted > 0 {
                    rect.texted x=(self.left + 8) y=(floor - self.texted_height) width=(STEP - 16) height=(self.texted_height) rx="5" {}
                }
                text x=(middle) y=(floor + 17) { (self.initials) }
            }
        }
    }
}
