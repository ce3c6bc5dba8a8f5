//! Rust source as far as the map needs it: words without comments and literals, the paths that reach the root of the
//! crate, and what is test code. Knows no room and no rule.

use std::ops::Range;

/// A path that begins at the root of the crate, by its first name.
pub(crate) struct Import {
    pub(crate) room: String,
    pub(crate) line: usize,
    pub(crate) in_test: bool,
}

pub(crate) struct Token {
    pub(crate) text: String,
    pub(crate) line: usize,
}

/// One file as tokens: comments, strings and lifetimes are gone.
pub(crate) struct Source {
    pub(crate) tokens: Vec<Token>,
    /// Where the file stands in the library; empty for the program's own root.
    modules: Vec<String>,
    test_ranges: Vec<Range<usize>>,
}

impl Source {
    pub(crate) fn new(text: &str, modules: Vec<String>, all_tests: bool) -> Source {
        let tokens = tokens(text);
        let test_ranges = if all_tests {
            std::iter::once(0..tokens.len()).collect()
        } else {
            test_ranges(&tokens)
        };
        Source {
            tokens,
            modules,
            test_ranges,
        }
    }

    fn is_test(&self, at: usize) -> bool {
        self.test_ranges.iter().any(|range| range.contains(&at))
    }

    /// Whether `mod name;` stands here as test code.
    pub(crate) fn declares_for_tests(&self, name: &str) -> bool {
        (0..self.tokens.len()).any(|at| {
            self.is_test(at)
                && [self.text(at), self.text(at + 1), self.text(at + 2)] == ["mod", name, ";"]
        })
    }

    /// Every `crate::…`, `textback::…` and `super::…` that reaches the root of the crate, and the room it goes on to.
    pub(crate) fn imports(&self) -> Vec<Import> {
        let mut imports = Vec::new();
        // From the program, which has a root of its own, only the library's name leads here.
        let in_library = !self.modules.is_empty();
        // The depth of braces at which each inline module was opened.
        let mut inline: Vec<usize> = Vec::new();
        let mut depth = 0_usize;
        for (at, token) in self.tokens.iter().enumerate() {
            let next = self.text(at + 1);
            match token.text.as_str() {
                "{" => {
                    depth += 1;
                    if at >= 2 && self.text(at - 2) == "mod" {
                        inline.push(depth);
                    }
                }
                "}" => {
                    if inline.last() == Some(&depth) {
                        inline.pop();
                    }
                    depth = depth.saturating_sub(1);
                }
                "textback" if next == "::" => self.rooms_named(at + 2, &mut imports),
                "crate" if next == "::" && in_library => self.rooms_named(at + 2, &mut imports),
                "super" if next == "::" && in_library && (at == 0 || self.text(at - 1) != "::") => {
                    let mut after = at;
                    let mut up = 0;
                    while self.text(after) == "super" && self.text(after + 1) == "::" {
                        up += 1;
                        after += 2;
                    }
                    if up >= self.modules.len() + inline.len() {
                        self.rooms_named(after, &mut imports);
                    }
                }
                _ => {}
            }
        }
        imports
    }

    /// The rooms named from the root of the crate on: one, or several in braces.
    fn rooms_named(&self, at: usize, imports: &mut Vec<Import>) {
        let mut depth = 0_usize;
        // In braces, a name counts at the outer level only, where an item begins.
        for index in at..self.tokens.len() {
            match self.text(index) {
                "{" => depth += 1,
                "}" => depth = depth.saturating_sub(1),
                name if depth <= 1
                    && (index == at || matches!(self.text(index - 1), "{" | ",")) =>
                {
                    imports.push(Import {
                        room: name.to_string(),
                        line: self.tokens[index].line,
                        in_test: self.is_test(index),
                    });
                }
                _ => {}
            }
            if depth == 0 {
                return;
            }
        }
    }

    fn text(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", |token| token.text.as_str())
    }
}

/// What `#[cfg(test)]` covers: the item that follows, up to its semicolon or closing brace.
fn test_ranges(tokens: &[Token]) -> Vec<Range<usize>> {
    let attribute = ["#", "[", "cfg", "(", "test", ")", "]"];
    let mut ranges = Vec::new();
    for start in 0..tokens.len() {
        let rest = &tokens[start..];
        if !rest
            .iter()
            .take(attribute.len())
            .map(|t| t.text.as_str())
            .eq(attribute)
        {
            continue;
        }
        let mut depth = 0_usize;
        let mut length = attribute.len();
        for token in &rest[attribute.len()..] {
            length += 1;
            match token.text.as_str() {
                "{" | "(" | "[" => depth += 1,
                "}" | ")" | "]" => depth = depth.saturating_sub(1),
                _ => {}
            }
            // `use a::{b};` closes its brace before its semicolon; the token left over does no harm.
            if depth == 0 && matches!(token.text.as_str(), "}" | ";") {
                break;
            }
        }
        ranges.push(start..start + length);
    }
    ranges
}

/// Splits Rust source into words, `::` and single signs, without comments and literals.
fn tokens(text: &str) -> Vec<Token> {
    let chars: Vec<char> = text.chars().collect();
    let mut tokens = Vec::new();
    let mut line = 1;
    let mut at = 0;
    while at < chars.len() {
        let rest = &chars[at..];
        let length = match rest {
            ['/', '/', ..] => rest.iter().take_while(|c| **c != '\n').count(),
            ['/', '*', ..] => block_comment(rest),
            ['"', ..] | ['b' | 'c', '"', ..] => string(rest),
            ['r', '"' | '#', ..] | ['b' | 'c', 'r', '"' | '#', ..] if raw_string(rest) > 0 => {
                raw_string(rest)
            }
            ['\'', '\\', ..] => 3 + rest[3..].iter().take_while(|c| **c != '\'').count() + 1,
            ['\'', _, '\'', ..] => 3,
            // A lifetime: the sign goes, its name stays as a word.
            ['\'', ..] => 1,
            [first, ..] if first.is_alphanumeric() || *first == '_' => {
                let word: String = rest
                    .iter()
                    .take_while(|c| c.is_alphanumeric() || **c == '_')
                    .collect();
                let length = word.chars().count();
                tokens.push(Token { text: word, line });
                length
            }
            [':', ':', ..] => {
                tokens.push(Token {
                    text: "::".to_string(),
                    line,
                });
                2
            }
            [first, ..] => {
                if !first.is_whitespace() {
                    tokens.push(Token {
                        text: first.to_string(),
                        line,
                    });
                }
                1
            }
            [] => break,
        };
        let end = (at + length).min(chars.len());
        line += chars[at..end].iter().filter(|c| **c == '\n').count();
        at = end;
    }
    tokens
}

fn block_comment(rest: &[char]) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < rest.len() {
        match rest[at..] {
            ['/', '*', ..] => {
                depth += 1;
                at += 2;
            }
            ['*', '/', ..] => {
                depth -= 1;
                at += 2;
            }
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

fn string(rest: &[char]) -> usize {
    let mut at = 1 + rest.iter().take_while(|c| **c != '"').count();
    while at < rest.len() {
        match rest[at] {
            '\\' => at += 2,
            '"' => return at + 1,
            _ => at += 1,
        }
    }
    at
}

/// The length of `r"…"`, `br#"…"#` and their kin, or 0 if this is none (`r#type`).
fn raw_string(rest: &[char]) -> usize {
    let prefix = rest.iter().take_while(|c| c.is_alphabetic()).count();
    let hashes = rest[prefix..].iter().take_while(|c| **c == '#').count();
    let open = prefix + hashes;
    if rest.get(open) != Some(&'"') {
        return 0;
    }
    let end = std::iter::once('"')
        .chain(std::iter::repeat_n('#', hashes))
        .collect::<Vec<char>>();
    rest[open + 1..]
        .windows(end.len())
        .position(|window| window == end)
        .map_or(rest.len(), |found| open + 1 + found + end.len())
}
