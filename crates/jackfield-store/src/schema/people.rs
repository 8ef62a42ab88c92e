//! People, sessions, API tokens, the audit log.

/// The tables. Of codes, session ids and tokens only SHA-256 is here, of passwords only Argon2id.
pub(super) const SQL: &str = "
CREATE TABLE people (
    id              BLOB PRIMARY KEY,
    email           TEXT NOT NULL COLLATE NOCASE UNIQUE,
    name            TEXT NOT NULL,
    role            TEXT NOT NULL,
    disabled        INTEGER NOT NULL,
    password        TEXT,
    created_at      INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL,
    signed_in_at    INTEGER
) STRICT;

-- `person` of the first administrator's is null; the unique index takes every null for a value of its own.
CREATE TABLE invitations (
    code        BLOB PRIMARY KEY,
    person      BLOB UNIQUE REFERENCES people (id) ON DELETE CASCADE,
    expires_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
    id          BLOB PRIMARY KEY,
    handle      BLOB NOT NULL UNIQUE,
    person      BLOB NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    created_at  INTEGER NOT NULL,
    seen_at     INTEGER NOT NULL,
    address     TEXT NOT NULL,
    agent       TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_person ON sessions (person, seen_at);

CREATE TABLE api_tokens (
    id          BLOB PRIMARY KEY,
    person      BLOB REFERENCES people (id) ON DELETE CASCADE,
    name        TEXT NOT NULL,
    prefix      TEXT NOT NULL,
    hash        BLOB NOT NULL UNIQUE,
    scopes      TEXT NOT NULL,
    connections TEXT,
    created_at  INTEGER NOT NULL,
    expires_at  INTEGER,
    revoked_at  INTEGER,
    used_at     INTEGER
) STRICT;
CREATE INDEX api_tokens_prefix ON api_tokens (prefix);
CREATE INDEX api_tokens_person ON api_tokens (person);

CREATE TABLE audit (
    id          BLOB PRIMARY KEY,
    at          INTEGER NOT NULL,
    kind        TEXT NOT NULL,
    actor       TEXT NOT NULL,
    actor_name  TEXT NOT NULL,
    via         TEXT NOT NULL,
    address     TEXT NOT NULL,
    what        TEXT NOT NULL,
    target      TEXT NOT NULL,
    connection  TEXT,
    fields      TEXT NOT NULL,
    status      INTEGER NOT NULL,
    trace_id    TEXT NOT NULL
) STRICT;
CREATE INDEX audit_at ON audit (at);
CREATE INDEX audit_kind ON audit (kind, id);
CREATE INDEX audit_actor ON audit (actor, id);
CREATE INDEX audit_connection ON audit (connection, id) WHERE connection IS NOT NULL;
CREATE INDEX audit_trace ON audit (trace_id);
";
