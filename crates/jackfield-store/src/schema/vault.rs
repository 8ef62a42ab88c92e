//! Named secrets, files, keys.

/// The tables.
pub(super) const SQL: &str = "";
