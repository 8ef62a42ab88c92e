//! Signing in by a browser, and the sessions that come of it.

use std::{net::IpAddr, time::Duration};

use connector_core::Secret;
use jackfield_store::people::{Person, Session};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::{Principal, codes};
use crate::{Engine, error::Result};

/// A session that was not used for so long has ended.
pub const SESSION_IDLE: SignedDuration = SignedDuration::from_hours(12);
/// A session has ended after so long, however much it is used.
pub const SESSION_LASTS: SignedDuration = SignedDuration::from_hours(14 * 24);
/// The use of a session is noted so often at most.
const NOTED_EVERY: SignedDuration = SignedDuration::from_mins(1);
/// So much is kept of what a browser says it is.
const AGENT: usize = 200;

/// Somebody is signed in.
pub struct SignedIn {
    /// Who.
    pub person: Person,
    /// The session.
    pub session: Session,
    /// What the browser is to show; it is kept nowhere else.
    pub cookie: Secret,
}

/// How signing in went.
pub enum SignIn {
    /// Well.
    Done(Box<SignedIn>),
    /// Address or password are wrong, or the person may not; which of them is not said. The person, if it is one.
    Refused(Option<Uuid>),
    /// There were too many failures; to be tried again after so long.
    TooOften(Duration),
}

impl Engine {
    /// Signs somebody in. An unknown address, a wrong password and a disabled person are answered alike and after the same
    /// time.
    ///
    /// # Errors
    /// The store's, and when too many passwords are being checked at once.
    pub async fn sign_in(&self, email: &str, password: Secret, from: Option<IpAddr>, agent: &str) -> Result<SignIn> {
        let email = email.trim();
        let (now, desk) = (self.now(), &self.inner.people);
        // What cannot be an address is nobody's; it must not fill the memory either.
        let email = if email.len() > 254 { "" } else { email };
        if let Err(wait) = desk.tries.charge(email, from, now) {
            return Ok(SignIn::TooOften(wait));
        }
        let (person, hash) = self.store().person_by_email(email).await?.unzip();
        let right = desk.hasher.verify(password, hash.flatten()).await?;
        match person {
            Some(p) if right && !p.disabled => {
                desk.tries.refund(email, from);
                Ok(SignIn::Done(Box::new(self.open_session(p, from, agent).await?)))
            }
            p => Ok(SignIn::Refused(p.map(|p| p.id))),
        }
    }

    /// Begins a session for somebody who has just shown who they are.
    ///
    /// # Errors
    /// The store's.
    pub async fn open_session(&self, person: Person, from: Option<IpAddr>, agent: &str) -> Result<SignedIn> {
        let (cookie, now) = (codes::random("")?, self.now());
        let session = Session {
            handle: Uuid::now_v7(),
            person: person.id,
            created_at: now,
            seen_at: now,
            from: from.map(|ip| ip.to_string()).unwrap_or_default(),
            agent: agent.chars().filter(|c| !c.is_control()).take(AGENT).collect(),
        };
        self.store().add_session(session.clone(), codes::hash(cookie.expose())).await?;
        Ok(SignedIn { person, session, cookie })
    }

    /// The session that a cookie stands for, if it is still good.
    ///
    /// # Errors
    /// The store's.
    pub async fn session(&self, cookie: &str) -> Result<Option<(Session, Person)>> {
        if !codes::plausible(cookie) {
            return Ok(None);
        }
        let Some((session, person)) = self.store().session(codes::hash(cookie.as_bytes())).await? else {
            return Ok(None);
        };
        let now = self.now();
        if person.disabled || ended(&session, now) {
            return Ok(None);
        }
        if now.duration_since(session.seen_at) >= NOTED_EVERY {
            self.store().touch_session(session.handle, now).await?;
        }
        Ok(Some((session, person)))
    }

    /// The sessions that somebody may see: their own, or everybody's, or one person's; ended ones are left out.
    ///
    /// # Errors
    /// `refused`; the store's.
    pub async fn sessions(&self, by: &Principal, person: Option<Uuid>) -> Result<Vec<Session>> {
        let now = self.now();
        let whose = by.theirs()?.or(person);
        let mut list = self.store().sessions(whose).await?;
        list.retain(|s| !ended(s, now) && person.is_none_or(|p| s.person == p));
        Ok(list)
    }

    /// Ends a session.
    ///
    /// # Errors
    /// `not_found` if it is none that this principal may end.
    pub async fn end_session(&self, by: &Principal, handle: Uuid) -> Result<()> {
        Ok(self.store().end_session(handle, by.theirs_to_end(None)?).await?)
    }

    /// Signs a person out everywhere. Returns how many sessions ended.
    ///
    /// # Errors
    /// `not_found` if it is nobody whom this principal may sign out.
    pub async fn end_sessions(&self, by: &Principal, person: Uuid) -> Result<u64> {
        let person = match by.theirs_to_end(None)? {
            Some(own) if own != person => {
                return Err(jackfield_store::StoreError::NotFound("person", person.to_string()).into());
            }
            _ => self.store().person(person).await?,
        };
        Ok(self.store().end_sessions(person.id).await?)
    }
}

fn ended(s: &Session, now: Timestamp) -> bool {
    now.duration_since(s.seen_at) >= SESSION_IDLE || now.duration_since(s.created_at) >= SESSION_LASTS
}
