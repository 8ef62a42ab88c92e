//! `GET /repos/{owner}/{repo}/releases`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Method, Paging, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{client, model};

/// Lists the releases of a repository.
pub struct ListReleases;

/// Whose releases, and which page of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The user or organization whose repository it is.
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+$"))]
    pub owner: String,
    /// The repository's name without the owner.
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+$"))]
    pub repo: String,
    /// Most releases of this page, 1 to 100; 30 unless told.
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
    /// The releases of this page; drafts are among them for those who can push.
    pub releases: Vec<model::Release>,
    /// The number of the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_page: Option<u32>,
}

impl Action for ListReleases {
    const SPEC: ActionSpec = ActionSpec::new("list_releases", "List releases")
        .summary("Lists the releases of a repository with their files, page by page.")
        .docs("https://docs.github.com/rest/releases/releases#list-releases")
        .read()
        .scopes(&["repo"])
        .defaults(&[("owner", "owner"), ("repo", "repo")])
        .paged(Paging { items: "/releases", next_output: "/next_page", next_input: "/page" })
        .examples(&[r#"{"owner": "octocat", "repo": "Hello-World", "per_page": 100}"#])
        .anti_examples(&[AntiExample {
            input: r#"{"owner": "octocat", "repo": "Hello-World", "per_page": 500}"#,
            why: "A page has at most 100 releases.",
        }]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        let path = client::repo_path(&input.owner, &input.repo, "/releases");
        let request = client::request(cx, Method::GET, &path)?.endpoint("repos/list-releases");
        let request = client::query_of(request, &input, &["owner", "repo"])?;
        let (releases, next_page) = client::send_page(cx, request, &[]).await?;
        Ok(Output { releases, next_page })
    }
}
