//! `GET /rest/api/3/webhook`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Method, Paging, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    client::{self, FieldMap, OffsetPage},
    model::Webhook,
};

/// Gives the dynamic webhooks of an app.
pub struct ListWebhooks;

/// Which page.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// How many webhooks to skip from the beginning: `next_start_at` of the page before. Default 0.
    #[serde(default)]
    pub start_at: Option<u64>,
    /// Most webhooks of this page, 1 to 100; Jira may give fewer. Default 100.
    #[serde(default)]
    #[schemars(range(min = 1, max = 100))]
    pub max_results: Option<u32>,
}

/// One page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Output {
    /// The webhooks of this page.
    pub webhooks: Vec<Webhook>,
    /// `start_at` of the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_start_at: Option<u64>,
    /// How many there are in all, where Jira counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
}

impl Action for ListWebhooks {
    const SPEC: ActionSpec = ActionSpec::new("list_webhooks", "List dynamic webhooks")
        .summary("Gives the dynamic webhooks that the connection's own OAuth app registered, page by page.")
        .docs("https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-webhooks/#api-rest-api-3-webhook-get")
        .read()
        .scopes(&["read:jira-work", "manage:jira-webhook"])
        .paged(Paging { items: "/webhooks", next_output: "/next_start_at", next_input: "/start_at" })
        .total("/total")
        .examples(&[
            r#"{}"#,
            r#"{"start_at": 100}"#,
        ])
        .anti_examples(&[AntiExample {
            input: r#"{"max_results": 0}"#,
            why: "A page has at least one webhook.",
        }]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        client::cloud_only(cx, "its webhooks are listed in its administration, under System, WebHooks")?;
        let request = client::request(cx, Method::GET, "/webhook")?
            .endpoint("webhook.list")
            .query_opt("startAt", input.start_at)
            .query_opt("maxResults", input.max_results);
        let page: OffsetPage<Webhook> = client::send_json(cx, request, FieldMap::default()).await?;
        Ok(Output { next_start_at: page.next(), total: page.total, webhooks: page.values })
    }
}
