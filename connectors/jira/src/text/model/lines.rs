//! Blocks where only lines can stand: in the cells of a Markdown table, and where ADF or wiki markup do not allow a block.
//!
//! What lives here: one way to say each block in lines of text, so that nothing is lost: a heading is bold, an item has its
//! mark, a quotation its `>`, a table's row its bars.

use super::{Block, Inline, Inlines, Marks, Task, checkbox};

/// The blocks, line by line. Breaks within a paragraph stay where they are.
pub(in crate::text) fn lines(blocks: &[Block]) -> Vec<Vec<Inline>> {
    blocks.iter().flat_map(block).filter(|line| !line.is_empty()).collect()
}

/// Lines as one, with a separator.
pub(in crate::text) fn join(lines: &[Vec<Inline>], separator: Option<&str>) -> Vec<Inline> {
    let mut joined = Inlines::default();
    for (i, line) in lines.iter().enumerate() {
        match separator {
            _ if i == 0 => {}
            Some(separator) => joined.text(separator, Marks::default(), None),
            None => joined.brk(),
        }
        joined.extend(line);
    }
    joined.finish()
}

/// The text before the content, without marks.
pub(in crate::text) fn prefixed(prefix: &str, content: &[Inline]) -> Vec<Inline> {
    let mut made = Inlines::default();
    made.text(prefix, Marks::default(), None);
    made.extend(content);
    made.finish()
}

/// The content with bold text.
pub(in crate::text) fn strong(content: &[Inline]) -> Vec<Inline> {
    let mut made = Inlines::default();
    for inline in content {
        match inline {
            Inline::Text(run) => made.text(&run.text, Marks { strong: true, ..run.marks }, run.link.as_ref()),
            other => made.extend(std::slice::from_ref(other)),
        }
    }
    made.finish()
}

fn block(block: &Block) -> Vec<Vec<Inline>> {
    match block {
        Block::Paragraph(content) => vec![content.clone()],
        Block::Heading(_, content) => vec![strong(content)],
        Block::Rule => vec![text("---", Marks::default())],
        Block::Quote(blocks) => lines(blocks).iter().map(|line| prefixed("> ", line)).collect(),
        Block::Panel(kind, blocks) => {
            let title = text(&format!("{}:", kind.name()), Marks { strong: true, ..Marks::default() });
            let content = lines(blocks);
            std::iter::once(&title).chain(&content).map(|line| prefixed("> ", line)).collect()
        }
        Block::Code { text: code, .. } => {
            code.lines().map(|line| text(line, Marks { code: true, ..Marks::default() })).collect()
        }
        Block::List { start, items } => {
            items.iter().enumerate().flat_map(|(i, item)| listed(*start, i, item)).collect()
        }
        Block::Tasks(tasks) => tasks.iter().flat_map(task).collect(),
        Block::Table { rows, .. } => rows.iter().map(|row| self::row(row)).collect(),
    }
}

fn listed(start: Option<u32>, index: usize, item: &[Block]) -> Vec<Vec<Inline>> {
    let mark = match start {
        Some(start) => format!("{}. ", start as usize + index),
        None => "- ".to_owned(),
    };
    marked(&mark, lines(item))
}

fn task(task: &Task) -> Vec<Vec<Inline>> {
    let mut all = vec![prefixed(checkbox(task.done), &task.text)];
    all.extend(task.children.iter().flat_map(self::task));
    marked("- ", all)
}

/// The mark before the first line; the others stand below it.
fn marked(mark: &str, lines: Vec<Vec<Inline>>) -> Vec<Vec<Inline>> {
    let place = |(i, line): (usize, Vec<Inline>)| prefixed(if i == 0 { mark } else { "\u{2003}" }, &line);
    lines.into_iter().enumerate().map(place).collect()
}

/// A row of a table: its cells in one line.
fn row(cells: &[Vec<Block>]) -> Vec<Inline> {
    let cells: Vec<Vec<Inline>> = cells.iter().map(|cell| join(&lines(cell), Some(" "))).collect();
    if cells.iter().all(Vec::is_empty) {
        return Vec::new();
    }
    join(&cells, Some(" | "))
}

fn text(text: &str, marks: Marks) -> Vec<Inline> {
    let mut made = Inlines::default();
    made.text(text, marks, None);
    made.finish()
}
