//! An installation with what belongs to it: its connector, its app, and calls with what it has so far.

use std::sync::Arc;

use async_trait::async_trait;
use connector_auth::Party;
use connector_core::{
    AuthMethod, Class, Connector, Cx, Error, ErrorKind, Result as CoreResult, Secret, SecretMap, SecretSource, TraceId,
};
use jackfield_store::{
    App, StoreError,
    setup::{Installation, InstallationSecrets, SetupStep},
};
use ring::{
    digest,
    rand::{SecureRandom as _, SystemRandom},
};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{granted, steps};
use crate::{Engine, EngineError, Result, secrets::StoredSecrets};

/// An installation that is being worked on.
pub(super) struct Draft {
    pub(super) i: Installation,
    pub(super) secrets: InstallationSecrets,
    pub(super) connector: Arc<Connector>,
    pub(super) app: Option<App>,
}

impl Draft {
    /// Its auth method; none for a connector that declares none.
    pub(super) fn method(&self) -> Option<&AuthMethod> {
        self.i.method.as_deref().and_then(|m| self.connector.auth_method(m))
    }

    /// Its steps, in order.
    pub(super) fn steps(&self) -> Vec<SetupStep> {
        steps::of(&self.connector, self.method())
    }

    /// The step after one of its steps.
    pub(super) fn after(&self, step: SetupStep) -> SetupStep {
        self.steps().into_iter().find(|s| *s > step).unwrap_or(SetupStep::Done)
    }

    /// Sets a secret, or replaces it.
    pub(super) fn set_secret(&mut self, name: &str, secret: Secret) {
        self.secrets.secrets.retain(|(n, _)| n != name);
        self.secrets.secrets.push((name.to_owned(), secret));
    }

    /// The trigger names that it is used for.
    pub(super) fn triggers(&self) -> Vec<String> {
        self.i.triggers.clone().unwrap_or_else(|| names_of_triggers(&self.connector))
    }

    /// The least scopes for what it will be used for.
    pub(super) fn least_scopes(&self) -> Vec<String> {
        let Some(method) = self.method() else { return super::begin::all_scopes(&self.connector) };
        let all_actions = || self.connector.actions().iter().map(|a| a.info().name.clone()).collect();
        let actions: Vec<String> = self.i.actions.clone().unwrap_or_else(all_actions);
        self.connector.least_scopes(method, &actions, &self.triggers())
    }
}

pub(super) fn names_of_triggers(connector: &Connector) -> Vec<String> {
    connector.triggers().iter().map(|t| t.info().name.clone()).collect()
}

/// The first of several sources that has a secret.
struct Layers(Vec<Arc<dyn SecretSource>>);

#[async_trait]
impl SecretSource for Layers {
    async fn secret(&self, id: &str) -> CoreResult<Secret> {
        match self.0.iter().find(|s| s.has(id)) {
            Some(source) => source.secret(id).await,
            None => Err(connector_core::secret::missing_secret(id)),
        }
    }

    fn has(&self, id: &str) -> bool {
        self.0.iter().any(|s| s.has(id))
    }
}

/// 256 random bits, in hex.
pub(super) fn random() -> Result<String> {
    let mut bytes = [0u8; 32];
    SystemRandom::new().fill(&mut bytes).map_err(|_| Error::internal("the system gave no random numbers"))?;
    Ok(hex::encode(bytes))
}

/// What is kept in place of what somebody else holds.
pub(super) fn hash(text: &str) -> String {
    hex::encode(digest::digest(&digest::SHA256, text.as_bytes()).as_ref())
}

/// Whether somebody holds what this is the hash of.
pub(super) fn is_hash_of(kept: Option<&str>, given: &str) -> bool {
    kept.is_some_and(|k| Secret::from(k).eq_constant_time(hash(given).as_bytes()))
}

impl Engine {
    /// Reads an installation. One whose time is over is forgotten.
    pub(super) async fn draft(&self, id: Uuid) -> Result<Draft> {
        let store = self.store();
        let (i, secrets) = store.installation(id).await?;
        if i.expires_at <= self.now() {
            store.delete_installation(id).await?;
            return Err(StoreError::NotFound("installation", id.to_string()).into());
        }
        let connector = self.registry().get(&i.connector)?;
        let app = match &i.app {
            Some(app) => Some(store.app(app).await?),
            None => None,
        };
        Ok(Draft { i, secrets, connector, app })
    }

    /// Keeps an installation.
    pub(super) async fn keep_draft(&self, draft: &mut Draft) -> Result<()> {
        draft.i.updated_at = self.now();
        if !self.store().put_installation(draft.i.clone(), draft.secrets.clone()).await? {
            let text = "the installation was changed or ended meanwhile; look at it again";
            return Err(Error::new(ErrorKind::Conflict, text).into());
        }
        draft.i.version += 1;
        Ok(())
    }

    /// The secrets that it has so far: typed in or granted; then, of a change, those of the connection; then the app's.
    pub(super) async fn draft_secrets(&self, draft: &Draft) -> Result<Arc<dyn SecretSource>> {
        let references = &self.inner.options.references;
        let mut own = SecretMap::new();
        for (name, secret) in &draft.secrets.secrets {
            own = own.with(name.clone(), references.follow(self.store(), secret.clone()).await?);
        }
        let is_there = draft.i.update || draft.i.applied;
        let stored: Arc<dyn SecretSource> = match draft.i.granted {
            // Nobody consented anew: the tokens that the connection has go on.
            true if is_there && draft.secrets.granted.is_none() => {
                let connection = self.store().connection(&draft.i.connection).await?;
                self.secrets_of(&draft.connector, &connection).await?
            }
            _ => {
                let of = if is_there { draft.i.connection.as_str() } else { "" };
                Arc::new(StoredSecrets::of(self.store(), references, of, draft.i.app.as_deref()).await?)
            }
        };
        let layers: Arc<dyn SecretSource> = Arc::new(Layers(vec![Arc::new(own), stored]));
        Ok(match &draft.secrets.granted {
            Some(sealed) => granted::read(sealed)?.over(layers),
            None => layers,
        })
    }

    /// What `connector-auth` needs to know of it.
    pub(super) async fn draft_party(&self, draft: &Draft) -> Result<Party> {
        let method = draft.method().cloned().ok_or_else(|| {
            Error::new(ErrorKind::Unsupported, format!("`{}` has no such auth method", draft.connector.id()))
        })?;
        Ok(Party {
            connector: draft.i.connector.clone(),
            connection: draft.i.connection.clone(),
            method,
            values: draft.i.values.clone(),
            app_values: draft.app.as_ref().map(|a| a.values.clone()).unwrap_or_default(),
            secrets: self.draft_secrets(draft).await?,
            hosts: draft.connector.resolve_hosts(&draft.i.values),
            networks: draft.i.networks.clone(),
        })
    }

    /// A context for calls with what it has so far.
    pub(super) async fn draft_cx(&self, draft: &Draft) -> Result<Cx> {
        let values: Map<String, Value> = draft.i.values.clone();
        Ok(draft
            .connector
            .cx(values, self.inner.transport.clone(), self.inner.clock.clone())
            .connection(&draft.i.connection)
            .identity(draft.i.identity.clone())
            .networks(draft.i.networks.clone())
            .limits(draft.i.limits.iter().filter_map(|l| l.parse().ok()).collect())
            .secrets(self.draft_secrets(draft).await?)
            .auth_method(draft.i.method.as_deref())
            .blobs(self.blobs())
            .timeout(self.inner.options.call_timeout)
            .class(Class::Interactive)
            .trace(TraceId::new(self.now()))
            .build())
    }

    /// The URL under which services reach the gateway.
    pub(super) fn public_url(&self) -> Result<&str> {
        let url = self.inner.options.public_url.as_str();
        if url.is_empty() {
            let text = "only a running gateway knows the address under which services reach it; start it with `jackfield serve` and try again";
            return Err(EngineError::from(Error::misconfigured(text)));
        }
        Ok(url)
    }
}
