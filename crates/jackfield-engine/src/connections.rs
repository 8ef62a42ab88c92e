//! Apps and connections: checked, cleaned, secrets apart; and calls through them.

use std::{collections::BTreeSet, fmt::Display, str::FromStr, sync::Arc};

use connector_core::{
    Cancel, Class, Connector, Cx, Error, ErrorKind, FieldError, Limit, ParamInfo, Secret, TraceId, Transport,
    Validation, network::Allow, page,
};
use jackfield_store::{App, Connection, Owner};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    Engine,
    current::Current,
    error::{EngineError, Result},
    slug,
};

/// An app to be saved. Secrets stand among the values and are taken apart; one that is stored already may be left out.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AppInput {
    /// Chosen id, unique.
    pub id: String,
    /// The connector's id.
    pub connector: String,
    /// What people call it; the id if none is given.
    #[serde(default)]
    pub name: Option<String>,
    /// Values of the connector's app params.
    #[serde(default)]
    pub values: Map<String, Value>,
}

/// A connection to be saved. Secrets stand among the values and are taken apart; one that is stored already may be left
/// out.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConnectionInput {
    /// Chosen id, unique.
    pub id: String,
    /// The connector's id.
    pub connector: String,
    /// What people call it; the id if none is given.
    #[serde(default)]
    pub name: Option<String>,
    /// The app that it belongs to.
    #[serde(default)]
    pub app: Option<String>,
    /// Whether it takes webhooks and calls. Left out: as before, and a new one does.
    #[serde(default)]
    pub enabled: Option<bool>,
    /// Internal networks that its calls may reach beside those that are open to all: addresses or CIDRs, with a port or
    /// without.
    #[serde(default)]
    pub networks: Vec<String>,
    /// Limits of its calls beside the service's own, such as `100/min` or `5/s burst 20`; all hold at once.
    #[serde(default)]
    pub limits: Vec<String>,
    /// Values of the connector's params.
    #[serde(default)]
    pub values: Map<String, Value>,
}

/// Texts as they are read, so that what is stored is sound; errors are at `/field/index`.
pub(crate) fn clean<T>(field: &str, given: &[String]) -> Result<Vec<String>>
where
    T: FromStr<Err: Display> + Display,
{
    let mut wrong = Vec::new();
    let mut read = Vec::new();
    for (i, text) in given.iter().enumerate() {
        match text.parse::<T>() {
            Ok(entry) => read.push(entry.to_string()),
            Err(e) => wrong.push(FieldError::new(format!("/{field}/{i}"), e.to_string())),
        }
    }
    if wrong.is_empty() { Ok(read) } else { Err(Error::invalid_input(wrong).into()) }
}

/// What was read, or its failing fields among `wrong`, so that all are told at once.
fn gather<T: Default>(read: Result<T>, wrong: &mut Vec<FieldError>) -> Result<T> {
    match read {
        Err(EngineError::Connector(e)) if !e.fields().is_empty() => {
            wrong.extend_from_slice(e.fields());
            Ok(T::default())
        }
        other => other,
    }
}

/// Field errors of values stand below `/values` for whoever sent the whole thing.
fn below_values(e: Error) -> EngineError {
    let fields =
        e.fields().iter().map(|f| FieldError::new(format!("/values{}", f.pointer), f.message.clone())).collect();
    let connector = e.connector().map(str::to_owned);
    let mut out = Error::invalid_input(fields);
    if let Some(c) = connector {
        out = out.with_connector(c);
    }
    out.into()
}

/// How an action is called: what is the same whatever it does.
#[derive(Debug, Clone)]
pub struct Call {
    /// The trace that it belongs to.
    pub trace: TraceId,
    /// How urgent it is.
    pub class: Class,
    /// The key by which a service recognizes it when it is repeated.
    pub key: Option<String>,
    /// The flag by which its caller gives up.
    pub cancel: Cancel,
}

impl Call {
    /// A call that nobody gives up and that has no key.
    pub fn new(trace: TraceId, class: Class) -> Self {
        Self { trace, class, key: None, cancel: Cancel::new() }
    }
}

impl Engine {
    fn connector_at(&self, id: &str) -> Result<Arc<Connector>> {
        self.inner.registry.get(id).map_err(|e| EngineError::field("/connector", e.caller_text()))
    }

    /// Checks an app and saves it; one of the same id is replaced.
    ///
    /// # Errors
    /// Every failing field; the store's.
    pub async fn put_app(&self, input: AppInput) -> Result<App> {
        slug::check(&input.id)?;
        let connector = self.connector_at(&input.connector)?;
        let before = self.before(self.inner.store.app(&input.id).await)?;
        if before.as_ref().is_some_and(|b: &App| b.connector != input.connector) {
            return Err(EngineError::field("/connector", "cannot be changed; make a new app"));
        }
        let mut kept = self.inner.store.secret_names(&Owner::App(input.id.clone())).await?;
        let (values, refers) = self.take_references(&connector.info().app_params, input.values, &mut kept).await?;
        let mut cleaned = connector.clean_app_params(&values, &strs(&kept)).map_err(below_values)?;
        cleaned.secrets.extend(refers);
        let now = self.now();
        let app = App {
            name: input.name.unwrap_or_else(|| input.id.clone()),
            id: input.id,
            connector: input.connector,
            values: cleaned.values,
            created_at: before.map_or(now, |b| b.created_at),
            updated_at: now,
        };
        self.inner.store.put_app(app.clone(), cleaned.secrets).await?;
        Ok(app)
    }

    /// Checks a connection and saves it; one of the same id is replaced. Saving what is stored already changes nothing: no
    /// rotation ends, nothing is switched on. What its validator had learned is forgotten when a value or a credential
    /// changes.
    ///
    /// # Errors
    /// Every failing field; the store's.
    pub async fn put_connection(&self, input: ConnectionInput) -> Result<Connection> {
        slug::check(&input.id)?;
        let connector = self.connector_at(&input.connector)?;
        let before = self.before(self.inner.store.connection(&input.id).await)?;
        if before.as_ref().is_some_and(|b: &Connection| b.connector != input.connector) {
            return Err(EngineError::field("/connector", "cannot be changed; make a new connection"));
        }
        if let Some(app) = &input.app {
            match self.inner.store.app(app).await {
                Ok(a) if a.connector == input.connector => {}
                Ok(a) => {
                    return Err(EngineError::field(
                        "/app",
                        format!("is an app of `{}`, not of `{}`", a.connector, input.connector),
                    ));
                }
                Err(e) => return Err(EngineError::field("/app", e.to_string())),
            }
        }
        let mut kept = self.inner.store.secret_names(&Owner::Connection(input.id.clone())).await?;
        // What its auth method fills need not be typed in.
        let method = before.as_ref().and_then(|b| connector.auth_method(b.auth.as_deref()?));
        kept.extend(method.iter().flat_map(|m| m.fills()).map(str::to_owned));
        let mut wrong = Vec::new();
        let networks = gather(clean::<Allow>("networks", &input.networks), &mut wrong)?;
        let limits = gather(clean::<Limit>("limits", &input.limits), &mut wrong)?;
        let stored = kept.clone();
        let (values, refers) =
            gather(self.take_references(&connector.info().params, input.values, &mut kept).await, &mut wrong)?;
        let mut cleaned = gather(connector.clean_params(&values, &strs(&kept)).map_err(below_values), &mut wrong)?;
        cleaned.secrets.extend(refers);
        if before.as_ref().is_some_and(|b| moves(&connector, &b.values, &cleaned.values)) {
            let again = given_again(&stored, &cleaned.secrets).into_iter();
            wrong.extend(again.map(|f| FieldError::new(format!("/values{}", f.pointer), f.message)));
        }
        if !wrong.is_empty() {
            return Err(Error::invalid_input(wrong).with_connector(input.connector).into());
        }
        let now = self.now();
        let owner = Owner::Connection(input.id.clone());
        let same = before.as_ref().is_some_and(|b| b.values == cleaned.values && b.app == input.app)
            && self.all_stored(&owner, &cleaned.secrets).await?;
        let learned = before.as_ref().filter(|_| same);
        let connection = Connection {
            name: input.name.unwrap_or_else(|| input.id.clone()),
            id: input.id,
            connector: input.connector,
            app: input.app,
            values: cleaned.values,
            networks,
            limits,
            identity: learned.map(|b| b.identity.clone()).unwrap_or_default(),
            account: learned.and_then(|b| b.account.clone()),
            auth: before.as_ref().and_then(|b| b.auth.clone()),
            params_version: connector.info().params_version,
            enabled: input.enabled.or(before.as_ref().map(|b| b.enabled)).unwrap_or(true),
            created_at: before.as_ref().map_or(now, |b| b.created_at),
            updated_at: now,
        };
        self.inner.store.put_connection(connection.clone(), cleaned.secrets).await?;
        Ok(connection)
    }

    /// Whether each of these secrets is the one that is stored.
    async fn all_stored(&self, owner: &Owner, secrets: &[(String, Secret)]) -> Result<bool> {
        for (name, given) in secrets {
            let stored = self.inner.store.secrets(owner, name).await?;
            if !stored.first().is_some_and(|s| s.eq_constant_time(given.expose())) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn before<T>(&self, found: jackfield_store::Result<T>) -> Result<Option<T>> {
        match found {
            Ok(t) => Ok(Some(t)),
            Err(jackfield_store::StoreError::NotFound(..)) => Ok(None),
            Err(e) => Err(e.into()),
        }
    }

    /// Sets a new secret; with `rotate` the one before stays valid for webhooks until [`Engine::end_rotation`]. A new
    /// credential may be another account's: what the validator had learned is forgotten.
    ///
    /// # Errors
    /// A field error when the connector has no such secret param or the value has not its form; the store's.
    pub async fn set_secret(&self, owner: &Owner, name: &str, value: &str, rotate: bool) -> Result<()> {
        let (connector, params) = self.secret_params(owner).await?;
        let Some(param) = params.iter().find(|p| p.id == name) else {
            let names: Vec<&str> = params.iter().map(|p| p.id.as_str()).collect();
            let text = format!("is no secret param of `{}`; it has {}", connector.id(), names.join(", "));
            return Err(EngineError::field("/name", text));
        };
        let secret = match self.reference(value).await {
            Some(refers) => refers.map_err(|wrong| EngineError::field("/value", wrong))?,
            None => cleaned_secret(param, value)?,
        };
        self.inner.store.set_secret(owner, name, secret, rotate).await?;
        let is_webhook_key = connector.webhook().is_some_and(|w| w.key.id() == name);
        if let Owner::Connection(id) = owner
            && !is_webhook_key
        {
            let c = self.inner.store.connection(id).await?;
            self.inner.store.learn(id, c.updated_at, std::collections::BTreeMap::new(), None).await?;
        }
        Ok(())
    }

    /// Removes a secret, the one being rotated out included.
    ///
    /// # Errors
    /// The store's: `NotFound` when it is not set.
    pub async fn remove_secret(&self, owner: &Owner, name: &str) -> Result<()> {
        Ok(self.inner.store.remove_secret(owner, name).await?)
    }

    /// Ends a rotation: only the current secret stays valid.
    ///
    /// # Errors
    /// The store's.
    pub async fn end_rotation(&self, owner: &Owner, name: &str) -> Result<()> {
        Ok(self.inner.store.end_rotation(owner, name).await?)
    }

    /// The connector of an owner and its secret params.
    async fn secret_params(&self, owner: &Owner) -> Result<(Arc<Connector>, Vec<ParamInfo>)> {
        let (connector, of_app) = match owner {
            Owner::App(id) => (self.inner.store.app(id).await?.connector, true),
            Owner::Connection(id) => (self.inner.store.connection(id).await?.connector, false),
        };
        let connector = self.inner.registry.get(&connector)?;
        let params = if of_app { &connector.info().app_params } else { &connector.info().params };
        let secrets = params.iter().filter(|p| p.is_secret()).cloned().collect();
        Ok((connector, secrets))
    }

    /// Asks the connector's own validator and keeps what that learned.
    ///
    /// # Errors
    /// The store's. What the validator found wrong is in the result.
    pub(crate) async fn validate_connection(&self, id: &str, class: Class) -> Result<Validation> {
        let connection = match self.connection(id).await? {
            Current { connection, outdated: None } => connection,
            Current { outdated: Some(e), .. } if !e.fields().is_empty() => {
                return Ok(Validation { errors: e.fields().to_vec(), ..Validation::default() });
            }
            Current { outdated: Some(e), .. } => return Err(e.into()),
        };
        let connector = self.inner.registry.get(&connection.connector)?;
        let call = Call::new(TraceId::new(self.now()), class);
        let cx = self.cx(&connector, &connection, call, self.inner.transport.clone()).await?;
        let found = connector.validate(&cx).await;
        if found.errors.is_empty() && connector.has_validator() {
            // Somebody may have changed or removed the connection meanwhile: then this is about another one.
            let (identity, account) = (found.identity.clone(), found.account.clone());
            self.inner.store.learn(id, connection.updated_at, identity, account).await?;
        }
        Ok(found)
    }

    pub(crate) async fn cx(
        &self,
        connector: &Connector,
        connection: &Connection,
        call: Call,
        transport: Arc<dyn Transport>,
    ) -> Result<Cx> {
        let secrets = self.secrets_of(connector, connection).await?;
        let mut builder = connector
            .cx(connection.values.clone(), transport, self.inner.clock.clone())
            .connection(&connection.id)
            .identity(connection.identity.clone())
            .networks(connection.networks.clone())
            .limits(connection.limits.iter().filter_map(|l| l.parse().ok()).collect())
            .secrets(secrets)
            .auth_method(connection.auth.as_deref())
            .blobs(self.blobs())
            .timeout(self.inner.options.call_timeout)
            .class(call.class)
            .cancel(call.cancel)
            .trace(call.trace);
        if let Some(k) = call.key {
            builder = builder.idempotency_key(k);
        }
        Ok(builder.build())
    }

    /// Calls an action of a connection.
    ///
    /// # Errors
    /// `NotFound` for an unknown connection, `Misconfigured` for a disabled one, else the action's own.
    pub async fn call(&self, connection: &str, action: &str, input: Value, call: Call) -> Result<Value, Error> {
        self.call_through(self.inner.transport.clone(), connection, action, input, call).await
    }

    /// As [`Engine::call`], by another way out.
    pub(crate) async fn call_through(
        &self,
        transport: Arc<dyn Transport>,
        connection: &str,
        action: &str,
        input: Value,
        call: Call,
    ) -> Result<Value, Error> {
        let cancel = call.cancel.clone();
        let (connector, cx) = self.callable(connection, call, transport).await?;
        let counting = self.counting(&connector, connection, action, cancel);
        counting.end(connector.call(action, &cx, input).await)
    }

    /// Calls an action page by page and gives the items of all its pages, as many as `options` let.
    ///
    /// # Errors
    /// As [`Engine::call`] and [`page::Pages::next`]; `InvalidInput` when the action does not come in pages.
    pub async fn call_all(
        &self,
        connection: &str,
        action: &str,
        input: Value,
        options: page::Options,
        call: Call,
    ) -> Result<page::Collected, Error> {
        let cancel = call.cancel.clone();
        let (connector, cx) = self.callable(connection, call, self.inner.transport.clone()).await?;
        let counting = self.counting(&connector, connection, action, cancel);
        counting.end(page::collect(&connector, &cx, action, input, options).await)
    }

    /// What a call of a connection needs, if it may be called.
    pub(crate) async fn callable(
        &self,
        connection: &str,
        call: Call,
        transport: Arc<dyn Transport>,
    ) -> Result<(Arc<Connector>, Cx), Error> {
        let found = self.usable(connection).await?;
        if !found.enabled {
            return Err(Error::new(
                ErrorKind::Misconfigured,
                format!("the connection `{connection}` is disabled; enable it and try again"),
            ));
        }
        let connector = self.inner.registry.get(&found.connector)?;
        let cx = self.cx(&connector, &found, call, transport).await.map_err(EngineError::into_error)?;
        Ok((connector, cx))
    }
}

fn cleaned_secret(param: &ParamInfo, value: &str) -> Result<Secret> {
    let given = Map::from_iter([(param.id.clone(), Value::String(value.to_owned()))]);
    let mut required = param.clone();
    required.optional = false;
    // What it depends on is not given here; a secret that is not asked for is not used either.
    required.visible_if = None;
    let cleaned = connector_core::param::clean(&[required], &given, &[])
        .map_err(|f| EngineError::field("/value", f.first().map_or_else(String::new, |e| e.message.clone())))?;
    match cleaned.secrets.into_iter().next() {
        Some((_, secret)) => Ok(secret),
        None => Err(EngineError::field("/value", "must not be empty")),
    }
}

/// Whether calls would go elsewhere with these values.
pub(crate) fn moves(connector: &Connector, before: &Map<String, Value>, now: &Map<String, Value>) -> bool {
    let hosts = |values| connector.resolve_hosts(values).into_iter().collect::<BTreeSet<_>>();
    hosts(before) != hosts(now)
}

/// What must be given again when calls go elsewhere: whoever may change an address must not learn by it what is write-only.
pub(crate) fn given_again(kept: &[String], given: &[(String, Secret)]) -> Vec<FieldError> {
    let kept: BTreeSet<&String> = kept.iter().filter(|k| !given.iter().any(|(name, _)| &name == k)).collect();
    let text = "must be given again, since the address that it is sent to has changed";
    kept.into_iter().map(|name| FieldError::new(format!("/{name}"), text)).collect()
}

fn strs(list: &[String]) -> Vec<&str> {
    list.iter().map(String::as_str).collect()
}
