//! Files as phones and programs write them, files that are none, and bytes at random.

use proptest::prelude::*;

use super::*;

fn home() -> Option<Region> {
    Region::parse("US")
}

fn book(file: &[u8]) -> AddressBook {
    read(file, home()).unwrap()
}

/// `+12025550143 Ann`, one an entry.
fn entries(book: &AddressBook) -> Vec<String> {
    let line = |entry: &Entry| format!("{} {}", entry.number, entry.name);
    book.entries.iter().map(line).collect()
}

fn check(what: &str, file: &[u8], expected: &[&str]) {
    let book = read(file, home()).unwrap_or_else(|error| panic!("{what}: {error}"));
    assert_eq!(entries(&book), expected, "{what}");
    assert_eq!(book.left_out, [], "{what}");
}

#[test]
fn cards_of_every_version_are_read() {
    check(
        "2.1, as old phones write it",
        b"BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;J=C3=B6rg;;;\r\n\
          TEL;CELL;PREF:(202) 555-0143\r\nTEL;WORK;VOICE:202-555-0144\r\nEND:VCARD\r\n",
        &["+12025550143 J\u{f6}rg M\u{fc}ller", "+12025550144 J\u{f6}rg M\u{fc}ller"],
    );
    check(
        "2.1 in Latin-1, quoted and bare",
        b"BEGIN:VCARD\nVERSION:2.1\nFN;CHARSET=ISO-8859-1;QUOTED-PRINTABLE:J=F6rg\nTEL:2025550143\nEND:VCARD\n\
          BEGIN:VCARD\nFN:Ren\xe9e\nTEL:2025550144\nEND:VCARD",
        &["+12025550143 J\u{f6}rg", "+12025550144 Ren\u{e9}e"],
    );
    check(
        "2.1, a quoted value over two lines",
        b"BEGIN:VCARD\r\nFN;ENCODING=QUOTED-PRINTABLE:Anna=20the=\r\n=20plumber\r\nTEL:2025550143\r\nEND:VCARD\r\n",
        &["+12025550143 Anna the plumber"],
    );
    check(
        "3.0, as an iPhone writes it",
        b"BEGIN:VCARD\r\nVERSION:3.0\r\nN:Rivera;Ann;M.;Dr.;\r\nFN:Dr. Ann M. Rivera\r\nORG:Rivera\\, Sons;\r\n\
          item1.TEL;type=pref:+1 (202) 555-0143\r\nitem1.X-ABLabel:_$!<Other>!$_\r\nPHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQ\r\n \
          SkZJRgABAQ==\r\nEND:VCARD\r\n",
        &["+12025550143 Dr. Ann M. Rivera"],
    );
    check(
        "4.0: addresses, extensions, quoted types, folded names",
        b"BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Ann of the very lo\r\n ng name\r\n\
          TEL;VALUE=uri;PREF=1;TYPE=\"voice,home:x\":tel:+1-202-555-0143;ext=102\r\nEND:VCARD\r\n",
        &["+12025550143 Ann of the very long name"],
    );
    check(
        "a letter torn by a fold",
        b"BEGIN:VCARD\r\nFN:J\xc3\r\n \xb6rg\r\nTEL:2025550143\r\nEND:VCARD\r\n",
        &["+12025550143 J\u{f6}rg"],
    );
    check(
        "names of all kinds: N in the order people say it, a company, none",
        b"BEGIN:VCARD\nN:Rivera;Ann;;Dr.;Jr.\nTEL:2025550143\nEND:VCARD\n\
          BEGIN:VCARD\nN:;;;;\nORG:Pipes\\; Co;Sales\nTEL:2025550144\nEND:VCARD\nbegin:vcard\nTEL:2025550145\nend:vcard\n",
        &["+12025550143 Dr. Ann Rivera Jr.", "+12025550144 Pipes; Co Sales", "+12025550145 "],
    );
    check(
        "lines that end in CR alone, with a mark in front",
        b"\xef\xbb\xbfBEGIN:VCARD\rFN:Ann\rTEL:2025550143\rEND:VCARD\r",
        &["+12025550143 Ann"],
    );
}

#[test]
fn tables_of_every_kind_are_read() {
    check(
        "Google Contacts",
        "First Name,Middle Name,Last Name,Organization Name,E-mail 1 - Value,Phone 1 - Label,Phone 1 - Value,Phone 2 - Label,Phone 2 - Value\n\
         Ann,,Rivera,,a@example.com,Mobile,+1 202-555-0143 ::: (202) 555-0144,Work,202-555-0145\n\
         ,,,\"Pipes, Inc.\",,Work,2025550146,,\n"
            .as_bytes(),
        &[
            "+12025550143 Ann Rivera",
            "+12025550144 Ann Rivera",
            "+12025550145 Ann Rivera",
            "+12025550146 Pipes, Inc.",
        ],
    );
    check(
        "Google Contacts until 2024",
        b"Name,Given Name,Family Name,Phone 1 - Type,Phone 1 - Value\nAnn Rivera,Ann,Rivera,Mobile,+12025550143\n",
        &["+12025550143 Ann Rivera"],
    );
    check(
        "Outlook, in Windows-1252, with a quoted line end",
        b"\"First Name\",\"Last Name\",\"Company\",\"Business Street\",\"Mobile Phone\",\"Home Phone 2\",\"Government ID Number\"\r\n\
          \"Ren\xe9e\",\"O\x92Neil\",\"\",\"1 Main St\r\nSuite 2\",\"(202) 555-0143\",\"202 555 0144\",\"2025550199\"\r\n",
        &["+12025550143 Ren\u{e9}e O’Neil", "+12025550144 Ren\u{e9}e O’Neil"],
    );
    check(
        "semicolons, a mark in front, headers of people, quotes that keep a spreadsheet from counting",
        "\u{feff}Name;Telefonnummer;Nummer\r\nJ\u{f6}rg, der Maurer;=\"2025550143\";'2025550144\r\n".as_bytes(),
        &["+12025550143 J\u{f6}rg, der Maurer", "+12025550144 J\u{f6}rg, der Maurer"],
    );
    check(
        "what Excel says in front",
        b"sep=;\r\nPhone;Name\r\n2025550143;Ann, Ben\r\n",
        &["+12025550143 Ann, Ben"],
    );
    check(
        "no headers, tabs, dates and streets between",
        b"Ann\t1985-03-12\t(202) 555-0143\t123456 Main St\r\nBen\t03/12/1985\t202.555.0144\t\r\n",
        &["+12025550143 Ann", "+12025550144 Ben"],
    );
    check(
        "numbers alone",
        b"202-555-0143\n+1 202 555 0144\n\n2025550143\n",
        &["+12025550143 ", "+12025550144 "],
    );
    check(
        "headers that say nothing",
        b"who,what\nAnn,2025550143\n",
        &["+12025550143 Ann"],
    );
    let utf16: Vec<u8> = std::iter::once(0xfeff)
        .chain("Name\tPhone\r\nJ\u{f6}rg\t2025550143\r\n".encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    check(
        "UTF-16, as Excel writes it",
        &utf16,
        &["+12025550143 J\u{f6}rg"],
    );
}

#[test]
fn numbers_are_read_as_people_keep_them() {
    for (typed, expected) in [
        ("tel:+12025550143", "+12025550143"),
        ("TEL:+1-202-555-0143;ext=7", "+12025550143"),
        ("+1 202 555 0143 x12", "+12025550143"),
        ("+1 202 555 0143 (home)", "+12025550143"),
        ("+12025550143,,12#", "+12025550143"),
        ("\u{202a}+1 202\u{a0}555-0143\u{202c}", "+12025550143"),
        ("0049 1512 3456789", "+4915123456789"),
        ("011 49 1512 3456789", "+4915123456789"),
        ("+49 (0)1512 3456789", "+4915123456789"),
    ] {
        let read = number(typed, home());
        assert_eq!(
            read.as_ref().map(PhoneNumber::as_str),
            Ok(expected),
            "{typed}"
        );
    }
    for typed in [
        "911",
        "1-800-FLOWERS",
        "*86",
        "+1",
        "call me",
        "1.20256E+10",
        "",
    ] {
        assert!(number(typed, home()).is_err(), "{typed}");
    }
}

#[test]
fn what_is_left_out_is_told_with_its_line_and_counted() {
    let read = book(b"Name,Phone\nAnn,2025550143\nVoicemail,*86\nBen,\nCleo,12\n");
    assert_eq!(entries(&read), ["+12025550143 Ann"]);
    assert_eq!((read.left_out_count, read.without_number), (2, 1));
    let told: Vec<String> = read.left_out.iter().map(LeftOut::to_string).collect();
    assert!(
        told[0].starts_with("line 3 (Voicemail): \"*86\" is not a phone number"),
        "{told:?}"
    );
    assert!(
        told[1].starts_with("line 5 (Cleo): \"12\" is not a whole phone number"),
        "{told:?}"
    );

    let cards = b"BEGIN:VCARD\nFN:Ann\nTEL:2025550143\nTEL:12\nEND:VCARD\nBEGIN:VCARD\nFN:Mail\nEND:VCARD\nBEGIN:VCARD\nFN:Ben\nTEL:20255501";
    let read = book(cards);
    assert_eq!(entries(&read), ["+12025550143 Ann"]);
    assert_eq!((read.left_out_count, read.without_number), (2, 1));
    assert_eq!((read.left_out[0].line, read.left_out[1].line), (4, 9));
    assert!(read.left_out[1].why.contains("ends in the middle"));

    let many = format!("Phone\n2025550143\n{}", "12\n".repeat(100));
    let read = book(many.as_bytes());
    assert_eq!(
        (read.left_out.len(), read.left_out_count),
        (LEFT_OUT_TOLD, 100)
    );
}

#[test]
fn a_number_that_is_there_twice_is_taken_once_with_a_name() {
    let read = book(b"Phone,Name\n2025550143,\n(202) 555-0143,Ann\n+12025550143,Annie\n");
    assert_eq!(entries(&read), ["+12025550143 Ann"]);
}

#[test]
fn a_file_without_a_number_is_refused_and_says_why() {
    let big = vec![b'1'; FILE_BYTES_MAX + 1];
    // No numbers, for those take their time.
    let full = "123456\n".repeat(ENTRIES_MAX);
    let too_full = format!("{full}123456\n");
    for (file, words) in [
        (&b""[..], "is empty"),
        (b"\xef\xbb\xbf \r\n", "is empty"),
        (&big, "larger than 2 MB"),
        (full.as_bytes(), "no phone number that can be used"),
        (too_full.as_bytes(), "more than 20000 numbers"),
        (b"PK\x03\x04\x14\0", "save it as CSV"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "save it as CSV"),
        (b"\x89PNG\r\n\x1a\n\0\0", "neither a vCard nor a CSV file"),
        (
            b"Dear Ann,\nhow are you?\n",
            "no phone number that can be used",
        ),
        (
            b"BEGIN:VCARD\nFN:Ann\nEND:VCARD\n",
            "no phone number that can be used",
        ),
        (
            b"Name,Phone\nAnn,12\n",
            "can be used; line 2 (Ann): \"12\" is not a whole phone number",
        ),
    ] {
        let error = read(file, home()).unwrap_err().to_string();
        assert!(error.contains(words), "{words}: {error}");
    }
    let abroad = read(b"Ann,2025550143\n", None).unwrap_err().to_string();
    assert!(abroad.contains("lacks its country"), "{abroad}");
    let most: String = (0..100).map(|n| format!("20255501{n:02}\n")).collect();
    assert_eq!(book(most.as_bytes()).entries.len(), 100);
}

#[test]
fn a_name_is_one_harmless_line() {
    for (typed, kept) in [
        ("Ann", "Ann"),
        ("  Ann \r\n the\tplumber ", "Ann the plumber"),
        ("=HYPERLINK(\"x\")", "HYPERLINK(\"x\")"),
        ("+1", "1"),
        ("@-= Ann", "Ann"),
        ("\u{202e}nnA\u{7}\u{1b}[31m", "nnA[31m"),
        ("Ann-Marie +1", "Ann-Marie +1"),
        ("=", ""),
    ] {
        assert_eq!(name(typed), kept, "{typed:?}");
    }
    assert_eq!(
        name(&"ü".repeat(1000)).chars().count(),
        wording::VALUE_CHARS_MAX
    );
}

/// Pieces that mean something to a reader, in any order, with noise between.
fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            "BEGIN:VCARD",
            "END:VCARD",
            "\r\n",
            "\n",
            "\r",
            " ",
            "TEL",
            ":",
            ";",
            "=",
            "\"",
            "FN;ENCODING=QUOTED-PRINTABLE:",
            "N:",
            "=C3=",
            "\\",
            ",",
            "\t",
            "sep=",
            "Phone",
            "Name",
            ":::",
            "+1 202 555 0143",
            "12",
            "tel:",
            "\u{feff}",
            "Zoë"
        ])
        .prop_map(|piece| piece.as_bytes().to_vec()),
        prop::collection::vec(any::<u8>(), 0..4),
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_bytes_nothing_breaks_and_names_are_harmless(
        file in prop_oneof![pieces(), prop::collection::vec(any::<u8>(), 0..400)]
    ) {
        for home in [home(), None] {
            let Ok(book) = read(&file, home) else { continue };
            prop_assert!(!book.entries.is_empty());
            for entry in &book.entries {
                let kept = &entry.name;
                prop_assert_eq!(&name(kept), kept);
                prop_assert!(!kept.contains(wording::is_control), "{kept:?}");
                prop_assert!(!kept.starts_with(['=', '+', '-', '@']), "{kept:?}");
                prop_assert!(kept.chars().count() <= wording::VALUE_CHARS_MAX);
                prop_assert!(PhoneNumber::from_e164(entry.number.as_str()).is_some());
            }
            prop_assert!(book.left_out.len() <= LEFT_OUT_TOLD);
        }
    }
}
