//! People, sessions, API tokens, the audit log.

/// The tables.
pub(super) const SQL: &str = "";
