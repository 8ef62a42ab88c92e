//! The macros of wiki markup that hold lines: code, quotations, panels.
//!
//! What lives here: where each begins and ends. One that never ends is no macro but text. The text is gone through once: a
//! search for an end that found none is not repeated.

use crate::text::model::{self, Panel};

/// How long a macro's name and parameters are at most.
const LONGEST: usize = 200;

/// A piece of a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    Lines(&'a str),
    Code { language: Option<String>, text: &'a str },
    Quote(&'a str),
    Panel { kind: Option<Panel>, title: Option<&'a str>, text: &'a str },
}

const KINDS: [&str; 8] = ["code", "noformat", "quote", "panel", "info", "note", "tip", "warning"];

/// The pieces of a text, in order.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut unended = [false; KINDS.len()];
    // Where the lines begin that no macro holds, and where the search goes on.
    let (mut lines, mut from) = (0, 0);
    let mut row = Row::default();
    while let Some(found) = text.get(from..).and_then(|t| t.find('{')) {
        let at = from + found;
        from = at + 1;
        let Some((kind, parameters, inner)) = head(text, at) else { continue };
        let Some(unended) = unended.get_mut(kind) else { continue };
        if *unended || row.holds(text, at) {
            continue;
        }
        let name = KINDS.get(kind).copied().unwrap_or_default();
        let end = format!("{{{name}}}");
        let Some(length) = text.get(inner..).and_then(|t| t.find(&end)) else {
            *unended = true;
            continue;
        };
        pieces.push(Piece::Lines(text.get(lines..at).unwrap_or_default()));
        pieces.push(piece(name, parameters, text.get(inner..inner + length).unwrap_or_default()));
        from = inner + length + end.len();
        lines = from;
    }
    pieces.push(Piece::Lines(text.get(lines..).unwrap_or_default()));
    pieces
}

/// The macro that begins at a brace: which kind, its parameters, and where its content begins.
fn head(text: &str, at: usize) -> Option<(usize, &str, usize)> {
    let before = text.get(..at)?;
    if before.ends_with(['\\', '{']) {
        return None;
    }
    let rest = text.get(at + 1..)?;
    let end = rest.bytes().take(LONGEST).position(|b| matches!(b, b'}' | b'\n' | b'{'))?;
    let (name, tail) = rest.split_at_checked(end)?;
    if !tail.starts_with('}') {
        return None;
    }
    let (name, parameters) = name.split_once(':').unwrap_or((name, ""));
    let kind = KINDS.iter().position(|known| *known == name)?;
    Some((kind, parameters, at + 1 + end + 1))
}

/// Whether places lie in rows of tables, whose macros are part of a cell. They are asked for in order.
#[derive(Default)]
struct Row {
    /// Where the line of the last place begins, and up to where line breaks were looked for.
    line: usize,
    seen: usize,
}

impl Row {
    fn holds(&mut self, text: &str, at: usize) -> bool {
        if let Some(end) = text.get(self.seen..at).and_then(|t| t.rfind('\n')) {
            self.line = self.seen + end + 1;
        }
        self.seen = at;
        text.get(self.line..at).is_some_and(|line| line.trim_start().starts_with('|'))
    }
}

fn piece<'a>(name: &str, parameters: &'a str, text: &'a str) -> Piece<'a> {
    let title = parameters.split('|').find_map(|p| p.trim().strip_prefix("title=")).map(str::trim);
    match name {
        "code" | "noformat" => {
            let text = text.strip_prefix('\n').unwrap_or(text);
            let text = text.strip_suffix('\n').unwrap_or(text);
            // `{code:java}` or `{code:title=a.java|language=java}`.
            let named = parameters
                .split('|')
                .map(str::trim)
                .find_map(|p| p.strip_prefix("language=").or_else(|| (!p.contains('=')).then_some(p)));
            let language = named.and_then(model::language).filter(|l| name == "code" && l != "none");
            Piece::Code { language, text }
        }
        "quote" => Piece::Quote(text),
        "panel" => {
            let kind = title.and_then(Panel::named);
            Piece::Panel { kind, title: title.filter(|t| kind.is_none() && !t.is_empty()), text }
        }
        name => {
            let kind = match name {
                "info" => Panel::Note,
                "tip" => Panel::Tip,
                "note" => Panel::Important,
                _ => Panel::Warning,
            };
            Piece::Panel { kind: Some(kind), title: title.filter(|t| !t.is_empty()), text }
        }
    }
}
