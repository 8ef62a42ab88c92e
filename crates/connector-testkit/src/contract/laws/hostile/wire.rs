//! Connections that break.

use connector_core::ErrorKind;

use super::{Case, Limits, Meeting, Stage, TIMEOUT, each};
use crate::{
    contract::{Checks, Law, Verdict, bench::Outcome},
    fake::Misbehaviour,
    fixture::ActionFixture,
};

pub(super) fn checks(i: usize, f: &ActionFixture, out: &mut Checks) {
    let law = Law::HostileWire;
    let case = |name: &str, how| Case { name: name.to_owned(), how };
    each(law, i, f, [case("reset_before", Misbehaviour::ResetBefore)], before, out);
    each(law, i, f, [case("reset_after", Misbehaviour::ResetAfter)], after, out);
    for (name, how) in [("well", Misbehaviour::Well), ("closes_unsaid", Misbehaviour::ClosesAfter)] {
        out.add(law, &format!("actions::{}", f.action), Some(name), move |b, v| {
            let (Some(f), Some(baseline)) = (b.fixtures.actions.get(i), b.baseline(i)) else {
                return v.not_applicable();
            };
            let stage = match Stage::new(b, f) {
                Ok(s) => s,
                Err(e) => return v.check(Some(e)),
            };
            stage.misbehave(0, &how);
            // The second call finds the connection of the first, which is open or only looks so.
            for call in 1..=2 {
                let met = stage.call(Limits { timeout: TIMEOUT, max_bytes: baseline.cap() });
                let m = Meeting { bench: b, fixture: f, baseline: &baseline, at: 0, case: name, met: &met };
                m.common(v);
                // Where the close is not seen before the request is written, nobody can know what became of it.
                let unseen = matches!(&met.outcome, Outcome::Err(e) if e.kind() == ErrorKind::UpstreamUnavailable);
                let fine = met.output().is_some_and(|o| o == baseline.output);
                m.require(v, fine || unseen && how == Misbehaviour::ClosesAfter, || {
                    format!("call {call} should succeed as it does alone, it came to {}", super::told(&met.outcome))
                });
                let refused = stage.fake.violations();
                m.require(v, refused.is_empty(), || format!("call {call}: the fake refuses {}", refused.join("; ")));
            }
        });
    }
}

/// Nothing was carried out, and whoever called may or may not know it.
fn before(m: &Meeting<'_>, _: &Misbehaviour, v: &mut Verdict) {
    let Some(e) = m.failure(v) else { return };
    m.kind(v, e, &[ErrorKind::UpstreamUnavailable]);
    m.advice(v, e, &["safe", "ambiguous"]);
}

/// It was carried out, and nobody but the service knows.
fn after(m: &Meeting<'_>, _: &Misbehaviour, v: &mut Verdict) {
    let Some(e) = m.failure(v) else { return };
    m.kind(v, e, &[ErrorKind::UpstreamUnavailable]);
    m.advice(v, e, &["ambiguous"]);
}
