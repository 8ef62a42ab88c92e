//! `DELETE /repos/{owner}/{repo}/hooks/{hook_id}`, `DELETE /orgs/{org}/hooks/{hook_id}`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Effect, ErrorKind, Idempotency, Method, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{client, model};

/// Deletes a webhook.
pub struct DeleteWebhook;

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

/// What is true now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Output {
    /// True: there is no webhook of this id, whether this call deleted it or an earlier one.
    pub deleted: bool,
}

impl Action for DeleteWebhook {
    const SPEC: ActionSpec = ActionSpec::new("delete_webhook", "Delete a webhook")
        .summary("Deletes a webhook of a repository or an organization.")
        .docs("https://docs.github.com/rest/repos/webhooks#delete-a-repository-webhook")
        .effect(Effect::Destructive, Idempotency::Natural)
        .scopes(&["admin:repo_hook"])
        // A write costs five points of the secondary limit, a read one.
        .cost(5)
        .defaults(&[("owner", "owner"), ("repo", "repo")])
        .examples(&[
            r#"{"owner": "octocat", "repo": "Hello-World", "hook_id": 12345678}"#,
            r#"{"org": "octo-org", "hook_id": 1}"#,
        ])
        .anti_examples(&[AntiExample {
            input: r#"{"owner": "octocat", "repo": "Hello-World", "url": "https://gateway.example.com/"}"#,
            why: "A webhook is named by its id; `list_webhooks` finds it.",
        }]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        let at =
            |rest: &str| client::hooks::path(input.org.as_deref(), input.owner.as_deref(), input.repo.as_deref(), rest);
        let of_an_organization = input.org.is_some();
        let request = client::request(cx, Method::DELETE, &at(&format!("/{}", input.hook_id))?)?
            .endpoint(if of_an_organization { "orgs/delete-webhook" } else { "repos/delete-webhook" });
        if let Err(refused) = client::ask(cx, request, 404, &[]).await? {
            // An OAuth app does not see an organization's webhooks of others, so there nothing can be told from a list.
            if of_an_organization || !is_gone(cx, &at("")?, input.hook_id).await? {
                return Err(refused);
            }
        }
        Ok(Output { deleted: true })
    }
}

/// 404 is also GitHub's answer to a token that may not delete. Whoever sees the whole list, and this webhook not in it, knows
/// that it is gone, such as after an earlier call whose answer was lost.
async fn is_gone(cx: &Cx, path: &str, id: u64) -> Result<bool> {
    let request = client::request(cx, Method::GET, path)?.endpoint("repos/list-webhooks").query("per_page", "100");
    let list: Result<(Vec<model::Hook>, _)> = client::send_page(cx, request, &[]).await;
    match list {
        Ok((hooks, next_page)) => Ok(next_page.is_none() && hooks.iter().all(|h| h.id != id)),
        Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::Permission) => Ok(false),
        Err(e) => Err(e),
    }
}
