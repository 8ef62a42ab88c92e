//! Named secrets, files, keys, copies: the trait, and the SQL of named secrets.

use std::path::Path;

use async_trait::async_trait;
use bytes::Bytes;
use connector_core::Secret;
use jiff::Timestamp;
use rusqlite::Connection;
use uuid::Uuid;

use super::{
    SqliteStore, backup,
    fail::{self, Done, nanos, not_found},
    files, keys, secrets,
};
use crate::{
    FileInfo, KeySource, KeyStatus, NamedSecret, NewFile, Owner, Reference, Result, Snapshot, StoreError, is_reference,
    seal::{Place, Sealer},
    vault::VaultStore,
};

fn place<'a>(value_id: &'a Uuid, name: &'a str) -> Place<'a> {
    Place { name: name.as_bytes(), ..Place::of("named_secrets", "value", value_id) }
}

fn put(db: &Connection, sealer: &Sealer, name: &str, secret: &Secret, at: Timestamp) -> Done<bool> {
    let value_id = Uuid::now_v7();
    let sealed = sealer.seal_secret(place(&value_id, name), secret.expose())?;
    let there = fail::first(db, "SELECT 1 FROM named_secrets WHERE name = ?1", [name], |_| Ok(()))?.is_some();
    db.prepare_cached(
        "INSERT INTO named_secrets (name, created_at, updated_at, value_id, sealed_value) VALUES (?1, ?2, ?2, ?3, ?4)
         ON CONFLICT (name) DO UPDATE SET updated_at = excluded.updated_at, value_id = excluded.value_id,
            sealed_value = excluded.sealed_value",
    )?
    .execute((name, nanos(at), value_id.as_bytes(), sealed))?;
    Ok(there)
}

fn list(db: &Connection) -> Done<Vec<NamedSecret>> {
    let mut statement = db.prepare_cached("SELECT name, created_at, updated_at FROM named_secrets ORDER BY name")?;
    let mut rows = statement.query([])?;
    let mut out = Vec::new();
    while let Some(row) = rows.next()? {
        out.push(NamedSecret {
            name: row.get("name")?,
            created_at: fail::time(row, "created_at")?,
            updated_at: fail::time(row, "updated_at")?,
        });
    }
    Ok(out)
}

fn value(db: &Connection, sealer: &Sealer, name: &str) -> Done<Secret> {
    let sql = "SELECT value_id, sealed_value FROM named_secrets WHERE name = ?1";
    let found = fail::first(db, sql, [name], |row| {
        let value_id = fail::id(row, "value_id")?;
        fail::open(sealer, place(&value_id, name), row, "sealed_value").map(Secret::new)
    })?;
    found.ok_or_else(not_found("secret", name))
}

/// The params whose values are references; damaged ones are left out.
fn references(db: &Connection, sealer: &Sealer) -> Done<Vec<Reference>> {
    let mut statement =
        db.prepare_cached("SELECT DISTINCT owner_kind, owner_id, name FROM secrets ORDER BY 1, 2, 3")?;
    let mut rows = statement.query([])?;
    let mut out = Vec::new();
    while let Some(row) = rows.next()? {
        let (id, param): (String, String) = (row.get("owner_id")?, row.get("name")?);
        let owner = if row.get::<_, String>("owner_kind")? == "app" { Owner::App(id) } else { Owner::Connection(id) };
        let values = secrets::values(db, sealer, &owner, &param);
        for secret in fail::unless_damaged("secret", format_args!("{param}"), values)?.into_iter().flatten() {
            if let Some(text) = secret.expose_str().filter(|t| is_reference(t.as_bytes())) {
                out.push(Reference { owner: owner.clone(), param: param.clone(), text: text.to_owned() });
            }
        }
    }
    Ok(out)
}

/// Refuses to remove what a param refers to.
fn unused(db: &Connection, sealer: &Sealer, what: &'static str, name: &str, text: &str) -> Done<()> {
    match references(db, sealer)?.into_iter().find(|r| r.text == text) {
        None => Ok(()),
        Some(Reference { owner, param, .. }) => {
            let by = match owner {
                Owner::App(id) => format!("the param `{param}` of app `{id}`"),
                Owner::Connection(id) => format!("the param `{param}` of connection `{id}`"),
            };
            Err(StoreError::InUse(what, name.to_owned(), by).into())
        }
    }
}

/// Runs work on a thread for blocking work.
async fn blocking<T: Send + 'static>(what: &str, work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|_| StoreError::Other(format!("{what} panicked, which is a bug")))?
}

#[async_trait]
impl VaultStore for SqliteStore {
    async fn put_named_secret(&self, name: &str, secret: Secret, at: Timestamp) -> Result<bool> {
        let name = name.to_owned();
        self.write_sealed(move |db, sealer| put(db, sealer, &name, &secret, at)).await
    }

    async fn named_secrets(&self) -> Result<Vec<NamedSecret>> {
        self.read(list).await
    }

    async fn named_secret(&self, name: &str) -> Result<Secret> {
        let name = name.to_owned();
        self.unseal(move |db, sealer| value(db, sealer, &name)).await
    }

    async fn remove_named_secret(&self, name: &str) -> Result<()> {
        let name = name.to_owned();
        self.write_sealed(move |db, sealer| {
            unused(db, sealer, "secret", &name, &format!("secret://{name}"))?;
            match db.prepare_cached("DELETE FROM named_secrets WHERE name = ?1")?.execute([&name])? {
                0 => Err(not_found("secret", &name)()),
                _ => Ok(()),
            }
        })
        .await
    }

    async fn references(&self) -> Result<Vec<Reference>> {
        self.unseal(references).await
    }

    async fn put_file(&self, file: NewFile, content: Bytes) -> Result<FileInfo> {
        let sealed = blocking("sealing", move || files::SealedFile::new(file, &content)).await?;
        self.write_sealed(move |db, sealer| sealed.insert(db, sealer)).await
    }

    async fn files(&self) -> Result<Vec<FileInfo>> {
        self.read(files::list).await
    }

    async fn file(&self, handle: &str) -> Result<(FileInfo, Bytes)> {
        let handle = handle.to_owned();
        self.unseal(move |db, sealer| files::one(db, sealer, &handle)).await
    }

    async fn remove_file(&self, handle: &str) -> Result<()> {
        let handle = handle.to_owned();
        self.write_sealed(move |db, sealer| {
            unused(db, sealer, "file", &handle, &handle)?;
            files::remove(db, &handle)
        })
        .await
    }

    async fn keys(&self) -> Result<KeyStatus> {
        self.read(keys::status).await
    }

    async fn rotate_key(&self, to: Option<KeySource>) -> Result<KeyStatus> {
        // One at a time: two would each make a key.
        let mut cursor = self.rotation.lock().await;
        let (current, old) = self.read(keys::records).await?;
        if old.is_some() {
            return Err(keys::under_way());
        }
        let made = self.sources.next(to.as_ref().unwrap_or(&current.source), current.id).await?;
        let key = made.key.clone();
        point(1)?;
        let at = Timestamp::now();
        self.write_sealed(move |db, sealer| keys::begin_rotation(db, sealer, &made, at)).await?;
        point(2)?;
        // Only now, since it is durable now: what is sealed from here on opens after a crash.
        self.sealer.begin_rotation(&key);
        *cursor = keys::Cursor::default();
        drop(cursor);
        self.keys().await
    }

    async fn rewrap(&self, limit: usize) -> Result<bool> {
        let mut cursor = self.rotation.lock().await;
        // Whoever asked for the rotation may have hung up between its commit and this process's taking the new key. To go on
        // would wrap everything with the old one, and then forget that.
        let (current, _) = self.read(keys::records).await?;
        if !self.sealer.is_current(current.id) {
            return Err(StoreError::Conflict("the rotation goes on once the gateway is started again".to_owned()));
        }
        let from = *cursor;
        if let Some(next) = self.write_sealed(move |db, sealer| keys::rewrap(db, sealer, from, limit)).await? {
            *cursor = next;
            point(3)?;
            return Ok(true);
        }
        point(4)?;
        let Some(old) = self.write_sealed(keys::end_rotation).await? else { return Ok(false) };
        point(5)?;
        // Reads that began before may still see values that the old key wraps.
        self.readers.wait_for_those_under_way().await?;
        self.sealer.end_rotation();
        let (current, _) = self.read(keys::records).await?;
        self.sources.settle(&current)?;
        point(6)?;
        self.sources.drop_retired(&old)?;
        Ok(false)
    }

    async fn backup(&self, to: &Path) -> Result<Vec<String>> {
        self.health.check()?;
        let (from, to) = (self.path.clone(), to.to_owned());
        blocking("copying", move || backup::copy(&from, &to)).await
    }

    async fn snapshot(&self) -> Result<Snapshot> {
        self.health.check()?;
        let from = self.path.clone();
        blocking("copying", move || backup::snapshot(&from)).await
    }
}

/// Where tests end a rotation, as a killed process would: nothing after it happens.
#[cfg(not(test))]
#[expect(clippy::unnecessary_wraps, reason = "in tests it fails")]
fn point(_: u8) -> Result<()> {
    Ok(())
}

#[cfg(test)]
pub(super) use tests::point;

#[cfg(test)]
pub(super) mod tests {
    //! The points at which a rotation can be ended.

    use std::cell::Cell;

    use crate::{Result, StoreError};

    thread_local! {
        /// The point that ends it.
        pub(in crate::sqlite) static END_AT: Cell<u8> = const { Cell::new(0) };
    }

    pub(in crate::sqlite) fn point(n: u8) -> Result<()> {
        if END_AT.get() == n { Err(StoreError::Other("killed".into())) } else { Ok(()) }
    }
}
