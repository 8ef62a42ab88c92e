//! `DELETE /rest/webhooks/1.0/webhook/{id}`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Effect, Idempotency, Method, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::client::{self, FieldMap};

/// Deletes an admin webhook.
pub struct DeleteAdminWebhook;

/// Which webhook.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Its id, as `create_admin_webhook` and `list_admin_webhooks` tell it.
    pub webhook_id: u64,
}

/// What is so now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Output {
    /// The id of the webhook.
    pub webhook_id: u64,
    /// Whether it is gone: always true.
    pub deleted: bool,
}

impl Action for DeleteAdminWebhook {
    const SPEC: ActionSpec = ActionSpec::new("delete_admin_webhook", "Delete an admin webhook")
        .summary("Deletes a webhook that a Jira administrator made, whoever it was.")
        .docs("https://developer.atlassian.com/cloud/jira/platform/webhooks/")
        .effect(Effect::Destructive, Idempotency::Natural)
        .examples(&[r#"{"webhook_id": 72}"#])
        .anti_examples(&[AntiExample {
            input: r#"{"webhook_id": "Gateway"}"#,
            why: "A webhook is found by its id; `list_admin_webhooks` tells it.",
        }]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        client::cloud_only(cx, "delete the webhook in its administration, under System, WebHooks")?;
        let path = format!("/rest/webhooks/1.0/webhook/{}", input.webhook_id);
        let request = client::request_at(cx, Method::DELETE, &path)?.endpoint("admin_webhook.delete");
        client::send(cx, request, FieldMap::default()).await?;
        Ok(Output { webhook_id: input.webhook_id, deleted: true })
    }
}
