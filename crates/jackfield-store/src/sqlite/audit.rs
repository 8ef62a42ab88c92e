//! What is counted: refused requests, rows, and whether a write works.

use std::collections::{BTreeMap, HashMap, hash_map::Entry};

use jiff::Timestamp;
use rusqlite::Connection;

use super::{
    fail::{self, Done, nanos, stored},
    filter::List,
};
use crate::{RefusalKey, Refused};

const HOUR: i64 = 3_600_000_000_000;
/// Lines an hour. Strangers choose what is refused, so they must not choose how many lines there are.
const LINES: i64 = 1000;
/// What the lines beyond are counted as, with status 0 for "any".
const OTHER: &str = "(other)";

pub(super) fn add_refusals(db: &Connection, counts: &[(RefusalKey, u64, Timestamp)]) -> Done<()> {
    let mut add = db.prepare_cached(
        "UPDATE refusals SET count = count + ?6, first_at = min(first_at, ?7), last_at = max(last_at, ?7)
         WHERE hour = ?1 AND connector = ?2 AND target = ?3 AND status = ?4 AND reason = ?5",
    )?;
    let mut begin = db.prepare_cached(
        "INSERT INTO refusals (hour, connector, target, status, reason, count, first_at, last_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)",
    )?;
    let mut lines = db.prepare_cached("SELECT count(*) FROM refusals WHERE hour = ?1")?;
    let mut lines_of: HashMap<i64, i64> = HashMap::new();
    for (key, count, at) in counts {
        let (at, count) = (nanos(*at), stored(*count));
        let hour = at - at.rem_euclid(HOUR);
        let line = (hour, &*key.connector, &*key.target, key.status, &*key.reason, count, at);
        if add.execute(line)? > 0 {
            continue;
        }
        let n = match lines_of.entry(hour) {
            Entry::Occupied(e) => e.into_mut(),
            Entry::Vacant(e) => e.insert(lines.query_row([hour], |row| row.get(0))?),
        };
        let line = if *n < LINES { line } else { (hour, OTHER, OTHER, 0, OTHER, count, at) };
        if *n >= LINES && add.execute(line)? > 0 {
            continue;
        }
        begin.execute(line)?;
        *n += 1;
    }
    Ok(())
}

pub(super) fn refusals(db: &Connection, limit: usize) -> Done<Vec<Refused>> {
    List::new("refusal", "SELECT * FROM refusals").rows(db, "hour DESC, count DESC, last_at DESC", limit, |row| {
        Ok(Refused {
            key: RefusalKey {
                connector: row.get("connector")?,
                target: row.get("target")?,
                status: row.get("status")?,
                reason: row.get("reason")?,
            },
            hour: fail::time(row, "hour")?,
            count: fail::count(row, "count")?,
            first_at: fail::time(row, "first_at")?,
            last_at: fail::time(row, "last_at")?,
        })
    })
}

const TABLES: [&str; 15] = [
    "apps",
    "attempts",
    "connections",
    "dedupe_keys",
    "deliveries",
    "events",
    "flows",
    "hooks",
    "installations",
    "refusals",
    "runs",
    "secrets",
    "settings",
    "signals",
    "undispatched",
];

pub(super) fn counts(db: &Connection) -> Done<BTreeMap<String, u64>> {
    TABLES
        .iter()
        .map(|table| {
            let sql = format!("SELECT count(*) AS n FROM {table}");
            let n = fail::first(db, &sql, [], |row| fail::count(row, "n"))?;
            Ok(((*table).to_owned(), n.unwrap_or(0)))
        })
        .collect()
}

/// Writes, and returns what was written.
pub(super) fn write_ready(db: &Connection) -> Done<i64> {
    Ok(db
        .prepare_cached(
            "INSERT INTO meta (name, value) VALUES ('ready', 1)
             ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value",
        )?
        .query_row([], |row| row.get(0))?)
}

pub(super) fn read_ready(db: &Connection) -> Done<i64> {
    Ok(db.prepare_cached("SELECT value FROM meta WHERE name = 'ready'")?.query_row([], |row| row.get(0))?)
}
