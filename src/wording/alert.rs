//! What the owner is told of people he had better ring back, and of what is nearly used up.

use jiff::Zoned;

use super::{fold, time_of_day, without_controls};
use crate::phone::Region;
use crate::text::AlertKind;

/// Callers named in one text; with their numbers and times a dozen fill three or four SMS.
pub const CALLERS_NAMED: usize = 12;

/// A text for the owner about `alerts`, oldest first: people, each as `(202) 555-0143 at 10:12`, and sentences without their full stop;
/// `None` if there are none.
#[must_use]
pub fn alert_text(alerts: &[(AlertKind, String)]) -> Option<String> {
    let named = alerts.get(..CALLERS_NAMED).unwrap_or(alerts);
    let mut sentences = Vec::new();
    for kind in AlertKind::ALL {
        let those = named.iter().filter(|(of, _)| *of == kind);
        let those: Vec<&str> = those.map(|(_, words)| words.as_str()).collect();
        match what(kind) {
            _ if those.is_empty() => {}
            Some(what) => sentences.push(format!("{what}: {}.", those.join(", "))),
            None => sentences.extend(those.iter().map(|words| format!("{words}."))),
        }
    }
    match alerts.len().saturating_sub(named.len()) {
        _ if alerts.is_empty() => return None,
        0 => {}
        1 => sentences.push("1 more is on the page.".to_owned()),
        more => sentences.push(format!("{more} more are on the page.")),
    }
    if alerts.iter().any(|(kind, _)| what(*kind).is_some()) {
        sentences.push("Please ring them back.".to_owned());
    }
    Some(fold(&sentences.join(" ")))
}

/// That callers could not be texted for a while, as a sentence without its full stop.
#[must_use]
pub fn outage(from: &Zoned, to: &Zoned, why: Option<&str>, home: Option<Region>) -> String {
    let day = match from.date() == to.date() {
        true => String::new(),
        false => from.strftime(" on %A").to_string(),
    };
    let why = why.map(|why| format!(" ({})", without_controls(why).trim_end_matches('.')));
    format!(
        "From {}{day} to {} no caller could be texted{}. The page says who called",
        time_of_day(from, home),
        time_of_day(to, home),
        why.unwrap_or_default()
    )
}

/// What is said of people; `None` for what speaks for itself.
fn what(kind: AlertKind) -> Option<&'static str> {
    Some(match kind {
        AlertKind::TryingAgain => "Calling again after the text",
        AlertKind::TooLate => "Not texted, because the box could not send in time",
        AlertKind::NotThrough => "The text did not get through",
        AlertKind::Unconfirmed => "The text may not have arrived",
        AlertKind::PerhapsCancelled => "Wants no more texts, or perhaps cancels a job",
        AlertKind::Danger => "Writes of danger",
        AlertKind::Fence | AlertKind::BoxWasIll => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sms::{Alphabet, measure};

    #[test]
    fn those_that_fall_together_are_told_in_one_text() {
        let caller = |kind, words: &str| (kind, words.to_owned());
        let mut callers = vec![
            caller(AlertKind::NotThrough, "(202) 555-0199 at 10:15"),
            caller(AlertKind::TooLate, "(202) 555-0143 at 10:12"),
            caller(AlertKind::TooLate, "(202) 555-0188 at 10:20"),
        ];
        let text = alert_text(&callers).unwrap();
        assert_eq!(
            text,
            "Not texted, because the box could not send in time: (202) 555-0143 at 10:12, (202) 555-0188 at 10:20. \
             The text did not get through: (202) 555-0199 at 10:15. Please ring them back."
        );
        assert_eq!(measure(&text).alphabet, Alphabet::Gsm7);
        callers.resize(CALLERS_NAMED, callers[0].clone());
        assert!(!alert_text(&callers).unwrap().contains("more"));
        callers.push(callers[0].clone());
        assert!(
            alert_text(&callers)
                .unwrap()
                .contains(" 1 more is on the page.")
        );
        callers.push(callers[0].clone());
        let text = alert_text(&callers).unwrap();
        assert!(text.contains(" 2 more are on the page."), "{text}");
        assert!(measure(&text).parts <= 4, "{text}");
        assert_eq!(alert_text(&[]), None);
        let fence = |words: &str| (AlertKind::Fence, words.to_owned());
        let text = alert_text(&[fence("All 200 texts are gone"), fence("It is late")]).unwrap();
        assert_eq!(text, "All 200 texts are gone. It is late.");
        let again = caller(AlertKind::TryingAgain, "(202) 555-0143 at 10:12");
        assert_eq!(
            alert_text(&[fence("All 200 texts are gone"), again]).unwrap(),
            "Calling again after the text: (202) 555-0143 at 10:12. All 200 texts are gone. Please ring them back."
        );
    }
}
