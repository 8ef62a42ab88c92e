//! Taking tokens back at the service.

use connector_core::Result;
use serde::Serialize;

use crate::{Auth, Party};

/// What became of a connection's tokens at the service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Revoked {
    /// The service took them back.
    Done,
    /// There were none.
    Nothing,
    /// The service has no way, or it failed: what a person does instead.
    ByHand {
        /// What to do.
        instead: String,
    },
}

impl Auth {
    /// Takes a connection's tokens back at the service. They are kept, as revoked; forget them by
    /// [`TokenStore::forget_token`](connector_core::auth::TokenStore::forget_token).
    ///
    /// # Errors
    /// The store's; the service's where trying again may help.
    pub async fn revoke(&self, party: &Party) -> Result<Revoked> {
        Err(party.unfit("is not built yet"))
    }
}
