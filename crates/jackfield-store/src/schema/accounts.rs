//! What a connection says of how it was made.

/// The auth method, and the version of the params that its values were cleaned by.
pub(super) const SQL: &str = "
ALTER TABLE connections ADD COLUMN auth TEXT;
ALTER TABLE connections ADD COLUMN params_version INTEGER NOT NULL DEFAULT 1;
";
