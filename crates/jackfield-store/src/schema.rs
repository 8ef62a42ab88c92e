//! The SQLite schema and its migrations.
//!
//! What lives here: tables, indexes, the version they are at. What must not: queries.
//!
//! Migrations go forward only. `user_version` counts those that were applied; each runs in one transaction with its count.
//! A released migration is never edited: add the next one.
//!
//! Conventions: ids are UUIDv7 as 16-byte blobs, so the order of ids is the order of time; times are nanoseconds since
//! the Unix epoch; columns named `sealed_*` hold sealed values; JSON is text. Rows that grow big have their big columns
//! last or apart, so that lists and updates do not touch them.

mod accounts;
mod people;
mod setup;
mod tokens;
mod vault;
mod vitals;

use rusqlite::{Connection, TransactionBehavior};

use crate::{StoreError, sqlite::Fail};

/// `JFst`: tells the database from others'.
const APPLICATION_ID: i64 = 0x4a46_7374;

const MIGRATIONS: &[&str] =
    &[V1, SIGNALS, NETWORKS, LIMITS, accounts::SQL, tokens::SQL, people::SQL, vitals::SQL, setup::SQL, vault::SQL];

/// Brings the database up to date.
///
/// # Errors
/// `Newer`, if a newer version of the gateway has migrated it further; `Other`, if it is not the gateway's.
pub(crate) fn migrate(db: &mut Connection) -> Result<(), Fail> {
    migrate_with(db, MIGRATIONS)
}

/// Whether a database is the gateway's and not newer than this version. Returns its schema version.
pub(crate) fn check(db: &Connection) -> Result<i64, Fail> {
    match versions(db, MIGRATIONS)? {
        0 => Err(StoreError::Other("the database file was not made by jackfield".into()).into()),
        found => Ok(found),
    }
}

fn versions(db: &Connection, migrations: &[&str]) -> Result<i64, Fail> {
    let known = i64::try_from(migrations.len()).unwrap_or(i64::MAX);
    let found: i64 = db.query_row("PRAGMA user_version", [], |r| r.get(0))?;
    let application: i64 = db.query_row("PRAGMA application_id", [], |r| r.get(0))?;
    let tables: i64 = db.query_row("SELECT count(*) FROM sqlite_schema", [], |r| r.get(0))?;
    if application != APPLICATION_ID && (application != 0 || found != 0 || tables != 0) {
        return Err(StoreError::Other("the database file was not made by jackfield".into()).into());
    }
    if found > known {
        return Err(StoreError::Newer { found, known }.into());
    }
    Ok(found)
}

fn migrate_with(db: &mut Connection, migrations: &[&str]) -> Result<(), Fail> {
    let found = versions(db, migrations)?;
    for (migration, version) in migrations.iter().zip(1i64..).filter(|(_, version)| *version > found) {
        let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        tx.execute_batch(migration)?;
        tx.pragma_update(None, "user_version", version)?;
        tx.pragma_update(None, "application_id", APPLICATION_ID)?;
        tx.commit()?;
    }
    Ok(())
}

const V1: &str = "
-- The store's own values: the sealed data key, the boot count.
CREATE TABLE meta (
    name    TEXT PRIMARY KEY,
    value   ANY NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE settings (
    name    TEXT PRIMARY KEY,
    value   TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE apps (
    id          TEXT PRIMARY KEY,
    connector   TEXT NOT NULL,
    name        TEXT NOT NULL,
    app_values  TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL
) STRICT;

CREATE TABLE connections (
    id          TEXT PRIMARY KEY,
    connector   TEXT NOT NULL,
    name        TEXT NOT NULL,
    app         TEXT REFERENCES apps (id) ON DELETE RESTRICT,
    conn_values TEXT NOT NULL,
    identity    TEXT NOT NULL,
    account     TEXT,
    enabled     INTEGER NOT NULL CHECK (enabled IN (0, 1)),
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX connections_app ON connections (app) WHERE app IS NOT NULL;

CREATE TABLE flows (
    id          TEXT PRIMARY KEY,
    name        TEXT NOT NULL,
    enabled     INTEGER NOT NULL CHECK (enabled IN (0, 1)),
    definition  TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL
) STRICT;

-- slot 0 is the current value, slot 1 the one before while a rotation lasts. A value is sealed to its value_id, so that
-- it can change slots without being opened.
CREATE TABLE secrets (
    owner_kind      TEXT NOT NULL CHECK (owner_kind IN ('app', 'connection')),
    owner_id        TEXT NOT NULL,
    name            TEXT NOT NULL,
    slot            INTEGER NOT NULL CHECK (slot IN (0, 1)),
    value_id        BLOB NOT NULL,
    sealed_value    BLOB NOT NULL,
    PRIMARY KEY (owner_kind, owner_id, name, slot)
) STRICT, WITHOUT ROWID;

CREATE TABLE deliveries (
    seq         INTEGER PRIMARY KEY,
    id          BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    trace_id    TEXT NOT NULL,
    connector   TEXT NOT NULL,
    app         TEXT,
    connection  TEXT,
    method      TEXT NOT NULL,
    sealed_path BLOB NOT NULL,
    body_bytes  INTEGER NOT NULL,
    verified_by TEXT NOT NULL,
    dedupe_key  TEXT,
    duplicates  INTEGER NOT NULL DEFAULT 0,
    received_at INTEGER NOT NULL
) STRICT;
CREATE INDEX deliveries_connector ON deliveries (connector, id);
CREATE INDEX deliveries_connection ON deliveries (connection, id) WHERE connection IS NOT NULL;
CREATE INDEX deliveries_trace ON deliveries (trace_id, id);

CREATE TABLE delivery_bodies (
    delivery        INTEGER PRIMARY KEY REFERENCES deliveries (seq) ON DELETE CASCADE,
    sealed_headers  BLOB NOT NULL,
    sealed_body     BLOB NOT NULL
) STRICT;

-- What has been seen, for as long as the window lasts. It outlives nothing: pruning it touches no delivery.
CREATE TABLE dedupe_keys (
    connector   TEXT NOT NULL,
    scope       TEXT NOT NULL,
    key         TEXT NOT NULL,
    delivery    BLOB NOT NULL,
    trace_id    TEXT NOT NULL,
    seen_at     INTEGER NOT NULL,
    PRIMARY KEY (connector, scope, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX dedupe_keys_age ON dedupe_keys (seen_at);

CREATE TABLE events (
    seq             INTEGER PRIMARY KEY,
    id              BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    delivery        BLOB,
    trace_id        TEXT NOT NULL,
    origin          TEXT NOT NULL,
    connector       TEXT NOT NULL,
    connection      TEXT,
    event_type      TEXT NOT NULL,
    trigger_name    TEXT,
    subject         TEXT,
    occurred_at     TEXT,
    received_at     INTEGER NOT NULL,
    sealed_payload  BLOB NOT NULL
) STRICT;
CREATE INDEX events_connector ON events (connector, id);
CREATE INDEX events_connection ON events (connection, id) WHERE connection IS NOT NULL;
CREATE INDEX events_type ON events (event_type, id);
CREATE INDEX events_trace ON events (trace_id, id);

-- The events still to be matched. A queue of its own: taking one out of it must not rewrite the event's row.
CREATE TABLE undispatched (
    event   BLOB PRIMARY KEY
) STRICT, WITHOUT ROWID;

CREATE TABLE runs (
    seq             INTEGER PRIMARY KEY,
    id              BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    flow            TEXT NOT NULL,
    event           BLOB NOT NULL,
    trace_id        TEXT NOT NULL,
    connection      TEXT NOT NULL,
    action          TEXT NOT NULL,
    state           TEXT NOT NULL CHECK (state IN ('queued', 'running', 'succeeded', 'failed', 'parked')),
    attempts        INTEGER NOT NULL DEFAULT 0,
    due_at          INTEGER NOT NULL,
    created_at      INTEGER NOT NULL,
    finished_at     INTEGER,
    -- The boot that claimed it last.
    boot            INTEGER,
    sealed_error    BLOB,
    sealed_output   BLOB
) STRICT;
CREATE INDEX runs_flow ON runs (flow, id);
CREATE INDEX runs_flow_state ON runs (flow, state, id);
CREATE INDEX runs_connection ON runs (connection, id);
CREATE INDEX runs_connection_state ON runs (connection, state, id);
CREATE INDEX runs_event ON runs (event, id);
CREATE INDEX runs_trace ON runs (trace_id, id);
CREATE INDEX runs_state ON runs (state, id);
-- When the next one is due, and the next ones of a connection.
CREATE INDEX runs_due ON runs (due_at) WHERE state = 'queued';
CREATE INDEX runs_ready ON runs (connection, due_at, id) WHERE state = 'queued';

CREATE TABLE attempts (
    run                     BLOB NOT NULL,
    number                  INTEGER NOT NULL,
    started_at              INTEGER NOT NULL,
    finished_at             INTEGER,
    sealed_error            BLOB,
    sealed_operator_text    BLOB,
    PRIMARY KEY (run, number)
) STRICT;

CREATE TABLE refusals (
    hour        INTEGER NOT NULL,
    connector   TEXT NOT NULL,
    target      TEXT NOT NULL,
    status      INTEGER NOT NULL,
    reason      TEXT NOT NULL,
    count       INTEGER NOT NULL,
    first_at    INTEGER NOT NULL,
    last_at     INTEGER NOT NULL,
    PRIMARY KEY (hour, connector, target, status, reason)
) STRICT, WITHOUT ROWID;
";

const SIGNALS: &str = "
-- What services announce about their own API, a line a signal.
CREATE TABLE signals (
    connector   TEXT NOT NULL,
    endpoint    TEXT NOT NULL,
    kind        TEXT NOT NULL,
    value       TEXT NOT NULL,
    count       INTEGER NOT NULL,
    first_at    INTEGER NOT NULL,
    last_at     INTEGER NOT NULL,
    PRIMARY KEY (connector, endpoint, kind, value)
) STRICT, WITHOUT ROWID;
";

/// Internal networks that one connection may reach: a JSON list of texts.
const NETWORKS: &str = "ALTER TABLE connections ADD COLUMN networks TEXT NOT NULL DEFAULT '[]'";
/// Limits of one connection's calls: a JSON list of texts.
const LIMITS: &str = "ALTER TABLE connections ADD COLUMN limits TEXT NOT NULL DEFAULT '[]'";

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn version(db: &Connection) -> i64 {
        db.query_row("PRAGMA user_version", [], |r| r.get(0)).unwrap()
    }

    #[test]
    fn migrations_run_once_in_order_and_a_failing_one_leaves_nothing() {
        let mut db = Connection::open_in_memory().unwrap();
        migrate(&mut db).unwrap();
        let known = i64::try_from(MIGRATIONS.len()).unwrap();
        assert_eq!(version(&db), known);
        migrate(&mut db).unwrap();

        let later =
            ["CREATE TABLE later (x INTEGER) STRICT", "CREATE TABLE half (x INTEGER) STRICT; SELECT nonsense()"];
        let next = [MIGRATIONS, &later].concat();
        assert!(migrate_with(&mut db, &next).is_err());
        assert_eq!(version(&db), known + 1, "those before the failing one stay");
        let made: i64 = db
            .query_row("SELECT count(*) FROM sqlite_schema WHERE name IN ('later', 'half')", [], |r| r.get(0))
            .unwrap();
        assert_eq!(made, 1);

        let refused = migrate(&mut db).unwrap_err().error;
        assert!(
            matches!(refused, StoreError::Newer { found, known: k } if (found, k) == (known + 1, known)),
            "{refused}"
        );
    }

    #[test]
    fn what_a_first_version_kept_is_there_after_the_later_migrations() {
        let mut db = Connection::open_in_memory().unwrap();
        migrate_with(&mut db, &[V1]).unwrap();
        let sql =
            "INSERT INTO connections (id, connector, name, conn_values, identity, enabled, created_at, updated_at)
            VALUES ('old', 'slack', 'Old', '{}', '{}', 1, 0, 0)";
        db.execute(sql, []).unwrap();
        migrate(&mut db).unwrap();
        let networks: String =
            db.query_row("SELECT networks FROM connections WHERE id = 'old'", [], |r| r.get(0)).unwrap();
        assert_eq!(networks, "[]");
        let signals: i64 = db.query_row("SELECT count(*) FROM signals", [], |r| r.get(0)).unwrap();
        assert_eq!(signals, 0);
    }

    #[test]
    fn a_foreign_database_is_left_alone() {
        let mut db = Connection::open_in_memory().unwrap();
        db.execute_batch("CREATE TABLE theirs (x)").unwrap();
        let refused = migrate(&mut db).unwrap_err().error.to_string();
        assert!(refused.contains("not made by jackfield"), "{refused}");
    }

    /// A list that sorts or scans is a list that gets slower every day.
    #[test]
    fn the_lists_are_served_by_indexes() {
        let mut db = Connection::open_in_memory().unwrap();
        migrate(&mut db).unwrap();
        for (sql, index) in [
            ("SELECT * FROM deliveries WHERE id < x'00' ORDER BY id DESC LIMIT 10", "sqlite_autoindex_deliveries_1"),
            ("SELECT * FROM deliveries WHERE connector = ?1 AND id < ?2 ORDER BY id DESC", "deliveries_connector"),
            ("SELECT * FROM deliveries WHERE connection = ?1 ORDER BY id DESC", "deliveries_connection"),
            ("SELECT * FROM events WHERE connection = ?1 ORDER BY id DESC", "events_connection"),
            ("SELECT * FROM events WHERE event_type = ?1 ORDER BY id DESC", "events_type"),
            ("SELECT * FROM runs WHERE state = ?1 AND id < ?2 ORDER BY id DESC", "runs_state"),
            (
                "SELECT * FROM runs WHERE flow = ?1 AND state = ?2 ORDER BY id DESC",
                "runs_flow_state (flow=? AND state=?)",
            ),
            (
                "SELECT * FROM runs WHERE connection = ?1 AND state = ?2 AND id < ?3 ORDER BY id DESC",
                "runs_connection_state (connection=? AND state=? AND id<?)",
            ),
            ("SELECT * FROM runs WHERE trace_id = ?1 ORDER BY id DESC", "runs_trace"),
            ("SELECT * FROM events WHERE trace_id = ?1 ORDER BY id DESC", "events_trace"),
            ("SELECT * FROM deliveries WHERE trace_id = ?1 ORDER BY id DESC", "deliveries_trace"),
            ("SELECT * FROM runs WHERE flow = ?1 ORDER BY id DESC", "runs_flow"),
            ("SELECT * FROM runs WHERE event = ?1 ORDER BY id DESC", "runs_event"),
            (
                "SELECT * FROM call_counts WHERE connection = ?1 AND hour >= ?2 ORDER BY hour",
                "PRIMARY KEY (connection=? AND hour>?)",
            ),
            (
                "SELECT connection, sum(count) FROM call_counts WHERE ?1 IS NULL AND hour >= ?2",
                "call_counts_hour (hour>?)",
            ),
        ] {
            let mut plan = db.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
            let unbound = plan.parameter_count();
            for i in 1..=unbound {
                plan.raw_bind_parameter(i, rusqlite::types::Null).unwrap();
            }
            let mut rows = plan.raw_query();
            let mut text = String::new();
            while let Some(row) = rows.next().unwrap() {
                text.push_str(&row.get::<_, String>(3).unwrap());
                text.push('\n');
            }
            assert!(text.contains(index) && !text.contains("TEMP B-TREE"), "{sql}\n{text}");
        }
    }
}
