//! A request against the operation that it means: parameters, media type, body.

use serde_json::{Map, Value};

use super::{
    description::{Bodies, Description, Media, Operation, Parameter},
    finding::{Class, Finding, listed},
    fixture::{Body, Exchange},
    keywords, params,
    route::{Filled, Url},
    walk::{Direction, hold},
};

const MULTIPART: &str = "multipart/form-data";

/// Everything in which a request differs from what the operation takes.
pub(super) fn check(operation: &Operation<'_>, filled: &Filled, url: &Url<'_>, exchange: &Exchange) -> Vec<Finding> {
    let mut out = params::check(operation, filled, url, exchange);
    match operation.bodies() {
        Bodies::None if operation.description.is_bare => {}
        Bodies::None => {
            if !matches!(exchange.request.body, Body::Empty) {
                out.push(differs("request body: is sent, and none is described"));
            }
        }
        Bodies::Media { required, content } => media(operation, required, &content, exchange, &mut out),
        Bodies::Form { consumes, fields } => form(operation, &consumes, &fields, exchange, &mut out),
    }
    out
}

fn differs(text: impl Into<String>) -> Finding {
    Finding::new(Class::Differs, text)
}

fn media(
    operation: &Operation<'_>,
    required: bool,
    content: &[Media<'_>],
    exchange: &Exchange,
    out: &mut Vec<Finding>,
) {
    if matches!(exchange.request.body, Body::Empty) {
        if required {
            out.push(differs("request body: is required and not sent"));
        }
        return;
    }
    let Some(media) = exchange.request.media_type() else {
        return out.push(differs("request body: has no content type"));
    };
    let Some(described) = content.iter().find(|m| covers(m.name, &media)) else {
        let names = listed(content.iter().map(|m| m.name), 6);
        return out.push(differs(format!("request body: is {media}; described is {names}")));
    };
    let Some(schema) = described.schema else { return };
    let doc = operation.description;
    let mut body = |json: &Value| out.extend(judged(doc, described, "request body", json, Direction::Request));
    match &exchange.request.body {
        Body::Json(json) => body(json),
        Body::Form(pairs) => body(&object_of(doc, schema, pairs)),
        Body::Raw(text) if media == MULTIPART => {
            match parts(text, exchange.request.headers.get("content-type").map_or("", String::as_str)) {
                Some(names) => multipart(operation, schema, &names, out),
                None => out.push(differs("request body: is no multipart body with the boundary of its content type")),
            }
        }
        Body::Raw(text) if is_json(&media) => match serde_json::from_str(text) {
            Ok(json) => body(&json),
            Err(_) => out.push(differs("request body: is called JSON and is none")),
        },
        Body::Raw(text) if media.starts_with("text/") => body(&Value::from(text.as_str())),
        // Bytes have no properties.
        Body::Raw(_) | Body::Empty => {}
    }
}

/// Holds a body against what is described. Where the vendor's own example of it is at fault in the same way, the description
/// contradicts itself, and that is not held against us.
pub(super) fn judged(doc: &Description, media: &Media<'_>, what: &str, json: &Value, way: Direction) -> Vec<Finding> {
    let Some(schema) = media.schema else { return Vec::new() };
    let found = |body: &Value| -> Vec<Finding> {
        let all = hold(doc, schema, body, way).into_iter();
        all.filter_map(|f| Some(Finding::at(f.class(way)?, what, body, &f.at, &f.text))).collect()
    };
    let mut mine = found(json);
    if mine.iter().any(|f| f.class == Class::Differs) {
        let theirs: Vec<Finding> = media.examples(doc).iter().flat_map(found).collect();
        for f in mine.iter_mut().filter(|f| f.class == Class::Differs) {
            if theirs.iter().any(|t| t.text == f.text) {
                f.class = Class::Contradicted;
            }
        }
    }
    mine
}

/// A form as the object that its schema describes: repeated names are lists, texts become what the property's type says.
fn object_of(doc: &Description, schema: &Value, pairs: &[(String, String)]) -> Value {
    let mut map: Map<String, Value> = Map::new();
    let properties = doc.resolve(schema).get("properties");
    for (name, text) in pairs {
        let property = properties.and_then(|p| p.get(name)).map(|p| doc.resolve(p));
        let types = property.and_then(Value::as_object).map(keywords::types).unwrap_or_default();
        let scalar = serde_json::from_str::<Value>(text).ok().filter(|v| v.is_number() || v.is_boolean());
        let value = match scalar {
            Some(v) if !types.contains(&"string") => v,
            _ => Value::from(text.as_str()),
        };
        match map.get_mut(name) {
            Some(Value::Array(list)) => list.push(value),
            Some(first) => *first = Value::Array(vec![first.take(), value]),
            None if types.contains(&"array") => drop(map.insert(name.clone(), Value::Array(vec![value]))),
            None => drop(map.insert(name.clone(), value)),
        }
    }
    Value::Object(map)
}

/// OpenAPI 2.0's fields of a form; a service that also takes JSON takes the same names in it.
fn form(
    operation: &Operation<'_>,
    consumes: &[&str],
    fields: &[Parameter<'_>],
    exchange: &Exchange,
    out: &mut Vec<Finding>,
) {
    let given: Vec<(String, Value)> = match &exchange.request.body {
        Body::Empty => Vec::new(),
        Body::Json(Value::Object(map)) => map.iter().map(|(n, v)| (n.clone(), v.clone())).collect(),
        Body::Json(_) => return out.push(differs("request body: is no object of fields")),
        Body::Form(pairs) => pairs.iter().map(|(n, v)| (n.clone(), Value::from(v.as_str()))).collect(),
        Body::Raw(text) => match parts(text, exchange.request.headers.get("content-type").map_or("", String::as_str)) {
            Some(names) => names.into_iter().map(|n| (n, Value::from("{{part}}"))).collect(),
            None => return out.push(differs("request body: is no form")),
        },
    };
    if let Some(media) = exchange.request.media_type()
        && !matches!(exchange.request.body, Body::Empty)
        && !consumes.iter().any(|m| covers(m, &media))
    {
        out.push(differs(format!("request body: is {media}; described is {}", listed(consumes, 6))));
    }
    let credentials = exchange.request.headers.contains_key("authorization");
    let whole = Value::Object(given.iter().cloned().collect());
    for (name, value) in &given {
        let at = super::finding::join("", name);
        let Some(field) = fields.iter().find(|f| f.name == *name) else {
            let text = format!("is described nowhere; described are {}", listed(fields.iter().map(|f| f.name), 12));
            out.push(Finding::at(Class::Differs, "request body", &whole, &at, &text));
            continue;
        };
        // A form writes lists and objects as JSON in a text; in a JSON body they stand as they are.
        let is_text = operation.description.resolve(field.schema).get("type").and_then(Value::as_str) == Some("string");
        if is_text && (value.is_array() || value.is_object()) && field.words.contains("JSON") {
            continue;
        }
        let faults = match (&exchange.request.body, value.as_str()) {
            (Body::Json(_), _) | (_, None) => hold(operation.description, field.schema, value, Direction::Request),
            (_, Some(text)) => params::values(operation.description, field, &[text]),
        };
        for f in faults {
            let class = f.class(Direction::Request).unwrap_or(Class::Differs);
            out.push(Finding::at(class, "request body", &whole, &format!("{at}{}", f.at), &f.text));
        }
    }
    for field in fields.iter().filter(|f| f.required && !given.iter().any(|(n, _)| n == f.name)) {
        if !(credentials && field.name == "token") {
            out.push(differs(format!("request body: lacks `{}`", field.name)));
        }
    }
}

fn multipart(operation: &Operation<'_>, schema: &Value, names: &[String], out: &mut Vec<Finding>) {
    let schema = operation.description.resolve(schema);
    // A description may call the body a list of files and say the part's name in words alone.
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else { return };
    for name in names.iter().filter(|n| !properties.contains_key(*n)) {
        let text = format!("part `{name}` is described nowhere; described are {}", listed(properties.keys(), 12));
        out.push(differs(format!("request body: {text}")));
    }
    let required = schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    for name in required.filter(|r| !names.iter().any(|n| n == r)) {
        out.push(differs(format!("request body: lacks the part `{name}`")));
    }
}

/// The names of a multipart body's parts.
fn parts(text: &str, content_type: &str) -> Option<Vec<String>> {
    let boundary = content_type.split(';').find_map(|p| p.trim().strip_prefix("boundary="))?.trim_matches('"');
    let line = format!("--{boundary}");
    let mut pieces = text.split(&line);
    pieces.next()?;
    let mut names = Vec::new();
    for piece in pieces {
        if piece.starts_with("--") {
            return Some(names);
        }
        let head = piece.split("\r\n\r\n").next()?;
        let line = head.lines().find(|l| l.to_ascii_lowercase().starts_with("content-disposition:"))?;
        let name = line.split(';').find_map(|p| p.trim().strip_prefix("name="))?;
        names.push(name.trim_matches('"').to_owned());
    }
    None
}

/// Whether a described media type (`application/*`, `text/plain; charset=utf-8`) covers one that is sent.
pub(super) fn covers(described: &str, sent: &str) -> bool {
    let described = described.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match described.strip_suffix('*') {
        Some("*/") => true,
        Some(prefix) => sent.starts_with(prefix),
        None => described == sent,
    }
}

/// Whether a media type is JSON: `application/json`, `application/problem+json`.
pub(super) fn is_json(media: &str) -> bool {
    media == "application/json" || media.ends_with("+json")
}
