//! `GET /repos/{owner}/{repo}/commits`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Method, Paging, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    client::{self, FieldMap},
    model,
};

/// Lists commits, newest first, page by page.
pub struct ListCommits;

/// Which commits, and which page of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The user or organization whose repository it is.
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+$"))]
    pub owner: String,
    /// The repository's name without the owner.
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+$"))]
    pub repo: String,
    /// The branch, tag or commit to go back from; the default branch unless told.
    #[serde(default)]
    #[schemars(length(min = 1, max = 255))]
    pub sha: Option<String>,
    /// Only commits that touch this file or folder: its path from the repository's root.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub path: Option<String>,
    /// Only commits written by this login or e-mail address.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub author: Option<String>,
    /// Only commits made by this login or e-mail address.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub committer: Option<String>,
    /// Only commits of this time or later, ISO 8601.
    #[serde(default)]
    #[schemars(extend("format" = "date-time"))]
    pub since: Option<String>,
    /// Only commits of this time or earlier, ISO 8601.
    #[serde(default)]
    #[schemars(extend("format" = "date-time"))]
    pub until: Option<String>,
    /// Most commits of this page, 1 to 100; 30 unless told.
    #[serde(default)]
    #[schemars(range(min = 1, max = 100))]
    pub per_page: Option<u32>,
    /// Which page: `next_page` of the page before; the first unless told.
    #[serde(default)]
    #[schemars(range(min = 1))]
    pub page: Option<u32>,
}

/// One page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Output {
    /// The commits of this page, without their files.
    pub commits: Vec<model::Commit>,
    /// The number of the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_page: Option<u32>,
}

const FIELDS: FieldMap = &[("sha", "/sha"), ("path", "/path"), ("since", "/since"), ("until", "/until")];

impl Action for ListCommits {
    const SPEC: ActionSpec = ActionSpec::new("list_commits", "List commits")
        .summary("Lists the commits of a branch, of a file or of an author, newest first, page by page.")
        .docs("https://docs.github.com/rest/commits/commits#list-commits")
        .read()
        .scopes(&["repo"])
        .defaults(&[("owner", "owner"), ("repo", "repo")])
        .paged(Paging { items: "/commits", next_output: "/next_page", next_input: "/page" })
        .examples(&[
            r#"{"owner": "octocat", "repo": "Hello-World", "sha": "main", "path": "README.md", "since": "2026-11-01T00:00:00Z"}"#,
        ])
        .anti_examples(&[AntiExample {
            input: r#"{"owner": "octocat", "repo": "Hello-World", "since": "yesterday"}"#,
            why: "Times are ISO 8601, such as `2026-11-22T00:00:00Z`.",
        }]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        let request = client::request(cx, Method::GET, &client::repo_path(&input.owner, &input.repo, "/commits"))?
            .endpoint("repos/list-commits");
        let request = client::query_of(request, &input, &["owner", "repo"])?;
        let (commits, next_page) = client::send_page(cx, request, FIELDS).await?;
        Ok(Output { commits, next_page })
    }
}
