//! The event `worklog_created`.

use connector_core::{TriggerSpec, WebhookTrigger};

use crate::model::events::WorklogPayload;

/// Work was logged at an issue.
pub struct WorklogCreated;

impl WebhookTrigger for WorklogCreated {
    const SPEC: TriggerSpec = TriggerSpec::new("worklog_created", "Worklog created")
        .summary("Work was logged at an issue.")
        .docs("https://developer.atlassian.com/cloud/jira/platform/webhooks/")
        .events(&["worklog_created"]);
    type Payload = WorklogPayload;
}
