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

const JSON: &str = "application/json";

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
    let described = choose(answer, media.as_deref(), exchange.request.headers.get("accept").map_or("", String::as_str));
    let one = |class, text: &str| vec![Finding::new(class, format!("response body: {text}"))];
    let json = match &exchange.response.body {
        Body::Json(json) => json,
        // Jira writes `{}` for an answer without a body, and 204 has none whatever is written.
        Body::Empty if exchange.status == 204 || described.is_none_or(|m| m.schema.is_none_or(says_nothing)) => {
            return Vec::new();
        }
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

/// What is described for an answer: its own media type if that is special, then the one that the request asks for (GitHub
/// answers `application/json` all the same), then what covers it, then JSON.
fn choose<'a, 'd>(answer: &'a [Media<'d>], sent: Option<&str>, accept: &str) -> Option<&'a Media<'d>> {
    let plain = |name: &str| {
        let name = name.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        name.strip_suffix("+json").map_or(name.clone(), str::to_owned)
    };
    let special = |wanted: &str| {
        let wanted = plain(wanted);
        answer.iter().find(|m| wanted != JSON && plain(m.name) == wanted)
    };
    sent.and_then(special)
        .or_else(|| accept.split(',').find_map(special))
        .or_else(|| answer.iter().find(|m| sent.is_some_and(|s| covers(m.name, s))))
        .or_else(|| answer.iter().find(|m| is_json(&m.name.to_ascii_lowercase()) || covers(m.name, JSON)))
}

/// An answer that is no JSON: as described, or broken, which a case that expects an error is on purpose.
fn no_json(fixture: &Fixture, media: Option<&str>, answer: &[Media<'_>]) -> Vec<Finding> {
    let covered = media.is_none_or(|sent| answer.iter().any(|m| covers(m.name, sent)));
    if answer.is_empty() || covered && !media.is_none_or(is_json) {
        return Vec::new();
    }
    let class = if fixture.error.is_some() { Class::Deliberate } else { Class::Differs };
    let text = match media {
        Some(sent) if !covered => {
            format!("response body: is {sent}; described is {}", listed(answer.iter().map(|m| m.name), 6))
        }
        _ => "response body: is no JSON; JSON is described".to_owned(),
    };
    vec![Finding::new(class, text)]
}

fn says_nothing(schema: &Value) -> bool {
    schema.as_object().is_none_or(serde_json::Map::is_empty)
}

fn is_blank(json: &Value) -> bool {
    json.is_null() || json.as_object().is_some_and(serde_json::Map::is_empty)
}
