//! `PUT /rest/api/3/webhook/refresh`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Effect, Error, Idempotency, Method, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    client::{self, FieldMap},
    model::text_or_number,
};

/// Renews dynamic webhooks.
pub struct RefreshWebhook;

/// Which webhooks.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Their ids, 1 to 100, as `register_webhook` and `list_webhooks` tell them.
    #[schemars(length(min = 1, max = 100))]
    pub webhook_ids: Vec<u64>,
}

/// What is so now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Output {
    /// When they end now, such as `2026-12-22T10:00:00.000+0000`; some sites say it in milliseconds of Unix time.
    pub expiration_date: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Refreshed {
    #[serde(deserialize_with = "text_or_number")]
    expiration_date: Option<String>,
}

impl Action for RefreshWebhook {
    const SPEC: ActionSpec = ActionSpec::new("refresh_webhook", "Renew dynamic webhooks")
        .summary("Gives dynamic webhooks of an OAuth app another 30 days from now; ids that are not the app's are ignored.")
        .docs("https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-webhooks/#api-rest-api-3-webhook-refresh-put")
        .effect(Effect::Write, Idempotency::Natural)
        .scopes(&["read:jira-work", "manage:jira-webhook"])
        .examples(&[r#"{"webhook_ids": [10000, 10001]}"#])
        .anti_examples(&[AntiExample {
            input: r#"{"webhook_ids": []}"#,
            why: "At least one webhook is needed.",
        }]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        client::cloud_only(cx, "webhooks of its administration do not end")?;
        let request = client::request(cx, Method::PUT, "/webhook/refresh")?
            .endpoint("webhook.refresh")
            .json(json!({"webhookIds": input.webhook_ids}));
        let refreshed: Refreshed = client::send_json(cx, request, FieldMap::default()).await?;
        let told = refreshed.expiration_date.ok_or_else(|| Error::protocol("Jira does not say until when"))?;
        Ok(Output { expiration_date: told })
    }
}
