//! SQLite's errors in the store's words, and the conversions of columns.
//!
//! What lives here: mapping, and telling a row that is damaged from a database that fails. What must not: deciding what to do about a failure, which is the writer's.

use jiff::Timestamp;
use rusqlite::{Connection, ErrorCode, Params, Row, ffi};
use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;

use crate::{
    StoreError,
    seal::{Place, Sealer},
};

/// Result of work on a connection.
pub(crate) type Done<T> = Result<T, Fail>;

/// Why work on a connection failed.
#[derive(Debug)]
pub(crate) struct Fail {
    /// As callers see it.
    pub(crate) error: StoreError,
    /// A sync of the disk failed: what the kernel still holds of it is unknown, so nothing may be written any more.
    pub(crate) sync_lost: bool,
    /// One row does not read: a value in it is damaged. Those beside it may be well.
    pub(crate) unreadable: bool,
}

impl Fail {
    fn unreadable(error: StoreError) -> Self {
        Self { error, sync_lost: false, unreadable: true }
    }
}

impl From<StoreError> for Fail {
    fn from(error: StoreError) -> Self {
        Self { error, sync_lost: false, unreadable: false }
    }
}

impl From<rusqlite::Error> for Fail {
    fn from(e: rusqlite::Error) -> Self {
        let extended = e.sqlite_error().map_or(0, |e| e.extended_code);
        let error = match e.sqlite_error_code() {
            Some(ErrorCode::DiskFull | ErrorCode::ReadOnly | ErrorCode::SystemIoFailure) => {
                StoreError::Unwritable(e.to_string())
            }
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                StoreError::Other(format!("the database file is damaged: {e}"))
            }
            _ => StoreError::Other(e.to_string()),
        };
        Self {
            error,
            sync_lost: matches!(extended, ffi::SQLITE_IOERR_FSYNC | ffi::SQLITE_IOERR_DIR_FSYNC),
            unreadable: matches!(
                e,
                rusqlite::Error::FromSqlConversionFailure(..)
                    | rusqlite::Error::IntegralValueOutOfRange(..)
                    | rusqlite::Error::InvalidColumnType(..)
                    | rusqlite::Error::Utf8Error(..)
            ),
        }
    }
}

impl From<serde_json::Error> for Fail {
    fn from(e: serde_json::Error) -> Self {
        // The position only: the text around it may be what was sealed.
        Self::unreadable(StoreError::Other(format!(
            "a stored value is not the JSON it should be (line {}, column {})",
            e.line(),
            e.column()
        )))
    }
}

/// Turns "there is one already" into `Exists`, and passes on anything else.
pub(super) fn exists(what: &'static str, id: &Uuid) -> impl FnOnce(rusqlite::Error) -> Fail {
    move |e| match e.sqlite_error().map(|e| e.extended_code) {
        Some(ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY) => {
            StoreError::Exists(what, id.to_string()).into()
        }
        _ => e.into(),
    }
}

/// The error for something that is not there.
pub(super) fn not_found(what: &'static str, id: impl ToString) -> impl FnOnce() -> Fail {
    move || StoreError::NotFound(what, id.to_string()).into()
}

/// The first row of a query, if it has one.
pub(super) fn first<T>(
    db: &Connection,
    sql: &str,
    params: impl Params,
    read: impl FnOnce(&Row<'_>) -> Done<T>,
) -> Done<Option<T>> {
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    rows.next()?.map(read).transpose()
}

/// A time as it is stored. What 64 bits of nanoseconds cannot hold (before 1677, after 2262) is stored as the nearest.
pub(super) fn nanos(t: Timestamp) -> i64 {
    let t = t.as_nanosecond();
    i64::try_from(t).unwrap_or(if t < 0 { i64::MIN } else { i64::MAX })
}

/// A stored time.
pub(super) fn time(row: &Row<'_>, column: &str) -> Done<Timestamp> {
    timestamp(row.get(column)?)
}

/// A stored time that may be absent.
pub(super) fn time_opt(row: &Row<'_>, column: &str) -> Done<Option<Timestamp>> {
    row.get::<_, Option<i64>>(column)?.map(timestamp).transpose()
}

pub(super) fn timestamp(nanos: i64) -> Done<Timestamp> {
    Timestamp::from_nanosecond(nanos.into()).map_err(|e| damaged("time", e))
}

/// A stored id.
pub(super) fn id(row: &Row<'_>, column: &str) -> Done<Uuid> {
    Ok(Uuid::from_bytes(row.get(column)?))
}

/// A stored count.
pub(super) fn count(row: &Row<'_>, column: &str) -> Done<u64> {
    u64::try_from(row.get::<_, i64>(column)?).map_err(|e| damaged("count", e))
}

/// A count to be stored.
pub(super) fn stored(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// Something stored as text that is parsed back.
pub(super) fn parsed<T: std::str::FromStr<Err: ToString>>(row: &Row<'_>, column: &str) -> Done<T> {
    row.get::<_, String>(column)?.parse().map_err(|e: T::Err| damaged("text", e))
}

/// A JSON column.
pub(super) fn json<T: DeserializeOwned>(row: &Row<'_>, column: &str) -> Done<T> {
    Ok(serde_json::from_str(&row.get::<_, String>(column)?)?)
}

/// A unit enum by the name that serde gives it.
pub(super) fn name_of<T: Serialize>(value: &T) -> Done<String> {
    match serde_json::to_value(value)? {
        serde_json::Value::String(name) => Ok(name),
        _ => Err(damaged("name", "no unit variant")),
    }
}

/// The unit enum of that name.
pub(super) fn named<T: DeserializeOwned>(row: &Row<'_>, column: &str) -> Done<T> {
    Ok(serde_json::from_value(serde_json::Value::String(row.get(column)?))?)
}

/// A stored value that is not what it can be.
pub(super) fn damaged(what: &str, e: impl ToString) -> Fail {
    Fail::unreadable(StoreError::Other(format!("a stored {what} does not read: {}", e.to_string())))
}

/// A sealed column, opened.
pub(super) fn open(sealer: &Sealer, place: Place<'_>, row: &Row<'_>, column: &str) -> Done<Vec<u8>> {
    open_opt(sealer, place, row, column)?.ok_or_else(|| damaged("value", "it is missing"))
}

/// A sealed column that may be absent, opened.
pub(super) fn open_opt(sealer: &Sealer, place: Place<'_>, row: &Row<'_>, column: &str) -> Done<Option<Vec<u8>>> {
    let sealed = row.get_ref(column)?.as_blob_or_null().map_err(rusqlite::Error::from)?;
    sealed.map(|sealed| sealer.open(place, sealed).map_err(Fail::unreadable)).transpose()
}

/// What was read, or nothing if the row is damaged, which is logged: `what` and `id` tell which.
pub(super) fn unless_damaged<T>(what: &str, id: impl std::fmt::Display, read: Done<T>) -> Done<Option<T>> {
    match read {
        Ok(value) => Ok(Some(value)),
        Err(fail) if fail.unreadable => {
            tracing::error!(what, %id, error = %fail.error, "what is stored is damaged and left out");
            Ok(None)
        }
        Err(fail) => Err(fail),
    }
}

/// The id of a row, for the log: whatever can be said of it.
pub(super) fn shown_id(row: &Row<'_>) -> String {
    use rusqlite::types::ValueRef;
    match row.get_ref("id") {
        Ok(ValueRef::Text(text)) => String::from_utf8_lossy(text).into_owned(),
        Ok(ValueRef::Blob(bytes)) => {
            Uuid::from_slice(bytes).map_or_else(|_| format!("{bytes:02x?}"), |id| id.to_string())
        }
        _ => "(none)".to_owned(),
    }
}
