//! Forgetting what has served its time: dedupe keys and lines of the refusals' audit. Deliveries are never touched.

use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;

use super::fail::{Done, nanos};

/// How long a dedupe key is remembered: 8 days. Senders repeat for up to 76 hours by themselves (Standard Webhooks), and
/// people replay by hand within the week.
const DEDUPE_WINDOW: SignedDuration = SignedDuration::from_hours(8 * 24);
/// How long the audit of refused requests reaches back: 90 days. Strangers can make it grow, so it has to end.
const REFUSALS_KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);
/// Rows at a time, so that no write waits long behind it.
const CHUNK: i64 = 1000;

/// Forgets one chunk. Returns whether there may be more.
pub(super) fn prune(db: &Connection, now: Timestamp) -> Done<bool> {
    let before = |age| nanos(now.saturating_sub(age).unwrap_or(Timestamp::MIN));
    let keys = db
        .prepare_cached(
            "DELETE FROM dedupe_keys WHERE (connector, scope, key) IN
             (SELECT connector, scope, key FROM dedupe_keys WHERE seen_at < ?1 ORDER BY seen_at LIMIT ?2)",
        )?
        .execute((before(DEDUPE_WINDOW), CHUNK))?;
    let refusals = db
        .prepare_cached(
            "DELETE FROM refusals WHERE (hour, connector, target, status, reason) IN
             (SELECT hour, connector, target, status, reason FROM refusals WHERE hour < ?1 ORDER BY hour LIMIT ?2)",
        )?
        .execute((before(REFUSALS_KEPT), CHUNK))?;
    Ok(keys.max(refusals) >= usize::try_from(CHUNK).unwrap_or(usize::MAX))
}
