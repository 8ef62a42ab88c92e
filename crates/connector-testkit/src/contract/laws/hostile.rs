//! Laws of calls to a service that behaves badly, over a real socket: every action of a connector, with the input of its
//! success fixture, meets every misbehaviour of the fake.
//!
//! What lives here: which calls are made, and what is demanded of all of them. What one kind of misbehaviour means is in
//! a file of its own below.

mod bodies;
mod credentials;
mod pages;
mod rate_limits;
mod redirects;
mod slow;
mod statuses;
mod wire;

use connector_core::{Error, ErrorKind, Idempotency, RetryAdvice};

use super::actions::told;
use crate::{
    contract::{
        Bench, Checks, Law, Verdict,
        bench::{Outcome, leaked, texts_of},
        stage::{Baseline, Limits, Met, Stage, TIMEOUT},
    },
    fake::Misbehaviour,
    fixture::ActionFixture,
};

pub(in crate::contract) fn checks(b: &Bench, out: &mut Checks) {
    // Without a transport there is no wire; only the kit's own tests judge so.
    if b.wire.is_none() {
        return;
    }
    for (i, f) in chosen(b) {
        statuses::checks(i, f, out);
        rate_limits::checks(i, f, out);
        wire::checks(i, f, out);
        bodies::checks(i, f, out);
        slow::checks(i, f, out);
        redirects::checks(i, f, out);
        credentials::checks(i, f, out);
    }
    pages::checks(b, out);
}

/// One fixture of each action: its plain success, or the first there is.
fn chosen(b: &Bench) -> impl Iterator<Item = (usize, &ActionFixture)> {
    b.connector.actions().iter().filter_map(|a| {
        let of = b.fixtures.actions.iter().enumerate();
        let mut successes =
            of.filter(|(_, f)| f.action == a.info().name && f.is_success() && !f.call.exchanges.is_empty());
        let first = successes.next()?;
        Some(if first.1.case == "success" {
            first
        } else {
            successes.find(|(_, f)| f.case == "success").unwrap_or(first)
        })
    })
}

/// One misbehaviour.
struct Case {
    /// Its name in trial names.
    name: String,
    how: Misbehaviour,
}

/// A call that met one, with everything that it is judged by.
struct Meeting<'a> {
    bench: &'a Bench,
    fixture: &'a ActionFixture,
    baseline: &'a Baseline,
    /// The place of the request from which on the fake misbehaved.
    at: usize,
    case: &'a str,
    met: &'a Met,
}

impl Meeting<'_> {
    /// A fault, with its place.
    fn say(&self, what: &str) -> String {
        let place = match self.baseline.answered.get(self.at) {
            Some(a) => format!("{} ({} of {})", a.place, self.at + 1, self.baseline.answered.len()),
            None => "after its last request".to_owned(),
        };
        format!("{}: `{}` at {place}: {what}", self.fixture.path, self.case)
    }

    fn require(&self, v: &mut Verdict, ok: bool, what: impl FnOnce() -> String) {
        v.require(ok, || self.say(&what()));
    }

    /// Demands a failure, and gives it.
    fn failure(&self, v: &mut Verdict) -> Option<&Error> {
        match &self.met.outcome {
            Outcome::Err(e) => {
                v.check(None);
                Some(e)
            }
            // Those two are demanded of everything.
            Outcome::Panic(_) | Outcome::Endless => None,
            Outcome::Ok(_) => {
                v.check(Some(self.say(&format!("it should fail, it came to {}", told(&self.met.outcome)))));
                None
            }
        }
    }

    /// Demands one of these kinds.
    fn kind(&self, v: &mut Verdict, e: &Error, kinds: &[ErrorKind]) {
        self.require(v, kinds.contains(&e.kind()), || {
            let list: Vec<&str> = kinds.iter().map(|k| k.as_str()).collect();
            format!("the kind should be {}, it is {} ({})", list.join(" or "), e.kind(), e.operator_text())
        });
    }

    /// Demands one of these kinds of advice.
    fn advice(&self, v: &mut Verdict, e: &Error, advice: &[&str]) {
        self.require(v, advice.contains(&e.retry().as_str()), || {
            format!("the retry advice should be {}, it is {}", advice.join(" or "), e.retry().as_str())
        });
    }

    /// What holds whatever the service does.
    fn common(&self, v: &mut Verdict) {
        let met = self.met;
        let alive = !matches!(met.outcome, Outcome::Panic(_) | Outcome::Endless);
        self.require(v, alive, || format!("it came to {}", told(&met.outcome)));
        let text = match &met.outcome {
            Outcome::Ok(out) => out.to_string(),
            Outcome::Err(e) => texts_of(e),
            Outcome::Panic(m) => m.clone(),
            Outcome::Endless => String::new(),
        };
        for (place, text) in [("what it came to", &text), ("the log", &met.log)] {
            let ids = leaked(text, &met.values);
            self.require(v, ids.is_empty(), || format!("{place} shows secret `{}`", ids.join("`, `")));
        }
        let done = met.received.iter().filter(|r| r.effect).count();
        let most = self.baseline.effects();
        // What may be done twice may be sent twice, by whoever knows that.
        let once = self
            .bench
            .action(&self.fixture.action)
            .is_some_and(|a| matches!(a.info().idempotency, Idempotency::None | Idempotency::Emulated));
        self.require(v, !once || done <= most, || {
            format!("it was carried out {done} times at the service, in place of {most}: nothing may send a write again that is not idempotent")
        });
        let Outcome::Err(e) = &met.outcome else { return };
        self.require(v, e.kind() != ErrorKind::Internal, || format!("it is no fault of ours: {e}"));
        let since = met.received.iter().skip(self.at).any(|r| r.effect);
        self.require(v, !since || !matches!(e.retry(), RetryAdvice::Safe { .. }), || {
            format!("it was carried out at the service, and the error says that nothing was done: {e}")
        });
    }
}

/// A check for each request of the fixture and each case: the call is made, judged by what is common, and by `judge`.
fn each(
    law: Law,
    i: usize,
    f: &ActionFixture,
    cases: impl IntoIterator<Item = Case>,
    judge: fn(&Meeting<'_>, &Misbehaviour, &mut Verdict),
    out: &mut Checks,
) {
    let what = format!("actions::{}", f.action);
    for case in cases {
        for (at, name) in places(f, &case.name) {
            let how = case.how.clone();
            out.add(law, &what, Some(&name.clone()), move |b, v| {
                let (Some(f), Some(baseline)) = (b.fixtures.actions.get(i), b.baseline(i)) else {
                    return v.not_applicable();
                };
                let stage = match Stage::new(b, f) {
                    Ok(s) => s,
                    Err(e) => return v.check(Some(e)),
                };
                stage.misbehave(at, &how);
                let met = stage.call(Limits { timeout: TIMEOUT, max_bytes: baseline.cap() });
                let m = Meeting { bench: b, fixture: f, baseline: &baseline, at, case: &name, met: &met };
                m.common(v);
                judge(&m, &how, v);
            });
        }
    }
}

/// The requests of a fixture, and how a case is called that begins with each.
fn places(f: &ActionFixture, name: &str) -> Vec<(usize, String)> {
    match f.call.exchanges.len() {
        1 => vec![(0, name.to_owned())],
        n => (0..n).map(|at| (at, format!("{name}_at_{}", at + 1))).collect(),
    }
}
