//! What a connection's calls are filled from: its tokens, and for all else its own secrets.

use std::sync::Arc;

use async_trait::async_trait;
use connector_core::{
    Error, Result, Secret, SecretSource,
    auth::{AuthState, Grant, TokenRecord, TokenStatus},
    secret::missing_secret,
};

use crate::{
    Auth, Granted, Party,
    machine::{End, Why},
    renew::{kept, not_connected},
};

/// The secrets of a connection for its calls: tokens from the store, renewed when their end is near; anything else as the
/// connection has it.
pub struct Credentials {
    auth: Auth,
    party: Party,
    /// The secret params that tokens stand for, of those that are kept.
    tokens: Vec<String>,
}

impl Credentials {
    /// Whose they are.
    pub fn party(&self) -> &Party {
        &self.party
    }
}

#[async_trait]
impl SecretSource for Credentials {
    async fn secret(&self, id: &str) -> Result<Secret> {
        if !self.tokens.iter().any(|param| param == id) {
            return self.party.secrets.secret(id).await;
        }
        let record = self.auth.fresh(&self.party).await?;
        let found = record.tokens.access.into_iter().find(|(param, _)| param == id);
        found.map(|(_, token)| token).ok_or_else(|| missing_secret(id))
    }

    fn has(&self, id: &str) -> bool {
        self.tokens.iter().any(|param| param == id) || self.party.secrets.has(id)
    }

    fn renews(&self) -> bool {
        !self.tokens.is_empty()
    }

    async fn refused(&self, id: &str, secret: &Secret) -> Result<bool> {
        // The access token is the one whose life is kept; what else came with it is not judged by a refusal.
        match self.tokens.first() {
            Some(param) if param == id => self.auth.refused(&self.party, secret).await,
            _ => Ok(false),
        }
    }
}

impl Auth {
    /// The secrets of a connection for its calls.
    ///
    /// # Errors
    /// `Auth`, with the mend, for a connection that is not connected or whose credentials do not work any more; the
    /// store's.
    pub async fn credentials(&self, party: Party) -> Result<Arc<Credentials>> {
        let mut tokens = Vec::new();
        if party.method.grant != Grant::Given {
            let record = match self.inner.store.token(&party.connection).await? {
                Some(record) => record,
                None => self.first(&party).await?,
            };
            if matches!(record.status.state, AuthState::NeedsReauth | AuthState::Revoked) {
                self.judged(&party, End::Dead(record.status.clone()))?;
            }
            tokens = record.tokens.access.into_iter().map(|(param, _)| param).collect();
        }
        Ok(Arc::new(Credentials { auth: self.clone(), party, tokens }))
    }

    /// What is kept, good for a call that begins now.
    async fn fresh(&self, party: &Party) -> Result<TokenRecord> {
        // A flight of another reason may have ended without what this one needs.
        for _ in 0..3 {
            let record = self.inner.store.token(&party.connection).await?;
            let Some(record) = record else { return Err(party.name(not_connected(&party.connection))) };
            let (rules, now, kept) = (self.rules(party), self.now(), kept(&record));
            if rules.holds(&record.status, now) {
                let resting = record.status.not_before.is_some_and(|at| now < at);
                if !resting && rules.is_due(&kept, now) {
                    self.renew_aside(party, Why::Wanted);
                }
                return Ok(record);
            }
            let end = self.renew(party, Why::Wanted).await?;
            if end != End::Usable {
                self.judged(party, end)?;
            }
        }
        let text = "the service gives tokens that end at once; check the clocks of both";
        Err(party.name(Error::new(connector_core::ErrorKind::UpstreamUnavailable, text)))
    }

    /// Asks for the first tokens of a method that needs no person.
    async fn first(&self, party: &Party) -> Result<TokenRecord> {
        if party.method.grant.needs_consent() {
            return Err(party.name(not_connected(&party.connection)));
        }
        let granted = self.obtain(party, &[]).await?;
        self.keep(party, granted).await?;
        let record = self.inner.store.token(&party.connection).await?;
        record.ok_or_else(|| party.name(not_connected(&party.connection)))
    }

    /// Keeps what was granted to a connection: whatever it had before is gone.
    ///
    /// # Errors
    /// The store's.
    pub async fn keep(&self, party: &Party, granted: Granted) -> Result<()> {
        let now = self.now();
        let status = TokenStatus {
            method: party.method.id.clone(),
            state: AuthState::Healthy,
            reason: None,
            since: now,
            obtained_at: now,
            expires_at: granted.expires_at,
            scopes: granted.scopes,
            failures: 0,
            not_before: None,
            unanswered: false,
        };
        loop {
            let before = self.inner.store.token(&party.connection).await?;
            let expected = before.as_ref().map_or(0, |r| r.generation);
            let (status, tokens) = (status.clone(), granted.tokens.clone());
            let wrote = self.inner.store.put_token(&party.connection, expected, None, status.clone(), Some(tokens)).await?;
            // Somebody wrote between the two: a person's consent is newer than any renewal.
            if wrote.is_some() {
                self.tell(party, before.map(|r| r.status.state), Some(status)).await;
                return Ok(());
            }
        }
    }
}
