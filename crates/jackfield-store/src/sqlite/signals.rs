//! What services announce about their own API: one line a signal, counted.

use connector_core::signal::{MAX_PER_ENDPOINT, SignalKind, SignalTally, UpstreamSignal};
use rusqlite::{Connection, Row};

use super::{
    fail::{self, Done, nanos, stored},
    filter::List,
};

/// Adds counts; gives the signals that were not there. One that had to push out another of its endpoint is not among them: a
/// service that says something else in every answer would be new for ever.
pub(super) fn add(db: &Connection, tallies: &[SignalTally]) -> Done<Vec<UpstreamSignal>> {
    let mut count = db.prepare_cached(
        "UPDATE signals SET count = count + ?5, first_at = min(first_at, ?6), last_at = max(last_at, ?7)
         WHERE connector = ?1 AND endpoint = ?2 AND kind = ?3 AND value = ?4",
    )?;
    let mut begin = db.prepare_cached(
        "INSERT INTO signals (connector, endpoint, kind, value, count, first_at, last_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    let mut make_room = db.prepare_cached(
        "DELETE FROM signals WHERE (connector, endpoint, kind, value) IN
         (SELECT connector, endpoint, kind, value FROM signals WHERE connector = ?1 AND endpoint = ?2
          ORDER BY last_at DESC, kind, value LIMIT -1 OFFSET ?3)",
    )?;
    let mut new = Vec::new();
    for t in tallies {
        let s = &t.signal;
        let kind = fail::name_of(&s.kind)?;
        let line = (&s.connector, &s.endpoint, kind, &s.value, stored(t.count), nanos(t.first_at), nanos(t.last_at));
        if count.execute(line.clone())? > 0 {
            continue;
        }
        let room = i64::try_from(MAX_PER_ENDPOINT - 1).unwrap_or(i64::MAX);
        let pushed_out = make_room.execute((&s.connector, &s.endpoint, room))?;
        begin.execute(line)?;
        if pushed_out == 0 {
            new.push(s.clone());
        }
    }
    Ok(new)
}

pub(super) fn list(db: &Connection, connector: Option<String>, limit: usize) -> Done<Vec<SignalTally>> {
    let mut list = List::new("signal", "SELECT * FROM signals");
    list.with("connector = ", connector);
    list.rows(db, "last_at DESC, connector, endpoint, kind, value", limit, read)
}

fn read(row: &Row<'_>) -> Done<SignalTally> {
    let (connector, endpoint, value): (String, String, String) =
        (row.get("connector")?, row.get("endpoint")?, row.get("value")?);
    let kind: SignalKind = fail::named(row, "kind")?;
    Ok(SignalTally {
        signal: UpstreamSignal::new(&connector, &endpoint, kind, &value),
        count: fail::count(row, "count")?,
        first_at: fail::time(row, "first_at")?,
        last_at: fail::time(row, "last_at")?,
    })
}
