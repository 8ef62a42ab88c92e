//! Tokens of the API.

use jiff::Timestamp;
use rusqlite::{Connection, Row};
use uuid::Uuid;

use super::{
    super::{
        fail::{self, Done, nanos},
        filter::List,
    },
    persons,
};
use crate::{
    StoreError,
    people::{ApiToken, CodeHash, MAX_TOKENS, Person},
};

fn token(row: &Row<'_>) -> Done<ApiToken> {
    let connections: Option<String> = row.get("connections")?;
    Ok(ApiToken {
        id: fail::id(row, "id")?,
        person: row.get::<_, Option<[u8; 16]>>("person")?.map(Uuid::from_bytes),
        name: row.get("name")?,
        prefix: row.get("prefix")?,
        scopes: fail::json(row, "scopes")?,
        connections: connections.map(|c| serde_json::from_str(&c)).transpose()?,
        created_at: fail::time(row, "created_at")?,
        expires_at: fail::time_opt(row, "expires_at")?,
        revoked_at: fail::time_opt(row, "revoked_at")?,
        used_at: fail::time_opt(row, "used_at")?,
    })
}

pub(super) fn add(db: &Connection, t: &ApiToken, hash: CodeHash) -> Done<()> {
    let n: i64 = db.prepare_cached("SELECT count(*) FROM api_tokens")?.query_row([], |row| row.get(0))?;
    if usize::try_from(n).unwrap_or(usize::MAX) >= MAX_TOKENS {
        return Err(StoreError::Conflict(format!("there are {MAX_TOKENS} tokens; that many are kept")).into());
    }
    db.prepare_cached(
        "INSERT INTO api_tokens (id, person, name, prefix, hash, scopes, connections, created_at, expires_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?
    .execute((
        t.id.as_bytes(),
        t.person.map(Uuid::into_bytes),
        &t.name,
        &t.prefix,
        hash,
        serde_json::to_string(&t.scopes)?,
        t.connections.as_ref().map(serde_json::to_string).transpose()?,
        nanos(t.created_at),
        t.expires_at.map(nanos),
    ))?;
    Ok(())
}

pub(super) fn by_prefix(db: &Connection, prefix: &str) -> Done<Vec<(ApiToken, CodeHash, Option<Person>)>> {
    let mut list = List::new("token", "SELECT * FROM api_tokens");
    list.with("prefix = ", Some(prefix.to_owned()));
    let found = list.rows(db, "id", usize::MAX, |row| Ok((token(row)?, row.get("hash")?)))?;
    found
        .into_iter()
        .map(|(t, hash): (ApiToken, CodeHash)| {
            let person = t.person.map(|p| persons::one(db, p)).transpose()?;
            Ok((t, hash, person))
        })
        .collect()
}

pub(super) fn list(db: &Connection, person: Option<Uuid>) -> Done<Vec<ApiToken>> {
    let mut list = List::new("token", "SELECT * FROM api_tokens");
    list.with("person = ", person.map(|p| p.as_bytes().to_vec()));
    list.rows(db, "id DESC", usize::MAX, token)
}

pub(super) fn revoke(db: &Connection, id: Uuid, person: Option<Uuid>, at: Timestamp) -> Done<ApiToken> {
    db.prepare_cached(
        "UPDATE api_tokens SET revoked_at = ?3 WHERE id = ?1 AND (?2 IS NULL OR person = ?2) AND revoked_at IS NULL",
    )?
    .execute((id.as_bytes(), person.map(Uuid::into_bytes), nanos(at)))?;
    let sql = "SELECT * FROM api_tokens WHERE id = ?1 AND (?2 IS NULL OR person = ?2)";
    fail::first(db, sql, (id.as_bytes(), person.map(Uuid::into_bytes)), token)?.ok_or_else(fail::not_found("token", id))
}

pub(super) fn touch(db: &Connection, id: Uuid, at: Timestamp) -> Done<()> {
    db.prepare_cached("UPDATE api_tokens SET used_at = ?2 WHERE id = ?1")?.execute((id.as_bytes(), nanos(at)))?;
    Ok(())
}
