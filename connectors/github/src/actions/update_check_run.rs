//! `PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Effect, ErrorKind, Idempotency, Method, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    client::{self, FieldMap, Sentence},
    model::{self, CheckButton, CheckConclusion, CheckReport, CheckStatus},
};

/// Changes a check run.
pub struct UpdateCheckRun;

/// What to change; what is left out stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The user or organization whose repository it is.
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+$"))]
    pub owner: String,
    /// The repository's name without the owner.
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+$"))]
    pub repo: String,
    /// The check run's id.
    #[schemars(range(min = 1))]
    pub check_run_id: u64,
    /// Another name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 255))]
    pub name: Option<String>,
    /// How far it is.
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
    /// Where people read more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(url)]
    pub details_url: Option<String>,
    /// Its id in your own system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// What it found; its annotations are added to those there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<CheckReport>,
    /// Up to three buttons; a click comes back as event `check_run.requested_action`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 3))]
    pub actions: Vec<CheckButton>,
}

const FIELDS: FieldMap = &[
    ("name", "/name"),
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
    Sentence::new("Invalid app_id", ErrorKind::Permission, "only the GitHub App that made a check run may change it"),
    Sentence::new(
        "GitHub App",
        ErrorKind::Permission,
        "only GitHub Apps (and GitHub Actions) may write check runs; with another token use `create_commit_status`",
    ),
];

impl Action for UpdateCheckRun {
    const SPEC: ActionSpec = ActionSpec::new("update_check_run", "Update a check run")
        .summary("Changes a check run: how far it is, how it ended, its report; remarks are added to those there are.")
        .docs("https://docs.github.com/rest/checks/runs#update-a-check-run")
        // Not natural although it is a PATCH: annotations are added to those that are there.
        .effect(Effect::Write, Idempotency::None)
        // A write costs five points of the secondary limit, a read one.
        .cost(5)
        .defaults(&[("owner", "owner"), ("repo", "repo")])
        .examples(&[
            r#"{"owner": "octocat", "repo": "Hello-World", "check_run_id": 4, "conclusion": "success", "completed_at": "2026-05-04T01:14:52Z"}"#,
        ])
        .anti_examples(&[AntiExample {
            input: r#"{"owner": "octocat", "repo": "Hello-World", "check_run_id": 4, "conclusion": "stale"}"#,
            why: "Only GitHub itself makes a check run stale.",
        }]);
    type Input = Input;
    type Output = model::CheckRun;

    async fn run(cx: &Cx, input: Input) -> Result<model::CheckRun> {
        model::needs_conclusion(input.status, input.completed_at.is_some(), input.conclusion)?;
        let rest = format!("/check-runs/{}", input.check_run_id);
        let request = client::request(cx, Method::PATCH, &client::repo_path(&input.owner, &input.repo, &rest))?
            .endpoint("checks/update")
            .json(client::json_of(&input, &["owner", "repo", "check_run_id"])?);
        client::send_json(cx, request, FIELDS).await.map_err(|e| client::reword(e, SENTENCES))
    }
}
