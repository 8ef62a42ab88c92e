//! Files: what is known of them in one table, their sealed content in another.

use bytes::Bytes;
use ring::digest;
use rusqlite::{Connection, Row};
use uuid::Uuid;

use super::fail::{self, Done, nanos, not_found};
use crate::{
    FileInfo, MAX_FILE, NewFile, Result, StoreError, file_id,
    seal::{Place, Sealer, ValueKey},
};

const COLUMNS: &str = "id, name, media_type, size, sha256, encrypted, connection, created_at";

fn place(value_id: &Uuid) -> Place<'_> {
    Place::of("files", "content", value_id)
}

/// The id in a handle; what is no handle names no file.
fn id_of(handle: &str) -> Done<Uuid> {
    file_id(handle.as_bytes()).ok_or_else(not_found("file", handle))
}

/// A file whose content is sealed, and whose key is still to be wrapped.
pub(super) struct SealedFile {
    info: FileInfo,
    id: Uuid,
    value_id: Uuid,
    key: ValueKey,
    content: Vec<u8>,
}

impl SealedFile {
    pub(super) fn new(file: NewFile, content: &Bytes) -> Result<Self> {
        if content.len() > MAX_FILE {
            return Err(StoreError::Invalid(format!("the file is larger than {MAX_FILE} bytes; send a smaller one")));
        }
        if file.name.is_empty() || file.name.len() > 255 || file.name.chars().any(char::is_control) {
            return Err(StoreError::Invalid(
                "the file's name must have 1 to 255 bytes, none of them control characters".into(),
            ));
        }
        let is_type =
            |t: &str| t.len() <= 127 && t.contains('/') && t.bytes().all(|b| b.is_ascii_graphic() || b == b' ');
        if !is_type(&file.media_type) {
            return Err(StoreError::Invalid("the file's type must be a media type such as text/csv".into()));
        }
        let (id, value_id, key) = (Uuid::now_v7(), Uuid::now_v7(), ValueKey::generate()?);
        let sealed = key.seal(place(&value_id), content)?;
        let sha256 = || {
            let digest = digest::digest(&digest::SHA256, content);
            digest.as_ref().iter().map(|b| format!("{b:02x}")).collect::<String>()
        };
        let info = FileInfo {
            id: format!("file_{}", id.simple()),
            name: file.name,
            media_type: file.media_type,
            size: content.len() as u64,
            sha256: (!file.encrypted).then(sha256),
            encrypted: file.encrypted,
            connection: file.connection,
            created_at: file.at,
        };
        Ok(Self { info, id, value_id, key, content: sealed })
    }

    pub(super) fn insert(self, db: &Connection, sealer: &Sealer) -> Done<FileInfo> {
        let f = self.info;
        if let Some(connection) = &f.connection {
            fail::first(db, "SELECT 1 FROM connections WHERE id = ?1", [connection], |_| Ok(()))?
                .ok_or_else(not_found("connection", connection))?;
        }
        db.prepare_cached(&format!(
            "INSERT INTO files ({COLUMNS}, value_id, sealed_key) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
        ))?
        .execute((
            self.id.as_bytes(),
            &f.name,
            &f.media_type,
            fail::stored(f.size),
            &f.sha256,
            f.encrypted,
            &f.connection,
            nanos(f.created_at),
            self.value_id.as_bytes(),
            sealer.wrap(place(&self.value_id), &self.key)?,
        ))?;
        db.prepare_cached("INSERT INTO file_contents (file, sealed_content) VALUES (?1, ?2)")?
            .execute((self.id.as_bytes(), self.content))?;
        Ok(f)
    }
}

fn read(row: &Row<'_>) -> Done<FileInfo> {
    Ok(FileInfo {
        id: format!("file_{}", fail::id(row, "id")?.simple()),
        name: row.get("name")?,
        media_type: row.get("media_type")?,
        size: fail::count(row, "size")?,
        sha256: row.get("sha256")?,
        encrypted: row.get("encrypted")?,
        connection: row.get("connection")?,
        created_at: fail::time(row, "created_at")?,
    })
}

pub(super) fn list(db: &Connection) -> Done<Vec<FileInfo>> {
    let mut statement = db.prepare_cached(&format!("SELECT {COLUMNS} FROM files ORDER BY id DESC LIMIT 1000"))?;
    let mut rows = statement.query([])?;
    let mut out = Vec::new();
    while let Some(row) = rows.next()? {
        out.extend(fail::unless_damaged("file", fail::shown_id(row), read(row))?);
    }
    Ok(out)
}

pub(super) fn one(db: &Connection, sealer: &Sealer, handle: &str) -> Done<(FileInfo, Bytes)> {
    let sql = format!(
        "SELECT {COLUMNS}, value_id, sealed_key, sealed_content FROM files JOIN file_contents ON file = id WHERE id = ?1"
    );
    let found = fail::first(db, &sql, [id_of(handle)?.as_bytes()], |row| {
        let value_id = fail::id(row, "value_id")?;
        let (header, content): (Vec<u8>, Vec<u8>) = (row.get("sealed_key")?, row.get("sealed_content")?);
        let clear = sealer.unwrap(place(&value_id), &header)?.open(place(&value_id), &content)?;
        Ok((read(row)?, Bytes::from(clear)))
    })?;
    found.ok_or_else(not_found("file", handle))
}

pub(super) fn remove(db: &Connection, handle: &str) -> Done<()> {
    match db.prepare_cached("DELETE FROM files WHERE id = ?1")?.execute([id_of(handle)?.as_bytes()])? {
        0 => Err(not_found("file", handle)()),
        _ => Ok(()),
    }
}
