//! `GET /repos/{owner}/{repo}/hooks`, `GET /orgs/{org}/hooks`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Method, Paging, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{client, model};

/// Lists webhooks.
pub struct ListWebhooks;

/// Whose webhooks, and which page of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The organization, for a webhook of its own; `owner` and `repo` do not count then. Needs the scope `admin:org_hook`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+$"))]
    pub org: Option<String>,
    /// The user or organization whose repository it is; needed without `org`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+$"))]
    pub owner: Option<String>,
    /// The repository's name without the owner; needed without `org`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+$"))]
    pub repo: Option<String>,
    /// Most webhooks of this page, 1 to 100; 30 unless told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 100))]
    pub per_page: Option<u32>,
    /// Which page: `next_page` of the page before; the first unless told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub page: Option<u32>,
}

/// One page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Output {
    /// The webhooks of this page.
    pub webhooks: Vec<model::Hook>,
    /// The number of the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_page: Option<u32>,
}

impl Action for ListWebhooks {
    const SPEC: ActionSpec = ActionSpec::new("list_webhooks", "List webhooks")
        .summary("Lists the webhooks of a repository or an organization, page by page, without their secrets.")
        .docs("https://docs.github.com/rest/repos/webhooks#list-repository-webhooks")
        .read()
        .scopes(&["read:repo_hook"])
        .defaults(&[("owner", "owner"), ("repo", "repo")])
        .paged(Paging { items: "/webhooks", next_output: "/next_page", next_input: "/page" })
        .examples(&[r#"{"owner": "octocat", "repo": "Hello-World"}"#, r#"{"org": "octo-org"}"#])
        .anti_examples(&[AntiExample {
            input: r#"{"org": "octo-org", "per_page": 500}"#,
            why: "A page has at most 100 webhooks.",
        }]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        let path = client::hooks::path(input.org.as_deref(), input.owner.as_deref(), input.repo.as_deref(), "")?;
        let endpoint = if input.org.is_some() { "orgs/list-webhooks" } else { "repos/list-webhooks" };
        let request = client::request(cx, Method::GET, &path)?.endpoint(endpoint);
        let request = client::query_of(request, &input, &["org", "owner", "repo"])?;
        let (webhooks, next_page) = client::send_page(cx, request, &[]).await?;
        Ok(Output { webhooks, next_page })
    }
}
