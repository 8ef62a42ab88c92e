//! Services that take their time. These calls wait until it runs out, so all of a connector are made at once.

use std::{future::Future, pin::Pin, task::Poll, time::Duration};

use connector_core::ErrorKind;

use super::{Limits, Meeting, Stage, chosen, places};
use crate::{
    contract::{
        Bench, Checks, Law, Verdict,
        bench::run,
        stage::{Met, SlowCalls},
    },
    fake::Misbehaviour,
    fixture::ActionFixture,
};

/// Time for one request.
const TIMEOUT: Duration = Duration::from_millis(400);
/// Time for a whole call on a machine with other things to do; without a bound it would be minutes.
const BOUND: Duration = Duration::from_secs(6);
/// Between two bytes: 64 of them take longer than a request may.
const DRIP: Duration = Duration::from_millis(25);
/// How many calls wait at once; each has its own service, sockets and transport.
const AT_ONCE: usize = 48;

const CASES: [(&str, Misbehaviour); 3] = [
    ("silent", Misbehaviour::Silent),
    ("slow_head", Misbehaviour::SlowHead(DRIP)),
    ("slow_body", Misbehaviour::SlowBody(DRIP)),
];

pub(super) fn checks(i: usize, f: &ActionFixture, out: &mut Checks) {
    for (case, _) in CASES {
        for (at, name) in places(f, case) {
            out.add(Law::HostileSlow, &format!("actions::{}", f.action), Some(&name.clone()), move |b, v| {
                let (Some(f), Some(baseline)) = (b.fixtures.actions.get(i), b.baseline(i)) else {
                    return v.not_applicable();
                };
                match b.slow.get_or_init(|| all(b)).get(&(i, at, case)) {
                    None => v.not_applicable(),
                    Some(Err(e)) => v.check(Some(e.clone())),
                    Some(Ok(met)) => {
                        let m = Meeting { bench: b, fixture: f, baseline: &baseline, at, case: &name, met };
                        judge(&m, v);
                    }
                }
            });
        }
    }
}

fn judge(m: &Meeting<'_>, v: &mut Verdict) {
    m.common(v);
    let took = m.met.took;
    m.require(v, took <= BOUND, || format!("it took {took:?}, with {TIMEOUT:?} for each request"));
    if let Some(e) = m.failure(v) {
        m.kind(v, e, &[ErrorKind::Timeout]);
        // On a busy machine the time may be up before the request is out.
        let arrived = m.met.received.len() > m.at;
        m.advice(v, e, if arrived { &["ambiguous"] } else { &["ambiguous", "safe"] });
    }
}

type Waiting<'a> = Pin<Box<dyn Future<Output = ((usize, usize, &'static str), Result<Met, String>)> + 'a>>;

/// Makes every slow call of a connector.
fn all(b: &Bench) -> SlowCalls {
    let mut calls: Vec<Waiting<'_>> = Vec::new();
    for (i, f) in chosen(b) {
        let Some(baseline) = b.baseline(i) else { continue };
        for (case, how) in CASES {
            for (at, _) in places(f, case) {
                let limits = Limits { timeout: TIMEOUT, max_bytes: baseline.cap() };
                let how = how.clone();
                calls.push(Box::pin(async move { ((i, at, case), meet(b, f, at, &how, limits).await) }));
            }
        }
    }
    run(together(calls)).unwrap_or_default()
}

async fn meet(b: &Bench, f: &ActionFixture, at: usize, how: &Misbehaviour, limits: Limits) -> Result<Met, String> {
    let stage = Stage::new(b, f)?;
    stage.misbehave(at, how);
    Ok(stage.call_among(limits).await)
}

/// Runs calls beside one another, a bounded number at a time.
async fn together(calls: Vec<Waiting<'_>>) -> SlowCalls {
    let mut done = SlowCalls::new();
    let mut waiting = calls.into_iter();
    let mut running: Vec<Waiting<'_>> = Vec::new();
    loop {
        running.extend(waiting.by_ref().take(AT_ONCE.saturating_sub(running.len())));
        if running.is_empty() {
            return done;
        }
        std::future::poll_fn(|cx| {
            let before = done.len();
            running.retain_mut(|call| match call.as_mut().poll(cx) {
                Poll::Ready((key, met)) => {
                    done.insert(key, met);
                    false
                }
                Poll::Pending => true,
            });
            if done.len() > before { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }
}
