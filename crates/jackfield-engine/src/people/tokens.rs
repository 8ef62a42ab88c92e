//! Tokens of the API: made, recognized, revoked.

use connector_core::{Error, FieldError, Secret};
use jackfield_store::people::{ApiToken, Scope};
use jiff::{SignedDuration, Timestamp};
use subtle::ConstantTimeEq as _;
use uuid::Uuid;

use super::{Actor, Principal, codes, refused};
use crate::{Engine, error::Result};

/// What every token begins with.
const MARK: &str = "jf_";
/// So much of a token, the mark included, is kept to find and to recognize it by.
const PREFIX: usize = 11;
/// The use of a token is noted so often at most.
const NOTED_EVERY: SignedDuration = SignedDuration::from_mins(1);

/// A token to be made.
#[derive(Debug, Clone)]
pub struct TokenInput {
    /// What it is for.
    pub name: String,
    /// What it allows.
    pub scopes: Vec<Scope>,
    /// The connections that it is limited to; none: all.
    pub connections: Option<Vec<String>>,
    /// When it ends; none: never.
    pub expires_at: Option<Timestamp>,
}

/// Why a token is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadToken {
    /// It is none of this gateway's.
    Unknown,
    /// It has ended.
    Expired,
    /// It was revoked.
    Revoked,
    /// Its owner is disabled.
    Disabled,
}

impl BadToken {
    /// The reason and the mend, for callers.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Unknown => "the bearer token is not this gateway's",
            Self::Expired => "the bearer token has expired; make a new one",
            Self::Revoked => "the bearer token was revoked; make a new one",
            Self::Disabled => "the person whose bearer token this is has been disabled",
        }
    }
}

impl Engine {
    /// A new random token's text, kept by nobody.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn random_token() -> Result<Secret> {
        codes::random(MARK)
    }

    /// Makes a token of whoever asks; the secret is shown once. It never allows more than whoever makes it may.
    ///
    /// # Errors
    /// Of a field; `refused` for a token that may not manage: tokens make no tokens.
    pub async fn make_token(&self, by: &Principal, input: TokenInput) -> Result<(ApiToken, Secret)> {
        if matches!(by.actor, Actor::Token { .. } | Actor::Nobody) && !by.manages_all() {
            return Err(refused("a token makes further tokens only with the scope `manage`"));
        }
        let now = self.now();
        let mut errors = Vec::new();
        let name = input.name.trim().to_owned();
        if name.is_empty() || name.chars().count() > 100 || name.chars().any(char::is_control) {
            errors.push(FieldError::new("/name", "must be 1 to 100 characters on one line: what the token is for"));
        }
        let mut scopes = input.scopes;
        scopes.sort_unstable();
        scopes.dedup();
        if scopes.is_empty() {
            errors.push(FieldError::new("/scopes", "must hold at least one of read, act, manage"));
        }
        for s in scopes.iter().filter(|s| !by.may(**s)) {
            errors.push(FieldError::new("/scopes", format!("`{}` is more than you may yourself", s.as_str())));
        }
        if let Some(list) = &input.connections {
            if !(1..=100).contains(&list.len()) {
                errors
                    .push(FieldError::new("/connections", "must hold 1 to 100 ids; leave it out for all connections"));
            }
            let there = self.store().connections().await?;
            if list.iter().any(|id| !there.iter().any(|c| c.id == *id)) {
                errors.push(FieldError::new("/connections", "names a connection that is not there"));
            }
        }
        if input.expires_at.is_some_and(|t| t <= now) {
            errors.push(FieldError::new("/expires_at", "must lie in the future"));
        }
        if !errors.is_empty() {
            return Err(Error::invalid_input(errors).into());
        }
        let secret = codes::random(MARK)?;
        let prefix: String = secret.expose_str().unwrap_or_default().chars().take(PREFIX).collect();
        let token = ApiToken {
            id: Uuid::now_v7(),
            person: by.who(),
            name,
            prefix,
            scopes,
            connections: input.connections,
            created_at: now,
            expires_at: input.expires_at,
            revoked_at: None,
            used_at: None,
        };
        self.store().add_api_token(token.clone(), codes::hash(secret.expose())).await?;
        Ok((token, secret))
    }

    /// Whose token this is and what it allows.
    ///
    /// # Errors
    /// The store's; the inner error says why the token is not taken.
    pub async fn recognize(&self, token: &str) -> Result<Result<Principal, BadToken>> {
        let Some(prefix) = token.get(..PREFIX).filter(|p| p.starts_with(MARK) && codes::plausible(token)) else {
            return Ok(Err(BadToken::Unknown));
        };
        let hash = codes::hash(token.as_bytes());
        let now = self.now();
        for (t, kept, owner) in self.store().api_tokens_by_prefix(prefix).await? {
            if !bool::from(kept.ct_eq(&hash)) {
                continue;
            }
            if t.revoked_at.is_some() {
                return Ok(Err(BadToken::Revoked));
            }
            if t.expires_at.is_some_and(|end| end <= now) {
                return Ok(Err(BadToken::Expired));
            }
            if owner.as_ref().is_some_and(|p| p.disabled) {
                return Ok(Err(BadToken::Disabled));
            }
            if t.used_at.is_none_or(|used| now.duration_since(used) >= NOTED_EVERY) {
                self.store().touch_api_token(t.id, now).await?;
            }
            return Ok(Ok(Principal::token(t.id, t.name, &t.scopes, t.connections, owner.as_ref())));
        }
        Ok(Err(BadToken::Unknown))
    }

    /// The tokens that somebody may see: their own, or everybody's.
    ///
    /// # Errors
    /// `refused`; the store's.
    pub async fn api_tokens(&self, by: &Principal) -> Result<Vec<ApiToken>> {
        Ok(self.store().api_tokens(by.theirs()?).await?)
    }

    /// Revokes a token, at once and for good.
    ///
    /// # Errors
    /// `not_found` if it is none that this principal may revoke.
    pub async fn revoke_token(&self, by: &Principal, id: Uuid) -> Result<ApiToken> {
        Ok(self.store().revoke_api_token(id, by.theirs_to_end(Some(id))?, self.now()).await?)
    }
}
