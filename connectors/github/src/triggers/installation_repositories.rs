//! The event `installation_repositories`.

use connector_core::{TriggerSpec, WebhookTrigger};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::{RepositoryRef, User, events::InstallationDetails};

/// An installation of the GitHub App reaches other repositories than before.
pub struct InstallationRepositories;

/// Which repositories were added to which installation or removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Payload {
    /// What happened: `added`, `removed`.
    pub action: String,
    /// The installation as it is now.
    pub installation: InstallationDetails,
    /// Which repositories it reaches now: `all` or `selected`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repository_selection: Option<String>,
    /// The repositories that were added.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub repositories_added: Vec<RepositoryRef>,
    /// The repositories that were removed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub repositories_removed: Vec<RepositoryRef>,
    /// Who asked for it, where an owner of the organization had to agree.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requester: Option<User>,
    /// Who did it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender: Option<User>,
}

impl WebhookTrigger for InstallationRepositories {
    const SPEC: TriggerSpec = TriggerSpec::new("installation_repositories", "App repositories changed")
        .summary("Repositories were added to an installation of a GitHub App or removed from it.")
        .docs("https://docs.github.com/webhooks/webhook-events-and-payloads#installation_repositories")
        .events(&["installation_repositories.*"]);
    type Payload = Payload;
}
