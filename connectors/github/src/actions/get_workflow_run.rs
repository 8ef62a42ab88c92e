//! `GET /repos/{owner}/{repo}/actions/runs/{run_id}`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Method, Result};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{client, model};

/// Gives a run of a workflow.
pub struct GetWorkflowRun;

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

impl Action for GetWorkflowRun {
    const SPEC: ActionSpec = ActionSpec::new("get_workflow_run", "Get a workflow run")
        .summary("Gives a run of a workflow: how far it is and how it ended.")
        .docs("https://docs.github.com/rest/actions/workflow-runs#get-a-workflow-run")
        .read()
        .scopes(&["repo"])
        .defaults(&[("owner", "owner"), ("repo", "repo")])
        .examples(&[r#"{"owner": "octocat", "repo": "Hello-World", "run_id": 30433642}"#])
        .anti_examples(&[AntiExample {
            input: r##"{"owner": "octocat", "repo": "Hello-World", "run_id": "#562"}"##,
            why: "`run_id` is the id in the run's address, not its number among the workflow's runs.",
        }]);
    type Input = Input;
    type Output = model::WorkflowRun;

    async fn run(cx: &Cx, input: Input) -> Result<model::WorkflowRun> {
        let path = client::repo_path(&input.owner, &input.repo, &format!("/actions/runs/{}", input.run_id));
        let request = client::request(cx, Method::GET, &path)?.endpoint("actions/get-workflow-run");
        client::send_json(cx, request, &[]).await
    }
}
