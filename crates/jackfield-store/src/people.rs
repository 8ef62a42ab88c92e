//! People, their sessions, tokens of the API, and the audit log of what was done.
//!
//! What lives here: the records, and the trait of whoever keeps them. What must not: rules (who may, how long, how a
//! password is hashed), which are the engine's. Of codes, session ids and tokens only hashes come here.

mod model;

use async_trait::async_trait;
use jiff::Timestamp;
use uuid::Uuid;

pub use model::*;

use crate::Result;

/// Keeps who may do what, and who did what.
#[async_trait]
pub trait PeopleStore: Send + Sync {
    // --- people

    /// All people, by e-mail address.
    async fn people(&self) -> Result<Vec<Person>>;
    /// One person.
    async fn person(&self, id: Uuid) -> Result<Person>;
    /// The person of an e-mail address, in any case of its letters, with the hash of the password if one is set.
    async fn person_by_email(&self, email: &str) -> Result<Option<(Person, Option<String>)>>;
    /// Adds a person with the hash of a password or without one. `Exists` if the address is taken.
    async fn add_person(&self, person: Person, password: Option<String>) -> Result<()>;
    /// Replaces name, address, role and whether the person is disabled; a disabled person's sessions end with it. `Conflict`
    /// if no administrator who can sign in would be left.
    async fn change_person(&self, person: Person) -> Result<()>;
    /// Sets the hash of a password. The person's invitations and all sessions but `keep` end with it.
    async fn set_password(&self, person: Uuid, hash: String, keep: Option<Uuid>, at: Timestamp) -> Result<()>;
    /// Removes a person with sessions, tokens and invitations. `Conflict` if no administrator who can sign in would be left.
    async fn remove_person(&self, id: Uuid) -> Result<()>;

    // --- invitations

    /// Keeps an invitation; it takes the place of the one before for the same person (or for the first administrator).
    async fn add_invitation(&self, invitation: Invitation) -> Result<()>;
    /// The invitation of a code's hash, unless it has ended.
    async fn invitation(&self, code: CodeHash, now: Timestamp) -> Result<Option<Invitation>>;
    /// Uses an invitation up: makes the first administrator, or sets the invited person's password; in one transaction.
    /// `NotFound` if the code is none or has ended, `Conflict` if there is a first administrator already.
    async fn redeem_invitation(&self, code: CodeHash, by: Redeemed, now: Timestamp) -> Result<Person>;

    // --- sessions of browsers

    /// Keeps a session. Of one person the [`MAX_SESSIONS`] that were used last stay.
    async fn add_session(&self, session: Session, id: CodeHash) -> Result<()>;
    /// The session of an id's hash, with its person. Whether it is still valid the caller judges.
    async fn session(&self, id: CodeHash) -> Result<Option<(Session, Person)>>;
    /// Notes that a session was used.
    async fn touch_session(&self, handle: Uuid, at: Timestamp) -> Result<()>;
    /// The sessions of a person or of all, last used first; at most 1000.
    async fn sessions(&self, person: Option<Uuid>) -> Result<Vec<Session>>;
    /// Ends a session of a person, or of anybody. `NotFound` if it is not theirs.
    async fn end_session(&self, handle: Uuid, person: Option<Uuid>) -> Result<()>;
    /// Ends all sessions of a person; returns how many.
    async fn end_sessions(&self, person: Uuid) -> Result<u64>;

    // --- tokens of the API

    /// Keeps a token. `Conflict` beyond [`MAX_TOKENS`].
    async fn add_api_token(&self, token: ApiToken, hash: CodeHash) -> Result<()>;
    /// The tokens of a prefix, with their hashes and owners.
    async fn api_tokens_by_prefix(&self, prefix: &str) -> Result<Vec<(ApiToken, CodeHash, Option<Person>)>>;
    /// The tokens of a person or of all, newest first, revoked ones included.
    async fn api_tokens(&self, person: Option<Uuid>) -> Result<Vec<ApiToken>>;
    /// Revokes a token of a person, or of anybody; one that is revoked already stays as it is. `NotFound` if it is not theirs.
    async fn revoke_api_token(&self, id: Uuid, person: Option<Uuid>, at: Timestamp) -> Result<ApiToken>;
    /// Notes that a token was used.
    async fn touch_api_token(&self, id: Uuid, at: Timestamp) -> Result<()>;

    // --- the audit log

    /// Adds a line to the audit log.
    async fn add_audit(&self, line: AuditLine) -> Result<()>;
    /// Lines of the audit log, newest first.
    async fn audit(&self, filter: AuditFilter) -> Result<Vec<AuditLine>>;
    /// Forgets lines older than `before`, and of each kind those beyond `most`; a chunk at a time. Returns whether there may
    /// be more. Sessions and invitations that ended before `before` go too.
    async fn prune_audit(&self, before: Timestamp, most: u64) -> Result<bool>;
}
