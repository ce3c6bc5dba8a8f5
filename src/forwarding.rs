//! The codes that a phone is told to forward its unanswered calls with: by country and carrier, from a table with rank and source. Which carrier
//! somebody has, and whether a code took, it does not know: a test call tells.

use crate::phone::{PhoneNumber, Region};

const TABLE: &str = include_str!("forwarding/codes.tsv");
/// The country of the rows that hold wherever no others do.
const ANYWHERE: &str = "*";
/// Where a code is not known.
const NONE: &str = "-";

/// One way to forward, of one carrier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Way {
    /// The carrier, as its customers call it.
    pub carrier: &'static str,
    set: &'static str,
    undo: &'static str,
    ask: &'static str,
    /// Where the code was found.
    pub source: &'static str,
}

/// The carriers of a country, each once, in the table's order.
#[must_use]
pub fn carriers(country: Option<Region>) -> Vec<&'static str> {
    let mut carriers: Vec<&'static str> = rows_of(country).map(|way| way.carrier).collect();
    carriers.dedup();
    carriers
}

/// What to try with a carrier, the likeliest first; empty for one that is not in the table.
#[must_use]
pub fn ways(country: Option<Region>, carrier: &str) -> Vec<Way> {
    rows_of(country)
        .filter(|way| way.carrier == carrier)
        .collect()
}

impl Way {
    /// Forwards unanswered calls to `number`.
    #[must_use]
    pub fn set(&self, number: &PhoneNumber) -> String {
        filled(self.set, number)
    }

    /// Takes it back.
    #[must_use]
    pub fn undo(&self) -> &'static str {
        self.undo
    }

    /// Shows where unanswered calls go now, where there is such a code.
    #[must_use]
    pub fn ask(&self) -> Option<&'static str> {
        (self.ask != NONE).then_some(self.ask)
    }
}

/// A code as the address of a link that dials it. Some phones refuse those; the code to type belongs beside it.
#[must_use]
pub fn link(code: &str) -> String {
    // RFC 3966 leaves neither sign as it is in a global number, and phones read both in this form.
    format!("tel:{}", code.replace('*', "%2A").replace('#', "%23"))
}

fn filled(code: &str, number: &PhoneNumber) -> String {
    let national: String = number
        .national_format()
        .chars()
        .filter(char::is_ascii_digit)
        .collect();
    code.replace("{+}", number.as_str())
        .replace("{n}", &national)
}

fn rows_of(country: Option<Region>) -> impl Iterator<Item = Way> {
    let code = country.as_ref().map_or(ANYWHERE, Region::as_str).to_owned();
    let known = rows().any(|(of, _)| of == code);
    rows()
        .filter(move |(of, _)| *of == if known { code.as_str() } else { ANYWHERE })
        .map(|(_, way)| way)
}

/// Every row, with its country. That all can be read is a test's affair.
fn rows() -> impl Iterator<Item = (&'static str, Way)> {
    TABLE.lines().filter_map(|line| {
        let fields: Vec<&str> = line.split('\t').collect();
        match fields[..] {
            [country, carrier, _rank, set, undo, ask, source] => {
                let way = Way {
                    carrier,
                    set,
                    undo,
                    ask,
                    source,
                };
                Some((country, way))
            }
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region(code: &str) -> Option<Region> {
        Some(Region::parse(code).unwrap())
    }

    fn number(text: &str) -> PhoneNumber {
        PhoneNumber::parse(text, None).unwrap()
    }

    #[test]
    fn the_code_has_our_number_in_it() {
        let ours = number("+12025550143");
        let att = ways(region("US"), "AT&T, Cricket, FirstNet");
        let set: Vec<String> = att.iter().map(|way| way.set(&ours)).collect();
        assert_eq!(
            set,
            ["**61*+12025550143#", "*004*2025550143#", "*922025550143#"]
        );
        assert_eq!((att[0].undo(), att[0].ask()), ("##002#", Some("*#61#")));
        let verizon = ways(region("US"), "Verizon");
        assert_eq!(verizon[0].set(&ours), "*712025550143");
        assert_eq!(verizon[0].ask(), None);
        let bt = ways(region("GB"), "A BT landline");
        assert_eq!(bt[0].set(&number("+447700900123")), "*61*07700900123#");
        assert_eq!(ways(region("US"), "Nobody"), []);
    }

    #[test]
    fn a_country_without_rows_has_those_of_the_standard() {
        assert_eq!(carriers(region("NL")), ["Any mobile"]);
        assert_eq!(carriers(None), ["Any mobile"]);
        assert_eq!(carriers(region("AT")), ["A mobile of any network"]);
    }

    #[test]
    fn a_link_dials_what_is_typed() {
        assert_eq!(link("**61*+12025550143#"), "tel:%2A%2A61%2A+12025550143%23");
    }

    #[test]
    fn every_row_can_be_read_and_is_in_order() {
        let mut last = ("", "", 0);
        for line in TABLE.lines().filter(|line| !line.starts_with('#')) {
            let fields: Vec<&str> = line.split('\t').collect();
            assert_eq!(fields.len(), 7, "{line}");
            let [country, carrier, rank, set, undo, ask, source] = fields[..] else {
                unreachable!()
            };
            let rank: u8 = rank.parse().unwrap();
            let expected = if (country, carrier) == (last.0, last.1) {
                last.2 + 1
            } else {
                1
            };
            assert_eq!(rank, expected, "{line}");
            last = (country, carrier, rank);
            assert!(
                country == ANYWHERE || Region::parse(country).is_some(),
                "{line}"
            );
            assert_eq!(set.matches(['{']).count(), 1, "{line}");
            for code in [set, undo, ask] {
                let rest = code.replace("{+}", "").replace("{n}", "");
                let dialled = rest
                    .chars()
                    .all(|c| c.is_ascii_digit() || "*#-".contains(c));
                assert!(dialled && !code.is_empty(), "{line}");
            }
            assert!(!source.trim().is_empty(), "{line}");
        }
    }
}
