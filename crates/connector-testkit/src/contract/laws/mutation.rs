//! The law of mutated bodies: whatever a sender with the key sends, nothing that reads it panics.

use connector_core::{TraceId, Verified};
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
            r.set_body(mutate(&d.fixture.delivery.body, &r.body, &mutations).into());
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

fn mutate(form: &BodyForm, bytes: &[u8], mutations: &[Mutation]) -> Vec<u8> {
    let mut out = bytes.to_vec();
    for m in mutations {
        out = match m {
            Mutation::Whole(w) => w.clone(),
            Mutation::Cut(at) => out.get(..at % (out.len() + 1)).unwrap_or_default().to_vec(),
            Mutation::Byte(at, new) => {
                let len = out.len().max(1);
                if let Some(b) = out.get_mut(at % len) {
                    *b = *new;
                }
                out
            }
            Mutation::Replace(at, new) => in_json(form, &out, *at, Some(new)),
            Mutation::Remove(at) => in_json(form, &out, *at, None),
        };
    }
    out
}

/// Mutates the JSON that a body is, or that one of its form fields holds.
fn in_json(form: &BodyForm, bytes: &[u8], at: usize, new: Option<&Value>) -> Vec<u8> {
    if let BodyForm::Form(_) = form {
        let mut pairs: Vec<(String, String)> = url::form_urlencoded::parse(bytes).into_owned().collect();
        let count = pairs.len().max(1);
        if let Some((_, value)) = pairs.get_mut(at % count) {
            *value = match serde_json::from_str::<Value>(value) {
                Ok(inner) => at_place(inner, at / count, new).to_string(),
                Err(_) => new.map_or_else(String::new, Value::to_string),
            };
        }
        return BodyForm::Form(pairs).to_bytes();
    }
    match serde_json::from_slice::<Value>(bytes) {
        Ok(v) => at_place(v, at, new).to_string().into_bytes(),
        Err(_) => bytes.to_vec(),
    }
}

fn at_place(mut v: Value, at: usize, new: Option<&Value>) -> Value {
    let mut places = vec![String::new()];
    let mut i = 0;
    while let Some(p) = places.get(i).cloned() {
        match v.pointer(&p) {
            Some(Value::Object(m)) => {
                places.extend(m.keys().map(|k| format!("{p}/{}", connector_core::schema::escape(k))));
            }
            Some(Value::Array(a)) => places.extend((0..a.len()).map(|n| format!("{p}/{n}"))),
            _ => {}
        }
        i += 1;
    }
    let Some(place) = places.get(at % places.len()) else { return v };
    match (new, place.rsplit_once('/')) {
        (Some(new), _) => {
            if let Some(slot) = v.pointer_mut(place) {
                *slot = new.clone();
            }
        }
        (None, Some((parent, token))) => match v.pointer_mut(parent) {
            Some(Value::Object(m)) => {
                m.remove(&token.replace("~1", "/").replace("~0", "~"));
            }
            Some(Value::Array(a)) => {
                if let Ok(n) = token.parse::<usize>()
                    && n < a.len()
                {
                    a.remove(n);
                }
            }
            _ => {}
        },
        (None, None) => v = Value::Null,
    }
    v
}
