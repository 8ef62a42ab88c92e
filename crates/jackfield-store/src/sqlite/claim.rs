//! Which runs are next: claimed fairly between connections, and found again after a crash.
//!
//! What lives here: taking runs. What must not: ending them, or when to ask for more.
//!
//! A claim looks at each connection that has queued runs (jumping from one to the next in an index) and there at no more
//! runs than it may take: however many wait, the work is the same.

use std::collections::BTreeMap;

use connector_core::{Error, ErrorKind};
use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;
use uuid::Uuid;

use super::{
    fail::{self, Done, Fail, nanos, stored},
    filter::MAX,
    runs::{self, COLUMNS},
};
use crate::{Run, RunState, seal::Sealer};

/// No delay is as long; what is due later was queued by a clock that has been set back.
const TOO_LATE: SignedDuration = SignedDuration::from_hours(25);

// Each names its index: the planner, who does not know how many runs have ended, would take that of the states and sort.

/// When the next one is due.
pub(super) const NEXT_DUE: &str = "SELECT min(due_at) AS due_at FROM runs INDEXED BY runs_due WHERE state = 'queued'";
/// The first connection at or after a name that has queued runs.
pub(super) const NEXT_CONNECTION: &str = "SELECT connection FROM runs INDEXED BY runs_ready WHERE state = 'queued' AND connection >= ?1 ORDER BY connection LIMIT 1";
/// A connection's due runs.
pub(super) const DUE: &str = "SELECT id FROM runs INDEXED BY runs_ready WHERE state = 'queued' AND connection = ?1 AND due_at <= ?2 ORDER BY due_at, id LIMIT ?3";
/// A connection's runs that are due too late to be true.
pub(super) const STRANDED: &str = "SELECT id FROM runs INDEXED BY runs_ready WHERE state = 'queued' AND connection = ?1 AND due_at > ?2 ORDER BY due_at, id LIMIT ?3";
/// Whether there is any such run at all.
pub(super) const ANY_STRANDED: &str =
    "SELECT 1 FROM runs INDEXED BY runs_due WHERE state = 'queued' AND due_at > ?1 LIMIT 1";
/// What earlier boots left running.
pub(super) const INTERRUPTED: &str = "SELECT id FROM runs WHERE state = 'running' AND boot < ?1 ORDER BY id";

/// What is asked for, see [`Store::claim_runs`](crate::Store::claim_runs).
pub(super) struct Claim {
    pub(super) limit: usize,
    pub(super) per_connection: usize,
    pub(super) busy: BTreeMap<String, usize>,
    pub(super) now: Timestamp,
    pub(super) boot: i64,
}

/// Claims runs. `turn` is the connection that was served last; the one after it is served first now.
pub(super) fn claim(db: &Connection, sealer: &Sealer, turn: &mut String, claim: &Claim) -> Done<Vec<Run>> {
    let mut runs = Vec::new();
    loop {
        let chosen = choose(db, turn, claim)?;
        for id in &chosen {
            match begin(db, sealer, id, claim) {
                Ok(run) => runs.push(run),
                Err(fail) => give_up(db, sealer, id, claim.now, fail)?,
            }
        }
        // None, although some were due: all of those are damaged and failed, and others may be due behind them.
        if !runs.is_empty() || chosen.is_empty() {
            return Ok(runs);
        }
    }
}

fn choose(db: &Connection, turn: &mut String, claim: &Claim) -> Done<Vec<Uuid>> {
    let limit = claim.limit.min(MAX);
    let due = nanos(claim.now);
    let too_late = nanos(claim.now.saturating_add(TOO_LATE).unwrap_or(Timestamp::MAX));
    let stranded = fail::first(db, ANY_STRANDED, [too_late], |_| Ok(()))?.is_some();
    // (how many its connection has under way before it, whether that is only after the turn's end, connection, run)
    let mut candidates = Vec::new();
    let mut from = String::new();
    while let Some(connection) = fail::first(db, NEXT_CONNECTION, [&from], |row| Ok(row.get::<_, String>(0)?))? {
        let busy = claim.busy.get(&connection).copied().unwrap_or(0);
        let free = claim.per_connection.saturating_sub(busy).min(limit);
        let mut ids = oldest(db, DUE, &connection, due, free)?;
        if stranded && ids.len() < free {
            ids.extend(oldest(db, STRANDED, &connection, too_late, free - ids.len())?);
        }
        let waits = connection <= *turn;
        candidates.extend((busy..).zip(ids).map(|(before, id)| (before, waits, connection.clone(), id)));
        // The next possible name.
        from = connection;
        from.push('\0');
    }
    // Stable: a connection's runs stay in the order in which they are due.
    candidates.sort_by(|a, b| (a.0, a.1, &a.2).cmp(&(b.0, b.1, &b.2)));
    candidates.truncate(limit);
    if let Some((_, _, connection, _)) = candidates.last() {
        turn.clone_from(connection);
    }
    Ok(candidates.into_iter().map(|(.., id)| id).collect())
}

fn oldest(db: &Connection, sql: &str, connection: &str, time: i64, limit: usize) -> Done<Vec<Uuid>> {
    if limit == 0 {
        return Ok(Vec::new());
    }
    ids(db, sql, (connection, time, stored(limit as u64)))
}

fn ids(db: &Connection, sql: &str, params: impl rusqlite::Params) -> Done<Vec<Uuid>> {
    let mut statement = db.prepare_cached(sql)?;
    let ids = statement.query_map(params, |row| Ok(Uuid::from_bytes(row.get(0)?)))?;
    Ok(ids.collect::<Result<_, _>>()?)
}

fn read(db: &Connection, sealer: &Sealer, id: &Uuid) -> Done<Run> {
    let sql = format!("SELECT {COLUMNS} FROM runs WHERE id = ?1");
    fail::first(db, &sql, [id.as_bytes()], |row| runs::read(row, sealer))?.ok_or_else(fail::not_found("run", id))
}

fn begin(db: &Connection, sealer: &Sealer, id: &Uuid, claim: &Claim) -> Done<Run> {
    let mut run = read(db, sealer, id)?;
    run.state = RunState::Running;
    run.attempts = run.attempts.saturating_add(1);
    let begun = db
        .prepare_cached("INSERT INTO attempts (run, number, started_at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING")?
        .execute((id.as_bytes(), run.attempts, nanos(claim.now)))?;
    if begun == 0 {
        return Err(fail::damaged("count of attempts", "there is one of the next number already"));
    }
    db.prepare_cached("UPDATE runs SET state = 'running', attempts = ?2, boot = ?3 WHERE id = ?1")?.execute((
        id.as_bytes(),
        run.attempts,
        claim.boot,
    ))?;
    Ok(run)
}

/// Ends a run that cannot be read: nothing is done on the word of a damaged row, and it must not stand in the others' way.
fn give_up(db: &Connection, sealer: &Sealer, id: &Uuid, at: Timestamp, fail: Fail) -> Done<()> {
    if !fail.unreadable {
        return Err(fail);
    }
    tracing::error!(run = %id, error = %fail.error, "a run cannot be read: it failed");
    let reason = Error::new(
        ErrorKind::Internal,
        "the stored run is damaged and was not carried out; replay its event to make it anew",
    );
    let reason = runs::seal_json(sealer, runs::error_of(id), Some(&reason.to_caller_json()))?;
    db.prepare_cached("UPDATE runs SET state = 'failed', finished_at = ?2, sealed_error = ?3 WHERE id = ?1")?
        .execute((id.as_bytes(), nanos(at), reason))?;
    Ok(())
}

/// Runs that an earlier boot left running.
pub(super) fn interrupted(db: &Connection, sealer: &Sealer, boot: i64, now: Timestamp) -> Done<Vec<Run>> {
    let mut runs = Vec::new();
    for id in ids(db, INTERRUPTED, [boot])? {
        match read(db, sealer, &id) {
            Ok(run) => runs.push(run),
            Err(fail) => give_up(db, sealer, &id, now, fail)?,
        }
    }
    Ok(runs)
}

pub(super) fn next_due(db: &Connection) -> Done<Option<Timestamp>> {
    Ok(fail::first(db, NEXT_DUE, [], |row| fail::time_opt(row, "due_at"))?.flatten())
}
