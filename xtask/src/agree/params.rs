//! Parameters: texts in a path, a query, a header or a form, held against schemas of typed values.

use serde_json::Value;

use super::{
    description::{Description, Operation, Parameter, Place, Style},
    finding::{Class, Finding, listed},
    fixture::Exchange,
    keywords,
    route::{Filled, Url},
    walk::{Direction, Fault, hold},
};
use crate::encoding::form;

/// Headers that OpenAPI 3 says a description of parameters may not speak of: they come with the media types and the security.
const SPOKEN_FOR: &[&str] = &["accept", "content-type", "authorization"];

/// Holds path, query and headers of a request against an operation.
pub(super) fn check(operation: &Operation<'_>, filled: &Filled, url: &Url<'_>, exchange: &Exchange) -> Vec<Finding> {
    let all = operation.parameters();
    let doc = operation.description;
    let mut out = Vec::new();
    for p in all.iter().filter(|p| p.place == Place::Path) {
        for (_, value) in filled.iter().filter(|(name, _)| name == p.name) {
            report(&mut out, &format!("path parameter `{}`", p.name), text_faults(doc, p.schema, value));
        }
    }
    let credentials = exchange.request.headers.contains_key("authorization");
    query(doc, &all, url, credentials, &mut out);
    for p in all.iter().filter(|p| p.place == Place::Header) {
        let name = p.name.to_ascii_lowercase();
        match exchange.request.headers.get(&name) {
            Some(value) => report(&mut out, &format!("header `{name}`"), values(doc, p, &[value.as_str()])),
            None if p.required && !SPOKEN_FOR.contains(&name.as_str()) && !(credentials && is_credential(p)) => {
                out.push(Finding::new(Class::Differs, format!("header `{name}`: is required and not sent")));
            }
            None => {}
        }
    }
    out
}

/// Whether a parameter carries what the header `Authorization` carries too, as descriptions of before declared it.
fn is_credential(p: &Parameter<'_>) -> bool {
    ["token", "access_token"].contains(&p.name)
}

fn query(doc: &Description, all: &[Parameter<'_>], url: &Url<'_>, credentials: bool, out: &mut Vec<Finding>) {
    let sent = form(url.query);
    let params: Vec<&Parameter<'_>> = all.iter().filter(|p| p.place == Place::Query).collect();
    for p in &params {
        let of = |name: &str| *name == *p.name || name.strip_suffix("[]") == Some(p.name);
        let given: Vec<&str> = sent.iter().filter(|(n, _)| of(n)).map(|(_, v)| v.as_str()).collect();
        let elsewhere = credentials && is_credential(p);
        if !given.is_empty() {
            report(out, &format!("query parameter `{}`", p.name), values(doc, p, &given));
        } else if p.required && !elsewhere && object_names(doc, p).is_none() {
            out.push(Finding::new(Class::Differs, format!("query parameter `{}`: is required and not sent", p.name)));
        }
    }
    let mut seen: Vec<&str> = Vec::new();
    for (name, _) in &sent {
        let plain = name.strip_suffix("[]").unwrap_or(name);
        let known = params.iter().any(|p| {
            p.name == plain
                || p.style == Style::Deep && name.strip_prefix(p.name).is_some_and(|r| r.starts_with('['))
                || object_names(doc, p).is_some_and(|names| names.is_empty() || names.iter().any(|n| n == name))
        });
        if !known && !seen.contains(&name.as_str()) {
            seen.push(name);
            let names = listed(params.iter().map(|p| p.name), 12);
            let text = format!("query parameter `{name}`: is described nowhere; described are {names}");
            out.push(Finding::new(Class::Differs, text));
        }
    }
}

/// The names that an object stands for in a query where each of its properties is a parameter; none: any name.
fn object_names(doc: &Description, p: &Parameter<'_>) -> Option<Vec<String>> {
    let schema = doc.resolve(p.schema).as_object()?;
    if p.style != Style::Repeated || !keywords::types(schema).contains(&"object") {
        return None;
    }
    let names = schema.get("properties").and_then(Value::as_object);
    let closed = schema.get("additionalProperties") == Some(&Value::Bool(false));
    let names: Vec<String> = names.into_iter().flat_map(|n| n.keys().cloned()).collect();
    // A closed object without a property would be no parameter at all: then its own name is meant, as it is.
    if names.is_empty() && closed { None } else { Some(names) }
}

/// Holds the values that were given under a parameter's name against its schema.
pub(super) fn values(doc: &Description, p: &Parameter<'_>, given: &[&str]) -> Vec<Fault> {
    if p.is_json {
        let texts = given.iter().map(|t| serde_json::from_str(t).unwrap_or_else(|_| Value::from(*t)));
        return texts.flat_map(|v| hold(doc, p.schema, &v, Direction::Request)).collect();
    }
    let Some(schema) = doc.resolve(p.schema).as_object() else { return Vec::new() };
    let types = keywords::types(schema);
    if !types.contains(&"array") {
        let twice = (given.len() > 1).then(|| Fault::wrong("is sent more than once"));
        return given.iter().flat_map(|t| text_faults(doc, p.schema, t)).chain(twice).collect();
    }
    let items = schema.get("items").unwrap_or(&Value::Null);
    let commas = p.words.to_lowercase().contains("comma");
    let texts: Vec<&str> = match p.style {
        // Where the name is repeated, one text with commas is one item; unless the vendor's words say otherwise.
        Style::Repeated if !commas => given.to_vec(),
        Style::Repeated | Style::Deep => given.iter().flat_map(|t| t.split(',')).collect(),
        Style::Separated(c) => given.iter().flat_map(|t| t.split(c)).collect(),
    };
    let mut out: Vec<Fault> = Vec::new();
    if p.style == Style::Repeated && !commas && texts.iter().any(|t| t.contains(',')) {
        out.push(Fault::wrong("is one text with commas; the description repeats the name for each item"));
    } else {
        out.extend(texts.iter().flat_map(|t| text_faults(doc, items, t)));
    }
    let list = Value::Array(texts.iter().map(|t| Value::from(*t)).collect());
    keywords::check(schema, &list, "", &mut out);
    out.dedup();
    out
}

/// Holds a text against a schema: as text, or as the number, the boolean or the `null` that it writes.
pub(super) fn text_faults(doc: &Description, schema: &Value, text: &str) -> Vec<Fault> {
    // An object cannot stand in a text; a description that says so (Jira's lists of fields) says nothing.
    let types = doc.resolve(schema).as_object().map(keywords::types).unwrap_or_default();
    if text.contains("{{") || types == ["object"] {
        return Vec::new();
    }
    let scalar = serde_json::from_str::<Value>(text).ok().filter(|v| !v.is_object() && !v.is_array() && !v.is_string());
    let readings = [Some(Value::from(text)), scalar];
    let tried = readings.into_iter().flatten().map(|v| hold(doc, schema, &v, Direction::Request));
    tried.min_by_key(Vec::len).unwrap_or_default()
}

fn report(out: &mut Vec<Finding>, what: &str, faults: Vec<Fault>) {
    let class = |f: &Fault| f.class(Direction::Request).unwrap_or(Class::Differs);
    out.extend(faults.into_iter().map(|f| Finding::new(class(&f), format!("{what}: {}", f.text))));
}
