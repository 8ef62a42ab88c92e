//! Inline content: runs of text with marks, line breaks, mentions.
//!
//! What lives here: the one form of it. [`Inlines`] makes it, so that equal texts are equal values whatever they were read
//! from: no empty run, no two runs that could be one, no marks on code (ADF refuses them) or on blanks at a mark's edge
//! (Markdown cannot write them), no blanks at the end of a line, no break at an edge, no address of the web that is no link.

use std::sync::Arc;

use super::{Link, address};
use crate::text::clean::is_kept;

/// Inline content.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::text) enum Inline {
    Text(Run),
    /// A hard line break.
    Break,
    Mention(Mention),
}

/// Text of one format.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::text) struct Run {
    /// Never empty, without line breaks and control characters.
    pub text: String,
    pub marks: Marks,
    pub link: Option<Arc<Link>>,
}

/// How text is set.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::text) struct Marks {
    pub strong: bool,
    pub em: bool,
    pub strike: bool,
    /// Code has no other mark, but may have a link.
    pub code: bool,
}

/// A mentioned person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::text) struct Mention {
    pub person: Person,
    /// What is shown, with its `@`.
    pub text: String,
}

/// Whom a mention means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::text) enum Person {
    /// An account of Atlassian: Jira Cloud.
    Account(String),
    /// A user name: Jira Data Center.
    User(String),
}

impl Person {
    /// The account of an id, if it has the form of one.
    pub(in crate::text) fn account(id: &str) -> Option<Self> {
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, ':' | '-' | '_');
        ((1..=128).contains(&id.len()) && id.chars().all(fits)).then(|| Self::Account(id.to_owned()))
    }

    /// The user of a name, if it could be one.
    pub(in crate::text) fn user(name: &str) -> Option<Self> {
        let fits = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '@' | '+');
        (!name.is_empty() && name.len() <= 255 && name.chars().all(fits)).then(|| Self::User(name.to_owned()))
    }

    /// The person that a link of Markdown means: `accountid:…` or `username:…`.
    pub(in crate::text) fn of_href(href: &str) -> Option<Self> {
        match href.split_once(':')? {
            ("accountid", id) => Self::account(id),
            ("username", name) => Self::user(name),
            _ => None,
        }
    }

    /// What [`Person::of_href`] reads.
    pub(in crate::text) fn href(&self) -> String {
        match self {
            Self::Account(id) => format!("accountid:{id}"),
            Self::User(name) => format!("username:{name}"),
        }
    }
}

impl Mention {
    /// A mention that is shown as `text`, or as the id where there is none.
    pub(in crate::text) fn new(person: Person, text: &str) -> Self {
        let (Person::Account(id) | Person::User(id)) = &person;
        let shown = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let shown: String = shown.chars().filter(|c| is_kept(*c)).collect();
        let name = shown.trim_start_matches('@');
        let text = format!("@{}", if name.is_empty() { id } else { name });
        Self { person, text }
    }
}

/// Makes inline content.
#[derive(Debug, Default)]
pub(in crate::text) struct Inlines(Vec<Inline>);

impl Inlines {
    /// Whether nothing was pushed.
    pub(in crate::text) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds text. A line break in it is a break, or a blank in code.
    pub(in crate::text) fn text(&mut self, text: &str, marks: Marks, link: Option<&Arc<Link>>) {
        let marks = if marks.code { Marks { code: true, ..Marks::default() } } else { marks };
        for (i, line) in text.split('\n').enumerate() {
            match (i, marks.code) {
                (0, _) => {}
                (_, true) => self.run(" ", marks, link),
                (_, false) => self.brk(),
            }
            self.run(line, marks, link);
        }
    }

    /// Adds a line break.
    pub(in crate::text) fn brk(&mut self) {
        self.0.push(Inline::Break);
    }

    /// Adds a mention.
    pub(in crate::text) fn mention(&mut self, mention: Mention) {
        self.0.push(Inline::Mention(mention));
    }

    /// Adds what was made before.
    pub(in crate::text) fn extend(&mut self, content: &[Inline]) {
        for inline in content {
            match inline {
                Inline::Text(run) => self.run(&run.text, run.marks, run.link.as_ref()),
                other => self.0.push(other.clone()),
            }
        }
    }

    fn run(&mut self, text: &str, marks: Marks, link: Option<&Arc<Link>>) {
        let text = text.chars().filter(|c| is_kept(*c));
        if let Some(Inline::Text(last)) = self.0.last_mut()
            && last.marks == marks
            && last.link.as_ref() == link
        {
            last.text.extend(text);
            return;
        }
        let text: String = text.collect();
        if !text.is_empty() {
            self.0.push(Inline::Text(Run { text, marks, link: link.cloned() }));
        }
    }

    /// The content in its one form.
    pub(in crate::text) fn finish(self) -> Vec<Inline> {
        let mut content = address::linked(self.0);
        for edge in [Edge::Strong, Edge::Em, Edge::Strike, Edge::Link] {
            content = trim_marked(content, edge);
        }
        let mut made = Self::default();
        for inline in content {
            match inline {
                Inline::Text(run) => made.run(&run.text, run.marks, run.link.as_ref()),
                Inline::Break => {
                    made.trim_line();
                    if !made.is_empty() {
                        made.brk();
                    }
                }
                mention => made.0.push(mention),
            }
        }
        made.trim_line();
        while made.0.pop_if(|last| *last == Inline::Break).is_some() {
            made.trim_line();
        }
        made.0
    }

    /// Takes blanks from the end of the line; code keeps its own.
    fn trim_line(&mut self) {
        while let Some(Inline::Text(run)) = self.0.last_mut()
            && !run.marks.code
        {
            run.text.truncate(run.text.trim_end().len());
            if !run.text.is_empty() {
                break;
            }
            self.0.pop();
        }
    }
}

/// What can end before or after blanks.
#[derive(Debug, Clone, Copy)]
enum Edge {
    Strong,
    Em,
    Strike,
    Link,
}

impl Edge {
    fn clear(self, run: &mut Run) {
        match self {
            Self::Strong => run.marks.strong = false,
            Self::Em => run.marks.em = false,
            Self::Strike => run.marks.strike = false,
            Self::Link => run.link = None,
        }
    }

    fn is_on(self, run: &Run) -> bool {
        match self {
            Self::Strong => run.marks.strong,
            Self::Em => run.marks.em,
            Self::Strike => run.marks.strike,
            Self::Link => run.link.is_some(),
        }
    }

    /// Whether two runs next to each other are under the same mark.
    fn joins(self, a: &Run, b: &Run) -> bool {
        self.is_on(a) && self.is_on(b) && (!matches!(self, Self::Link) || a.link == b.link)
    }
}

/// Takes a mark from the blanks at its two ends.
fn trim_marked(content: Vec<Inline>, edge: Edge) -> Vec<Inline> {
    // Once forwards for what begins with blanks, once backwards for what ends with them.
    let forwards = trim_pass(content.into_iter(), edge, |run| {
        let blank = run.text.len() - run.text.trim_start().len();
        let solid = run.text.split_off(blank);
        (std::mem::take(&mut run.text), solid)
    });
    let mut backwards = trim_pass(forwards.into_iter().rev(), edge, |run| {
        let blank = run.text.split_off(run.text.trim_end().len());
        (blank, std::mem::take(&mut run.text))
    });
    backwards.reverse();
    backwards
}

/// Goes through the content in one direction; `split` gives the blanks that come first that way, and the rest.
fn trim_pass(
    content: impl Iterator<Item = Inline>,
    edge: Edge,
    split: impl Fn(&mut Run) -> (String, String),
) -> Vec<Inline> {
    let mut made: Vec<Inline> = Vec::new();
    // The last run that was solid under the mark.
    let mut inside: Option<Run> = None;
    for inline in content {
        let Inline::Text(mut run) = inline else {
            inside = None;
            made.push(inline);
            continue;
        };
        let begins = edge.is_on(&run) && !run.marks.code && !inside.as_ref().is_some_and(|i| edge.joins(i, &run));
        if begins {
            let (blank, solid) = split(&mut run);
            if !blank.is_empty() {
                let mut outside = Run { text: blank, ..run.clone() };
                edge.clear(&mut outside);
                made.push(Inline::Text(outside));
            }
            run.text = solid;
        }
        if run.text.is_empty() {
            continue;
        }
        inside = Some(Run { text: String::new(), ..run.clone() }).filter(|r| edge.is_on(r));
        made.push(Inline::Text(run));
    }
    made
}
