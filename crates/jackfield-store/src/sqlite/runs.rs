//! Runs and their attempts: ended, queued again, shown.

use rusqlite::{Connection, Row};
use serde_json::Value;
use uuid::Uuid;

use super::{
    fail::{self, Done, Fail, nanos, not_found},
    filter::{List, cap},
};
use crate::{
    Attempt, AttemptEnd, Filter, Result, Run, RunState, StoreError,
    seal::{Place, Sealer},
};

pub(super) const COLUMNS: &str = "id, flow, event, trace_id, connection, action, state, attempts, due_at, created_at,
    finished_at, sealed_error";

pub(super) fn error_of(run: &Uuid) -> Place<'_> {
    Place::of("runs", "error", run)
}

fn output_of(run: &Uuid) -> Place<'_> {
    Place::of("runs", "output", run)
}

fn attempt_of<'a>(column: &'static str, run: &'a Uuid, number: &'a [u8]) -> Place<'a> {
    Place { name: number, ..Place::of("attempts", column, run) }
}

pub(super) fn seal_json(sealer: &Sealer, place: Place<'_>, value: Option<&Value>) -> Result<Option<Vec<u8>>> {
    value.map(|v| sealer.seal(place, v.to_string().as_bytes())).transpose()
}

fn open_json(sealer: &Sealer, place: Place<'_>, row: &Row<'_>, column: &str) -> Done<Option<Value>> {
    Ok(fail::open_opt(sealer, place, row, column)?.map(|text| serde_json::from_slice(&text)).transpose()?)
}

/// The same, but a damaged value is as good as none.
fn show_json(sealer: &Sealer, place: Place<'_>, row: &Row<'_>, column: &str, run: &Uuid) -> Done<Option<Value>> {
    Ok(fail::unless_damaged("value of the run", run, open_json(sealer, place, row, column))?.flatten())
}

/// A run without its output, to be acted on: all of it must be well.
pub(super) fn read(row: &Row<'_>, sealer: &Sealer) -> Done<Run> {
    let run = read_head(row)?;
    Ok(Run { error: open_json(sealer, error_of(&run.id), row, "sealed_error")?, ..run })
}

/// A run without its output, to be looked at.
fn show(row: &Row<'_>, sealer: &Sealer) -> Done<Run> {
    let run = read_head(row)?;
    Ok(Run { error: show_json(sealer, error_of(&run.id), row, "sealed_error", &run.id)?, ..run })
}

fn read_head(row: &Row<'_>) -> Done<Run> {
    Ok(Run {
        id: fail::id(row, "id")?,
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
        error: None,
        output: None,
    })
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
        if !end.counts && end.state != RunState::Queued {
            return Err(StoreError::Other("an attempt that ends a run counts".into()));
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
        if !end.counts {
            return take_back(db, run, number, end.due_at.map_or(at, nanos));
        }
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

/// Undoes the claim of a run.
fn take_back(db: &Connection, run: &Uuid, number: u32, due_at: i64) -> Done<()> {
    db.prepare_cached("UPDATE runs SET state = 'queued', attempts = ?2, due_at = ?3 WHERE id = ?1")?.execute((
        run.as_bytes(),
        number.saturating_sub(1),
        due_at,
    ))?;
    db.prepare_cached("DELETE FROM attempts WHERE run = ?1 AND number = ?2")?.execute((run.as_bytes(), number))?;
    Ok(())
}

/// Makes a run wait again that has ended without success. Its error stays until the next attempt ends.
pub(super) fn requeue(db: &Connection, sealer: &Sealer, run: Uuid, at: i64) -> Done<Run> {
    match state(db, run)? {
        RunState::Failed | RunState::Parked => {}
        other => return Err(conflict(run, other, "only one that failed or is parked can be queued again")?),
    }
    db.prepare_cached("UPDATE runs SET state = 'queued', due_at = ?2, finished_at = NULL WHERE id = ?1")?
        .execute((run.as_bytes(), at))?;
    shown(db, sealer, run)
}

/// Ends a parked run as a person decided.
pub(super) fn settle(db: &Connection, sealer: &Sealer, run: Uuid, to: RunState, at: i64) -> Done<Run> {
    if !matches!(to, RunState::Succeeded | RunState::Failed) {
        let to = fail::name_of(&to)?;
        return Err(StoreError::Invalid(format!("a run is settled as succeeded or failed, not as {to}")).into());
    }
    match state(db, run)? {
        RunState::Parked => {}
        other => return Err(conflict(run, other, "only one that is parked can be settled")?),
    }
    db.prepare_cached("UPDATE runs SET state = ?2, finished_at = ?3 WHERE id = ?1")?.execute((
        run.as_bytes(),
        fail::name_of(&to)?,
        at,
    ))?;
    shown(db, sealer, run)
}

fn conflict(run: Uuid, state: RunState, rule: &str) -> Done<Fail> {
    Ok(StoreError::Conflict(format!("run `{run}` is {}; {rule}", fail::name_of(&state)?)).into())
}

fn state(db: &Connection, run: Uuid) -> Done<RunState> {
    fail::first(db, "SELECT state FROM runs WHERE id = ?1", [run.as_bytes()], |row| fail::named(row, "state"))?
        .ok_or_else(not_found("run", run))
}

fn shown(db: &Connection, sealer: &Sealer, run: Uuid) -> Done<Run> {
    let sql = format!("SELECT {COLUMNS} FROM runs WHERE id = ?1");
    fail::first(db, &sql, [run.as_bytes()], |row| show(row, sealer))?.ok_or_else(not_found("run", run))
}

pub(super) fn list(db: &Connection, sealer: &Sealer, filter: Filter) -> Done<Vec<Run>> {
    let mut list = List::new("run", &format!("SELECT {COLUMNS} FROM runs"));
    // A run has no connector or event type of its own: its event's are meant.
    let event = |column| format!("(SELECT {column} FROM events WHERE events.id = runs.event) = ");
    list.with(&event("connector"), filter.connector);
    list.with(&event("event_type"), filter.event_type);
    list.with("connection = ", filter.connection);
    list.with("flow = ", filter.flow);
    list.with("event = ", filter.event.map(|id| id.as_bytes().to_vec()));
    list.trace(filter.trace_id);
    list.with("state = ", filter.state.map(|state| fail::name_of(&state)).transpose()?);
    list.with("id < ", filter.before.map(|id| id.as_bytes().to_vec()));
    list.rows(db, "id DESC", cap(filter.limit), |row| show(row, sealer))
}

pub(super) fn one(db: &Connection, sealer: &Sealer, id: Uuid) -> Done<(Run, Vec<Attempt>)> {
    let sql = format!("SELECT {COLUMNS}, sealed_output FROM runs WHERE id = ?1");
    let run = fail::first(db, &sql, [id.as_bytes()], |row| {
        let output = show_json(sealer, output_of(&id), row, "sealed_output", &id)?;
        Ok(Run { output, ..show(row, sealer)? })
    })?
    .ok_or_else(not_found("run", id))?;
    let mut statement = db.prepare_cached("SELECT * FROM attempts WHERE run = ?1 ORDER BY number")?;
    let mut rows = statement.query([id.as_bytes()])?;
    let mut attempts = Vec::new();
    while let Some(row) = rows.next()? {
        let number: u32 = row.get("number")?;
        let name = number.to_le_bytes();
        let place = attempt_of("operator_text", &id, &name);
        let text = fail::open_opt(sealer, place, row, "sealed_operator_text");
        let text = fail::unless_damaged("operator text of an attempt of the run", id, text)?.flatten();
        attempts.push(Attempt {
            number,
            started_at: fail::time(row, "started_at")?,
            finished_at: fail::time_opt(row, "finished_at")?,
            error: show_json(sealer, attempt_of("error", &id, &name), row, "sealed_error", &id)?,
            operator_text: text.map(|text| String::from_utf8_lossy(&text).into_owned()),
        });
    }
    Ok((run, attempts))
}
