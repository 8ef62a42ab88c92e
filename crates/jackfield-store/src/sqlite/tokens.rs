//! Tokens of connections: one row each, all of its secrets sealed together; leases beside.

use std::time::Duration;

use async_trait::async_trait;
use connector_core::{
    Result as CoreResult, Secret,
    auth::{TokenLease, TokenRecord, TokenSet, TokenStatus, TokenStore},
};
use jiff::Timestamp;
use rusqlite::{Connection, Row};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{
    SqliteStore,
    fail::{self, Done, nanos},
};
use crate::{
    StoreError,
    seal::{Place, Sealer},
};

/// How a set of tokens is written before it is sealed.
#[derive(Serialize, Deserialize)]
struct Written {
    access: Vec<(String, Vec<u8>)>,
    refresh: Option<Vec<u8>>,
}

fn place<'a>(value_id: &'a Uuid, connection: &'a str) -> Place<'a> {
    Place { name: connection.as_bytes(), ..Place::of("tokens", "tokens", value_id) }
}

fn seal(sealer: &Sealer, value_id: &Uuid, connection: &str, tokens: &TokenSet) -> Done<Vec<u8>> {
    let written = Written {
        access: tokens.access.iter().map(|(id, s)| (id.clone(), s.expose().to_vec())).collect(),
        refresh: tokens.refresh.as_ref().map(|s| s.expose().to_vec()),
    };
    let json = Zeroizing::new(serde_json::to_vec(&written)?);
    Ok(sealer.seal(place(value_id, connection), &json)?)
}

fn open(sealer: &Sealer, row: &Row<'_>, connection: &str) -> Done<TokenSet> {
    let value_id = fail::id(row, "value_id")?;
    let json = Zeroizing::new(fail::open(sealer, place(&value_id, connection), row, "sealed_tokens")?);
    let written: Written = serde_json::from_slice(&json)?;
    Ok(TokenSet {
        access: written.access.into_iter().map(|(id, bytes)| (id, Secret::new(bytes))).collect(),
        refresh: written.refresh.map(Secret::new),
    })
}

fn count(n: i64) -> u64 {
    u64::try_from(n).unwrap_or_default()
}

fn token(db: &Connection, sealer: &Sealer, connection: &str) -> Done<Option<TokenRecord>> {
    fail::first(db, "SELECT * FROM tokens WHERE connection = ?1", [connection], |row| {
        Ok(TokenRecord {
            status: fail::json(row, "status")?,
            generation: count(row.get("generation")?),
            tokens: open(sealer, row, connection)?,
        })
    })
}

fn statuses(db: &Connection) -> Done<Vec<(String, TokenStatus)>> {
    let mut statement = db.prepare_cached("SELECT connection, status FROM tokens ORDER BY connection")?;
    let mut rows = statement.query([])?;
    let mut out = Vec::new();
    while let Some(row) = rows.next()? {
        let connection: String = row.get("connection")?;
        let status = fail::unless_damaged("token status", format_args!("{connection}"), fail::json(row, "status"))?;
        out.extend(status.map(|s| (connection, s)));
    }
    Ok(out)
}

fn lease(db: &Connection, connection: &str, now: Timestamp, lasts: Duration) -> Done<Option<TokenLease>> {
    let until = now.saturating_add(jiff::SignedDuration::try_from(lasts).unwrap_or(jiff::SignedDuration::MAX));
    let until = until.unwrap_or(Timestamp::MAX);
    let held = db
        .prepare_cached(
            "INSERT INTO token_leases (connection, fence, until) VALUES (?1, 1, ?2)
             ON CONFLICT (connection) DO UPDATE SET fence = fence + 1, until = excluded.until WHERE until <= ?3",
        )?
        .execute((connection, nanos(until), nanos(now)))?;
    if held == 0 {
        return Ok(None);
    }
    let fence: i64 = db
        .prepare_cached("SELECT fence FROM token_leases WHERE connection = ?1")?
        .query_row([connection], |row| row.get(0))?;
    Ok(Some(TokenLease { fence: count(fence), until }))
}

/// Ends all leases: one process holds the state directory, so whoever had them is gone. Fences stay.
pub(super) fn end_leases(db: &Connection) -> Done<()> {
    db.execute("UPDATE token_leases SET until = 0", [])?;
    Ok(())
}

fn release(db: &Connection, connection: &str, lease: TokenLease) -> Done<()> {
    db.prepare_cached("UPDATE token_leases SET until = 0 WHERE connection = ?1 AND fence = ?2")?
        .execute((connection, i64::try_from(lease.fence).unwrap_or(i64::MAX)))?;
    Ok(())
}

struct Put {
    connection: String,
    expected: u64,
    lease: Option<TokenLease>,
    status: TokenStatus,
    tokens: Option<TokenSet>,
}

fn put(db: &Connection, sealer: &Sealer, p: &Put) -> Done<Option<u64>> {
    if let Some(lease) = p.lease {
        let newest = fail::first(db, "SELECT fence FROM token_leases WHERE connection = ?1", [&p.connection], |row| {
            Ok(count(row.get("fence")?))
        })?;
        if newest != Some(lease.fence) {
            return Ok(None);
        }
    }
    let sql = "SELECT generation FROM tokens WHERE connection = ?1";
    let found = fail::first(db, sql, [&p.connection], |row| Ok(count(row.get("generation")?)))?;
    if found.unwrap_or_default() != p.expected {
        return Ok(None);
    }
    let generation = p.expected.saturating_add(1);
    let kept = i64::try_from(generation).unwrap_or(i64::MAX);
    let status = serde_json::to_string(&p.status)?;
    match (&p.tokens, found) {
        (None, None) => {
            let why = "tokens must be given when there are none yet".to_owned();
            return Err(StoreError::Invalid(why).into());
        }
        (None, Some(_)) => {
            db.prepare_cached("UPDATE tokens SET status = ?2, generation = ?3 WHERE connection = ?1")?.execute((
                &p.connection,
                status,
                kept,
            ))?;
        }
        (Some(tokens), _) => {
            let value_id = Uuid::now_v7();
            let sealed = seal(sealer, &value_id, &p.connection, tokens)?;
            db.prepare_cached(
                "INSERT INTO tokens (connection, status, generation, value_id, sealed_tokens) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT (connection) DO UPDATE SET status = excluded.status, generation = excluded.generation,
                    value_id = excluded.value_id, sealed_tokens = excluded.sealed_tokens",
            )?
            .execute((&p.connection, status, kept, value_id.as_bytes(), sealed))?;
        }
    }
    Ok(Some(generation))
}

/// The store's errors as core's trait knows them.
fn core(e: StoreError) -> connector_core::Error {
    use connector_core::{Error, ErrorKind};
    let kind = match e {
        StoreError::NotFound(..) => ErrorKind::NotFound,
        StoreError::Invalid(_) => ErrorKind::InvalidInput,
        StoreError::Conflict(_) => ErrorKind::Conflict,
        _ => ErrorKind::Internal,
    };
    Error::new(kind, "the gateway cannot read or write its store now; try again").with_operator(e.to_string())
}

#[async_trait]
impl TokenStore for SqliteStore {
    async fn token(&self, connection: &str) -> CoreResult<Option<TokenRecord>> {
        let connection = connection.to_owned();
        self.unseal(move |db, sealer| token(db, sealer, &connection)).await.map_err(core)
    }

    async fn token_statuses(&self) -> CoreResult<Vec<(String, TokenStatus)>> {
        self.read(statuses).await.map_err(core)
    }

    async fn lease_token(&self, connection: &str, now: Timestamp, lasts: Duration) -> CoreResult<Option<TokenLease>> {
        let connection = connection.to_owned();
        self.write(move |db| lease(db, &connection, now, lasts)).await.map_err(core)
    }

    async fn release_token(&self, connection: &str, lease: TokenLease) -> CoreResult<()> {
        let connection = connection.to_owned();
        self.write(move |db| release(db, &connection, lease)).await.map_err(core)
    }

    async fn put_token(
        &self,
        connection: &str,
        expected: u64,
        lease: Option<TokenLease>,
        status: TokenStatus,
        tokens: Option<TokenSet>,
    ) -> CoreResult<Option<u64>> {
        let p = Put { connection: connection.to_owned(), expected, lease, status, tokens };
        self.write_sealed(move |db, sealer| put(db, sealer, &p)).await.map_err(core)
    }

    async fn forget_token(&self, connection: &str) -> CoreResult<()> {
        let connection = connection.to_owned();
        self.write(move |db| {
            db.prepare_cached("DELETE FROM tokens WHERE connection = ?1")?.execute([&connection])?;
            Ok(())
        })
        .await
        .map_err(core)
    }
}
