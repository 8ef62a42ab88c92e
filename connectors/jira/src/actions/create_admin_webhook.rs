//! `POST /rest/webhooks/1.0/webhook`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Effect, Idempotency, Method, Result, SecretSlot};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use crate::{
    client::{self, FieldMap},
    model::{AdminWebhook, ISSUE_FILTER, ReceivedAdminWebhook},
};

/// Creates an admin webhook.
pub struct CreateAdminWebhook;

/// What is sent where. It is signed with the connection's `webhook_secret`, which is needed and never shown again.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Its name, as the list of webhooks in Jira shows it.
    #[schemars(length(min = 1, max = 255), regex(pattern = r"\S"))]
    pub name: String,
    /// Where it is sent to: the gateway's address followed by `/webhooks/jira/` and the connection's id.
    #[schemars(length(max = 2048), regex(pattern = r"^https://[^\s/]+\S*$"))]
    pub url: String,
    /// The events, such as `jira:issue_created`, `jira:issue_updated`, `comment_created`, `worklog_updated`,
    /// `jira:version_released`, `sprint_started`; the vendor's page lists them.
    #[schemars(length(min = 1, max = 100), inner(length(min = 1, max = 100), regex(pattern = "^(jira:)?[a-z_]+$")))]
    pub events: Vec<String>,
    /// The issues whose events are sent, as JQL, such as `project = ENG`; those of all issues unless told. Events of
    /// versions, sprints and projects are not narrowed by it.
    #[serde(default)]
    #[schemars(length(min = 1, max = 10000), regex(pattern = r"\S"))]
    pub jql_filter: Option<String>,
}

const FIELDS: FieldMap = FieldMap {
    known: &[("name", "/name"), ("url", "/url"), ("events", "/events"), ("filters", "/jql_filter")],
    rest: None,
};

impl Action for CreateAdminWebhook {
    const SPEC: ActionSpec = ActionSpec::new("create_admin_webhook", "Create an admin webhook")
        .summary("Creates a signed webhook of the site as a Jira administrator can; it never ends, and an API token is enough.")
        .docs("https://developer.atlassian.com/cloud/jira/platform/webhooks/")
        .effect(Effect::Write, Idempotency::None)
        .examples(&[
            r#"{"name": "Gateway", "url": "https://gateway.example.com/webhooks/jira/my-jira", "events": ["jira:issue_created", "jira:issue_updated"], "jql_filter": "project = ENG"}"#,
        ])
        .anti_examples(&[
            AntiExample {
                input: r#"{"name": "Gateway", "url": "https://gateway.example.com/webhooks/jira/my-jira", "events": ["jira:issue_created"], "secret": "x"}"#,
                why: "The secret is the connection's `webhook_secret`, never an input.",
            },
            AntiExample {
                input: r#"{"name": "Gateway", "url": "https://gateway.example.com/webhooks/jira/my-jira", "events": []}"#,
                why: "At least one event is needed.",
            },
        ]);
    type Input = Input;
    type Output = AdminWebhook;

    async fn run(cx: &Cx, input: Input) -> Result<AdminWebhook> {
        client::cloud_only(cx, "make the webhook in its administration, under System, WebHooks")?;
        let mut body = json!({"name": input.name, "url": input.url, "events": input.events, "excludeBody": false});
        if let (Some(jql), Some(fields)) = (input.jql_filter, body.as_object_mut()) {
            fields.insert("filters".into(), json!({ ISSUE_FILTER: jql }));
        }
        // Without a secret Jira signs nothing, and what is not signed is refused here: a connection without one is an error.
        let secret = SecretSlot::BodyField { name: "secret", secret: "webhook_secret".into() };
        let request = client::request_at(cx, Method::POST, "/rest/webhooks/1.0/webhook")?
            .endpoint("admin_webhook.create")
            .json(body)
            .secret(secret);
        client::send_json::<ReceivedAdminWebhook>(cx, request, FIELDS).await?.try_into()
    }
}
