//! What every text goes through first: one kind of line end, and no control characters.

/// Whether a character of a line is kept. A byte order mark is none of the text, wherever it stands.
pub(super) fn is_kept(c: char) -> bool {
    c == '\t' || !(c.is_control() || c == '\u{feff}')
}

/// Whether a character shows nothing: blanks, controls, and what only sets how others are shown.
pub(super) fn is_unseen(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// The text with `\n` as its only line end and without control characters but the tab. Jira refuses most of them, and in a
/// terminal they could act. Format characters stay: right-to-left text and emoji sequences need them.
pub(super) fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' => {
                chars.next_if_eq(&'\n');
                out.push('\n');
            }
            '\n' => out.push(c),
            c if is_kept(c) => out.push(c),
            _ => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends_are_one_kind_and_controls_go() {
        assert_eq!(clean("a\r\nb\rc\nd\r\r\n\te"), "a\nb\nc\nd\n\n\te");
        assert_eq!(clean("\u{feff}a\u{feff}"), "a");
        assert_eq!(clean("a\u{0}b\u{1b}[31mc\u{7f}\u{85}d"), "ab[31mcd");
        assert_eq!(clean("\u{202e}abc\u{202c} 👩\u{200d}💻"), "\u{202e}abc\u{202c} 👩\u{200d}💻");
    }
}
