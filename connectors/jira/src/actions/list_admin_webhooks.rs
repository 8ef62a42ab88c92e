//! `GET /rest/webhooks/1.0/webhook`.

use connector_core::{Action, ActionSpec, Cx, Method, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    client::{self, FieldMap},
    model::{AdminWebhook, ReceivedAdminWebhook},
};

/// Gives the admin webhooks of a site.
pub struct ListAdminWebhooks;

/// Nothing is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {}

/// All of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Output {
    /// The webhooks.
    pub webhooks: Vec<AdminWebhook>,
}

impl Action for ListAdminWebhooks {
    const SPEC: ActionSpec = ActionSpec::new("list_admin_webhooks", "List admin webhooks")
        .summary("Gives the webhooks that Jira administrators made at the site; their secrets are never told.")
        .docs("https://developer.atlassian.com/cloud/jira/platform/webhooks/")
        .read()
        .examples(&[r#"{}"#]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        let Input {} = input;
        client::cloud_only(cx, "its webhooks are listed in its administration, under System, WebHooks")?;
        let request = client::request_at(cx, Method::GET, "/rest/webhooks/1.0/webhook")?.endpoint("admin_webhook.list");
        let all: Vec<ReceivedAdminWebhook> = client::send_json(cx, request, FieldMap::default()).await?;
        Ok(Output { webhooks: all.into_iter().map(AdminWebhook::try_from).collect::<Result<_>>()? })
    }
}
