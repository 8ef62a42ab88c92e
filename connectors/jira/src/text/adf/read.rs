//! From a document to blocks.
//!
//! What lives here: what each node means. Documents come from others, so nothing in one is taken for granted: a node of
//! another form gives what can be read of it, one that is not known its content or its name, and what is nested deeper than
//! [`DEEPEST`] its text alone.

use std::sync::Arc;

use serde_json::Value;

use super::nodes::{attr, card, date, emoji, media, unknown};
use crate::text::model::{
    self, Block, Inline, Inlines, Item, Link, MAX_DEPTH, Marks, Mention, Panel, Person, prefixed, strong,
};

/// How many nodes deep a document is read as it is. A list and its item are two.
const DEEPEST: usize = 3 * MAX_DEPTH;
/// How many columns merged cells may make of one.
const MANY_COLUMNS: usize = 100;

/// The blocks of a document, or of any node.
pub(in crate::text) fn read(document: &Value) -> Vec<Block> {
    let mut blocks = Vec::new();
    match document {
        Value::Array(nodes) => read_all(nodes, Depth::default(), &mut blocks),
        node if kind(node) == "doc" => read_all(content(node), Depth::default(), &mut blocks),
        node => read_all(std::slice::from_ref(node), Depth::default(), &mut blocks),
    }
    blocks
}

/// How deep a node lies.
#[derive(Debug, Clone, Copy, Default)]
struct Depth {
    nodes: usize,
    /// Lists, quotations and panels among them.
    containers: usize,
}

impl Depth {
    fn node(self) -> Self {
        Self { nodes: self.nodes + 1, ..self }
    }

    fn container(self) -> Self {
        Self { nodes: self.nodes + 1, containers: self.containers + 1 }
    }
}

fn kind(node: &Value) -> &str {
    node.get("type").and_then(Value::as_str).unwrap_or_default()
}

fn content(node: &Value) -> &[Value] {
    node.get("content").and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Reads block nodes; inline ones among them make paragraphs.
fn read_all(nodes: &[Value], depth: Depth, blocks: &mut Vec<Block>) {
    let mut line = Inlines::default();
    for node in nodes {
        if is_inline(node) {
            inline(node, depth.node(), &mut line);
            continue;
        }
        flush(&mut line, blocks);
        if depth.nodes >= DEEPEST {
            blocks.push(Block::Paragraph(text_alone(node)));
        } else {
            block(node, depth, blocks);
        }
    }
    flush(&mut line, blocks);
}

fn flush(line: &mut Inlines, blocks: &mut Vec<Block>) {
    if !line.is_empty() {
        blocks.push(Block::Paragraph(std::mem::take(line).finish()));
    }
}

fn is_inline(node: &Value) -> bool {
    let names = ["text", "hardBreak", "mention", "emoji", "inlineCard", "status", "date", "placeholder", "mediaInline"];
    names.contains(&kind(node)) || kind(node) == "inlineExtension"
}

fn inside(node: &Value, depth: Depth) -> Vec<Block> {
    let mut blocks = Vec::new();
    read_all(content(node), depth, &mut blocks);
    blocks
}

fn block(node: &Value, depth: Depth, blocks: &mut Vec<Block>) {
    // A container deeper than any text is written gives its content to the one it stands in.
    let fits = depth.containers < MAX_DEPTH;
    match kind(node) {
        "paragraph" | "caption" => blocks.push(Block::Paragraph(line(node, depth))),
        "heading" => {
            let level = node.pointer("/attrs/level").and_then(Value::as_u64).unwrap_or(1).clamp(1, 6);
            blocks.push(Block::Heading(u8::try_from(level).unwrap_or(6), line(node, depth)));
        }
        "rule" => blocks.push(Block::Rule),
        "blockquote" if fits => blocks.push(Block::Quote(inside(node, depth.container()))),
        "panel" if fits => {
            let content = inside(node, depth.container());
            blocks.push(match attr(node, "panelType").and_then(panel) {
                Some(kind) => Block::Panel(kind, content),
                None => Block::Quote(content),
            });
        }
        "codeBlock" => blocks.push(code(node)),
        "bulletList" if fits => list(node, None, depth, blocks),
        "orderedList" if fits => {
            let start = node.pointer("/attrs/order").and_then(Value::as_f64).unwrap_or(1.0);
            // A float beyond the range of integers becomes the nearest of them.
            list(node, Some(start.max(0.0) as u64), depth, blocks);
        }
        "taskList" if fits => blocks.extend(tasks(node, depth)),
        "decisionList" if fits => decisions(node, depth, blocks),
        "table" => blocks.push(table(node, depth)),
        "expand" | "nestedExpand" => {
            if let Some(title) = attr(node, "title") {
                blocks.push(Block::Paragraph(strong(&text(title))));
            }
            read_all(content(node), depth.node(), blocks);
        }
        "media" => blocks.push(Block::Paragraph(link(media(node)))),
        "blockCard" | "embedCard" => {
            let (url, name) = card(node);
            let shown = name.or(url).map_or_else(|| unknown(node), str::to_owned);
            blocks.push(Block::Paragraph(link((url, shown))));
        }
        _ if !content(node).is_empty() => read_all(content(node), depth.node(), blocks),
        "listItem" | "taskItem" | "blockTaskItem" | "decisionItem" | "mediaSingle" | "mediaGroup" | "bulletList"
        | "orderedList" | "taskList" | "decisionList" | "blockquote" | "panel" | "doc" => {}
        _ => match node.get("text").and_then(Value::as_str).or_else(|| attr(node, "text")) {
            Some(shown) => blocks.push(Block::Paragraph(text(shown))),
            None if node.is_object() => blocks.push(Block::Paragraph(text(&unknown(node)))),
            None => {}
        },
    }
}

fn list(node: &Value, start: Option<u64>, depth: Depth, blocks: &mut Vec<Block>) {
    let item = |item: &Value| match kind(item) {
        "listItem" => Item { done: None, blocks: inside(item, depth.container().node()) },
        _ => {
            let mut blocks = Vec::new();
            read_all(std::slice::from_ref(item), depth.container(), &mut blocks);
            Item { done: None, blocks }
        }
    };
    let items: Vec<Item> = content(node).iter().map(item).collect();
    if !items.is_empty() {
        blocks.extend(model::list(start, items));
    }
}

/// A list of tasks. A list in it belongs to the task before it.
fn tasks(node: &Value, depth: Depth) -> Vec<Block> {
    let mut items: Vec<Item> = Vec::new();
    for child in content(node) {
        let done = attr(child, "state") == Some("DONE");
        match kind(child) {
            "taskItem" => {
                items.push(Item { done: Some(done), blocks: vec![Block::Paragraph(line(child, depth.container()))] });
            }
            "blockTaskItem" => items.push(Item { done: Some(done), blocks: inside(child, depth.container().node()) }),
            _ => {
                let mut blocks = Vec::new();
                read_all(std::slice::from_ref(child), depth.container(), &mut blocks);
                match items.last_mut() {
                    Some(item) => item.blocks.extend(blocks),
                    None => items.push(Item { done: None, blocks }),
                }
            }
        }
    }
    // A list that begins with a list is that list.
    let first = items.iter().take_while(|item| item.done.is_none()).count();
    let rest = items.split_off(first);
    let mut blocks: Vec<Block> = items.into_iter().flat_map(|item| item.blocks).collect();
    blocks.extend(model::list(None, rest));
    blocks
}

fn decisions(node: &Value, depth: Depth, blocks: &mut Vec<Block>) {
    let item = |item: &Value| {
        let decided = attr(item, "state").is_none_or(|state| state == "DECIDED");
        let mark = if decided { "Decision: " } else { "Undecided: " };
        vec![Block::Paragraph(prefixed(mark, &line(item, depth.container())))]
    };
    let items: Vec<Vec<Block>> = content(node).iter().map(item).collect();
    if !items.is_empty() {
        blocks.push(Block::List { start: None, items });
    }
}

fn code(node: &Value) -> Block {
    let text: String = content(node).iter().filter_map(|n| n.get("text")?.as_str()).collect();
    let language = attr(node, "language").and_then(model::language);
    Block::Code { language, text: crate::text::clean::clean(&text) }
}

/// A table, with merged cells as the cell and empty ones. It has a header if all cells of its first row are headers.
fn table(node: &Value, depth: Depth) -> Block {
    let mut rows: Vec<Vec<Vec<Block>>> = Vec::new();
    let mut header = false;
    // For each column, how many rows a cell from above still covers.
    let mut covered: Vec<usize> = Vec::new();
    for (i, node) in content(node).iter().enumerate() {
        let mut row: Vec<Vec<Block>> = Vec::new();
        header |= i == 0 && !content(node).is_empty() && content(node).iter().all(|cell| kind(cell) == "tableHeader");
        for cell in content(node) {
            while covered.get(row.len()).is_some_and(|rows| *rows > 0) {
                cover(&mut covered, row.len(), None);
                row.push(Vec::new());
            }
            let span = |name: &str, most: usize| {
                let span = cell.get("attrs").and_then(|attrs| attrs.get(name)).and_then(Value::as_u64).unwrap_or(1);
                usize::try_from(span).unwrap_or(most).clamp(1, most)
            };
            let room = MANY_COLUMNS.saturating_sub(row.len()).max(1);
            let (columns, down) = (span("colspan", room), span("rowspan", MANY_COLUMNS));
            for column in 0..columns {
                cover(&mut covered, row.len(), Some(down));
                row.push(if column == 0 { inside(cell, depth.node().node()) } else { Vec::new() });
            }
        }
        rows.push(row);
    }
    model::table(header, rows)
}

/// Notes that a row went over a column: a new cell covers so many rows, one from above a row less.
fn cover(covered: &mut Vec<usize>, column: usize, down: Option<usize>) {
    if column >= MANY_COLUMNS {
        return;
    }
    if covered.len() <= column {
        covered.resize(column + 1, 0);
    }
    if let Some(rows) = covered.get_mut(column) {
        *rows = down.unwrap_or(*rows).saturating_sub(1);
    }
}

/// The inline content of a node.
fn line(node: &Value, depth: Depth) -> Vec<Inline> {
    let mut line = Inlines::default();
    for child in content(node) {
        inline(child, depth.node(), &mut line);
    }
    line.finish()
}

fn inline(node: &Value, depth: Depth, line: &mut Inlines) {
    let plain = Marks::default();
    match kind(node) {
        "text" => marked(node, line),
        "hardBreak" => line.brk(),
        "mention" => {
            let shown = attr(node, "text").unwrap_or_default();
            match attr(node, "id").and_then(Person::account) {
                Some(person) => line.mention(Mention::new(person, shown)),
                None => line.text(if shown.is_empty() { "(mention)" } else { shown }, plain, None),
            }
        }
        "emoji" => line.text(emoji(node), plain, None),
        "date" => line.text(&date(node), plain, None),
        "status" | "placeholder" => {
            line.text(attr(node, "text").unwrap_or_default(), plain, None);
        }
        "inlineCard" => {
            let (url, name) = card(node);
            let shown = name.or(url).map_or_else(|| unknown(node), str::to_owned);
            line.extend(&link((url, shown)));
        }
        "mediaInline" | "media" => line.extend(&link(media(node))),
        _ if depth.nodes >= DEEPEST => line.extend(&text_alone(node)),
        _ if !content(node).is_empty() => content(node).iter().for_each(|child| inline(child, depth.node(), line)),
        _ => match node.get("text").and_then(Value::as_str).or_else(|| attr(node, "text")) {
            Some(shown) => line.text(shown, plain, None),
            None if node.is_object() => line.text(&unknown(node), plain, None),
            None => {}
        },
    }
}

/// A text node: marks that Markdown has no way to write are left out, their text stays.
fn marked(node: &Value, line: &mut Inlines) {
    let text = node.get("text").and_then(Value::as_str).unwrap_or_default();
    let text = crate::text::clean::clean(text);
    let mut marks = Marks::default();
    let mut target: Option<Result<Arc<Link>, &str>> = None;
    for mark in node.get("marks").and_then(Value::as_array).into_iter().flatten() {
        match kind(mark) {
            "strong" => marks.strong = true,
            "em" => marks.em = true,
            "strike" => marks.strike = true,
            "code" => marks.code = true,
            "link" => {
                let href = attr(mark, "href").unwrap_or_default();
                target = Some(match Link::new(href, attr(mark, "title").unwrap_or_default()) {
                    Some(link) => Ok(Arc::new(link)),
                    None => Err(href),
                });
            }
            _ => {}
        }
    }
    match target {
        None => line.text(&text, marks, None),
        Some(Ok(link)) => line.text(&text, marks, Some(&link)),
        Some(Err(href)) => {
            line.text(&text, marks, None);
            if !href.is_empty() && href != text {
                line.text(&format!(" ({href})"), Marks::default(), None);
            }
        }
    }
}

fn text(shown: &str) -> Vec<Inline> {
    link((None, shown.to_owned()))
}

/// What is shown, as a link where the address may be one.
fn link((url, shown): (Option<&str>, String)) -> Vec<Inline> {
    let link = url.and_then(|url| Link::new(url, "")).map(Arc::new);
    let mut line = Inlines::default();
    // The address itself is shown as the link has it.
    let shown = link.as_ref().filter(|_| url == Some(&shown)).map_or(shown.as_str(), |link| &link.href);
    line.text(&crate::text::clean::clean(shown), Marks::default(), link.as_ref());
    line.finish()
}

/// All text below a node, one line a node; without recursion, whatever the depth.
fn text_alone(node: &Value) -> Vec<Inline> {
    let mut line = Inlines::default();
    let mut open = vec![node];
    while let Some(node) = open.pop() {
        if let Some(text) = node.get("text").and_then(Value::as_str).or_else(|| attr(node, "text")) {
            if !line.is_empty() {
                line.text(" ", Marks::default(), None);
            }
            line.text(&crate::text::clean::clean(text), Marks::default(), None);
        }
        open.extend(content(node).iter().rev());
    }
    line.finish()
}

fn panel(name: &str) -> Option<Panel> {
    Some(match name {
        "info" => Panel::Note,
        "tip" | "success" => Panel::Tip,
        "note" => Panel::Important,
        "warning" => Panel::Warning,
        "error" => Panel::Caution,
        _ => return None,
    })
}
