//! Lists: a filter as SQL. The text has no value in it, only parameters, so that each shape is prepared once.

use connector_core::TraceId;
use rusqlite::{Connection, Row, types::Value};

use super::fail::{Done, stored};

/// At most so many rows in a list.
const MAX: usize = 1000;

/// A filter's limit: 0, which is its default, asks for as many as there may be.
pub(super) fn cap(limit: usize) -> usize {
    if limit == 0 { MAX } else { limit }
}

pub(super) struct List {
    sql: String,
    values: Vec<Value>,
}

impl List {
    /// `select` ends before its `WHERE`.
    pub(super) fn new(select: &str) -> Self {
        Self { sql: select.to_owned(), values: Vec::new() }
    }

    /// A condition without a value.
    pub(super) fn only(&mut self, condition: &str) {
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

    /// The rows, in `order`.
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
            out.push(read(row)?);
        }
        Ok(out)
    }
}
