//! From blocks to Markdown, and to plain text, which is the same without the marks.
//!
//! What lives here: blocks. Depth is bounded by whoever made the blocks ([`crate::text::model::MAX_DEPTH`]), so recursion is.

use super::{
    escape::longest_run,
    inline::{self, Context},
};
use crate::text::model::{Block, Inline, Link, Task, checkbox, join, lines};

/// What is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::text) enum Style {
    /// Markdown, which is read back to the same blocks.
    Markdown,
    /// Text to be read by people alone: nothing is escaped or marked.
    Plain,
}

/// Text of which nothing is left when it is read.
const BLANK: &str = "&#32;";

/// The blocks as text, without a line break at the end.
pub(in crate::text) fn write(blocks: &[Block], style: Style) -> String {
    let mut writer = Writer { out: String::new(), prefix: String::new(), style, lists: 0 };
    writer.blocks(blocks, None);
    writer.out
}

struct Writer {
    out: String,
    /// What each line begins with: the indentation of lists, the `>` of quotations.
    prefix: String,
    style: Style,
    /// How many lists are open.
    lists: usize,
}

/// What a block list's items are marked with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Marker {
    Bullet(&'static str),
    Number(&'static str),
}

impl Writer {
    /// Writes blocks; `last` is the marker that the first may not use, since it would run together with it.
    fn blocks(&mut self, blocks: &[Block], mut last: Option<Marker>) {
        for (i, block) in blocks.iter().filter(|b| !is_blank(b)).enumerate() {
            if i > 0 {
                self.blank_line();
            }
            last = self.block(block, last);
        }
    }

    /// Writes a block and says which marker it used: a list right after a list needs another one to be a list of its own.
    fn block(&mut self, block: &Block, last: Option<Marker>) -> Option<Marker> {
        match block {
            Block::Paragraph(content) => self.inline(content, Context::Paragraph),
            Block::Heading(level, content) => self.heading(*level, content),
            // In an item, `---` could be taken for a list's mark.
            Block::Rule => self.out.push_str(if self.lists > 0 { "___" } else { "---" }),
            Block::Quote(blocks) => self.quote(None, blocks),
            Block::Panel(kind, blocks) => self.quote(Some(kind.name()), blocks),
            Block::Code { language, text } => self.code(language.as_deref(), text),
            Block::List { start, items } => return Some(self.list(*start, items, last)),
            Block::Tasks(tasks) => {
                let marker = bullet(last);
                self.tasks(tasks, marker);
                return Some(Marker::Bullet(marker));
            }
            Block::Table { header, rows } => self.table(*header, rows),
        }
        None
    }

    /// Ends the line and begins the next.
    fn newline(&mut self) {
        newline(&self.prefix, &mut self.out);
    }

    /// Ends the line and begins the next but one.
    fn blank_line(&mut self) {
        newline(self.prefix.trim_end(), &mut self.out);
        self.newline();
    }

    fn inline(&mut self, content: &[Inline], context: Context) {
        let Self { out, prefix, .. } = self;
        match self.style {
            Style::Markdown => inline::write(content, context, &|out: &mut String| newline(prefix, out), out),
            Style::Plain => plain(content, prefix, out),
        }
    }

    fn heading(&mut self, level: u8, content: &[Inline]) {
        if self.style == Style::Plain {
            return self.inline(content, Context::Paragraph);
        }
        self.out.push_str(&"#".repeat(usize::from(level.clamp(1, 6))));
        if content.is_empty() {
            return;
        }
        self.out.push(' ');
        self.inline(content, Context::Heading);
        // Number signs at the end would be the heading's own.
        if let Some(Inline::Text(run)) = content.last()
            && run.text.ends_with('#')
            && self.out.ends_with('#')
        {
            self.out.pop();
            self.out.push_str("\\#");
        }
    }

    fn quote(&mut self, kind: Option<&str>, blocks: &[Block]) {
        self.out.push_str("> ");
        let outer = self.prefix.len();
        self.prefix.push_str("> ");
        if let Some(name) = kind {
            match self.style {
                Style::Markdown => self.out.push_str(&format!("[!{}]", name.to_ascii_uppercase())),
                Style::Plain => self.out.push_str(&format!("{name}:")),
            }
            match blocks.iter().find(|b| !is_blank(b)) {
                None => {}
                Some(Block::Paragraph(_)) => self.newline(),
                Some(_) => self.blank_line(),
            }
        }
        let begun = self.out.len();
        let lists = std::mem::take(&mut self.lists);
        self.blocks(blocks, None);
        self.lists = lists;
        self.prefix.truncate(outer);
        self.trim_mark(begun);
    }

    /// Takes the blank after a mark that nothing followed.
    fn trim_mark(&mut self, begun: usize) {
        if self.out.len() == begun && self.out.ends_with(' ') {
            self.out.pop();
        }
    }

    fn code(&mut self, language: Option<&str>, text: &str) {
        let fence = match self.style {
            Style::Markdown => "`".repeat(3.max(longest_run(text) + 1)),
            Style::Plain => String::new(),
        };
        if self.style == Style::Markdown {
            self.out.push_str(&fence);
            self.out.push_str(language.unwrap_or_default());
        }
        // An empty block has no line at all; a block of one empty line has one.
        let lines: Vec<&str> = if text.is_empty() { Vec::new() } else { text.split('\n').collect() };
        for (i, line) in lines.iter().enumerate() {
            if i > 0 || self.style == Style::Markdown {
                newline(if line.is_empty() { self.prefix.trim_end() } else { &self.prefix }, &mut self.out);
            }
            self.out.push_str(line);
        }
        if self.style == Style::Markdown {
            self.newline();
            self.out.push_str(&fence);
        }
    }

    fn list(&mut self, start: Option<u32>, items: &[Vec<Block>], last: Option<Marker>) -> Marker {
        let marker = match start {
            None => Marker::Bullet(bullet(last)),
            Some(_) if last == Some(Marker::Number(".")) => Marker::Number(")"),
            Some(_) => Marker::Number("."),
        };
        let tight = items.iter().all(|item| is_tight(item));
        for (i, item) in items.iter().enumerate() {
            match (i, tight) {
                (0, _) => {}
                (_, true) => self.newline(),
                (_, false) => self.blank_line(),
            }
            let mark = match (marker, start) {
                (Marker::Number(end), Some(start)) => {
                    format!("{}{end} ", (start as usize).saturating_add(i).min(999_999_999))
                }
                (Marker::Bullet(mark) | Marker::Number(mark), _) => format!("{mark} "),
            };
            self.item(&mark, |w| w.item_blocks(item, marker));
        }
        marker
    }

    fn tasks(&mut self, tasks: &[Task], marker: &'static str) {
        for (i, task) in tasks.iter().enumerate() {
            if i > 0 {
                self.newline();
            }
            self.item(&format!("{marker} "), |w| {
                w.out.push_str(checkbox(task.done));
                match (w.style, task.text.is_empty()) {
                    // A box without text would be text itself.
                    (Style::Markdown, true) => w.out.push_str(BLANK),
                    _ => w.inline(&task.text, Context::Paragraph),
                }
                if !task.children.is_empty() {
                    w.newline();
                    w.tasks(&task.children, "-");
                }
            });
        }
    }

    /// Writes an item: its mark, and its content indented below the mark's end.
    fn item(&mut self, mark: &str, content: impl FnOnce(&mut Self)) {
        self.out.push_str(mark);
        let outer = self.prefix.len();
        self.prefix.push_str(&" ".repeat(mark.len()));
        self.lists += 1;
        let begun = self.out.len();
        content(self);
        self.lists -= 1;
        self.prefix.truncate(outer);
        self.trim_mark(begun);
    }

    fn item_blocks(&mut self, blocks: &[Block], marker: Marker) {
        let mut shown = blocks.iter().filter(|b| !is_blank(b));
        match (shown.next(), self.style) {
            // After an item of nothing at all, parsers end what it stands in.
            (None, Style::Markdown) => self.out.push_str(BLANK),
            (None, Style::Plain) => {}
            (Some(first), _) if is_tight(blocks) => {
                self.block(first, None);
                if let Some(second) = shown.next() {
                    self.newline();
                    self.block(second, None);
                }
            }
            _ => self.blocks(blocks, Some(marker)),
        }
    }

    fn table(&mut self, header: bool, rows: &[Vec<Vec<Block>>]) {
        let columns = rows.iter().map(Vec::len).max().unwrap_or(0).max(1);
        let mut rows = rows.iter();
        if self.style == Style::Markdown {
            let empty = Vec::new();
            self.row(if header { rows.next().unwrap_or(&empty) } else { &empty }, columns);
            self.newline();
            self.out.push_str(&"| --- ".repeat(columns));
            self.out.push('|');
            if rows.len() > 0 {
                self.newline();
            }
        }
        for (i, row) in rows.enumerate() {
            if i > 0 {
                self.newline();
            }
            self.row(row, 0);
        }
    }

    /// One row; `columns` fills it up with empty cells.
    fn row(&mut self, cells: &[Vec<Block>], columns: usize) {
        for (i, cell) in cells.iter().enumerate() {
            match self.style {
                Style::Markdown => {
                    self.out.push_str("| ");
                    self.inline(&join(&lines(cell), None), Context::Cell);
                    self.out.push(' ');
                }
                Style::Plain => {
                    self.out.push_str(if i > 0 { " | " } else { "" });
                    plain(&join(&lines(cell), Some(" ")), "", &mut self.out);
                }
            }
        }
        if self.style == Style::Markdown {
            self.out.push_str(&"|  ".repeat(columns.saturating_sub(cells.len())));
            if cells.is_empty() && columns == 0 {
                self.out.push_str("|  ");
            }
            self.out.push('|');
        }
    }
}

fn newline(prefix: &str, out: &mut String) {
    out.push('\n');
    out.push_str(prefix);
}

fn bullet(last: Option<Marker>) -> &'static str {
    if last == Some(Marker::Bullet("-")) { "*" } else { "-" }
}

/// Whether Markdown has no way to write the block: a paragraph without text.
fn is_blank(block: &Block) -> bool {
    match block {
        Block::Paragraph(content) => content.is_empty(),
        Block::List { items, .. } => items.is_empty(),
        Block::Tasks(tasks) => tasks.is_empty(),
        Block::Table { rows, .. } => rows.is_empty(),
        _ => false,
    }
}

/// Whether an item needs no blank lines: a paragraph, and perhaps a list that may begin right below it.
fn is_tight(blocks: &[Block]) -> bool {
    let mut shown = blocks.iter().filter(|b| !is_blank(b));
    match (shown.next(), shown.next(), shown.next()) {
        (None, ..) | (Some(Block::Paragraph(_)), None, _) => true,
        (Some(Block::Paragraph(_)), Some(Block::Tasks(_)), None) => true,
        (Some(Block::Paragraph(_)), Some(Block::List { start: None | Some(1), items }), None) => {
            items.first().is_some_and(|item| item.iter().any(|b| !is_blank(b))) && items.iter().all(|i| is_tight(i))
        }
        _ => false,
    }
}

/// Content without any marks; a link's address follows its text.
fn plain(content: &[Inline], prefix: &str, out: &mut String) {
    for (i, inline) in content.iter().enumerate() {
        match inline {
            Inline::Break => newline(prefix, out),
            Inline::Mention(mention) => out.push_str(&mention.text),
            Inline::Text(run) => {
                out.push_str(&run.text);
                let goes_on = matches!(content.get(i + 1), Some(Inline::Text(next)) if run.link.is_some() && next.link == run.link);
                // The address is not said twice, even where it had to be encoded.
                let is_shown = |link: &Link| Link::new(&run.text, "").is_some_and(|shown| shown.href == link.href);
                if let Some(link) = run.link.as_ref().filter(|link| !goes_on && !is_shown(link)) {
                    out.push_str(&format!(" ({})", link.href));
                }
            }
        }
    }
}
