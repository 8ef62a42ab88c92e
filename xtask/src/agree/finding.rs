//! What a comparison finds: its classes, its texts, and the form that an explanation matches.

use serde::Serialize;
use serde_json::Value;

/// What a finding means for the action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Class {
    /// What is sent, or what the fixture answers, is not what the vendor describes.
    Differs,
    /// No description has this endpoint. A path that was mistyped looks the same, so it wants an explanation too.
    Undescribed,
    /// An answer lacks what the description always sends: an abridged copy, which proves less.
    Abridged,
    /// A property beyond those that the description names: in an answer, or where it lets a request send any.
    Extra,
    /// An answer of a status that the description leaves out.
    Status,
    /// An answer that is broken on purpose.
    Deliberate,
    /// A request to an address that the service itself gave in an earlier answer.
    Elsewhere,
    /// A difference that the vendor's own example has, too: the description contradicts itself.
    Contradicted,
    /// Something that the description says and this tool cannot check.
    Unchecked,
}

impl Class {
    /// Whether it must be mended or explained.
    pub(super) fn is_hard(self) -> bool {
        matches!(self, Self::Differs | Self::Undescribed)
    }

    /// What the report calls it.
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Differs => "differs",
            Self::Undescribed => "not described there",
            Self::Abridged => "abridged",
            Self::Extra => "extra",
            Self::Status => "status not described",
            Self::Deliberate => "broken on purpose",
            Self::Elsewhere => "address given by the service",
            Self::Contradicted => "differs, as the vendor's own example does",
            Self::Unchecked => "not checked",
        }
    }
}

/// One thing that was found at one place of one exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Finding {
    pub(super) class: Class,
    /// What was found. It names no fixture, and positions in lists are `*`, so that the same thing found twice reads the same.
    pub(super) text: String,
    /// The JSON pointer in the body, exact; empty for what is no body.
    pub(super) pointer: String,
}

impl Finding {
    pub(super) fn new(class: Class, text: impl Into<String>) -> Self {
        Self { class, text: text.into(), pointer: String::new() }
    }

    /// A finding in a body, `what` such as `request body`.
    pub(super) fn at(class: Class, what: &str, body: &Value, pointer: &str, text: &str) -> Self {
        let general = general(body, pointer);
        let gap = if general.is_empty() { "" } else { " " };
        Self { class, text: format!("{what}{gap}{general}: {text}"), pointer: pointer.to_owned() }
    }
}

/// A pointer with `*` for the positions in lists.
fn general(body: &Value, pointer: &str) -> String {
    let mut out = String::new();
    let mut here = Some(body);
    for segment in pointer.split('/').skip(1) {
        let plain = segment.replace("~1", "/").replace("~0", "~");
        let list = here.is_some_and(Value::is_array);
        out.push('/');
        out.push_str(if list { "*" } else { segment });
        here = here.and_then(|v| match v {
            Value::Array(items) => items.get(plain.parse::<usize>().ok()?),
            other => other.get(&plain),
        });
    }
    out
}

/// A pointer one step further.
pub(super) fn join(pointer: &str, key: &str) -> String {
    format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"))
}

/// Names as `a`, `b` and 3 more.
pub(super) fn listed<S: AsRef<str>>(names: impl IntoIterator<Item = S>, most: usize) -> String {
    let all: Vec<String> = names.into_iter().map(|n| format!("`{}`", n.as_ref())).collect();
    if all.is_empty() {
        return "none".into();
    }
    if all.len() <= most + 1 {
        return all.join(", ");
    }
    format!("{} and {} more", all.get(..most).unwrap_or_default().join(", "), all.len() - most)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn texts_are_the_same_for_every_position() {
        let body = json!({"a": [{"b/c": 1}, {"b/c": 2}], "0": {"x": 1}});
        let text = |p: &str| Finding::at(Class::Differs, "request body", &body, p, "is odd").text;
        assert_eq!(text("/a/1/b~1c"), "request body /a/*/b~1c: is odd");
        assert_eq!(text("/0/x"), "request body /0/x: is odd");
        assert_eq!(text(""), "request body: is odd");
        assert_eq!(join("/a", "b/c~"), "/a/b~1c~0");
        assert_eq!(listed(["a", "b", "c", "d"], 2), "`a`, `b` and 2 more");
        assert_eq!(listed(["a", "b", "c"], 2), "`a`, `b`, `c`");
    }
}
