//! From plain text to a document: nothing in the text is markup.

use serde_json::{Value, json};

use crate::text::clean::clean;

/// A document of plain text: a blank line parts paragraphs, a single line break breaks the line.
///
/// Nothing in the text is markup, so that text from outside cannot become a mention or a link. The format forbids empty
/// text nodes; text without anything to read gives a document without content.
pub(in crate::text) fn plain(text: &str) -> Value {
    let text = clean(text);
    let lines: Vec<&str> = text.split('\n').collect();
    let paragraphs: Vec<Value> = lines
        .split(|line| line.trim().is_empty())
        .filter(|lines| !lines.is_empty())
        .map(|lines| json!({"type": "paragraph", "content": broken_lines(lines)}))
        .collect();
    json!({"type": "doc", "version": 1, "content": paragraphs})
}

fn broken_lines(lines: &[&str]) -> Vec<Value> {
    let mut nodes = Vec::with_capacity(lines.len() * 2);
    for (i, line) in lines.iter().enumerate() {
        if i > 0 {
            nodes.push(json!({"type": "hardBreak"}));
        }
        nodes.push(json!({"type": "text", "text": line}));
    }
    nodes
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]

    use super::*;

    fn content(text: &str) -> Value {
        let doc = plain(text);
        assert_eq!((doc["type"].as_str(), doc["version"].as_u64()), (Some("doc"), Some(1)));
        doc["content"].clone()
    }

    #[test]
    fn one_line_is_one_paragraph() {
        assert_eq!(
            content("Hello, wörld"),
            json!([{"type": "paragraph", "content": [{"type": "text", "text": "Hello, wörld"}]}])
        );
    }

    #[test]
    fn blank_lines_part_paragraphs_and_breaks_break_lines() {
        let want = json!([
            {"type": "paragraph", "content": [
                {"type": "text", "text": "a"}, {"type": "hardBreak"}, {"type": "text", "text": "  b"}
            ]},
            {"type": "paragraph", "content": [{"type": "text", "text": "c"}]},
        ]);
        assert_eq!(content("a\n  b\n\nc"), want);
        assert_eq!(content("\n\na\r\n  b\r\n \t \r\n\r\nc\n\n"), want, "Windows line ends and many blank lines");
    }

    #[test]
    fn there_is_never_an_empty_text_node() {
        for empty in ["", " ", "\n", "\r\n\r\n", "\u{0}", " \u{7}\n"] {
            assert_eq!(content(empty), json!([]), "{empty:?}");
        }
        for text in ["a\n\u{0}\nb", "\n\n\na", "a\n \n\t\nb"] {
            let doc = plain(text).to_string();
            assert!(!doc.contains(r#""text":"""#) && !doc.contains(r#""content":[]"#), "{doc}");
        }
    }

    #[test]
    fn markup_stays_text() {
        let doc = content("*no* [~accountid:1] <b>&</b>");
        assert_eq!(doc.pointer("/0/content/0/text").unwrap(), "*no* [~accountid:1] <b>&</b>");
    }
}
