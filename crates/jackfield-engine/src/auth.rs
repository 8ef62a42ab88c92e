//! Credentials of connections: whose they are, how they are, what depends on them, and their being kept alive.
//!
//! What must not live here: requests to token addresses and the rules of renewal (`connector-auth`).

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use connector_auth::{Auth, Change, Party, Watch};
use connector_core::{
    Connector, Error, ErrorKind, Event, SecretSource, TraceId,
    auth::{AuthState, Grant, TokenStatus},
    event::Origin,
};
use futures_util::StreamExt as _;
use jackfield_store::{Connection, SharedStore, StoreError};
use serde::Serialize;
use serde_json::{Map, json};
use tokio::sync::{Notify, watch};

use crate::{
    Engine, Result,
    error::EngineError,
    flow::{self, FlowDefinition},
    inbox::new_id,
    secrets::StoredSecrets,
};

/// What stands as connector in the gateway's own events.
const GATEWAY: &str = "jackfield";
/// How often it is looked which tokens must be renewed though nobody uses them.
const TENDED_EVERY: Duration = Duration::from_secs(60);
/// Connections that are tended at once.
const TENDED_AT_ONCE: usize = 4;

/// What depends on a connection: by flow's id.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Dependents {
    /// Enabled flows that call it.
    pub flows: Vec<String>,
    /// Event types that start enabled flows and come by it.
    pub triggers: Vec<String>,
}

/// How a connection's credentials are.
#[derive(Debug, Clone, Serialize)]
pub struct AuthReport {
    /// The auth method; none: the params were typed in, and nothing is known.
    pub method: Option<String>,
    /// What is known of the tokens; none: there are none, or they were typed in.
    pub status: Option<TokenStatus>,
    /// Scopes that what is enabled needs, and that were not granted, as far as the service says what it granted.
    pub missing: Vec<String>,
    /// What depends on the connection.
    pub affected: Dependents,
}

/// The engine's [`Auth`]: changes become events of the gateway.
pub(crate) fn made(
    transport: &Arc<dyn connector_core::Transport>,
    store: &SharedStore,
    clock: &Arc<dyn connector_core::Clock>,
    wake: &Arc<Notify>,
) -> Auth {
    let watch = Teller { store: store.clone(), wake: wake.clone() };
    let options = connector_auth::Options { watch: Some(Arc::new(watch)), ..connector_auth::Options::default() };
    Auth::new(transport.clone(), store.clone(), clock.clone(), options)
}

/// Keeps changes as events of the gateway.
struct Teller {
    store: SharedStore,
    wake: Arc<Notify>,
}

#[async_trait]
impl Watch for Teller {
    async fn changed(&self, change: Change) {
        let event_type = match change.to {
            AuthState::NeedsReauth => "connection.needs_reauth",
            AuthState::Revoked => "connection.revoked",
            AuthState::Misconfigured => "connection.misconfigured",
            AuthState::Degraded => "connection.degraded",
            AuthState::Healthy | AuthState::Refreshing => "connection.recovered",
        };
        tracing::warn!(connection = %change.connection, from = change.from.as_str(), to = change.to.as_str(), reason = change.reason.as_deref(), "a connection's credentials changed their state");
        let affected = dependents(&self.store, &change.connection).await.unwrap_or_default();
        let event = Event {
            id: new_id(change.since),
            origin: Origin::Gateway,
            connector: GATEWAY.to_owned(),
            connection: Some(change.connection.clone()),
            event_type: event_type.to_owned(),
            trigger: None,
            occurred_at: Some(change.since),
            received_at: change.since,
            subject: Some(change.connection.clone()),
            payload: json!({
                "connection": change.connection,
                "connector": change.connector,
                "from": change.from,
                "to": change.to,
                "reason": change.reason,
                "since": change.since,
                "affected": affected,
            }),
            trace_id: TraceId::new(change.since),
        };
        if let Err(e) = self.store.keep_event(event).await {
            tracing::error!(connection = %change.connection, error = %e, "the event of a changed state could not be kept");
        }
        self.wake.notify_one();
    }
}

/// The enabled flows that have to do with a connection.
async fn flows_of(store: &SharedStore, connection: &str) -> jackfield_store::Result<Vec<(String, FlowDefinition)>> {
    let all = store.flows().await?.into_iter().filter(|f| f.enabled);
    let read = all.filter_map(|f| Some((f.id.clone(), flow::parse(&f).ok()?)));
    let concerns = |d: &FlowDefinition| {
        d.on.connection.as_deref() == Some(connection) || d.steps.iter().any(|s| s.connection == connection)
    };
    Ok(read.filter(|(_, d)| concerns(d)).collect())
}

async fn dependents(store: &SharedStore, connection: &str) -> jackfield_store::Result<Dependents> {
    let mut found = Dependents::default();
    for (id, definition) in flows_of(store, connection).await? {
        if definition.steps.iter().any(|s| s.connection == connection) {
            found.flows.push(id);
        }
        // The gateway's own events come by no connection.
        if definition.on.connection.as_deref() == Some(connection)
            && definition.on.connector != GATEWAY
            && !found.triggers.contains(&definition.on.event)
        {
            found.triggers.push(definition.on.event);
        }
    }
    Ok(found)
}

impl Engine {
    /// The secrets of a connection for its calls.
    pub(crate) async fn secrets_of(
        &self,
        connector: &Connector,
        connection: &Connection,
    ) -> Result<Arc<dyn SecretSource>> {
        match self.party(connector, connection).await? {
            Some(party) => Ok(self.inner.auth.credentials(party).await?),
            None => self.stored_secrets(connection).await,
        }
    }

    async fn stored_secrets(&self, connection: &Connection) -> Result<Arc<dyn SecretSource>> {
        let (store, references) = (&self.inner.store, &self.inner.options.references);
        let stored = StoredSecrets::of(store, references, &connection.id, connection.app.as_deref()).await?;
        Ok(Arc::new(stored))
    }

    /// A connection as its credentials need it; none where they were typed in.
    pub(crate) async fn party(&self, connector: &Connector, connection: &Connection) -> Result<Option<Party>> {
        let Some(id) = &connection.auth else { return Ok(None) };
        let Some(method) = connector.auth_method(id) else {
            let text = format!(
                "the connection `{}` was connected by `{id}`, which its connector does not have any more: reconnect it",
                connection.id
            );
            return Err(Error::misconfigured(text).with_connector(connector.id().to_owned()).into());
        };
        if method.grant == Grant::Given {
            return Ok(None);
        }
        let app_values = match &connection.app {
            Some(app) => self.inner.store.app(app).await?.values,
            None => Map::new(),
        };
        Ok(Some(Party {
            connector: connector.id().to_owned(),
            connection: connection.id.clone(),
            method: method.clone(),
            values: connection.values.clone(),
            app_values,
            secrets: self.stored_secrets(connection).await?,
            hosts: connector.resolve_hosts(&connection.values),
            networks: connection.networks.clone(),
        }))
    }

    async fn party_of(&self, id: &str) -> Result<Option<Party>> {
        let connection = self.inner.store.connection(id).await?;
        let connector = self.inner.registry.get(&connection.connector)?;
        self.party(&connector, &connection).await
    }

    /// How a connection's credentials are, and what depends on them.
    ///
    /// # Errors
    /// The store's.
    pub async fn auth_report(&self, id: &str) -> Result<AuthReport> {
        let connection = self.inner.store.connection(id).await?;
        let connector = self.inner.registry.get(&connection.connector)?;
        let method = connection.auth.as_deref().and_then(|m| connector.auth_method(m));
        let status = match method {
            Some(m) if m.grant != Grant::Given => self.inner.store.token(id).await?.map(|r| r.status),
            _ => None,
        };
        let mut missing = Vec::new();
        if let (Some(method), Some(status)) = (method, status.as_ref().filter(|s| !s.scopes.is_empty())) {
            let flows = flows_of(&self.inner.store, id).await?;
            let actions: Vec<String> = flows
                .iter()
                .flat_map(|(_, d)| &d.steps)
                .filter(|s| s.connection == id)
                .map(|s| s.action.clone())
                .collect();
            let events = flows.iter().filter(|(_, d)| d.on.connection.as_deref() == Some(id)).map(|(_, d)| &d.on.event);
            let triggers: Vec<String> =
                events.filter_map(|e| connector.trigger_for(e)).map(|t| t.info().name.clone()).collect();
            let wanted = connector.least_scopes(method, &actions, &triggers);
            let fixed = method.grant.oauth().map(|o| o.fixed_scopes.clone()).unwrap_or_default();
            missing = method.scopes.missing(&wanted, &status.scopes);
            // Services do not say that they granted `offline_access`: that shows in the refresh token.
            missing.retain(|scope| !fixed.contains(scope));
        }
        let affected = dependents(&self.inner.store, id).await?;
        Ok(AuthReport { method: connection.auth, status, missing, affected })
    }

    /// Renews a connection's tokens now.
    ///
    /// # Errors
    /// `Unsupported` for one whose credentials were typed in; `Auth`, `Misconfigured` or `UpstreamUnavailable` with the
    /// reason; the store's.
    pub async fn renew_auth(&self, id: &str) -> Result<AuthReport> {
        let Some(party) = self.party_of(id).await? else {
            let text = format!("the credentials of the connection `{id}` were typed in: there is nothing to renew");
            return Err(Error::new(ErrorKind::Unsupported, text).into());
        };
        self.inner.auth.renew_now(&party).await?;
        self.auth_report(id).await
    }

    /// Keeps tokens alive that nobody uses, until `stop` turns true.
    pub(crate) async fn tend_tokens(&self, mut stop: watch::Receiver<bool>) {
        loop {
            tokio::select! {
                () = tokio::time::sleep(TENDED_EVERY) => {}
                _ = stop.changed() => return,
            }
            if let Err(e) = self.tend_once().await {
                tracing::error!(error = %e, "tokens could not be looked after; it is tried again");
            }
        }
    }

    /// Renews what has not been used for long, and what could not be renewed before. The dispatcher does so every minute.
    ///
    /// # Errors
    /// The store's.
    pub async fn tend_once(&self) -> Result<()> {
        let statuses = self.inner.store.token_statuses().await?;
        let alive =
            statuses.into_iter().filter(|(_, s)| !matches!(s.state, AuthState::NeedsReauth | AuthState::Revoked));
        futures_util::stream::iter(alive)
            .for_each_concurrent(TENDED_AT_ONCE, |(id, _)| async move {
                match self.party_of(&id).await {
                    Ok(Some(party)) => {
                        if let Err(e) = self.inner.auth.tend(&party).await {
                            tracing::warn!(connection = %id, error = %e, "a token could not be looked after");
                        }
                    }
                    Err(EngineError::Store(StoreError::NotFound("connection", _))) => {
                        // What belonged to a connection that is gone.
                        let _ = self.inner.store.forget_token(&id).await;
                    }
                    Ok(None) | Err(_) => {}
                }
            })
            .await;
        Ok(())
    }

    /// Consent, grants and renewal of this engine's connections.
    pub fn auth(&self) -> &Auth {
        &self.inner.auth
    }
}
