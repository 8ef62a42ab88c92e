//! Installations under way, and the webhooks that were made at services.
//!
//! What lives here: their records and the trait of whoever keeps them. What must not: which step follows which, which is the
//! engine's.

use std::collections::BTreeMap;

use async_trait::async_trait;
use connector_core::{FieldError, Secret, hooks::Hook};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::Result;

/// The steps of an installation, in their order. Those that a connector has no use for are left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SetupStep {
    /// Id, name, auth method, app, and what it will be used for.
    Choose,
    /// The connection's params.
    Parameters,
    /// A person consents at the service.
    Consent,
    /// Which of the account's sites, where it has several.
    Site,
    /// The connector's own check with the new credentials.
    Validate,
    /// What sends events, and which ones.
    Resources,
    /// The webhooks at the service are being made.
    Webhooks,
    /// The connection is there.
    Done,
}

impl SetupStep {
    /// Its name, as it is written everywhere.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Choose => "choose",
            Self::Parameters => "parameters",
            Self::Consent => "consent",
            Self::Site => "site",
            Self::Validate => "validate",
            Self::Resources => "resources",
            Self::Webhooks => "webhooks",
            Self::Done => "done",
        }
    }
}

impl std::str::FromStr for SetupStep {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let all = [
            Self::Choose,
            Self::Parameters,
            Self::Consent,
            Self::Site,
            Self::Validate,
            Self::Resources,
            Self::Webhooks,
            Self::Done,
        ];
        all.into_iter().find(|s| s.as_str() == text).ok_or_else(|| {
            let names: Vec<&str> = all.iter().map(|s| s.as_str()).collect();
            format!("there is no such step; there are {}", names.join(", "))
        })
    }
}

/// A resource that was chosen to send events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChosenResource {
    /// The service's id of it; empty: the account as a whole.
    pub id: String,
    /// What people know it by.
    pub label: String,
}

/// A site of an account that one may be chosen of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferedSite {
    /// The service's id of it.
    pub id: String,
    /// What people know it by.
    pub label: String,
    /// The values of the connection that choosing it fills.
    pub values: Map<String, Value>,
}

/// A connection that is being made or changed, without its secrets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Installation {
    /// Its id (UUID version 7).
    pub id: Uuid,
    /// The connector's id.
    pub connector: String,
    /// The id that the connection has or will have; empty until it was chosen.
    pub connection: String,
    /// What people call it.
    pub name: String,
    /// Whether it changes a connection that is there.
    pub update: bool,
    /// The app that it belongs to.
    #[serde(default)]
    pub app: Option<String>,
    /// The auth method.
    #[serde(default)]
    pub method: Option<String>,
    /// The step that is due.
    pub step: SetupStep,
    /// Cleaned values that are no secrets.
    #[serde(default)]
    pub values: Map<String, Value>,
    /// Internal networks that its calls may reach beside those that are open to all.
    #[serde(default)]
    pub networks: Vec<String>,
    /// Limits of its calls beside the service's own.
    #[serde(default)]
    pub limits: Vec<String>,
    /// The actions that it will be used for; none: all.
    #[serde(default)]
    pub actions: Option<Vec<String>>,
    /// The triggers that it will be used for; none: all.
    #[serde(default)]
    pub triggers: Option<Vec<String>>,
    /// What is to send events.
    #[serde(default)]
    pub resources: Vec<ChosenResource>,
    /// Sites to choose from.
    #[serde(default)]
    pub sites: Vec<OfferedSite>,
    /// Whether somebody consented at the service.
    #[serde(default)]
    pub granted: bool,
    /// Scopes that were granted, where the service says.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// Who it is at the service, as consent and check learned.
    #[serde(default)]
    pub identity: BTreeMap<String, String>,
    /// What people recognize the account by.
    #[serde(default)]
    pub account: Option<String>,
    /// Whether the connection was saved with what stands here.
    #[serde(default)]
    pub applied: bool,
    /// What was wrong when the step was last tried: on its fields, or (pointer empty) as a whole.
    #[serde(default)]
    pub errors: Vec<FieldError>,
    /// Who began it; none: the operator's own token.
    #[serde(default)]
    pub started_by: Option<String>,
    /// SHA-256 of the `state` of the consent that is awaited, in hex.
    #[serde(default)]
    pub state_hash: Option<String>,
    /// SHA-256 of the one-time right to begin the consent in some browser, in hex.
    #[serde(default)]
    pub ticket_hash: Option<String>,
    /// SHA-256 of what the browser holds that began the consent, in hex.
    #[serde(default)]
    pub browser_hash: Option<String>,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// When it is forgotten, unless it is done before.
    pub expires_at: Timestamp,
    /// Counts writes, from 1: whoever writes says which one they had read.
    #[serde(default)]
    pub version: u64,
}

/// What an installation must keep sealed. It goes with the installation.
#[derive(Clone, Default)]
pub struct InstallationSecrets {
    /// Secrets that were typed in or made, by param.
    pub secrets: Vec<(String, Secret)>,
    /// What must be kept until the person comes back from the service.
    pub pending: Option<Secret>,
    /// What the service granted.
    pub granted: Option<Secret>,
}

/// How a webhook at a service is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HookState {
    /// It is being made: if the gateway was killed meanwhile, it may be there or not.
    Installing,
    /// It is there.
    Installed,
    /// It is being removed.
    Removing,
    /// Making or removing it failed.
    Failed,
}

impl HookState {
    /// Its name, as it is written everywhere.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Installing => "installing",
            Self::Installed => "installed",
            Self::Removing => "removing",
            Self::Failed => "failed",
        }
    }
}

/// A webhook that was made at a service, or should be: one a connection and resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptHook {
    /// The connection that it sends to.
    pub connection: String,
    /// The resource whose events it sends.
    pub resource: ChosenResource,
    /// As the service made it; none: it was not made, or that is not known.
    pub hook: Option<Hook>,
    /// How it is.
    pub state: HookState,
    /// Why it failed, for people.
    pub error: Option<String>,
    /// Since when it is so.
    pub at: Timestamp,
}

/// Keeps installations under way and webhooks at services.
#[async_trait]
pub trait SetupStore: Send + Sync {
    /// All installations, newest first; at most 1000.
    async fn installations(&self) -> Result<Vec<Installation>>;
    /// One installation with its secrets.
    async fn installation(&self, id: Uuid) -> Result<(Installation, InstallationSecrets)>;
    /// Writes an installation and its secrets, if nobody wrote since its `version` was read (0: it is not there yet).
    /// Returns whether it did.
    async fn put_installation(&self, installation: Installation, secrets: InstallationSecrets) -> Result<bool>;
    /// Removes an installation with its secrets. One that is not there is no error.
    async fn delete_installation(&self, id: Uuid) -> Result<()>;
    /// Writes a webhook: the one of that connection and resource is replaced. `NotFound` without its connection.
    async fn put_hook(&self, hook: KeptHook) -> Result<()>;
    /// A connection's webhooks, by resource. They go with the connection.
    async fn hooks(&self, connection: &str) -> Result<Vec<KeptHook>>;
    /// Forgets a webhook. One that is not there is no error.
    async fn delete_hook(&self, connection: &str, resource: &str) -> Result<()>;
}
