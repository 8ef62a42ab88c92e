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
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Place {
    /// At the beginning of a line, where lists and headings begin.
    pub line_start: bool,
    /// Between `{{` and `}}`: braces must be references, since the renderer turns escaped ones back too early.
    pub code: bool,
    /// Where addresses are left to Jira, which makes links of them. Elsewhere they are none, or are written as links.
    pub addresses: bool,
}

/// Plain text: a blank line parts paragraphs, a single line break breaks the line, and nothing is markup.
pub(in crate::text) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    for (i, line) in clean(text).trim_matches('\n').split('\n').enumerate() {
        if i > 0 {
            out.push('\n');
        }
        escape(line, Place { line_start: true, addresses: true, ..Place::default() }, &mut out);
    }
    out
}

/// Writes a text without line breaks so that nothing in it is markup.
pub(super) fn escape(text: &str, place: Place, out: &mut String) {
    let mut line_start = place.line_start;
    let mut previous: Option<char> = None;
    let mut rest = if line_start { leading_word(text, out) } else { text };
    // Up to here an address is written as text.
    let mut no_url = 0;
    while let Some(c) = rest.chars().next() {
        let at = text.len() - rest.len();
        if at >= no_url
            && let Some((url, reach)) = bare_url(rest, previous)
        {
            let (last, after) = (url.chars().next_back(), rest.get(url.len()..).unwrap_or_default());
            if place.addresses && are_themselves(after, reach - url.len(), last, place) {
                out.push_str(url);
                (previous, rest, line_start) = (last, after, false);
                continue;
            }
            // What escapes a character after it would be taken for a part of the address.
            no_url = at + reach;
        }
        match form(rest, previous, line_start, place) {
            // The address of above, which is none without its colon.
            _ if c == ':' && at < no_url && rest.starts_with("://") => reference(c, out),
            Form::Itself => out.push(c),
            Form::Escaped => {
                out.push('\\');
                out.push(c);
            }
            Form::Reference => reference(c, out),
        }
        line_start &= c.is_whitespace() || matches!(c, '*' | '#' | '-');
        previous = Some(c);
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
    }
}

/// Whether the next characters, and the one after them, are written as they are.
fn are_themselves(text: &str, length: usize, mut previous: Option<char>, place: Place) -> bool {
    let next = text.char_indices().take_while(|(i, _)| *i <= length);
    next.into_iter().all(|(i, c)| {
        let before = previous.replace(c);
        form(text.get(i..).unwrap_or_default(), before, false, place) == Form::Itself
    })
}

/// How a character is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Itself,
    Escaped,
    Reference,
}

/// How the first character of a text is written that `previous` stands before.
fn form(text: &str, previous: Option<char>, line_start: bool, place: Place) -> Form {
    let mut chars = text.chars();
    let Some(c) = chars.next() else { return Form::Itself };
    let (after, next) = (chars.as_str(), chars.clone().next());
    let smiles = |c: Option<char>| matches!(c, Some(':' | ';' | '-'));
    let escaped = match c {
        '\\' => return Form::Reference,
        '{' | '}' if place.code => return Form::Reference,
        '&' if is_reference(after) => return Form::Reference,
        ':' if matches!(next, Some('D' | 'P' | 'p')) => return Form::Reference,
        '{' | '}' | '[' | ']' | '|' => true,
        '*' | '_' | '-' | '+' | '^' | '~' => line_start || may_mark(previous, next),
        '#' => line_start,
        '!' => !next.is_some_and(char::is_whitespace),
        '?' => previous == Some('?') || next == Some('?') || next.is_none(),
        '(' => smiles(previous) || SMILEYS.iter().any(|s| after.starts_with(s)),
        ')' => smiles(previous),
        _ => false,
    };
    if escaped { Form::Escaped } else { Form::Itself }
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

/// The address that a text begins with, which Jira makes a link of by itself, as far as Jira takes it; `previous` stands
/// before it. Nothing in it is markup, and a backslash would be part of it. With it comes how far Jira looks before it leaves
/// the sentence's punctuation out.
pub(super) fn bare_url(text: &str, previous: Option<char>) -> Option<(&str, usize)> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
    if matches!(previous, Some('"' | '\'' | '[' | '|' | '!')) || is_word(previous) {
        return None;
    }
    let fits = |c: char| c.is_ascii_alphanumeric() || "-_.!~*';/?:@#&=%+$,[]()".contains(c);
    let length = rest.find(|c| !fits(c)).unwrap_or(rest.len());
    let reach = text.len() - rest.len() + length;
    let url = text.get(..reach)?.trim_end_matches(['.', ',', ')', ']', ';', '\'', '!']);
    (url.len() > text.len() - rest.len()).then_some((url, reach))
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
            ("&amp; & AT&T; &#42;", "&#38;amp; & AT&#38;T; &#38;#42;"),
            ("https://x.test/a|b https://x.test/a_b.", r"https&#58;//x.test/a\|b https://x.test/a_b."),
            ("see https://x.test/~a/b_c_?q=-1 now!", r"see https://x.test/~a/b_c_?q=-1 now\!"),
            ("issue #5, C# - a * b", "issue #5, C# - a * b"),
            ("-- a -- b --- c", "\\-\\- a \\-\\- b \\-\\-\\- c"),
            ("\n\na\r\n\r\nb\u{0}\n", "a\n\nb"),
        ] {
            assert_eq!(plain(text), want, "{text:?}");
        }
    }
}
