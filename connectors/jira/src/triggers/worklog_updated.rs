//! The event `worklog_updated`.

use connector_core::{TriggerSpec, WebhookTrigger};

use crate::model::events::WorklogPayload;

/// A worklog was changed.
pub struct WorklogUpdated;

impl WebhookTrigger for WorklogUpdated {
    const SPEC: TriggerSpec = TriggerSpec::new("worklog_updated", "Worklog updated")
        .summary("A worklog was changed.")
        .docs("https://developer.atlassian.com/cloud/jira/platform/webhooks/")
        .events(&["worklog_updated"]);
    type Payload = WorklogPayload;
}
