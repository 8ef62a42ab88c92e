//! Tokens in memory: for applications that keep none over a restart, and for tests.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use connector_core::{
    Error, Result,
    auth::{TokenLease, TokenRecord, TokenSet, TokenStatus, TokenStore},
};
use jiff::{SignedDuration, Timestamp};

/// Tokens in memory. Nothing is left of them when the process ends.
#[derive(Default)]
pub struct MemoryTokens(Mutex<Held>);

#[derive(Default)]
struct Held {
    records: BTreeMap<String, TokenRecord>,
    leases: BTreeMap<String, TokenLease>,
}

impl MemoryTokens {
    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl TokenStore for MemoryTokens {
    async fn token(&self, connection: &str) -> Result<Option<TokenRecord>> {
        Ok(self.held().records.get(connection).cloned())
    }

    async fn token_statuses(&self) -> Result<Vec<(String, TokenStatus)>> {
        Ok(self.held().records.iter().map(|(id, r)| (id.clone(), r.status.clone())).collect())
    }

    async fn lease_token(&self, connection: &str, now: Timestamp, lasts: Duration) -> Result<Option<TokenLease>> {
        let mut held = self.held();
        let before = held.leases.get(connection).copied();
        if before.is_some_and(|l| now < l.until) {
            return Ok(None);
        }
        let until = SignedDuration::try_from(lasts).ok().and_then(|d| now.checked_add(d).ok()).unwrap_or(Timestamp::MAX);
        let lease = TokenLease { fence: before.map_or(0, |l| l.fence).saturating_add(1), until };
        held.leases.insert(connection.to_owned(), lease);
        Ok(Some(lease))
    }

    async fn release_token(&self, connection: &str, lease: TokenLease) -> Result<()> {
        if let Some(held) = self.held().leases.get_mut(connection).filter(|l| l.fence == lease.fence) {
            held.until = Timestamp::MIN;
        }
        Ok(())
    }

    async fn put_token(
        &self,
        connection: &str,
        expected: u64,
        lease: Option<TokenLease>,
        status: TokenStatus,
        tokens: Option<TokenSet>,
    ) -> Result<Option<u64>> {
        let mut held = self.held();
        let newest = held.leases.get(connection).map(|l| l.fence);
        if lease.is_some_and(|l| newest != Some(l.fence)) {
            return Ok(None);
        }
        let before = held.records.get(connection);
        if before.map_or(0, |r| r.generation) != expected {
            return Ok(None);
        }
        let tokens = tokens
            .or_else(|| before.map(|r| r.tokens.clone()))
            .ok_or_else(|| Error::internal("tokens must be given when there are none yet"))?;
        let generation = expected.saturating_add(1);
        held.records.insert(connection.to_owned(), TokenRecord { status, tokens, generation });
        Ok(Some(generation))
    }

    async fn forget_token(&self, connection: &str) -> Result<()> {
        self.held().records.remove(connection);
        Ok(())
    }
}
