//! Documents of others: the nodes that Markdown has no words for, and anything that Atlassian's schema allows.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{SCHEMA_TEXT, check, read, stays};
use crate::text::read_plain;

#[track_caller]
fn reads(content: Value, markdown: &str) {
    let document = json!({"type": "doc", "version": 1, "content": content});
    check(&document);
    assert_eq!(read(&document), markdown);
    stays(markdown);
}

fn p(content: Value) -> Value {
    json!({"type": "paragraph", "content": content})
}

fn pt(text: &str) -> Value {
    p(json!([{"type": "text", "text": text}]))
}

/// The example of <https://developer.atlassian.com/cloud/jira/platform/apis/document/structure/>, and of the REST description.
#[test]
fn examples_of_the_vendor() {
    reads(
        json!([p(
            json!([{"type": "text", "text": "Hello "}, {"type": "text", "text": "world", "marks": [{"type": "strong"}]}])
        )]),
        "Hello **world**",
    );
    let lorem = "Lorem ipsum dolor sit amet, consectetur adipiscing elit. Pellentesque eget venenatis elit.";
    reads(json!([pt(lorem)]), lorem);
}

#[test]
fn inline_nodes() {
    reads(json!([p(json!([{"type": "date", "attrs": {"timestamp": "1582152559000"}}]))]), "2020-02-19");
    reads(json!([p(json!([{"type": "date", "attrs": {"timestamp": "soon"}}]))]), "(date)");
    reads(
        json!([p(
            json!([{"type": "status", "attrs": {"text": "In Progress", "color": "blue", "localId": "a"}}, {"type": "text", "text": "."}])
        )]),
        "In Progress.",
    );
    reads(
        json!([p(
            json!([{"type": "emoji", "attrs": {"shortName": ":grinning:", "text": "😀"}}, {"type": "emoji", "attrs": {"shortName": ":parrot:"}}])
        )]),
        "😀:parrot:",
    );
    reads(
        json!([p(json!([{"type": "inlineCard", "attrs": {"url": "https://example.atlassian.net/browse/ENG-1"}}]))]),
        "<https://example.atlassian.net/browse/ENG-1>",
    );
    reads(
        json!([p(json!([{"type": "inlineCard", "attrs": {"data": {"url": "https://x.test/a", "name": "The page"}}}]))]),
        "[The page](https://x.test/a)",
    );
    reads(
        json!([p(
            json!([{"type": "mention", "attrs": {"id": "5b10ac8d82e05b22cc7d4ef5", "text": "@Mia", "accessLevel": ""}}, {"type": "mention", "attrs": {"id": "a b", "text": "@group"}}])
        )]),
        "[@Mia](accountid:5b10ac8d82e05b22cc7d4ef5)@group",
    );
    reads(json!([p(json!([{"type": "placeholder", "attrs": {"text": "Type here"}}]))]), "Type here");
    reads(
        json!([p(json!([{"type": "mediaInline", "attrs": {"id": "6e7c7f2c", "collection": "c", "alt": "a.pdf"}}]))]),
        "(attachment: a.pdf)",
    );
    reads(
        json!([p(json!([{"type": "inlineExtension", "attrs": {"extensionType": "com.x", "extensionKey": "toc"}}]))]),
        "(inlineExtension: toc)",
    );
    reads(
        json!([p(json!([
            {"type": "text", "text": "a", "marks": [{"type": "underline"}, {"type": "textColor", "attrs": {"color": "#97a0af"}}]},
            {"type": "text", "text": "2", "marks": [{"type": "subsup", "attrs": {"type": "sup"}}]},
            {"type": "text", "text": " b", "marks": [{"type": "link", "attrs": {"href": "/browse/ENG-1"}}]},
        ]))]),
        "a2 b (/browse/ENG-1)",
    );
}

#[test]
fn block_nodes() {
    reads(json!([{"type": "panel", "attrs": {"panelType": "success"}, "content": [pt("a")]}]), "> [!TIP]\n> a");
    reads(
        json!([{"type": "panel", "attrs": {"panelType": "custom", "panelColor": "#fff"}, "content": [pt("a")]}]),
        "> a",
    );
    reads(
        json!([{"type": "expand", "attrs": {"title": "More"}, "content": [pt("a"), {"type": "nestedExpand", "attrs": {}, "content": [pt("b")]}]}]),
        "**More**\n\na\n\nb",
    );
    reads(
        json!([{"type": "blockCard", "attrs": {"url": "https://x.test"}}, {"type": "embedCard", "attrs": {"url": "https://y.test", "layout": "wide"}}]),
        "<https://x.test>\n\n<https://y.test>",
    );
    reads(
        json!([{"type": "mediaSingle", "attrs": {"layout": "center"}, "content": [
            {"type": "media", "attrs": {"type": "file", "id": "4478e39c", "collection": "c", "alt": "shot.png"}},
            {"type": "caption", "content": [{"type": "text", "text": "Before"}]},
        ]}, {"type": "mediaGroup", "content": [{"type": "media", "attrs": {"type": "file", "id": "1f", "collection": ""}}]},
        {"type": "mediaSingle", "content": [{"type": "media", "attrs": {"type": "external", "url": "https://x.test/i.png", "alt": "i"}}]}]),
        "(attachment: shot.png)\n\nBefore\n\n(attachment 1f)\n\n[i](https://x.test/i.png)",
    );
    reads(
        json!([{"type": "decisionList", "attrs": {"localId": "l"}, "content": [
            {"type": "decisionItem", "attrs": {"localId": "i", "state": "DECIDED"}, "content": [{"type": "text", "text": "Rust"}]},
        ]}]),
        "- Decision: Rust",
    );
    reads(
        json!([{"type": "taskList", "attrs": {"localId": "l"}, "content": [
            {"type": "taskItem", "attrs": {"localId": "1", "state": "DONE"}, "content": [{"type": "text", "text": "a"}]},
            {"type": "taskList", "attrs": {"localId": "m"}, "content": [{"type": "taskItem", "attrs": {"localId": "2", "state": "TODO"}}]},
            {"type": "blockTaskItem", "attrs": {"localId": "3", "state": "TODO"}, "content": [pt("b"), pt("c")]},
        ]}]),
        "- [x] a\n  - [ ] &#32;\n- [ ] b\n\nc",
    );
    reads(
        json!([{"type": "layoutSection", "content": [
            {"type": "layoutColumn", "attrs": {"width": 50}, "content": [pt("left")]}, {"type": "layoutColumn", "attrs": {"width": 50}, "content": [pt("right")]},
        ]}, {"type": "extension", "attrs": {"extensionType": "com.x", "extensionKey": "chart", "text": "Burndown"}},
        {"type": "bodiedExtension", "attrs": {"extensionType": "com.x", "extensionKey": "box"}, "content": [pt("in a box")]}]),
        "left\n\nright\n\nBurndown\n\nin a box",
    );
    assert_eq!(read(&json!({"type": "hologram", "content": [pt("seen"), {"type": "ray"}]})), "seen\n\n(ray)");
}

#[test]
fn tables_of_the_editor() {
    let cell = |kind: &str, attrs: Value, text: &str| json!({"type": kind, "attrs": attrs, "content": [pt(text)]});
    let row = |cells: Value| json!({"type": "tableRow", "content": cells});
    reads(
        json!([{"type": "table", "attrs": {"isNumberColumnEnabled": false, "layout": "default"}, "content": [
            row(json!([cell("tableHeader", json!({"colspan": 2}), "a"), cell("tableHeader", json!({}), "b")])),
            row(json!([cell("tableHeader", json!({"rowspan": 2}), "c"), cell("tableCell", json!({}), "d"), cell("tableCell", json!({}), "e")])),
            row(json!([cell("tableCell", json!({}), "f"), cell("tableCell", json!({}), "g")])),
        ]}]),
        "| a |  | b |\n| --- | --- | --- |\n| c | d | e |\n|  | f | g |",
    );
    reads(
        json!([{"type": "table", "content": [row(json!([{"type": "tableCell", "content": [
            {"type": "heading", "attrs": {"level": 2}, "content": [{"type": "text", "text": "h"}]},
            {"type": "bulletList", "content": [{"type": "listItem", "content": [pt("x"), pt("y")]}]},
            {"type": "codeBlock", "content": [{"type": "text", "text": "a | b\nc"}]},
        ]}]))]}]),
        "|  |\n| --- |\n| **h**<br>- x<br>\u{2003}y<br>`a \\| b`<br>`c` |",
    );
}

/// Plain text keeps what lists, quotations and tables need, and nothing else.
#[test]
fn documents_as_plain_text() {
    let document = super::adf(
        "# Title\n\n**a** [b](https://x.test) `c*` \\*\n\n- [x] d\n- [ ] e\n\n1. f\n   - g\n\n> h\\\n> i\n\n```rust\nlet j;\n```\n\n| k | l |\n| - | - |\n| m | n |\n\n> [!NOTE]\n> o",
    );
    assert_eq!(
        read_plain(&document),
        "Title\n\na b (https://x.test) c* *\n\n- [x] d\n- [ ] e\n\n1. f\n   - g\n\n> h\n> i\n\nlet j;\n\nk | l\nm | n\n\n> Note:\n> o"
    );
}

/// Makes documents from the schema itself: whatever it allows, some time.
struct Maker<'a> {
    definitions: &'a Map<String, Value>,
    choices: std::vec::IntoIter<u8>,
    /// How many words were made; each text node has one of its own.
    words: usize,
}

impl Maker<'_> {
    /// A number below `n`; 0 once the choices are used up, so that documents end.
    fn choose(&mut self, n: usize) -> usize {
        self.choices.next().map_or(0, |choice| usize::from(choice) % n)
    }

    fn make(&mut self, schema: &Value, depth: usize) -> Value {
        if let Some(name) = schema.get("$ref").and_then(Value::as_str) {
            return self.make(&self.definitions[name.rsplit('/').next().unwrap()], depth);
        }
        if let Some(values) = schema.get("enum").and_then(Value::as_array) {
            return values[self.choose(values.len())].clone();
        }
        if let Some(any) = schema.get("anyOf").and_then(Value::as_array) {
            // What can end is last chosen from when it is deep: paragraphs and text hold no blocks.
            let leaf = |s: &&Value| {
                ["paragraph_with_no_marks", "formatted_text", "rule", "text"].iter().any(|l| s.to_string().contains(l))
            };
            let shallow: Vec<&Value> = any.iter().filter(leaf).collect();
            if depth > 40 && !shallow.is_empty() {
                return self.make(shallow[0], depth);
            }
            let at = self.choose(any.len());
            return self.make(&any[at], depth);
        }
        if let Some(all) = schema.get("allOf").and_then(Value::as_array) {
            let mut merged = Map::new();
            for part in all {
                if let Value::Object(made) = self.make(part, depth) {
                    merged.extend(made);
                }
            }
            return Value::Object(merged);
        }
        match schema.get("type").and_then(Value::as_str) {
            Some("object") => self.object(schema, depth),
            Some("array") => {
                let least = schema.get("minItems").and_then(Value::as_u64).unwrap_or(0) as usize;
                let most = schema.get("maxItems").and_then(Value::as_u64).map_or(3, |most| most as usize);
                let count = (least + self.choose(5)).min(most.max(least));
                let item = |i: usize| match &schema["items"] {
                    Value::Array(each) => each[i.min(each.len() - 1)].clone(),
                    one => one.clone(),
                };
                (0..count).map(|i| self.make(&item(i), depth + 1)).collect()
            }
            Some("string") => match schema.get("pattern").and_then(Value::as_str) {
                Some(_) => json!("#97a0af"),
                None => json!(
                    ["a", "x*y", "https://x.test/a", "1582152559000", "[", ""]
                        [self.choose(if schema.get("minLength").is_some() { 5 } else { 6 })]
                ),
            },
            Some("number" | "integer") => json!(schema.get("minimum").and_then(Value::as_i64).unwrap_or(1)),
            Some("boolean") => json!(self.choose(2) == 1),
            _ => json!({}),
        }
    }

    fn object(&mut self, schema: &Value, depth: usize) -> Value {
        let required = schema.get("required").and_then(Value::as_array);
        let mut made = Map::new();
        for (name, property) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
            let needed = required.is_some_and(|r| r.contains(&json!(name)));
            if needed || name == "content" || self.choose(2) == 1 {
                made.insert(name.clone(), self.make(property, depth + 1));
            }
        }
        if made.get("type") == Some(&json!("text")) {
            self.words += 1;
            made.insert("text".into(), json!(format!("w{}e ", self.words)));
        }
        Value::Object(made)
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever the schema allows is read: no text in it is lost, and what comes out is Markdown that stays as it is.
    #[test]
    fn whatever_the_schema_allows_is_read(choices in prop::collection::vec(any::<u8>(), 500..2000)) {
        let schema: Value = serde_json::from_str(SCHEMA_TEXT).unwrap();
        let mut maker = Maker { definitions: schema["definitions"].as_object().unwrap(), choices: choices.into_iter(), words: 0 };
        let document = maker.make(&schema["definitions"]["doc_node"], 0);
        let (markdown, plain) = (read(&document), read_plain(&document));
        for word in &words(&document) {
            prop_assert!(markdown.contains(word.as_str()), "{word} is not in the Markdown of {document:#}\n{markdown}");
            prop_assert!(plain.contains(word.as_str()), "{word} is not in the text of {document:#}\n{plain}");
        }
        stays(&markdown);
    }
}

/// The words in the text nodes of a document.
fn words(node: &Value) -> Vec<String> {
    match node {
        Value::Object(fields) if fields.get("type") == Some(&json!("text")) => {
            fields.get("text").and_then(Value::as_str).iter().map(|text| text.trim().to_owned()).collect()
        }
        Value::Object(fields) => fields.get("content").map(words).unwrap_or_default(),
        Value::Array(nodes) => nodes.iter().flat_map(words).collect(),
        _ => Vec::new(),
    }
}
