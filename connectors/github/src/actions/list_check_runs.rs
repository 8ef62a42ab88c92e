//! `GET /repos/{owner}/{repo}/commits/{ref}/check-runs`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, ErrorKind, Method, Paging, Result, request::path_segment};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    client::{self, Sentence},
    model::{self, CheckStatus},
};

/// Lists the check runs of a commit.
pub struct ListCheckRuns;

/// Which commit's check runs, and which page of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The user or organization whose repository it is.
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+$"))]
    pub owner: String,
    /// The repository's name without the owner.
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+$"))]
    pub repo: String,
    /// A branch, a tag or a commit's SHA; `heads/NAME` and `tags/NAME` tell a branch from a tag.
    #[serde(rename = "ref")]
    #[schemars(length(min = 1, max = 255))]
    pub git_ref: String,
    /// Only those of this name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub check_name: Option<String>,
    /// Only those that are so far.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<CheckStatus>,
    /// `latest` (unless told) for the newest of each name, `all` for those before too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<Filter>,
    /// Only those of the GitHub App of this id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub app_id: Option<u64>,
    /// Most check runs of this page, 1 to 100; 30 unless told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 100))]
    pub per_page: Option<u32>,
    /// Which page: `next_page` of the page before; the first unless told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub page: Option<u32>,
}

/// Which check runs of one name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Filter {
    /// The newest.
    Latest,
    /// All.
    All,
}

/// One page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Output {
    /// How many there are in all.
    pub total_count: u64,
    /// The check runs of this page.
    pub check_runs: Vec<model::CheckRun>,
    /// The number of the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_page: Option<u32>,
}

const SENTENCES: &[Sentence] = &[Sentence::new(
    "No commit found for SHA",
    ErrorKind::NotFound,
    "the repository has no such commit, branch or tag",
)
.at("/ref")];

impl Action for ListCheckRuns {
    const SPEC: ActionSpec = ActionSpec::new("list_check_runs", "List check runs")
        .summary("Lists the check runs of a commit, a branch or a tag, page by page.")
        .docs("https://docs.github.com/rest/checks/runs#list-check-runs-for-a-git-reference")
        .read()
        .scopes(&["repo"])
        .defaults(&[("owner", "owner"), ("repo", "repo")])
        .paged(Paging { items: "/check_runs", next_output: "/next_page", next_input: "/page" })
        .total("/total_count")
        .examples(&[r#"{"owner": "octocat", "repo": "Hello-World", "ref": "main", "status": "completed"}"#])
        .anti_examples(&[AntiExample {
            input: r#"{"owner": "octocat", "repo": "Hello-World", "ref": "main", "status": "success"}"#,
            why: "`success` is how a run ended, which is no filter here; its `status` is `completed`.",
        }]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        let rest = format!("/commits/{}/check-runs", path_segment(&input.git_ref));
        let request = client::request(cx, Method::GET, &client::repo_path(&input.owner, &input.repo, &rest))?
            .endpoint("checks/list-for-ref");
        let request = client::query_of(request, &input, &["owner", "repo", "ref"])?;
        let (found, next_page): (Output, _) =
            client::send_page(cx, request, &[]).await.map_err(|e| client::reword(e, SENTENCES))?;
        Ok(Output { next_page, ..found })
    }
}
