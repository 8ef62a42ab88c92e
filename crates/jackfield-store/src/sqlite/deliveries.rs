//! Deliveries: kept once, however often they come.

use bytes::Bytes;
use rusqlite::{Connection, Row};
use uuid::Uuid;

use super::{
    events::SealedEvent,
    fail::{self, Done, exists, nanos, not_found, stored},
    filter::{List, cap},
};
use crate::{
    Delivery, Filter, NewDelivery, Receipt, Result, StoreError,
    seal::{Place, Sealer},
};

const COLUMNS: &str =
    "id, trace_id, connector, app, connection, method, sealed_path, body_bytes, verified_by, dedupe_key,
    duplicates, received_at";

/// In place of a path that does not open.
const UNREADABLE: &str = "(unreadable)";

// The path is sealed as well: some services put a token into the address.
fn path(id: &Uuid) -> Place<'_> {
    Place::of("deliveries", "path", id)
}

fn headers(id: &Uuid) -> Place<'_> {
    Place::of("delivery_bodies", "headers", id)
}

fn body(id: &Uuid) -> Place<'_> {
    Place::of("delivery_bodies", "body", id)
}

/// A delivery ready to be written: what is sealed is gone from the record.
pub(super) struct SealedDelivery {
    delivery: NewDelivery,
    path: Vec<u8>,
    headers: Vec<u8>,
    body: Vec<u8>,
    body_bytes: usize,
    events: Vec<SealedEvent>,
}

impl SealedDelivery {
    pub(super) fn new(sealer: &Sealer, mut delivery: NewDelivery) -> Result<Self> {
        let id = delivery.id;
        let clear = serde_json::to_vec(&std::mem::take(&mut delivery.headers))
            .map_err(|e| StoreError::Other(format!("the headers of a delivery cannot be written as JSON: {e}")))?;
        let clear_body = std::mem::take(&mut delivery.body);
        let events = std::mem::take(&mut delivery.events).into_iter().map(|mut event| {
            event.received_at = delivery.received_at;
            event.connector.clone_from(&delivery.connector);
            event.connection.clone_from(&delivery.connection);
            event.trace_id = delivery.trace_id;
            SealedEvent::new(sealer, event)
        });
        Ok(Self {
            path: sealer.seal(path(&id), delivery.path.as_bytes())?,
            headers: sealer.seal(headers(&id), &clear)?,
            body: sealer.seal(body(&id), &clear_body)?,
            body_bytes: clear_body.len(),
            events: events.collect::<Result<_>>()?,
            delivery,
        })
    }

    /// Within what a dedupe key is unique, beside the connector: the owner of the key that the delivery was verified with.
    fn scope(&self) -> String {
        match (&self.delivery.app, &self.delivery.connection) {
            (Some(app), _) => format!("app/{app}"),
            (None, Some(connection)) => format!("connection/{connection}"),
            (None, None) => String::new(),
        }
    }

    /// Writes it, unless it is there already. `now` is what the dedupe window is counted from.
    pub(super) fn keep(&self, db: &Connection, now: i64) -> Done<Receipt> {
        let d = &self.delivery;
        let trace_id = d.trace_id.to_string();
        if let Some(key) = &d.dedupe_key {
            let scope = self.scope();
            let first = db
                .prepare_cached(
                    "INSERT INTO dedupe_keys (connector, scope, key, delivery, trace_id, seen_at)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING",
                )?
                .execute((&d.connector, &scope, key, d.id.as_bytes(), &trace_id, now))?;
            if first == 0 {
                return duplicate(db, (&d.connector, &scope, key));
            }
        }
        db.prepare_cached(
            "INSERT INTO deliveries (id, trace_id, connector, app, connection, method, sealed_path, body_bytes, verified_by,
                dedupe_key, received_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        )?
        .execute((
            d.id.as_bytes(),
            &trace_id,
            &d.connector,
            &d.app,
            &d.connection,
            &d.method,
            &self.path,
            stored(self.body_bytes as u64),
            &d.verified_by,
            &d.dedupe_key,
            nanos(d.received_at),
        ))
        .map_err(exists("delivery", &d.id))?;
        db.prepare_cached("INSERT INTO delivery_bodies (delivery, sealed_headers, sealed_body) VALUES (?1, ?2, ?3)")?
            .execute((db.last_insert_rowid(), &self.headers, &self.body))?;
        for event in &self.events {
            event.insert(db, Some(&d.id))?;
        }
        Ok(Receipt { delivery: d.id, trace_id: d.trace_id, duplicate: false })
    }
}

fn duplicate(db: &Connection, key: (&str, &str, &str)) -> Done<Receipt> {
    let sql = "SELECT delivery, trace_id FROM dedupe_keys WHERE connector = ?1 AND scope = ?2 AND key = ?3";
    let receipt = fail::first(db, sql, key, |row| {
        Ok(Receipt { delivery: fail::id(row, "delivery")?, trace_id: fail::parsed(row, "trace_id")?, duplicate: true })
    })?
    .ok_or_else(not_found("dedupe key", key.2))?;
    db.prepare_cached("UPDATE deliveries SET duplicates = duplicates + 1 WHERE id = ?1")?
        .execute([receipt.delivery.as_bytes()])?;
    Ok(receipt)
}

fn read(db: &Connection, row: &Row<'_>, sealer: &Sealer) -> Done<Delivery> {
    let id = fail::id(row, "id")?;
    let trace: String = row.get("trace_id")?;
    let events = db
        .prepare_cached("SELECT id, event_type FROM events WHERE trace_id = ?1 AND delivery = ?2 ORDER BY seq")?
        .query_map((&trace, id.as_bytes()), |row| Ok((Uuid::from_bytes(row.get(0)?), row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    let clear_path =
        fail::unless_damaged("path of the delivery", id, fail::open(sealer, path(&id), row, "sealed_path"))?;
    Ok(Delivery {
        id,
        trace_id: fail::parsed(row, "trace_id")?,
        connector: row.get("connector")?,
        app: row.get("app")?,
        connection: row.get("connection")?,
        method: row.get("method")?,
        path: clear_path.map_or_else(|| UNREADABLE.into(), |path| String::from_utf8_lossy(&path).into_owned()),
        headers: Vec::new(),
        body_bytes: fail::count(row, "body_bytes")?,
        verified_by: row.get("verified_by")?,
        dedupe_key: row.get("dedupe_key")?,
        duplicates: fail::count(row, "duplicates")?,
        received_at: fail::time(row, "received_at")?,
        events,
    })
}

pub(super) fn list(db: &Connection, sealer: &Sealer, filter: Filter) -> Done<Vec<Delivery>> {
    let mut list = List::new("delivery", &format!("SELECT {COLUMNS} FROM deliveries"));
    list.with("connector = ", filter.connector);
    list.with("connection = ", filter.connection);
    list.trace(filter.trace_id);
    list.with("id < ", filter.before.map(|id| id.as_bytes().to_vec()));
    list.rows(db, "id DESC", cap(filter.limit), |row| read(db, row, sealer))
}

pub(super) fn one(db: &Connection, sealer: &Sealer, id: Uuid) -> Done<(Delivery, Bytes)> {
    let sql = format!(
        "SELECT {COLUMNS}, sealed_headers, sealed_body FROM deliveries JOIN delivery_bodies ON delivery = seq WHERE id = ?1"
    );
    fail::first(db, &sql, [id.as_bytes()], |row| {
        let mut delivery = read(db, row, sealer)?;
        delivery.headers = serde_json::from_slice(&fail::open(sealer, headers(&id), row, "sealed_headers")?)?;
        let body = fail::open(sealer, body(&id), row, "sealed_body")?;
        Ok((delivery, Bytes::from(body)))
    })?
    .ok_or_else(not_found("delivery", id))
}
