//! `GET /repos/{owner}/{repo}/pulls`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Method, Paging, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    client::{self, FieldMap},
    model::{self, Order, States},
};

/// Lists the pull requests of a repository, page by page.
pub struct ListPullRequests;

/// What pull requests are put in order by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Sort {
    /// When they were opened.
    Created,
    /// When they were last changed.
    Updated,
    /// How many comments they have.
    Popularity,
    /// When they were opened, and only those open for over a month with activity within the last one.
    LongRunning,
}

/// Which pull requests, and which page of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The user or organization whose repository it is.
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+$"))]
    pub owner: String,
    /// The repository's name without the owner.
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+$"))]
    pub repo: String,
    /// The state they are in: `open` unless told. A merged one is `closed`; its `merged_at` tells.
    #[serde(default)]
    pub state: Option<States>,
    /// Only those from this branch, as `owner:branch`.
    #[serde(default)]
    #[schemars(length(min = 3, max = 300), regex(pattern = "^[^:]+:.+$"))]
    pub head: Option<String>,
    /// Only those to this branch.
    #[serde(default)]
    #[schemars(length(min = 1, max = 255))]
    pub base: Option<String>,
    /// What they are put in order by: `created` unless told.
    #[serde(default)]
    pub sort: Option<Sort>,
    /// Which way: `desc` when they are in order of `created`, else `asc`, unless told.
    #[serde(default)]
    pub direction: Option<Order>,
    /// Most pull requests of this page, 1 to 100; 30 unless told.
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
    /// The pull requests of this page, without counts and without what GitHub computes for one alone.
    pub pull_requests: Vec<model::PullRequest>,
    /// The number of the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_page: Option<u32>,
}

const FIELDS: FieldMap = &[("head", "/head"), ("base", "/base"), ("state", "/state"), ("sort", "/sort")];

impl Action for ListPullRequests {
    const SPEC: ActionSpec = ActionSpec::new("list_pull_requests", "List pull requests")
        .summary("Lists the pull requests of a repository by state and branch, newest first, page by page.")
        .docs("https://docs.github.com/rest/pulls/pulls#list-pull-requests")
        .read()
        .scopes(&["repo"])
        .defaults(&[("owner", "owner"), ("repo", "repo")])
        .paged(Paging { items: "/pull_requests", next_output: "/next_page", next_input: "/page" })
        .examples(&[r#"{"owner": "octocat", "repo": "Hello-World", "state": "open", "base": "main", "per_page": 100}"#])
        .anti_examples(&[
            AntiExample {
                input: r#"{"owner": "octocat", "repo": "Hello-World", "state": "merged"}"#,
                why: "Merged pull requests are among the `closed` ones.",
            },
            AntiExample {
                input: r#"{"owner": "octocat", "repo": "Hello-World", "head": "new-topic"}"#,
                why: "GitHub takes no notice of a `head` without its owner: write `octocat:new-topic`.",
            },
        ]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        let request = client::request(cx, Method::GET, &client::repo_path(&input.owner, &input.repo, "/pulls"))?
            .endpoint("pulls/list");
        let request = client::query_of(request, &input, &["owner", "repo"])?;
        let (pull_requests, next_page) = client::send_page(cx, request, FIELDS).await?;
        Ok(Output { pull_requests, next_page })
    }
}
