//! The event `check_suite`. Repository and organization webhooks get `completed` alone; the other actions go to GitHub
//! Apps that may write checks.

use connector_core::{TriggerSpec, WebhookTrigger};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::{self, events::RepositoryCommon};

/// Something happened to a suite of checks.
pub struct CheckSuite;

/// What happened to which suite.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Payload {
    /// What happened: `completed`, `requested`, `rerequested`.
    pub action: String,
    /// The suite as it is now; its `conclusion` says how it ended.
    pub check_suite: model::CheckSuite,
    /// Where it happened and who did it.
    #[serde(flatten)]
    pub common: RepositoryCommon,
}

impl WebhookTrigger for CheckSuite {
    const SPEC: TriggerSpec = TriggerSpec::new("check_suite", "Check suite changed")
        .summary("The checks that an app makes for a push were completed, or were asked for.")
        .docs("https://docs.github.com/webhooks/webhook-events-and-payloads#check_suite")
        .events(&["check_suite.*"]);
    type Payload = Payload;
}
