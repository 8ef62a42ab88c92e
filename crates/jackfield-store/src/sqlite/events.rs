//! Events, and the queue of those still to be matched.

use connector_core::Event;
use rusqlite::{Connection, Row};
use serde_json::Value;
use uuid::Uuid;

use super::{
    fail::{self, Done, exists, nanos, not_found},
    filter::{List, cap},
};
use crate::{
    Filter, NewRun, Result, StoreError,
    seal::{Place, Sealer},
};

const COLUMNS: &str =
    "events.id AS id, events.trace_id AS trace_id, origin, connector, connection, event_type, trigger_name,
    subject, occurred_at, received_at, sealed_payload";

fn payload(id: &Uuid) -> Place<'_> {
    Place::of("events", "payload", id)
}

/// An event ready to be written: its payload is sealed and gone from the event.
pub(super) struct SealedEvent {
    event: Event,
    payload: Vec<u8>,
}

impl SealedEvent {
    pub(super) fn new(sealer: &Sealer, mut event: Event) -> Result<Self> {
        let clear = serde_json::to_vec(&event.payload)
            .map_err(|e| StoreError::Other(format!("the payload of an event cannot be written as JSON: {e}")))?;
        let payload = sealer.seal(payload(&event.id), &clear)?;
        event.payload = Value::Null;
        Ok(Self { event, payload })
    }

    /// Writes it, to be matched.
    pub(super) fn insert(&self, db: &Connection, delivery: Option<&Uuid>) -> Done<()> {
        let e = &self.event;
        db.prepare_cached(
            "INSERT INTO events (id, delivery, trace_id, origin, connector, connection, event_type, trigger_name, subject,
                occurred_at, received_at, sealed_payload) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        )?
        .execute((
            e.id.as_bytes(),
            delivery.map(Uuid::as_bytes),
            e.trace_id.to_string(),
            fail::name_of(&e.origin)?,
            &e.connector,
            &e.connection,
            &e.event_type,
            &e.trigger,
            &e.subject,
            // The service's word, which may be any time: text holds all of them.
            e.occurred_at.map(|t| t.to_string()),
            nanos(e.received_at),
            &self.payload,
        ))
        .map_err(exists("event", &e.id))?;
        enqueue(db, &e.id)
    }
}

fn enqueue(db: &Connection, event: &Uuid) -> Done<()> {
    db.prepare_cached("INSERT INTO undispatched (event) VALUES (?1) ON CONFLICT DO NOTHING")?
        .execute([event.as_bytes()])?;
    Ok(())
}

fn read(row: &Row<'_>, sealer: &Sealer) -> Done<Event> {
    let id = fail::id(row, "id")?;
    let sealed = row.get_ref("sealed_payload")?.as_blob().map_err(rusqlite::Error::from)?;
    let clear = sealer.open(payload(&id), sealed)?;
    Ok(Event {
        id,
        origin: fail::named(row, "origin")?,
        connector: row.get("connector")?,
        connection: row.get("connection")?,
        event_type: row.get("event_type")?,
        trigger: row.get("trigger_name")?,
        occurred_at: match row.get::<_, Option<String>>("occurred_at")? {
            Some(_) => Some(fail::parsed(row, "occurred_at")?),
            None => None,
        },
        received_at: fail::time(row, "received_at")?,
        subject: row.get("subject")?,
        payload: serde_json::from_slice(&clear)?,
        trace_id: fail::parsed(row, "trace_id")?,
    })
}

pub(super) fn list(db: &Connection, sealer: &Sealer, filter: Filter) -> Done<Vec<Event>> {
    let mut list = List::new(&format!("SELECT {COLUMNS} FROM events"));
    list.with("connector = ", filter.connector);
    list.with("connection = ", filter.connection);
    list.with("event_type = ", filter.event_type);
    list.trace(filter.trace_id);
    list.with("id < ", filter.before.map(|id| id.as_bytes().to_vec()));
    list.rows(db, "id DESC", cap(filter.limit), |row| read(row, sealer))
}

pub(super) fn one(db: &Connection, sealer: &Sealer, id: Uuid) -> Done<Event> {
    let sql = format!("SELECT {COLUMNS} FROM events WHERE id = ?1");
    fail::first(db, &sql, [id.as_bytes()], |row| read(row, sealer))?.ok_or_else(not_found("event", id))
}

pub(super) fn undispatched(db: &Connection, sealer: &Sealer, limit: usize) -> Done<Vec<Event>> {
    List::new(&format!("SELECT {COLUMNS} FROM undispatched JOIN events ON events.id = undispatched.event")).rows(
        db,
        "undispatched.event",
        limit,
        |row| read(row, sealer),
    )
}

pub(super) fn dispatched(db: &Connection, event: Uuid, runs: &[NewRun], at: i64) -> Done<()> {
    let taken = db.prepare_cached("DELETE FROM undispatched WHERE event = ?1")?.execute([event.as_bytes()])?;
    let trace_id = trace_id(db, event)?;
    if taken == 0 {
        // Dispatched before: its runs were made then.
        return Ok(());
    }
    let mut insert = db.prepare_cached(
        "INSERT INTO runs (id, flow, event, trace_id, connection, action, state, due_at, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'queued', ?7, ?7)",
    )?;
    for run in runs {
        insert
            .execute((run.id.as_bytes(), &run.flow, event.as_bytes(), &trace_id, &run.connection, &run.action, at))
            .map_err(exists("run", &run.id))?;
    }
    Ok(())
}

pub(super) fn redispatch(db: &Connection, event: Uuid) -> Done<()> {
    trace_id(db, event)?;
    enqueue(db, &event)
}

fn trace_id(db: &Connection, event: Uuid) -> Done<String> {
    fail::first(db, "SELECT trace_id FROM events WHERE id = ?1", [event.as_bytes()], |row| Ok(row.get(0)?))?
        .ok_or_else(not_found("event", event))
}
