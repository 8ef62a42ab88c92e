//! `GET /repos/{owner}/{repo}/actions/runs`, and the same below `/actions/workflows/{workflow_id}`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Method, Paging, Result, request::path_segment};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{client, model};

/// Lists runs of workflows.
pub struct ListWorkflowRuns;

/// Which runs, and which page of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The user or organization whose repository it is.
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+$"))]
    pub owner: String,
    /// The repository's name without the owner.
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+$"))]
    pub repo: String,
    /// Only runs of this workflow: the name of its file without the folder, such as `deploy.yml`, or its numeric id as text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 255), regex(pattern = "^[^/]+$"))]
    pub workflow_id: Option<String>,
    /// Only runs that this login started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub actor: Option<String>,
    /// Only runs for this branch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub branch: Option<String>,
    /// Only runs that this event started, such as `push` or `pull_request`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub event: Option<String>,
    /// Only runs that are so far, or ended so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<RunStatus>,
    /// Only runs made in this time, in the form of GitHub's search: `2026-11-01..2026-11-07`, `>=2026-11-01T08:00:00Z`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 100))]
    pub created: Option<String>,
    /// Only runs for this commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub head_sha: Option<String>,
    /// Only runs of the check suite of this id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub check_suite_id: Option<u64>,
    /// Leave pull requests out of the runs; false unless told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exclude_pull_requests: Option<bool>,
    /// Most runs of this page, 1 to 100; 30 unless told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 100))]
    pub per_page: Option<u32>,
    /// Which page: `next_page` of the page before; the first unless told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub page: Option<u32>,
}

/// How far a run is, or how it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RunStatus {
    /// It has ended, however.
    Completed,
    /// It ended: somebody must do something.
    ActionRequired,
    /// It ended: cancelled.
    Cancelled,
    /// It ended: failed.
    Failure,
    /// It ended: neither good nor bad.
    Neutral,
    /// It ended: skipped.
    Skipped,
    /// It ended: GitHub gave it up.
    Stale,
    /// It ended: well.
    Success,
    /// It ended: it took too long.
    TimedOut,
    /// It runs.
    InProgress,
    /// It waits for a runner.
    Queued,
    /// It was asked for.
    Requested,
    /// It waits for somebody's consent.
    Waiting,
    /// It waits for another run.
    Pending,
}

/// One page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Output {
    /// How many there are in all. With a filter GitHub gives the first 1000 of them.
    pub total_count: u64,
    /// The runs of this page, newest first.
    pub workflow_runs: Vec<model::WorkflowRun>,
    /// The number of the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_page: Option<u32>,
}

impl Action for ListWorkflowRuns {
    const SPEC: ActionSpec = ActionSpec::new("list_workflow_runs", "List workflow runs")
        .summary("Lists runs of all workflows of a repository or of one, newest first, page by page.")
        .docs("https://docs.github.com/rest/actions/workflow-runs#list-workflow-runs-for-a-repository")
        .read()
        .scopes(&["repo"])
        .defaults(&[("owner", "owner"), ("repo", "repo")])
        .paged(Paging { items: "/workflow_runs", next_output: "/next_page", next_input: "/page" })
        .total("/total_count")
        .examples(&[
            r#"{"owner": "octocat", "repo": "Hello-World", "branch": "main", "status": "failure"}"#,
            r#"{"owner": "octocat", "repo": "Hello-World", "workflow_id": "deploy.yml", "per_page": 1}"#,
        ])
        .anti_examples(&[AntiExample {
            input: r#"{"owner": "octocat", "repo": "Hello-World", "status": "failed"}"#,
            why: "GitHub's word is `failure`.",
        }]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        let (endpoint, rest) = match &input.workflow_id {
            Some(id) => ("actions/list-workflow-runs", format!("/actions/workflows/{}/runs", path_segment(id))),
            None => ("actions/list-workflow-runs-for-repo", "/actions/runs".to_owned()),
        };
        let path = client::repo_path(&input.owner, &input.repo, &rest);
        let request = client::request(cx, Method::GET, &path)?.endpoint(endpoint);
        let request = client::query_of(request, &input, &["owner", "repo", "workflow_id"])?;
        let (found, next_page): (Output, _) = client::send_page(cx, request, &[]).await?;
        Ok(Output { next_page, ..found })
    }
}
