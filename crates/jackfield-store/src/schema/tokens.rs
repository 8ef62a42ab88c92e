//! Tokens of connections.

/// One row a connection; its secrets are sealed together.
pub(super) const SQL: &str = "
CREATE TABLE tokens (
    connection      TEXT PRIMARY KEY REFERENCES connections (id) ON DELETE CASCADE,
    status          TEXT NOT NULL,
    generation      INTEGER NOT NULL,
    value_id        BLOB NOT NULL,
    sealed_tokens   BLOB NOT NULL
) STRICT;

-- A lease outlives the tokens' row, and so does its fence: it never goes back.
CREATE TABLE token_leases (
    connection  TEXT PRIMARY KEY,
    fence       INTEGER NOT NULL,
    until       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
";
