//! Text in wiki markup in which nothing is markup.
//!
//! Jira's renderer takes a backslash before one of `-#*_+?^~|%{}[]()!@` as an escape, unless another backslash stands before
//! it. Backslashes themselves and what begins a line (`h1.`, `bq.`) cannot be escaped so; there a character reference of HTML
//! stands, which the renderer leaves to the browser.

use crate::text::clean::clean;

/// Smileys that are words in parentheses.
const SMILEYS: &[&str] = &[
    "y)", "n)", "i)", "/)", "x)", "!)", "+)", "-)", "?)", "on)", "off)", "*)", "*r)", "*g)", "*b)", "*y)", "flag)",
    "flagoff)",
];

/// Where a text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// At the beginning of a line, where lists and headings begin.
    pub line_start: bool,
    /// Between `{{` and `}}`: braces must be references, since the renderer turns escaped ones back too early.
    pub code: bool,
}

/// Plain text: a blank line parts paragraphs, a single line break breaks the line, and nothing is markup.
pub(in crate::text) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    for (i, line) in clean(text).trim_matches('\n').split('\n').enumerate() {
        if i > 0 {
            out.push('\n');
        }
        escape(line, Place { line_start: true, code: false }, &mut out);
    }
    out
}

/// Writes a text without line breaks so that nothing in it is markup.
pub(super) fn escape(text: &str, place: Place, out: &mut String) {
    let mut line_start = place.line_start;
    let mut previous: Option<char> = None;
    let mut rest = text;
    if line_start {
        rest = leading_word(rest, out);
    }
    while let Some(c) = rest.chars().next() {
        let after = rest.get(c.len_utf8()..).unwrap_or_default();
        let next = after.chars().next();
        if !place.code && c == 'h' && begins_url(rest, previous) {
            let url = url_length(rest);
            let (raw, tail) = rest.split_at(url);
            out.push_str(raw);
            previous = raw.chars().next_back();
            rest = tail;
            line_start = false;
            continue;
        }
        match c {
            '{' | '}' if place.code => reference(c, out),
            '{' | '}' | '[' | ']' | '|' => escaped(c, out),
            '*' | '_' | '-' | '+' | '^' | '~' if line_start || may_mark(previous, next) => escaped(c, out),
            '#' if line_start => escaped(c, out),
            '!' if !next.is_some_and(char::is_whitespace) => escaped(c, out),
            '?' if previous == Some('?') || next == Some('?') || next.is_none() => escaped(c, out),
            '(' if matches!(previous, Some(':' | ';' | '-')) || SMILEYS.iter().any(|s| after.starts_with(s)) => {
                escaped(c, out);
            }
            ')' if matches!(previous, Some(':' | ';' | '-')) => escaped(c, out),
            ':' if matches!(next, Some('D' | 'P' | 'p')) => reference(c, out),
            '\\' => reference(c, out),
            '&' if is_reference(after) => out.push_str("&amp;"),
            c => out.push(c),
        }
        line_start &= c.is_whitespace() || matches!(c, '*' | '#' | '-');
        previous = Some(c);
        rest = after;
    }
}

/// `h1.` and `bq.` at the beginning of a line would make a heading or a quotation.
fn leading_word<'a>(text: &'a str, out: &mut String) -> &'a str {
    let word = text.trim_start();
    let bytes = word.as_bytes();
    let marks = matches!(bytes, [b'h', b'1'..=b'6', b'.', ..] | [b'b', b'q', b'.', ..]);
    let Some((first, tail)) = word.split_once('.').filter(|_| marks) else { return text };
    let blank = text.len() - word.len();
    out.push_str(text.get(..blank).unwrap_or_default());
    out.push_str(first);
    reference('.', out);
    tail
}

fn escaped(c: char, out: &mut String) {
    out.push('\\');
    out.push(c);
}

fn reference(c: char, out: &mut String) {
    out.push_str(&format!("&#{};", u32::from(c)));
}

/// Whether a mark could begin or end between two characters: next to a word's inside and between blanks it cannot. What
/// stands beyond the text is not known, and could be anything.
fn may_mark(previous: Option<char>, next: Option<char>) -> bool {
    let blank = |c: Option<char>| c.is_some_and(char::is_whitespace);
    let (opens, closes) = (!blank(next) && !is_word(previous), !blank(previous) && !is_word(next));
    opens || closes
}

fn is_word(c: Option<char>) -> bool {
    c.is_some_and(char::is_alphanumeric)
}

/// Whether what follows an ampersand makes it a character reference.
fn is_reference(after: &str) -> bool {
    let end = after.bytes().take(34).position(|b| b == b';');
    end.is_some_and(|end| end > 0 && after.bytes().take(end).all(|b| b.is_ascii_alphanumeric() || b == b'#'))
}

/// Whether an address begins that Jira makes a link of by itself. In it a backslash would be part of the address.
fn begins_url(text: &str, previous: Option<char>) -> bool {
    let scheme = text.starts_with("https://") || text.starts_with("http://");
    scheme && !matches!(previous, Some('"' | '\'' | '[' | '|' | '!')) && !is_word(previous)
}

fn url_length(text: &str) -> usize {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_./:?#=%+$,@~".contains(&b);
    text.bytes().position(|b| !plain(b)).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_plain_text_is_markup() {
        for (text, want) in [
            ("Hello, wörld.", "Hello, wörld."),
            ("a *b* _c_ -d- +e+ ^f^ ~g~", r"a \*b\* \_c\_ \-d\- \+e\+ \^f\^ \~g\~"),
            ("snake_case, well-known, 2*3", "snake_case, well-known, 2*3"),
            (
                "{code}x{code} [~mia] [a|https://x.test] !a.png! ??c??",
                r"\{code\}x\{code\} \[\~mia\] \[a\|https://x.test\] \!a.png! \?\?c\?\?",
            ),
            ("h1. A\nbq. b\nh7. c\n  h2. d", "h1&#46; A\nbq&#46; b\nh7. c\n  h2&#46; d"),
            ("* a\n# b\n- c\n*# d\n----\n|x|", "\\* a\n\\# b\n\\- c\n\\*\\# d\n\\-\\-\\-\\-\n\\|x\\|"),
            (":) ;-) :D (y) (/) (not)", r":\) ;\-\) &#58;D \(y) \(/) (not)"),
            (r"C:\temp \\ \*", r"C:&#92;temp &#92;&#92; &#92;\*"),
            ("&amp; & AT&T; &#42;", "&amp;amp; & AT&amp;T; &amp;#42;"),
            ("see https://x.test/~a/b_c_?q=-1 now!", r"see https://x.test/~a/b_c_?q=-1 now\!"),
            ("issue #5, C# - a * b", "issue #5, C# - a * b"),
            ("-- a -- b --- c", "\\-\\- a \\-\\- b \\-\\-\\- c"),
            ("\n\na\r\n\r\nb\u{0}\n", "a\n\nb"),
        ] {
            assert_eq!(plain(text), want, "{text:?}");
        }
    }
}
