//! Bodies that break the service's contract, with the status of a success.

use connector_core::ErrorKind;
use serde_json::Value;

use super::{Case, Meeting, each, told};
use crate::{
    contract::{Checks, Law, Verdict, bench::Outcome},
    fake::Misbehaviour,
    fixture::ActionFixture,
};

/// More than any call here allows.
const OVERSIZE: usize = 8 << 20;

pub(super) fn checks(i: usize, f: &ActionFixture, out: &mut Checks) {
    let case = |(name, how): (&str, Misbehaviour)| Case { name: name.to_owned(), how };
    let broken =
        [("truncated", Misbehaviour::Truncated), ("html", Misbehaviour::NotJson), ("empty", Misbehaviour::Empty)];
    each(Law::HostileBodies, i, f, broken.map(case), is_protocol, out);
    let odd = [("wrong_type", Misbehaviour::WrongType), ("invalid_utf8", Misbehaviour::InvalidUtf8)];
    each(Law::HostileBodies, i, f, odd.map(case), is_protocol_or_unused, out);
    let cut = [
        ("oversize", Misbehaviour::Oversize(OVERSIZE)),
        ("endless", Misbehaviour::Endless),
        ("cut_off", Misbehaviour::CutOff),
    ];
    each(Law::HostileBodies, i, f, cut.map(case), is_the_transports, out);
}

/// Whether the good answer is JSON: where there is none, nothing of a body is promised that could be broken.
fn is_json(m: &Meeting<'_>) -> bool {
    m.baseline.answered.get(m.at).is_some_and(|a| serde_json::from_slice::<Value>(&a.body).is_ok())
}

fn is_protocol(m: &Meeting<'_>, _: &Misbehaviour, v: &mut Verdict) {
    if !is_json(m) {
        return v.not_applicable();
    }
    if let Some(e) = m.failure(v) {
        m.kind(v, e, &[ErrorKind::Protocol]);
        m.advice(v, e, &["ambiguous", "never"]);
    }
}

/// What is only called wrong, or broken where the connector does not look, may be a success; then it is the one that it is
/// without.
fn is_protocol_or_unused(m: &Meeting<'_>, _: &Misbehaviour, v: &mut Verdict) {
    if !is_json(m) {
        return v.not_applicable();
    }
    match &m.met.outcome {
        Outcome::Err(e) => m.kind(v, e, &[ErrorKind::Protocol]),
        Outcome::Ok(_) => {
            let same = m.met.output().is_some_and(|o| o == m.baseline.output);
            m.require(v, same, || format!("a success was made of it: {}", told(&m.met.outcome)));
        }
        _ => {}
    }
}

fn is_the_transports(m: &Meeting<'_>, _: &Misbehaviour, v: &mut Verdict) {
    if let Some(e) = m.failure(v) {
        m.kind(v, e, &[ErrorKind::Protocol, ErrorKind::UpstreamUnavailable, ErrorKind::Timeout]);
        m.advice(v, e, &["ambiguous", "never"]);
    }
}
