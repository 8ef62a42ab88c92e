//! What holds for any text: made ones, since nobody writes all that can be written.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{check, read, stays};
use crate::text::{
    adf,
    model::{Block, Inline},
    wiki,
};

/// Pieces that mean something in Markdown, alone or together, and some that do not.
const PIECES: &[&str] = &[
    "a",
    "b",
    "foo",
    "bar",
    "é",
    "👩\u{200d}💻",
    "1",
    " ",
    " ",
    " ",
    "\n",
    "\n",
    "\n\n",
    "\n\n",
    "  ",
    "    ",
    "\t",
    "\\",
    "\\\n",
    "  \n",
    "*",
    "**",
    "***",
    "_",
    "__",
    "~",
    "~~",
    "~~~",
    "`",
    "``",
    "```",
    "```rust\n",
    "> ",
    ">",
    "- ",
    "* ",
    "+ ",
    "1. ",
    "2) ",
    "- [ ] ",
    "- [x] ",
    "[",
    "]",
    "(",
    ")",
    "](",
    "https://x.test/a",
    "<https://x.test/>",
    "<mia@example.com>",
    "[a](https://x.test)",
    "[@Mia](accountid:5b10)",
    "![i](https://x.test/i.png)",
    "[j](javascript:x)",
    "# ",
    "## ",
    "###",
    "#",
    "---",
    "***",
    "===",
    "|",
    "| a | b |\n| --- | --- |\n| c | d |\n",
    "| - |",
    ":",
    "-",
    "+",
    "=",
    "!",
    "<br>",
    "<b>",
    "</b>",
    "<!-- c -->",
    "<div>\n",
    "&amp;",
    "&#32;",
    "&nbsp;",
    "&",
    ";",
    "\u{a0}",
    "\u{2003}",
    "“",
    "”",
    "> [!NOTE]\n> ",
    "[r]: https://x.test\n",
    "[r]",
    ".",
    ",",
    "\"",
    "'",
    "{",
    "}",
    "$",
    "^",
];

fn markdown() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(PIECES), 0..40).prop_map(|pieces| pieces.concat())
}

/// Lines that are indented and marked as blocks in blocks are.
fn nested() -> impl Strategy<Value = String> {
    let prefix =
        prop::collection::vec(prop::sample::select(&["> ", "- ", "1. ", "  ", "   ", "- [x] ", "* ", "3. "][..]), 0..5);
    let body = prop::collection::vec(prop::sample::select(PIECES), 0..4);
    let line = (prefix, body).prop_map(|(prefix, body)| format!("{}{}", prefix.concat(), body.concat()));
    prop::collection::vec(line, 0..10).prop_map(|lines| lines.join("\n"))
}

/// Text that could be taken for anything.
fn tricky() -> impl Strategy<Value = String> {
    let piece = prop_oneof![4 => prop::sample::select(PIECES).prop_map(str::to_owned), 1 => any::<char>().prop_map(String::from)];
    prop::collection::vec(piece, 1..8).prop_map(|pieces| pieces.concat())
}

fn runs() -> impl Strategy<Value = Vec<Value>> {
    let marks = prop::sample::subsequence(vec!["em", "strong", "strike"], 0..=3);
    let link = prop::option::weighted(
        0.2,
        prop::sample::select(&["https://x.test/a", "https://x.test/(b", "mailto:mia@example.com"][..]),
    );
    let text = prop_oneof![1 => tricky(), 2 => prop::sample::select(&["a", "b", "foo bar", " ", "a ", " b", "(c)", "!", "_", "x_y"][..]).prop_map(str::to_owned)];
    let run = (text, marks, link, prop::bool::weighted(0.1)).prop_map(|(text, marks, link, code)| {
        let mut all: Vec<Value> = link.iter().map(|href| json!({"type": "link", "attrs": {"href": href}})).collect();
        if code {
            all.push(json!({"type": "code"}));
        } else {
            all.extend(marks.iter().map(|mark| json!({"type": mark})));
        }
        json!({"type": "text", "text": text, "marks": all})
    });
    let node = prop_oneof![
        12 => run,
        1 => Just(json!({"type": "hardBreak"})),
        1 => Just(json!({"type": "mention", "attrs": {"id": "5b10", "text": "@Mia [1]!"}})),
        1 => Just(json!({"type": "emoji", "attrs": {"shortName": ":grin:", "text": "😀"}})),
        1 => Just(json!({"type": "inlineCard", "attrs": {"url": "https://x.test/card"}})),
    ];
    prop::collection::vec(node, 0..6)
}

fn paragraph() -> impl Strategy<Value = Value> {
    runs().prop_map(|content| json!({"type": "paragraph", "content": content}))
}

fn blocks() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        4 => paragraph(),
        1 => (1..=6, runs()).prop_map(|(level, content)| json!({"type": "heading", "attrs": {"level": level}, "content": content})),
        1 => Just(json!({"type": "rule"})),
        1 => tricky().prop_map(|text| json!({"type": "codeBlock", "attrs": {"language": "rust"}, "content": [{"type": "text", "text": text}]})),
        1 => prop::collection::vec((any::<bool>(), runs()), 1..4).prop_map(|tasks| {
            let item = |(done, content): &(bool, Vec<Value>)| json!({"type": "taskItem", "attrs": {"localId": "x", "state": if *done { "DONE" } else { "TODO" }}, "content": content});
            json!({"type": "taskList", "attrs": {"localId": "l"}, "content": tasks.iter().map(item).collect::<Vec<_>>()})
        }),
        1 => (any::<bool>(), prop::collection::vec(prop::collection::vec(paragraph(), 1..3), 1..4)).prop_map(|(header, rows)| {
            let cell = |i: usize, p: &Value| json!({"type": if header && i == 0 { "tableHeader" } else { "tableCell" }, "content": [p]});
            let row = |(i, cells): (usize, &Vec<Value>)| json!({"type": "tableRow", "content": cells.iter().map(|p| cell(i, p)).collect::<Vec<_>>()});
            json!({"type": "table", "content": rows.iter().enumerate().map(row).collect::<Vec<_>>()})
        }),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        let item = prop::collection::vec(inner.clone(), 0..3);
        let items = prop::collection::vec(item, 1..4).prop_map(|items| {
            items.into_iter().map(|content| json!({"type": "listItem", "content": content})).collect::<Vec<_>>()
        });
        prop_oneof![
            items.clone().prop_map(|items| json!({"type": "bulletList", "content": items})),
            (0..12, items)
                .prop_map(|(order, items)| json!({"type": "orderedList", "attrs": {"order": order}, "content": items})),
            prop::collection::vec(inner.clone(), 1..3)
                .prop_map(|content| json!({"type": "blockquote", "content": content})),
            prop::collection::vec(inner, 1..3)
                .prop_map(|content| json!({"type": "panel", "attrs": {"panelType": "info"}, "content": content})),
        ]
    })
}

fn document() -> impl Strategy<Value = Value> {
    prop::collection::vec(blocks(), 0..5).prop_map(|content| json!({"type": "doc", "version": 1, "content": content}))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn markdown_that_was_read_stays_as_it_is(text in markdown()) {
        stays(&text);
    }

    #[test]
    fn nested_markdown_stays_as_it_is(text in nested()) {
        stays(&text);
    }

    /// Documents of others become Markdown that says the same: the way over Markdown ends where the direct way does.
    #[test]
    fn documents_of_others_are_read(document in document()) {
        let blocks = adf::read(&document);
        let back = read(&document);
        let (direct, over) = (adf::write(&without_empty_paragraphs(blocks)), super::adf(&back));
        prop_assert!(direct == over, "--- Markdown\n{back}\n--- direct\n{direct}\n--- over Markdown\n{over}");
        stays(&back);
    }

    /// Whatever stands in a text node comes back as that text: nothing in it becomes markup, nothing is lost.
    #[test]
    fn text_stays_text(content in runs()) {
        let document = json!({"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": content}]});
        let back = super::adf(&read(&document));
        prop_assert_eq!(shown(&back), shown(&document), "{}", read(&document));
    }

    /// The same for wiki markup.
    #[test]
    fn text_stays_text_in_wiki_markup(mut content in runs()) {
        // Names of the mentioned are not part of it.
        content.retain(|node| node["type"] != "mention");
        // A link of blanks in code shows its address.
        content.retain(|node| !node["text"].as_str().is_some_and(|text| text.trim().is_empty()));
        let blocks = adf::read(&json!({"type": "paragraph", "content": content}));
        let markup = wiki::write(&blocks);
        let back = wiki::read(&markup);
        prop_assert_eq!(text_of(&back), text_of(&blocks), "{}", markup);
    }

    #[test]
    fn plain_text_in_wiki_markup_is_read_back(text in tricky()) {
        let markup = super::write(super::Dialect::Wiki, super::Format::Plain, &text);
        let document = super::write(super::Dialect::Adf, super::Format::Plain, &text);
        prop_assert_eq!(shown(&markup), shown(&document), "{}", markup);
    }

    #[test]
    fn plain_text_is_read_back(text in "(?s).{0,60}") {
        let document = super::write(super::Dialect::Adf, super::Format::Plain, &text);
        check(&document);
        prop_assert_eq!(shown(&super::adf(&read(&document))), shown(&document));
    }
}

/// The text of paragraphs, without blanks; of anything else, that it is something else.
fn text_of(blocks: &[Block]) -> String {
    let text = |inline: &Inline| match inline {
        Inline::Text(run) => run.text.clone(),
        Inline::Mention(mention) => mention.text.clone(),
        Inline::Break => String::new(),
    };
    let block = |block: &Block| match block {
        Block::Paragraph(content) => content.iter().map(text).collect(),
        other => format!("{other:?}"),
    };
    blocks.iter().map(block).collect::<String>().chars().filter(|c| !c.is_whitespace()).collect()
}

/// What people see of a document, without blanks: those at edges are not kept.
fn shown(document: &Value) -> String {
    let plain = super::super::read_plain(document);
    plain.chars().filter(|c| !c.is_whitespace()).collect()
}

/// Markdown has no empty paragraphs.
fn without_empty_paragraphs(blocks: Vec<Block>) -> Vec<Block> {
    let kept = blocks.into_iter().filter(|b| !matches!(b, Block::Paragraph(content) if content.is_empty()));
    kept.map(|block| match block {
        Block::Quote(blocks) => Block::Quote(without_empty_paragraphs(blocks)),
        Block::Panel(kind, blocks) => Block::Panel(kind, without_empty_paragraphs(blocks)),
        Block::List { start, items } => {
            Block::List { start, items: items.into_iter().map(without_empty_paragraphs).collect() }
        }
        other => other,
    })
    .collect()
}
