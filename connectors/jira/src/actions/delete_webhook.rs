//! `DELETE /rest/api/3/webhook`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Effect, Idempotency, Method, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::client::{self, FieldMap};

/// Deletes dynamic webhooks.
pub struct DeleteWebhook;

/// Which webhooks.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Their ids, 1 to 100, as `register_webhook` and `list_webhooks` tell them.
    #[schemars(length(min = 1, max = 100))]
    pub webhook_ids: Vec<u64>,
}

/// What Jira took on: it deletes them a moment later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Output {
    /// The ids of the webhooks.
    pub webhook_ids: Vec<u64>,
}

impl Action for DeleteWebhook {
    const SPEC: ActionSpec = ActionSpec::new("delete_webhook", "Delete dynamic webhooks")
        .summary("Deletes dynamic webhooks of the connection's own OAuth app; ids that are not the app's are ignored.")
        .docs("https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-webhooks/#api-rest-api-3-webhook-delete")
        .effect(Effect::Destructive, Idempotency::Natural)
        .scopes(&["read:jira-work", "manage:jira-webhook"])
        .examples(&[r#"{"webhook_ids": [10000, 10001]}"#])
        .anti_examples(&[AntiExample {
            input: r#"{"webhook_ids": []}"#,
            why: "At least one webhook is needed.",
        }]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        client::cloud_only(cx, "delete the webhook in its administration, under System, WebHooks")?;
        let request = client::request(cx, Method::DELETE, "/webhook")?
            .endpoint("webhook.delete")
            .json(json!({"webhookIds": input.webhook_ids}));
        client::send(cx, request, FieldMap::default()).await?;
        Ok(Output { webhook_ids: input.webhook_ids })
    }
}
