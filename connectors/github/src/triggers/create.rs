//! The event `create`. It is not sent when one push makes more than three tags, and neither is `push`.

use connector_core::{TriggerSpec, WebhookTrigger};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::events::RepositoryCommon;

/// A branch or a tag was made.
pub struct Create;

/// What was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Payload {
    /// Its name without `refs/heads/` or `refs/tags/`.
    #[serde(rename = "ref")]
    pub git_ref: String,
    /// `branch` or `tag`.
    pub ref_type: String,
    /// Who pushed: `user` or `deploy_key`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pusher_type: Option<String>,
    /// The repository's default branch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub master_branch: Option<String>,
    /// What the repository is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Where it happened and who did it.
    #[serde(flatten)]
    pub common: RepositoryCommon,
}

impl WebhookTrigger for Create {
    const SPEC: TriggerSpec = TriggerSpec::new("create", "Branch or tag created")
        .summary("A branch or a tag was created.")
        .docs("https://docs.github.com/webhooks/webhook-events-and-payloads#create")
        .events(&["create"]);
    type Payload = Payload;
}
