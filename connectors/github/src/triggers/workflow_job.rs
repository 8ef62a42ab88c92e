//! The event `workflow_job`.

use connector_core::{TriggerSpec, WebhookTrigger};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::{
    self,
    events::{Deployment, RepositoryCommon},
};

/// Something happened to a job of a workflow.
pub struct WorkflowJob;

/// What happened to which job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Payload {
    /// What happened: `queued`, `waiting`, `in_progress`, `completed`.
    pub action: String,
    /// The job as it is now; its `conclusion` says how it ended.
    pub workflow_job: model::WorkflowJob,
    /// The deployment, for a job that deploys to an environment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deployment: Option<Deployment>,
    /// Where it happened and who did it.
    #[serde(flatten)]
    pub common: RepositoryCommon,
}

impl WebhookTrigger for WorkflowJob {
    const SPEC: TriggerSpec = TriggerSpec::new("workflow_job", "Workflow job changed")
        .summary("A job of a GitHub Actions workflow was queued, is waiting for approval, started or completed.")
        .docs("https://docs.github.com/webhooks/webhook-events-and-payloads#workflow_job")
        .events(&["workflow_job.*"]);
    type Payload = Payload;
}
