//! Lists: a filter as SQL. The text has no value in it, only parameters, so that each shape is prepared once.

use connector_core::TraceId;
use rusqlite::{Connection, Row, types::Value};

use super::fail::{self, Done, stored};

/// At most so many rows in a list.
pub(super) const MAX: usize = 1000;

/// A filter's limit: 0, which is its default, asks for as many as there may be.
pub(super) fn cap(limit: usize) -> usize {
    if limit == 0 { MAX } else { limit }
}

pub(super) struct List {
    what: &'static str,
    sql: String,
    values: Vec<Value>,
}

impl List {
    /// A list of `what`; `select` ends before its `WHERE`.
    pub(super) fn new(what: &'static str, select: &str) -> Self {
        Self { what, sql: select.to_owned(), values: Vec::new() }
    }

    fn only(&mut self, condition: &str) {
        self.sql.push_str(if self.sql.contains(" WHERE ") { " AND " } else { " WHERE " });
        self.sql.push_str(condition);
    }

    /// A condition such as `connector = ` with its value, if it is asked for.
    pub(super) fn with(&mut self, condition: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.values.push(value.into());
            self.only(&format!("{condition}?{}", self.values.len()));
        }
    }

    pub(super) fn trace(&mut self, trace_id: Option<TraceId>) {
        self.with("trace_id = ", trace_id.map(|t| t.to_string()));
    }

    /// The rows, in `order`. Damaged ones are left out.
    pub(super) fn rows<T>(
        mut self,
        db: &Connection,
        order: &str,
        limit: usize,
        mut read: impl FnMut(&Row<'_>) -> Done<T>,
    ) -> Done<Vec<T>> {
        self.values.push(Value::Integer(stored(limit.min(MAX) as u64)));
        self.sql.push_str(&format!(" ORDER BY {order} LIMIT ?{}", self.values.len()));
        let mut statement = db.prepare_cached(&self.sql)?;
        let mut rows = statement.query(rusqlite::params_from_iter(self.values))?;
        let mut out = Vec::new();
        while let Some(row) = rows.next()? {
            out.extend(fail::unless_damaged(self.what, fail::shown_id(row), read(row))?);
        }
        Ok(out)
    }
}
