//! Sessions of browsers.

use jiff::Timestamp;
use rusqlite::{Connection, Row};
use uuid::Uuid;

use super::{
    super::{
        fail::{self, Done, nanos, stored},
        filter::List,
    },
    persons,
};
use crate::people::{CodeHash, MAX_SESSIONS, Person, Session};

fn session(row: &Row<'_>) -> Done<Session> {
    Ok(Session {
        handle: fail::id(row, "handle")?,
        person: fail::id(row, "person")?,
        created_at: fail::time(row, "created_at")?,
        seen_at: fail::time(row, "seen_at")?,
        from: row.get("address")?,
        agent: row.get("agent")?,
    })
}

pub(super) fn add(db: &Connection, s: &Session, id: CodeHash) -> Done<()> {
    persons::signed_in(db, s.person, s.created_at)?;
    db.prepare_cached(
        "DELETE FROM sessions WHERE id IN
         (SELECT id FROM sessions WHERE person = ?1 ORDER BY seen_at DESC LIMIT -1 OFFSET ?2)",
    )?
    .execute((s.person.as_bytes(), stored(MAX_SESSIONS.saturating_sub(1) as u64)))?;
    db.prepare_cached(
        "INSERT INTO sessions (id, handle, person, created_at, seen_at, address, agent) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute((id, s.handle.as_bytes(), s.person.as_bytes(), nanos(s.created_at), nanos(s.seen_at), &s.from, &s.agent))?;
    Ok(())
}

pub(super) fn one(db: &Connection, id: CodeHash) -> Done<Option<(Session, Person)>> {
    let Some(found) = fail::first(db, "SELECT * FROM sessions WHERE id = ?1", [id], session)? else { return Ok(None) };
    let person = persons::one(db, found.person)?;
    Ok(Some((found, person)))
}

pub(super) fn touch(db: &Connection, handle: Uuid, at: Timestamp) -> Done<()> {
    db.prepare_cached("UPDATE sessions SET seen_at = max(seen_at, ?2) WHERE handle = ?1")?
        .execute((handle.as_bytes(), nanos(at)))?;
    Ok(())
}

pub(super) fn list(db: &Connection, person: Option<Uuid>) -> Done<Vec<Session>> {
    let mut list = List::new("session", "SELECT * FROM sessions");
    list.with("person = ", person.map(|p| p.as_bytes().to_vec()));
    list.rows(db, "seen_at DESC", usize::MAX, session)
}

pub(super) fn end(db: &Connection, handle: Uuid, person: Option<Uuid>) -> Done<()> {
    let n = db
        .prepare_cached("DELETE FROM sessions WHERE handle = ?1 AND (?2 IS NULL OR person = ?2)")?
        .execute((handle.as_bytes(), person.map(Uuid::into_bytes)))?;
    if n == 0 { Err(fail::not_found("session", handle)()) } else { Ok(()) }
}

/// Ends a person's sessions but one.
pub(super) fn end_all(db: &Connection, person: Uuid, keep: Option<Uuid>) -> Done<u64> {
    let n = db
        .prepare_cached("DELETE FROM sessions WHERE person = ?1 AND handle IS NOT ?2")?
        .execute((person.as_bytes(), keep.map(Uuid::into_bytes)))?;
    Ok(n as u64)
}
