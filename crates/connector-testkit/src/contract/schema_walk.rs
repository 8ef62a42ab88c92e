//! Walks JSON Schemas: every property through `$ref`, items and combinations, and pointers of values into schemas.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// What was found about one property or object of a schema.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Flaw {
    /// A property without a description; where.
    Undescribed(String),
    /// An object with known properties that takes unknown ones too; where.
    Open(String),
}

/// Follows a `$ref` into the same document.
pub(crate) fn resolve<'a>(root: &'a Value, schema: &'a Value) -> &'a Value {
    let mut at = schema;
    // A chain longer than this goes round.
    for _ in 0..32 {
        match at.get("$ref").and_then(Value::as_str).and_then(|r| r.strip_prefix('#')) {
            Some(pointer) => match root.pointer(pointer) {
                Some(next) => at = next,
                None => return at,
            },
            None => return at,
        }
    }
    at
}

const COMBINATIONS: [&str; 3] = ["anyOf", "oneOf", "allOf"];

/// Every flaw of a schema, each place once.
pub(crate) fn flaws(root: &Value) -> Vec<Flaw> {
    let mut walk = Walk { root, seen: BTreeSet::new(), flaws: BTreeSet::new() };
    walk.schema("", root, false);
    walk.flaws.into_iter().collect()
}

struct Walk<'a> {
    root: &'a Value,
    seen: BTreeSet<String>,
    flaws: BTreeSet<Flaw>,
}

impl<'a> Walk<'a> {
    /// `closed`: something around this schema refuses unknown properties already.
    fn schema(&mut self, at: &str, schema: &'a Value, closed: bool) {
        let Some(map) = schema.as_object() else { return };
        let closed = closed || map.get("unevaluatedProperties") == Some(&Value::Bool(false));
        if let Some(r) = map.get("$ref").and_then(Value::as_str) {
            // Each definition is walked once, under the first name it is met by.
            if self.seen.insert(r.to_owned()) {
                self.schema(at, resolve(self.root, schema), closed);
            }
        }
        if let Some(properties) = map.get("properties").and_then(Value::as_object) {
            self.object(at, map, properties, closed);
        }
        for key in COMBINATIONS {
            for part in map.get(key).and_then(Value::as_array).into_iter().flatten() {
                self.schema(at, part, closed);
            }
        }
        for (key, mark) in [("items", "[]"), ("additionalProperties", "{}"), ("contains", "[]")] {
            if let Some(inner) = map.get(key) {
                self.schema(&format!("{at}{mark}"), inner, false);
            }
        }
        for part in map.get("prefixItems").and_then(Value::as_array).into_iter().flatten() {
            self.schema(&format!("{at}[]"), part, false);
        }
    }

    fn object(&mut self, at: &str, map: &'a Map<String, Value>, properties: &'a Map<String, Value>, closed: bool) {
        let refuses = map.get("additionalProperties").is_some_and(|a| a != &Value::Bool(true));
        if !closed && !refuses {
            self.flaws.insert(Flaw::Open(if at.is_empty() { "(root)".into() } else { at.to_owned() }));
        }
        // An enum's variant `{"text": …}` is described as a whole.
        let as_a_whole = !at.is_empty() && properties.len() == 1 && described(map);
        for (name, property) in properties {
            let here = format!("{at}/{name}");
            if !as_a_whole && !self.is_described(property) {
                self.flaws.insert(Flaw::Undescribed(here.clone()));
            }
            self.schema(&here, property, false);
        }
    }

    fn is_described(&self, property: &'a Value) -> bool {
        let Some(map) = property.as_object() else { return false };
        // The tag of an enum says all by its name.
        if described(map) || map.contains_key("const") {
            return true;
        }
        if map.contains_key("$ref") {
            return resolve(self.root, property).as_object().is_some_and(described);
        }
        // `anyOf: [{$ref}, null]` is how an optional field of a described type looks.
        COMBINATIONS
            .iter()
            .filter_map(|k| map.get(*k)?.as_array())
            .flatten()
            .any(|part| part.get("$ref").is_some() && resolve(self.root, part).as_object().is_some_and(described))
    }
}

fn described(map: &Map<String, Value>) -> bool {
    map.get("description").and_then(Value::as_str).is_some_and(|d| !d.trim().is_empty())
}

/// The schema of what a JSON pointer into a value points at, if the schema knows the place.
pub(crate) fn at_pointer<'a>(root: &'a Value, pointer: &str) -> Option<&'a Value> {
    let mut at = root;
    for token in pointer.split('/').skip(1) {
        let token = token.replace("~1", "/").replace("~0", "~");
        at = step(root, at, &token, 0)?;
    }
    Some(resolve(root, at))
}

fn step<'a>(root: &'a Value, schema: &'a Value, token: &str, depth: u8) -> Option<&'a Value> {
    if depth > 16 {
        return None;
    }
    let schema = resolve(root, schema);
    if let Some(p) = schema.get("properties").and_then(|p| p.get(token)) {
        return Some(p);
    }
    if token.bytes().all(|b| b.is_ascii_digit())
        && let Some(items) = schema.get("items")
    {
        return Some(items);
    }
    COMBINATIONS
        .iter()
        .filter_map(|k| schema.get(*k)?.as_array())
        .flatten()
        .find_map(|part| step(root, part, token, depth + 1))
}

/// Whether a schema allows a JSON type, looking through `$ref` and combinations.
pub(crate) fn allows(root: &Value, schema: &Value, json_type: &str, depth: u8) -> bool {
    if depth > 16 {
        return false;
    }
    let schema = resolve(root, schema);
    match schema.get("type") {
        Some(Value::String(t)) => t == json_type,
        Some(Value::Array(list)) => list.iter().any(|t| t == json_type),
        _ => COMBINATIONS
            .iter()
            .filter_map(|k| schema.get(*k)?.as_array())
            .flatten()
            .any(|part| allows(root, part, json_type, depth + 1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_property_is_met_once() {
        let schema = json!({
            "type": "object", "additionalProperties": false,
            "properties": {
                "a": {"$ref": "#/$defs/A", "description": "x"},
                "b": {"anyOf": [{"$ref": "#/$defs/A"}, {"type": "null"}]},
                "c": {"type": "array", "items": {"properties": {"d": {"type": "string"}}, "additionalProperties": false}},
                "e": {"type": "string", "description": " "},
            },
            "$defs": {"A": {"description": "An A.", "properties": {"f": {}, "self": {"$ref": "#/$defs/A"}}}},
        });
        assert_eq!(
            flaws(&schema),
            [
                Flaw::Undescribed("/a/f".into()),
                Flaw::Undescribed("/c".into()),
                Flaw::Undescribed("/c[]/d".into()),
                Flaw::Undescribed("/e".into()),
                Flaw::Open("/a".into()),
            ]
        );
        assert!(at_pointer(&schema, "/c/0/d").is_some());
        assert!(at_pointer(&schema, "/b/self/f").is_some());
        assert!(at_pointer(&schema, "/x").is_none());
    }
}
