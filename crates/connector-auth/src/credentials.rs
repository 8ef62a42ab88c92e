//! What a connection's calls are filled from: its tokens, and for all else its own secrets.

use std::sync::Arc;

use async_trait::async_trait;
use connector_core::{Result, Secret, SecretSource};

use crate::{Auth, Granted, Party};

/// The secrets of a connection for its calls: tokens from the store, renewed when their end is near; anything else as the
/// connection has it.
pub struct Credentials {
    party: Party,
}

#[async_trait]
impl SecretSource for Credentials {
    async fn secret(&self, id: &str) -> Result<Secret> {
        self.party.secrets.secret(id).await
    }

    fn has(&self, id: &str) -> bool {
        self.party.secrets.has(id)
    }
}

impl Auth {
    /// The secrets of a connection for its calls.
    ///
    /// # Errors
    /// `Auth`, with the mend, for a connection whose credentials do not work any more; the store's.
    pub async fn credentials(&self, party: Party) -> Result<Arc<Credentials>> {
        Ok(Arc::new(Credentials { party }))
    }

    /// Keeps what was granted to a connection: whatever it had before is gone.
    ///
    /// # Errors
    /// The store's.
    pub async fn keep(&self, _party: &Party, _granted: Granted) -> Result<()> {
        Err(connector_core::Error::internal("not built yet"))
    }
}
