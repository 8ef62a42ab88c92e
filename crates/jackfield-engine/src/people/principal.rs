//! Who asks, and what they may.

use std::sync::Arc;

use jackfield_store::people::{Person, Role, Scope};
use uuid::Uuid;

use super::refused;
use crate::error::Result;

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// Whoever reads the state directory: the token in its file `token`.
    Operator,
    /// A person, by a browser's session.
    Person(Uuid),
    /// A token of the API.
    Token {
        /// Its id.
        id: Uuid,
        /// Whose it is, if it is somebody's.
        owner: Option<Uuid>,
    },
    /// Somebody who has not signed in.
    Nobody,
}

impl std::fmt::Display for Actor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Operator => f.write_str("operator"),
            Self::Person(id) => write!(f, "person:{id}"),
            Self::Token { id, .. } => write!(f, "token:{id}"),
            Self::Nobody => f.write_str("nobody"),
        }
    }
}

/// Who asks, with what they may.
#[derive(Debug, Clone)]
pub struct Principal {
    /// Who.
    pub actor: Actor,
    /// What they are called.
    pub name: String,
    scopes: Arc<[Scope]>,
    connections: Option<Arc<[String]>>,
}

impl Principal {
    /// Whoever reads the state directory: may everything.
    pub fn operator() -> Self {
        Self { actor: Actor::Operator, name: "operator".into(), scopes: Arc::new(Scope::ALL), connections: None }
    }

    /// Somebody who has not signed in: may nothing.
    pub fn nobody() -> Self {
        Self { actor: Actor::Nobody, name: String::new(), scopes: Arc::new([]), connections: None }
    }

    /// A person at a browser.
    pub fn person(p: &Person) -> Self {
        Self { actor: Actor::Person(p.id), name: p.name.clone(), scopes: p.role.scopes().into(), connections: None }
    }

    /// A token; `owner` is the person whose it is. It may what it says, as far as its owner may it too.
    pub(super) fn token(
        id: Uuid,
        name: String,
        scopes: &[Scope],
        connections: Option<Vec<String>>,
        owner: Option<&Person>,
    ) -> Self {
        let role = owner.map_or(Role::Admin, |p| p.role);
        Self {
            actor: Actor::Token { id, owner: owner.map(|p| p.id) },
            name,
            scopes: scopes.iter().copied().filter(|s| role.scopes().contains(s)).collect(),
            connections: connections.map(Into::into),
        }
    }

    /// Whether this kind of doing is allowed.
    pub fn may(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope)
    }

    /// What is allowed.
    pub fn scopes(&self) -> &[Scope] {
        &self.scopes
    }

    /// Whether a connection is within reach.
    pub fn reaches(&self, connection: &str) -> bool {
        self.connections.as_ref().is_none_or(|c| c.iter().any(|c| c == connection))
    }

    /// The connections that are within reach; none: all.
    pub fn connections(&self) -> Option<&[String]> {
        self.connections.as_deref()
    }

    /// The person behind it: the one who is signed in, or the token's owner.
    pub fn who(&self) -> Option<Uuid> {
        match self.actor {
            Actor::Person(id) => Some(id),
            Actor::Token { owner, .. } => owner,
            Actor::Operator | Actor::Nobody => None,
        }
    }

    /// Whether this is an administrator of all, and not of some connections.
    pub fn manages_all(&self) -> bool {
        self.may(Scope::Manage) && self.connections.is_none()
    }

    /// Whose sessions and tokens are theirs to end, as [`theirs`](Self::theirs); `token` is the one that is meant. A token that
    /// may not manage everything ends itself and nothing else: one that leaked must not sign its owner out.
    ///
    /// # Errors
    /// `refused`.
    pub(super) fn theirs_to_end(&self, token: Option<Uuid>) -> Result<Option<Uuid>> {
        match self.actor {
            Actor::Token { id, .. } if !self.manages_all() && token != Some(id) => {
                Err(refused("a token that may not manage everything ends no sessions, and no token but itself"))
            }
            _ => self.theirs(),
        }
    }

    /// Whose sessions and tokens are theirs to see: none is everybody's.
    ///
    /// # Errors
    /// `refused` for a token that is nobody's and may not manage.
    pub(super) fn theirs(&self) -> Result<Option<Uuid>> {
        match (self.manages_all(), self.who()) {
            (true, _) => Ok(None),
            (false, Some(id)) => Ok(Some(id)),
            (false, None) => Err(refused("this token is nobody's: it may not see sessions and tokens")),
        }
    }
}
