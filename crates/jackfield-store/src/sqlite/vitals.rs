//! Counts of calls by hour, what is known of connections' health, descriptors.

use async_trait::async_trait;
use connector_core::describe::Descriptors;
use jiff::Timestamp;
use rusqlite::{Connection, Row};
use uuid::Uuid;

use super::{
    SqliteStore,
    events::SealedEvent,
    fail::{self, Done, nanos, not_found, stored},
};
use crate::{
    Result,
    seal::{Place, Sealer},
    vitals::{CallKey, CallTally, DayTally, DescriptorsRecord, HealthChange, HealthRecord, VitalsStore},
};

const DAY: i64 = 24 * 3_600_000_000_000;
/// Rows forgotten at a time, so that no write waits long behind it.
const CHUNK: i64 = 1000;

fn add_calls(db: &Connection, tallies: &[CallTally]) -> Done<()> {
    let mut add = db.prepare_cached(
        "INSERT INTO call_counts (connection, hour, action, outcome, kind, count, last_at)
         SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7 WHERE EXISTS (SELECT 1 FROM connections WHERE id = ?1)
         ON CONFLICT DO UPDATE SET count = count + excluded.count, last_at = max(last_at, excluded.last_at)",
    )?;
    for t in tallies {
        let k = &t.key;
        let outcome = fail::name_of(&k.outcome)?;
        add.execute((&k.connection, nanos(k.hour), &k.action, outcome, &k.kind, stored(t.count), nanos(t.last_at)))?;
    }
    Ok(())
}

fn read_tally(row: &Row<'_>) -> Done<CallTally> {
    Ok(CallTally {
        key: CallKey {
            connection: row.get("connection")?,
            action: row.get("action")?,
            hour: fail::time(row, "hour")?,
            outcome: fail::named(row, "outcome")?,
            kind: row.get("kind")?,
        },
        count: fail::count(row, "count")?,
        last_at: fail::time(row, "last_at")?,
    })
}

fn read_day(row: &Row<'_>) -> Done<DayTally> {
    Ok(DayTally {
        connection: row.get("connection")?,
        day: fail::time(row, "day")?,
        outcome: fail::named(row, "outcome")?,
        count: fail::count(row, "n")?,
        last_at: fail::time(row, "last")?,
    })
}

/// The rows of a query of one connection (`?1`, or all if it is null) since a moment (`?2`).
fn since<T>(
    db: &Connection,
    sql: &str,
    connection: Option<&str>,
    since: Timestamp,
    read: impl Fn(&Row<'_>) -> Done<T>,
) -> Done<Vec<T>> {
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = statement.query((connection, nanos(since)))?;
    let mut out = Vec::new();
    while let Some(row) = rows.next()? {
        out.extend(fail::unless_damaged("count of calls", "(calls)", read(row))?);
    }
    Ok(out)
}

const CALLS: &str =
    "SELECT * FROM call_counts WHERE connection = ?1 AND hour >= ?2 ORDER BY hour, action, outcome, kind";

/// Which rows: of one connection or of all, since a moment. Each has an index of its own to be found by.
fn which(connection: Option<&str>) -> &'static str {
    match connection {
        Some(_) => "connection = ?1 AND hour >= ?2",
        None => "?1 IS NULL AND hour >= ?2",
    }
}

fn last_failures(connection: Option<&str>) -> String {
    let which = which(connection);
    format!("SELECT *, max(last_at) FROM call_counts WHERE {which} AND outcome = 'failure' GROUP BY connection")
}

/// Sums by connection, outcome and the moment that `day` gives.
fn sums(day: &str, connection: Option<&str>) -> String {
    let which = which(connection);
    format!(
        "SELECT connection, outcome, {day} AS day, sum(count) AS n, max(last_at) AS last FROM call_counts
         WHERE {which} GROUP BY connection, day, outcome ORDER BY connection, day"
    )
}

fn forget(db: &Connection, before: Timestamp) -> Done<bool> {
    let gone = db
        .prepare_cached(
            "DELETE FROM call_counts WHERE (connection, hour, action, outcome, kind) IN
             (SELECT connection, hour, action, outcome, kind FROM call_counts WHERE hour < ?1 ORDER BY hour LIMIT ?2)",
        )?
        .execute((nanos(before), CHUNK))?;
    Ok(gone >= usize::try_from(CHUNK).unwrap_or(usize::MAX))
}

fn health(db: &Connection, connection: &str) -> Done<Option<HealthRecord>> {
    fail::first(db, "SELECT record FROM health WHERE connection = ?1", [connection], |row| fail::json(row, "record"))
}

fn healths(db: &Connection) -> Done<Vec<(String, HealthRecord)>> {
    let mut statement = db.prepare_cached("SELECT connection, record FROM health ORDER BY connection")?;
    let mut rows = statement.query([])?;
    let mut out = Vec::new();
    while let Some(row) = rows.next()? {
        let connection: String = row.get("connection")?;
        let record = fail::unless_damaged("health", format_args!("{connection}"), fail::json(row, "record"))?;
        out.extend(record.map(|r| (connection, r)));
    }
    Ok(out)
}

fn connection_exists(db: &Connection, id: &str) -> Done<()> {
    fail::first(db, "SELECT 1 FROM connections WHERE id = ?1", [id], |_| Ok(()))?
        .ok_or_else(not_found("connection", id))
}

fn change_health(db: &Connection, change: &HealthChange, events: &[SealedEvent]) -> Done<()> {
    connection_exists(db, &change.connection)?;
    if let Some((enabled, at)) = change.enable {
        db.prepare_cached("UPDATE connections SET enabled = ?2, updated_at = ?3 WHERE id = ?1")?.execute((
            &change.connection,
            enabled,
            nanos(at),
        ))?;
    }
    db.prepare_cached(
        "INSERT INTO health (connection, record) VALUES (?1, ?2)
         ON CONFLICT (connection) DO UPDATE SET record = excluded.record",
    )?
    .execute((&change.connection, serde_json::to_string(&change.record)?))?;
    events.iter().try_for_each(|e| e.insert(db, None))
}

fn place<'a>(value_id: &'a Uuid, connection: &'a str) -> Place<'a> {
    Place { name: connection.as_bytes(), ..Place::of("descriptors", "descriptors", value_id) }
}

fn descriptors(db: &Connection, sealer: &Sealer, connection: &str) -> Done<Option<DescriptorsRecord>> {
    fail::first(db, "SELECT * FROM descriptors WHERE connection = ?1", [connection], |row| {
        let value_id = fail::id(row, "value_id")?;
        let clear = fail::open(sealer, place(&value_id, connection), row, "sealed_descriptors")?;
        Ok(DescriptorsRecord {
            version: fail::count(row, "version")?,
            described_at: fail::time(row, "described_at")?,
            descriptors: serde_json::from_slice(&clear)?,
        })
    })
}

fn put_descriptors(db: &Connection, sealer: &Sealer, connection: &str, new: &Descriptors, at: Timestamp) -> Done<u64> {
    connection_exists(db, connection)?;
    let kept = fail::unless_damaged("descriptors", connection, descriptors(db, sealer, connection))?.flatten();
    if let Some(kept) = kept.as_ref().filter(|k| &k.descriptors == new) {
        db.prepare_cached("UPDATE descriptors SET described_at = ?2 WHERE connection = ?1")?
            .execute((connection, nanos(at)))?;
        return Ok(kept.version);
    }
    let value_id = Uuid::now_v7();
    let sealed = sealer.seal(place(&value_id, connection), &serde_json::to_vec(new)?)?;
    let version: i64 = db
        .prepare_cached(
            "INSERT INTO descriptors (connection, version, described_at, value_id, sealed_descriptors)
             VALUES (?1, 1, ?2, ?3, ?4)
             ON CONFLICT (connection) DO UPDATE SET version = version + 1, described_at = excluded.described_at,
                value_id = excluded.value_id, sealed_descriptors = excluded.sealed_descriptors
             RETURNING version",
        )?
        .query_row((connection, nanos(at), value_id.as_bytes(), sealed), |row| row.get(0))?;
    Ok(u64::try_from(version).unwrap_or_default())
}

#[async_trait]
impl VitalsStore for SqliteStore {
    async fn add_calls(&self, tallies: Vec<CallTally>) -> Result<()> {
        self.write(move |db| add_calls(db, &tallies)).await
    }

    async fn calls(&self, connection: &str, from: Timestamp) -> Result<Vec<CallTally>> {
        let connection = connection.to_owned();
        self.read(move |db| since(db, CALLS, Some(&connection), from, read_tally)).await
    }

    async fn call_days(&self, connection: Option<String>, from: Timestamp) -> Result<Vec<DayTally>> {
        let sql = sums(&format!("hour - ((hour % {DAY}) + {DAY}) % {DAY}"), connection.as_deref());
        self.read(move |db| since(db, &sql, connection.as_deref(), from, read_day)).await
    }

    async fn call_sums(&self, connection: Option<String>, from: Timestamp) -> Result<Vec<DayTally>> {
        let sql = sums("?2", connection.as_deref());
        self.read(move |db| since(db, &sql, connection.as_deref(), from, read_day)).await
    }

    async fn last_failures(&self, connection: Option<String>, from: Timestamp) -> Result<Vec<CallTally>> {
        let sql = last_failures(connection.as_deref());
        self.read(move |db| since(db, &sql, connection.as_deref(), from, read_tally)).await
    }

    async fn forget_calls(&self, before: Timestamp) -> Result<bool> {
        self.write(move |db| forget(db, before)).await
    }

    async fn health(&self, connection: &str) -> Result<Option<HealthRecord>> {
        let connection = connection.to_owned();
        self.read(move |db| health(db, &connection)).await
    }

    async fn healths(&self) -> Result<Vec<(String, HealthRecord)>> {
        self.read(healths).await
    }

    async fn change_health(&self, change: HealthChange) -> Result<()> {
        let mut change = change;
        let events = std::mem::take(&mut change.events);
        let sealed: Vec<SealedEvent> =
            events.into_iter().map(|e| SealedEvent::checked(&self.sealer, e)).collect::<Result<_>>()?;
        self.write(move |db| change_health(db, &change, &sealed)).await
    }

    async fn descriptors(&self, connection: &str) -> Result<Option<DescriptorsRecord>> {
        let connection = connection.to_owned();
        self.unseal(move |db, sealer| descriptors(db, sealer, &connection)).await
    }

    async fn put_descriptors(&self, connection: &str, new: Descriptors, at: Timestamp) -> Result<u64> {
        let connection = connection.to_owned();
        self.write_sealed(move |db, sealer| put_descriptors(db, sealer, &connection, &new, at)).await
    }
}
