//! `POST /repos/{owner}/{repo}/actions/runs/{run_id}/cancel`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Effect, Idempotency, Method, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{client, model};

/// Cancels a run of a workflow.
pub struct CancelWorkflowRun;

/// Which run.
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
}

/// What became of the run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Output {
    /// True: the run is being cancelled, or was.
    pub cancel_requested: bool,
    /// Whether it has ended as cancelled. False while its jobs still stop, which may take minutes.
    pub cancelled: bool,
}

impl Action for CancelWorkflowRun {
    const SPEC: ActionSpec = ActionSpec::new("cancel_workflow_run", "Cancel a workflow run")
        .summary("Cancels a run of a workflow that has not ended yet; it can be run again later.")
        .docs("https://docs.github.com/rest/actions/workflow-runs#cancel-a-workflow-run")
        .effect(Effect::Write, Idempotency::Natural)
        .scopes(&["repo"])
        // A write costs five points of the secondary limit, a read one.
        .cost(5)
        .defaults(&[("owner", "owner"), ("repo", "repo")])
        .examples(&[r#"{"owner": "octocat", "repo": "Hello-World", "run_id": 30433642}"#])
        .anti_examples(&[AntiExample {
            input: r#"{"owner": "octocat", "repo": "Hello-World", "run_id": "deploy.yml"}"#,
            why: "A run is named by its id.",
        }]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        let path = client::repo_path(&input.owner, &input.repo, &format!("/actions/runs/{}", input.run_id));
        let request =
            client::request(cx, Method::POST, &format!("{path}/cancel"))?.endpoint("actions/cancel-workflow-run");
        let refused = match client::ask(cx, request, 409, &[]).await? {
            Ok(response) => {
                // An object that has nothing in it.
                response.json::<Map<String, Value>>()?;
                return Ok(Output { cancel_requested: true, cancelled: false });
            }
            Err(e) => e,
        };
        // Only of a run that has ended; one that is just about to begin anew still shows how it ended before.
        if !refused.operator_text().contains("that is completed") {
            return Err(refused);
        }
        // If it ended as cancelled, an earlier call did what this one is for.
        let request = client::request(cx, Method::GET, &path)?.endpoint("actions/get-workflow-run");
        let run: model::WorkflowRun = client::send_json(cx, request, &[]).await?;
        if run.conclusion.as_deref() == Some("cancelled") {
            Ok(Output { cancel_requested: true, cancelled: true })
        } else {
            Err(refused)
        }
    }
}
