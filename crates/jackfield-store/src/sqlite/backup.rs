//! Copies of the whole database: taken beside everything else that goes on, and put back where nothing goes on.
//!
//! A copy is made by `VACUUM INTO` (<https://www.sqlite.org/lang_vacuum.html#vacuuminto>): one snapshot, which holds what was
//! committed before it began, without the remains of what was deleted.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use rusqlite::{Connection, OpenFlags};
use uuid::Uuid;

use super::{
    fail::{Done, Fail},
    keys,
    open::{BUSY_TIMEOUT, DATABASE, make_dir, take_lock, unwritable},
};
use crate::{KeySources, Result, Snapshot, StoreError, schema, seal::sync_dir};

/// What stands before the names of files that a backup or a restore writes and takes away again.
pub(super) const DRAFT: &str = "draft-";

/// A file of mode 0600 that was not there.
fn new_file(path: &Path) -> Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(|e| unwritable(path, &e))
}

fn reader(path: &Path) -> Done<Connection> {
    let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    db.busy_timeout(BUSY_TIMEOUT)?;
    Ok(db)
}

fn key_ids(db: &Connection) -> Done<Vec<String>> {
    let (current, old) = keys::records(db)?;
    Ok([Some(current), old].into_iter().flatten().map(|r| r.id.to_string()).collect())
}

/// Copies the database at `from` to a new file.
pub(super) fn copy(from: &Path, to: &Path) -> Result<Vec<String>> {
    let Some(name) = to.to_str() else {
        return Err(StoreError::Invalid("the copy's path is not UTF-8; choose another one".into()));
    };
    // Made before SQLite would make it, which gives it the mode that the process' mask allows.
    let file = new_file(to)?;
    let done = (|| {
        reader(from)?.execute("VACUUM INTO ?1", [name])?;
        file.sync_all().map_err(|e| Fail::from(unwritable(to, &e)))?;
        // Of the copy, which may be younger or older than what the database says by now.
        key_ids(&reader(to)?)
    })();
    done.map_err(|e| {
        let _ = fs::remove_file(to);
        e.error
    })
}

/// Copies the database at `from` to a file beside it, which has no name any more when this returns.
pub(super) fn snapshot(from: &Path) -> Result<Snapshot> {
    let draft = Draft(from.with_file_name(format!("{DRAFT}{}.db", Uuid::now_v7().simple())));
    let keys = copy(from, &draft.0)?;
    let opened = fs::File::open(&draft.0).and_then(|file| file.metadata().map(|m| (m.len(), file)));
    let (bytes, file) = opened.map_err(|e| unwritable(&draft.0, &e))?;
    Ok(Snapshot { file, bytes, keys })
}

/// Takes away what a process that was killed left of its copies.
pub(super) fn remove_drafts(dir: &Path) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        if entry.file_name().to_str().is_some_and(|n| n.starts_with(DRAFT)) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// What [`restore`] put back.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Restored {
    /// Size of the database in bytes.
    pub bytes: u64,
    /// Its schema version.
    pub schema: i64,
    /// The ids of the keys that open it.
    pub keys: Vec<String>,
    /// Whether another database stood there, which is gone.
    pub replaced: bool,
}

/// Puts a copy into a state directory whose gateway does not run. Everything is checked before anything is replaced, and the
/// copy appears whole or not at all. The key has to be there already: it is not in a copy.
///
/// # Errors
/// `Locked`, while a gateway uses the directory; `Conflict`, if it holds a database and `replace` is not set; `WrongKey`, if
/// the key that is there does not open the copy; `Newer`; `Other` for what is no copy of a database of ours, or a damaged one.
pub async fn restore(dir: &Path, from: &Path, sources: &KeySources, replace: bool) -> Result<Restored> {
    let mut file = fs::File::open(from).map_err(|e| unreadable(from, &e))?;
    make_dir(dir)?;
    let lock = take_lock(dir)?;
    let target = dir.join(DATABASE);
    let replaced = target.exists();
    if replaced && !replace {
        return Err(StoreError::Conflict(format!(
            "{} holds a database already; restore into an empty directory, or replace it with --force",
            dir.display()
        )));
    }
    remove_drafts(dir).map_err(|e| unwritable(dir, &e))?;
    let draft = Draft(dir.join(format!("{DRAFT}restore.db")));
    let mut copy = new_file(&draft.0)?;
    let bytes = io::copy(&mut file, &mut copy).and_then(|n| copy.sync_all().map(|()| n));
    let bytes = bytes.map_err(|e| unwritable(&draft.0, &e))?;
    drop(copy);
    let (schema, keys) = check(&draft.0, from, sources).await?;
    if replaced {
        // The log of the old database would be taken for that of the new one.
        empty_log(&target)?;
    }
    fs::rename(&draft.0, &target).and_then(|()| sync_dir(dir)).map_err(|e| unwritable(&target, &e))?;
    drop(lock);
    Ok(Restored { bytes, schema, keys, replaced })
}

/// Removed when dropped, if it is still there.
struct Draft(PathBuf);

impl Drop for Draft {
    fn drop(&mut self) {
        for more in ["", "-wal", "-shm", "-journal"] {
            let mut name = self.0.as_os_str().to_owned();
            name.push(more);
            let _ = fs::remove_file(PathBuf::from(name));
        }
    }
}

fn unreadable(path: &Path, e: &io::Error) -> StoreError {
    StoreError::Other(format!("{} cannot be read: {e}", path.display()))
}

async fn check(path: &Path, shown: &Path, sources: &KeySources) -> Result<(i64, Vec<String>)> {
    let no_copy = |e: &dyn std::fmt::Display| {
        StoreError::Other(format!("{} is no whole copy of a gateway's database: {e}", shown.display()))
    };
    let wrong = |e: Fail| no_copy(&e.error);
    let db = reader(path).map_err(wrong)?;
    let schema = schema::check(&db).map_err(|e| match e.error {
        newer @ StoreError::Newer { .. } => newer,
        other => no_copy(&other),
    })?;
    let said: String = db.pragma_query_value(None, "integrity_check", |r| r.get(0)).map_err(|e| wrong(e.into()))?;
    if said != "ok" {
        return Err(no_copy(&said));
    }
    keys::can_open(&db, sources).await?;
    Ok((schema, key_ids_if_named(&db).map_err(wrong)?))
}

fn key_ids_if_named(db: &Connection) -> Done<Vec<String>> {
    if db.table_exists(None, "keys")? { key_ids(db) } else { Ok(Vec::new()) }
}

/// Moves what is in a database's log into the database and takes the log away.
fn empty_log(path: &Path) -> Result<()> {
    let moved = (|| {
        let db =
            Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        let mode: String = db.pragma_update_and_check(None, "journal_mode", "DELETE", |r| r.get(0))?;
        Ok::<_, rusqlite::Error>(mode)
    })();
    match moved {
        Ok(mode) if mode == "delete" => return Ok(()),
        Ok(mode) => tracing::warn!(mode, "the old database keeps its log"),
        Err(e) => tracing::warn!(error = %e, "the old database is damaged"),
    }
    // It is to be replaced anyway: set aside with its log, under names that nothing looks at.
    for more in ["", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(more);
        let mut aside = path.as_os_str().to_owned();
        aside.push(format!(".damaged{more}"));
        match fs::rename(&name, &aside) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(unwritable(path, &e)),
            _ => {}
        }
    }
    Ok(())
}
