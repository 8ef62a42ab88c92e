//! Nodes of ADF that hold no text of their own, as text: dates, cards, files, emoji.
//!
//! What lives here: what is shown for each. What must not: the walk through a document.

use connector_core::Timestamp;
use serde_json::Value;

/// An attribute that is text and not empty.
pub(super) fn attr<'a>(node: &'a Value, name: &str) -> Option<&'a str> {
    node.get("attrs")?.get(name)?.as_str().filter(|text| !text.is_empty())
}

/// The date of a `date` node, as ISO 8601. Its time is in milliseconds, as text or as a number.
pub(super) fn date(node: &Value) -> String {
    let value = node.pointer("/attrs/timestamp");
    let millis = value.and_then(|v| v.as_i64().or_else(|| v.as_str()?.parse().ok()));
    let date = millis.and_then(|ms| Timestamp::from_millisecond(ms).ok()).map(|t| t.to_string());
    match date.as_deref().and_then(|d| d.split_once('T')) {
        Some((day, _)) => day.to_owned(),
        None => "(date)".to_owned(),
    }
}

/// What a card leads to: its address, and its name if it brings its data.
pub(super) fn card(node: &Value) -> (Option<&str>, Option<&str>) {
    let data = |name: &str| node.pointer("/attrs/data")?.get(name)?.as_str();
    (attr(node, "url").or_else(|| data("url")), data("name").or_else(|| data("title")))
}

/// A file, an image or a video: an address where it has one, and what is shown for it.
pub(super) fn media(node: &Value) -> (Option<&str>, String) {
    let name = attr(node, "alt").or_else(|| attr(node, "__fileName"));
    let url = attr(node, "url");
    let shown = match (name, url, attr(node, "id")) {
        (Some(name), Some(_), _) => name.to_owned(),
        (Some(name), None, _) => format!("(attachment: {name})"),
        (None, Some(url), _) => url.to_owned(),
        (None, None, Some(id)) => format!("(attachment {id})"),
        (None, None, None) => "(attachment)".to_owned(),
    };
    (url, shown)
}

/// An emoji: the character itself, or its name between colons.
pub(super) fn emoji(node: &Value) -> &str {
    attr(node, "text").or_else(|| attr(node, "shortName")).unwrap_or("(emoji)")
}

/// What stands for a node that is not known and holds nothing that is.
pub(super) fn unknown(node: &Value) -> String {
    let kind = node.get("type").and_then(Value::as_str).unwrap_or("unknown");
    let name = attr(node, "title").or_else(|| attr(node, "extensionKey")).or_else(|| attr(node, "resourceId"));
    let short = |text: &str| text.chars().take(100).collect::<String>();
    match name {
        Some(name) => format!("({}: {})", short(kind), short(name)),
        None => format!("({})", short(kind)),
    }
}
