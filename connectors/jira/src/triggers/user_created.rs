//! The event `user_created`.

use connector_core::{TriggerSpec, WebhookTrigger};

use crate::model::events::UserPayload;

/// An account was created in the site.
pub struct UserCreated;

impl WebhookTrigger for UserCreated {
    const SPEC: TriggerSpec = TriggerSpec::new("user_created", "User created")
        .summary("An account was created in the site.")
        .docs("https://developer.atlassian.com/cloud/jira/platform/webhooks/")
        .events(&["user_created"]);
    type Payload = UserPayload;
}
