//! Callers whom the owner had better ring back, because their text did not get there.

use maud::{Markup, html};

use super::Shown;
use crate::store::{AlertView, Overview};
use crate::text::AlertKind;
use crate::web::words;

/// Stands above today's calls.
pub(super) fn list(shown: &Shown, overview: &Overview) -> Markup {
    html! {
        div #alerts data-live {
            @if !overview.alerts.is_empty() {
                h2 { "Please ring back" }
                ol {
                    @for alert in &overview.alerts { (line(shown, alert)) }
                }
            }
        }
    }
}

fn line(shown: &Shown, view: &AlertView) -> Markup {
    let AlertView { alert, told_at } = view;
    let called = alert.called_at.to_zoned(shown.now.time_zone().clone());
    let today = shown.now.date();
    let what = match alert.kind {
        AlertKind::TooLate => "The box could not text them in time.",
        AlertKind::NotThrough => "The text did not get through.",
        AlertKind::Unconfirmed => "The text may not have arrived.",
    };
    html! {
        li {
            time datetime=(alert.called_at) { (words::time_of_day(&called)) }
            div {
                p.who {
                    a href={ "tel:" (alert.number) } { bdi { (words::number(&alert.number, shown.home)) } }
                    @if called.date() != today { " " span.rings { (words::day_name(called.date(), today)) } }
                }
                p.fate {
                    span .dot.failed {}
                    (what)
                    @if let Some(at) = told_at {
                        " You were told at " (words::time_seen_from(*at, &shown.now, today)) "."
                    }
                }
            }
        }
    }
}
