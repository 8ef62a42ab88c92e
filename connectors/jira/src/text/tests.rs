//! What all tests of texts share: Atlassian's schema, and the ways there and back.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod documents;
mod hostile;
mod pairs;
mod properties;
mod wiki;

use std::sync::LazyLock;

use serde_json::Value;

use super::{Dialect, Format, read, write};

/// The schema that Atlassian publishes; see `tests/README.md`.
const SCHEMA_TEXT: &str = include_str!("../../tests/adf.schema.json");

static SCHEMA: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
    let schema: Value = serde_json::from_str(SCHEMA_TEXT).unwrap();
    jsonschema::options().with_draft(jsonschema::Draft::Draft4).build(&schema).unwrap()
});

/// Fails when the document is none.
#[track_caller]
fn check(document: &Value) {
    if let Err(e) = SCHEMA.validate(document) {
        panic!("{} at {}: {document:#}", e, e.instance_path());
    }
    let text = document.to_string();
    assert!(!text.contains(r#""text":"""#), "an empty text node: {text}");
}

/// The document that Markdown makes, checked.
#[track_caller]
fn adf(markdown: &str) -> Value {
    let document = write(Dialect::Adf, Format::Markdown, markdown);
    check(&document);
    document
}

/// Markdown → ADF → Markdown → ADF: the two documents are the same.
#[track_caller]
fn stays(markdown: &str) {
    let first = adf(markdown);
    let back = read(&first);
    let second = adf(&back);
    assert!(
        first == second,
        "--- Markdown\n{markdown}\n--- back\n{back}\n--- and back\n{}\n--- first\n{first}\n--- second\n{second}",
        read(&second)
    );
}

#[test]
fn the_schema_refuses_what_it_should() {
    for refused in [
        serde_json::json!({"type": "doc", "version": 1, "content": [{"type": "text", "text": "a"}]}),
        serde_json::json!({"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": [{"type": "text", "text": ""}]}]}),
        serde_json::json!({"type": "doc", "version": 1, "content": [{"type": "blockquote", "content": [{"type": "rule"}]}]}),
    ] {
        assert!(!SCHEMA.is_valid(&refused), "{refused}");
    }
}
