//! The event `user_updated`.

use connector_core::{TriggerSpec, WebhookTrigger};

use crate::model::events::UserPayload;

/// An account was changed.
pub struct UserUpdated;

impl WebhookTrigger for UserUpdated {
    const SPEC: TriggerSpec = TriggerSpec::new("user_updated", "User updated")
        .summary("An account was changed.")
        .docs("https://developer.atlassian.com/cloud/jira/platform/webhooks/")
        .events(&["user_updated"]);
    type Payload = UserPayload;
}
