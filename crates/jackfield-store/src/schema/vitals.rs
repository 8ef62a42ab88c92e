//! Counts of calls by hour, checks of connections, descriptors.

/// The tables. What is known of a connection's health is one JSON text: it is read and written as a whole.
pub(super) const SQL: &str = "
CREATE TABLE call_counts (
    connection  TEXT NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    hour        INTEGER NOT NULL,
    action      TEXT NOT NULL,
    outcome     TEXT NOT NULL CHECK (outcome IN ('success', 'halted', 'failure')),
    kind        TEXT NOT NULL,
    count       INTEGER NOT NULL,
    last_at     INTEGER NOT NULL,
    PRIMARY KEY (connection, hour, action, outcome, kind)
) STRICT, WITHOUT ROWID;
CREATE INDEX call_counts_hour ON call_counts (hour);

CREATE TABLE health (
    connection  TEXT PRIMARY KEY REFERENCES connections (id) ON DELETE CASCADE,
    record      TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Names of channels and repositories are the service's content: sealed like outputs.
CREATE TABLE descriptors (
    connection          TEXT PRIMARY KEY REFERENCES connections (id) ON DELETE CASCADE,
    version             INTEGER NOT NULL,
    described_at        INTEGER NOT NULL,
    value_id            BLOB NOT NULL,
    sealed_descriptors  BLOB NOT NULL
) STRICT;
";
