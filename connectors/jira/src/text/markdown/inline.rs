//! Inline content in Markdown.
//!
//! What lives here: how marks nest, and which delimiters say so. Runs are flat, Markdown nests: at each place the mark that
//! reaches farthest is opened first. Whether a delimiter opens or closes depends on the characters beside it (CommonMark's
//! "flanking"); where those do not fit, the outer one is written as a character reference, which is punctuation to the parser.

use std::sync::Arc;

use super::escape::{Place, code, destination, escape};
use crate::text::model::{Inline, Link, Run};

/// Where content stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Context {
    /// A paragraph, whose lines could begin blocks.
    Paragraph,
    /// A heading: one line.
    Heading,
    /// A cell of a table: one line, in which bars are escaped.
    Cell,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    Strong,
    Em,
    Strike,
}

const MARKS: [Mark; 3] = [Mark::Strong, Mark::Em, Mark::Strike];

impl Mark {
    fn is_on(self, run: &Run) -> bool {
        match self {
            Self::Strong => run.marks.strong,
            Self::Em => run.marks.em,
            Self::Strike => run.marks.strike,
        }
    }
}

#[derive(Debug)]
enum Token<'a> {
    Text {
        text: &'a str,
        link: bool,
        first_reference: bool,
        last_reference: bool,
    },
    Open(Mark, &'static str),
    Close(&'static str),
    OpenLink,
    /// What is written as it is: it begins and ends with punctuation.
    Raw(String),
    Break,
}

/// Writes content; `newline` begins a line.
pub(super) fn write(content: &[Inline], context: Context, newline: &dyn Fn(&mut String), out: &mut String) {
    let mut tokens = Vec::with_capacity(content.len() * 2);
    let mut runs: Vec<&Run> = Vec::new();
    let table = context == Context::Cell;
    for inline in content {
        match inline {
            Inline::Text(run) => {
                runs.push(run);
                continue;
            }
            _ => nest(&std::mem::take(&mut runs), &[], false, table, &mut tokens),
        }
        match inline {
            Inline::Mention(mention) => {
                tokens.push(Token::OpenLink);
                let text = &mention.text;
                tokens.push(Token::Text { text, link: true, first_reference: false, last_reference: false });
                tokens.push(Token::Raw(format!("]({})", mention.person.href())));
            }
            _ => tokens.push(Token::Break),
        }
    }
    nest(&runs, &[], false, table, &mut tokens);
    choose_delimiters(&mut tokens);
    emit(&tokens, context, newline, out);
}

/// Writes runs as nested tokens, without the marks that are open.
fn nest<'a>(runs: &[&'a Run], open: &[Mark], in_link: bool, table: bool, tokens: &mut Vec<Token<'a>>) {
    let mut rest = runs;
    while let Some(first) = rest.first() {
        let mark_reach = |mark: Mark| rest.iter().take_while(|run| mark.is_on(run)).count();
        let link_reach = match &first.link {
            Some(link) if !in_link => rest.iter().take_while(|run| run.link.as_ref() == Some(link)).count(),
            _ => 0,
        };
        let best = MARKS.into_iter().filter(|mark| !open.contains(mark)).map(|mark| (mark_reach(mark), mark));
        let best = best.filter(|(reach, _)| *reach > 0).reduce(|a, b| if b.0 > a.0 { b } else { a });
        match (best, &first.link) {
            (_, Some(link)) if link_reach > 0 && best.is_none_or(|(reach, _)| link_reach >= reach) => {
                let (inside, after) = rest.split_at(link_reach);
                self::link(inside, link, open, table, tokens);
                rest = after;
            }
            (Some((reach, mark)), _) => {
                let (inside, after) = rest.split_at(reach);
                let delimiter = match mark {
                    Mark::Strong => "**",
                    Mark::Em => "_",
                    Mark::Strike => "~~",
                };
                tokens.push(Token::Open(mark, delimiter));
                nest(inside, &[open, &[mark]].concat(), in_link, table, tokens);
                tokens.push(Token::Close(delimiter));
                rest = after;
            }
            (None, _) => {
                if first.marks.code {
                    let mut raw = String::new();
                    code(&first.text, table, &mut raw);
                    tokens.push(Token::Raw(raw));
                } else {
                    let text = first.text.as_str();
                    tokens.push(Token::Text { text, link: in_link, first_reference: false, last_reference: false });
                }
                rest = rest.get(1..).unwrap_or_default();
            }
        }
    }
}

fn link<'a>(inside: &[&'a Run], link: &Arc<Link>, open: &[Mark], table: bool, tokens: &mut Vec<Token<'a>>) {
    if let [run] = inside
        && let Some(auto) = autolink(run, link)
    {
        // The marks of the run around it are opened by whoever calls; those it has beyond them stand inside of a link only.
        if MARKS.iter().all(|mark| !mark.is_on(run) || open.contains(mark)) && !run.marks.code {
            tokens.push(Token::Raw(auto));
            return;
        }
    }
    tokens.push(Token::OpenLink);
    nest(inside, open, true, table, tokens);
    let mut raw = String::new();
    destination(&link.href, link.title.as_deref(), table, &mut raw);
    tokens.push(Token::Raw(raw));
}

/// `<https://…>`, where the address itself is what is shown.
fn autolink(run: &Run, link: &Link) -> Option<String> {
    let plain = link.title.is_none() && !link.href.contains(['|', '\\', '`']);
    if plain && run.text == link.href {
        return Some(format!("<{}>", link.href));
    }
    let mail = link.href.strip_prefix("mailto:").filter(|mail| plain && *mail == run.text)?;
    let (name, host) = mail.split_once('@')?;
    let label =
        |l: &str| l.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric()) && !l.ends_with('-') && l.len() <= 63;
    let fits = name.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_+".contains(&b))
        && host.bytes().all(|b| b.is_ascii_alphanumeric() || b".-".contains(&b))
        && !name.is_empty()
        && host.split('.').all(label);
    fits.then(|| format!("<{mail}>"))
}

/// The character beside a delimiter, as far as the parser's rules go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Beside {
    /// A letter or a digit.
    Word,
    /// A blank, the line's end, or punctuation of ASCII: a delimiter may stand outside of it.
    Clear,
    /// Anything else; whether it counts as punctuation is not ours to know.
    Other,
    /// A delimiter.
    Delimiter,
}

fn beside(c: Option<char>) -> Beside {
    match c {
        Some(c) if c.is_alphanumeric() => Beside::Word,
        Some(c) if !c.is_whitespace() && !c.is_ascii_punctuation() => Beside::Other,
        _ => Beside::Clear,
    }
}

fn last_of(token: Option<&Token<'_>>) -> Beside {
    match token {
        Some(Token::Text { last_reference: true, .. }) => Beside::Clear,
        Some(Token::Text { text, first_reference: true, .. }) if text.chars().count() == 1 => Beside::Clear,
        Some(Token::Text { text, .. }) => beside(text.chars().next_back()),
        Some(Token::Open(..) | Token::Close(..)) => Beside::Delimiter,
        _ => Beside::Clear,
    }
}

fn first_of(token: Option<&Token<'_>>) -> Beside {
    match token {
        Some(Token::Text { first_reference: true, .. }) => Beside::Clear,
        Some(Token::Text { text, last_reference: true, .. }) if text.chars().count() == 1 => Beside::Clear,
        Some(Token::Text { text, .. }) => beside(text.chars().next()),
        Some(Token::Open(..) | Token::Close(..)) => Beside::Delimiter,
        _ => Beside::Clear,
    }
}

/// Decides between `_` and `*`, and which characters are written as references.
fn choose_delimiters(tokens: &mut [Token<'_>]) {
    let mut open: Vec<usize> = Vec::new();
    for i in 0..tokens.len() {
        match tokens.get(i) {
            Some(Token::Open(..)) => open.push(i),
            Some(Token::Close(..)) => {
                if let Some(start) = open.pop() {
                    pair(tokens, start, i);
                }
            }
            _ => {}
        }
    }
}

fn pair(tokens: &mut [Token<'_>], start: usize, end: usize) {
    // Blanks are at a mark's edge only where marks overlap and one had to be split.
    if let Some(Token::Text { text, first_reference, .. }) = tokens.get_mut(start + 1) {
        *first_reference |= text.starts_with(char::is_whitespace);
    }
    if let Some(Token::Text { text, last_reference, .. }) = tokens.get_mut(end.saturating_sub(1)) {
        *last_reference |= text.ends_with(char::is_whitespace);
    }
    let before = last_of(start.checked_sub(1).and_then(|i| tokens.get(i)));
    let after = first_of(tokens.get(end + 1));
    let (inner_first, inner_last) = (first_of(tokens.get(start + 1)), last_of(tokens.get(end.saturating_sub(1))));
    let clear = |outer: Beside| matches!(outer, Beside::Clear | Beside::Delimiter);
    let em = matches!(tokens.get(start), Some(Token::Open(Mark::Em, _)));
    let mut words_suffice = !em;
    if em && !(clear(before) && clear(after)) {
        // Within a word only `*` opens; next to another delimiter it would run together with it.
        let single = [before, after, inner_first, inner_last].iter().all(|b| *b != Beside::Delimiter);
        if single && inner_first == Beside::Word && inner_last == Beside::Word {
            words_suffice = true;
            for at in [start, end] {
                if let Some(Token::Open(_, delimiter) | Token::Close(delimiter)) = tokens.get_mut(at) {
                    *delimiter = "*";
                }
            }
        }
    }
    let fits = |outer: Beside, inner: Beside| clear(outer) || (words_suffice && inner == Beside::Word);
    if !fits(before, inner_first)
        && let Some(Token::Text { last_reference, .. }) = start.checked_sub(1).and_then(|i| tokens.get_mut(i))
    {
        *last_reference = true;
    }
    if !fits(after, inner_last)
        && let Some(Token::Text { first_reference, .. }) = tokens.get_mut(end + 1)
    {
        *first_reference = true;
    }
}

fn emit(tokens: &[Token<'_>], context: Context, newline: &dyn Fn(&mut String), out: &mut String) {
    let mut line_start = true;
    for (i, token) in tokens.iter().enumerate() {
        match token {
            Token::Text { text, link, first_reference, last_reference } => {
                let place = Place {
                    line_start,
                    block_start: line_start && context == Context::Paragraph,
                    table: context == Context::Cell,
                    link: *link,
                    before_link: matches!(tokens.get(i + 1), Some(Token::OpenLink)),
                    first_reference: *first_reference,
                    last_reference: *last_reference,
                };
                escape(text, place, out);
            }
            Token::Open(_, delimiter) | Token::Close(delimiter) => out.push_str(delimiter),
            Token::OpenLink => out.push('['),
            Token::Raw(raw) => out.push_str(raw),
            Token::Break if context == Context::Paragraph => {
                out.push('\\');
                newline(out);
            }
            Token::Break => out.push_str("<br>"),
        }
        line_start = matches!(token, Token::Break) && context == Context::Paragraph;
    }
}
