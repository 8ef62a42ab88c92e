//! The event `workflow_dispatch`.

use connector_core::{TriggerSpec, WebhookTrigger};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::model::events::RepositoryCommon;

/// Somebody started a workflow by hand.
pub struct WorkflowDispatch;

/// Which workflow, and with which inputs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Payload {
    /// The full ref that it runs on, such as `refs/heads/main`.
    #[serde(rename = "ref")]
    pub git_ref: String,
    /// The workflow's file, such as `.github/workflows/deploy.yml`.
    pub workflow: String,
    /// Its inputs by name: an object; none where it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inputs: Option<Value>,
    /// Where it happened and who did it.
    #[serde(flatten)]
    pub common: RepositoryCommon,
}

impl WebhookTrigger for WorkflowDispatch {
    const SPEC: TriggerSpec = TriggerSpec::new("workflow_dispatch", "Workflow dispatched")
        .summary("Somebody started a GitHub Actions workflow by hand or by the API.")
        .docs("https://docs.github.com/webhooks/webhook-events-and-payloads#workflow_dispatch")
        .events(&["workflow_dispatch"]);
    type Payload = Payload;
}
