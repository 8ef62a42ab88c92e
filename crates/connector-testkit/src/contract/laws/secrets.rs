//! The law of secrets: canaries are sent, every fault is made, and nothing that can be seen may hold one.

use connector_core::{Error, ErrorKind};

use crate::{
    contract::{
        Bench, Checks, Law, Verdict,
        bench::{Outcome, Ran, leaked, texts_of},
    },
    fixture::ActionFixture,
    replay::{Answer, Replay},
};

pub(in crate::contract) fn checks(b: &Bench, out: &mut Checks) {
    for (i, f) in b.fixtures.actions.iter().enumerate() {
        if b.action(&f.action).is_none() {
            continue;
        }
        out.add(Law::NoLeak, &format!("actions::{}", f.action), Some(&f.case), move |b, v| {
            if let Some(f) = b.fixtures.actions.get(i) {
                no_leak(b, f, v);
            }
        });
    }
}

fn no_leak(b: &Bench, f: &ActionFixture, v: &mut Verdict) {
    seen(b, f, "as the fixture goes", &b.replay(&f.action, &f.call), v);
    let mut faults: Vec<(String, Answer)> = Vec::new();
    for status in [200, 302, 400, 401, 403, 404, 409, 422, 429, 500, 503] {
        faults.push((format!("{status} that echoes the request"), Answer::Echo { status, in_place: false }));
    }
    for status in [200, 400, 500] {
        faults.push((format!("{status} with the echo in every text"), Answer::Echo { status, in_place: true }));
    }
    for kind in [ErrorKind::Timeout, ErrorKind::UpstreamUnavailable, ErrorKind::Refused, ErrorKind::Misconfigured] {
        faults
            .push((format!("a `{kind}` of the transport"), Answer::Failure(Error::new(kind, "the transport failed"))));
    }
    for i in 0..f.call.exchanges.len() {
        for (what, answer) in &faults {
            let values = b.values(&f.call.values);
            let replay = Replay::new(&f.call.exchanges, &values).instead(i, answer.clone());
            let ran = b.call(&f.action, &f.call, replay);
            seen(b, f, &format!("with {what} as answer {}", i + 1), &ran, v);
        }
    }
}

/// Looks through everything that a call let out.
fn seen(b: &Bench, f: &ActionFixture, how: &str, ran: &Ran, v: &mut Verdict) {
    let values = b.values(&f.call.values);
    let (place, text) = match &ran.outcome {
        Outcome::Ok(out) => ("the output", out.to_string()),
        Outcome::Err(e) => ("the error", texts_of(e)),
        Outcome::Panic(m) => ("a panic's message", m.clone()),
        Outcome::Endless => ("nothing", String::new()),
    };
    for (place, text) in [(place, &text), ("the log", &ran.log)] {
        let ids = leaked(text, &values);
        v.require(ids.is_empty(), || format!("{}: {how}, {place} shows secret `{}`", f.path, ids.join("`, `")));
    }
}
