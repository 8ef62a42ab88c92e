//! The event `label`.

use connector_core::{TriggerSpec, WebhookTrigger};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::{Previous, events::RepositoryCommon};

/// Something happened to a label itself, not to what has it.
pub struct Label;

/// What happened to which label.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Payload {
    /// What happened: `created`, `edited`, `deleted`.
    pub action: String,
    /// The label as it is now.
    pub label: RepositoryLabel,
    /// What it was before, for `edited`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changes: Option<Changes>,
    /// Where it happened and who did it.
    #[serde(flatten)]
    pub common: RepositoryCommon,
}

/// A label as its repository defines it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RepositoryLabel {
    /// Its numeric id.
    pub id: u64,
    /// Its id in GraphQL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node_id: Option<String>,
    /// Its name.
    pub name: String,
    /// Its colour as six hex digits, without `#`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub color: Option<String>,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether it is one of those that every repository begins with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<bool>,
    /// The label in the API.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// What an edit changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Changes {
    /// The name until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Previous>,
    /// The colour until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub color: Option<Previous>,
    /// The description until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Previous>,
}

impl WebhookTrigger for Label {
    const SPEC: TriggerSpec = TriggerSpec::new("label", "Label changed")
        .summary("A label of a repository was created, edited or deleted.")
        .docs("https://docs.github.com/webhooks/webhook-events-and-payloads#label")
        .events(&["label.*"]);
    type Payload = Payload;
}
