//! `POST /repos/{owner}/{repo}/hooks/{hook_id}/pings`, `POST /orgs/{org}/hooks/{hook_id}/pings`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Effect, Idempotency, Method, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::client;

/// Makes a webhook send a `ping`.
pub struct PingWebhook;

/// Which webhook.
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
    /// The webhook's id.
    #[schemars(range(min = 1))]
    pub hook_id: u64,
}

/// What GitHub said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Output {
    /// True: GitHub sends the event `ping`. Whether it arrives shows at the receiver, or in `last_response` of
    /// `list_webhooks`.
    pub pinged: bool,
}

impl Action for PingWebhook {
    const SPEC: ActionSpec = ActionSpec::new("ping_webhook", "Ping a webhook")
        .summary("Makes a webhook of a repository or an organization send the event `ping`, to see whether it arrives.")
        .docs("https://docs.github.com/rest/repos/webhooks#ping-a-repository-webhook")
        // Two pings are two deliveries.
        .effect(Effect::Write, Idempotency::None)
        .scopes(&["write:repo_hook"])
        // A write costs five points of the secondary limit, a read one.
        .cost(5)
        .defaults(&[("owner", "owner"), ("repo", "repo")])
        .examples(&[
            r#"{"owner": "octocat", "repo": "Hello-World", "hook_id": 12345678}"#,
            r#"{"org": "octo-org", "hook_id": 1}"#,
        ])
        .anti_examples(&[AntiExample {
            input: r#"{"owner": "octocat", "repo": "Hello-World"}"#,
            why: "A webhook is named by its id; `list_webhooks` finds it.",
        }]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        let rest = format!("/{}/pings", input.hook_id);
        let path = client::hooks::path(input.org.as_deref(), input.owner.as_deref(), input.repo.as_deref(), &rest)?;
        let endpoint = if input.org.is_some() { "orgs/ping-webhook" } else { "repos/ping-webhook" };
        client::send(cx, client::request(cx, Method::POST, &path)?.endpoint(endpoint), &[]).await?;
        Ok(Output { pinged: true })
    }
}
