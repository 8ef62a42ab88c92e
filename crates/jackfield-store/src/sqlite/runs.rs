//! Runs and their attempts: claimed, ended, found again after a crash.

use jiff::Timestamp;
use rusqlite::{Connection, Row};
use serde_json::Value;
use uuid::Uuid;

use super::{
    fail::{self, Done, nanos, not_found},
    filter::{List, cap},
};
use crate::{
    Attempt, AttemptEnd, Filter, Result, Run, RunState, StoreError,
    seal::{Place, Sealer},
};

const COLUMNS: &str = "id, flow, event, trace_id, connection, action, state, attempts, due_at, created_at, finished_at,
    sealed_error, sealed_output";

fn error_of(run: &Uuid) -> Place<'_> {
    Place::of("runs", "error", run)
}

fn output_of(run: &Uuid) -> Place<'_> {
    Place::of("runs", "output", run)
}

fn attempt_of<'a>(column: &'static str, run: &'a Uuid, number: &'a [u8]) -> Place<'a> {
    Place { name: number, ..Place::of("attempts", column, run) }
}

fn seal_json(sealer: &Sealer, place: Place<'_>, value: Option<&Value>) -> Result<Option<Vec<u8>>> {
    value.map(|v| sealer.seal(place, v.to_string().as_bytes())).transpose()
}

fn open_text(sealer: &Sealer, place: Place<'_>, row: &Row<'_>, column: &str) -> Done<Option<Vec<u8>>> {
    let sealed = row.get_ref(column)?.as_blob_or_null().map_err(rusqlite::Error::from)?;
    Ok(sealed.map(|sealed| sealer.open(place, sealed)).transpose()?)
}

fn open_json(sealer: &Sealer, place: Place<'_>, row: &Row<'_>, column: &str) -> Done<Option<Value>> {
    Ok(open_text(sealer, place, row, column)?.map(|text| serde_json::from_slice(&text)).transpose()?)
}

/// A run without its output.
fn read(row: &Row<'_>, sealer: &Sealer) -> Done<Run> {
    let id = fail::id(row, "id")?;
    Ok(Run {
        id,
        flow: row.get("flow")?,
        event: fail::id(row, "event")?,
        trace_id: fail::parsed(row, "trace_id")?,
        connection: row.get("connection")?,
        action: row.get("action")?,
        state: fail::named(row, "state")?,
        attempts: row.get("attempts")?,
        due_at: fail::time(row, "due_at")?,
        created_at: fail::time(row, "created_at")?,
        finished_at: fail::time_opt(row, "finished_at")?,
        error: open_json(sealer, error_of(&id), row, "sealed_error")?,
        output: None,
    })
}

pub(super) fn claim(db: &Connection, sealer: &Sealer, limit: usize, now: Timestamp, boot: i64) -> Done<Vec<Run>> {
    let mut due = List::new(&format!("SELECT {COLUMNS} FROM runs"));
    due.only("state = 'queued'");
    due.with("due_at <= ", Some(nanos(now)));
    let mut runs = due.rows(db, "due_at, id", limit, |row| read(row, sealer))?;
    let mut claim = db.prepare_cached("UPDATE runs SET state = 'running', attempts = ?2, boot = ?3 WHERE id = ?1")?;
    let mut begin = db.prepare_cached("INSERT INTO attempts (run, number, started_at) VALUES (?1, ?2, ?3)")?;
    for run in &mut runs {
        run.state = RunState::Running;
        run.attempts = run.attempts.saturating_add(1);
        claim.execute((run.id.as_bytes(), run.attempts, boot))?;
        begin.execute((run.id.as_bytes(), run.attempts, nanos(now)))?;
    }
    Ok(runs)
}

/// The end of an attempt, ready to be written: the output can be large and is sealed before.
pub(super) struct SealedEnd {
    run: Uuid,
    end: AttemptEnd,
    output: Option<Vec<u8>>,
}

impl SealedEnd {
    pub(super) fn new(sealer: &Sealer, run: Uuid, mut end: AttemptEnd) -> Result<Self> {
        if end.state == RunState::Running {
            return Err(StoreError::Other("an attempt cannot end with its run `running`".into()));
        }
        let output = seal_json(sealer, output_of(&run), end.output.take().as_ref())?;
        Ok(Self { run, end, output })
    }

    pub(super) fn write(&self, db: &Connection, sealer: &Sealer, boot: i64) -> Done<()> {
        let Self { run, end, output } = self;
        let sql = "SELECT state, attempts, boot FROM runs WHERE id = ?1";
        let (state, number, claimed) = fail::first(db, sql, [run.as_bytes()], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, u32>(1)?, row.get::<_, Option<i64>>(2)?))
        })?
        .ok_or_else(not_found("run", run))?;
        if state != "running" {
            return Err(StoreError::NotFound("attempt under way of the run", run.to_string()).into());
        }
        let at = nanos(end.at);
        let (due_at, finished_at) = match end.state {
            RunState::Queued => (Some(end.due_at.map_or(at, nanos)), None),
            _ => (None, Some(at)),
        };
        db.prepare_cached(
            "UPDATE runs SET state = ?2, due_at = coalesce(?3, due_at), finished_at = ?4, sealed_error = ?5,
                sealed_output = coalesce(?6, sealed_output) WHERE id = ?1",
        )?
        .execute((
            run.as_bytes(),
            fail::name_of(&end.state)?,
            due_at,
            finished_at,
            seal_json(sealer, error_of(run), end.error.as_ref())?,
            output,
        ))?;
        let name = number.to_le_bytes();
        let text = end.operator_text.as_ref();
        let text = text.map(|t| sealer.seal(attempt_of("operator_text", run, &name), t.as_bytes())).transpose()?;
        db.prepare_cached(
            "UPDATE attempts SET finished_at = ?3, sealed_error = ?4, sealed_operator_text = ?5
             WHERE run = ?1 AND number = ?2",
        )?
        .execute((
            run.as_bytes(),
            number,
            // Nobody knows when an attempt ended that the gateway was killed in.
            (claimed == Some(boot)).then_some(at),
            seal_json(sealer, attempt_of("error", run, &name), end.error.as_ref())?,
            text,
        ))?;
        Ok(())
    }
}

pub(super) fn interrupted(db: &Connection, sealer: &Sealer, boot: i64) -> Done<Vec<Run>> {
    let mut statement =
        db.prepare_cached(&format!("SELECT {COLUMNS} FROM runs WHERE state = 'running' AND boot < ?1 ORDER BY id"))?;
    let mut rows = statement.query([boot])?;
    let mut out = Vec::new();
    while let Some(row) = rows.next()? {
        out.push(read(row, sealer)?);
    }
    Ok(out)
}

pub(super) fn next_due(db: &Connection) -> Done<Option<Timestamp>> {
    let sql = "SELECT min(due_at) AS due_at FROM runs WHERE state = 'queued'";
    Ok(fail::first(db, sql, [], |row| fail::time_opt(row, "due_at"))?.flatten())
}

pub(super) fn list(db: &Connection, sealer: &Sealer, filter: Filter) -> Done<Vec<Run>> {
    let mut list = List::new(&format!("SELECT {COLUMNS} FROM runs"));
    // A run has no connector or event type of its own: its event's are meant.
    let event = |column| format!("(SELECT {column} FROM events WHERE events.id = runs.event) = ");
    list.with(&event("connector"), filter.connector);
    list.with(&event("event_type"), filter.event_type);
    list.with("connection = ", filter.connection);
    list.with("flow = ", filter.flow);
    list.with("event = ", filter.event.map(|id| id.as_bytes().to_vec()));
    list.trace(filter.trace_id);
    if let Some(state) = filter.state {
        // In the text and not as a value: only then do the indexes of single states serve.
        list.only(&format!("state = '{}'", fail::name_of(&state)?));
    }
    list.with("id < ", filter.before.map(|id| id.as_bytes().to_vec()));
    list.rows(db, "id DESC", cap(filter.limit), |row| read(row, sealer))
}

pub(super) fn one(db: &Connection, sealer: &Sealer, id: Uuid) -> Done<(Run, Vec<Attempt>)> {
    let sql = format!("SELECT {COLUMNS} FROM runs WHERE id = ?1");
    let run = fail::first(db, &sql, [id.as_bytes()], |row| {
        let output = open_json(sealer, output_of(&id), row, "sealed_output")?;
        Ok(Run { output, ..read(row, sealer)? })
    })?
    .ok_or_else(not_found("run", id))?;
    let mut statement = db.prepare_cached("SELECT * FROM attempts WHERE run = ?1 ORDER BY number")?;
    let mut rows = statement.query([id.as_bytes()])?;
    let mut attempts = Vec::new();
    while let Some(row) = rows.next()? {
        let number: u32 = row.get("number")?;
        let name = number.to_le_bytes();
        let text = open_text(sealer, attempt_of("operator_text", &id, &name), row, "sealed_operator_text")?;
        attempts.push(Attempt {
            number,
            started_at: fail::time(row, "started_at")?,
            finished_at: fail::time_opt(row, "finished_at")?,
            error: open_json(sealer, attempt_of("error", &id, &name), row, "sealed_error")?,
            operator_text: text.map(|text| String::from_utf8_lossy(&text).into_owned()),
        });
    }
    Ok((run, attempts))
}
