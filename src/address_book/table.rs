//! Tables: CSV with commas, semicolons or tabs, with a line of headers or without. What the headers of exports mean is in
//! `headers.tsv`.

use csv::{ReaderBuilder, StringRecord};

use super::{DIGITS_MIN, Gathering, Unusable};

/// Tried in this order where several do: commas stand in names more often than semicolons, and tabs never do.
const DELIMITERS: [char; 3] = ['\t', ';', ','];
/// Lines looked at for it.
const LINES_LOOKED_AT: usize = 20;
/// Columns whose headers are looked at. Google Contacts and Outlook write about a hundred.
const COLUMNS_MAX: usize = 500;
/// Between several values in one cell (Google Contacts).
const VALUES: &str = ":::";
const HEADERS: &str = include_str!("headers.tsv");

pub(super) fn read(text: &str, gathering: &mut Gathering) -> Result<(), Unusable> {
    let (delimiter, text, lines_before) = delimiter(text);
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut columns = None;
    let mut first = true;
    let mut row = StringRecord::new();
    // It reads from memory and takes rows of any length, so it fails at nothing.
    while reader.read_record(&mut row).unwrap_or(false) {
        let line = row.position().map_or(0, csv::Position::line);
        let line = usize::try_from(line).unwrap_or(usize::MAX);
        let line = line.saturating_add(lines_before);
        if std::mem::replace(&mut first, false) {
            columns = Columns::of(&row);
            // Headers, or words of whatever kind above the numbers.
            if columns.is_some() || !row.iter().any(is_like_number) {
                continue;
            }
        }
        take(line, &row, columns.as_ref(), gathering)?;
    }
    Ok(())
}

fn take(
    line: usize,
    row: &StringRecord,
    columns: Option<&Columns>,
    gathering: &mut Gathering,
) -> Result<(), Unusable> {
    let (name, numbers): (String, Vec<&str>) = match columns {
        Some(columns) => (columns.name(row), columns.numbers(row)),
        None => (
            row.iter()
                .find(|cell| is_word(cell))
                .unwrap_or_default()
                .to_owned(),
            row.iter().filter(|cell| is_like_number(cell)).collect(),
        ),
    };
    let values = numbers.iter().flat_map(|cell| cell.split(VALUES));
    let mut any = false;
    for value in values.flat_map(str::lines).map(str::trim) {
        if !value.is_empty() {
            any = true;
            gathering.take(line, &name, value)?;
        }
    }
    if !any && row.iter().any(|cell| !cell.trim().is_empty()) {
        gathering.book.without_number += 1;
    }
    Ok(())
}

/// What is between the cells, the table, and how many lines stand before it. Excel may say it in a first line: `sep=;`.
fn delimiter(text: &str) -> (u8, &str, usize) {
    if let Some(said) = text.strip_prefix("sep=")
        && let Some((mark, table)) = said.split_once('\n')
        && let [delimiter] = mark.trim_end_matches('\r').as_bytes()
    {
        return (*delimiter, table, 1);
    }
    let mut lines_with = [0_usize; DELIMITERS.len()];
    let mut in_quotes = false;
    for line in text.lines().take(LINES_LOOKED_AT) {
        let mut seen = [false; DELIMITERS.len()];
        for c in line.chars() {
            in_quotes ^= c == '"';
            let at = DELIMITERS.iter().position(|&delimiter| delimiter == c);
            if let Some(seen) = at.filter(|_| !in_quotes).and_then(|at| seen.get_mut(at)) {
                *seen = true;
            }
        }
        for (count, seen) in lines_with.iter_mut().zip(seen) {
            *count += usize::from(seen);
        }
    }
    let most = lines_with.iter().max().copied().unwrap_or_default();
    let best = DELIMITERS
        .iter()
        .zip(lines_with)
        .find(|(_, count)| *count == most);
    let byte = best.and_then(|(delimiter, _)| u8::try_from(*delimiter).ok());
    (byte.unwrap_or(b','), text, 0)
}

/// Which columns hold what.
#[derive(Debug, Default)]
struct Columns {
    numbers: Vec<usize>,
    name: Option<usize>,
    /// Given, middle, family.
    names: [Option<usize>; 3],
    company: Option<usize>,
}

impl Columns {
    /// `None` if this is no line of headers.
    fn of(row: &StringRecord) -> Option<Self> {
        let mut columns = Self::default();
        for (at, cell) in row.iter().enumerate().take(COLUMNS_MAX) {
            let header = words(cell);
            let has = |kind: &str| header.iter().any(|word| is_header(kind, word));
            let whole = header.join(" ");
            let is = |kind: &str| is_header(kind, &whole);
            let first = |place: &mut Option<usize>| *place = place.or(Some(at));
            let [given, middle, family] = &mut columns.names;
            if has("phone") && !has("not-phone") || is("number") {
                columns.numbers.push(at);
            } else if is("name") {
                first(&mut columns.name);
            } else if is("given") {
                first(given);
            } else if is("middle") {
                first(middle);
            } else if is("family") {
                first(family);
            } else if is("company") {
                first(&mut columns.company);
            }
        }
        let is_headers = !columns.numbers.is_empty() && !row.iter().any(is_like_number);
        is_headers.then_some(columns)
    }

    fn numbers<'a>(&self, row: &'a StringRecord) -> Vec<&'a str> {
        self.numbers.iter().filter_map(|&at| row.get(at)).collect()
    }

    fn name(&self, row: &StringRecord) -> String {
        let cell = |at: Option<usize>| at.and_then(|at| row.get(at)).unwrap_or_default().trim();
        let parts = self.names.iter().map(|&at| cell(at));
        let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
        [cell(self.name), &parts.join(" "), cell(self.company)]
            .into_iter()
            .find(|name| !name.is_empty())
            .unwrap_or_default()
            .to_owned()
    }
}

fn is_header(kind: &str, header: &str) -> bool {
    HEADERS
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('\t'))
        .filter_map(|(of, rest)| Some((of, rest.split('\t').next()?)))
        .any(|known| known == (kind, header))
}

/// The words of a header, in small letters.
fn words(header: &str) -> Vec<String> {
    header
        .to_lowercase()
        .split(|c: char| !c.is_alphabetic())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

fn is_word(cell: &str) -> bool {
    cell.contains(char::is_alphabetic) && !is_like_number(cell)
}

/// Where no header tells: does this cell hold a number? Birthdays, addresses and e-mail addresses have digits, too.
fn is_like_number(cell: &str) -> bool {
    let cell = cell.trim_matches(|c: char| c.is_whitespace() || "='\"".contains(c));
    let digits = cell.chars().filter(char::is_ascii_digit).count();
    let begins = cell.starts_with(|c: char| c.is_ascii_digit() || "+(".contains(c))
        || cell
            .get(..4)
            .is_some_and(|scheme| scheme.eq_ignore_ascii_case("tel:"));
    let street = cell.contains(char::is_alphabetic) && !cell.starts_with(['+', 't', 'T']);
    digits >= DIGITS_MIN && begins && !street && !is_date(cell)
}

/// `2026-03-02`, `02.03.2026`, `3/2/1999`.
fn is_date(cell: &str) -> bool {
    let parts: Vec<&str> = cell.split(['-', '.', '/']).collect();
    let is_year =
        |part: &str| part.len() == 4 && (part.starts_with("19") || part.starts_with("20"));
    let is_small = |part: &str| (1..=2).contains(&part.len());
    match parts[..] {
        [a, b, c] => is_small(b) && (is_year(a) && is_small(c) || is_small(a) && is_year(c)),
        _ => false,
    }
}
