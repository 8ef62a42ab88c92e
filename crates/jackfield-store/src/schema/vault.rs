//! Named secrets, files, keys.

/// The tables. The indexes say which values a master key's rotation has still to visit.
pub(super) const SQL: &str = "
-- Master keys are not in here, but what they are called, where they are, and the database's data key sealed with them. One
-- is current; in a rotation there is another one, which still opens what is not wrapped anew.
CREATE TABLE keys (
    id              BLOB PRIMARY KEY CHECK (length(id) = 8),
    current         INTEGER NOT NULL CHECK (current IN (0, 1)),
    source          TEXT NOT NULL,
    wrapped         TEXT,
    made_at         INTEGER NOT NULL,
    retired_at      INTEGER,
    sealed_data_key BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX keys_current ON keys (current);

CREATE TABLE named_secrets (
    name            TEXT PRIMARY KEY,
    created_at      INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL,
    value_id        BLOB NOT NULL,
    sealed_value    BLOB NOT NULL
) STRICT;

CREATE TABLE files (
    id              BLOB PRIMARY KEY CHECK (length(id) = 16),
    name            TEXT NOT NULL,
    media_type      TEXT NOT NULL,
    size            INTEGER NOT NULL,
    sha256          TEXT,
    encrypted       INTEGER NOT NULL CHECK (encrypted IN (0, 1)),
    connection      TEXT REFERENCES connections (id) ON DELETE CASCADE,
    created_at      INTEGER NOT NULL,
    value_id        BLOB NOT NULL,
    sealed_key      BLOB NOT NULL
) STRICT;
CREATE INDEX files_connection ON files (connection) WHERE connection IS NOT NULL;

-- Apart, so that a rotation does not write it.
CREATE TABLE file_contents (
    file            BLOB PRIMARY KEY REFERENCES files (id) ON DELETE CASCADE,
    sealed_content  BLOB NOT NULL
) STRICT;

CREATE INDEX secrets_wrapped ON secrets (substr(sealed_value, 1, 9), value_id);
CREATE INDEX tokens_wrapped ON tokens (substr(sealed_tokens, 1, 9), value_id);
CREATE INDEX named_secrets_wrapped ON named_secrets (substr(sealed_value, 1, 9), value_id);
CREATE INDEX installations_wrapped ON installations (substr(sealed_secrets, 1, 9), value_id);
CREATE INDEX files_wrapped ON files (substr(sealed_key, 1, 9), value_id);
";
