//! From blocks to a document.
//!
//! What lives here: which node each block becomes, and what becomes of a block where ADF allows none: paragraphs that say the
//! same. It is stricter than the published schema in what older sites refuse: an item begins with a paragraph and holds no
//! tasks. Depth is bounded by whoever made the blocks ([`crate::text::model::MAX_DEPTH`]), so recursion is.

use serde_json::{Map, Value, json};

use crate::text::model::{Block, Inline, Inlines, Marks, Mention, Panel, Person, Run, Task, as_items, lines};

/// The document.
pub(in crate::text) fn write(blocks: &[Block]) -> Value {
    let content = Writer::default().blocks(blocks, Place::Document);
    json!({"type": "doc", "version": 1, "content": content})
}

/// What holds a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Document,
    Panel,
    Quote,
    Item,
    Cell,
}

impl Place {
    fn allows(self, block: &Block) -> bool {
        match block {
            Block::Paragraph(_) | Block::List { .. } | Block::Code { .. } => true,
            Block::Heading(..) | Block::Rule | Block::Tasks(_) => !matches!(self, Self::Quote | Self::Item),
            Block::Quote(_) | Block::Panel(..) => matches!(self, Self::Document | Self::Cell),
            Block::Table { .. } => self == Self::Document,
        }
    }
}

/// Numbers what must have an id, from the document's beginning: the same text always makes the same document.
#[derive(Default)]
struct Writer {
    task_lists: usize,
    tasks: usize,
}

impl Writer {
    fn blocks(&mut self, blocks: &[Block], place: Place) -> Vec<Value> {
        let mut made = Vec::with_capacity(blocks.len());
        for block in blocks {
            match block {
                block if place.allows(block) => made.push(self.block(block)),
                Block::Tasks(tasks) => made.push(self.list(None, &as_items(tasks))),
                block => made.extend(lines(std::slice::from_ref(block)).iter().map(|line| paragraph(line))),
            }
        }
        made
    }

    /// Blocks where at least one must be.
    fn some_blocks(&mut self, blocks: &[Block], place: Place) -> Vec<Value> {
        let made = self.blocks(blocks, place);
        if made.is_empty() { vec![paragraph(&[])] } else { made }
    }

    fn block(&mut self, block: &Block) -> Value {
        match block {
            Block::Paragraph(content) => paragraph(content),
            Block::Heading(level, content) => {
                json!({"type": "heading", "attrs": {"level": level}, "content": inline(content)})
            }
            Block::Rule => json!({"type": "rule"}),
            Block::Quote(blocks) => json!({"type": "blockquote", "content": self.some_blocks(blocks, Place::Quote)}),
            Block::Panel(kind, blocks) => json!({
                "type": "panel",
                "attrs": {"panelType": panel_type(*kind)},
                "content": self.some_blocks(blocks, Place::Panel),
            }),
            Block::Code { language, text } => code(language.as_deref(), text),
            Block::List { start, items } => self.list(*start, items),
            Block::Tasks(tasks) => self.task_list(tasks),
            Block::Table { header, rows } => self.table(*header, rows),
        }
    }

    fn list(&mut self, start: Option<u32>, items: &[Vec<Block>]) -> Value {
        let content: Vec<Value> = items.iter().map(|item| self.item(item)).collect();
        match start {
            None => json!({"type": "bulletList", "content": content}),
            Some(1) => json!({"type": "orderedList", "content": content}),
            Some(start) => json!({"type": "orderedList", "attrs": {"order": start}, "content": content}),
        }
    }

    fn item(&mut self, blocks: &[Block]) -> Value {
        let mut content = self.blocks(blocks, Place::Item);
        if content.first().and_then(|node| node.get("type")) != Some(&json!("paragraph")) {
            content.insert(0, paragraph(&[]));
        }
        json!({"type": "listItem", "content": content})
    }

    fn task_list(&mut self, tasks: &[Task]) -> Value {
        self.task_lists += 1;
        let id = format!("task-list-{}", self.task_lists);
        let mut content = Vec::with_capacity(tasks.len());
        for task in tasks {
            self.tasks += 1;
            let state = if task.done { "DONE" } else { "TODO" };
            let attrs = json!({"localId": format!("task-{}", self.tasks), "state": state});
            content.push(json!({"type": "taskItem", "attrs": attrs, "content": inline(&task.text)}));
            // Subtasks are no part of their task here, but stand after it in the list.
            if !task.children.is_empty() {
                content.push(self.task_list(&task.children));
            }
        }
        json!({"type": "taskList", "attrs": {"localId": id}, "content": content})
    }

    fn table(&mut self, header: bool, rows: &[Vec<Vec<Block>>]) -> Value {
        let mut content = Vec::with_capacity(rows.len());
        for (i, row) in rows.iter().enumerate() {
            let kind = if header && i == 0 { "tableHeader" } else { "tableCell" };
            let mut cells = Vec::with_capacity(row.len());
            for cell in row {
                cells.push(json!({"type": kind, "content": self.some_blocks(cell, Place::Cell)}));
            }
            content.push(json!({"type": "tableRow", "content": cells}));
        }
        json!({"type": "table", "content": content})
    }
}

fn paragraph(content: &[Inline]) -> Value {
    json!({"type": "paragraph", "content": inline(content)})
}

fn code(language: Option<&str>, text: &str) -> Value {
    let content = if text.is_empty() { json!([]) } else { json!([{"type": "text", "text": text}]) };
    match language {
        Some(language) => json!({"type": "codeBlock", "attrs": {"language": language}, "content": content}),
        None => json!({"type": "codeBlock", "content": content}),
    }
}

fn inline(content: &[Inline]) -> Vec<Value> {
    let mut nodes = Vec::with_capacity(content.len());
    // Jira Cloud knows no user names: a mention of one is text, and joins the text beside it.
    let mut line = Inlines::default();
    for inline in content {
        match inline {
            Inline::Mention(Mention { person: Person::User(_), text }) => line.text(text, Marks::default(), None),
            other => line.extend(std::slice::from_ref(other)),
        }
    }
    for inline in line.finish() {
        nodes.push(match inline {
            Inline::Text(run) => text(&run),
            Inline::Break => json!({"type": "hardBreak"}),
            Inline::Mention(Mention { person: Person::Account(id) | Person::User(id), text }) => {
                json!({"type": "mention", "attrs": {"id": id, "text": text}})
            }
        });
    }
    nodes
}

/// A text node with its marks, in the order in which Atlassian's editor writes them.
fn text(run: &Run) -> Value {
    let mut marks: Vec<Value> = Vec::new();
    if let Some(link) = &run.link {
        let mut attrs = Map::from_iter([("href".to_owned(), json!(link.href))]);
        if let Some(title) = &link.title {
            attrs.insert("title".to_owned(), json!(title));
        }
        marks.push(json!({"type": "link", "attrs": attrs}));
    }
    let set = run.marks;
    let names = [(set.em, "em"), (set.strong, "strong"), (set.strike, "strike"), (set.code, "code")];
    marks.extend(names.iter().filter(|(on, _)| *on).map(|(_, name)| json!({"type": name})));
    if marks.is_empty() {
        return json!({"type": "text", "text": run.text});
    }
    json!({"type": "text", "text": run.text, "marks": marks})
}

fn panel_type(kind: Panel) -> &'static str {
    match kind {
        Panel::Note => "info",
        Panel::Tip => "success",
        Panel::Important => "note",
        Panel::Warning => "warning",
        Panel::Caution => "error",
    }
}
