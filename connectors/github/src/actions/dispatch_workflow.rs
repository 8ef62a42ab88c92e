//! `POST /repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches`.

use std::collections::BTreeMap;

use connector_core::{
    Action, ActionSpec, AntiExample, Cx, Effect, ErrorKind, Idempotency, Method, Result, request::path_segment,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::client::{self, FieldMap, Sentence};

/// Starts a workflow of GitHub Actions.
pub struct DispatchWorkflow;

/// Which workflow, and with what.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The user or organization whose repository it is.
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+$"))]
    pub owner: String,
    /// The repository's name without the owner.
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+$"))]
    pub repo: String,
    /// The name of the workflow's file without its folder, such as `deploy.yml`, or its numeric id as text.
    #[schemars(length(min = 1, max = 255), regex(pattern = "^[^/]+$"))]
    pub workflow_id: String,
    /// The branch or tag whose version of the workflow runs.
    #[serde(rename = "ref")]
    #[schemars(length(min = 1, max = 255))]
    pub git_ref: String,
    /// The inputs that the workflow file declares, as texts (`"true"`, `"3"`); at most 25, on GitHub Enterprise Server 10.
    /// What is left out has its default.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("maxProperties" = 25))]
    pub inputs: BTreeMap<String, String>,
    /// Ask for the run's id and page. GitHub Enterprise Server up to 3.19 does not know them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub return_run_details: Option<bool>,
}

/// What GitHub said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Output {
    /// True: GitHub took the request, and a run begins in a moment.
    pub dispatched: bool,
    /// The run's id, if it was asked for and GitHub told it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workflow_run_id: Option<u64>,
    /// The run's page, if it was asked for and GitHub told it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub html_url: Option<String>,
}

#[derive(Deserialize)]
struct Details {
    workflow_run_id: u64,
    #[serde(default)]
    html_url: Option<String>,
}

const FIELDS: FieldMap = &[("ref", "/ref"), ("inputs", "/inputs")];

const SENTENCES: &[Sentence] = &[
    Sentence::new("No ref found for", ErrorKind::InvalidInput, "the repository has no such branch or tag").at("/ref"),
    Sentence::new(
        "Unexpected inputs provided",
        ErrorKind::InvalidInput,
        "the workflow file of this branch or tag does not declare some of these inputs",
    )
    .at("/inputs"),
    Sentence::new(
        "Required input",
        ErrorKind::InvalidInput,
        "an input that the workflow file says is required was left out",
    )
    .at("/inputs"),
    Sentence::new(
        "does not have 'workflow_dispatch' trigger",
        ErrorKind::Conflict,
        "the workflow cannot be started by hand; add `workflow_dispatch` below `on:` in its file, on the default branch \
         too",
    ),
    Sentence::new(
        "disabled workflow",
        ErrorKind::Conflict,
        "the workflow is disabled; enable it on the repository's Actions page",
    ),
];

impl Action for DispatchWorkflow {
    const SPEC: ActionSpec = ActionSpec::new("dispatch_workflow", "Start a workflow")
        .summary("Starts a workflow of GitHub Actions that has the trigger `workflow_dispatch`, with inputs.")
        .docs("https://docs.github.com/rest/actions/workflows#create-a-workflow-dispatch-event")
        .effect(Effect::Write, Idempotency::None)
        .scopes(&["repo"])
        // A write costs five points of the secondary limit, a read one.
        .cost(5)
        .defaults(&[("owner", "owner"), ("repo", "repo")])
        .examples(&[
            r#"{"owner": "octocat", "repo": "Hello-World", "workflow_id": "deploy.yml", "ref": "main", "inputs": {"environment": "staging", "dry_run": "true"}}"#,
        ])
        .anti_examples(&[
            AntiExample {
                input: r#"{"owner": "octocat", "repo": "Hello-World", "workflow_id": ".github/workflows/deploy.yml", "ref": "main"}"#,
                why: "The workflow is named by its file alone, without the folder.",
            },
            AntiExample {
                input: r#"{"owner": "octocat", "repo": "Hello-World", "workflow_id": "deploy.yml", "ref": "main", "inputs": {"dry_run": true}}"#,
                why: "Inputs are texts: `\"true\"`.",
            },
        ]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        let rest = format!("/actions/workflows/{}/dispatches", path_segment(&input.workflow_id));
        let request = client::request(cx, Method::POST, &client::repo_path(&input.owner, &input.repo, &rest))?
            .endpoint("actions/create-workflow-dispatch")
            .json(client::json_of(&input, &["owner", "repo", "workflow_id"])?);
        let response = client::send(cx, request, FIELDS).await.map_err(|e| client::reword(e, SENTENCES))?;
        // 204 unless the details were asked for; a server that does not know them answers 204 all the same.
        if response.status.as_u16() == 204 {
            return Ok(Output { dispatched: true, workflow_run_id: None, html_url: None });
        }
        let details: Details = response.json()?;
        Ok(Output { dispatched: true, workflow_run_id: Some(details.workflow_run_id), html_url: details.html_url })
    }
}
