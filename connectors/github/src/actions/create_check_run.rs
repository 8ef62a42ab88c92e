//! `POST /repos/{owner}/{repo}/check-runs`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Effect, ErrorKind, Idempotency, Method, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    client::{self, FieldMap, Sentence},
    model::{self, CheckButton, CheckConclusion, CheckReport, CheckStatus},
};

/// Creates a check run on a commit.
pub struct CreateCheckRun;

/// A new check run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The user or organization whose repository it is.
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+$"))]
    pub owner: String,
    /// The repository's name without the owner.
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+$"))]
    pub repo: String,
    /// The name that people see, such as `code-coverage`.
    #[schemars(length(min = 1, max = 255))]
    pub name: String,
    /// The commit: its whole SHA.
    #[schemars(regex(pattern = "^[0-9a-fA-F]{40}([0-9a-fA-F]{24})?$"))]
    pub head_sha: String,
    /// How far it is; `queued` unless told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<CheckStatus>,
    /// How it ended, which makes it completed. Needed beside `completed_at` or the status `completed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conclusion: Option<CheckConclusion>,
    /// When it began, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "date-time"))]
    pub started_at: Option<String>,
    /// When it ended, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "date-time"))]
    pub completed_at: Option<String>,
    /// Where people read more; the app's home page unless told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(url)]
    pub details_url: Option<String>,
    /// Its id in your own system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// What it found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<CheckReport>,
    /// Up to three buttons; a click comes back as event `check_run.requested_action`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 3))]
    pub actions: Vec<CheckButton>,
}

const FIELDS: FieldMap = &[
    ("name", "/name"),
    ("head_sha", "/head_sha"),
    ("status", "/status"),
    ("conclusion", "/conclusion"),
    ("started_at", "/started_at"),
    ("completed_at", "/completed_at"),
    ("details_url", "/details_url"),
    ("output", "/output"),
    ("annotations", "/output/annotations"),
    ("actions", "/actions"),
];

const SENTENCES: &[Sentence] = &[
    Sentence::new(
        "GitHub App",
        ErrorKind::Permission,
        "only GitHub Apps (and GitHub Actions) may write check runs; with another token use `create_commit_status`",
    ),
    Sentence::new(
        "No commit found for SHA",
        ErrorKind::InvalidInput,
        "the repository has no commit of this SHA; push it first, and give the whole SHA",
    )
    .at("/head_sha"),
];

impl Action for CreateCheckRun {
    const SPEC: ActionSpec = ActionSpec::new("create_check_run", "Create a check run")
        .summary("Creates a check run on a commit, with a report and remarks on lines of code; only for GitHub Apps.")
        .docs("https://docs.github.com/rest/checks/runs#create-a-check-run")
        .effect(Effect::Write, Idempotency::None)
        // A write costs five points of the secondary limit, a read one.
        .cost(5)
        .defaults(&[("owner", "owner"), ("repo", "repo")])
        .examples(&[
            r#"{"owner": "octocat", "repo": "Hello-World", "name": "code-coverage", "head_sha": "ce587453ced02b1526dfb4cb910479d431683101", "status": "completed", "conclusion": "success", "output": {"title": "92 %", "summary": "Two points more than before."}}"#,
        ])
        .anti_examples(&[
            AntiExample {
                input: r#"{"owner": "octocat", "repo": "Hello-World", "name": "code-coverage", "head_sha": "ce587453ced02b1526dfb4cb910479d431683101", "status": "success"}"#,
                why: "How it ended is the `conclusion`; the `status` is how far it is.",
            },
            AntiExample {
                input: r#"{"owner": "octocat", "repo": "Hello-World", "name": "code-coverage", "head_sha": "main"}"#,
                why: "A check run belongs to a commit, not to a branch.",
            },
        ]);
    type Input = Input;
    type Output = model::CheckRun;

    async fn run(cx: &Cx, input: Input) -> Result<model::CheckRun> {
        model::needs_conclusion(input.status, input.completed_at.is_some(), input.conclusion)?;
        let path = client::repo_path(&input.owner, &input.repo, "/check-runs");
        let request = client::request(cx, Method::POST, &path)?
            .endpoint("checks/create")
            .json(client::json_of(&input, &["owner", "repo"])?);
        client::send_json(cx, request, FIELDS).await.map_err(|e| client::reword(e, SENTENCES))
    }
}
