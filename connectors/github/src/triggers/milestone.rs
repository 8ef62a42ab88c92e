//! The event `milestone`.

use connector_core::{TriggerSpec, WebhookTrigger};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::{Previous, User, events::RepositoryCommon};

/// Something happened to a milestone itself, not to what is in it.
pub struct Milestone;

/// What happened to which milestone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Payload {
    /// What happened: `created`, `edited`, `closed`, `opened` (again), `deleted`.
    pub action: String,
    /// The milestone as it is now.
    pub milestone: RepositoryMilestone,
    /// What it was before, for `edited`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changes: Option<Changes>,
    /// Where it happened and who did it.
    #[serde(flatten)]
    pub common: RepositoryCommon,
}

/// A milestone as its repository defines it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RepositoryMilestone {
    /// Its numeric id, unique at GitHub.
    pub id: u64,
    /// Its id in GraphQL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node_id: Option<String>,
    /// Its number in the repository.
    pub number: u64,
    /// Its title.
    pub title: String,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// `open` or `closed`.
    pub state: String,
    /// How many open issues and pull requests it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open_issues: Option<u64>,
    /// How many closed ones it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_issues: Option<u64>,
    /// Who made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub creator: Option<User>,
    /// When it is due, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_on: Option<String>,
    /// Its page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub html_url: Option<String>,
    /// When it was made, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    /// When it was last changed, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<String>,
    /// When it was closed, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<String>,
}

/// What an edit changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Changes {
    /// The title until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Previous>,
    /// The description until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Previous>,
    /// When it was due until then, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_on: Option<Previous>,
}

impl WebhookTrigger for Milestone {
    const SPEC: TriggerSpec = TriggerSpec::new("milestone", "Milestone changed")
        .summary("A milestone of a repository was created, edited, closed, opened again or deleted.")
        .docs("https://docs.github.com/webhooks/webhook-events-and-payloads#milestone")
        .events(&["milestone.*"]);
    type Payload = Payload;
}
