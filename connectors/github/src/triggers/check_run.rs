//! The event `check_run`. Repository and organization webhooks get `created` and `completed`; the other actions go to
//! the GitHub App that made the check.

use connector_core::{TriggerSpec, WebhookTrigger};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::{self, events::RepositoryCommon};

/// Something happened to a check of a commit.
pub struct CheckRun;

/// What happened to which check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Payload {
    /// What happened: `created`, `completed`, `rerequested`, `requested_action`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// The check as it is now; its `conclusion` says how it ended.
    pub check_run: model::CheckRun,
    /// Which button was pressed, for `requested_action`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requested_action: Option<RequestedAction>,
    /// Where it happened and who did it.
    #[serde(flatten)]
    pub common: RepositoryCommon,
}

/// A button that the app put on its check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RequestedAction {
    /// The name that the app gave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identifier: Option<String>,
}

impl WebhookTrigger for CheckRun {
    const SPEC: TriggerSpec = TriggerSpec::new("check_run", "Check run changed")
        .summary("A check of a commit was created, completed or asked to run again, or one of its buttons was pressed.")
        .docs("https://docs.github.com/webhooks/webhook-events-and-payloads#check_run")
        .events(&["check_run.*"]);
    type Payload = Payload;
}
