//! Redirects to where nobody should go.

use connector_core::ErrorKind;

use super::{Case, Meeting, each};
use crate::{
    contract::{Checks, Law, Verdict},
    fake::Misbehaviour,
    fixture::ActionFixture,
};

/// Where clouds serve credentials to whoever asks.
const METADATA: &str = "http://169.254.169.254";
/// An origin of nobody in particular, on a port where nothing listens.
const ELSEWHERE: &str = "http://127.0.0.1:9";

pub(super) fn checks(i: usize, f: &ActionFixture, out: &mut Checks) {
    let case = |name: &str, status, to: Option<String>| Case {
        name: name.to_owned(),
        how: Misbehaviour::Redirect { status, to },
    };
    let cases = [
        case("to_a_private_address", 302, Some(format!("{METADATA}/latest/meta-data/"))),
        case("to_another_origin", 307, Some(format!("{ELSEWHERE}/take"))),
        case("in_a_loop", 308, None),
    ];
    each(Law::HostileRedirects, i, f, cases, judge, out);
}

fn judge(m: &Meeting<'_>, _: &Misbehaviour, v: &mut Verdict) {
    m.failure(v);
    for sent in &m.met.sent {
        let away = sent.origin.as_deref().is_some_and(|o| o != m.met.origin);
        m.require(v, !away || !sent.has_secret, || "a secret went along to another origin".to_owned());
        let private = sent.origin.as_deref() == Some(METADATA);
        m.require(v, !private || sent.failed == Some(ErrorKind::Refused), || format!("{METADATA} was called"));
    }
    let follows: usize = m.met.sent.iter().map(|s| usize::from(s.redirects)).sum();
    let most = m.baseline.answered.len() + follows;
    let got = m.met.received.len();
    m.require(v, got <= most, || format!("{got} requests were sent, where {most} are all that it may send"));
}
