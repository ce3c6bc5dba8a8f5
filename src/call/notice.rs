//! Operators' texts about calls that could not be put through: a modem that was busy or out of reach learns of those in no
//! other way.

/// What operators write, by language: the whole text. `{number}` is the caller's; without it the text comes from the caller's
/// own number. Any other name in braces is something that changes from text to text and does not matter here.
///
/// Add what an operator near you writes, and where that was seen.
const PATTERNS: &[&str] = &[
    // Spanish. From 9494, on a SIM of +34 632 (gammu tests/at-sms/39.dump).
    "llamada perdida de: {number} on {date} at {time}.",
    // English. One NZ, "whoCalled" (https://one.nz/faq/txt-alerts-about-a-missed-call).
    "Hi. This text is just letting you know that you have missed a call from {number}, at {time} on {date}.",
    // German. Swisscom (https://www.teltarif.ch/arch/2005/kw25/s4160.html).
    "Verpasster Anruf von der Person/Nr. im Absender dieses SMS. {attempts}. Letzter Versuch am {time}. Ihre Swisscom Mobile.",
    // Chinese. Unicom, Telecom and Mobile (https://github.com/pluscubed/china-missed-calls, README.md).
    "联通秘书在{time}为您接待了一位访客{number}",
    "尊敬的用户您好: 联通漏话提示服务提醒您{number}于{time}联系过您",
    "{number}在{time}呼叫过您的手机",
    "中国移动({place})公司来电提醒:{number}于{time}呼叫过您",
];

/// A date, a time or a count takes at most so many characters.
const FILLING_CHARS_MAX: usize = 40;
/// E.164 allows 15 digits; a caller with fewer than 5 cannot be called back.
const DIGITS: std::ops::RangeInclusive<usize> = 5..=15;

/// Whose call a text tells of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoticeOf {
    /// That of this number, in the digits of the text, with a plus or without.
    Number(String),
    /// That of the number the text comes from.
    Sender,
}

/// Reads an operator's text about a missed call; `None` for any other text. Only the whole of it counts, whatever its case and
/// spaces: a caller who quotes one in a sentence is no operator.
#[must_use]
pub fn notice(text: &str) -> Option<NoticeOf> {
    let text = plain(text);
    PATTERNS.iter().find_map(|pattern| {
        let mut number = None;
        fits(&plain(pattern), &text, &mut number).then(|| match number {
            Some(number) => NoticeOf::Number(number.to_owned()),
            None => NoticeOf::Sender,
        })
    })
}

/// One space between words, no capitals.
fn plain(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").to_lowercase()
}

/// Whether the text is the pattern, filled in. What fills `{number}` goes into `number`.
fn fits<'a>(pattern: &str, text: &'a str, number: &mut Option<&'a str>) -> bool {
    let Some((before, rest)) = pattern.split_once('{') else {
        return pattern == text;
    };
    let (Some((name, pattern)), Some(text)) = (rest.split_once('}'), text.strip_prefix(before))
    else {
        return false;
    };
    let ends = text
        .char_indices()
        .map(|(at, letter)| at + letter.len_utf8());
    ends.take(FILLING_CHARS_MAX)
        .map(|end| text.split_at(end))
        .any(|(filling, text)| match name {
            "number" => {
                let found = is_number(filling) && fits(pattern, text, number);
                if found {
                    *number = Some(filling);
                }
                found
            }
            _ => fits(pattern, text, number),
        })
}

fn is_number(filling: &str) -> bool {
    let digits = filling.strip_prefix('+').unwrap_or(filling);
    DIGITS.contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Option<NoticeOf> {
        Some(NoticeOf::Number(text.to_owned()))
    }

    #[test]
    fn what_operators_were_seen_to_write_is_read() {
        for (text, of) in [
            (
                "llamada perdida de: +34617653167 on 07/08  at  11:19.",
                number("+34617653167"),
            ),
            (
                "Hi. This text is just letting you know that you have missed a call from +64211234567, at 10:05 on 3 May.",
                number("+64211234567"),
            ),
            (
                "Verpasster Anruf von der Person/Nr. im Absender dieses SMS. 2 Versuche. Letzter Versuch am 20.06.05 14:02. Ihre Swisscom Mobile.",
                Some(NoticeOf::Sender),
            ),
            (
                "联通秘书在12:34为您接待了一位访客18645678901",
                number("18645678901"),
            ),
            (
                "尊敬的用户您好: 联通漏话提示服务提醒您18645678901于2015年01月02日03时04分联系过您",
                number("18645678901"),
            ),
            (
                "18945678901在01月02日03时04分呼叫过您的手机",
                number("18945678901"),
            ),
            (
                "中国移动(北京)公司来电提醒:13845678901于01月02日03时04分呼叫过您",
                number("13845678901"),
            ),
        ] {
            assert_eq!(notice(text), of, "{text}");
        }
    }

    #[test]
    fn any_other_text_is_none() {
        for text in [
            "",
            "llamada perdida de: ",
            "llamada perdida de: +34617653167",
            "llamada perdida de: 9494 on 07/08 at 11:19.",
            "llamada perdida de: +34617653167890123 on 07/08 at 11:19.",
            "llamada perdida de: Anna on 07/08 at 11:19.",
            "llamada perdida de: +34617653167 on 07/08 at 11:19. Please call back",
            "I got: llamada perdida de: +34617653167 on 07/08 at 11:19.",
            "llamada perdida de: +34617653167 on 07/08 at 11:19 in the morning, or maybe it was later than that.",
            "You have 1 new voicemail. Dial 121.",
            "{number}在{time}呼叫过您的手机",
        ] {
            assert_eq!(notice(text), None, "{text}");
        }
    }

    /// What is added must have both ends of each brace, and a name that is known if it is the number's.
    #[test]
    fn every_pattern_fits_itself_filled_in() {
        for pattern in PATTERNS {
            let filled = pattern.replace("{number}", "+12025550143");
            let has_number = filled != *pattern;
            let filled = filled.replace(['{', '}'], "");
            let of = notice(&filled).unwrap_or_else(|| panic!("{pattern}"));
            assert_eq!(of == NoticeOf::Sender, !has_number, "{pattern}");
            assert_eq!(
                pattern.matches("number").count(),
                usize::from(has_number),
                "{pattern}"
            );
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_is_too_strange(text in "\\PC{0,200}") {
            let _ = notice(&text);
        }
    }
}
