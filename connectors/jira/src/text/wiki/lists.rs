//! Lists of wiki markup: each item's marks say how deep it lies.

use super::inline::inline;
use crate::text::model::{self, Block, Item, MAX_DEPTH};

/// An item as it stands in the text.
#[derive(Debug)]
pub(super) struct Entry<'a> {
    /// Of each level from the outermost whether it is ordered; at most [`MAX_DEPTH`].
    levels: Vec<bool>,
    /// The first line after the marks, and those that follow it.
    pub lines: Vec<&'a str>,
}

/// The item that a line is: `*`, `-` and `#` in any mix, a blank, and text.
pub(super) fn entry(line: &str) -> Option<Entry<'_>> {
    let line = line.trim();
    let marks = line.len() - line.trim_start_matches(['*', '-', '#']).len();
    let (marks, rest) = line.split_at(marks);
    // Two or three hyphens are a dash.
    if marks.is_empty() || !rest.starts_with([' ', '\t']) || marks.starts_with("--") {
        return None;
    }
    let levels: Vec<bool> = marks.bytes().take(MAX_DEPTH).map(|mark| mark == b'#').collect();
    Some(Entry { levels, lines: vec![rest.trim()] })
}

/// A level that is open.
struct Level {
    ordered: bool,
    items: Vec<Item>,
}

/// The blocks of items that follow each other.
pub(super) fn list(entries: Vec<Entry<'_>>) -> Vec<Block> {
    let mut made = Vec::new();
    let mut open: Vec<Level> = Vec::new();
    for entry in entries {
        let depth = entry.levels.len();
        let ordered = entry.levels.last().copied().unwrap_or_default();
        while open.len() > depth || (open.len() == depth && open.last().is_some_and(|level| level.ordered != ordered)) {
            close(&mut open, &mut made);
        }
        while open.len() < depth {
            let ordered = entry.levels.get(open.len()).copied().unwrap_or_default();
            // A level that was left out has an item of nothing.
            if let Some(level) = open.last_mut()
                && level.items.is_empty()
            {
                level.items.push(Item::default());
            }
            open.push(Level { ordered, items: Vec::new() });
        }
        if let Some(level) = open.last_mut() {
            level.items.push(item(&entry.lines.join("\n")));
        }
    }
    while !open.is_empty() {
        close(&mut open, &mut made);
    }
    made
}

fn close(open: &mut Vec<Level>, made: &mut Vec<Block>) {
    let Some(level) = open.pop() else { return };
    let blocks = model::list(level.ordered.then_some(1), level.items);
    match open.last_mut().and_then(|outer| outer.items.last_mut()) {
        Some(item) => item.blocks.extend(blocks),
        None => made.extend(blocks),
    }
}

fn item(text: &str) -> Item {
    let (done, text) = match (text.strip_prefix("(/)"), text.strip_prefix("( )")) {
        (Some(rest), _) => (Some(true), rest.trim_start()),
        (_, Some(rest)) => (Some(false), rest.trim_start()),
        _ => (None, text),
    };
    let content = inline(text);
    Item { done, blocks: if content.is_empty() { Vec::new() } else { vec![Block::Paragraph(content)] } }
}
