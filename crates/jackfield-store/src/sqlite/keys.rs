//! The master keys of a database: finding them when it is opened, and the steps of a rotation.
//!
//! # A rotation
//! 1. The next key is put where its source keeps it ([`KeySources::next`]).
//! 2. One transaction makes it current and keeps the one before beside it; both have the database's data key sealed.
//! 3. Batch by batch, what is wrapped with the old key is wrapped with the new one.
//! 4. One transaction visits what is left and forgets the old key.
//! 5. The new key's file takes its name.
//!
//! Between any two of them the process may be killed: the keys that the table names are always where they are looked for.

use jiff::Timestamp;
use rusqlite::{Connection, Row, TransactionBehavior};
use uuid::Uuid;

use super::fail::{self, Done, nanos};
use crate::{
    KeyId, KeyInfo, KeyRecord, KeyRotation, KeySource, KeySources, KeyStatus, Result, StoreError,
    keys::Made,
    seal::{PREFIX_LEN, Place, Sealer, prefix},
};

/// A column of values that have envelopes.
struct Wrapped {
    table: &'static str,
    column: &'static str,
    /// The column as its place calls it.
    placed: &'static str,
    /// The name in the place, as SQL.
    name: &'static str,
}

/// All of them. Each has an index on the prefix and `value_id`.
const WRAPPED: [Wrapped; 5] = [
    Wrapped {
        table: "secrets",
        column: "sealed_value",
        placed: "value",
        name: "owner_kind || '/' || owner_id || '/' || name",
    },
    Wrapped { table: "tokens", column: "sealed_tokens", placed: "tokens", name: "connection" },
    Wrapped { table: "named_secrets", column: "sealed_value", placed: "value", name: "name" },
    Wrapped { table: "installations", column: "sealed_secrets", placed: "secrets", name: "hex(id)" },
    Wrapped { table: "files", column: "sealed_key", placed: "content", name: "''" },
];

/// So many values are sealed anew in one transaction when a database of version 1 is opened.
const UPGRADED_AT_ONCE: usize = 500;

fn id(row: &Row<'_>) -> Done<KeyId> {
    Ok(KeyId::from_bytes(row.get("id")?))
}

/// A row of the table.
struct Kept {
    record: KeyRecord,
    retired_at: Option<Timestamp>,
    sealed_data_key: Vec<u8>,
}

/// The current one first.
fn kept(db: &Connection) -> Done<Vec<Kept>> {
    let mut statement = db.prepare_cached("SELECT * FROM keys ORDER BY current DESC")?;
    let mut rows = statement.query([])?;
    let mut out = Vec::new();
    while let Some(row) = rows.next()? {
        out.push(Kept {
            record: KeyRecord {
                id: id(row)?,
                source: fail::parsed(row, "source")?,
                wrapped: row.get("wrapped")?,
                made_at: fail::time(row, "made_at")?,
            },
            retired_at: fail::time_opt(row, "retired_at")?,
            sealed_data_key: row.get("sealed_data_key")?,
        });
    }
    Ok(out)
}

fn insert(db: &Connection, sealer: &Sealer, made: &Made, at: Timestamp) -> Done<()> {
    let sealed = sealer.sealed_data_key(&made.key)?;
    db.execute(
        "INSERT INTO keys (id, current, source, wrapped, made_at, sealed_data_key) VALUES (?1, 1, ?2, ?3, ?4, ?5)",
        (made.key.id().as_bytes(), made.source.to_string(), &made.wrapped, nanos(at), sealed),
    )?;
    Ok(())
}

/// Opens what the database is sealed with, or makes it if the database is new.
pub(super) async fn unlock(db: &mut Connection, sources: &KeySources) -> Result<Sealer> {
    let (found, v1) = named(db)?;
    let sealer = match (found.is_empty(), v1) {
        (false, _) => {
            let (sealer, moved) = open_kept(sources, &found).await?;
            for (id, source) in moved {
                db.execute("UPDATE keys SET source = ?2 WHERE id = ?1", (id.as_bytes(), source.to_string()))
                    .map_err(|e| fail::Fail::from(e).error)?;
            }
            sealer
        }
        (true, Some(sealed)) => unlock_v1(db, sources, &sealed)?,
        (true, None) => {
            let made = sources.first().await?;
            let sealer = Sealer::generate(&made.key)?;
            insert(db, &sealer, &made, Timestamp::now()).map_err(|e| e.error)?;
            sealer
        }
    };
    upgrade(db, &sealer).map_err(|e| e.error)?;
    let found = kept(db).map_err(|e| e.error)?;
    if let [only] = found.as_slice() {
        sources.settle(&only.record)?;
    }
    Ok(sealer)
}

/// Whether the keys that are there open a database, which stays as it is.
pub(super) async fn can_open(db: &Connection, sources: &KeySources) -> Result<()> {
    let (found, v1) = named(db)?;
    match (found.is_empty(), v1) {
        (false, _) => open_kept(sources, &found).await.map(drop),
        (true, Some(sealed)) => fitting_v1(sources, &sealed).map(drop),
        (true, None) => Err(StoreError::Other("the database names no key".into())),
    }
}

/// What a database says of its keys, in the words of this version and of the first.
fn named(db: &Connection) -> Result<(Vec<Kept>, Option<Vec<u8>>)> {
    let done = (|| {
        // Asked for, since a copy may be older than the table.
        let found = if db.table_exists(None, "keys")? { kept(db)? } else { Vec::new() };
        let v1 = fail::first(db, "SELECT value FROM meta WHERE name = 'data_key'", [], |row| Ok(row.get("value")?))?;
        Ok((found, v1))
    })();
    done.map_err(|e: fail::Fail| e.error)
}

/// Opens the data key with all of its keys. Returns also those that were found elsewhere than the database says.
async fn open_kept(sources: &KeySources, found: &[Kept]) -> Result<(Sealer, Vec<(KeyId, KeySource)>)> {
    let mut sealer: Option<Sealer> = None;
    let mut moved = Vec::new();
    for Kept { record, sealed_data_key, .. } in found {
        let (key, source) = sources.load(record).await?;
        // The id fits; so if this does not, what the database holds is damaged.
        let opened = Sealer::unlock(&key, sealed_data_key).ok_or_else(|| {
            StoreError::Other(format!(
                "the database's data key does not open with its key {}: restore a backup",
                record.id
            ))
        })?;
        match &sealer {
            None => sealer = Some(opened),
            Some(sealer) => sealer.also_opens(&key),
        }
        if source != record.source {
            moved.push((record.id, source));
        }
    }
    let sealer = sealer.ok_or_else(|| StoreError::Other("the database names no key".into()))?;
    Ok((sealer, moved))
}

/// Version 1 did not name its key: it is the one that opens.
fn fitting_v1(sources: &KeySources, sealed: &[u8]) -> Result<(Sealer, Made)> {
    let candidates = sources.unnamed()?;
    let ids: Vec<String> = candidates.iter().map(|(key, _)| key.id().to_string()).collect();
    for (key, source) in candidates {
        if let Some(sealer) = Sealer::unlock_v1(&key, sealed) {
            return Ok((sealer, Made { key, source, wrapped: None }));
        }
    }
    let there =
        if ids.is_empty() { "there is none".to_owned() } else { format!("{} is another one", ids.join(" and ")) };
    Err(StoreError::WrongKey(format!(
        "this database is sealed with a key that stood in the file `key` beside it; {there}. Restore that file from its backup"
    )))
}

fn unlock_v1(db: &mut Connection, sources: &KeySources, sealed: &[u8]) -> Result<Sealer> {
    let (sealer, made) = fitting_v1(sources, sealed)?;
    let done = (|| {
        let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        insert(&tx, &sealer, &made, Timestamp::now())?;
        tx.execute("DELETE FROM meta WHERE name = 'data_key'", [])?;
        tx.commit()?;
        Ok(())
    })();
    done.map_err(|e: fail::Fail| e.error)?;
    Ok(sealer)
}

/// A value with an envelope, or that is to get one.
struct Value {
    value_id: Uuid,
    name: String,
    sealed: Vec<u8>,
}

impl Value {
    fn place(&self, of: &Wrapped) -> Place<'_> {
        Place { name: self.name.as_bytes(), ..Place::of(of.table, of.placed, &self.value_id) }
    }

    fn write(&self, db: &Connection, of: &Wrapped, sealed: &[u8]) -> Done<()> {
        let Wrapped { table, column, .. } = of;
        let sql =
            format!("UPDATE {table} SET {column} = ?3 WHERE substr({column}, 1, {PREFIX_LEN}) = ?1 AND value_id = ?2");
        let prefix = self.sealed.get(..PREFIX_LEN).unwrap_or(&self.sealed);
        db.prepare_cached(&sql)?.execute((prefix, self.value_id.as_bytes(), sealed))?;
        Ok(())
    }
}

fn values(db: &Connection, of: &Wrapped, condition: &str, params: impl rusqlite::Params) -> Done<Vec<Value>> {
    let Wrapped { table, column, name, .. } = of;
    let sql = format!("SELECT value_id, {name} AS name, {column} AS sealed FROM {table} WHERE {condition}");
    let mut statement = db.prepare_cached(&sql)?;
    let mut rows = statement.query(params)?;
    let mut out = Vec::new();
    while let Some(row) = rows.next()? {
        out.push(Value { value_id: fail::id(row, "value_id")?, name: row.get("name")?, sealed: row.get("sealed")? });
    }
    Ok(out)
}

/// Gives envelopes to what version 1 sealed without. What does not open stays as it is: it is told where it is asked for.
fn upgrade(db: &mut Connection, sealer: &Sealer) -> Done<()> {
    for of in &WRAPPED {
        let column = of.column;
        let old = values(db, of, &format!("substr({column}, 1, 1) = x'01'"), [])?;
        for batch in old.chunks(UPGRADED_AT_ONCE) {
            let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            for value in batch {
                match sealer.open(value.place(of), &value.sealed) {
                    Ok(clear) => {
                        let clear = zeroize::Zeroizing::new(clear);
                        value.write(&tx, of, &sealer.seal_secret(value.place(of), &clear)?)?;
                    }
                    Err(e) => tracing::error!(table = of.table, error = %e, "a value of version 1 stays as it is"),
                }
            }
            tx.commit()?;
        }
    }
    Ok(())
}

/// Makes `made` the current key. To be called in the writing thread, and the sealer told once it is durable.
pub(super) fn begin_rotation(db: &Connection, sealer: &Sealer, made: &Made, at: Timestamp) -> Done<()> {
    if kept(db)?.len() > 1 {
        return Err(under_way().into());
    }
    db.execute("UPDATE keys SET current = 0, retired_at = ?1 WHERE current = 1", [nanos(at)])?;
    insert(db, sealer, made, at)
}

pub(super) fn under_way() -> StoreError {
    StoreError::Conflict("the key is being rotated already; `jackfield keys status` says how far that is".into())
}

/// The current key, and the one that is being replaced.
pub(super) fn records(db: &Connection) -> Done<(KeyRecord, Option<KeyRecord>)> {
    let mut all = kept(db)?.into_iter().map(|k| k.record);
    let current = all.next().ok_or_else(|| fail::damaged("key", "there is none"))?;
    Ok((current, all.next()))
}

/// How far a batch came: the column and the value after which the next one begins.
#[derive(Clone, Copy, Default)]
pub(super) struct Cursor {
    column: usize,
    after: Uuid,
}

/// Wraps at most `limit` keys anew, from the cursor on. Returns where to go on; none: there are no more.
pub(super) fn rewrap(db: &Connection, sealer: &Sealer, from: Cursor, limit: usize) -> Done<Option<Cursor>> {
    let (_, Some(old)) = records(db)? else { return Ok(None) };
    let prefix = prefix(old.id);
    let mut left = limit.max(1);
    for (column, of) in WRAPPED.iter().enumerate().skip(from.column) {
        let after = if column == from.column { from.after } else { Uuid::nil() };
        let condition =
            format!("substr({}, 1, {PREFIX_LEN}) = ?1 AND value_id > ?2 ORDER BY value_id LIMIT ?3", of.column);
        let limit = i64::try_from(left).unwrap_or(i64::MAX);
        let batch = values(db, of, &condition, (&prefix[..], after.as_bytes(), limit))?;
        for value in &batch {
            match sealer.rewrap(value.place(of), &value.sealed) {
                Ok(sealed) => value.write(db, of, &sealed)?,
                // It does not open under the old key either, so nothing is lost with that.
                Err(e) => {
                    tracing::error!(table = of.table, error = %e, "a damaged value is left out of the key's rotation")
                }
            }
        }
        left = left.saturating_sub(batch.len());
        if left == 0
            && let Some(last) = batch.last()
        {
            return Ok(Some(Cursor { column, after: last.value_id }));
        }
    }
    Ok(None)
}

/// Visits everything that is left and forgets the old key. Returns it.
pub(super) fn end_rotation(db: &Connection, sealer: &Sealer) -> Done<Option<KeyRecord>> {
    let (_, Some(old)) = records(db)? else { return Ok(None) };
    rewrap(db, sealer, Cursor::default(), usize::MAX)?;
    db.execute("DELETE FROM keys WHERE id = ?1", [old.id.as_bytes()])?;
    Ok(Some(old))
}

fn info(record: &KeyRecord) -> KeyInfo {
    KeyInfo { id: record.id.to_string(), source: record.source.to_string(), made_at: record.made_at }
}

/// What can be shown.
pub(super) fn status(db: &Connection) -> Done<KeyStatus> {
    let all = kept(db)?;
    let (current, old) = match all.as_slice() {
        [current] => (current, None),
        [current, old, ..] => (current, Some(old)),
        [] => return Err(fail::damaged("key", "there is none")),
    };
    let under = |id: KeyId| {
        WRAPPED.iter().try_fold(0u64, |sum, Wrapped { table, column, .. }| {
            let sql = format!("SELECT count(*) AS n FROM {table} WHERE substr({column}, 1, {PREFIX_LEN}) = ?1");
            let n = fail::first(db, &sql, [&prefix(id)[..]], |row| fail::count(row, "n"))?;
            Ok::<_, fail::Fail>(sum + n.unwrap_or(0))
        })
    };
    let rotation = match old {
        Some(old) => {
            let (done, left) = (under(current.record.id)?, under(old.record.id)?);
            let since = old.retired_at.unwrap_or(current.record.made_at);
            Some(KeyRotation { from: info(&old.record), done, total: done + left, since })
        }
        None => None,
    };
    Ok(KeyStatus { current: info(&current.record), rotation })
}

#[cfg(test)]
mod tests;
