//! What stands behind the colon of an answer or a URC, cut into its fields. Knows quotes, commas and spaces, and not
//! what a field means.
//!
//! at-commands 0.5.8 reads answers too, but its parser takes the next string for an absent optional one
//! (`+CLIP: "+49…",145,,,"Bob",0`), drops the first byte of unquoted strings, never looks at what trails, and overflows on
//! integers of ten digits and more. So everything but answers of a few fixed integers comes through here.

use std::str::FromStr;

/// The comma-separated fields of one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Args<'a> {
    fields: Vec<Field<'a>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Field<'a> {
    text: &'a str,
    quoted: bool,
}

impl<'a> Args<'a> {
    /// Cuts `text` (without its `+NAME:`) at the commas outside quotes. Spaces around a field are free, quotes are
    /// taken off. `None` if a quote stays open or something other than a comma follows a closing one: the line is damaged.
    #[must_use]
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let mut fields = Vec::new();
        let mut rest = text.trim();
        if rest.is_empty() {
            return Some(Self { fields });
        }
        loop {
            let (field, behind) = match rest.strip_prefix('"') {
                Some(inside) => {
                    let (text, behind) = inside.split_once('"')?;
                    (Field { text, quoted: true }, behind.trim_start())
                }
                None => {
                    let end = rest.find(',').unwrap_or(rest.len());
                    let (text, behind) = rest.split_at(end);
                    let text = text.trim_end();
                    (
                        Field {
                            text,
                            quoted: false,
                        },
                        behind,
                    )
                }
            };
            fields.push(field);
            if behind.is_empty() {
                return Some(Self { fields });
            }
            rest = behind.strip_prefix(',')?.trim_start();
        }
    }

    /// How many fields there are, empty ones included.
    #[must_use]
    pub(super) fn len(&self) -> usize {
        self.fields.len()
    }

    /// Field `index` from 0; `None` if it is absent or has nothing in it. A quoted empty string is `Some("")`.
    #[must_use]
    pub(super) fn get(&self, index: usize) -> Option<&'a str> {
        let field = self.fields.get(index)?;
        (field.quoted || !field.text.is_empty()).then_some(field.text)
    }

    /// Field `index` as a number; `None` if it is absent, no number, or out of the type's range.
    #[must_use]
    pub(super) fn number<T: FromStr>(&self, index: usize) -> Option<T> {
        self.get(index)?.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn fields_are_cut_at_commas_outside_quotes() {
        let cases: [(&str, &[Option<&str>]); 9] = [
            ("", &[]),
            ("17,99", &[Some("17"), Some("99")]),
            (
                r#" "+49171",145,,,"Bob",0"#,
                &[
                    Some("+49171"),
                    Some("145"),
                    None,
                    None,
                    Some("Bob"),
                    Some("0"),
                ],
            ),
            (r#""a,b" , 145"#, &[Some("a,b"), Some("145")]),
            (r#""",128"#, &[Some(""), Some("128")]),
            (
                "82882690,129,,,,0",
                &[Some("82882690"), Some("129"), None, None, None, Some("0")],
            ),
            (",27", &[None, Some("27")]),
            ("1,", &[Some("1"), None]),
            (
                "2,1,  0 5, 2715",
                &[Some("2"), Some("1"), Some("0 5"), Some("2715")],
            ),
        ];
        for (text, wanted) in cases {
            let args = Args::parse(text).unwrap();
            let found: Vec<_> = (0..args.len()).map(|i| args.get(i)).collect();
            assert_eq!(found, wanted, "{text}");
        }
        assert_eq!(Args::parse(r#""+4917"#), None);
        assert_eq!(Args::parse(r#""a"b,1"#), None);
    }

    #[test]
    fn numbers_out_of_range_are_none() {
        let args = Args::parse("255,256,-1,4294967297,99zzz").unwrap();
        assert_eq!(args.number::<u8>(0), Some(255));
        for index in 1..6 {
            assert_eq!(args.number::<u8>(index), None);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_was_joined_is_cut_again(fields in prop::collection::vec("[ -!#-~]{0,12}", 1..8)) {
            let line = fields.iter().map(|f| format!("\"{f}\"")).collect::<Vec<_>>().join(", ");
            let args = Args::parse(&line).unwrap();
            prop_assert_eq!(args.len(), fields.len());
            for (index, field) in fields.iter().enumerate() {
                prop_assert_eq!(args.get(index), Some(field.as_str()));
            }
        }

        #[test]
        fn noise_never_panics(text in "\\PC{0,64}") {
            if let Some(args) = Args::parse(&text) {
                prop_assert!(args.get(args.len()).is_none());
            }
        }
    }
}
