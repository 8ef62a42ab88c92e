//! Invitations: one-time codes by which a password is set, for the first administrator and for everybody after.

use connector_core::Secret;
use jackfield_store::{
    StoreError,
    people::{Invitation, Person, Redeemed, Role},
};
use jiff::SignedDuration;
use uuid::Uuid;

use super::codes::{self, Code};
use crate::{Engine, error::Result};

/// How long an invitation is good for.
const LASTS: SignedDuration = SignedDuration::from_hours(24);

/// Whom an invitation invites.
#[derive(Debug, Clone)]
pub enum Invited {
    /// Whoever has it, to be the first administrator.
    First,
    /// A person who is there already.
    Person(Person),
}

/// What somebody says who redeems an invitation.
pub struct Acceptance {
    /// The e-mail address; only the first administrator's is used.
    pub email: String,
    /// The name; only the first administrator's is used.
    pub name: String,
    /// The password.
    pub password: Secret,
}

impl Engine {
    /// Whether nobody is there yet.
    ///
    /// # Errors
    /// The store's.
    pub async fn has_nobody(&self) -> Result<bool> {
        Ok(self.store().people().await?.is_empty())
    }

    /// Makes an invitation for a person, or for the first administrator. One that was made before is no longer good.
    ///
    /// # Errors
    /// `not_found`; `conflict` if there is a first administrator already.
    pub async fn invite(&self, person: Option<Uuid>) -> Result<Code> {
        let code = codes::random("")?;
        let expires_at = self.now().saturating_add(LASTS).unwrap_or(jiff::Timestamp::MAX);
        self.store().add_invitation(Invitation { code: codes::hash(code.expose()), person, expires_at }).await?;
        Ok(Code { code, expires_at })
    }

    /// Whom a code invites; none if it is none, or has ended.
    ///
    /// # Errors
    /// The store's.
    pub async fn invited(&self, code: &str) -> Result<Option<Invited>> {
        if !codes::plausible(code) {
            return Ok(None);
        }
        let found = self.store().invitation(codes::hash(code.as_bytes()), self.now()).await?;
        Ok(match found.map(|i| i.person) {
            None => None,
            Some(None) => Some(Invited::First),
            Some(Some(id)) => match self.store().person(id).await? {
                p if p.disabled => None,
                p => Some(Invited::Person(p)),
            },
        })
    }

    /// Redeems an invitation: the password is set, and all sessions that the person had end.
    ///
    /// # Errors
    /// Of a field (`/email`, `/name`, `/password`); `not_found` if the code is none or has ended; `conflict` if there is a
    /// first administrator already.
    pub async fn accept(&self, code: &str, by: Acceptance) -> Result<Person> {
        let ended = || StoreError::NotFound("invitation", "of that code".into());
        let (first, hash) = match self.invited(code).await?.ok_or_else(ended)? {
            Invited::Person(p) => (None, self.hashed("/password", &by.password, &p).await?),
            Invited::First => {
                let p = self.new_person(&by.email, &by.name, Role::Admin)?;
                let hash = self.hashed("/password", &by.password, &p).await?;
                (Some(p), hash)
            }
        };
        let redeemed = Redeemed { first, password: hash };
        Ok(self.store().redeem_invitation(codes::hash(code.as_bytes()), redeemed, self.now()).await?)
    }
}
