//! From blocks to wiki markup.
//!
//! What lives here: what each block and mark is written as, and what becomes of those that the markup does not have: a
//! quotation in a quotation, and blocks in items and cells, are lines. Ordered lists begin with 1, since the markup knows
//! no other number.

use super::escape::{Place, escape};
use crate::text::model::{Block, Inline, Link, Mention, Person, Run, Task, join, lines};

/// The languages that Jira's `{code}` knows; it shows an error for any other.
const LANGUAGES: &[&str] = &[
    "actionscript",
    "ada",
    "applescript",
    "bash",
    "c",
    "c#",
    "c++",
    "cpp",
    "css",
    "erlang",
    "go",
    "groovy",
    "haskell",
    "html",
    "java",
    "javascript",
    "js",
    "json",
    "lua",
    "none",
    "nyan",
    "objc",
    "perl",
    "php",
    "python",
    "r",
    "rainbow",
    "ruby",
    "scala",
    "sh",
    "sql",
    "swift",
    "visualbasic",
    "xml",
    "yaml",
];

/// The blocks as wiki markup.
pub(in crate::text) fn write(blocks: &[Block]) -> String {
    let mut out = String::new();
    write_all(blocks, Inside::default(), &mut out);
    out
}

/// The macros that are open: none stands in one of its own kind.
#[derive(Debug, Clone, Copy, Default)]
struct Inside {
    quote: bool,
    panel: bool,
}

fn write_all(blocks: &[Block], inside: Inside, out: &mut String) {
    let mut first = true;
    for block in blocks {
        let begun = out.len();
        if !first {
            out.push_str("\n\n");
        }
        let written = out.len();
        self::block(block, inside, out);
        if out.len() == written {
            out.truncate(begun);
        } else {
            first = false;
        }
    }
}

fn block(block: &Block, inside: Inside, out: &mut String) {
    match block {
        Block::Paragraph(content) => inline(content, Lines::Many, out),
        Block::Heading(level, content) => {
            out.push_str(&format!("h{level}. "));
            inline(content, Lines::One, out);
        }
        Block::Rule => out.push_str("----"),
        Block::Quote(blocks) if !inside.quote => {
            out.push_str("{quote}\n");
            write_all(blocks, Inside { quote: true, ..inside }, out);
            out.push_str("\n{quote}");
        }
        Block::Panel(kind, blocks) if !inside.panel => {
            out.push_str(&format!("{{panel:title={}}}\n", kind.name()));
            write_all(blocks, Inside { panel: true, ..inside }, out);
            out.push_str("\n{panel}");
        }
        Block::Quote(_) | Block::Panel(..) => {
            for (i, line) in lines(std::slice::from_ref(block)).iter().enumerate() {
                out.push_str(if i > 0 { "\n" } else { "" });
                inline(line, Lines::Many, out);
            }
        }
        Block::Code { language, text } => code(language.as_deref(), text, out),
        Block::List { start, items } => list(if start.is_some() { "#" } else { "*" }, items, out),
        Block::Tasks(tasks) => self::tasks("*", tasks, out),
        Block::Table { header, rows } => table(*header, rows, out),
    }
}

/// Code as it is, in a macro whose end is not in it; else, line by line, in the font of code.
fn code(language: Option<&str>, text: &str, out: &mut String) {
    let language = language.map(str::to_ascii_lowercase).filter(|l| LANGUAGES.contains(&l.as_str()));
    let known = language.filter(|_| !text.contains("{code}"));
    if let Some(language) = known {
        out.push_str(&format!("{{code:{language}}}\n{text}\n{{code}}"));
    } else if !text.contains("{noformat}") {
        out.push_str(&format!("{{noformat}}\n{text}\n{{noformat}}"));
    } else {
        for (i, line) in lines(&[Block::Code { language: None, text: text.to_owned() }]).iter().enumerate() {
            out.push_str(if i > 0 { "\n" } else { "" });
            inline(line, Lines::Many, out);
        }
    }
}

fn list(marks: &str, items: &[Vec<Block>], out: &mut String) {
    for (i, item) in items.iter().enumerate() {
        out.push_str(if i > 0 { "\n" } else { "" });
        out.push_str(marks);
        out.push(' ');
        let mut first = true;
        for block in item {
            match block {
                Block::List { start, items } => {
                    out.push('\n');
                    list(&format!("{marks}{}", if start.is_some() { "#" } else { "*" }), items, out);
                }
                Block::Tasks(tasks) => {
                    out.push('\n');
                    self::tasks(&format!("{marks}*"), tasks, out);
                }
                Block::Code { language, text } => {
                    out.push('\n');
                    code(language.as_deref(), text, out);
                }
                block => {
                    for line in lines(std::slice::from_ref(block)) {
                        out.push_str(if first { "" } else { "\n" });
                        inline(&line, if first { Lines::Item } else { Lines::Many }, out);
                        first = false;
                    }
                }
            }
            first = false;
        }
    }
}

/// Tasks are items with Jira's sign for what is done, or with empty parentheses.
fn tasks(marks: &str, tasks: &[Task], out: &mut String) {
    for (i, task) in tasks.iter().enumerate() {
        out.push_str(if i > 0 { "\n" } else { "" });
        out.push_str(&format!("{marks} {} ", if task.done { "(/)" } else { "( )" }));
        inline(&task.text, Lines::Item, out);
        if !task.children.is_empty() {
            out.push('\n');
            self::tasks(&format!("{marks}*"), &task.children, out);
        }
    }
}

fn table(header: bool, rows: &[Vec<Vec<Block>>], out: &mut String) {
    for (i, row) in rows.iter().enumerate() {
        out.push_str(if i > 0 { "\n" } else { "" });
        let bar = if header && i == 0 { "||" } else { "|" };
        for cell in row {
            out.push_str(bar);
            let begun = out.len();
            inline(&join(&lines(cell), None), Lines::One, out);
            if out.len() == begun {
                out.push(' ');
            }
        }
        out.push_str(bar);
    }
}

/// How content may break its lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lines {
    /// By line breaks; the first line is a line's beginning.
    Many,
    /// By line breaks, but the first line stands after an item's mark.
    Item,
    /// By the sign for it: headings and cells are one line.
    One,
}

fn inline(content: &[Inline], breaks: Lines, out: &mut String) {
    let mut line_start = breaks == Lines::Many;
    for (i, inline) in content.iter().enumerate() {
        match inline {
            Inline::Text(run) => self::run(run, line_start, content.get(i + 1), out),
            Inline::Mention(mention) => out.push_str(&self::mention(mention)),
            Inline::Break if breaks == Lines::One => out.push_str(" \\\\ "),
            Inline::Break => {
                // An empty line would end the paragraph.
                out.push_str(if line_start && i > 0 { "\\\\\n" } else { "\n" });
            }
        }
        line_start = match inline {
            Inline::Break => breaks != Lines::One,
            // A line's blanks are no part of it.
            Inline::Text(run) => line_start && run.text.trim().is_empty(),
            Inline::Mention(_) => false,
        };
    }
}

fn mention(mention: &Mention) -> String {
    match &mention.person {
        Person::Account(id) => format!("[~accountid:{id}]"),
        Person::User(name) => format!("[~{name}]"),
    }
}

/// Writes a run with all its marks around it. Blanks at its ends stay outside of them.
fn run(run: &Run, line_start: bool, next: Option<&Inline>, out: &mut String) {
    let text = run.text.as_str();
    if run.marks.code {
        // The renderer sees no code in blanks alone.
        if text.trim().is_empty() {
            return match &run.link {
                Some(link) => self::link(&link.href, link, false, out),
                None => out.push_str(text),
            };
        }
        let free = is_free(out, next);
        out.push_str(if free { "{{" } else { "{{{}" });
        match &run.link {
            Some(link) => self::link(text, link, true, out),
            None => escape(text, Place { code: true, ..Place::default() }, out),
        }
        return out.push_str(if free { "}}" } else { "{}}}" });
    }
    let solid = text.trim();
    let at = text.len() - text.trim_start().len();
    let (before, after) = (text.get(..at).unwrap_or_default(), text.get(at + solid.len()..).unwrap_or_default());
    let marks = [(run.marks.strong, "*"), (run.marks.em, "_"), (run.marks.strike, "-")];
    let marks: Vec<&str> = marks.iter().filter(|(on, _)| *on).map(|(_, mark)| *mark).collect();
    if solid.is_empty() || (marks.is_empty() && run.link.is_none()) {
        return escape(text, Place { line_start, ..Place::default() }, out);
    }
    out.push_str(before);
    let next = if after.is_empty() { next } else { None };
    let bare = is_free(out, next);
    let delimiter = |mark: &str| if bare { mark.to_owned() } else { format!("{{{mark}}}") };
    marks.iter().for_each(|mark| out.push_str(&delimiter(mark)));
    match &run.link {
        Some(link) => self::link(solid, link, false, out),
        // A list's marks could be read together with these.
        None => escape(solid, Place { line_start, ..Place::default() }, out),
    }
    marks.iter().rev().for_each(|mark| out.push_str(&delimiter(mark)));
    out.push_str(after);
}

/// Whether what stands around a marked text lets a bare mark be one: next to letters and digits it is none.
fn is_free(out: &str, next: Option<&Inline>) -> bool {
    let word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '\\');
    let next = match next {
        Some(Inline::Text(run)) => run.text.chars().next(),
        _ => None,
    };
    !word(out.chars().next_back()) && !word(next)
}

fn link(text: &str, link: &Link, code: bool, out: &mut String) {
    let href = link.href.replace('[', "%5B").replace(']', "%5D");
    if text == href && link.title.is_none() {
        return out.push_str(&format!("[{href}]"));
    }
    out.push('[');
    escape(text, Place { code, ..Place::default() }, out);
    out.push_str(&format!("|{href}"));
    if let Some(title) = &link.title {
        out.push('|');
        escape(title, Place::default(), out);
    }
    out.push(']');
}
