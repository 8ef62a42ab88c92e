//! Inline content of wiki markup.
//!
//! What lives here: one pass that finds the parts, and one that pairs marks. Both take time in proportion to the text: a
//! search for an end that found none is not repeated, and of each mark at most one is open.

use std::sync::Arc;

use super::escape::bare_url;
use crate::text::model::{Inline, Inlines, Link, Marks, Mention, Person};

/// What Jira's renderer takes a backslash before for an escape.
const ESCAPABLE: &str = "-#*_+?^~|%{}[]()!@";
/// What code begins and ends with; the first where letters stand beside it. Within a line the macros for blocks of code are code as well.
const CODE: [(&str, &str); 4] = [("{{{}", "{}}}"), ("{{", "}}"), ("{noformat}", "{noformat}"), ("{code}", "{code}")];

#[derive(Debug)]
enum Part<'a> {
    Text(String),
    Code(String),
    Link {
        link: Arc<Link>,
        text: String,
        code: bool,
    },
    Mention(Mention),
    /// A line break; one of the text itself ends marks.
    Break {
        of_text: bool,
    },
    Mark {
        mark: usize,
        opens: bool,
        closes: bool,
        raw: &'a str,
    },
}

/// The marks, by their index.
const MARKS: [char; 3] = ['*', '_', '-'];

/// The content of a text, in which line breaks are line breaks.
pub(super) fn inline(text: &str) -> Vec<Inline> {
    let parts = Scanner { text, at: 0, parts: Vec::new(), no_code: [0; CODE.len()], escaped: 0 }.scan();
    let matched = pair(&parts);
    let mut line = Inlines::default();
    let mut on = [false; MARKS.len()];
    for (part, matched) in parts.iter().zip(matched) {
        let marks = Marks { strong: on[0], em: on[1], strike: on[2], code: false };
        match part {
            Part::Text(text) => line.text(text, marks, None),
            Part::Code(text) => line.text(text, Marks { code: true, ..Marks::default() }, None),
            Part::Link { link, text, code } => line.text(text, Marks { code: *code, ..marks }, Some(link)),
            Part::Mention(mention) => line.mention(mention.clone()),
            Part::Break { .. } => line.brk(),
            Part::Mark { mark, .. } if matched => {
                if let Some(on) = on.get_mut(*mark) {
                    *on = !*on;
                }
            }
            Part::Mark { raw, .. } => line.text(raw, marks, None),
        }
    }
    line.finish()
}

/// Which parts are marks that have a partner.
fn pair(parts: &[Part<'_>]) -> Vec<bool> {
    let mut matched = vec![false; parts.len()];
    let mut open: [Option<usize>; MARKS.len()] = [None; MARKS.len()];
    for (i, part) in parts.iter().enumerate() {
        match part {
            Part::Mark { mark, opens, closes, .. } => {
                let Some(open) = open.get_mut(*mark) else { continue };
                match *open {
                    Some(begun) if *closes && begun + 1 < i => {
                        for at in [begun, i] {
                            if let Some(matched) = matched.get_mut(at) {
                                *matched = true;
                            }
                        }
                        *open = None;
                    }
                    _ if *opens => *open = Some(i),
                    _ => {}
                }
            }
            Part::Break { of_text: true } => open = [None; MARKS.len()],
            _ => {}
        }
    }
    matched
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
    parts: Vec<Part<'a>>,
    /// For each kind of code, up to where there is no end of it.
    no_code: [usize; CODE.len()],
    /// Where the last character ended that was written as an escape or a reference.
    escaped: usize,
}

impl<'a> Scanner<'a> {
    fn scan(mut self) -> Vec<Part<'a>> {
        while let Some(c) = self.rest().chars().next() {
            if !self.part(c) {
                self.push(c);
                self.at += c.len_utf8();
            }
        }
        self.parts
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn before(&self) -> Option<char> {
        self.text.get(..self.at)?.chars().next_back()
    }

    fn push(&mut self, c: char) {
        match self.parts.last_mut() {
            Some(Part::Text(text)) => text.push(c),
            _ => self.parts.push(Part::Text(c.to_string())),
        }
    }

    /// Takes a part off the text if one begins here.
    fn part(&mut self, c: char) -> bool {
        match c {
            '\n' => self.take(1, Part::Break { of_text: true }),
            '\\' => self.backslash(),
            '&' => self.reference(),
            '{' => self.brace(),
            '[' => self.bracket(),
            '!' => self.image(),
            'h' => self.url(),
            '*' | '_' | '-' => self.mark(c),
            _ => false,
        }
    }

    fn take(&mut self, length: usize, part: Part<'a>) -> bool {
        self.parts.push(part);
        self.at += length;
        true
    }

    fn backslash(&mut self) -> bool {
        let rest = self.rest();
        // Jira looks for further backslashes in the same word; then it is no break.
        if let Some(after) = rest.strip_prefix("\\\\")
            && !after.starts_with('\\')
            && self.before() != Some('\\')
        {
            let length = if after.starts_with(' ') { 3 } else { 2 };
            // At the end of a line the line's own end breaks it.
            let length = if after.starts_with('\n') { 3 } else { length };
            return self.take(length, Part::Break { of_text: false });
        }
        match rest.chars().nth(1) {
            Some(c) if ESCAPABLE.contains(c) && self.before() != Some('\\') => {
                self.push(c);
                self.at += 2;
                self.escaped = self.at;
                true
            }
            _ => false,
        }
    }

    fn reference(&mut self) -> bool {
        let Some((c, length)) = reference(self.rest()) else { return false };
        self.push(c);
        self.at += length;
        self.escaped = self.at;
        true
    }

    fn brace(&mut self) -> bool {
        let rest = self.rest();
        for (mark, c) in MARKS.iter().enumerate() {
            if let Some(raw) = rest.get(..3)
                && raw.starts_with('{')
                && raw.ends_with('}')
                && raw.contains(*c)
            {
                return self.take(3, Part::Mark { mark, opens: true, closes: true, raw });
            }
        }
        // Color has no counterpart.
        if (rest.starts_with("{color:") || rest.starts_with("{color}"))
            && let Some(end) = rest.bytes().take(60).position(|b| b == b'}')
        {
            self.at += end + 1;
            return true;
        }
        for ((open, close), none_until) in CODE.into_iter().zip(&mut self.no_code) {
            let Some(inner) = rest.strip_prefix(open).filter(|_| *none_until <= self.at) else { continue };
            let line = inner.split('\n').next().unwrap_or_default();
            let Some(end) = line.find(close).filter(|end| *end > 0) else {
                *none_until = self.at + open.len() + line.len();
                return false;
            };
            let code = line.get(..end).unwrap_or_default();
            // A link stands in the code, not around it, as in all other marks.
            let linked = code
                .strip_prefix('[')
                .filter(|_| link_end(code) == Some(code.len() - 1))
                .and_then(|c| link(c.strip_suffix(']')?));
            let part = match linked.filter(|_| open.starts_with("{{")) {
                Some((link, text)) => Part::Link { link, text, code: true },
                None => Part::Code(if open.starts_with("{{") { plain(code) } else { code.to_owned() }),
            };
            return self.take(open.len() + end + close.len(), part);
        }
        false
    }

    fn bracket(&mut self) -> bool {
        let Some(end) = link_end(self.rest()) else { return false };
        let inner = self.rest().get(1..end).unwrap_or_default();
        if let Some(name) = inner.strip_prefix('~') {
            let person = match name.strip_prefix("accountid:") {
                Some(id) => Person::account(id),
                None => Person::user(name),
            };
            return match person {
                Some(person) => self.take(end + 1, Part::Mention(Mention::new(person, ""))),
                None => false,
            };
        }
        match link(inner) {
            Some((link, text)) => self.take(end + 1, Part::Link { link, text, code: false }),
            None => false,
        }
    }

    /// An image at an address is a link to it; one that is attached stays as it is.
    fn image(&mut self) -> bool {
        let Some(inner) = self.rest().strip_prefix("!http") else { return false };
        let Some(end) = inner.bytes().take(2_000).position(|b| matches!(b, b'!' | b'\n')) else { return false };
        let Some(inner) = self.rest().get(1..end + 5).filter(|_| inner.as_bytes().get(end) == Some(&b'!')) else {
            return false;
        };
        let href = inner.split('|').next().unwrap_or_default();
        let Some(link) = Link::new(href, "") else { return false };
        let text = link.href.clone();
        self.take(inner.len() + 2, Part::Link { link: Arc::new(link), text, code: false })
    }

    fn url(&mut self) -> bool {
        let Some((url, _)) = bare_url(self.rest(), self.before()) else { return false };
        let Some(link) = Link::new(url, "") else { return false };
        self.take(url.len(), Part::Link { link: Arc::new(link), text: url.to_owned(), code: false })
    }

    /// A mark opens before a character that is no blank, outside of a word, and closes the other way round.
    fn mark(&mut self, c: char) -> bool {
        let Some(mark) = MARKS.iter().position(|known| *known == c) else { return false };
        // What was escaped is no mark, nor part of a word, whatever it is.
        let before = if self.at == self.escaped && self.at > 0 { Some(';') } else { self.before() };
        let after = self.rest().chars().nth(1);
        let word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let solid = |other: Option<char>| other.is_some_and(|o| !o.is_whitespace() && o != c);
        let opens = solid(after) && !word(before);
        let closes = solid(before) && !word(after);
        if !opens && !closes {
            return false;
        }
        let raw = self.rest().get(..1).unwrap_or_default();
        self.take(1, Part::Mark { mark, opens, closes, raw })
    }
}

/// Where the bracket closes that a text begins with. No link holds another bracket or a line break, unless escaped.
pub(super) fn link_end(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let stops = |i: usize, b: u8| b == b'\n' || (matches!(b, b'[' | b']') && bytes.get(i - 1) != Some(&b'\\'));
    let (end, b) = bytes.iter().enumerate().skip(1).find(|(i, b)| stops(*i, **b))?;
    (*b == b']').then_some(end)
}

/// The link that stands between brackets, and its text: `text|address|title`, or the address alone.
fn link(inner: &str) -> Option<(Arc<Link>, String)> {
    let mut fields = split_bars(inner);
    let title = if fields.len() > 2 { fields.pop().unwrap_or_default() } else { "" };
    let href = fields.pop().unwrap_or_default().trim();
    let link = Link::new(href, &plain(title))?;
    let text = match fields.first() {
        Some(text) if !text.trim().is_empty() => plain(text.trim()),
        _ => link.href.clone(),
    };
    Some((Arc::new(link), text))
}

/// The fields between bars that no backslash stands before.
fn split_bars(text: &str) -> Vec<&str> {
    let mut fields = Vec::new();
    let mut from = 0;
    for (i, _) in text.match_indices('|') {
        if !text.get(..i).is_some_and(|t| t.ends_with('\\')) {
            fields.push(text.get(from..i).unwrap_or_default());
            from = i + 1;
        }
    }
    fields.push(text.get(from..).unwrap_or_default());
    fields
}

/// Text without escapes and character references.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let length = match (c, rest.chars().nth(1), reference(rest)) {
            ('\\', Some(next), _) if ESCAPABLE.contains(next) => {
                out.push(next);
                1 + next.len_utf8()
            }
            (_, _, Some((c, length))) => {
                out.push(c);
                length
            }
            _ => {
                out.push(c);
                c.len_utf8()
            }
        };
        rest = rest.get(length..).unwrap_or_default();
    }
    out
}

/// The character that a reference of HTML stands for, and the reference's length.
fn reference(text: &str) -> Option<(char, usize)> {
    let rest = text.strip_prefix('&')?;
    let end = rest.bytes().take(10).position(|b| b == b';')?;
    let name = rest.get(..end)?;
    let c = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "nbsp" => '\u{a0}',
        "bsol" => '\\',
        _ => {
            let number = name.strip_prefix('#')?;
            let number = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(number).filter(|c| !c.is_control())?
        }
    };
    Some((c, end + 2))
}
