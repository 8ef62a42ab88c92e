//! Named secrets, files, the keys that all of them are sealed with, and copies of the whole.
//!
//! What lives here: the words and the trait. What must not: how it is kept, which is `sqlite`'s.

use std::path::Path;

use async_trait::async_trait;
use bytes::Bytes;
use connector_core::Secret;
use jiff::Timestamp;
use serde::Serialize;

use crate::{KeySource, Owner, Result};

/// Largest file that is kept, in bytes.
pub const MAX_FILE: usize = 10 << 20;

/// A secret of the gateway that references name. Its value is not in here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NamedSecret {
    /// Its name, `[a-z0-9_-]+`.
    pub name: String,
    /// When it was first set.
    pub created_at: Timestamp,
    /// When it was last set.
    pub updated_at: Timestamp,
}

/// What is known of a kept file without opening it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileInfo {
    /// Its handle: `file_` and 32 hexadecimal digits.
    pub id: String,
    /// What it was called where it came from.
    pub name: String,
    /// Its media type, as whoever sent it said.
    pub media_type: String,
    /// Its length in bytes.
    pub size: u64,
    /// SHA-256 of the content, hexadecimal. Absent of an encrypted one: it would tell a guess from a miss.
    pub sha256: Option<String>,
    /// Whether it is written once and never shown again. All files are sealed on the disk; this one is a secret as well.
    pub encrypted: bool,
    /// The connection that it belongs to: it is removed with it.
    pub connection: Option<String>,
    /// When it was kept.
    pub created_at: Timestamp,
}

/// A file to be kept.
#[derive(Debug, Clone)]
pub struct NewFile {
    /// What it is called; at most 255 bytes.
    pub name: String,
    /// Its media type; at most 127 bytes.
    pub media_type: String,
    /// Whether it is a secret.
    pub encrypted: bool,
    /// The connection that it belongs to.
    pub connection: Option<String>,
    /// When it came.
    pub at: Timestamp,
}

/// A master key, as it may be shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KeyInfo {
    /// Its id; nothing of the key.
    pub id: String,
    /// Where it is kept: `file`, `file:PATH`, `env`, `vault:MOUNT/NAME`.
    pub source: String,
    /// When it was made, or first used here.
    pub made_at: Timestamp,
}

/// The change from one master key to the next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KeyRotation {
    /// The key that is being replaced.
    pub from: KeyInfo,
    /// Wrapped keys that are under the new one already.
    pub done: u64,
    /// All wrapped keys.
    pub total: u64,
    /// When it began.
    pub since: Timestamp,
}

/// The keys of a database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KeyStatus {
    /// What new secrets are sealed with.
    pub current: KeyInfo,
    /// The change that is under way, if one is.
    pub rotation: Option<KeyRotation>,
}

/// A secret param whose value is a reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// Whose it is.
    pub owner: Owner,
    /// The param.
    pub param: String,
    /// The reference, such as `secret://name`.
    pub text: String,
}

/// Whether a stored secret is a reference to another one: `secret://…`, or the handle of a file.
pub fn is_reference(value: &[u8]) -> bool {
    value.starts_with(b"secret://") || file_id(value).is_some()
}

/// The id in a file's handle.
pub fn file_id(handle: &[u8]) -> Option<uuid::Uuid> {
    let digits = handle.strip_prefix(b"file_").filter(|d| d.len() == 32 && !d.iter().any(u8::is_ascii_uppercase))?;
    uuid::Uuid::try_parse_ascii(digits).ok()
}

/// Keeps named secrets and files, and changes the key that they are sealed with.
#[async_trait]
pub trait VaultStore: Send + Sync {
    /// Sets a secret of the gateway. Returns whether it was there before.
    async fn put_named_secret(&self, name: &str, secret: Secret, at: Timestamp) -> Result<bool>;
    /// All of them, by name, without their values.
    async fn named_secrets(&self) -> Result<Vec<NamedSecret>>;
    /// The value of one; `NotFound`.
    async fn named_secret(&self, name: &str) -> Result<Secret>;
    /// Removes one; `NotFound`, `InUse` while a param refers to it.
    async fn remove_named_secret(&self, name: &str) -> Result<()>;
    /// The params of apps and connections whose values are references, see [`is_reference`].
    async fn references(&self) -> Result<Vec<Reference>>;

    /// Keeps a file; `Invalid` if it is larger than [`MAX_FILE`] or its name or type is too long, `NotFound` if its
    /// connection is not there.
    async fn put_file(&self, file: NewFile, content: Bytes) -> Result<FileInfo>;
    /// All files, newest first; at most 1000.
    async fn files(&self) -> Result<Vec<FileInfo>>;
    /// One file, encrypted ones too: whoever shows it to somebody asks [`FileInfo::encrypted`] first. `NotFound`.
    async fn file(&self, handle: &str) -> Result<(FileInfo, Bytes)>;
    /// Removes a file; `NotFound`, `InUse` while a param's value is its handle.
    async fn remove_file(&self, handle: &str) -> Result<()>;

    /// The master keys.
    async fn keys(&self) -> Result<KeyStatus>;
    /// Begins to replace the master key by one that is kept at `to` (none: where the current one is). New secrets are sealed
    /// with it when this returns; the others follow by [`rewrap`](Self::rewrap). `Conflict` while one is under way.
    async fn rotate_key(&self, to: Option<KeySource>) -> Result<KeyStatus>;
    /// Goes on with a rotation: at most `limit` keys. The one that finds none left drops the old key. Survives being killed
    /// at any moment. Returns whether a rotation is still under way.
    async fn rewrap(&self, limit: usize) -> Result<bool>;

    /// Writes a copy of the whole database, as it is when this begins, to a file of mode 0600 that must not be there.
    /// Others go on reading and writing meanwhile. The key is not in it. Returns the ids of the keys that open it.
    async fn backup(&self, to: &Path) -> Result<Vec<String>>;
    /// As [`backup`](Self::backup), to a file that has no name and is gone when it is closed.
    async fn snapshot(&self) -> Result<Snapshot>;
}

/// A copy of the whole database.
#[derive(Debug)]
pub struct Snapshot {
    /// Its content, to be read from the beginning.
    pub file: std::fs::File,
    /// Its length in bytes.
    pub bytes: u64,
    /// The ids of the keys that open it.
    pub keys: Vec<String>,
}
