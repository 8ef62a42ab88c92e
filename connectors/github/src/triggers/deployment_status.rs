//! The event `deployment_status`.

use connector_core::{TriggerSpec, WebhookTrigger};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::{
    CheckRun, Workflow, WorkflowRun,
    events::{self, Deployment, RepositoryCommon},
};

/// A deployment got a status.
pub struct DeploymentStatus;

/// Which deployment got which status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Payload {
    /// What happened: `created`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// The status.
    pub deployment_status: events::DeploymentStatus,
    /// The deployment.
    pub deployment: Deployment,
    /// The check that goes with it, for a deployment by GitHub Actions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check_run: Option<CheckRun>,
    /// The workflow that made it, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workflow: Option<Workflow>,
    /// The run that made it, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workflow_run: Option<WorkflowRun>,
    /// Where it happened and who did it.
    #[serde(flatten)]
    pub common: RepositoryCommon,
}

impl WebhookTrigger for DeploymentStatus {
    const SPEC: TriggerSpec = TriggerSpec::new("deployment_status", "Deployment status changed")
        .summary("A deployment got a new status, such as `in_progress`, `success` or `failure`.")
        .docs("https://docs.github.com/webhooks/webhook-events-and-payloads#deployment_status")
        .events(&["deployment_status.*"]);
    type Payload = Payload;
}
