//! Records of people and of what they did.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// SHA-256 of a code, a session's id or a token: what is kept in its place. All of them are 256 random bits, so that a fast
/// hash is enough.
pub type CodeHash = [u8; 32];

/// Sessions of one person that are kept; signing in once more ends the one that was used longest ago.
pub const MAX_SESSIONS: usize = 50;
/// Tokens of the API that are kept, revoked ones included.
pub const MAX_TOKENS: usize = 10_000;

/// What a person may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// See.
    Viewer,
    /// See, and call actions.
    Member,
    /// Everything: change connections, apps and flows, and decide who else may.
    Admin,
}

/// A kind of doing that a token or a role allows, or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// See what is there and what happened.
    Read,
    /// Call actions, try runs again, replay events.
    Act,
    /// Change connections, apps, flows, people.
    Manage,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Viewer, Self::Member, Self::Admin];

    /// Its name, as it is written everywhere.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Member => "member",
            Self::Admin => "admin",
        }
    }

    /// What it allows.
    pub const fn scopes(self) -> &'static [Scope] {
        match self {
            Self::Viewer => &[Scope::Read],
            Self::Member => &[Scope::Read, Scope::Act],
            Self::Admin => &Scope::ALL,
        }
    }
}

impl Scope {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Read, Self::Act, Self::Manage];

    /// Its name, as it is written everywhere.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Act => "act",
            Self::Manage => "manage",
        }
    }
}

/// Somebody who signs in with a browser.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Its id (UUID version 7).
    pub id: Uuid,
    /// The e-mail address, by which the person signs in; unique in any case of its letters.
    pub email: String,
    /// What others call the person.
    pub name: String,
    /// What the person may do.
    pub role: Role,
    /// Whether the person is kept out for now.
    pub disabled: bool,
    /// Whether a password is set; without one, an invitation is needed first. Kept by the store, ignored when written.
    pub has_password: bool,
    /// When the person was added.
    pub created_at: Timestamp,
    /// When name, address, role or password were last changed.
    pub updated_at: Timestamp,
    /// When the person signed in last. Kept by the store, ignored when written.
    pub signed_in_at: Option<Timestamp>,
}

/// A one-time address by which a password is set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// The code's hash.
    pub code: CodeHash,
    /// Whom it invites; none: whoever has it becomes the first administrator.
    pub person: Option<Uuid>,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// Who redeems an invitation.
#[derive(Debug, Clone)]
pub struct Redeemed {
    /// The first administrator, where that is what the invitation makes; else nothing of it is used.
    pub first: Option<Person>,
    /// The password's hash.
    pub password: String,
}

/// A browser that is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Session {
    /// What lists and ends it; not what the browser shows.
    pub handle: Uuid,
    /// Who is signed in.
    pub person: Uuid,
    /// When.
    pub created_at: Timestamp,
    /// When it was last used, to a minute.
    pub seen_at: Timestamp,
    /// The network address that it was made from.
    pub from: String,
    /// What the browser said it is, cut to 200 characters.
    pub agent: String,
}

/// A token of the API, without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ApiToken {
    /// Its id.
    pub id: Uuid,
    /// Whose it is; none: made by the operator, and nobody's.
    pub person: Option<Uuid>,
    /// What it is for.
    pub name: String,
    /// What it begins with, to recognize it by.
    pub prefix: String,
    /// What it allows; never more than its owner may.
    pub scopes: Vec<Scope>,
    /// The connections that it is limited to; none: all.
    pub connections: Option<Vec<String>>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends; none: never.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// When it was last used, to a minute.
    pub used_at: Option<Timestamp>,
}

/// What a line of the audit log is about. Each kind has room of its own, so that many calls push out no change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuditKind {
    /// Something was changed, or was to be.
    Change,
    /// An action was called.
    Call,
    /// Somebody signed in or out, or failed to.
    SignIn,
}

impl AuditKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Change, Self::Call, Self::SignIn];

    /// Its name, as it is written everywhere.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Change => "change",
            Self::Call => "call",
            Self::SignIn => "sign_in",
        }
    }
}

/// A line of the audit log: who did what, from where, to what, when, and how it ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AuditLine {
    /// Its id (UUID version 7); later lines have greater ones.
    pub id: Uuid,
    /// When.
    pub at: Timestamp,
    /// What kind of line it is.
    pub kind: AuditKind,
    /// Who: `operator`, `person:<id>`, `token:<id>`, `nobody`.
    pub actor: String,
    /// What the actor was called then.
    pub actor_name: String,
    /// By what: `api` or `page`.
    pub via: String,
    /// The network address; empty within the process.
    pub from: String,
    /// What was done: method and route, or a word such as `sign_in`.
    pub what: String,
    /// On what: the request's path, without its query.
    pub target: String,
    /// The connection, if it was done to one.
    pub connection: Option<String>,
    /// The names of the fields that were given; never values.
    pub fields: Vec<String>,
    /// The HTTP status that it ended with; 0: nobody knows, since the caller hung up before the end.
    pub status: u16,
    /// The trace.
    pub trace_id: String,
}

/// What a list of the audit log is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// Only this kind.
    pub kind: Option<AuditKind>,
    /// Only this actor, as [`AuditLine::actor`].
    pub actor: Option<String>,
    /// Only this connection.
    pub connection: Option<String>,
    /// Only this trace.
    pub trace_id: Option<String>,
    /// Only what is older than this id.
    pub before: Option<Uuid>,
    /// At most so many; 0 is 1000, and so is what is beyond.
    pub limit: usize,
}
