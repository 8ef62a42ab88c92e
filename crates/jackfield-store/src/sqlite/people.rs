//! People, sessions, API tokens, the audit log: the trait's methods. The SQL of each is in a module of its own.

mod log;
mod persons;
mod sessions;
mod tokens;

use async_trait::async_trait;
use jiff::Timestamp;
use uuid::Uuid;

use super::SqliteStore;
use crate::{
    Result,
    people::{ApiToken, AuditFilter, AuditLine, CodeHash, Invitation, PeopleStore, Person, Redeemed, Session},
};

#[async_trait]
impl PeopleStore for SqliteStore {
    async fn people(&self) -> Result<Vec<Person>> {
        self.read(persons::all).await
    }

    async fn person(&self, id: Uuid) -> Result<Person> {
        self.read(move |db| persons::one(db, id)).await
    }

    async fn person_by_email(&self, email: &str) -> Result<Option<(Person, Option<String>)>> {
        let email = email.to_owned();
        self.read(move |db| persons::by_email(db, &email)).await
    }

    async fn add_person(&self, person: Person, password: Option<String>) -> Result<()> {
        self.write(move |db| persons::add(db, &person, password.as_deref())).await
    }

    async fn change_person(&self, person: Person) -> Result<()> {
        self.write(move |db| persons::change(db, &person)).await
    }

    async fn set_password(&self, person: Uuid, hash: String, keep: Option<Uuid>, at: Timestamp) -> Result<()> {
        self.write(move |db| persons::set_password(db, person, &hash, keep, at)).await
    }

    async fn remove_person(&self, id: Uuid) -> Result<()> {
        self.write(move |db| persons::remove(db, id)).await
    }

    async fn add_invitation(&self, invitation: Invitation) -> Result<()> {
        self.write(move |db| persons::invite(db, &invitation)).await
    }

    async fn invitation(&self, code: CodeHash, now: Timestamp) -> Result<Option<Invitation>> {
        self.read(move |db| persons::invitation(db, code, now)).await
    }

    async fn redeem_invitation(&self, code: CodeHash, by: Redeemed, now: Timestamp) -> Result<Person> {
        self.write(move |db| persons::redeem(db, code, &by, now)).await
    }

    async fn add_session(&self, session: Session, id: CodeHash) -> Result<()> {
        self.write(move |db| sessions::add(db, &session, id)).await
    }

    async fn session(&self, id: CodeHash) -> Result<Option<(Session, Person)>> {
        self.read(move |db| sessions::one(db, id)).await
    }

    async fn touch_session(&self, handle: Uuid, at: Timestamp) -> Result<()> {
        self.write(move |db| sessions::touch(db, handle, at)).await
    }

    async fn sessions(&self, person: Option<Uuid>) -> Result<Vec<Session>> {
        self.read(move |db| sessions::list(db, person)).await
    }

    async fn end_session(&self, handle: Uuid, person: Option<Uuid>) -> Result<()> {
        self.write(move |db| sessions::end(db, handle, person)).await
    }

    async fn end_sessions(&self, person: Uuid) -> Result<u64> {
        self.write(move |db| sessions::end_all(db, person, None)).await
    }

    async fn add_api_token(&self, token: ApiToken, hash: CodeHash) -> Result<()> {
        self.write(move |db| tokens::add(db, &token, hash)).await
    }

    async fn api_tokens_by_prefix(&self, prefix: &str) -> Result<Vec<(ApiToken, CodeHash, Option<Person>)>> {
        let prefix = prefix.to_owned();
        self.read(move |db| tokens::by_prefix(db, &prefix)).await
    }

    async fn api_tokens(&self, person: Option<Uuid>) -> Result<Vec<ApiToken>> {
        self.read(move |db| tokens::list(db, person)).await
    }

    async fn revoke_api_token(&self, id: Uuid, person: Option<Uuid>, at: Timestamp) -> Result<ApiToken> {
        self.write(move |db| tokens::revoke(db, id, person, at)).await
    }

    async fn touch_api_token(&self, id: Uuid, at: Timestamp) -> Result<()> {
        self.write(move |db| tokens::touch(db, id, at)).await
    }

    async fn add_audit(&self, line: AuditLine) -> Result<()> {
        self.write(move |db| log::add(db, &line)).await
    }

    async fn audit(&self, filter: AuditFilter) -> Result<Vec<AuditLine>> {
        self.read(move |db| log::list(db, filter)).await
    }

    async fn prune_audit(&self, before: Timestamp, most: u64) -> Result<bool> {
        self.write(move |db| log::prune(db, before, most)).await
    }
}
