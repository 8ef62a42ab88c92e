//! Addresses of the web that stand in a text: they are links, as in GitHub's Markdown and in Jira's editor.
//!
//! What lives here: where such an address begins and ends. The time is in proportion to the text.

use std::sync::Arc;

use super::{Inline, Link, Run};

/// The content with its addresses as links. Code has none, and what is a link already stays one.
pub(super) fn linked(content: Vec<Inline>) -> Vec<Inline> {
    let holds = |inline: &Inline| matches!(inline, Inline::Text(run) if run.text.contains("://"));
    if !content.iter().any(holds) {
        return content;
    }
    let mut made = Vec::with_capacity(content.len() + 2);
    let mut before = None;
    for inline in content {
        match inline {
            Inline::Text(run) if run.link.is_none() && !run.marks.code => {
                let last = run.text.chars().next_back();
                split(run, before, &mut made);
                before = last;
            }
            other => {
                before = matches!(other, Inline::Text(_) | Inline::Mention(_)).then_some(']');
                made.push(other);
            }
        }
    }
    made
}

/// Splits a run at its addresses; `before` is the character that stands before it.
fn split(run: Run, before: Option<char>, made: &mut Vec<Inline>) {
    let text = run.text.as_str();
    let (mut from, mut at) = (0, 0);
    let mut push = |text: &str, link: Option<Link>| {
        if !text.is_empty() {
            made.push(Inline::Text(Run { text: text.to_owned(), marks: run.marks, link: link.map(Arc::new) }));
        }
    };
    while let Some(found) = text.get(at..).and_then(|t| t.find("http")) {
        at += found;
        let begins = match text.get(..at).and_then(|t| t.chars().next_back()).or(before) {
            None => true,
            Some(c) => c.is_whitespace() || matches!(c, '(' | '*' | '_' | '~'),
        };
        let address = text.get(at..).filter(|_| begins).and_then(address);
        let Some((address, link)) = address.and_then(|a| Some((a, Link::new(a, "")?))) else {
            at += "http".len();
            continue;
        };
        push(text.get(from..at).unwrap_or_default(), None);
        push(address, Some(link));
        at += address.len();
        from = at;
    }
    push(text.get(from..).unwrap_or_default(), None);
}

/// The address that a text begins with: up to what no address holds, without the punctuation of the sentence around it.
fn address(text: &str) -> Option<&str> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
    // A host's number stands in brackets, and nothing else does.
    let number = rest.strip_prefix('[').map(|n| n.find(|c: char| !(c.is_ascii_hexdigit() || matches!(c, ':' | '.'))));
    let host = match number {
        Some(Some(end)) if rest.get(end + 1..).is_some_and(|r| r.starts_with(']')) => end + 2,
        Some(_) => return None,
        None if rest.starts_with(char::is_alphanumeric) => 0,
        None => return None,
    };
    let tail = rest.get(host..)?;
    let stops = |c: char| c.is_whitespace() || "<>\"[]{}|\\^`".contains(c);
    let length = tail.find(stops).unwrap_or(tail.len());
    let mut address = text.get(..text.len() - tail.len() + length)?;
    let count = |bracket: char| address.chars().filter(|c| *c == bracket).count();
    let (opens, mut closes) = (count('('), count(')'));
    while let Some(c) = address.chars().next_back() {
        match c {
            ')' if closes > opens => closes -= 1,
            '?' | '!' | '.' | ',' | ':' | ';' | '*' | '_' | '~' | '\'' => {}
            _ => break,
        }
        address = address.get(..address.len() - 1)?;
    }
    Some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_ends_before_the_sentence_does() {
        for (text, want) in [
            ("https://x.test", Some("https://x.test")),
            ("http://localhost:8080/a?b=c&d#e, and", Some("http://localhost:8080/a?b=c&d#e")),
            ("https://x.test/a_(b)).", Some("https://x.test/a_(b)")),
            ("https://x.test/ü<br>", Some("https://x.test/ü")),
            ("https://x.test]]", Some("https://x.test")),
            ("https://[::1]:80/a[b]", Some("https://[::1]:80/a")),
            ("https://[x]", None),
            ("https://x.test)](https://y.test", Some("https://x.test")),
            ("https://", None),
            ("https://.", None),
            ("https:/x", None),
            ("httpx://a", None),
        ] {
            assert_eq!(address(text), want, "{text}");
        }
    }
}
