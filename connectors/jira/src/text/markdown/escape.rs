//! Text in Markdown in which nothing is markup.
//!
//! What lives here: which characters need a backslash where they stand, and no more than those, so that prose stays
//! readable. What must not: marks and blocks.

/// Where a text stands.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Place {
    /// At the beginning of a line, where blanks are lost.
    pub line_start: bool,
    /// At the beginning of a line where a block could begin.
    pub block_start: bool,
    /// In a cell of a table.
    pub table: bool,
    /// In the text of a link.
    pub link: bool,
    /// What follows begins a link.
    pub before_link: bool,
    /// The first character must be punctuation to the parser, for the sake of a mark before it.
    pub first_reference: bool,
    /// The last character must be punctuation to the parser, for the sake of a mark after it.
    pub last_reference: bool,
}

/// Writes a text without line breaks so that nothing in it is markup.
pub(super) fn escape(text: &str, place: Place, out: &mut String) {
    let mut rest = text;
    if place.line_start
        && let Some(c @ (' ' | '\t')) = rest.chars().next()
    {
        reference(c, out);
        rest = rest.get(1..).unwrap_or_default();
    } else if place.block_start {
        rest = block_mark(rest, out);
    }
    let last = text.char_indices().next_back().map(|(i, c)| (text.len() - i, c));
    let first = rest.len();
    while let Some(c) = rest.chars().next() {
        let after = rest.get(c.len_utf8()..).unwrap_or_default();
        let is_last = last.is_some_and(|(length, _)| rest.len() == length);
        let next = after.chars().next();
        // A character that is written as a reference is punctuation to its neighbors.
        let next_word = next.is_some_and(char::is_alphanumeric)
            && !(place.last_reference && last.is_some_and(|(length, _)| after.len() == length));
        match c {
            c if (is_last && place.last_reference)
                || (rest.len() == first && first == text.len() && place.first_reference) =>
            {
                reference(c, out);
            }
            '\\' | '`' | '*' | '[' | '~' => escaped(c, out),
            '_' if !(out.chars().next_back().is_some_and(char::is_alphanumeric) && next_word) => escaped(c, out),
            ']' if place.link => escaped(c, out),
            '|' if place.table => escaped(c, out),
            '!' if place.before_link && is_last => escaped(c, out),
            '<' if next.is_none_or(|n| n.is_ascii_alphabetic() || matches!(n, '/' | '!' | '?')) => escaped(c, out),
            '&' if is_reference(after) => escaped(c, out),
            c => out.push(c),
        }
        rest = after;
    }
}

/// Escapes what would make a block of the line: a heading, an item, a quotation, a rule, an underline, a table's row.
fn block_mark<'a>(text: &'a str, out: &mut String) -> &'a str {
    let ends = |rest: &str| rest.is_empty() || rest.starts_with([' ', '\t']);
    let bytes = text.as_bytes();
    let (mark, escape_at) = match bytes {
        [b'#', ..] => {
            let level = bytes.iter().take_while(|b| **b == b'#').count();
            (level <= 6 && ends(text.get(level..).unwrap_or_default()), 0)
        }
        [b'>' | b'=' | b'|', ..] => (true, 0),
        [b'+', rest @ ..] => (matches!(rest, [] | [b' ' | b'\t', ..]), 0),
        [b'-', rest @ ..] => (matches!(rest, [] | [b' ' | b'\t' | b'-' | b':' | b'|', ..]), 0),
        [b':', rest @ ..] => (matches!(rest, [b'-', ..]), 0),
        [b'0'..=b'9', ..] => {
            let digits = bytes.iter().take_while(|b| b.is_ascii_digit()).count();
            let rest = text.get(digits..).unwrap_or_default();
            (digits <= 9 && rest.starts_with(['.', ')']) && ends(rest.get(1..).unwrap_or_default()), digits)
        }
        _ => (false, 0),
    };
    if !mark {
        return text;
    }
    let (before, at) = text.split_at(escape_at);
    out.push_str(before);
    out.push('\\');
    // What is escaped is one byte of ASCII.
    let (c, rest) = at.split_at(1);
    out.push_str(c);
    rest
}

/// Whether what follows an ampersand makes it a character reference.
fn is_reference(after: &str) -> bool {
    let end = after.bytes().take(34).position(|b| b == b';');
    end.is_some_and(|end| end > 0 && after.bytes().take(end).all(|b| b.is_ascii_alphanumeric() || b == b'#'))
}

fn escaped(c: char, out: &mut String) {
    out.push('\\');
    out.push(c);
}

fn reference(c: char, out: &mut String) {
    out.push_str(&format!("&#{};", u32::from(c)));
}

/// Code between backticks, of which there are more than in it.
pub(super) fn code(text: &str, table: bool, out: &mut String) {
    let fence = "`".repeat(longest_run(text) + 1);
    let blank = |c: Option<char>| c == Some(' ');
    let only_blanks = text.chars().all(|c| c == ' ');
    let (first, last) = (text.chars().next(), text.chars().next_back());
    let pad = first == Some('`') || last == Some('`') || (blank(first) && blank(last) && !only_blanks);
    let pad = if pad { " " } else { "" };
    out.push_str(&fence);
    out.push_str(pad);
    if table {
        out.push_str(&text.replace('|', "\\|"));
    } else {
        out.push_str(text);
    }
    out.push_str(pad);
    out.push_str(&fence);
}

/// The most backticks that stand together.
pub(super) fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

/// What follows a link's text: the address and the title.
pub(super) fn destination(href: &str, title: Option<&str>, table: bool, out: &mut String) {
    out.push_str("](");
    // Balanced parentheses may stay; others are escaped, and so is what looks like a character reference.
    let balanced = href.bytes().try_fold(0_u32, |depth, b| match b {
        b'(' => (depth < 16).then_some(depth + 1),
        b')' => depth.checked_sub(1),
        _ => Some(depth),
    }) == Some(0);
    for (i, c) in href.char_indices() {
        match c {
            '(' | ')' if !balanced => escaped(c, out),
            '&' if is_reference(href.get(i + 1..).unwrap_or_default()) => escaped(c, out),
            '\\' => escaped(c, out),
            c => out.push(c),
        }
    }
    if let Some(title) = title {
        out.push_str(" \"");
        for (i, c) in title.char_indices() {
            match c {
                '"' | '\\' | '`' => escaped(c, out),
                '|' if table => escaped(c, out),
                '&' if is_reference(title.get(i + 1..).unwrap_or_default()) => escaped(c, out),
                c => out.push(c),
            }
        }
        out.push('"');
    }
    out.push(')');
}
