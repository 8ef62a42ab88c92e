//! The event `deployment`.

use connector_core::{TriggerSpec, WebhookTrigger};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::{
    Workflow, WorkflowRun,
    events::{self, RepositoryCommon},
};

/// A deployment was asked for.
pub struct Deployment;

/// Which deployment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Payload {
    /// What happened: `created`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// The deployment.
    pub deployment: events::Deployment,
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

impl WebhookTrigger for Deployment {
    const SPEC: TriggerSpec = TriggerSpec::new("deployment", "Deployment created")
        .summary("A deployment of a commit to an environment was asked for.")
        .docs("https://docs.github.com/webhooks/webhook-events-and-payloads#deployment")
        .events(&["deployment.*"]);
    type Payload = Payload;
}
