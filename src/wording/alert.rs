//! What the owner is told of callers whose text did not get there.

use super::fold;
use crate::text::AlertKind;

/// Callers named in one text; with their numbers and times a dozen fill three or four SMS.
pub const CALLERS_NAMED: usize = 12;

/// A text for the owner about `callers`, each as `(202) 555-0143 at 10:12`, oldest first; `None` if there are none.
#[must_use]
pub fn alert_text(callers: &[(AlertKind, String)]) -> Option<String> {
    let named = callers.get(..CALLERS_NAMED).unwrap_or(callers);
    let mut sentences = Vec::new();
    for kind in AlertKind::ALL {
        let those: Vec<&str> = named
            .iter()
            .filter(|(of, _)| *of == kind)
            .map(|(_, caller)| caller.as_str())
            .collect();
        if !those.is_empty() {
            sentences.push(format!("{}: {}.", what(kind), those.join(", ")));
        }
    }
    match callers.len().saturating_sub(named.len()) {
        _ if callers.is_empty() => return None,
        0 => {}
        1 => sentences.push("1 more is on the page.".to_owned()),
        more => sentences.push(format!("{more} more are on the page.")),
    }
    sentences.push("Please ring them back.".to_owned());
    Some(fold(&sentences.join(" ")))
}

fn what(kind: AlertKind) -> &'static str {
    match kind {
        AlertKind::TooLate => "Not texted, because the box could not send in time",
        AlertKind::NotThrough => "The text did not get through",
        AlertKind::Unconfirmed => "The text may not have arrived",
    }
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
    }
}
