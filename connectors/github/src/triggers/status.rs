//! The event `status`.

use connector_core::{TriggerSpec, WebhookTrigger};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::{Commit, events::RepositoryCommon};

/// A commit got a status.
pub struct Status;

/// Which commit got which status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Payload {
    /// The status's numeric id.
    pub id: u64,
    /// The commit.
    pub sha: String,
    /// `pending`, `success`, `failure` or `error`.
    pub state: String,
    /// What the status is about, such as `ci/build`; a new one replaces the older one of the same context.
    pub context: String,
    /// It in a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Its page at whoever made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_url: Option<String>,
    /// Owner and name of the repository.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The commit.
    pub commit: Commit,
    /// Branches that hold the commit, ten at most.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub branches: Vec<Branch>,
    /// When it was made, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    /// When it was last changed, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<String>,
    /// Where it happened and who did it.
    #[serde(flatten)]
    pub common: RepositoryCommon,
}

/// A branch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Branch {
    /// Its name without `refs/heads/`.
    pub name: String,
    /// Whether it is protected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protected: Option<bool>,
}

impl WebhookTrigger for Status {
    const SPEC: TriggerSpec = TriggerSpec::new("status", "Commit status changed")
        .summary("A commit got a status, such as the result of a build.")
        .docs("https://docs.github.com/webhooks/webhook-events-and-payloads#status")
        .events(&["status"]);
    type Payload = Payload;
}
