//! Laws of answers that break the service's contract: the errors they must be, and that nothing panics.

use std::sync::Arc;

use connector_core::{ErrorKind, Response};
use serde_json::{Map, Value, json};

use super::actions::told;
use crate::{
    contract::{
        Bench, Checks, Law, Verdict,
        bench::{Outcome, guarded},
    },
    fixture::{ActionFixture, BodyForm, Exchange},
    replay::{Answer, Replay, without_body},
};

/// Most single values of one answer that are replaced, one after the other.
const MOST_LEAVES: usize = 60;

pub(in crate::contract) fn checks(b: &Bench, out: &mut Checks) {
    for (i, f) in b.fixtures.actions.iter().enumerate() {
        if b.action(&f.action).is_none() || f.call.exchanges.is_empty() {
            continue;
        }
        let what = format!("actions::{}", f.action);
        if f.is_success() {
            out.add(Law::BrokenAnswers, &what, Some(&f.case), move |b, v| {
                if let Some(f) = b.fixtures.actions.get(i) {
                    broken_answers(b, f, v);
                }
            });
        }
        out.add(Law::NoPanic, &what, Some(&f.case), move |b, v| {
            if let Some(f) = b.fixtures.actions.get(i) {
                no_panic(b, f, v);
            }
        });
    }
    if b.connector.has_validator() {
        out.add(Law::Validator, "spec", None, validator);
    }
    for (i, t) in b.connector.triggers().iter().enumerate() {
        if t.info().shape == connector_core::trigger::TriggerShape::Poll {
            out.add(Law::Polling, &format!("triggers::{}", t.info().name), None, move |b, v| polling(b, i, v));
        }
    }
}

/// A body in place of the fixture's own: what it is called, its bytes.
type Spoilt = (String, Vec<u8>);

/// Bodies that no JSON answer of this form can be.
fn broken_json(v: &Value) -> Vec<Spoilt> {
    let text = v.to_string();
    let mut out: Vec<Spoilt> = vec![
        ("an empty body".into(), Vec::new()),
        ("an HTML page".into(), b"<!DOCTYPE html><html><body><h1>502 Bad Gateway</h1></body></html>".to_vec()),
        ("text".into(), b"upstream connect error".to_vec()),
        ("bytes that are no UTF-8".into(), vec![0xff, 0xfe, 0x00, 0x7b]),
        ("JSON and more".into(), format!("{text}{text}").into_bytes()),
        ("a JSON string".into(), b"\"x\"".to_vec()),
        ("a JSON null".into(), b"null".to_vec()),
        ("a JSON number".into(), b"7".to_vec()),
        if v.is_array() { ("a JSON object".into(), b"{}".to_vec()) } else { ("a JSON array".into(), b"[]".to_vec()) },
    ];
    for cut in [1, text.len() / 3, text.len() / 2, text.len().saturating_sub(1)] {
        let bytes = text.as_bytes().get(..cut).unwrap_or_default().to_vec();
        if !bytes.is_empty() && serde_json::from_slice::<Value>(&bytes).is_err() {
            out.push((format!("a body cut after {cut} of {} bytes", text.len()), bytes));
        }
    }
    out
}

fn with_body(e: &Exchange, body: Vec<u8>) -> Option<Answer> {
    let r = without_body(&e.response).ok()?;
    Some(Answer::Response(Response { body: body.into(), ..r }))
}

fn run(b: &Bench, f: &ActionFixture, index: usize, answer: Answer) -> Outcome {
    let values = b.values(&f.call.values);
    let replay = Replay::new(&f.call.exchanges, &values).instead(index, answer);
    b.call(&f.action, &f.call, replay).outcome
}

fn broken_answers(b: &Bench, f: &ActionFixture, v: &mut Verdict) {
    let ran = b.replay(&f.action, &f.call);
    let Outcome::Ok(_) = ran.outcome else { return v.not_applicable() };
    // An answer that nobody asks for cannot be broken; the law of requests names it.
    for (i, e) in f.call.exchanges.iter().enumerate().take(ran.sent) {
        let n = i + 1;
        match &e.response.body {
            BodyForm::Json(body) => {
                for (what, bytes) in broken_json(body) {
                    let Some(answer) = with_body(e, bytes) else { continue };
                    let outcome = run(b, f, i, answer);
                    // A panic has a law of its own.
                    let kept = match &outcome {
                        Outcome::Err(e) => e.kind() == ErrorKind::Protocol,
                        Outcome::Panic(_) => true,
                        _ => false,
                    };
                    v.require(kept, || {
                        format!(
                            "{}: with {what} as answer {n} it should be a `protocol` error, it came to {}",
                            f.path,
                            told(&outcome)
                        )
                    });
                }
            }
            BodyForm::Text(_) => {
                for (what, bytes) in
                    [("another text", "service_is_broken"), ("an HTML page", "<html>no</html>"), ("an empty body", "")]
                {
                    let Some(answer) = with_body(e, bytes.as_bytes().to_vec()) else { continue };
                    let outcome = run(b, f, i, answer);
                    v.require(!matches!(outcome, Outcome::Ok(_)), || {
                        format!("{}: with {what} as answer {n} it should fail, it came to {}", f.path, told(&outcome))
                    });
                }
            }
            // A file may be anything, and where there is no body there is nothing to break.
            BodyForm::Empty | BodyForm::Bytes(_) | BodyForm::Form(_) => v.not_applicable(),
        }
    }
}

fn no_panic(b: &Bench, f: &ActionFixture, v: &mut Verdict) {
    for (i, e) in f.call.exchanges.iter().enumerate() {
        let mut bodies = match &e.response.body {
            BodyForm::Json(body) => {
                let mut all = broken_json(body);
                all.extend(leaves(body));
                all
            }
            _ => broken_json(&json!({"x": 1})),
        };
        bodies.push(("deep nesting".into(), "[".repeat(20_000).into_bytes()));
        for (what, bytes) in bodies {
            let Some(answer) = with_body(e, bytes) else { continue };
            let outcome = run(b, f, i, answer);
            let fault = match &outcome {
                Outcome::Panic(_) | Outcome::Endless => {
                    Some(format!("{}: with {what} as answer {} it came to {}", f.path, i + 1, told(&outcome)))
                }
                _ => None,
            };
            v.check(fault);
        }
        let plain = bytes::Bytes::from(e.response.body.to_bytes());
        for status in [100, 204, 302, 304, 400, 401, 403, 404, 409, 418, 429, 500, 503, 599] {
            let status = http::StatusCode::from_u16(status).unwrap_or_default();
            let r = Response { status, headers: http::HeaderMap::new(), body: plain.clone() };
            let outcome = run(b, f, i, Answer::Response(r));
            let bad = matches!(outcome, Outcome::Panic(_) | Outcome::Endless);
            v.require(!bad, || {
                format!("{}: with status {status} as answer {} it came to {}", f.path, i + 1, told(&outcome))
            });
        }
    }
}

/// Holds the place of the value that is replaced; no answer of a service has such a text.
const HERE: &str = "jackfield puts another value here";

/// The answer with one value replaced by one of another type, for every value up to a bound.
fn leaves(body: &Value) -> Vec<Spoilt> {
    let mut pointers = Vec::new();
    collect("", body, &mut pointers);
    let step = pointers.len().div_ceil(MOST_LEAVES).max(1);
    let mut out = Vec::new();
    let mut spoilt = body.clone();
    for p in pointers.iter().step_by(step) {
        let Some(slot) = spoilt.pointer_mut(p) else { continue };
        let old = std::mem::replace(slot, HERE.into());
        // The rest of the answer is written down once for all five.
        let text = spoilt.to_string();
        if let Some((before, after)) = text.split_once(&format!("\"{HERE}\"")) {
            for new in ["null", "-1", "\"é\\u0000\"", "{}", "[]"] {
                out.push((format!("`{p}` = {new}"), format!("{before}{new}{after}").into_bytes()));
            }
        }
        if let Some(slot) = spoilt.pointer_mut(p) {
            *slot = old;
        }
    }
    out
}

fn collect(at: &str, v: &Value, out: &mut Vec<String>) {
    if !at.is_empty() {
        out.push(at.to_owned());
    }
    match v {
        Value::Object(m) => {
            m.iter().for_each(|(k, x)| collect(&format!("{at}/{}", connector_core::schema::escape(k)), x, out));
        }
        Value::Array(a) => a.iter().enumerate().for_each(|(i, x)| collect(&format!("{at}/{i}"), x, out)),
        _ => {}
    }
}

/// A connection that every request of is answered the same way.
pub(super) struct Always(pub(super) Answer);

#[async_trait::async_trait]
impl connector_core::Transport for Always {
    async fn send(
        &self,
        request: connector_core::Request,
        context: &connector_core::transport::CallContext,
    ) -> connector_core::Result<Response> {
        let exchange = Exchange {
            request: crate::fixture::RequestFixture {
                method: "GET".into(),
                url: String::new(),
                headers: Default::default(),
                body: BodyForm::Empty,
            },
            response: crate::fixture::ResponseFixture {
                status: 200,
                headers: Default::default(),
                body: BodyForm::Empty,
            },
        };
        let values = crate::values::TestValues { values: Map::new(), canaries: Default::default() };
        let replay = Replay::new(&Arc::from([exchange]), &Arc::new(values)).instead(0, self.0.clone());
        replay.send(request, context).await
    }
}

/// Answers that a service can give to anything: what they are called, the answer.
pub(super) fn any_answers() -> Vec<(&'static str, Answer)> {
    let plain = |status: u16, body: &'static str| {
        Answer::Response(Response {
            status: http::StatusCode::from_u16(status).unwrap_or_default(),
            headers: http::HeaderMap::new(),
            body: body.into(),
        })
    };
    let failure = |kind| Answer::Failure(connector_core::Error::new(kind, "the transport failed"));
    vec![
        ("401", plain(401, "{\"message\":\"Bad credentials\"}")),
        ("401 that echoes", Answer::Echo { status: 401, in_place: false }),
        ("403 that echoes", Answer::Echo { status: 403, in_place: false }),
        ("404 in HTML", plain(404, "<html>not here</html>")),
        ("500", plain(500, "")),
        ("200 that echoes a failure", Answer::Echo { status: 200, in_place: false }),
        ("200 with HTML", plain(200, "<html>please log in</html>")),
        ("200 with nothing", plain(200, "")),
        ("200 with []", plain(200, "[]")),
        ("a timeout", failure(ErrorKind::Timeout)),
        ("no connection", failure(ErrorKind::UpstreamUnavailable)),
        ("a refusal by the guard", failure(ErrorKind::Refused)),
    ]
}

fn validator(b: &Bench, v: &mut Verdict) {
    for (what, answer) in any_answers() {
        let values = b.values(&Map::new());
        let cx = b.cx(&values, &[], None, Arc::new(Always(answer)));
        let (outcome, log) = guarded(async {
            let found = b.connector.validate(&cx).await;
            Ok(serde_json::to_value(found).unwrap_or_default())
        });
        match &outcome {
            Outcome::Ok(found) => {
                let errors = found.get("errors").and_then(Value::as_array).map_or(0, Vec::len);
                v.require(errors > 0, || format!("answered with {what}, the connection passes as good"));
                let text = found.to_string();
                v.require(!text.contains("validator failed"), || format!("answered with {what}, the validator panics"));
                let leaked = crate::contract::bench::leaked(&format!("{text} {log}"), &values);
                v.require(leaked.is_empty(), || {
                    format!("answered with {what}, it shows secret `{}`", leaked.join("`, `"))
                });
            }
            other => v.check(Some(format!("answered with {what}, it came to {}", told(other)))),
        }
    }
}

fn polling(b: &Bench, i: usize, v: &mut Verdict) {
    let Some(t) = b.connector.triggers().get(i) else { return };
    v.require(t.info().interval_secs.is_some_and(|s| s > 0), || "it does not say how often it is polled".into());
    for (what, answer) in any_answers() {
        let values = b.values(&Map::new());
        let cx = b.cx(&values, &[], None, Arc::new(Always(answer)));
        let (outcome, log) = guarded(async { t.poll(&cx, None).await.map(|p| p.cursor) });
        let text = match &outcome {
            Outcome::Err(e) => crate::contract::bench::texts_of(e),
            Outcome::Ok(_) => String::new(),
            other => {
                v.check(Some(format!("answered with {what}, it came to {}", told(other))));
                continue;
            }
        };
        let failed = matches!(outcome, Outcome::Err(_));
        v.require(failed, || format!("answered with {what}, the poll passes as good, and events would be lost"));
        let leaked = crate::contract::bench::leaked(&format!("{text} {log}"), &values);
        v.require(leaked.is_empty(), || format!("answered with {what}, it shows secret `{}`", leaked.join("`, `")));
    }
}
