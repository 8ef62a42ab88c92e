//! The event `worklog_deleted`.

use connector_core::{TriggerSpec, WebhookTrigger};

use crate::model::events::WorklogPayload;

/// A worklog was deleted.
pub struct WorklogDeleted;

impl WebhookTrigger for WorklogDeleted {
    const SPEC: TriggerSpec = TriggerSpec::new("worklog_deleted", "Worklog deleted")
        .summary("A worklog was deleted.")
        .docs("https://developer.atlassian.com/cloud/jira/platform/webhooks/")
        .events(&["worklog_deleted"]);
    type Payload = WorklogPayload;
}
