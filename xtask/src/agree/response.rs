//! An answer of a fixture against what the operation answers.
//!
//! The answers were copied, abridged or written by people, so they prove less than the requests: what an answer lacks, or has
//! beyond the description, is counted and not held against the action. A value of another type is.

use serde_json::Value;

use super::{
    description::{Media, Operation},
    finding::{Class, Finding, listed},
    fixture::{Body, Exchange, Fixture},
    request::{covers, is_json, judged},
    walk::Direction,
};

/// Everything in which the answer of an exchange differs; `index` is its number in the fixture.
pub(super) fn check(operation: &Operation<'_>, fixture: &Fixture, index: usize) -> Vec<Finding> {
    let Some(exchange) = fixture.exchanges.get(index) else { return Vec::new() };
    let mut found = compare(operation, fixture, exchange);
    let last = index + 1 == fixture.exchanges.len();
    if last && fixture.error.as_deref() == Some("protocol") {
        // The case is about an answer that is not what is described.
        let broken = |f: &Finding| matches!(f.class, Class::Differs | Class::Abridged);
        if let Some(first) = found.iter().find(|f| broken(f)) {
            let deliberate = Finding { class: Class::Deliberate, ..first.clone() };
            found.retain(|f| !broken(f));
            found.push(deliberate);
        }
    }
    found
}

fn compare(operation: &Operation<'_>, fixture: &Fixture, exchange: &Exchange) -> Vec<Finding> {
    let status = exchange.status.to_string();
    let fallback = operation.answer("default");
    let Some(answer) = operation.answer(&status) else {
        return match &fallback {
            Some(default) => body(operation, fixture, exchange, default),
            None => vec![undescribed_status(operation, exchange)],
        };
    };
    let found = body(operation, fixture, exchange, &answer);
    // Some services answer failures with 200 and describe them as `default`.
    if found.iter().any(|f| f.class == Class::Differs)
        && let Some(default) = fallback
    {
        let other = body(operation, fixture, exchange, &default);
        let hard = |all: &[Finding]| all.iter().filter(|f| matches!(f.class, Class::Differs | Class::Abridged)).count();
        if hard(&other) < hard(&found) || fixture.error.is_some() && hard(&other) == hard(&found) {
            return other;
        }
    }
    found
}

fn undescribed_status(operation: &Operation<'_>, exchange: &Exchange) -> Finding {
    // A success that the vendor does not know is a mistake; its errors are seldom listed in full.
    let class = if (200..300).contains(&exchange.status) { Class::Differs } else { Class::Status };
    let described = listed(operation.statuses(), 12);
    Finding::new(class, format!("response status {}: is not described; described are {described}", exchange.status))
}

fn body(operation: &Operation<'_>, fixture: &Fixture, exchange: &Exchange, answer: &[Media<'_>]) -> Vec<Finding> {
    let success = (200..300).contains(&exchange.status);
    let media = exchange.response.media_type();
    let as_json = answer.iter().find(|m| is_json(&m.name.to_ascii_lowercase()) || covers(m.name, "application/json"));
    let described = media.as_ref().and_then(|sent| answer.iter().find(|m| covers(m.name, sent))).or(as_json);
    let one = |class, text: &str| vec![Finding::new(class, format!("response body: {text}"))];
    let json = match &exchange.response.body {
        Body::Json(json) => json,
        Body::Empty if described.and_then(|m| m.schema).is_none() => return Vec::new(),
        Body::Empty if success && fixture.error.is_none() => return one(Class::Differs, "is empty; JSON is described"),
        Body::Empty => return one(Class::Abridged, "is left out"),
        Body::Raw(_) | Body::Form(_) => return no_json(fixture, media.as_deref(), answer),
    };
    match described {
        Some(media) => judged(operation.description, media, "response body", json, Direction::Response),
        None if answer.is_empty() && success && !is_blank(json) => {
            one(Class::Extra, "is there; the description has none for this status")
        }
        None => Vec::new(),
    }
}

/// An answer that is no JSON: as described, or broken, which a case that expects an error is on purpose.
fn no_json(fixture: &Fixture, media: Option<&str>, answer: &[Media<'_>]) -> Vec<Finding> {
    let fits = media.is_some_and(|sent| !is_json(sent) && answer.iter().any(|m| covers(m.name, sent)));
    if fits || answer.is_empty() {
        return Vec::new();
    }
    let class = if fixture.error.is_some() { Class::Deliberate } else { Class::Differs };
    let text = match media {
        Some(sent) if !is_json(sent) => {
            format!("response body: is {sent}; described is {}", listed(answer.iter().map(|m| m.name), 6))
        }
        _ => "response body: is no JSON; JSON is described".to_owned(),
    };
    vec![Finding::new(class, text)]
}

fn is_blank(json: &Value) -> bool {
    json.is_null() || json.as_object().is_some_and(serde_json::Map::is_empty)
}
