//! From Markdown to blocks.
//!
//! What lives here: what each event of the parser means. There is no recursion: what is open lies on a stack of our own, so
//! that depth costs no stack and is bounded by [`MAX_DEPTH`]. What is nested deeper is read into the deepest level.

use std::sync::Arc;

use pulldown_cmark::{BlockQuoteKind, CodeBlockKind, CowStr, Event, LinkType, Options, Parser, Tag, TagEnd};

use crate::text::{
    clean::clean,
    model::{self, Block, Inlines, Item, Link, MAX_DEPTH, Marks, Mention, Panel, Person},
};

/// The blocks of a text.
pub(in crate::text) fn read(text: &str) -> Vec<Block> {
    let options =
        Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS | Options::ENABLE_GFM;
    let text = clean(text);
    let mut reader = Reader::default();
    for event in Parser::new_ext(&text, options) {
        reader.event(event);
    }
    reader.finish()
}

/// What is open.
#[derive(Debug)]
enum Open {
    Quote(Option<Panel>, Vec<Block>),
    List(Option<u64>, Vec<Item>),
    Item(Item),
    Table(Vec<Vec<Vec<Block>>>),
}

/// A link or an image that is open.
#[derive(Debug)]
enum Target {
    To(Arc<Link>),
    /// The text of a mention is shown as its name.
    Person(Person, String),
    /// An address that may not be one, and the text; the address is written after it, in parentheses.
    Refused(String, String),
    /// A link in a link: the outer one counts.
    Within,
}

#[derive(Debug, Default)]
struct Reader {
    done: Vec<Block>,
    open: Vec<Open>,
    /// How many lists and quotations are open beyond the deepest level.
    beyond: usize,
    line: Inlines,
    strong: usize,
    em: usize,
    strike: usize,
    targets: Vec<(Target, bool)>,
    code: Option<(Option<String>, String)>,
}

impl Reader {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => match &mut self.code {
                Some((_, code)) => code.push_str(&text),
                None => self.text(&text, false),
            },
            Event::Code(text) => self.text(&text, true),
            Event::InlineHtml(html) if is_break(&html) => self.line.brk(),
            Event::Html(text)
            | Event::InlineHtml(text)
            | Event::InlineMath(text)
            | Event::DisplayMath(text)
            | Event::FootnoteReference(text) => self.text(&text, false),
            Event::SoftBreak => self.text(" ", false),
            Event::HardBreak => self.line.brk(),
            Event::Rule => {
                self.paragraph();
                self.push(Block::Rule);
            }
            Event::TaskListMarker(done) => {
                if let Some(Open::Item(item)) = self.open.last_mut()
                    && self.beyond == 0
                {
                    item.done = Some(done);
                } else {
                    self.text(model::checkbox(done), false);
                }
            }
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Strong => self.strong += 1,
            Tag::Emphasis => self.em += 1,
            Tag::Strikethrough => self.strike += 1,
            Tag::Link { link_type, dest_url, title, .. } => self.target(link_type, &dest_url, &title),
            Tag::Image { link_type, dest_url, title, .. } => self.target(link_type, &dest_url, &title),
            // Inline content of a heading or a cell begins; there is none before it.
            Tag::TableCell => {}
            Tag::CodeBlock(kind) => {
                self.paragraph();
                self.code = Some((language(&kind), String::new()));
            }
            Tag::BlockQuote(kind) => self.container(|| Open::Quote(kind.map(panel), Vec::new())),
            Tag::List(start) => self.container(|| Open::List(start, Vec::new())),
            Tag::Item => {
                self.paragraph();
                if self.beyond == 0 {
                    self.open.push(Open::Item(Item::default()));
                }
            }
            Tag::Table(_) => {
                self.paragraph();
                self.open.push(Open::Table(Vec::new()));
            }
            Tag::TableHead | Tag::TableRow => {
                if let Some(Open::Table(rows)) = self.open.last_mut() {
                    rows.push(Vec::new());
                }
            }
            _ => self.paragraph(),
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Strong => self.strong = self.strong.saturating_sub(1),
            TagEnd::Emphasis => self.em = self.em.saturating_sub(1),
            TagEnd::Strikethrough => self.strike = self.strike.saturating_sub(1),
            TagEnd::Link | TagEnd::Image => self.end_target(),
            TagEnd::Heading(level) => {
                let content = std::mem::take(&mut self.line).finish();
                self.push(Block::Heading(level as u8, content));
            }
            TagEnd::CodeBlock => {
                if let Some((language, mut text)) = self.code.take() {
                    if text.ends_with('\n') {
                        text.pop();
                    }
                    self.push(Block::Code { language, text });
                }
            }
            TagEnd::BlockQuote(_) | TagEnd::List(_) => {
                self.paragraph();
                match self.beyond.checked_sub(1) {
                    Some(beyond) => self.beyond = beyond,
                    None => self.close(),
                }
            }
            TagEnd::Item => {
                self.paragraph();
                if self.beyond == 0 {
                    self.close();
                }
            }
            TagEnd::TableCell => {
                let content = std::mem::take(&mut self.line).finish();
                let cell = if content.is_empty() { Vec::new() } else { vec![Block::Paragraph(content)] };
                if let Some(Open::Table(rows)) = self.open.last_mut()
                    && let Some(row) = rows.last_mut()
                {
                    row.push(cell);
                }
            }
            TagEnd::TableHead | TagEnd::TableRow => {}
            TagEnd::Table => self.close(),
            _ => self.paragraph(),
        }
    }

    /// Opens a list or a quotation, unless it is too deep.
    fn container(&mut self, open: impl FnOnce() -> Open) {
        self.paragraph();
        let depth = self.open.iter().filter(|o| !matches!(o, Open::Item(_))).count();
        if self.beyond > 0 || depth >= MAX_DEPTH {
            self.beyond += 1;
        } else {
            self.open.push(open());
        }
    }

    fn close(&mut self) {
        match self.open.pop() {
            None => {}
            Some(Open::Quote(None, blocks)) => self.push(Block::Quote(blocks)),
            Some(Open::Quote(Some(kind), blocks)) => self.push(Block::Panel(kind, blocks)),
            Some(Open::List(start, items)) => model::list(start, items).into_iter().for_each(|block| self.push(block)),
            Some(Open::Item(item)) => {
                if let Some(Open::List(_, items)) = self.open.last_mut() {
                    items.push(item);
                }
            }
            Some(Open::Table(rows)) => self.push(table(rows)),
        }
    }

    fn push(&mut self, block: Block) {
        let blocks = match self.open.last_mut() {
            Some(Open::Quote(_, blocks) | Open::Item(Item { blocks, .. })) => blocks,
            _ => &mut self.done,
        };
        blocks.push(block);
    }

    /// Ends the paragraph, if one is open. (The parser names none in the items of a tight list.)
    fn paragraph(&mut self) {
        if self.line.is_empty() {
            return;
        }
        let content = std::mem::take(&mut self.line).finish();
        if !content.is_empty() {
            self.push(Block::Paragraph(content));
        }
    }

    fn text(&mut self, text: &str, code: bool) {
        let marks = Marks { strong: self.strong > 0, em: self.em > 0, strike: self.strike > 0, code };
        // A link of blanks alone shows its address instead.
        let shown = code || !text.trim().is_empty();
        if let Some((_, used)) = self.targets.first_mut() {
            *used |= shown;
        }
        let link = match self.targets.first_mut() {
            Some((Target::Refused(_, shown), _)) => {
                shown.push_str(text);
                None
            }
            Some((Target::To(link), _)) => Some(Arc::clone(link)),
            Some((Target::Person(_, name), _)) => return name.push_str(text),
            _ => None,
        };
        self.line.text(text, marks, link.as_ref());
    }

    fn target(&mut self, kind: LinkType, href: &CowStr<'_>, title: &CowStr<'_>) {
        let href = if kind == LinkType::Email { format!("mailto:{href}") } else { href.to_string() };
        let target = if !self.targets.is_empty() {
            Target::Within
        } else if let Some(person) = Person::of_href(&href) {
            Target::Person(person, String::new())
        } else {
            Link::new(&href, title).map_or(Target::Refused(href, String::new()), |link| Target::To(Arc::new(link)))
        };
        self.targets.push((target, false));
    }

    fn end_target(&mut self) {
        let Some((target, used)) = self.targets.pop() else { return };
        match target {
            Target::To(link) if !used => self.line.text(&link.href, Marks::default(), Some(&link)),
            Target::Person(person, name) => self.line.mention(Mention::new(person, &name)),
            Target::Refused(href, shown) if href != shown && !href.is_empty() => {
                self.text(&if used { format!(" ({href})") } else { href }, false);
            }
            Target::To(_) | Target::Refused(..) | Target::Within => {}
        }
    }

    fn finish(mut self) -> Vec<Block> {
        self.paragraph();
        while !self.open.is_empty() {
            self.close();
        }
        self.done
    }
}

/// A header of nothing but empty cells says that the table has none, which GitHub's tables cannot say otherwise.
fn table(mut rows: Vec<Vec<Vec<Block>>>) -> Block {
    let header = rows.first().is_some_and(|cells| cells.iter().any(|cell| !cell.is_empty()));
    if !header && rows.len() > 1 {
        rows.remove(0);
    }
    model::table(header, rows)
}

fn panel(kind: BlockQuoteKind) -> Panel {
    match kind {
        BlockQuoteKind::Note => Panel::Note,
        BlockQuoteKind::Tip => Panel::Tip,
        BlockQuoteKind::Important => Panel::Important,
        BlockQuoteKind::Warning => Panel::Warning,
        BlockQuoteKind::Caution => Panel::Caution,
    }
}

/// The first word of what stands after the fence, in the characters that names of languages have.
fn language(kind: &CodeBlockKind<'_>) -> Option<String> {
    match kind {
        CodeBlockKind::Indented => None,
        CodeBlockKind::Fenced(info) => model::language(info),
    }
}

/// The one element of HTML that means something: a table's cell can break its lines in no other way.
fn is_break(html: &str) -> bool {
    let inner = html.strip_prefix('<').and_then(|h| h.strip_suffix('>')).unwrap_or_default();
    inner.trim_end_matches('/').trim().eq_ignore_ascii_case("br")
}
