//! A connector as callers hold it: owned, shared, the same whether it is built in or made at run time.
//!
//! What lives here: [`Connector`], its run-time [`ConnectorBuilder`], and the pipeline of a call: defaults, validation,
//! run. What must not: retry, budgets or storage, which wrap it from outside.

use std::{panic::AssertUnwindSafe, sync::Arc};

use futures_util::FutureExt as _;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::{
    action::{BoxFuture, Invoke},
    auth::AuthMethod,
    budget::{BudgetInfo, BudgetSpec},
    capability::CapabilityImpl,
    cx::{Cx, CxBuilder},
    describe::Describe,
    error::{Error, ErrorKind, FieldError, Result},
    hooks::Hooks,
    hosts::Resolved,
    info::{CapabilityInfo, ConnectorInfo},
    param::{self, Cleaned, FieldsetInfo, MigrateFn, ParamInfo},
    schema::closest,
    spec::{CapabilityKind, Category, ConnectorSpec},
    transport::{Clock, Transport},
    trigger::Source,
    webhook::Webhook,
};

/// What a validator found out with new credentials.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Validation {
    /// What is wrong, by param; empty when the connection works.
    pub errors: Vec<FieldError>,
    /// Who the connection is at the service (`team_id`, `site`): app-wide webhooks are routed by it.
    pub identity: std::collections::BTreeMap<String, String>,
    /// What people recognize the account by.
    pub account: Option<String>,
    /// The scopes that were granted, where the service says.
    pub scopes: Vec<String>,
}

impl Validation {
    /// The connection works, as this account.
    pub fn ok(account: impl Into<String>) -> Self {
        Self { account: Some(account.into()), ..Self::default() }
    }

    /// A param is wrong.
    pub fn failed(param: &str, message: impl Into<String>) -> Self {
        Self { errors: vec![FieldError::new(format!("/{param}"), message)], ..Self::default() }
    }

    /// Adds who the connection is at the service.
    #[must_use]
    pub fn identity(mut self, key: &str, value: impl Into<String>) -> Self {
        self.identity.insert(key.to_owned(), value.into());
        self
    }

    /// Adds the scopes that were granted.
    #[must_use]
    pub fn scopes(mut self, scopes: Vec<String>) -> Self {
        self.scopes = scopes;
        self
    }
}

/// A connector's check of new credentials by a real call, as a const connector declares it.
pub type ValidatorFn = for<'a> fn(&'a Cx) -> BoxFuture<'a, Result<Validation>>;

/// A connector's check of new credentials, as an object: functions are one implementation.
pub trait Validate: Send + Sync {
    /// Makes the call.
    ///
    /// # Errors
    /// Whatever the service says; it becomes an error of the whole form.
    fn validate<'a>(&'a self, cx: &'a Cx) -> BoxFuture<'a, Result<Validation>>;
}

impl Validate for ValidatorFn {
    fn validate<'a>(&'a self, cx: &'a Cx) -> BoxFuture<'a, Result<Validation>> {
        self(cx)
    }
}

/// Wraps an action in another: what retries, measures or records calls, without the connector's knowing.
pub type Layer = Arc<dyn Fn(Arc<dyn Invoke>) -> Arc<dyn Invoke> + Send + Sync>;

/// A connector.
#[derive(Clone)]
pub struct Connector {
    info: ConnectorInfo,
    actions: Vec<Arc<dyn Invoke>>,
    triggers: Vec<Arc<dyn Source>>,
    capabilities: Vec<CapabilityImpl>,
    operations: Vec<Arc<dyn Invoke>>,
    webhook: Option<Webhook>,
    validator: Option<Arc<dyn Validate>>,
    migrate: Option<MigrateFn>,
    describe: Option<Arc<dyn Describe>>,
    hooks: Option<Arc<dyn Hooks>>,
}

impl std::fmt::Debug for Connector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connector").field("id", &self.info.id).finish_non_exhaustive()
    }
}

impl From<&ConnectorSpec> for Connector {
    fn from(s: &ConnectorSpec) -> Self {
        let webhook = s.webhook.map(|f| f());
        let capabilities: Vec<CapabilityImpl> = s.capabilities.iter().map(|c| (c.make)()).collect();
        let strings = |list: &[&str]| list.iter().map(|t| (*t).to_owned()).collect::<Vec<_>>();
        Self {
            info: ConnectorInfo {
                id: s.id.to_owned(),
                name: s.name.to_owned(),
                summary: s.summary.to_owned(),
                docs_url: s.docs_url.to_owned(),
                docs: s.docs.to_owned(),
                icon: s.icon.to_owned(),
                categories: s.categories.to_vec(),
                params: s.params.iter().map(ParamInfo::from).collect(),
                params_version: s.params_version,
                fieldsets: s.fieldsets.iter().map(FieldsetInfo::from).collect(),
                auth: s.auth.map(|f| f()).unwrap_or_default(),
                app_params: s.app_params.iter().map(ParamInfo::from).collect(),
                hosts: strings(s.hosts),
                budgets: s.budgets.iter().map(|b| Arc::new(BudgetInfo::from(b))).collect(),
                capabilities: s
                    .capabilities
                    .iter()
                    .map(|c| CapabilityInfo { kind: c.spec.kind, actions: strings(c.spec.actions) })
                    .collect(),
                verification: webhook.as_ref().map(|w| w.verification.clone()),
            },
            actions: s.actions.iter().map(|a| a.into_invoke(s.id)).collect(),
            triggers: s.triggers.iter().map(|t| t.into_source(s.id)).collect(),
            operations: capabilities.iter().flat_map(|c| c.operations(s.id)).collect(),
            capabilities,
            webhook,
            validator: s.validator.map(|f| Arc::new(f) as Arc<dyn Validate>),
            migrate: s.migrate,
            describe: s.describe.map(|f| Arc::new(f) as Arc<dyn Describe>),
            hooks: s.hooks.map(|f| f()),
        }
    }
}

impl Connector {
    /// Begins a connector at run time.
    pub fn builder(id: &str, name: &str) -> ConnectorBuilder {
        ConnectorBuilder {
            connector: Self {
                info: ConnectorInfo {
                    id: id.to_owned(),
                    name: name.to_owned(),
                    summary: String::new(),
                    docs_url: String::new(),
                    docs: String::new(),
                    icon: String::new(),
                    categories: Vec::new(),
                    params: Vec::new(),
                    params_version: 1,
                    fieldsets: Vec::new(),
                    auth: Vec::new(),
                    app_params: Vec::new(),
                    hosts: Vec::new(),
                    budgets: Vec::new(),
                    capabilities: Vec::new(),
                    verification: None,
                },
                actions: Vec::new(),
                triggers: Vec::new(),
                capabilities: Vec::new(),
                operations: Vec::new(),
                webhook: None,
                validator: None,
                migrate: None,
                describe: None,
                hooks: None,
            },
        }
    }

    /// Its description.
    pub fn info(&self) -> &ConnectorInfo {
        &self.info
    }

    /// Its id.
    pub fn id(&self) -> &str {
        &self.info.id
    }

    /// All actions, in order of name.
    pub fn actions(&self) -> &[Arc<dyn Invoke>] {
        &self.actions
    }

    /// The operations of its capabilities, called like actions by names such as `issue_tracker.create_issue`: the same
    /// names, inputs and outputs for every connector of the family.
    pub fn operations(&self) -> &[Arc<dyn Invoke>] {
        &self.operations
    }

    /// All triggers, in order of name.
    pub fn triggers(&self) -> &[Arc<dyn Source>] {
        &self.triggers
    }

    /// Its webhook, if services send to it.
    pub fn webhook(&self) -> Option<&Webhook> {
        self.webhook.as_ref()
    }

    /// Whether it can check new credentials.
    pub fn has_validator(&self) -> bool {
        self.validator.is_some()
    }

    /// What brings the values of an earlier version of the params to this one.
    pub fn migrate(&self) -> Option<MigrateFn> {
        self.migrate
    }

    /// What describes one connection's actions, if it can.
    pub fn describe(&self) -> Option<&Arc<dyn Describe>> {
        self.describe.as_ref()
    }

    /// What makes and removes webhooks at the service, if it can.
    pub fn hooks(&self) -> Option<&Arc<dyn Hooks>> {
        self.hooks.as_ref()
    }

    /// The auth method of that id.
    pub fn auth_method(&self, id: &str) -> Option<&AuthMethod> {
        self.info.auth.iter().find(|m| m.id == id)
    }

    /// What it can stand in for as `kind`, if it can.
    pub fn capability(&self, kind: CapabilityKind) -> Option<&CapabilityImpl> {
        self.capabilities.iter().find(|c| c.kind() == kind)
    }

    /// The action, or the operation of a capability, of that name.
    ///
    /// # Errors
    /// `InvalidInput` with the code `INVALID_ARGUMENT`, naming the nearest action, for an unknown name.
    pub fn action(&self, name: &str) -> Result<&Arc<dyn Invoke>> {
        let mut all = self.actions.iter().chain(&self.operations);
        all.find(|a| a.info().name == name).ok_or_else(|| {
            let names = || self.actions.iter().chain(&self.operations).map(|a| a.info().name.as_str());
            let hint = match closest(name, names()) {
                Some(n) => format!("did you mean `{n}`?"),
                None => format!("it has {}", names().collect::<Vec<_>>().join(", ")),
            };
            Error::new(
                ErrorKind::InvalidInput,
                format!("connector `{}` has no action `{}`; {hint}", self.info.id, excerpt(name)),
            )
            .with_code("INVALID_ARGUMENT")
            .with_connector(self.info.id.clone())
        })
    }

    /// The trigger that an event type belongs to, if the connector knows the type.
    pub fn trigger_for(&self, event_type: &str) -> Option<&Arc<dyn Source>> {
        self.triggers.iter().find(|t| t.info().takes(event_type))
    }

    /// Begins a context for calls with a connection's cleaned values.
    pub fn cx(&self, values: Map<String, Value>, transport: Arc<dyn Transport>, clock: Arc<dyn Clock>) -> CxBuilder {
        CxBuilder::new(&self.info.id, self.resolve(&values), values, transport, clock)
            .budgets(self.info.budgets.clone())
    }

    /// The hosts that calls of this connector may reach, params in them resolved from a connection's values. A host whose
    /// param has no value, or one that cannot stand in a host, is left out; see [`crate::hosts`].
    pub fn resolve_hosts(&self, values: &Map<String, Value>) -> Vec<String> {
        self.resolve(values).hosts
    }

    fn resolve(&self, values: &Map<String, Value>) -> Resolved {
        Resolved::of(self.info.hosts.iter().chain(self.actions.iter().flat_map(|a| &a.info().hosts)), values)
    }

    /// Cleans the values of a connection, see [`param::clean`]. What stands in the name of a host must fit there.
    ///
    /// # Errors
    /// Every failing field at once.
    pub fn clean_params(&self, given: &Map<String, Value>, kept: &[&str]) -> Result<Cleaned> {
        param::clean(&self.info.params, given, kept)
            .and_then(|c| Some(self.resolve(&c.values).faults).filter(|f| !f.is_empty()).map_or(Ok(c), Err))
            .map_err(|f| Error::invalid_input(f).with_connector(self.info.id.clone()))
    }

    /// Cleans the values of an app.
    ///
    /// # Errors
    /// Every failing field at once.
    pub fn clean_app_params(&self, given: &Map<String, Value>, kept: &[&str]) -> Result<Cleaned> {
        param::clean(&self.info.app_params, given, kept)
            .map_err(|f| Error::invalid_input(f).with_connector(self.info.id.clone()))
    }

    /// The input with the connection's defaults filled in, validated.
    ///
    /// # Errors
    /// `InvalidInput` naming every failing field.
    pub fn prepare(&self, action: &dyn Invoke, values: &Map<String, Value>, mut input: Value) -> Result<Value> {
        let info = action.info();
        if let Value::Object(map) = &mut input {
            for d in &info.defaults {
                if !map.contains_key(&d.field)
                    && let Some(v) = values.get(&d.param)
                {
                    map.insert(d.field.clone(), v.clone());
                }
            }
        }
        let errors = info.check_input(&input)?;
        if errors.is_empty() {
            Ok(input)
        } else {
            Err(Error::invalid_input(errors).with_connector(self.info.id.clone()))
        }
    }

    /// Calls an action by name: defaults, validation, run.
    ///
    /// # Errors
    /// `InvalidInput` for an unknown name or a wrong input, before anything is sent; else the action's own.
    pub async fn call(&self, name: &str, cx: &Cx, input: Value) -> Result<Value> {
        let action = self.action(name)?;
        let input = self.prepare(action.as_ref(), cx.values(), input)?;
        let cx = &cx.for_action(action.info(), &input);
        action.invoke(cx, input).await.map_err(|e| e.with_connector(self.info.id.clone()))
    }

    /// Wraps every action and operation, so that whoever calls this connector calls through the layer.
    #[must_use]
    pub fn layered(&self, layer: &Layer) -> Self {
        let wrap = |all: &[Arc<dyn Invoke>]| all.iter().cloned().map(&**layer).collect();
        Self { actions: wrap(&self.actions), operations: wrap(&self.operations), ..self.clone() }
    }

    /// Checks a connection with the connector's validator. A panic or an unexpected failure in it is a field error of
    /// the whole form, never a crash.
    pub async fn validate(&self, cx: &Cx) -> Validation {
        let Some(v) = &self.validator else { return Validation::default() };
        let whole = |text: String| Validation { errors: vec![FieldError::new("", text)], ..Validation::default() };
        match AssertUnwindSafe(async { v.validate(cx).await }).catch_unwind().await {
            Ok(Ok(v)) => v,
            Ok(Err(e)) if !e.fields().is_empty() => Validation { errors: e.fields().to_vec(), ..Validation::default() },
            Ok(Err(e)) => whole(format!("the connection could not be checked: {}", e.caller_text())),
            Err(_) => whole("the connection could not be checked: the connector's validator failed".to_owned()),
        }
    }
}

fn excerpt(name: &str) -> String {
    name.chars().take(64).filter(|c| !c.is_control()).collect()
}

/// Makes a connector at run time; it ends up in the same registry, behind the same layers.
#[must_use]
pub struct ConnectorBuilder {
    connector: Connector,
}

impl ConnectorBuilder {
    /// One sentence for catalogs.
    pub fn summary(mut self, text: &str) -> Self {
        text.clone_into(&mut self.connector.info.summary);
        self
    }

    /// The vendor's API documentation.
    pub fn docs_url(mut self, url: &str) -> Self {
        url.clone_into(&mut self.connector.info.docs_url);
        self
    }

    /// What the service is for.
    pub fn category(mut self, category: Category) -> Self {
        self.connector.info.categories.push(category);
        self
    }

    /// Adds a connection param.
    pub fn param(mut self, param: ParamInfo) -> Self {
        self.connector.info.params.push(param);
        self
    }

    /// Adds a group that forms show params in, after those before.
    pub fn fieldset(mut self, fieldset: FieldsetInfo) -> Self {
        self.connector.info.fieldsets.push(fieldset);
        self
    }

    /// Sets the version of the params and what brings the values of an earlier one to it.
    pub fn params_version(mut self, version: u32, migrate: MigrateFn) -> Self {
        self.connector.info.params_version = version;
        self.connector.migrate = Some(migrate);
        self
    }

    /// Adds a way to connect.
    pub fn auth(mut self, method: AuthMethod) -> Self {
        self.connector.info.auth.push(method);
        self
    }

    /// Sets what describes one connection's actions.
    pub fn describe(mut self, describe: Arc<dyn Describe>) -> Self {
        self.connector.describe = Some(describe);
        self
    }

    /// Sets what makes and removes webhooks at the service.
    pub fn hooks(mut self, hooks: Arc<dyn Hooks>) -> Self {
        self.connector.hooks = Some(hooks);
        self
    }

    /// Adds an app param.
    pub fn app_param(mut self, param: ParamInfo) -> Self {
        self.connector.info.app_params.push(param);
        self
    }

    /// The connector's own page (Markdown) and its icon (SVG text).
    pub fn pages(mut self, docs: &str, icon: &str) -> Self {
        docs.clone_into(&mut self.connector.info.docs);
        icon.clone_into(&mut self.connector.info.icon);
        self
    }

    /// Adds a capability and the actions that it rests on.
    pub fn capability(mut self, made: CapabilityImpl, actions: &[&str]) -> Self {
        let actions = actions.iter().map(|a| (*a).to_owned()).collect();
        self.connector.info.capabilities.push(CapabilityInfo { kind: made.kind(), actions });
        self.connector.operations.extend(made.operations(&self.connector.info.id));
        self.connector.capabilities.push(made);
        self
    }

    /// Sets the check of new credentials.
    pub fn validator(mut self, validator: Arc<dyn Validate>) -> Self {
        self.connector.validator = Some(validator);
        self
    }

    /// Adds a host that calls may reach.
    pub fn host(mut self, host: &str) -> Self {
        self.connector.info.hosts.push(host.to_owned());
        self
    }

    /// Adds a rate limit of the service.
    pub fn budget(mut self, budget: &BudgetSpec) -> Self {
        self.connector.info.budgets.push(Arc::new(budget.into()));
        self
    }

    /// Adds an action.
    pub fn action(mut self, action: Arc<dyn Invoke>) -> Self {
        self.connector.actions.push(action);
        self
    }

    /// Adds a trigger.
    pub fn trigger(mut self, trigger: Arc<dyn Source>) -> Self {
        self.connector.triggers.push(trigger);
        self
    }

    /// Sets the webhook.
    pub fn webhook(mut self, webhook: Webhook) -> Self {
        self.connector.info.verification = Some(webhook.verification.clone());
        self.connector.webhook = Some(webhook);
        self
    }

    /// The connector.
    ///
    /// # Errors
    /// `InvalidInput` when it has neither action nor trigger, two of one name, an id that is not lower_snake_case, or a
    /// webhook whose declaration is not sound.
    pub fn build(mut self) -> Result<Connector> {
        let c = &mut self.connector;
        let bad = |text: String| Err(Error::new(ErrorKind::InvalidInput, text));
        if !is_id(&c.info.id) {
            return bad(format!("connector id `{}` is not lower_snake_case", excerpt(&c.info.id)));
        }
        if c.actions.is_empty() && c.triggers.is_empty() {
            return bad(format!("connector `{}` has neither an action nor a trigger", c.info.id));
        }
        c.actions.sort_by(|a, b| a.info().name.cmp(&b.info().name));
        c.triggers.sort_by(|a, b| a.info().name.cmp(&b.info().name));
        let names = |list: Vec<&str>| {
            list.windows(2).find(|w| w.first() == w.last()).and_then(|w| w.first().map(|n| (*n).to_owned()))
        };
        let twice = names(c.actions.iter().map(|a| a.info().name.as_str()).collect())
            .or_else(|| names(c.triggers.iter().map(|t| t.info().name.as_str()).collect()));
        if let Some(name) = twice {
            return bad(format!("connector `{}` declares `{name}` twice", c.info.id));
        }
        if let Some(Err(why)) = c.webhook.as_ref().map(Webhook::check) {
            return bad(format!("the webhook of connector `{}`: {why}", c.info.id));
        }
        Ok(self.connector)
    }
}

/// Whether a text is lower_snake_case and begins with a letter: the form of every id and name.
pub fn is_id(text: &str) -> bool {
    text.len() <= 64
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}
