//! The law of mutated bodies: whatever a sender with the key sends, nothing that reads it panics.

use connector_core::{TraceId, Verified, webhook::Inbound};
use proptest::{
    prelude::{Just, Strategy as _, any, prop_oneof},
    test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner},
};
use serde_json::{Value, json};

use super::triggers::Delivered;
use crate::{
    contract::{Verdict, bench::quietly},
    fixture::BodyForm,
};

/// Bodies that are tried for each fixture.
const MUTATIONS: u32 = 64;

/// What is done to a body.
#[derive(Debug, Clone)]
enum Mutation {
    /// The value at the place becomes another.
    Replace(usize, Value),
    /// The key or item at the place goes.
    Remove(usize),
    /// The bytes are cut.
    Cut(usize),
    /// One byte becomes another.
    Byte(usize, u8),
    /// Something else altogether.
    Whole(Vec<u8>),
}

pub(super) fn mutated_bodies(d: &Delivered<'_>, v: &mut Verdict) {
    let value = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        Just(json!([])),
        Just(json!({})),
        Just(json!([[["x"]], {"a": null}])),
    ];
    let mutation = prop_oneof![
        4 => (any::<usize>(), value).prop_map(|(at, v)| Mutation::Replace(at, v)),
        3 => any::<usize>().prop_map(Mutation::Remove),
        1 => any::<usize>().prop_map(Mutation::Cut),
        1 => (any::<usize>(), any::<u8>()).prop_map(|(at, b)| Mutation::Byte(at, b)),
        1 => proptest::collection::vec(any::<u8>(), 0..64).prop_map(Mutation::Whole),
    ];
    let config = Config { cases: MUTATIONS, failure_persistence: None, ..Config::default() };
    let seed = [7; 32];
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &seed));
    let result = quietly(|| {
        runner.run(&proptest::collection::vec(mutation, 1..4), |mutations| {
            let mut r = d.inbound.clone();
            r.set_body(mutate(&d.fixture.delivery.body, &d.inbound, &mutations).into());
            // A scheme whose signature stands in the body cannot sign a body that is none.
            let Ok(verified) = d.verified(&r) else { return Ok(()) };
            quietly(|| survive(d, &verified)).map_err(TestCaseError::fail)
        })
    });
    match result {
        Ok(Ok(())) => (0..MUTATIONS).for_each(|_| v.check(None)),
        Ok(Err(e)) => v.check(Some(format!("{}: a mutated body makes reading panic: {e}", d.path()))),
        Err(m) => v.check(Some(format!("{}: a mutated body makes reading panic: {m}", d.path()))),
    }
}

/// Everything that the gateway does with a verified request.
fn survive(d: &Delivered<'_>, verified: &Verified) {
    let r = verified.inbound();
    d.webhook.find_delivery_id(r);
    d.webhook.acknowledgement(r, TraceId::from_u128(1));
    d.webhook.routes.iter().for_each(|route| drop(route.at.get(r)));
    if let Some(h) = d.webhook.find_handshake(r) {
        h.answer(r, Some(&d.key.verifying));
    }
    for incoming in d.webhook.read(verified).into_iter().flatten() {
        for t in d.bench.connector.triggers() {
            // Its own trigger first of all, but none may panic.
            let _ = t.check(&incoming.payload);
        }
    }
}

/// A body on its way from one mutation to the next: JSON is read and written once for all of them.
enum Body {
    Json(Value),
    Bytes(Vec<u8>),
}

impl Body {
    fn into_bytes(self) -> Vec<u8> {
        match self {
            Self::Json(v) => v.to_string().into_bytes(),
            Self::Bytes(b) => b,
        }
    }
}

fn mutate(form: &BodyForm, r: &Inbound, mutations: &[Mutation]) -> Vec<u8> {
    let mut body = match (form, r.json()) {
        (BodyForm::Json(_), Some(v)) => Body::Json(v.clone()),
        _ => Body::Bytes(r.body.to_vec()),
    };
    for m in mutations {
        body = match m {
            Mutation::Whole(w) => Body::Bytes(w.clone()),
            Mutation::Cut(at) => {
                let mut out = body.into_bytes();
                out.truncate(at % (out.len() + 1));
                Body::Bytes(out)
            }
            Mutation::Byte(at, new) => {
                let mut out = body.into_bytes();
                let len = out.len().max(1);
                if let Some(b) = out.get_mut(at % len) {
                    *b = *new;
                }
                Body::Bytes(out)
            }
            Mutation::Replace(at, new) => in_json(form, body, *at, Some(new)),
            Mutation::Remove(at) => in_json(form, body, *at, None),
        };
    }
    body.into_bytes()
}

/// Mutates the JSON that a body is, or that one of its form fields holds.
fn in_json(form: &BodyForm, body: Body, at: usize, new: Option<&Value>) -> Body {
    let bytes = match body {
        Body::Json(v) => return Body::Json(at_place(v, at, new)),
        Body::Bytes(b) => b,
    };
    if let BodyForm::Form(_) = form {
        let mut pairs: Vec<(String, String)> = url::form_urlencoded::parse(&bytes).into_owned().collect();
        let count = pairs.len().max(1);
        if let Some((_, value)) = pairs.get_mut(at % count) {
            *value = match serde_json::from_str::<Value>(value) {
                Ok(inner) => at_place(inner, at / count, new).to_string(),
                Err(_) => new.map_or_else(String::new, Value::to_string),
            };
        }
        return Body::Bytes(BodyForm::Form(pairs).to_bytes());
    }
    match serde_json::from_slice::<Value>(&bytes) {
        Ok(v) => Body::Json(at_place(v, at, new)),
        Err(_) => Body::Bytes(bytes),
    }
}

/// The value with what is at the place, counted from the root, replaced by `new`, or taken away.
fn at_place(mut v: Value, at: usize, new: Option<&Value>) -> Value {
    match at % places(&v) {
        0 => return new.cloned().unwrap_or_default(),
        n => below(&mut v, n - 1, new),
    }
    v
}

/// How many values there are in one, itself among them.
fn places(v: &Value) -> usize {
    1 + match v {
        Value::Object(m) => m.values().map(places).sum(),
        Value::Array(a) => a.iter().map(places).sum(),
        _ => 0,
    }
}

/// Does so with the `n`-th value below this one; a value is counted before what is in it.
fn below(v: &mut Value, mut n: usize, new: Option<&Value>) {
    let mut found = |x: &mut Value| {
        let size = places(x);
        let here = n == 0;
        match new {
            Some(new) if here => *x = new.clone(),
            None if here => {}
            _ if n < size => below(x, n - 1, new),
            _ => {
                n -= size;
                return None;
            }
        }
        Some(here && new.is_none())
    };
    match v {
        Value::Object(m) => {
            let hit = m.iter_mut().find_map(|(k, x)| Some((k.clone(), found(x)?)));
            if let Some((key, true)) = hit {
                m.remove(&key);
            }
        }
        Value::Array(a) => {
            let hit = a.iter_mut().enumerate().find_map(|(i, x)| Some((i, found(x)?)));
            if let Some((index, true)) = hit {
                a.remove(index);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::{at_place, places};
    use serde_json::{Value, json};

    #[test]
    fn every_place_is_reached_once() {
        let v = json!({"a": [1, {"b": 2}], "c": null});
        assert_eq!(places(&v), 6);
        let all = |new: Option<Value>| (0..6).map(|n| at_place(v.clone(), n, new.as_ref())).collect::<Vec<_>>();
        let replaced = [
            json!("x"),
            json!({"a": "x", "c": null}),
            json!({"a": ["x", {"b": 2}], "c": null}),
            json!({"a": [1, "x"], "c": null}),
            json!({"a": [1, {"b": "x"}], "c": null}),
            json!({"a": [1, {"b": 2}], "c": "x"}),
        ];
        assert_eq!(all(Some(json!("x"))), replaced);
        let removed = [
            json!(null),
            json!({"c": null}),
            json!({"a": [{"b": 2}], "c": null}),
            json!({"a": [1], "c": null}),
            json!({"a": [1, {}], "c": null}),
            json!({"a": [1, {"b": 2}]}),
        ];
        assert_eq!(all(None), removed);
        assert_eq!(at_place(v.clone(), 6, None), json!(null), "beyond the last it begins again");
    }
}
