//! Refusals for coming too fast, in every style that services have.

use std::time::Duration;

use connector_core::ErrorKind;

use super::{Case, Meeting, each};
use crate::{
    contract::{Checks, Law, Verdict},
    fake::{Misbehaviour, PauseStyle},
    fixture::ActionFixture,
};

/// The pause that is asked for: long enough that nobody sits it out here.
const PAUSE: Duration = Duration::from_secs(90);

pub(super) fn checks(i: usize, f: &ActionFixture, out: &mut Checks) {
    let cases = PauseStyle::ALL.iter().map(|style| Case {
        name: style.slug().to_owned(),
        how: Misbehaviour::Throttled { style: *style, after: PAUSE },
    });
    each(Law::HostileRateLimits, i, f, cases, judge, out);
}

fn judge(m: &Meeting<'_>, how: &Misbehaviour, v: &mut Verdict) {
    let Misbehaviour::Throttled { style, after } = how else { return };
    let Some(e) = m.failure(v) else { return };
    m.kind(v, e, &[ErrorKind::RateLimited]);
    m.advice(v, e, &["safe"]);
    if *style != PauseStyle::Unsaid {
        let got = e.retry().after().map(|d| d.as_secs_f64());
        // Styles in whole seconds may be off by one.
        m.require(v, got.is_some_and(|g| (g - after.as_secs_f64()).abs() <= 1.0), || {
            let got = got.map_or("none".to_owned(), |g| format!("{g} s"));
            format!("the pause should be {} s, it is {got}", after.as_secs())
        });
    }
}
