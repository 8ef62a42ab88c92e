//! Events, and the queue of those still to be matched.

use connector_core::Event;
use rusqlite::{Connection, Row};
use serde_json::Value;
use uuid::Uuid;

use super::{
    fail::{self, Done, exists, nanos, not_found},
    filter::{List, MAX, cap},
};
use crate::{
    Filter, NewRun, Result, StoreError,
    seal::{Place, Sealer},
};

const COLUMNS: &str =
    "events.id AS id, events.trace_id AS trace_id, origin, connector, connection, event_type, trigger_name,
    subject, occurred_at, received_at";

/// The queue with the size of each payload, which SQLite tells without reading it. `CROSS`: the queue is what is walked.
pub(super) const QUEUE: &str = "SELECT event, length(sealed_payload) FROM undispatched CROSS JOIN events ON id = event
     ORDER BY event LIMIT ?1";
/// So many bytes of sealed payloads are taken from the queue at once: what is taken is all in memory.
const BATCH_BYTES: i64 = 16 * 1024 * 1024;
/// So deep a payload may nest. Reading JSON back ends at 128.
const DEPTH: usize = 100;

fn payload(id: &Uuid) -> Place<'_> {
    Place::of("events", "payload", id)
}

/// An event ready to be written: its payload is sealed and gone from the event.
pub(super) struct SealedEvent {
    event: Event,
    payload: Vec<u8>,
}

impl SealedEvent {
    /// The same for an event that is not made of a body that was parsed: one that could not be read back is refused.
    pub(super) fn checked(sealer: &Sealer, event: Event) -> Result<Self> {
        if deeper_than(DEPTH, &event.payload) {
            return Err(StoreError::Invalid(format!(
                "the payload of event `{}` nests deeper than {DEPTH} arrays and objects; make it flatter",
                event.id
            )));
        }
        Self::new(sealer, event)
    }

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

/// Whether arrays and objects nest more than `levels` deep.
fn deeper_than(levels: usize, value: &Value) -> bool {
    let deeper = |value| levels == 0 || deeper_than(levels - 1, value);
    match value {
        Value::Array(items) => levels == 0 || items.iter().any(deeper),
        Value::Object(fields) => levels == 0 || fields.values().any(deeper),
        _ => false,
    }
}

/// An event with its payload.
fn read(row: &Row<'_>, sealer: &Sealer) -> Done<Event> {
    let event = read_head(row)?;
    let clear = fail::open(sealer, payload(&event.id), row, "sealed_payload")?;
    Ok(Event { payload: serde_json::from_slice(&clear)?, ..event })
}

fn read_head(row: &Row<'_>) -> Done<Event> {
    Ok(Event {
        id: fail::id(row, "id")?,
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
        payload: Value::Null,
        trace_id: fail::parsed(row, "trace_id")?,
    })
}

pub(super) fn list(db: &Connection, filter: Filter) -> Done<Vec<Event>> {
    let mut list = List::new("event", &format!("SELECT {COLUMNS} FROM events"));
    list.with("connector = ", filter.connector);
    list.with("connection = ", filter.connection);
    list.with("event_type = ", filter.event_type);
    list.trace(filter.trace_id);
    list.with("id < ", filter.before.map(|id| id.as_bytes().to_vec()));
    list.rows(db, "id DESC", cap(filter.limit), read_head)
}

pub(super) fn one(db: &Connection, sealer: &Sealer, id: Uuid) -> Done<Event> {
    let sql = format!("SELECT {COLUMNS}, sealed_payload FROM events WHERE id = ?1");
    fail::first(db, &sql, [id.as_bytes()], |row| read(row, sealer))?.ok_or_else(not_found("event", id))
}

/// What is next in the queue.
#[derive(Default)]
pub(super) struct Batch {
    pub(super) events: Vec<Event>,
    /// Events that cannot be read, to be given to [`skip`].
    pub(super) damaged: Vec<Uuid>,
}

pub(super) fn undispatched(db: &Connection, sealer: &Sealer, limit: usize) -> Done<Batch> {
    let mut statement = db.prepare_cached(QUEUE)?;
    let mut rows = statement.query([fail::stored(limit.min(MAX) as u64)])?;
    let mut batch = Batch::default();
    let mut bytes = 0;
    while let Some(row) = rows.next()? {
        bytes += row.get::<_, i64>(1)?;
        if bytes > BATCH_BYTES && !batch.events.is_empty() {
            break;
        }
        let id = Uuid::from_bytes(row.get(0)?);
        match fail::unless_damaged("event", id, one(db, sealer, id))? {
            Some(event) => batch.events.push(event),
            None => batch.damaged.push(id),
        }
    }
    Ok(batch)
}

/// Takes events out of the queue without runs.
pub(super) fn skip(db: &Connection, events: &[Uuid]) -> Done<()> {
    let mut skip = db.prepare_cached("DELETE FROM undispatched WHERE event = ?1")?;
    for event in events {
        skip.execute([event.as_bytes()])?;
        tracing::error!(event = %event, "an event cannot be read: it starts no flow");
    }
    Ok(())
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
