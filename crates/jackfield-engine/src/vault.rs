//! Named secrets, files, keys and copies of the store, as the server and commands ask for them.
//!
//! What lives here: checks, the background work of a key's rotation, the copy that is being fetched. What must not: sealing,
//! which is the store's.

use std::{
    io::{Read as _, Seek as _, SeekFrom},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use connector_core::{Error, ErrorKind, Secret, blob::BlobStore};
use jackfield_store::{FileInfo, KeySource, KeyStatus, NamedSecret, NewFile, Owner, SharedStore, Snapshot, StoreError};
use jiff::Timestamp;
use ring::digest;
use serde::Serialize;
use tokio::time::Instant;
use uuid::Uuid;

use crate::{
    Engine,
    error::{EngineError, Result},
    slug,
};

/// Largest named secret, in bytes.
const MAX_SECRET: usize = 64 << 10;
/// Keys that are wrapped anew in one transaction.
const BATCH: usize = 200;
/// The pause before a step of a rotation is tried again that failed.
const PAUSE: Duration = Duration::from_secs(10);
/// How long a copy waits to be fetched; it takes the disk's space.
const KEPT_FOR: Duration = Duration::from_secs(3600);

/// A named secret and what refers to it.
#[derive(Debug, Clone, Serialize)]
pub struct NamedSecretInfo {
    /// Its name and its times.
    pub secret: NamedSecret,
    /// Params whose values are `secret://` and its name: `app/ID/PARAM`, `connection/ID/PARAM`.
    pub used_by: Vec<String>,
}

/// A copy of the store that can be fetched.
#[derive(Debug, Clone, Serialize)]
pub struct BackupInfo {
    /// What it is fetched by.
    pub id: Uuid,
    /// Its length in bytes.
    pub bytes: u64,
    /// SHA-256 of its content, hexadecimal.
    pub sha256: String,
    /// The ids of the master keys that open it. They are not in it.
    pub keys: Vec<String>,
    /// When it was taken: what was acknowledged before is in it.
    pub taken_at: Timestamp,
}

struct Copied {
    info: BackupInfo,
    file: Arc<Mutex<std::fs::File>>,
    until: Instant,
}

/// At most one copy; taking the next one lets it go.
#[derive(Default)]
pub(crate) struct Held(Mutex<Option<Copied>>);

impl Held {
    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Copied>> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if held.as_ref().is_some_and(|c| c.until <= Instant::now()) {
            *held = None;
        }
        held
    }
}

fn internal(what: &str) -> EngineError {
    Error::internal(what).into()
}

fn not_found(what: &'static str, id: impl ToString) -> EngineError {
    StoreError::NotFound(what, id.to_string()).into()
}

impl Engine {
    /// Sets a secret of the gateway, which params of connections refer to as `secret://` and its name.
    ///
    /// # Errors
    /// A field error for the name or the value; the store's.
    pub async fn put_named_secret(&self, name: &str, value: Secret) -> Result<bool> {
        if !slug::is(name) {
            return Err(EngineError::field("/name", slug::FORM));
        }
        if value.is_empty() || value.expose().len() > MAX_SECRET {
            return Err(EngineError::field("/value", format!("must have 1 to {MAX_SECRET} bytes")));
        }
        if jackfield_store::is_reference(value.expose()) {
            return Err(EngineError::field("/value", "must be the secret itself and no reference to another one"));
        }
        Ok(self.store().put_named_secret(name, value, self.now()).await?)
    }

    /// The gateway's secrets, by name, and what refers to them.
    ///
    /// # Errors
    /// The store's.
    pub async fn named_secrets(&self) -> Result<Vec<NamedSecretInfo>> {
        let references = self.store().references().await?;
        let used_by = |name: &str| {
            let text = format!("secret://{name}");
            let mut at: Vec<String> = references
                .iter()
                .filter(|r| r.text == text)
                .map(|r| match &r.owner {
                    Owner::App(id) => format!("app/{id}/{}", r.param),
                    Owner::Connection(id) => format!("connection/{id}/{}", r.param),
                })
                .collect();
            at.dedup();
            at
        };
        let all = self.store().named_secrets().await?;
        Ok(all.into_iter().map(|secret| NamedSecretInfo { used_by: used_by(&secret.name), secret }).collect())
    }

    /// Keeps a file.
    ///
    /// # Errors
    /// The store's.
    pub async fn put_file(
        &self,
        name: String,
        media_type: String,
        encrypted: bool,
        connection: Option<String>,
        content: Bytes,
    ) -> Result<FileInfo> {
        let file = NewFile { name, media_type, encrypted, connection, at: self.now() };
        Ok(self.store().put_file(file, content).await?)
    }

    /// A file's content, if it may be shown.
    ///
    /// # Errors
    /// `NotFound`; `Refused` for an encrypted one.
    pub async fn file(&self, handle: &str) -> Result<(FileInfo, Bytes)> {
        let (info, content) = self.store().file(handle).await?;
        if info.encrypted { Err(Self::hidden("the file").into()) } else { Ok((info, content)) }
    }

    /// Where connectors open files by their handles.
    pub(crate) fn blobs(&self) -> Arc<dyn BlobStore> {
        Arc::new(StoredBlobs(self.store().clone()))
    }

    /// Begins to replace the master key, or goes on if that is under way, and returns at once.
    ///
    /// # Errors
    /// `Conflict`, if another source is asked for than the one under way, or the source has no other key; the store's.
    pub async fn rotate_key(&self, to: Option<KeySource>) -> Result<KeyStatus> {
        let status = self.store().keys().await?;
        let status = match (&status.rotation, &to) {
            (None, _) => self.store().rotate_key(to).await?,
            (Some(_), Some(to)) if to.to_string() != status.current.source => {
                let text = "the key is being rotated already, to another place; wait until that is done";
                return Err(StoreError::Conflict(text.into()).into());
            }
            (Some(_), _) => status,
        };
        self.resume_rotation();
        Ok(status)
    }

    /// Goes on, in the background, with a rotation that is under way: to be called at start.
    pub fn resume_rotation(&self) {
        let store = self.store().clone();
        tokio::spawn(async move {
            loop {
                match store.rewrap(BATCH).await {
                    Ok(true) => {}
                    Ok(false) => return,
                    Err(e) => {
                        tracing::warn!(error = %e, "the key's rotation rests; it is tried again");
                        tokio::time::sleep(PAUSE).await;
                    }
                }
            }
        });
    }

    /// Takes a copy of the whole store, to be fetched with [`Engine::backup_part`] within an hour. An earlier one is let go.
    ///
    /// # Errors
    /// The store's.
    pub async fn take_backup(&self) -> Result<BackupInfo> {
        *self.inner.backup.lock() = None;
        let taken_at = self.now();
        let Snapshot { mut file, bytes, keys } = self.store().snapshot().await?;
        let (file, sha256) = tokio::task::spawn_blocking(move || {
            let mut context = digest::Context::new(&digest::SHA256);
            let mut buffer = vec![0; 256 << 10];
            loop {
                let n = file.read(&mut buffer)?;
                match buffer.get(..n) {
                    Some(read) if n > 0 => context.update(read),
                    _ => break,
                }
            }
            Ok::<_, std::io::Error>((file, hex::encode(context.finish())))
        })
        .await
        .map_err(|_| internal("reading a copy panicked"))?
        .map_err(|e| internal(&format!("a copy cannot be read: {e}")))?;
        let info = BackupInfo { id: Uuid::now_v7(), bytes, sha256, keys, taken_at };
        let (file, until) = (Arc::new(Mutex::new(file)), Instant::now() + KEPT_FOR);
        *self.inner.backup.lock() = Some(Copied { info: info.clone(), file, until });
        Ok(info)
    }

    /// What is known of the copy.
    ///
    /// # Errors
    /// `NotFound`, also when it was let go.
    pub fn backup(&self, id: Uuid) -> Result<BackupInfo> {
        let held = self.inner.backup.lock();
        let found = held.as_ref().filter(|c| c.info.id == id).map(|c| c.info.clone());
        found.ok_or_else(|| not_found("backup", id))
    }

    /// A part of the copy; shorter than `length` only at its end.
    ///
    /// # Errors
    /// `NotFound`, also when it was let go.
    pub async fn backup_part(&self, id: Uuid, offset: u64, length: usize) -> Result<Bytes> {
        let file = {
            let held = self.inner.backup.lock();
            held.as_ref().filter(|c| c.info.id == id).map(|c| Arc::clone(&c.file))
        };
        let file = file.ok_or_else(|| not_found("backup", id))?;
        let read = tokio::task::spawn_blocking(move || {
            let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
            file.seek(SeekFrom::Start(offset))?;
            let mut part = Vec::with_capacity(length);
            (&mut *file).take(length as u64).read_to_end(&mut part)?;
            Ok::<_, std::io::Error>(Bytes::from(part))
        });
        read.await
            .map_err(|_| internal("reading a copy panicked"))?
            .map_err(|e| internal(&format!("a copy cannot be read: {e}")))
    }

    /// Lets the copy go.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn drop_backup(&self, id: Uuid) -> Result<()> {
        self.backup(id)?;
        *self.inner.backup.lock() = None;
        Ok(())
    }
}

/// Opens files that the store keeps. Encrypted ones are secrets, which go into the slots of requests and nowhere else: an
/// action that got one could send it anywhere.
struct StoredBlobs(SharedStore);

#[async_trait]
impl BlobStore for StoredBlobs {
    async fn open(&self, handle: &str) -> connector_core::Result<Bytes> {
        match self.0.file(handle).await {
            Ok((info, _)) if info.encrypted => Err(Engine::hidden("the file")),
            Ok((_, content)) => Ok(content),
            Err(StoreError::NotFound(..)) => Err(Error::new(
                ErrorKind::NotFound,
                "there is no file of this handle; upload it, or give the content as text or base64",
            )),
            Err(e) => Err(EngineError::from(e).into_error()),
        }
    }
}

#[cfg(test)]
mod tests;
