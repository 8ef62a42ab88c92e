//! From wiki markup to blocks.
//!
//! What lives here: lines, and which block each begins. Macros that span lines are in [`super::macros`], what is within a line
//! in [`super::inline`]. What is not understood stays as it is.

use super::{
    inline::inline,
    lists::{Entry, entry, list},
    macros::{Piece, pieces},
    tables::{self, row},
};
use crate::text::{
    clean::clean,
    model::{Block, strong},
};

/// The blocks of a text.
pub(in crate::text) fn read(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    read_pieces(&clean(text), &mut blocks);
    blocks
}

/// Reads text with its macros. A macro cannot stand in one of its own kind, so that this goes no deeper than there are kinds.
fn read_pieces(text: &str, blocks: &mut Vec<Block>) {
    for piece in pieces(text) {
        match piece {
            Piece::Lines(text) => read_lines(text, blocks),
            Piece::Code { language, text } => blocks.push(Block::Code { language, text: text.to_owned() }),
            Piece::Quote(text) => {
                let mut inner = Vec::new();
                read_pieces(text, &mut inner);
                blocks.push(Block::Quote(inner));
            }
            Piece::Panel { kind, title, text } => {
                let mut inner = Vec::new();
                if let Some(title) = title {
                    inner.push(Block::Paragraph(strong(&inline(title))));
                }
                read_pieces(text, &mut inner);
                blocks.push(match kind {
                    Some(kind) => Block::Panel(kind, inner),
                    None => Block::Quote(inner),
                });
            }
        }
    }
}

fn read_lines(text: &str, blocks: &mut Vec<Block>) {
    let mut lines = text.split('\n').peekable();
    while let Some(line) = lines.next() {
        let trimmed = line.trim();
        if trimmed.is_empty() {
            continue;
        }
        if let Some(begun) = single(trimmed) {
            blocks.push(begun);
            continue;
        }
        if let Some(first) = entry(line) {
            let mut entries: Vec<Entry<'_>> = vec![first];
            while let Some(line) = lines.next_if(|l| !l.trim().is_empty() && single(l.trim()).is_none() && !is_row(l)) {
                match (entry(line), entries.last_mut()) {
                    (Some(next), _) => entries.push(next),
                    (None, Some(last)) => last.lines.push(line.trim()),
                    (None, None) => {}
                }
            }
            blocks.extend(list(entries));
            continue;
        }
        if is_row(line) {
            let mut rows = Vec::new();
            let mut next = Some(line);
            while let Some(line) = next {
                // A row ends where a line ends with a bar.
                let mut whole = vec![line];
                while !whole.last().is_some_and(|l| l.trim_end().ends_with('|')) {
                    let Some(more) = lines.next_if(|l| !l.trim().is_empty() && !is_row(l)) else { break };
                    whole.push(more);
                }
                rows.push(row(&whole.join("\n")));
                next = lines.next_if(|l| is_row(l));
            }
            blocks.push(tables::table(rows));
            continue;
        }
        let mut paragraph = vec![trimmed];
        while let Some(line) = lines.next_if(|l| continues(l)) {
            paragraph.push(line.trim());
        }
        let content = inline(&paragraph.join("\n"));
        if !content.is_empty() {
            blocks.push(Block::Paragraph(content));
        }
    }
}

/// Whether a line belongs to the paragraph before it.
fn continues(line: &str) -> bool {
    let trimmed = line.trim();
    !trimmed.is_empty() && single(trimmed).is_none() && entry(line).is_none() && !is_row(line)
}

fn is_row(line: &str) -> bool {
    line.trim_start().starts_with('|')
}

/// A block of one line: a heading, a quotation, a rule.
fn single(line: &str) -> Option<Block> {
    if (4..=5).contains(&line.len()) && line.bytes().all(|b| b == b'-') {
        return Some(Block::Rule);
    }
    if let Some(rest) = line.strip_prefix("bq.") {
        return Some(Block::Quote(vec![Block::Paragraph(inline(rest.trim()))]));
    }
    let (level, rest) = line.strip_prefix('h')?.split_once('.')?;
    let level: u8 = level.parse().ok().filter(|level| (1..=6).contains(level))?;
    Some(Block::Heading(level, inline(rest.trim())))
}
