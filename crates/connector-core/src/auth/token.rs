//! What is kept of a connection's tokens, and the trait of whoever keeps them.
//!
//! What lives here: the words of a token's life. What must not: the rules by which it goes on, which are `connector-auth`'s.

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{error::Result, secret::Secret};

/// How a connection's credentials are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthState {
    /// They work.
    Healthy,
    /// They are being renewed; those that are there may still work.
    Refreshing,
    /// Renewing them failed and is tried again; those that are there work until they end.
    Degraded,
    /// They do not work any more, and only a person's consent mends that.
    NeedsReauth,
    /// They were taken back, by us or at the service.
    Revoked,
    /// What the app or the connection declares is wrong: the service refuses the client itself.
    Misconfigured,
}

impl AuthState {
    /// Its name, as it is written everywhere.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::Refreshing => "refreshing",
            Self::Degraded => "degraded",
            Self::NeedsReauth => "needs_reauth",
            Self::Revoked => "revoked",
            Self::Misconfigured => "misconfigured",
        }
    }

    /// Whether calls may be made with what is there.
    pub const fn is_usable(self) -> bool {
        matches!(self, Self::Healthy | Self::Refreshing | Self::Degraded)
    }
}

/// What is known of a connection's tokens, without them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenStatus {
    /// The auth method that they came by.
    pub method: String,
    /// How they are.
    pub state: AuthState,
    /// Why they are so, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Since when they are so.
    pub since: Timestamp,
    /// When the access token was given.
    pub obtained_at: Timestamp,
    /// When it ends; none: the service names no end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// Scopes that were granted, where the service says.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<String>,
    /// Failures of renewing in a row.
    #[serde(default)]
    pub failures: u32,
    /// Renewing is not tried before this moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Timestamp>,
    /// A request to renew was sent whose answer is not known: the service may have counted the refresh token as used.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unanswered: bool,
}

/// The tokens themselves.
#[derive(Clone, Default)]
pub struct TokenSet {
    /// By the secret param that they stand for; the first is the access token.
    pub access: Vec<(String, Secret)>,
    /// The refresh token.
    pub refresh: Option<Secret>,
}

/// What is kept of one connection.
#[derive(Clone)]
pub struct TokenRecord {
    /// What is known.
    pub status: TokenStatus,
    /// The tokens.
    pub tokens: TokenSet,
    /// Counts writes, from 1: whoever writes says which one they had read.
    pub generation: u64,
}

/// The right to renew one connection's tokens, for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenLease {
    /// Grows with each lease of the connection: a write under an earlier one is refused.
    pub fence: u64,
    /// When it ends.
    pub until: Timestamp,
}

/// Keeps tokens. All is durable when a call returns; calls of several processes may meet.
#[async_trait]
pub trait TokenStore: Send + Sync {
    /// What is kept of a connection, in one look; none if nothing is.
    ///
    /// # Errors
    /// The store's.
    async fn token(&self, connection: &str) -> Result<Option<TokenRecord>>;

    /// What is known of all connections that have tokens, by connection.
    ///
    /// # Errors
    /// The store's.
    async fn token_statuses(&self) -> Result<Vec<(String, TokenStatus)>>;

    /// Takes the right to renew. None: somebody else has it, `now` being before its end.
    ///
    /// # Errors
    /// The store's.
    async fn lease_token(&self, connection: &str, now: Timestamp, lasts: Duration) -> Result<Option<TokenLease>>;

    /// Gives the right back before its end. One that is over already is no error.
    ///
    /// # Errors
    /// The store's.
    async fn release_token(&self, connection: &str, lease: TokenLease) -> Result<()>;

    /// Writes, if nobody wrote since `expected` was read (0: nothing was there) and, given a lease, if that is the newest
    /// one. `tokens`: none leaves them as they are. Returns the new generation, or none if it did not write.
    ///
    /// # Errors
    /// The store's.
    async fn put_token(
        &self,
        connection: &str,
        expected: u64,
        lease: Option<TokenLease>,
        status: TokenStatus,
        tokens: Option<TokenSet>,
    ) -> Result<Option<u64>>;

    /// Forgets all of a connection.
    ///
    /// # Errors
    /// The store's.
    async fn forget_token(&self, connection: &str) -> Result<()>;
}
