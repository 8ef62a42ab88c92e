//! The event `workflow_run`.

use connector_core::{TriggerSpec, WebhookTrigger};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::{self, Workflow, events::RepositoryCommon};

/// Something happened to a run of a workflow.
pub struct WorkflowRun;

/// What happened to which run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Payload {
    /// What happened: `requested`, `in_progress`, `completed`.
    pub action: String,
    /// The run as it is now; its `conclusion` says how it ended.
    pub workflow_run: model::WorkflowRun,
    /// The workflow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workflow: Option<Workflow>,
    /// Where it happened and who did it.
    #[serde(flatten)]
    pub common: RepositoryCommon,
}

impl WebhookTrigger for WorkflowRun {
    const SPEC: TriggerSpec = TriggerSpec::new("workflow_run", "Workflow run changed")
        .summary("A run of a GitHub Actions workflow was requested, started or completed.")
        .docs("https://docs.github.com/webhooks/webhook-events-and-payloads#workflow_run")
        .events(&["workflow_run.*"]);
    type Payload = Payload;
}
