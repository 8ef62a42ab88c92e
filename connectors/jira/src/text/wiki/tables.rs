//! Tables of wiki markup: `||header||header||`, `|cell|cell|`.

use super::inline::{inline, link_end};
use crate::text::model::{self, Block};

/// A row: whether it is a header, and its cells.
pub(super) type Row = (bool, Vec<Vec<Block>>);

/// The table of its rows.
pub(super) fn table(rows: Vec<Row>) -> Block {
    let header = rows.first().is_some_and(|(header, _)| *header);
    model::table(header, rows.into_iter().map(|(_, cells)| cells).collect())
}

/// The row that lines are which begin with a bar. Bars in links, in code and after a backslash part no cells.
pub(super) fn row(line: &str) -> Row {
    let line = line.trim();
    let mut cells: Vec<Vec<Block>> = Vec::new();
    let mut headers = 0;
    let mut rest = line;
    while let Some(after) = rest.strip_prefix('|') {
        let (is_header, after) = match after.strip_prefix('|') {
            Some(after) => (true, after),
            None => (false, after),
        };
        if after.trim().is_empty() {
            break;
        }
        let end = cell_end(after);
        let (text, tail) = after.split_at(end);
        let content = inline(text.trim());
        cells.push(if content.is_empty() { Vec::new() } else { vec![Block::Paragraph(content)] });
        headers += usize::from(is_header);
        rest = tail;
    }
    (headers > 0 && headers == cells.len(), cells)
}

/// Where a cell ends: at the next bar that parts cells, or at the end.
fn cell_end(text: &str) -> usize {
    let mut at = 0;
    while let Some(found) = text.get(at..).and_then(|t| t.find(['|', '\\', '[', '{'])) {
        at += found;
        let rest = text.get(at..).unwrap_or_default();
        at += match rest.bytes().next() {
            Some(b'|') => return at,
            Some(b'\\') => 1 + rest.chars().nth(1).map_or(0, char::len_utf8),
            Some(b'[') => link_end(rest).unwrap_or(1),
            _ => code_length(rest).unwrap_or(1),
        };
    }
    text.len()
}

/// How long the code is that a text begins with. None holds the beginning of another, so that no text is searched twice.
fn code_length(text: &str) -> Option<usize> {
    if let Some(inner) = text.strip_prefix("{{") {
        let end =
            inner.match_indices(['{', '}']).find(|(i, brace)| inner.get(i + 1..).is_some_and(|t| t.starts_with(brace)));
        return end.filter(|(_, brace)| *brace == "}").map(|(end, _)| end + 4);
    }
    let name = ["{noformat}", "{code}"].into_iter().find(|name| text.starts_with(name))?;
    text.get(name.len()..)?.find(name).map(|end| end + 2 * name.len())
}
