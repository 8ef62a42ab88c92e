//! Tables of wiki markup: `||header||header||`, `|cell|cell|`.

use super::inline::inline;
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
        let skip = |open: &str, close: &str| {
            let inner = rest.strip_prefix(open)?;
            // Links and code are short; a search that is bounded cannot make the whole slow.
            let window = inner.char_indices().take(2_000).last().map_or(0, |(i, c)| i + c.len_utf8());
            inner.get(..window)?.find(close).map(|end| open.len() + end + close.len())
        };
        at += match rest.bytes().next() {
            Some(b'|') => return at,
            Some(b'\\') => 1 + rest.chars().nth(1).map_or(0, char::len_utf8),
            Some(b'[') => skip("[", "]").unwrap_or(1),
            _ => skip("{{", "}}")
                .or_else(|| skip("{noformat}", "{noformat}"))
                .or_else(|| skip("{code}", "{code}"))
                .unwrap_or(1),
        };
    }
    text.len()
}
