//! Statuses of failure, in words that no service in particular has.

use connector_core::{
    ErrorKind,
    status::{kind_for, retry_for},
};

use super::{Case, Meeting, each};
use crate::{
    contract::{Checks, Law, Verdict},
    fake::Misbehaviour,
    fixture::{ActionFixture, ExpectCall},
};

const STATUSES: [u16; 8] = [403, 404, 409, 422, 500, 502, 503, 504];

pub(super) fn checks(i: usize, f: &ActionFixture, out: &mut Checks) {
    let cases = STATUSES.iter().map(|s| Case { name: s.to_string(), how: Misbehaviour::Status(*s) });
    each(Law::HostileStatuses, i, f, cases, judge, out);
}

/// The kind and the advice are what the status says to everybody, or what it says here: a fixture of this action shows it.
fn judge(m: &Meeting<'_>, how: &Misbehaviour, v: &mut Verdict) {
    let Misbehaviour::Status(status) = *how else { return };
    let Some(e) = m.failure(v) else { return };
    let mut kinds: Vec<ErrorKind> = vec![kind_for(status)];
    let mut advice = vec![retry_for(status, None).as_str()];
    for f in m.bench.fixtures.of_action(&m.fixture.action) {
        let ExpectCall::Error(want) = &f.call.expect else { continue };
        if f.call.exchanges.iter().any(|x| x.response.status == status) {
            if !kinds.contains(&want.kind) {
                kinds.push(want.kind);
            }
            if !advice.contains(&want.retry.as_str()) {
                advice.push(want.retry.as_str());
            }
        }
    }
    m.kind(v, e, &kinds);
    m.advice(v, e, &advice);
}
