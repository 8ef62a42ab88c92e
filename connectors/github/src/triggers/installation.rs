//! The event `installation`.

use connector_core::{TriggerSpec, WebhookTrigger};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::{RepositoryRef, User, events::InstallationDetails};

/// Something happened to an installation of the GitHub App.
pub struct Installation;

/// What happened to which installation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Payload {
    /// What happened: `created`, `deleted`, `suspend`, `unsuspend`, `new_permissions_accepted`.
    pub action: String,
    /// The installation as it is now.
    pub installation: InstallationDetails,
    /// The repositories that it reaches, for `created` and `deleted`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub repositories: Vec<RepositoryRef>,
    /// Who asked for it, where an owner of the organization had to agree.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requester: Option<User>,
    /// Who did it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender: Option<User>,
}

impl WebhookTrigger for Installation {
    const SPEC: TriggerSpec = TriggerSpec::new("installation", "App installation changed")
        .summary("A GitHub App was installed, removed, suspended or given new permissions.")
        .docs("https://docs.github.com/webhooks/webhook-events-and-payloads#installation")
        .events(&["installation.*"]);
    type Payload = Payload;
}
