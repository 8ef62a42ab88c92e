//! Counts of calls by hour, checks of connections, descriptors.

/// The tables.
pub(super) const SQL: &str = "";
