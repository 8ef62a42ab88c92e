//! What a connector author declares, const: names, texts, effects. No code, no schema.
//!
//! What lives here: [`ActionSpec`], [`TriggerSpec`], [`CapabilitySpec`], [`ConnectorSpec`] and their words. All text is
//! `&'static str`, since a const with a destructor cannot be built by const functions; callers see the owned forms of
//! [`crate::info`], which a definition made at run time fills just as well.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{
    action::ActionDef,
    auth::AuthMethod,
    budget::BudgetSpec,
    capability::CapabilityDef,
    connector::ValidatorFn,
    describe::DescribeFn,
    error::ErrorKind,
    hooks::Hooks,
    page::Stepping,
    param::{Fieldset, MigrateFn, ParamSpec},
    trigger::TriggerDef,
    webhook::Webhook,
};

/// What an action does to the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Reads only.
    Read,
    /// Creates or changes.
    Write,
    /// Removes, or cannot be undone.
    Destructive,
}

/// What happens when the same call is made twice. The retry engine obeys it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Idempotency {
    /// Twice is as once.
    Natural,
    /// The service recognizes a key that we send.
    Keyed,
    /// We look first: the action's `find` tells whether it was done.
    Emulated,
    /// Twice is twice. A call of unknown outcome is parked, never repeated.
    None,
}

/// How an action's results come in pages, as data, so that any caller can walk them: by a mark that the service gives. Where
/// it gives none, see [`Stepping`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paging {
    /// JSON pointer to the array of items in the output.
    pub items: &'static str,
    /// JSON pointer to the next page's mark in the output; absent, null or empty means the end.
    pub next_output: &'static str,
    /// JSON pointer in the input where that mark goes.
    pub next_input: &'static str,
}

/// An input that must not validate, with the reason people are told.
#[derive(Debug, Clone, Copy)]
pub struct AntiExample {
    /// The input as JSON text.
    pub input: &'static str,
    /// Why it is wrong.
    pub why: &'static str,
}

/// An action as its author declares it.
#[derive(Debug, Clone, Copy)]
pub struct ActionSpec {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    pub(crate) summary: &'static str,
    pub(crate) docs_url: &'static str,
    pub(crate) effect: Effect,
    pub(crate) idempotency: Idempotency,
    pub(crate) scopes: &'static [&'static str],
    pub(crate) hosts: &'static [&'static str],
    pub(crate) cost: u32,
    pub(crate) budgets: &'static [&'static str],
    pub(crate) finds_at_once: bool,
    pub(crate) paging: Option<Paging>,
    pub(crate) stepping: Option<Stepping>,
    pub(crate) total: &'static str,
    pub(crate) defaults: &'static [(&'static str, &'static str)],
    pub(crate) examples: &'static [&'static str],
    pub(crate) anti_examples: &'static [AntiExample],
}

impl ActionSpec {
    /// An action called `name` (lower_snake_case, the same as its file) that writes and is not idempotent.
    pub const fn new(name: &'static str, title: &'static str) -> Self {
        Self {
            name,
            title,
            summary: "",
            docs_url: "",
            effect: Effect::Write,
            idempotency: Idempotency::None,
            scopes: &[],
            hosts: &[],
            cost: 1,
            budgets: &[],
            finds_at_once: false,
            paging: None,
            stepping: None,
            total: "",
            defaults: &[],
            examples: &[],
            anti_examples: &[],
        }
    }

    /// One sentence: what it does. Agents choose by it.
    pub const fn summary(mut self, text: &'static str) -> Self {
        self.summary = text;
        self
    }

    /// The vendor's page.
    pub const fn docs(mut self, url: &'static str) -> Self {
        self.docs_url = url;
        self
    }

    /// What it does to the service, and what happens when it is done twice.
    pub const fn effect(mut self, effect: Effect, idempotency: Idempotency) -> Self {
        self.effect = effect;
        self.idempotency = idempotency;
        self
    }

    /// Reads only, so that it may be repeated.
    pub const fn read(self) -> Self {
        self.effect(Effect::Read, Idempotency::Natural)
    }

    /// OAuth scopes, or the service's like, that it needs.
    pub const fn scopes(mut self, scopes: &'static [&'static str]) -> Self {
        self.scopes = scopes;
        self
    }

    /// Hosts beside the connector's own that it reaches, such as an upload host.
    pub const fn hosts(mut self, hosts: &'static [&'static str]) -> Self {
        self.hosts = hosts;
        self
    }

    /// What each of its requests costs of the service's budgets; 1 unless told.
    pub const fn cost(mut self, cost: u32) -> Self {
        self.cost = cost;
        self
    }

    /// The connector's budgets, by name, that it uses beside those that are for all.
    pub const fn budgets(mut self, names: &'static [&'static str]) -> Self {
        self.budgets = names;
        self
    }

    /// Its `find` sees what was done a moment ago: the service reads its own writes there. Only then is an emulated action
    /// repeated after it was looked for in vain, twice and with pauses; else, and after a timeout, a call of unknown outcome
    /// is parked.
    pub const fn finds_at_once(mut self) -> Self {
        self.finds_at_once = true;
        self
    }

    /// Its results come in pages, each with the mark of the next.
    pub const fn paged(mut self, paging: Paging) -> Self {
        self.paging = Some(paging);
        self.stepping = None;
        self
    }

    /// Its results come in pages that hold no mark of the next.
    pub const fn stepped(mut self, stepping: Stepping) -> Self {
        self.stepping = Some(stepping);
        self.paging = None;
        self
    }

    /// JSON pointer to the number of all items in its output, where the service counts: so it shows when a list becomes
    /// shorter while it is read.
    pub const fn total(mut self, pointer: &'static str) -> Self {
        self.total = pointer;
        self
    }

    /// Top-level input fields whose default is a value of the connection: (field, connection param).
    pub const fn defaults(mut self, defaults: &'static [(&'static str, &'static str)]) -> Self {
        self.defaults = defaults;
        self
    }

    /// Inputs that validate, as JSON text. At least one.
    pub const fn examples(mut self, examples: &'static [&'static str]) -> Self {
        self.examples = examples;
        self
    }

    /// Inputs that do not validate. At least one where the input has fields.
    pub const fn anti_examples(mut self, examples: &'static [AntiExample]) -> Self {
        self.anti_examples = examples;
        self
    }

    /// Its name.
    pub const fn name(&self) -> &'static str {
        self.name
    }
}

/// A trigger as its author declares it.
#[derive(Debug, Clone, Copy)]
pub struct TriggerSpec {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    pub(crate) summary: &'static str,
    pub(crate) docs_url: &'static str,
    pub(crate) events: &'static [&'static str],
    pub(crate) scopes: &'static [&'static str],
    pub(crate) digest_dedupe: bool,
    pub(crate) interval_secs: Option<u32>,
}

impl TriggerSpec {
    /// A trigger called `name` (lower_snake_case, the same as its file) for the event type of the same name.
    pub const fn new(name: &'static str, title: &'static str) -> Self {
        Self {
            name,
            title,
            summary: "",
            docs_url: "",
            events: &[],
            scopes: &[],
            digest_dedupe: false,
            interval_secs: None,
        }
    }

    /// One sentence: when it happens.
    pub const fn summary(mut self, text: &'static str) -> Self {
        self.summary = text;
        self
    }

    /// The vendor's page.
    pub const fn docs(mut self, url: &'static str) -> Self {
        self.docs_url = url;
        self
    }

    /// The event types it stands for, as the connector's webhook names them; `issues.*` takes every action of `issues`.
    pub const fn events(mut self, events: &'static [&'static str]) -> Self {
        self.events = events;
        self
    }

    /// Scopes that the service wants before it sends this.
    pub const fn scopes(mut self, scopes: &'static [&'static str]) -> Self {
        self.scopes = scopes;
        self
    }

    /// The service sends no delivery id, and equal bodies within the window are one event.
    pub const fn dedupe_by_digest(mut self) -> Self {
        self.digest_dedupe = true;
        self
    }

    /// Polled every so many seconds unless the connection says otherwise.
    pub const fn interval_secs(mut self, secs: u32) -> Self {
        self.interval_secs = Some(secs);
        self
    }

    /// Its name.
    pub const fn name(&self) -> &'static str {
        self.name
    }
}

/// What a connector can stand in for, beyond its own actions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CapabilityKind {
    /// Chat completion by a language model.
    ChatModel,
    /// Embedding of texts.
    Embedder,
    /// A vector index.
    VectorIndex,
    /// A home of repositories and pull requests.
    Forge,
    /// An issue tracker.
    IssueTracker,
    /// A chat service.
    Chat,
    /// A source of tools, such as an MCP server.
    ToolSource,
}

impl CapabilityKind {
    /// The word for it in specs, paths and operations' names.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ChatModel => "chat_model",
            Self::Embedder => "embedder",
            Self::VectorIndex => "vector_index",
            Self::Forge => "forge",
            Self::IssueTracker => "issue_tracker",
            Self::Chat => "chat",
            Self::ToolSource => "tool_source",
        }
    }
}

/// A capability as a connector declares it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CapabilitySpec {
    /// Which.
    pub kind: CapabilityKind,
    /// The actions that it rests on; the capability is only there where they are allowed.
    pub actions: &'static [&'static str],
}

/// What a service is for; a connector may have several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Category {
    /// Language models, embeddings, vector stores.
    Ai,
    /// Messaging between people.
    Chat,
    /// Source code and builds.
    Code,
    /// Customers and support.
    Crm,
    /// Issues and projects.
    Issues,
    /// Alerts and on-call.
    Monitoring,
    /// Money.
    Payments,
    /// Documents, sheets, calendars.
    Productivity,
    /// Anything that speaks a protocol.
    Protocol,
}

/// A connector as its author declares it: one const per crate.
#[derive(Clone, Copy)]
pub struct ConnectorSpec {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    pub(crate) summary: &'static str,
    pub(crate) docs_url: &'static str,
    pub(crate) docs: &'static str,
    pub(crate) icon: &'static str,
    pub(crate) categories: &'static [Category],
    pub(crate) params: &'static [ParamSpec],
    pub(crate) params_version: u32,
    pub(crate) migrate: Option<MigrateFn>,
    pub(crate) fieldsets: &'static [Fieldset],
    pub(crate) app_params: &'static [ParamSpec],
    pub(crate) auth: Option<fn() -> Vec<AuthMethod>>,
    pub(crate) hosts: &'static [&'static str],
    pub(crate) budgets: &'static [BudgetSpec],
    pub(crate) actions: &'static [ActionDef],
    pub(crate) triggers: &'static [TriggerDef],
    pub(crate) capabilities: &'static [CapabilityDef],
    pub(crate) webhook: Option<fn() -> Webhook>,
    pub(crate) validator: Option<ValidatorFn>,
    pub(crate) describe: Option<DescribeFn>,
    pub(crate) hooks: Option<fn() -> Arc<dyn Hooks>>,
    pub(crate) fatal: &'static [(ErrorKind, &'static str)],
}

impl ConnectorSpec {
    /// A connector with a stable id (lower_snake_case, the same as its folder) and the service's own name.
    pub const fn new(id: &'static str, name: &'static str) -> Self {
        Self {
            id,
            name,
            summary: "",
            docs_url: "",
            docs: "",
            icon: "",
            categories: &[],
            params: &[],
            params_version: 1,
            migrate: None,
            fieldsets: &[],
            app_params: &[],
            auth: None,
            hosts: &[],
            budgets: &[],
            actions: &[],
            triggers: &[],
            capabilities: &[],
            webhook: None,
            validator: None,
            describe: None,
            hooks: None,
            fatal: &[],
        }
    }

    /// One sentence for catalogs.
    pub const fn summary(mut self, text: &'static str) -> Self {
        self.summary = text;
        self
    }

    /// The vendor's API documentation, the connector's own page (`docs.md`) and its icon (SVG text, good at 1x and 2x).
    pub const fn pages(mut self, docs_url: &'static str, docs: &'static str, icon: &'static str) -> Self {
        self.docs_url = docs_url;
        self.docs = docs;
        self.icon = icon;
        self
    }

    /// What the service is for.
    pub const fn categories(mut self, categories: &'static [Category]) -> Self {
        self.categories = categories;
        self
    }

    /// Settings of a connection, in the order they are asked.
    pub const fn params(mut self, params: &'static [ParamSpec]) -> Self {
        self.params = params;
        self
    }

    /// The version of the params, 1 unless told, and what brings the values of an earlier version to this one. Raise it when
    /// a param is renamed, removed, or means another thing.
    pub const fn params_version(mut self, version: u32, migrate: MigrateFn) -> Self {
        self.params_version = version;
        self.migrate = Some(migrate);
        self
    }

    /// The groups that forms show the params in, in this order. Params that name none come first.
    pub const fn fieldsets(mut self, fieldsets: &'static [Fieldset]) -> Self {
        self.fieldsets = fieldsets;
        self
    }

    /// How connections come to their credentials, the method that suits most people first. Without: all params are typed in.
    pub const fn auth(mut self, methods: fn() -> Vec<AuthMethod>) -> Self {
        self.auth = Some(methods);
        self
    }

    /// What the service tells of one connection that changes how actions look there.
    pub const fn describe(mut self, describe: DescribeFn) -> Self {
        self.describe = Some(describe);
        self
    }

    /// What makes and removes webhooks at the service.
    pub const fn hooks(mut self, hooks: fn() -> Arc<dyn Hooks>) -> Self {
        self.hooks = Some(hooks);
        self
    }

    /// Settings of an app: the gateway's own registration at the service.
    pub const fn app_params(mut self, params: &'static [ParamSpec]) -> Self {
        self.app_params = params;
        self
    }

    /// Hosts that its actions may reach: names, `*.example.com`, `{param}` for the host of a connection's URL param, or
    /// `{param}.example.com` for a param whose value is a part of the name; see [`crate::hosts`].
    pub const fn hosts(mut self, hosts: &'static [&'static str]) -> Self {
        self.hosts = hosts;
        self
    }

    /// The service's rate limits, as it counts them.
    pub const fn budgets(mut self, budgets: &'static [BudgetSpec]) -> Self {
        self.budgets = budgets;
        self
    }

    /// Its actions: the generated `actions::ALL`.
    pub const fn actions(mut self, actions: &'static [ActionDef]) -> Self {
        self.actions = actions;
        self
    }

    /// Its triggers: the generated `triggers::ALL`.
    pub const fn triggers(mut self, triggers: &'static [TriggerDef]) -> Self {
        self.triggers = triggers;
        self
    }

    /// What it can stand in for.
    pub const fn capabilities(mut self, capabilities: &'static [CapabilityDef]) -> Self {
        self.capabilities = capabilities;
        self
    }

    /// How its webhooks are verified and read.
    pub const fn webhook(mut self, webhook: fn() -> Webhook) -> Self {
        self.webhook = Some(webhook);
        self
    }

    /// A real call that tells whether new credentials work.
    pub const fn validator(mut self, validator: ValidatorFn) -> Self {
        self.validator = Some(validator);
        self
    }

    /// Errors, by kind and the service's own code, that say that the account, the app or the credential is gone for good: a
    /// gateway switches the connection off when it sees one and a check agrees. Only codes that never pass by themselves
    /// and that no single object or permission can cause.
    pub const fn fatal(mut self, codes: &'static [(ErrorKind, &'static str)]) -> Self {
        self.fatal = codes;
        self
    }

    /// Its id.
    pub const fn id(&self) -> &'static str {
        self.id
    }
}
