//! What a text is made of, whatever it is written in. Markdown, ADF and wiki markup are each read into this and written from
//! it, so that three readers and three writers serve all ways between them.
//!
//! What lives here: blocks, and how lists of tasks and of other items are told apart. Inline content is in [`mod@inline`], what
//! becomes of blocks where only lines can stand in [`mod@lines`]. What must not: any syntax.

mod address;
mod inline;
mod lines;
mod link;

pub(super) use inline::{Inline, Inlines, Marks, Mention, Person, Run};
pub(super) use lines::{join, lines, prefixed, strong};
pub(super) use link::Link;

/// How deep lists, quotations and panels are nested at most; what is deeper is written on the deepest level. ADF needs four
/// levels of JSON for one of these, and readers of JSON, ours among them, stop at 128.
pub(super) const MAX_DEPTH: usize = 16;

/// How many cells a table has at most once its short rows are filled up.
const MANY_CELLS: usize = 10_000;

/// How large a number a list may begin with: Markdown knows nine digits.
const MAX_START: u64 = 999_999_999;

/// A block.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Block {
    Paragraph(Vec<Inline>),
    /// A heading of the level 1 to 6.
    Heading(u8, Vec<Inline>),
    Rule,
    Quote(Vec<Block>),
    Panel(Panel, Vec<Block>),
    Code {
        language: Option<String>,
        /// Lines without the last line's end.
        text: String,
    },
    List {
        /// The first number of an ordered list; `None` is a bullet list.
        start: Option<u32>,
        items: Vec<Vec<Block>>,
    },
    Tasks(Vec<Task>),
    Table {
        /// Whether the first row is a header.
        header: bool,
        /// Rows of cells of blocks.
        rows: Vec<Vec<Vec<Block>>>,
    },
}

/// A task of a task list.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Task {
    pub done: bool,
    pub text: Vec<Inline>,
    pub children: Vec<Task>,
}

/// What a panel is for; the five kinds that Markdown (as GitHub writes it) and ADF both have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Panel {
    Note,
    Tip,
    Important,
    Warning,
    Caution,
}

impl Panel {
    const ALL: [(Self, &str); 5] = [
        (Self::Note, "Note"),
        (Self::Tip, "Tip"),
        (Self::Important, "Important"),
        (Self::Warning, "Warning"),
        (Self::Caution, "Caution"),
    ];

    /// Its name, in English.
    pub(super) fn name(self) -> &'static str {
        Self::ALL.iter().find(|(kind, _)| *kind == self).map_or("Note", |(_, name)| name)
    }

    /// The kind of that name, whatever its case.
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| known.eq_ignore_ascii_case(name)).map(|(kind, _)| *kind)
    }
}

/// The first word of a code block's header, in the characters that names of languages have.
pub(super) fn language(info: &str) -> Option<String> {
    let word = info.split_whitespace().next().unwrap_or_default();
    let fits = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '+' | '#' | '.' | '-' | '_' | '/');
    let name: String = word.chars().filter(fits).take(40).collect();
    Some(name).filter(|n| !n.is_empty())
}

/// A table whose rows are equally long, as they are shown. Where that would make very many cells (a long row and many short
/// ones need little text), rows lose their empty ends instead. A header of nothing is none.
pub(super) fn table(header: bool, mut rows: Vec<Vec<Vec<Block>>>) -> Block {
    for cell in rows.iter_mut().flatten() {
        cell.retain(|block| !matches!(block, Block::Paragraph(content) if content.is_empty()));
    }
    let header = header && rows.first().is_some_and(|row| row.iter().any(|cell| !cell.is_empty()));
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let many = columns.saturating_mul(rows.len()) > MANY_CELLS;
    for row in &mut rows {
        while many && row.len() > 1 && row.last().is_some_and(Vec::is_empty) {
            row.pop();
        }
        row.resize(if many { row.len() } else { columns }, Vec::new());
    }
    Block::Table { header, rows }
}

/// An item of a list that was read, before it is known whether the list is one of tasks.
#[derive(Debug, Default)]
pub(super) struct Item {
    /// Whether it is a task, and done.
    pub done: Option<bool>,
    pub blocks: Vec<Block>,
}

/// The blocks that a list makes. Tasks and other items of one list become lists of their own, since ADF does not mix them;
/// an ordered list stays one, and shows the state of its tasks as text. What a task holds beyond its text and its subtasks
/// follows it: a task of ADF holds nothing else.
pub(super) fn list(start: Option<u64>, items: Vec<Item>) -> Vec<Block> {
    let mut made: Vec<Block> = Vec::new();
    if let Some(start) = start {
        let start = u32::try_from(start.min(MAX_START)).unwrap_or(1);
        let items = items.into_iter().map(|item| with_box(item.done, item.blocks)).collect();
        return vec![Block::List { start: Some(start), items }];
    }
    // Whether the next task may join the tasks before it.
    let mut joins = false;
    for item in items {
        let Some(done) = item.done else {
            match made.last_mut() {
                Some(Block::List { items, .. }) if joins => items.push(item.blocks),
                _ => made.push(Block::List { start: None, items: vec![item.blocks] }),
            }
            joins = true;
            continue;
        };
        let (task, beyond) = task(done, item.blocks);
        match made.last_mut() {
            Some(Block::Tasks(tasks)) if joins => tasks.push(task),
            _ => made.push(Block::Tasks(vec![task])),
        }
        joins = beyond.is_empty();
        made.extend(beyond);
    }
    made
}

fn task(done: bool, blocks: Vec<Block>) -> (Task, Vec<Block>) {
    let mut task = Task { done, text: Vec::new(), children: Vec::new() };
    let mut beyond = Vec::new();
    for (i, block) in blocks.into_iter().enumerate() {
        match block {
            Block::Paragraph(text) if i == 0 => task.text = text,
            Block::Tasks(children) if beyond.is_empty() => task.children.extend(children),
            other => beyond.push(other),
        }
    }
    (task, beyond)
}

/// Tasks as the items of a bullet list, where a list of tasks cannot stand.
pub(super) fn as_items(tasks: &[Task]) -> Vec<Vec<Block>> {
    let item = |task: &Task| {
        let mut blocks = with_box(Some(task.done), vec![Block::Paragraph(task.text.clone())]);
        if !task.children.is_empty() {
            blocks.push(Block::List { start: None, items: as_items(&task.children) });
        }
        blocks
    };
    tasks.iter().map(item).collect()
}

/// A task's state as text: its box.
pub(super) fn checkbox(done: bool) -> &'static str {
    if done { "[x] " } else { "[ ] " }
}

fn with_box(done: Option<bool>, mut blocks: Vec<Block>) -> Vec<Block> {
    let Some(done) = done else { return blocks };
    match blocks.first_mut() {
        Some(Block::Paragraph(text)) => *text = prefixed(checkbox(done), text),
        _ => blocks.insert(0, Block::Paragraph(prefixed(checkbox(done), &[]))),
    }
    blocks
}
