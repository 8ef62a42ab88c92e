//! The audit log.

use jiff::Timestamp;
use rusqlite::{Connection, Row};

use super::super::{
    fail::{self, Done, nanos, stored},
    filter::{List, cap},
};
use crate::people::{AuditFilter, AuditKind, AuditLine};

/// Lines at a time, so that no write waits long behind it.
const CHUNK: i64 = 1000;

fn line(row: &Row<'_>) -> Done<AuditLine> {
    Ok(AuditLine {
        id: fail::id(row, "id")?,
        at: fail::time(row, "at")?,
        kind: fail::named(row, "kind")?,
        actor: row.get("actor")?,
        actor_name: row.get("actor_name")?,
        via: row.get("via")?,
        from: row.get("address")?,
        what: row.get("what")?,
        target: row.get("target")?,
        connection: row.get("connection")?,
        fields: fail::json(row, "fields")?,
        status: row.get("status")?,
        trace_id: row.get("trace_id")?,
    })
}

pub(super) fn add(db: &Connection, l: &AuditLine) -> Done<()> {
    db.prepare_cached(
        "INSERT INTO audit (id, at, kind, actor, actor_name, via, address, what, target, connection, fields, status, trace_id)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
    )?
    .execute((
        l.id.as_bytes(),
        nanos(l.at),
        l.kind.as_str(),
        &l.actor,
        &l.actor_name,
        &l.via,
        &l.from,
        &l.what,
        &l.target,
        &l.connection,
        serde_json::to_string(&l.fields)?,
        l.status,
        &l.trace_id,
    ))?;
    Ok(())
}

pub(super) fn list(db: &Connection, f: AuditFilter) -> Done<Vec<AuditLine>> {
    let mut list = List::new("audit line", "SELECT * FROM audit");
    list.with("kind = ", f.kind.map(|k| k.as_str().to_owned()));
    list.with("actor = ", f.actor);
    list.with("connection = ", f.connection);
    list.with("trace_id = ", f.trace_id);
    list.with("id < ", f.before.map(|b| b.as_bytes().to_vec()));
    list.rows(db, "id DESC", cap(f.limit), line)
}

pub(super) fn prune(db: &Connection, before: Timestamp, most: u64) -> Done<bool> {
    let before = nanos(before);
    let mut chunks = db
        .prepare_cached("DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE at < ?1 ORDER BY at LIMIT ?2)")?
        .execute((before, CHUNK))?;
    for kind in AuditKind::ALL {
        // The id that the last one to keep has; what is below it goes.
        chunks = chunks.max(
            db.prepare_cached(
                "DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE kind = ?1 AND id <=
                 (SELECT id FROM audit WHERE kind = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2) ORDER BY id LIMIT ?3)",
            )?
            .execute((kind.as_str(), stored(most), CHUNK))?,
        );
    }
    db.prepare_cached("DELETE FROM sessions WHERE created_at < ?1")?.execute([before])?;
    db.prepare_cached("DELETE FROM invitations WHERE expires_at < ?1")?.execute([before])?;
    Ok(chunks >= usize::try_from(CHUNK).unwrap_or(usize::MAX))
}
