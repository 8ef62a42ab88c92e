//! Opening a state directory: its lock, its files, its connections, its key.
//!
//! What lives here: everything that happens before the first call. What must not: threads.

use std::{
    fs::{self, TryLockError},
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags, OptionalExtension as _, TransactionBehavior};

use super::{
    fail::{Done, Fail},
    prune,
};
use crate::{
    KeyFile, Result, StoreError, schema,
    seal::{Sealer, sync_dir},
};

/// How long a connection waits for another one of this process.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// The database's file in the state directory.
const DATABASE: &str = "jackfield.db";
const LOCK: &str = "lock";
/// Earlier versions can corrupt a database that one connection checkpoints while another one writes
/// (<https://www.sqlite.org/wal.html#walresetbug>).
const MIN_SQLITE: i32 = 3_051_003;

pub(super) struct Opened {
    pub(super) path: PathBuf,
    pub(super) lock: fs::File,
    pub(super) writer: Connection,
    pub(super) checkpoints: Connection,
    pub(super) sealer: Sealer,
    pub(super) boot: i64,
}

pub(super) fn open(dir: &Path) -> Result<Opened> {
    if rusqlite::version_number() < MIN_SQLITE {
        return Err(StoreError::Other(format!(
            "SQLite {} is too old, 3.51.3 or newer is needed: build with the bundled one",
            rusqlite::version()
        )));
    }
    make_dir(dir)?;
    let lock = take_lock(dir)?;
    let path = dir.join(DATABASE);
    let new = make_private(&path)?;
    let mut writer = connect(&path).map_err(error)?;
    schema::migrate(&mut writer).map_err(error)?;
    let sealer = unlock(&mut writer, dir)?;
    let boot = boot(&mut writer).map_err(error)?;
    super::tokens::end_leases(&writer).map_err(error)?;
    let now = Timestamp::now();
    while prune::prune(&writer, now).map_err(error)? {}
    let checkpoints = connect(&path).map_err(error)?;
    if new {
        sync_dir(dir).map_err(|e| unwritable(dir, &e))?;
    }
    Ok(Opened { path, lock, writer, checkpoints, sealer, boot })
}

fn error(fail: Fail) -> StoreError {
    fail.error
}

fn unwritable(path: &Path, e: &io::Error) -> StoreError {
    StoreError::Unwritable(format!("{}: {e}", path.display()))
}

fn make_dir(dir: &Path) -> Result<()> {
    if dir.is_dir() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    let parent = match dir.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    builder.create(dir).and_then(|()| sync_dir(parent)).map_err(|e| unwritable(dir, &e))
}

fn take_lock(dir: &Path) -> Result<fs::File> {
    let path = dir.join(LOCK);
    let mut options = fs::OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(&path).map_err(|e| unwritable(&path, &e))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::Locked),
        Err(TryLockError::Error(e)) => Err(unwritable(&path, &e)),
    }
}

/// Makes the database's file for its owner alone (SQLite gives its log the same mode), or tightens it. Returns whether it
/// is new.
fn make_private(path: &Path) -> Result<bool> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(true),
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {
            tighten(path).map_err(|e| unwritable(path, &e))?;
            Ok(false)
        }
        Err(e) => Err(unwritable(path, &e)),
    }
}

#[cfg(unix)]
fn tighten(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    if fs::metadata(path)?.permissions().mode() & 0o077 != 0 {
        tracing::warn!(path = %path.display(), "others could use the database file; its mode is 0600 now");
        fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
    }
    Ok(())
}

#[cfg(not(unix))]
fn tighten(_: &Path) -> io::Result<()> {
    Ok(())
}

/// A connection that may write, every durability setting read back.
fn connect(path: &Path) -> Done<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(path, flags)?;
    db.busy_timeout(BUSY_TIMEOUT)?;
    db.set_prepared_statement_cache_capacity(128);
    let mode: String = db.pragma_update_and_check(None, "journal_mode", "WAL", |r| r.get(0))?;
    db.pragma_update(None, "synchronous", "FULL")?;
    // Without effect but on macOS, whose plain fsync leaves the data in the drive's cache.
    db.pragma_update(None, "fullfsync", true)?;
    db.pragma_update(None, "checkpoint_fullfsync", true)?;
    db.pragma_update(None, "foreign_keys", true)?;
    db.pragma_update(None, "trusted_schema", false)?;
    db.pragma_update_and_check(None, "wal_autocheckpoint", 0, |_| Ok(()))?;
    // A log that outgrew this is cut back when it begins anew.
    db.pragma_update_and_check(None, "journal_size_limit", 16 * 1024 * 1024, |_| Ok(()))?;
    db.pragma_update(None, "cache_size", -8 * 1024)?;
    let synchronous: i64 = db.pragma_query_value(None, "synchronous", |r| r.get(0))?;
    let foreign_keys: bool = db.pragma_query_value(None, "foreign_keys", |r| r.get(0))?;
    let checkpoints: i64 = db.pragma_query_value(None, "wal_autocheckpoint", |r| r.get(0))?;
    if mode != "wal" || synchronous != 2 || !foreign_keys || checkpoints != 0 {
        return Err(StoreError::Other(format!(
            "SQLite does not keep the settings that durability needs (journal_mode {mode}, synchronous {synchronous}, \
             foreign_keys {foreign_keys}, wal_autocheckpoint {checkpoints}); is the state directory on a network file system?"
        ))
        .into());
    }
    Ok(db)
}

/// The database's data key: opened, or made if the database is new.
fn unlock(db: &mut Connection, dir: &Path) -> Result<Sealer> {
    let kept: Option<Vec<u8>> = db
        .query_row("SELECT value FROM meta WHERE name = 'data_key'", [], |r| r.get(0))
        .optional()
        .map_err(|e| error(e.into()))?;
    match kept {
        // A key file made now could not open it, and would stand in the way of the right one.
        Some(_) if !KeyFile::exists(dir) => Err(StoreError::WrongKey),
        Some(sealed) => Sealer::unlock(&KeyFile::load_or_create(dir)?, &sealed),
        None => {
            let (sealer, sealed) = Sealer::generate(&KeyFile::load_or_create(dir)?)?;
            db.execute("INSERT INTO meta (name, value) VALUES ('data_key', ?1)", [sealed])
                .map_err(|e| error(e.into()))?;
            Ok(sealer)
        }
    }
}

/// Counts this start, so that what an earlier one left unfinished can be told.
fn boot(db: &mut Connection) -> Done<i64> {
    let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let boot = tx.query_row(
        "INSERT INTO meta (name, value) VALUES ('boot', 1) ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value",
        [],
        |r| r.get(0),
    )?;
    tx.commit()?;
    Ok(boot)
}
