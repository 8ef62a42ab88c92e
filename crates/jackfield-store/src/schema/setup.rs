//! Installations under way, webhooks at services.

/// The tables.
pub(super) const SQL: &str = "";
