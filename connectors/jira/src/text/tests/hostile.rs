//! Texts that are made to break a reader: large ones, deep ones, and those that repeat what is never closed. There is no
//! clock in these tests: what takes more time than in proportion to its length does not end at these sizes.

use serde_json::{Map, Value, json};

use super::{SCHEMA, read};
use crate::text::{Dialect, Format, is_blank, read_plain, write};

/// All ways through a text, as Markdown and as wiki markup.
fn through(text: &str) {
    let document = write(Dialect::Adf, Format::Markdown, text);
    let markup = write(Dialect::Wiki, Format::Markdown, text);
    for value in [&document, &markup, &json!(text)] {
        let back = read(value);
        assert!(back.len() <= 200 * text.len() + 1000, "{} bytes of {}", back.len(), text.len());
    }
    is_blank(text);
}

#[test]
fn what_is_never_closed() {
    const LENGTH: usize = 1 << 16;
    for unit in [
        "*",
        "**a ",
        "_a *",
        "*a_ ",
        "~~",
        "~a ",
        "`",
        "`` a ` ",
        "[",
        "[a](",
        "![",
        "[a][",
        "](",
        "<",
        "<a ",
        "<!--",
        "<?",
        "&",
        "&#",
        "\\",
        "\\\\ ",
        "(",
        "#",
        "|",
        "|a",
        " ",
        "\t",
        "~~~",
        "{",
        "{{",
        "{{a",
        "{code}",
        "{code:",
        "{code:a}",
        "{quote}a",
        "{noformat}{code}",
        "{panel}",
        "{color:red}",
        "{*}",
        "[a|",
        "[~",
        "!a",
        "!http",
        "https://",
        "http://a ",
        "(http://(",
        "http://a(",
        "|{code}",
        "|{{",
        "|[",
        "||",
        "&#32;",
        "é",
        "👩\u{200d}💻",
        "\u{202e}",
        "\u{0}",
        "\u{feff}",
        "\u{2028}",
    ] {
        through(&unit.repeat(LENGTH / unit.len()));
    }
}

#[test]
fn many_of_every_block() {
    const LENGTH: usize = 1 << 15;
    for unit in [
        "> ",
        "- ",
        "* a\n",
        "1. ",
        "+\n",
        "- [ ] a\n",
        "# a\n",
        "===\n",
        "---\n",
        "| a |\n| - |\n",
        "\n",
        "\r",
        "```\n",
        "    a\n",
        "a\n\n",
        "a\\\n",
        "<br>",
        "<div>\n",
        "{quote}\n",
        "{noformat}\n{code}\n",
        "{panel}a\n",
        "h1. a\n",
        "bq. a\n",
        "*# a\n",
        "|a|\n",
        "||a|\n\n",
    ] {
        through(&unit.repeat(LENGTH / unit.len()));
    }
}

#[test]
fn ten_megabytes() {
    let prose =
        "The *quick* brown [fox](https://x.test) jumps over `the` lazy dog -- 2 * 3 < 7 & so on.\n- one\n- two\n\n";
    through(&prose.repeat((1 << 17) / prose.len()));
    let word = "a".repeat(10 << 20);
    assert_eq!(read(&write(Dialect::Adf, Format::Markdown, &word)), word);
    let lines = "2 * 3 < 7\n".repeat(1 << 16);
    assert!(read(&write(Dialect::Adf, Format::Plain, &lines)).len() > lines.len());
    assert!(read_plain(&write(Dialect::Wiki, Format::Plain, &lines)).len() + 1 == lines.len());
}

#[test]
fn what_is_nested_is_bounded() {
    for unit in ["> ", "- ", "1. ", "> - ", "- [ ] ", "* > 1. "] {
        through(&format!("{}a", unit.repeat(5_000)));
        let quoted = |depth: usize| format!("{}a\n", unit.repeat(depth));
        through(&(0..300).map(quoted).collect::<String>());
    }
    let indented = |depth: usize| format!("{}- a\n", "  ".repeat(depth));
    through(&(0..500).map(indented).collect::<String>());
    let document = write(Dialect::Adf, Format::Markdown, &format!("{}deep", "- ".repeat(1000)));
    SCHEMA.validate(&document).unwrap();
    let text = document.to_string();
    assert!(text.contains("deep"));
    serde_json::from_str::<Value>(&text).expect("no deeper than readers of JSON go");
    through(&format!("{}{}", "*a **b ".repeat(10_000), "** *".repeat(10_000)));
    through(&format!("{}{}", "[".repeat(100_000), "](https://x.test)".repeat(50_000)));
    through(&format!("{}{}", "(".repeat(100_000), ")".repeat(100_000)));
    through(&(1..1500).map(|n| format!("{} a ", "`".repeat(n))).collect::<String>());
    through(&(1..800).map(|n| format!("[r{n}]: https://x.test/{n}\n[r{n}] ")).collect::<String>());
}

/// A header of many columns and many short rows: the parser fills the rows up.
#[test]
fn a_table_does_not_explode() {
    let columns = 3000;
    let table = format!("{}|\n{}|\n{}", "|a".repeat(columns), "|-".repeat(columns), "|b\n".repeat(3000));
    let document = write(Dialect::Adf, Format::Markdown, &table);
    assert!(document.to_string().len() < 100 * table.len());
    through(&table);
}

#[test]
fn documents_nested_deeper_than_anyone_writes() {
    // On a stack of its own: letting go of so deep a value is what takes most of it.
    let deep = || {
        for (kind, inner) in [
            ("blockquote", None),
            ("bulletList", Some("listItem")),
            ("panel", None),
            ("expand", None),
            ("taskList", None),
            ("unheardOf", None),
            ("table", Some("tableCell")),
        ] {
            let mut node = json!({"type": "paragraph", "content": [{"type": "text", "text": "deep"}]});
            let around = |kind: &str, content: Vec<Value>| {
                Value::Object(Map::from_iter([("type".into(), json!(kind)), ("content".into(), Value::Array(content))]))
            };
            for _ in 0..2000 {
                if let Some(inner) = inner {
                    node = around(inner, vec![node]);
                }
                node = around(kind, vec![node, json!({"type": "text", "text": "beside"})]);
            }
            let document = around("doc", vec![node]);
            let back = read(&document);
            assert!(back.contains("deep") && back.contains("beside"), "{kind}");
            assert!(read_plain(&document).contains("deep"), "{kind}");
            SCHEMA.validate(&write(Dialect::Adf, Format::Markdown, &back)).unwrap();
        }
    };
    std::thread::Builder::new().stack_size(64 << 20).spawn(deep).unwrap().join().unwrap();
}

/// A document's numbers are the sender's.
#[test]
fn numbers_that_are_too_large() {
    let cell = |colspan: Value, rowspan: Value| json!({"type": "tableCell", "attrs": {"colspan": colspan, "rowspan": rowspan}, "content": [{"type": "paragraph", "content": [{"type": "text", "text": "a"}]}]});
    let table = |cells: Vec<Value>| json!({"type": "table", "content": [{"type": "tableRow", "content": cells.clone()}, {"type": "tableRow", "content": cells}]});
    for huge in [json!(u64::MAX), json!(-1), json!(1e300), json!("x"), json!(null), json!([])] {
        let back = read(&table(vec![cell(huge.clone(), huge.clone()), cell(json!(1), huge.clone())]));
        assert!(back.len() < 10_000 && back.contains('a'), "{huge}");
        let list = json!({"type": "orderedList", "attrs": {"order": huge}, "content": [{"type": "listItem", "content": [{"type": "paragraph"}]}]});
        assert!(read(&list).len() < 100);
        for kind in [
            "date",
            "heading",
            "panel",
            "mention",
            "status",
            "emoji",
            "codeBlock",
            "inlineCard",
            "media",
            "text",
            "paragraph",
        ] {
            read(
                &json!({"type": kind, "attrs": {"timestamp": huge, "level": huge, "panelType": huge, "id": huge, "text": huge, "language": huge, "url": huge}, "text": huge, "content": huge, "marks": huge}),
            );
        }
    }
}

#[test]
fn what_is_no_document_is_read_as_nothing() {
    for value in [
        json!(null),
        json!(true),
        json!(7),
        json!({}),
        json!([]),
        json!([1, "a", null]),
        json!({"type": 1}),
        json!({"type": "doc", "content": "x"}),
    ] {
        assert!(read(&value).len() < 20, "{value}");
    }
    assert_eq!(read(&json!(null)), "");
}

#[test]
fn what_people_write_comes_back_as_it_is() {
    for text in [
        "שלום **עולם** שלום",
        "\u{202b}مرحبا\u{202c} `code` 123",
        "👩\u{200d}👩\u{200d}👧\u{200d}👦 🏳\u{fe0f}\u{200d}🌈 **👍🏽** e\u{301}",
        "日本語**強調**です",
        "Zalgo t̷̢̛e̵x̶t",
    ] {
        let document = super::adf(text);
        assert_eq!(crate::text::read_plain(&document), text.replace(['*', '`'], ""));
        super::stays(text);
    }
}

#[test]
fn control_characters_are_left_out_everywhere() {
    let bell = "a\u{7}\u{1b}[31m\u{0}\u{9b}b";
    for value in [
        write(Dialect::Adf, Format::Markdown, bell),
        write(Dialect::Wiki, Format::Plain, bell),
        json!({"type": "paragraph", "content": [{"type": "text", "text": bell, "marks": [{"type": "code"}]}]}),
        json!({"type": "codeBlock", "attrs": {"language": bell}, "content": [{"type": "text", "text": bell}]}),
        json!({"type": "paragraph", "content": [{"type": "status", "attrs": {"text": bell}}]}),
        json!({"type": "paragraph", "content": [{"type": "mention", "attrs": {"id": "1", "text": bell}}]}),
        json!({"type": "paragraph", "content": [{"type": "inlineCard", "attrs": {"url": bell}}]}),
        json!({"type": "expand", "attrs": {"title": bell}}),
        json!({"type": bell}),
        json!(bell),
    ] {
        let back = format!("{}{}", read(&value), read_plain(&value));
        assert!(!back.chars().any(|c| c.is_control() && c != '\n'), "{back:?}");
        assert!(!value.is_string() || back.contains("a"), "{back:?}");
    }
}
