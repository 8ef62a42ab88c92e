//! What every text goes through first: one kind of line end, and no control characters.

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
            '\n' | '\t' => out.push(c),
            c if c.is_control() => {}
            c => out.push(c),
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
        assert_eq!(clean("a\u{0}b\u{1b}[31mc\u{7f}\u{85}d"), "ab[31mcd");
        assert_eq!(clean("\u{202e}abc\u{202c} 👩\u{200d}💻"), "\u{202e}abc\u{202c} 👩\u{200d}💻");
    }
}
