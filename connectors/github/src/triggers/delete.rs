//! The event `delete`. It is not sent when one push removes more than three tags, and neither is `push`.

use connector_core::{TriggerSpec, WebhookTrigger};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::events::RepositoryCommon;

/// A branch or a tag was removed.
pub struct Delete;

/// What was removed.
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
    /// Where it happened and who did it.
    #[serde(flatten)]
    pub common: RepositoryCommon,
}

impl WebhookTrigger for Delete {
    const SPEC: TriggerSpec = TriggerSpec::new("delete", "Branch or tag deleted")
        .summary("A branch or a tag was deleted.")
        .docs("https://docs.github.com/webhooks/webhook-events-and-payloads#delete")
        .events(&["delete"]);
    type Payload = Payload;
}
