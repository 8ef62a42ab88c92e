//! Lists that never end.

use std::{
    collections::BTreeSet,
    sync::Arc,
    time::{Duration, Instant},
};

use connector_core::{Error, ErrorKind, info::PagingInfo, page};
use serde_json::Value;

use super::{Limits, Meeting, Stage, TIMEOUT, chosen};
use crate::{
    contract::{
        Bench, Checks, Law, Verdict,
        bench::{Outcome, guarded},
        stage::Baseline,
    },
    fake::Misbehaviour,
    fixture::ActionFixture,
};

/// More requests than this for a list of a few pages are a loop.
const MOST_REQUESTS: usize = 60;
/// Items that a walk may collect where pages repeat: so many times those of one page.
const PAGES: usize = 3;

pub(super) fn checks(b: &Bench, out: &mut Checks) {
    for (i, f) in chosen(b) {
        let Some(paging) = b.action(&f.action).and_then(|a| a.info().paging.clone()) else { continue };
        let action = f.action.clone();
        for case in ["loop", "duplicates"] {
            let (paging, action) = (paging.clone(), action.clone());
            out.add(Law::HostilePages, &format!("actions::{action}"), Some(case), move |b, v| {
                // A success that is not the last page; where none is, the walk has nowhere to go.
                let more = (i..b.fixtures.actions.len()).find_map(|n| Some((n, marked(b, n, &action, &paging)?)));
                let Some((n, (baseline, mark))) = more else { return v.not_applicable() };
                let Some(f) = b.fixtures.actions.get(n) else { return v.not_applicable() };
                let how = match case {
                    "loop" => Misbehaviour::PageLoop,
                    _ => Misbehaviour::DuplicatePages { mark },
                };
                walk(b, f, &baseline, &paging, (case, &how), v);
            });
        }
    }
    for (i, f) in b.fixtures.actions.iter().enumerate() {
        if b.action(&f.action).is_some() && f.is_success() && walks(f) {
            out.add(Law::HostilePages, &format!("actions::{}", f.action), Some(&format!("inside_{}", f.case)), {
                move |b, v| inside(b, i, v)
            });
        }
    }
}

/// The call of this fixture and the mark of the next page in its output, if it is of this action and has one.
fn marked(b: &Bench, n: usize, action: &str, paging: &PagingInfo) -> Option<(Arc<Baseline>, String)> {
    let f = b.fixtures.actions.get(n)?;
    if f.action != action || !f.is_success() {
        return None;
    }
    let baseline = b.baseline(n)?;
    let mark = match baseline.output.pointer(&paging.next_output)? {
        Value::Null => return None,
        Value::String(s) if s.is_empty() => return None,
        Value::String(s) => s.clone(),
        other => other.to_string(),
    };
    Some((baseline, mark))
}

fn walk(
    b: &Bench,
    f: &ActionFixture,
    baseline: &Baseline,
    paging: &PagingInfo,
    (case, how): (&str, &Misbehaviour),
    v: &mut Verdict,
) {
    let stage = match Stage::new(b, f) {
        Ok(s) => s,
        Err(e) => return v.check(Some(e)),
    };
    stage.misbehave(0, how);
    let values = stage.fake.test_values();
    let cx = stage.cx(&values, Limits { timeout: TIMEOUT, max_bytes: baseline.cap() });
    let page = baseline.output.pointer(&paging.items).and_then(Value::as_array).map_or(1, |a| a.len().max(1));
    let most = PAGES * page;
    let began = Instant::now();
    let seen = guarded(async {
        let found =
            page::collect(&b.connector, &cx, &f.action, f.call.input.clone(), page::Options::items(most)).await?;
        Ok::<_, Error>(Value::Array(found.items))
    });
    let met = stage.met(seen, began.elapsed(), values);
    let m = Meeting { bench: b, fixture: f, baseline, at: 0, case, met: &met };
    m.common(v);
    let requests = met.received.len();
    m.require(v, requests <= MOST_REQUESTS && met.took <= Duration::from_secs(8), || {
        format!("the walk over its pages made {requests} requests in {:?}", met.took)
    });
    match &met.outcome {
        // Where each mark is a new one, only the cap can end it; a mark that comes again must.
        Outcome::Ok(items) => {
            let asked: Vec<(&str, &str)> = met.received.iter().map(|r| (r.query.as_str(), r.body.as_str())).collect();
            let distinct: BTreeSet<_> = asked.iter().collect();
            m.require(v, distinct.len() == asked.len(), || {
                "it asked for one page twice; a mark that comes again should be a `protocol` error".to_owned()
            });
            let got = items.as_array().map_or(0, Vec::len);
            m.require(v, got <= most, || format!("{got} items were collected of {most} at most"));
        }
        Outcome::Err(e) => m.kind(v, e, &[ErrorKind::Protocol]),
        _ => {}
    }
}

/// Whether the call asks one path several times: it walks over pages itself.
fn walks(f: &ActionFixture) -> bool {
    let path = |url: &str| url.split('?').next().unwrap_or_default().to_owned();
    let asked: Vec<(&str, String)> =
        f.call.exchanges.iter().map(|e| (e.request.method.as_str(), path(&e.request.url))).collect();
    asked.iter().enumerate().any(|(i, a)| asked.iter().skip(i + 1).any(|b| a == b))
}

/// An action that walks over pages itself must end, however it ends.
fn inside(b: &Bench, i: usize, v: &mut Verdict) {
    let (Some(f), Some(baseline)) = (b.fixtures.actions.get(i), b.baseline(i)) else { return v.not_applicable() };
    let stage = match Stage::new(b, f) {
        Ok(s) => s,
        Err(e) => return v.check(Some(e)),
    };
    stage.misbehave(0, &Misbehaviour::PageLoop);
    let met = stage.call(Limits { timeout: TIMEOUT, max_bytes: baseline.cap() });
    let m = Meeting { bench: b, fixture: f, baseline: &baseline, at: 0, case: "inside", met: &met };
    m.common(v);
    let requests = met.received.len();
    m.require(v, requests <= MOST_REQUESTS, || format!("it made {requests} requests of a list that goes round"));
}
