//! Laws of actions: requests equal the fixtures, results too.

use std::sync::Arc;

use connector_core::{Error, ErrorKind, action::Invoke};
use serde_json::{Map, Value, json};

use crate::{
    contract::{
        Bench, Checks, Law, Verdict,
        bench::{Outcome, guarded},
    },
    fake::Offline,
    fixture::{ActionFixture, BodyForm, Call, ExpectCall, ExpectError},
    replay::{Answer, Noticed, Replay, contains},
    values::TestValues,
};

pub(in crate::contract) fn checks(b: &Bench, out: &mut Checks) {
    if !b.connector.actions().is_empty() {
        out.add(Law::UnknownAction, "actions", None, unknown_action);
    }
    for a in b.connector.actions() {
        let name = a.info().name.clone();
        let whole = format!("actions::{name}");
        let again = name.clone();
        out.add(Law::Cases, &whole, None, move |b, v| cases(b, &name, v));
        out.add(Law::EveryField, &whole, None, move |b, v| every_field(b, &again, v));
    }
    type Run = fn(&Bench, &ActionFixture, &mut Verdict);
    for (i, f) in b.fixtures.actions.iter().enumerate() {
        // A fixture of no action is an orphan, which a law of its own names.
        if b.action(&f.action).is_none() {
            continue;
        }
        let mut laws: Vec<(Law, Run)> = vec![(Law::Input, input), (Law::Request, request), (Law::Hosts, hosts)];
        if f.is_success() {
            laws.extend([
                (Law::Output, output as Run),
                (Law::OutputSchema, output_schema),
                (Law::UnknownFields, unknown_fields),
                (Law::FakeService, fake_service),
            ]);
        } else {
            laws.extend([
                (Law::Failure, failure as Run),
                (Law::ErrorKind, error_kind),
                (Law::RetryAdvice, retry_advice),
            ]);
        }
        for (law, run) in laws {
            out.add(law, &format!("actions::{}", f.action), Some(&f.case), move |b, v| {
                if let Some(f) = b.fixtures.actions.get(i) {
                    run(b, f, v);
                }
            });
        }
    }
}

fn cases(b: &Bench, action: &str, v: &mut Verdict) {
    let of = |keep: &dyn Fn(&ActionFixture) -> bool| b.fixtures.of_action(action).any(keep);
    let folder = format!("fixtures/actions/{action}/");
    v.require(of(&ActionFixture::is_success), || format!("no success: add {folder}success.json"));
    v.require(of(&|f| f.is_error() && !f.call.exchanges.is_empty()), || {
        format!("no error of the service: add {folder}error__<what>.json with an exchange")
    });
    let limited = of(&|f| f.is_rate_limited() && f.call.exchanges.last().is_some_and(|e| e.response.status == 429));
    v.require(limited, || format!("no answer 429: add {folder}rate_limited.json"));
}

fn every_field(b: &Bench, action: &str, v: &mut Verdict) {
    let Some(a) = b.action(action) else { return };
    let info = a.info();
    let fields = info.input_schema.get("properties").and_then(Value::as_object);
    for field in fields.into_iter().flat_map(Map::keys) {
        let given = |f: &ActionFixture| !f.call.exchanges.is_empty() && f.call.input.get(field).is_some();
        // What the connection has a value for may be left to it.
        let defaulted = info.defaults.iter().any(|d| d.field == *field);
        v.require(defaulted || b.fixtures.of_action(action).any(given), || {
            format!(
                "no fixture gives the field `{field}`: add fixtures/actions/{action}/success__<what>.json that does"
            )
        });
    }
}

fn unknown_action(b: &Bench, v: &mut Verdict) {
    let values = b.values(&Map::new());
    let cx = b.cx(&values, &[], None, Arc::new(Replay::new(&Arc::default(), &values)));
    let (outcome, _) = guarded(b.connector.call("no_such_action_at_all", &cx, json!({})));
    let ok = matches!(&outcome, Outcome::Err(e) if e.kind() == ErrorKind::InvalidInput && e.code() == Some("INVALID_ARGUMENT"));
    v.require(ok, || format!("calling an unknown action came to {}", told(&outcome)));
}

fn input(b: &Bench, f: &ActionFixture, v: &mut Verdict) {
    let (values, errors) = TestValues::of(&b.connector, &f.call.values);
    v.check((!errors.is_empty()).then(|| {
        let list: Vec<String> = errors.iter().map(|e| format!("{} {}", e.pointer, e.message)).collect();
        format!("{}: the connection's values are not valid: {}", f.path, list.join("; "))
    }));
    for id in &f.call.without_secrets {
        v.require(values.canaries.contains_key(id), || format!("{}: there is no secret param `{id}`", f.path));
    }
    let Some(a) = b.action(&f.action) else { return };
    let refused = b.connector.prepare(a.as_ref(), &values.values, f.call.input.clone()).err();
    // An error may well be about a wrong input; one that the schema itself refuses belongs among the anti-examples.
    v.check(refused.map(|e| format!("{}: {}", f.path, e.caller_text())));
}

fn request(b: &Bench, f: &ActionFixture, v: &mut Verdict) {
    for n in b.replay(&f.action, &f.call).noticed {
        match n {
            Noticed::Different(d) => v.check(Some(format!("{}: {d}", f.path))),
            Noticed::TooMany(d) => v.check(Some(format!("{}: more requests than the fixture has: {d}", f.path))),
            Noticed::Unused(d) => v.check(Some(format!("{}: an exchange was not used: {d}", f.path))),
            Noticed::Host(_) => {}
        }
    }
    v.check(None);
}

fn hosts(b: &Bench, f: &ActionFixture, v: &mut Verdict) {
    v.check(None);
    for n in b.replay(&f.action, &f.call).noticed {
        if let Noticed::Host(d) = n {
            v.check(Some(format!("{}: {d}", f.path)));
        }
    }
}

fn output(b: &Bench, f: &ActionFixture, v: &mut Verdict) {
    let ran = b.replay(&f.action, &f.call);
    match (&ran.outcome, f.output()) {
        (Outcome::Ok(got), Some(want)) => {
            let differences = contains(want, got);
            v.require(differences.is_empty(), || format!("{}: output {}", f.path, differences.join("; ")));
        }
        (other, _) => v.check(Some(format!("{}: it should succeed, and came to {}", f.path, told(other)))),
    }
}

fn output_schema(b: &Bench, f: &ActionFixture, v: &mut Verdict) {
    let (Some(a), Outcome::Ok(got)) = (b.action(&f.action), b.replay(&f.action, &f.call).outcome) else {
        return v.not_applicable();
    };
    match a.info().check_output(&got) {
        Ok(errors) => {
            let list: Vec<String> = errors.iter().map(|e| format!("{} {}", e.pointer, e.message)).collect();
            v.require(list.is_empty(), || {
                format!("{}: the output is not of its own schema: {}", f.path, list.join("; "))
            });
        }
        Err(e) => v.check(Some(format!("{}: {}", f.path, e.operator_text()))),
    }
}

fn unknown_fields(b: &Bench, f: &ActionFixture, v: &mut Verdict) {
    let Outcome::Ok(plain) = b.replay(&f.action, &f.call).outcome else { return v.not_applicable() };
    let mut exchanges = f.call.exchanges.to_vec();
    let mut any = false;
    for e in &mut exchanges {
        if let BodyForm::Json(body) = &mut e.response.body {
            inject(body);
            any = true;
        }
    }
    if !any {
        return v.not_applicable();
    }
    let call = Call { exchanges: exchanges.into(), ..f.call.clone() };
    match b.replay(&f.action, &call).outcome {
        Outcome::Ok(got) => {
            let differences = contains(&plain, &got);
            v.require(differences.is_empty(), || {
                format!("{}: with unknown fields in the answer the output differs: {}", f.path, differences.join("; "))
            });
        }
        other => v.check(Some(format!("{}: with unknown fields in the answer it came to {}", f.path, told(&other)))),
    }
}

/// Adds an unknown field to every object. Where all values of an object are of one type it may be a map of the
/// service's making, so the new value is of that type too.
pub(super) fn inject(v: &mut Value) {
    match v {
        Value::Array(a) => a.iter_mut().for_each(inject),
        Value::Object(m) => {
            m.values_mut().for_each(inject);
            let first = m.values().next().cloned();
            let uniform = first.as_ref().is_some_and(|f| m.len() > 1 && m.values().all(|x| kind_of(x) == kind_of(f)));
            let new = if uniform { first.unwrap_or_default() } else { json!({"new": [true, null, "field"]}) };
            m.insert("zz_unknown_field".into(), new);
        }
        _ => {}
    }
}

fn kind_of(v: &Value) -> u8 {
    match v {
        Value::Null => 0,
        Value::Bool(_) => 1,
        Value::Number(_) => 2,
        Value::String(_) => 3,
        Value::Array(_) => 4,
        Value::Object(_) => 5,
    }
}

/// What demonstrations and end-to-end tests stand on: the fake, asked as the fixture asks the real service.
fn fake_service(b: &Bench, f: &ActionFixture, v: &mut Verdict) {
    let ran = b.replay(&f.action, &f.call);
    if !matches!(ran.outcome, Outcome::Ok(_)) || !ran.noticed.is_empty() {
        // It does not do what its fixture says, which laws of their own name.
        return v.not_applicable();
    }
    let fake = b.fake();
    let values = Offline::values(&b.connector, &f.call.values);
    let cx = b.cx(&values, &f.call.without_secrets, f.call.now, fake.clone());
    let (outcome, _) = guarded(b.connector.call(&f.action, &cx, f.call.input.clone()));
    let refused = fake.take_violations();
    v.require(refused.is_empty(), || format!("{}: the fake refuses {}", f.path, refused.join("; ")));
    v.require(matches!(outcome, Outcome::Ok(_)), || format!("{}: at the fake it came to {}", f.path, told(&outcome)));
}

fn failed(b: &Bench, f: &ActionFixture) -> Option<(Error, ExpectError)> {
    match (b.replay(&f.action, &f.call).outcome, &f.call.expect) {
        (Outcome::Err(e), ExpectCall::Error(want)) => Some((e, want.clone())),
        _ => None,
    }
}

fn failure(b: &Bench, f: &ActionFixture, v: &mut Verdict) {
    let outcome = b.replay(&f.action, &f.call).outcome;
    v.require(matches!(outcome, Outcome::Err(_)), || {
        format!("{}: the service says it failed, and the action came to {}", f.path, told(&outcome))
    });
}

fn error_kind(b: &Bench, f: &ActionFixture, v: &mut Verdict) {
    let Some((e, want)) = failed(b, f) else { return v.not_applicable() };
    let path = &f.path;
    v.require(e.kind() == want.kind, || {
        format!("{path}: the kind should be {}, it is {} ({})", want.kind, e.kind(), e.operator_text())
    });
    if let Some(code) = &want.code {
        v.require(e.code() == Some(code), || {
            format!("{path}: the code should be `{code}`, it is `{}`", e.code().unwrap_or("none"))
        });
    }
    for pointer in &want.fields {
        let there = e.fields().iter().any(|x| &x.pointer == pointer);
        let list: Vec<&str> = e.fields().iter().map(|x| x.pointer.as_str()).collect();
        v.require(there, || format!("{path}: field `{pointer}` should be named, named are [{}]", list.join(", ")));
    }
}

fn retry_advice(b: &Bench, f: &ActionFixture, v: &mut Verdict) {
    let Some((e, want)) = failed(b, f) else { return v.not_applicable() };
    let path = &f.path;
    v.require(e.retry().as_str() == want.retry.as_str(), || {
        format!("{path}: the retry advice should be {}, it is {}", want.retry.as_str(), e.retry().as_str())
    });
    if let Some(after) = want.after {
        let got = e.retry().after().map(|d| d.as_secs_f64());
        v.require(got.is_some_and(|g| (g - after).abs() < 0.001), || {
            format!("{path}: the pause should be {after} s, it is {}", got.map_or("none".into(), |g| format!("{g} s")))
        });
    }
}

/// An outcome in words.
pub(super) fn told(o: &Outcome) -> String {
    match o {
        Outcome::Ok(v) => {
            let text: String = v.to_string().chars().take(160).collect();
            format!("success: {text}")
        }
        Outcome::Err(e) => format!("an error: {e}"),
        Outcome::Panic(m) => format!("a panic: {m}"),
        Outcome::Endless => "no end: it asks for ever".into(),
    }
}

/// An emulated action must be able to look; when nothing answers, that is another error than "cannot".
pub(super) fn find_is_there(b: &Bench, a: &dyn Invoke, v: &mut Verdict) {
    let name = &a.info().name;
    let values = b.values(&Map::new());
    let example = a.info().examples.first().cloned().unwrap_or_else(|| json!({}));
    let Ok(input) = b.connector.prepare(a, &values.values, example) else { return v.not_applicable() };
    let dead = Answer::Failure(Error::new(ErrorKind::UpstreamUnavailable, "nothing answers"));
    let cx = b.cx(&values, &[], None, Arc::new(Replay::new(&Arc::default(), &values).instead(0, dead)));
    let (outcome, _) = guarded(async { a.find(&cx, input).await.map(|o| o.unwrap_or_default()) });
    let cannot = matches!(&outcome, Outcome::Err(e) if e.kind() == ErrorKind::Unsupported);
    v.require(!cannot, || format!("action `{name}` is emulated and has no `find`"));
}
