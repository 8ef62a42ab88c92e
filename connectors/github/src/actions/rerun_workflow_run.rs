//! `POST /repos/{owner}/{repo}/actions/runs/{run_id}/rerun` and `…/rerun-failed-jobs`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Effect, ErrorKind, Idempotency, Method, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::client::{self, Sentence};

/// Runs a workflow's run again.
pub struct RerunWorkflowRun;

/// Which run, and how much of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The user or organization whose repository it is.
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+$"))]
    pub owner: String,
    /// The repository's name without the owner.
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+$"))]
    pub repo: String,
    /// The run's id.
    #[schemars(range(min = 1))]
    pub run_id: u64,
    /// Run only the jobs that failed, and those that need them; false unless told.
    #[serde(default)]
    pub only_failed_jobs: bool,
    /// Let the runner log for debugging; false unless told.
    #[serde(default)]
    pub enable_debug_logging: bool,
}

/// What GitHub said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Output {
    /// True: GitHub took the request, and the run's next attempt begins in a moment. The run keeps its id.
    pub rerun_requested: bool,
}

const SENTENCES: &[Sentence] = &[
    Sentence::new(
        "already running",
        ErrorKind::Conflict,
        "the run has not ended yet; wait until it has, or cancel it first",
    )
    .code("already_running"),
    Sentence::new(
        "over a month ago",
        ErrorKind::Conflict,
        "GitHub runs a run again only within 30 days of its start; start the workflow anew",
    )
    .code("too_old"),
];

impl Action for RerunWorkflowRun {
    const SPEC: ActionSpec = ActionSpec::new("rerun_workflow_run", "Rerun a workflow run")
        .summary("Runs a workflow's run again, all of it or only the jobs that failed; within 30 days of its start.")
        .docs("https://docs.github.com/rest/actions/workflow-runs#re-run-a-workflow")
        .effect(Effect::Write, Idempotency::None)
        .scopes(&["repo"])
        // A write costs five points of the secondary limit, a read one.
        .cost(5)
        .defaults(&[("owner", "owner"), ("repo", "repo")])
        .examples(&[r#"{"owner": "octocat", "repo": "Hello-World", "run_id": 30433642, "only_failed_jobs": true}"#])
        .anti_examples(&[AntiExample {
            input: r#"{"owner": "octocat", "repo": "Hello-World", "workflow_id": "deploy.yml"}"#,
            why: "What is run again is a run; a workflow is started by `dispatch_workflow`.",
        }]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        let (endpoint, what) = match input.only_failed_jobs {
            true => ("actions/re-run-workflow-failed-jobs", "rerun-failed-jobs"),
            false => ("actions/re-run-workflow", "rerun"),
        };
        let path = client::repo_path(&input.owner, &input.repo, &format!("/actions/runs/{}/{what}", input.run_id));
        let mut request = client::request(cx, Method::POST, &path)?.endpoint(endpoint);
        if input.enable_debug_logging {
            request = request.json(json!({"enable_debug_logging": true}));
        }
        // GitHub answers with an object that has nothing in it.
        let _: Map<String, Value> =
            client::send_json(cx, request, &[]).await.map_err(|e| client::reword(e, SENTENCES))?;
        Ok(Output { rerun_requested: true })
    }
}
