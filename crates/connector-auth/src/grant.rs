//! What a service granted, and the grants that need no person.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use connector_core::{Result, Secret, SecretSource, auth::TokenSet};
use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::{Auth, Party};

/// What a service granted.
#[derive(Clone, Default)]
pub struct Granted {
    /// The tokens.
    pub tokens: TokenSet,
    /// When the access token ends; none: the service names no end.
    pub expires_at: Option<Timestamp>,
    /// The scopes that were granted, where the service says.
    pub scopes: Vec<String>,
    /// Who it was granted to, as far as the answer says.
    pub identity: BTreeMap<String, String>,
    /// Values of the connection that the answer fills.
    pub values: Map<String, Value>,
}

impl Granted {
    /// Secrets for calls before the tokens are kept: these tokens, and for all else `rest`.
    pub fn over(&self, rest: Arc<dyn SecretSource>) -> Arc<dyn SecretSource> {
        Arc::new(Over { access: self.tokens.access.clone(), rest })
    }
}

struct Over {
    access: Vec<(String, Secret)>,
    rest: Arc<dyn SecretSource>,
}

#[async_trait]
impl SecretSource for Over {
    async fn secret(&self, id: &str) -> Result<Secret> {
        match self.access.iter().find(|(param, _)| param == id) {
            Some((_, token)) => Ok(token.clone()),
            None => self.rest.secret(id).await,
        }
    }

    fn has(&self, id: &str) -> bool {
        self.access.iter().any(|(param, _)| param == id) || self.rest.has(id)
    }
}

impl Auth {
    /// Tokens for a method that needs no person: client credentials, a signed JWT, an app's installation.
    ///
    /// # Errors
    /// `Unsupported` for a method that needs a person; the service's, see [`Auth::finish`].
    pub async fn obtain(&self, party: &Party, _scopes: &[String]) -> Result<Granted> {
        Err(party.unfit("is not built yet"))
    }
}
