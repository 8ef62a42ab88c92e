//! Installations under way, webhooks at services.

/// The tables. An installation is one row, so that its secrets cannot outlive it.
pub(super) const SQL: &str = "
CREATE TABLE installations (
    id              BLOB PRIMARY KEY CHECK (length(id) = 16),
    version         INTEGER NOT NULL,
    record          TEXT NOT NULL,
    value_id        BLOB NOT NULL,
    sealed_secrets  BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE hooks (
    connection      TEXT NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    resource        TEXT NOT NULL,
    record          TEXT NOT NULL,
    PRIMARY KEY (connection, resource)
) STRICT, WITHOUT ROWID;
";
