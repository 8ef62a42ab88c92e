//! `POST /repos/{owner}/{repo}/hooks`, `POST /orgs/{org}/hooks`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Effect, ErrorKind, Idempotency, Method, Result};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    client::{self, FieldMap, Sentence},
    model,
};

/// Creates a webhook that signs with the connection's `webhook_secret`.
pub struct CreateWebhook;

/// A new webhook.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The organization, for a webhook of its own; `owner` and `repo` do not count then. Needs the scope `admin:org_hook`.
    #[serde(default)]
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+$"))]
    pub org: Option<String>,
    /// The user or organization whose repository it is; needed without `org`.
    #[serde(default)]
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+$"))]
    pub owner: Option<String>,
    /// The repository's name without the owner; needed without `org`.
    #[serde(default)]
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+$"))]
    pub repo: Option<String>,
    /// Where the events go, such as your gateway's address followed by `/webhooks/github/<connection>`.
    #[schemars(url, length(max = 2048), regex(pattern = "^https?://"))]
    pub url: String,
    /// The events to send, such as `push` and `pull_request`; `*` alone is all of them.
    #[schemars(length(min = 1, max = 100), inner(regex(pattern = r"^([a-z][a-z0-9_]*|\*)$")))]
    pub events: Vec<String>,
    /// Whether it sends anything yet; true unless told.
    #[serde(default)]
    pub active: Option<bool>,
}

const FIELDS: FieldMap =
    &[("url", "/url"), ("config", "/url"), ("config.url", "/url"), ("events", "/events"), ("active", "/active")];

const SENTENCES: &[Sentence] = &[
    Sentence::new(
        "Hook already exists",
        ErrorKind::Conflict,
        "there is a webhook to this address already; `list_webhooks` finds it",
    )
    .code("already_exists")
    .at("/url"),
    Sentence::new(
        "is not supported because it isn't reachable over the public Internet",
        ErrorKind::InvalidInput,
        "GitHub cannot reach this address: it must be one of the public internet",
    )
    .at("/url"),
];

impl Action for CreateWebhook {
    const SPEC: ActionSpec = ActionSpec::new("create_webhook", "Create a webhook")
        .summary("Creates a webhook of a repository or an organization, signed with the connection's webhook secret.")
        .docs("https://docs.github.com/rest/repos/webhooks#create-a-repository-webhook")
        .effect(Effect::Write, Idempotency::None)
        .scopes(&["write:repo_hook"])
        // A write costs five points of the secondary limit, a read one.
        .cost(5)
        .defaults(&[("owner", "owner"), ("repo", "repo")])
        .examples(&[
            r#"{"owner": "octocat", "repo": "Hello-World", "url": "https://gateway.example.com/webhooks/github/work", "events": ["issues", "push"]}"#,
            r#"{"org": "octo-org", "url": "https://gateway.example.com/webhooks/github/work", "events": ["*"]}"#,
        ])
        .anti_examples(&[
            AntiExample {
                input: r#"{"owner": "octocat", "repo": "Hello-World", "url": "https://gateway.example.com/", "events": ["push"], "secret": "x"}"#,
                why: "The secret is the connection's `webhook_secret` and never an input.",
            },
            AntiExample {
                input: r#"{"owner": "octocat", "repo": "Hello-World", "url": "https://gateway.example.com/", "events": ["issues.opened"]}"#,
                why: "A webhook sends `issues` whatever happened to them; choose by `action` when it arrives.",
            },
        ]);
    type Input = Input;
    type Output = model::Hook;

    async fn run(cx: &Cx, input: Input) -> Result<model::Hook> {
        let path = client::hooks::path(input.org.as_deref(), input.owner.as_deref(), input.repo.as_deref(), "")?;
        let request = client::request(cx, Method::POST, &path)?.endpoint(if input.org.is_some() {
            "orgs/create-webhook"
        } else {
            "repos/create-webhook"
        });
        let active = input.active.unwrap_or(true);
        let request = client::hooks::write(request, &input.url, &input.events, active, "webhook_secret");
        client::send_json(cx, request, FIELDS).await.map_err(|e| client::reword(e, SENTENCES))
    }
}
