//! What holds for the files of all makers, and what their own tests are written with.

use std::collections::BTreeMap;
use std::fs;

use super::*;
use crate::at::urc;

/// What `AT+CGMI` and `AT+CGMM` answer, and the name of the row that is to be found by it.
pub(super) fn known(cases: &[(&str, &str, &str)]) {
    for (maker, model, name) in cases {
        let family = Family::of(Some(maker), Some(model));
        assert_eq!(family.name, *name, "{maker} {model}");
    }
}

/// Lines word for word, and what they are to be read as, whichever modem says them.
pub(super) fn told(cases: &[(&str, Reading)]) {
    for (line, wanted) in cases {
        assert_eq!(urc::read(line), *wanted, "{line}");
    }
}

pub(super) fn ended(index: Option<u8>) -> Reading {
    Reading::Urc(Urc::CallEnded { index })
}

pub(super) fn picked_up(index: Option<u8>) -> Reading {
    Reading::Urc(Urc::PickedUp { index })
}

/// An incoming voice call, as a family's own list of calls has it.
pub(super) fn in_list(index: Option<u8>, state: CallState, number: Option<LineNumber>) -> Reading {
    Reading::Urc(call(index, true, state, true, number))
}

pub(super) fn number(digits: &str, type_of_address: u8) -> Option<LineNumber> {
    Some(LineNumber {
        digits: digits.into(),
        type_of_address,
    })
}

#[test]
fn a_modem_of_which_nothing_is_known_is_plain() {
    known(&[("Nobody", "M1", "plain 3GPP")]);
    assert_eq!(Family::of(None, None).name, "plain 3GPP");
}

#[test]
fn every_family_can_text_and_reject_and_the_later_rows_are_reached() {
    let all: Vec<_> = families().collect();
    for (at, family) in all.iter().enumerate() {
        assert!(
            !family.makers.is_empty() && !family.hang_up.is_empty(),
            "{family:?}"
        );
        assert!(!family.memories.is_empty() && !family.new_messages.is_empty());
        let words = family.makers.iter().chain(family.models);
        for word in words {
            assert_eq!(*word, word.to_uppercase(), "{}", family.name);
        }
        let hidden = all[..at].iter().any(|before| {
            before.models.is_empty() && family.makers.iter().all(|m| before.makers.contains(m))
        });
        assert!(!hidden, "{} is never reached", family.name);
    }
}

/// Who says a line does not matter, so that it has to mean the same whoever says it, and 3GPP's names are not for families to take.
#[test]
fn no_two_makers_mean_different_things_by_one_name() {
    let mut homes: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for maker in MAKERS {
        let first = maker.families[0].name;
        for says in maker.lines.says {
            homes.entry(says.name()).or_default().push(first);
        }
    }
    assert!(homes.len() > 10, "{homes:?}");
    for (name, homes) in homes {
        assert_eq!(homes.len(), 1, "{name} stands with {homes:?}");
        assert!(!urc::is_of_3gpp(name), "{name} of {homes:?} is 3GPP's");
    }
}

/// Two makers may share these: a start is a start.
#[test]
fn starts_are_starts_and_noise_is_nothing() {
    for maker in MAKERS {
        for line in maker.lines.restarts {
            assert_eq!(urc::read(line), Reading::Urc(Urc::Restarted), "{line}");
        }
        for line in maker.lines.noise {
            assert_eq!(urc::read(line), Reading::Foreign, "{line}");
        }
    }
}

#[test]
fn the_ports_are_those_of_the_table_that_people_read() {
    let text = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/hardware.md")).unwrap();
    let mut told = Vec::new();
    for row in text.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<_> = row.split('|').map(str::trim).collect();
        // `| 2c7c:0125, :0121 | … | if02 |`, and `| 1bc7:7010 / :7020 | … | if04 / if06 |`
        let Some((vendor, products)) = cells[1].split_once(':') else {
            continue;
        };
        let interfaces: Vec<u8> = cells
            .get(3)
            .into_iter()
            .flat_map(|cell| cell.split(" / "))
            .filter_map(|name| name.strip_prefix("if")?.parse().ok())
            .collect();
        for (at, product) in products.split([',', '/']).enumerate() {
            let product = product.trim().trim_start_matches(':');
            if let Some(at) = interfaces.get(at).or(interfaces.first()) {
                told.push((vendor.to_owned(), product.to_owned(), *at));
            }
        }
    }
    told.sort();
    let mut known = Vec::new();
    for ports in usb_ports() {
        for product in ports.products {
            if let Interface::Number(at) = ports.at {
                known.push((ports.vendor.to_owned(), (*product).to_owned(), at));
            }
        }
    }
    known.sort();
    assert!(told.len() > 20, "{told:?}");
    assert_eq!(known, told);
}
