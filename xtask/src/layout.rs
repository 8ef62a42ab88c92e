//! Rust text laid out as rustfmt lays it out with this repository's `rustfmt.toml`, so that `cargo fmt --check` leaves
//! generated files alone without codegen having to run it. A test compares with the real rustfmt.

use std::cmp::Ordering;

/// `max_width` of `rustfmt.toml`.
pub(crate) const WIDTH: usize = 120;

/// One entry of a list: an expression, or a tuple of several.
#[derive(Debug, Clone)]
pub(crate) struct Entry(pub(crate) Vec<String>);

impl Entry {
    pub(crate) fn one(text: String) -> Self {
        Self(vec![text])
    }

    fn flat(&self) -> String {
        match self.0.as_slice() {
            [one] => one.clone(),
            parts => format!("({})", parts.join(", ")),
        }
    }

    /// The parts of a tuple, one a line, indented below `indent`.
    fn broken(&self, indent: &str) -> String {
        let lines: String = self.0.iter().map(|p| format!("{indent}    {},\n", fitted(p, indent.len() + 4))).collect();
        format!("(\n{lines}{indent})")
    }
}

/// A part that stands `indent` deep before a comma: a macro call that is too long gets its argument on a line of its own.
fn fitted(part: &str, indent: usize) -> String {
    let call = part.split_once("!(").and_then(|(name, rest)| Some((name, rest.strip_suffix(')')?)));
    match call {
        Some((name, argument)) if indent + part.len() + 1 > WIDTH => {
            let blank = " ".repeat(indent);
            format!("{name}!(\n{blank}    {argument}\n{blank})")
        }
        _ => part.to_owned(),
    }
}

/// `<head>: <ty> = &[…];` over constant entries, with a line break at the end.
///
/// Four layouts, tried in this order: all on one line; the list on a line of its own; a single tuple broken in place; one
/// entry a line, tuples broken where they do not fit.
pub(crate) fn const_list(head: &str, ty: &str, entries: &[Entry]) -> String {
    let flat = format!("&[{}];", entries.iter().map(Entry::flat).collect::<Vec<_>>().join(", "));
    let one = format!("{head}: {ty} = {flat}");
    if one.len() <= WIDTH {
        return format!("{one}\n");
    }
    if flat.len() + 4 <= WIDTH {
        return format!("{head}: {ty} =\n    {flat}\n");
    }
    if let [only @ Entry(parts)] = entries
        && parts.len() > 1
    {
        return format!("{head}: {ty} = &[{}];\n", only.broken(""));
    }
    let lines: String = entries
        .iter()
        .map(|e| {
            // Four of indentation, one comma.
            let text = if e.0.len() == 1 || e.flat().len() + 5 <= WIDTH { e.flat() } else { e.broken("    ") };
            format!("    {text},\n")
        })
        .collect();
    format!("{head}: {ty} = &[\n{lines}];\n")
}

/// How rustfmt's style edition 2024 orders the names of `use` items (not of modules, which are in order of their bytes):
/// `_` before digits before letters, digits by value.
pub(crate) fn use_order(a: &str, b: &str) -> Ordering {
    let (mut x, mut y) = (a, b);
    loop {
        let ((kind_x, chunk_x, rest_x), (kind_y, chunk_y, rest_y)) = (chunk(x), chunk(y));
        let order = kind_x.cmp(&kind_y).then_with(|| match kind_x {
            Kind::Number => {
                let (vx, vy) = (chunk_x.trim_start_matches('0'), chunk_y.trim_start_matches('0'));
                // Of equal values the one with more leading zeros comes first.
                vx.len().cmp(&vy.len()).then(vx.cmp(vy)).then(chunk_y.len().cmp(&chunk_x.len()))
            }
            _ => chunk_x.cmp(chunk_y),
        });
        if order != Ordering::Equal || kind_x == Kind::End {
            return order;
        }
        (x, y) = (rest_x, rest_y);
    }
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    End,
    Underscore,
    Number,
    Letters,
}

/// What begins a text: one underscore, or the longest run of digits or of others.
fn chunk(text: &str) -> (Kind, &str, &str) {
    let kind = match text.chars().next() {
        None => Kind::End,
        Some('_') => Kind::Underscore,
        Some(c) if c.is_ascii_digit() => Kind::Number,
        Some(_) => Kind::Letters,
    };
    let end = match kind {
        Kind::End => 0,
        Kind::Underscore => 1,
        Kind::Number => text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()),
        Kind::Letters => text.find(|c: char| c == '_' || c.is_ascii_digit()).unwrap_or(text.len()),
    };
    let (head, rest) = text.split_at_checked(end).unwrap_or((text, ""));
    (kind, head, rest)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::testing::rustfmt;

    #[test]
    fn names_are_in_the_order_of_rustfmt() {
        let mut all = [
            "a10", "a9", "ab", "a_b", "a", "a_9", "a09", "issue_10", "issue_2", "issues", "issue", "a_b_c", "ab_c",
            "a1_b", "a1b",
        ];
        let uses = |names: &[&str]| names.iter().map(|n| format!("pub use {n}::T;\n")).collect::<String>();
        let mods = |names: &[&str]| names.iter().map(|n| format!("pub mod {n};\n")).collect::<String>();
        let (want_uses, want_mods) = (rustfmt(&uses(&all)), rustfmt(&mods(&all)));
        all.sort_by(|a, b| use_order(a, b));
        assert_eq!(uses(&all), want_uses);
        all.sort_unstable();
        assert_eq!(mods(&all), want_mods);
    }

    #[test]
    fn lists_are_laid_out_as_rustfmt_does() {
        for count in 0..4 {
            for width in 1..120 {
                let plain: Vec<Entry> = (0..count).map(|i| Entry::one(format!("a{i}{}", "b".repeat(width)))).collect();
                let tuples: Vec<Entry> = (0..count)
                    .map(|i| Entry(vec![format!("\"a{i}\""), format!("f!(\"{}\")", "b".repeat(width))]))
                    .collect();
                // Entries of ten and less flow like text; none of ours is that short.
                let plain = if width < 10 { Vec::new() } else { plain };
                let text = const_list("pub const A", "&[T]", &plain) + &const_list("pub const B", "&[(A, B)]", &tuples);
                // One process for each is slow, and the interesting widths are at the borders.
                if width % 7 == 0 || (20..60).contains(&width) && count > 1 || width > 85 {
                    assert_eq!(rustfmt(&text), text);
                }
            }
        }
    }
}
