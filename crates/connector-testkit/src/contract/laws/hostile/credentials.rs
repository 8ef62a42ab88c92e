//! Credentials that the service no longer takes, until it is given the new ones.

use connector_core::ErrorKind;

use super::{Limits, Meeting, Stage, TIMEOUT, told};
use crate::{
    contract::{Checks, Law, Verdict},
    fixture::ActionFixture,
};

pub(super) fn checks(i: usize, f: &ActionFixture, out: &mut Checks) {
    out.add(Law::HostileCredentials, &format!("actions::{}", f.action), Some("renewed"), move |b, v| {
        let (Some(f), Some(baseline)) = (b.fixtures.actions.get(i), b.baseline(i)) else {
            return v.not_applicable();
        };
        let stage = match Stage::new(b, f) {
            Ok(s) => s,
            Err(e) => return v.check(Some(e)),
        };
        let limits = Limits { timeout: TIMEOUT, max_bytes: baseline.cap() };
        let old = stage.fake.test_values();
        stage.fake.refresh();
        let meet = |case, met: &_, v: &mut Verdict, judge: fn(&Meeting<'_>, &mut Verdict)| {
            let m = Meeting { bench: b, fixture: f, baseline: &baseline, at: 0, case, met };
            m.common(v);
            judge(&m, v);
        };
        let met = stage.call_with(old, limits);
        if met.sent.iter().all(|s| !s.has_secret) {
            return v.not_applicable();
        }
        meet("revoked", &met, v, |m, v| {
            if let Some(e) = m.failure(v) {
                m.kind(v, e, &[ErrorKind::Auth]);
                m.advice(v, e, &["never"]);
            }
        });
        let met = stage.call(limits);
        meet("renewed", &met, v, |m, v| {
            m.require(v, m.met.output().is_some_and(|o| o == m.baseline.output), || {
                format!("with the new credentials it should succeed, it came to {}", told(&m.met.outcome))
            });
        });
    });
}
