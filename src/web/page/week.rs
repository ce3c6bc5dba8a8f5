//! A picture of the last seven days, drawn here: a bar for the calls of each, and in it one for the callers texted.

use jiff::ToSpan;
use maud::{Markup, html};

use super::Shown;
use crate::settings::Settings;
use crate::store::{DayCount, Overview};
use crate::web::words;

/// Units of the picture from one bar to the next.
const STEP: u32 = 40;
/// Units of the highest bar.
const HIGHEST: u32 = 72;
/// Units above the bars, for their numbers.
const ABOVE: u32 = 20;
/// Calls at which a bar is highest at least: three calls on a quiet week are not a mountain.
const SCALE_MIN: u32 = 6;

pub(super) fn section(shown: &Shown, overview: &Overview, settings: &Settings) -> Markup {
    html! {
        section .card.week aria-labelledby="week-title" {
            h2 #week-title { "Last 7 days" }
            div #week data-live {
                (picture(shown, &overview.days))
                (recovered(overview.wrote_back, settings.job_value()))
            }
        }
    }
}

/// What those who wrote back may bring: replies times what a job is worth.
fn recovered(wrote_back: u32, job_value: u32) -> Markup {
    let worth = u64::from(wrote_back) * u64::from(job_value);
    let people = match wrote_back {
        1 => "1 caller".to_owned(),
        more => format!("{more} callers"),
    };
    html! {
        @if wrote_back > 0 {
            p #recovered .quiet {
                (people) " wrote back"
                @if worth > 0 { ": about " (worth) " in jobs at " (job_value) " each" }
                "."
            }
        }
    }
}

fn picture(shown: &Shown, days: &[DayCount]) -> Markup {
    let total = days.iter().fold(DayCount::default(), |sum, day| DayCount {
        calls: sum.calls.saturating_add(day.calls),
        texted: sum.texted.saturating_add(day.texted),
    });
    let scale = days.iter().map(|day| day.calls).fold(SCALE_MIN, u32::max);
    let columns: Vec<Column> = (0_u32..)
        .zip((0..days.len()).rev())
        .zip(days)
        .map(|((at, days_ago), day)| Column::new(shown, at, days_ago, *day, scale))
        .collect();
    let spoken = columns.iter().map(Column::spoken).collect::<Vec<_>>();
    html! {
        svg viewBox={ "0 0 " (STEP * 7) " " (ABOVE + HIGHEST + 22) } role="img" aria-label=(spoken.join(" ")) {
            @for column in &columns { (column.draw()) }
        }
        p.quiet {
            @if total.calls == 0 {
                "No missed calls."
            } @else {
                span.key.texted {} (total.texted) " texted of "
                span.key {} (words::count(total.calls, "missed call")) "."
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
    fn new(shown: &Shown, at: u32, days_ago: usize, count: DayCount, scale: u32) -> Self {
        let today = shown.now.date();
        let span = i64::try_from(days_ago).unwrap_or(0).days();
        let day = today.checked_sub(span).unwrap_or(today);
        let height = |calls: u32| {
            let exact = u64::from(calls) * u64::from(HIGHEST) / u64::from(scale.max(1));
            u32::try_from(exact).unwrap_or(HIGHEST).min(HIGHEST)
        };
        Self {
            left: at * STEP,
            name: words::day_name(day, today),
            initials: day.strftime("%a").to_string(),
            today: days_ago == 0,
            count,
            calls_height: height(count.calls),
            texted_height: height(count.texted),
        }
    }

    fn spoken(&self) -> String {
        format!(
            "{}: {}, {} texted.",
            self.name,
            words::count(self.count.calls, "missed call"),
            self.count.texted
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
