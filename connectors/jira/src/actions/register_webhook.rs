//! `POST /rest/api/3/webhook`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Effect, Error, Idempotency, Method, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, json};

use crate::client::{self, FieldMap};

/// Registers a dynamic webhook.
pub struct RegisterWebhook;

/// What is sent where. Only an OAuth app's access token can register it, and only that app sees it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Where it is sent to. An app has one such address, for all of its webhooks.
    #[schemars(length(max = 2048), regex(pattern = r"^https://[^\s/]+\S*$"))]
    pub url: String,
    /// The events: `jira:issue_created`, `jira:issue_updated`, `jira:issue_deleted`, `comment_created`,
    /// `comment_updated`, `comment_deleted`, `issue_property_set`, `issue_property_deleted`, and what the vendor's page
    /// adds.
    #[schemars(length(min = 1, max = 100), inner(length(min = 1, max = 100), regex(pattern = "^(jira:)?[a-z_]+$")))]
    pub events: Vec<String>,
    /// The issues whose events are sent, as JQL of a small kind: the fields `issueKey`, `project`, `issuetype`,
    /// `status`, `assignee`, `reporter`, and the operators `=`, `!=`, `IN`, `NOT IN`.
    #[schemars(length(min = 1, max = 10000), regex(pattern = r"\S"))]
    pub jql_filter: String,
    /// The ids of the fields whose change makes a `jira:issue_updated`, such as `summary` or `customfield_10029`; every
    /// field unless told.
    #[serde(default)]
    #[schemars(length(max = 100), inner(length(min = 1, max = 255)))]
    pub field_ids_filter: Vec<String>,
    /// The keys of the issue properties whose change makes an event; every property unless told.
    #[serde(default)]
    #[schemars(length(max = 100), inner(length(min = 1, max = 255)))]
    pub issue_property_keys_filter: Vec<String>,
}

/// The webhook that was made. It ends after 30 days unless `refresh_webhook` renews it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Output {
    /// Its id.
    pub webhook_id: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Registered {
    webhook_registration_result: Vec<Registration>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Registration {
    created_webhook_id: Option<u64>,
    errors: Option<Vec<String>>,
}

impl Action for RegisterWebhook {
    const SPEC: ActionSpec = ActionSpec::new("register_webhook", "Register a dynamic webhook")
        .summary("Registers a dynamic webhook of an OAuth app, which sends the events of chosen issues for 30 days; API tokens use create_admin_webhook.")
        .docs("https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-webhooks/#api-rest-api-3-webhook-post")
        .effect(Effect::Write, Idempotency::None)
        .scopes(&["read:jira-work", "manage:jira-webhook"])
        .examples(&[
            r#"{"url": "https://hooks.example.com/jira/3c0f", "events": ["jira:issue_created", "jira:issue_updated"], "jql_filter": "project = ENG"}"#,
        ])
        .anti_examples(&[
            AntiExample {
                input: r#"{"url": "http://hooks.example.com/jira", "events": ["jira:issue_created"], "jql_filter": "project = ENG"}"#,
                why: "Jira sends to https addresses only.",
            },
            AntiExample {
                input: r#"{"url": "https://hooks.example.com/jira", "events": ["jira:issue_created"]}"#,
                why: "`jql_filter` says which issues; a dynamic webhook needs it.",
            },
        ]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        client::cloud_only(cx, "make the webhook in its administration, under System, WebHooks")?;
        let mut webhook = Map::new();
        webhook.insert("events".into(), input.events.into());
        webhook.insert("jqlFilter".into(), input.jql_filter.into());
        for (name, list) in
            [("fieldIdsFilter", input.field_ids_filter), ("issuePropertyKeysFilter", input.issue_property_keys_filter)]
        {
            if !list.is_empty() {
                webhook.insert(name.into(), list.into());
            }
        }
        let request = client::request(cx, Method::POST, "/webhook")?
            .endpoint("webhook.register")
            .json(json!({"url": input.url, "webhooks": [webhook]}));
        let registered: Registered = client::send_json(cx, request, FieldMap::default()).await?;
        // The answer is a success even where the one webhook in it was refused.
        match registered.webhook_registration_result.into_iter().next() {
            Some(Registration { created_webhook_id: Some(webhook_id), .. }) => Ok(Output { webhook_id }),
            Some(Registration { errors: Some(errors), .. }) => Err(client::refused_input(&errors)),
            _ => Err(Error::protocol("Jira neither names the webhook nor says why there is none")),
        }
    }
}
