//! What a schema says of a single value: type, enum, limits, pattern, format.

use regex::bytes::RegexBuilder;
use serde_json::{Map, Value};

use super::{
    finding::listed,
    walk::{Fault, Kind},
};

/// Whether `null` is allowed beside the type.
pub(super) fn is_nullable(s: &Map<String, Value>) -> bool {
    ["nullable", "x-nullable"].iter().any(|k| s.get(*k).and_then(Value::as_bool) == Some(true))
}

/// The types that a schema names.
pub(super) fn types(s: &Map<String, Value>) -> Vec<&str> {
    match s.get("type") {
        Some(Value::String(t)) => vec![t],
        Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).collect(),
        // Properties are an object's and items a list's; an author who leaves the type out means those.
        None if s.get("properties").is_some_and(Value::is_object) => vec!["object"],
        None if s.get("items").is_some_and(Value::is_object) => vec!["array"],
        _ => Vec::new(),
    }
}

/// Why a value is of another type than the schema's.
pub(super) fn type_fault(s: &Map<String, Value>, value: &Value, at: &str) -> Option<Fault> {
    let declared = types(s);
    if declared.is_empty() || declared.iter().any(|t| is_of(value, t)) {
        return None;
    }
    let wanted: Vec<String> = declared.iter().map(|t| with_article(t)).collect();
    let text = format!("is {}; described is {}", with_article(name_of(value)), wanted.join(" or "));
    Some(Fault::new(Kind::Wrong, at, text))
}

fn is_of(value: &Value, wanted: &str) -> bool {
    match wanted {
        "integer" => value.is_i64() || value.is_u64() || value.as_f64().is_some_and(|f| f.fract() == 0.0),
        "number" => value.is_number(),
        // The content of an uploaded file (OpenAPI 2.0) is text here.
        "string" | "file" => value.is_string(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "null" => value.is_null(),
        // A type that is no type of any version: nothing can be said.
        _ => true,
    }
}

fn name_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(n) if n.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

fn with_article(name: &str) -> String {
    match name {
        "null" => name.to_owned(),
        "integer" | "array" | "object" => format!("an {name}"),
        _ => format!("a {name}"),
    }
}

/// Checks what does not depend on any other schema.
pub(super) fn check(s: &Map<String, Value>, value: &Value, at: &str, out: &mut Vec<Fault>) {
    let mut wrong = |text: String| out.push(Fault::new(Kind::Wrong, at, text));
    if let Some(all) = s.get("enum").and_then(Value::as_array)
        && !all.iter().any(|v| same(v, value))
        && !is_placeholder(value)
    {
        let names: Vec<String> = all.iter().map(plain).collect();
        wrong(format!("`{}` is none of {}", plain(value), listed(names, 6)));
    }
    if let Some(only) = s.get("const").filter(|c| !same(c, value)) {
        wrong(format!("`{}` is not `{}`", plain(value), plain(only)));
    }
    match value {
        Value::String(text) if !is_placeholder(value) => string(s, text, at, out),
        Value::Number(n) => number(s, n.as_f64().unwrap_or_default(), &mut wrong),
        Value::Array(items) => {
            count(s, "items", "Items", items.len(), &mut wrong);
            let twice = |(i, item)| items.get(..i).is_some_and(|before: &[Value]| before.contains(item));
            if s.get("uniqueItems").and_then(Value::as_bool) == Some(true) && items.iter().enumerate().any(twice) {
                wrong("holds an item twice; described are unique ones".into());
            }
        }
        Value::Object(map) => count(s, "properties", "Properties", map.len(), &mut wrong),
        _ => {}
    }
}

/// Whether a text stands for something that is filled in later: a secret, an idempotency key.
fn is_placeholder(value: &Value) -> bool {
    value.as_str().is_some_and(|t| t.contains("{{"))
}

/// Equal, with `1` and `1.0` the same.
fn same(a: &Value, b: &Value) -> bool {
    a == b || matches!((a.as_f64(), b.as_f64()), (Some(x), Some(y)) if x.total_cmp(&y).is_eq())
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn count(s: &Map<String, Value>, what: &str, suffix: &str, count: usize, wrong: &mut impl FnMut(String)) {
    let limit = |edge: &str| s.get(&format!("{edge}{suffix}")).and_then(Value::as_u64);
    let count = count as u64;
    if let Some(min) = limit("min").filter(|m| count < *m) {
        wrong(format!("has {count} {what}; at least {min} are described"));
    }
    if let Some(max) = limit("max").filter(|m| count > *m) {
        wrong(format!("has {count} {what}; at most {max} are described"));
    }
}

fn number(s: &Map<String, Value>, n: f64, wrong: &mut impl FnMut(String)) {
    for (key, exclusive, low) in [("minimum", "exclusiveMinimum", true), ("maximum", "exclusiveMaximum", false)] {
        let strict = s.get(exclusive);
        let limits = [
            // `exclusiveMinimum: true` sharpens `minimum` until 3.0; in 3.1 it is a limit of its own.
            (s.get(key).and_then(Value::as_f64), strict.and_then(Value::as_bool) == Some(true)),
            (strict.and_then(Value::as_f64), true),
        ];
        for (limit, strict) in limits {
            let Some(limit) = limit else { continue };
            let beyond = if low { n < limit } else { n > limit };
            if beyond || strict && n.total_cmp(&limit).is_eq() {
                wrong(format!("{n} is beyond the described {key} of {limit}"));
            }
        }
    }
    if let Some(step) = s.get("multipleOf").and_then(Value::as_f64).filter(|s| *s > 0.0)
        && ((n / step) - (n / step).round()).abs() > 1e-9
    {
        wrong(format!("{n} is no multiple of {step}"));
    }
    if s.get("format").and_then(Value::as_str) == Some("int32") && n.abs() > f64::from(i32::MAX) {
        wrong(format!("{n} does not fit the described 32 bits"));
    }
}

fn string(s: &Map<String, Value>, text: &str, at: &str, out: &mut Vec<Fault>) {
    count(s, "characters", "Length", text.chars().count(), &mut |t| out.push(Fault::new(Kind::Wrong, at, t)));
    if let Some(pattern) = s.get("pattern").and_then(Value::as_str) {
        match matches(pattern, text) {
            Some(true) => {}
            Some(false) => out.push(Fault::new(Kind::Wrong, at, format!("`{text}` does not match `{pattern}`"))),
            None => {
                out.push(Fault::new(Kind::Unchecked, at, format!("the pattern `{pattern}` cannot be checked here")))
            }
        }
    }
    if let Some(format) = s.get("format").and_then(Value::as_str)
        && !has_format(format, text)
    {
        out.push(Fault::new(Kind::Wrong, at, format!("`{text}` is no {format}")));
    }
}

/// Whether a text matches an ECMA 262 pattern; `None` for one that this engine does not know (look-around).
pub(super) fn matches(pattern: &str, text: &str) -> Option<bool> {
    // `\d` is ASCII in ECMA 262, as it is over bytes.
    Some(RegexBuilder::new(pattern).unicode(false).build().ok()?.is_match(text.as_bytes()))
}

/// The formats that can be told by their form; any other is taken as it is.
fn has_format(format: &str, text: &str) -> bool {
    let digits = |t: &str, n: usize| t.len() == n && t.bytes().all(|b| b.is_ascii_digit());
    let date = |t: &str| {
        let parts: Vec<&str> = t.split('-').collect();
        matches!(parts.as_slice(), [y, m, d] if digits(y, 4) && digits(m, 2) && digits(d, 2))
    };
    match format {
        "date" => date(text),
        // Vendors write offsets without a colon and blanks for the `T`; what matters is that it is a time at all.
        "date-time" => {
            let (day, time) = text.split_once(['T', 't', ' ']).unwrap_or((text, ""));
            date(day) && time.get(..2).is_some_and(|h| digits(h, 2)) && time.contains(':')
        }
        "uuid" => {
            let parts: Vec<usize> = text.split('-').map(str::len).collect();
            parts == [8, 4, 4, 4, 12] && text.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')
        }
        "email" => text.contains('@'),
        // Many are relative to the service.
        "uri" | "url" => !text.contains(char::is_whitespace),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    fn faults(schema: Value, value: &Value) -> Vec<String> {
        let s = schema.as_object().unwrap();
        let mut out: Vec<Fault> = type_fault(s, value, "").into_iter().collect();
        if out.is_empty() {
            check(s, value, "", &mut out);
        }
        out.into_iter().map(|f| f.text).collect()
    }

    #[test]
    fn each_keyword_is_checked() {
        for (schema, good, bad, text) in [
            (json!({"type": "integer"}), json!(2.0), json!(2.5), "is a number; described is an integer"),
            (json!({"type": ["null", "string"]}), json!(null), json!(1), "described is null or a string"),
            (json!({"properties": {"a": {}}}), json!({}), json!("x"), "is a string; described is an object"),
            (json!({"enum": ["a", 1]}), json!(1.0), json!("b"), "`b` is none of `a`, `1`"),
            (json!({"enum": ["a"]}), json!("{{secret.x}}"), json!(null), "`null` is none of `a`"),
            (json!({"const": true}), json!(true), json!(false), "`false` is not `true`"),
            (json!({"minLength": 2}), json!("äö"), json!("ä"), "has 1 characters; at least 2"),
            (json!({"maxItems": 1}), json!([1]), json!([1, 2]), "has 2 items; at most 1"),
            (json!({"uniqueItems": true}), json!([1, 2]), json!([1, 1]), "holds an item twice"),
            (json!({"minProperties": 1}), json!({"a": 1}), json!({}), "has 0 properties"),
            (json!({"minimum": 1}), json!(1), json!(0), "0 is beyond the described minimum of 1"),
            (json!({"minimum": 1, "exclusiveMinimum": true}), json!(2), json!(1), "1 is beyond"),
            (json!({"exclusiveMaximum": 3}), json!(2), json!(3), "beyond the described maximum of 3"),
            (json!({"multipleOf": 0.1}), json!(0.3), json!(0.35), "no multiple of 0.1"),
            (json!({"format": "int32"}), json!(5), json!(5_000_000_000_i64), "32 bits"),
            (json!({"pattern": "^\\d{2}$"}), json!("12"), json!("١٢"), "does not match"),
            (json!({"pattern": "a(?=b)"}), json!(1), json!("ab"), "cannot be checked"),
            (json!({"format": "date"}), json!("2026-01-01"), json!("01.01.2026"), "is no date"),
            (
                json!({"format": "date-time"}),
                json!("2026-01-01T12:00:00.000+0000"),
                json!("2026-01-01"),
                "is no date-time",
            ),
            (json!({"format": "uuid"}), json!("11223344-a1b2-3b33-c444-def123456789"), json!("1"), "is no uuid"),
            (json!({"format": "email"}), json!("a@b.example"), json!("a"), "is no email"),
            (json!({"format": "uri"}), json!("/a?b=c"), json!("a b"), "is no uri"),
            (json!({"type": "file", "format": "unheard-of"}), json!("x"), json!(1), "described is a file"),
        ] {
            assert_eq!(faults(schema.clone(), &good), [""; 0], "{schema}");
            let found = faults(schema.clone(), &bad);
            assert!(found.len() == 1 && found.iter().all(|f| f.contains(text)), "{schema}: {found:?}");
        }
    }
}
