//! `POST /repos/{owner}/{repo}/statuses/{sha}`.

use connector_core::{
    Action, ActionSpec, AntiExample, Cx, Effect, ErrorKind, Idempotency, Method, Result, request::path_segment,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    client::{self, FieldMap, Sentence},
    model,
};

/// Says how something did with a commit, such as a build.
pub struct CreateCommitStatus;

/// A commit and how it did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The user or organization whose repository it is.
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+$"))]
    pub owner: String,
    /// The repository's name without the owner.
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+$"))]
    pub repo: String,
    /// The commit: its whole SHA.
    #[schemars(regex(pattern = "^[0-9a-fA-F]{40}([0-9a-fA-F]{24})?$"))]
    pub sha: String,
    /// How it did.
    pub state: State,
    /// Where people read more, such as the build's page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(url)]
    pub target_url: Option<String>,
    /// A short text about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 140))]
    pub description: Option<String>,
    /// What tells it from the statuses of other systems, whatever its case; `default` unless told. A branch rule names the
    /// contexts that must be good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 255))]
    pub context: Option<String>,
}

/// How a commit did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// The system itself failed.
    Error,
    /// The commit is bad.
    Failure,
    /// It is not known yet.
    Pending,
    /// The commit is good.
    Success,
}

const FIELDS: FieldMap = &[
    ("sha", "/sha"),
    ("state", "/state"),
    ("target_url", "/target_url"),
    ("description", "/description"),
    ("context", "/context"),
];

const SENTENCES: &[Sentence] = &[Sentence::new(
    "No commit found for SHA",
    ErrorKind::InvalidInput,
    "the repository has no commit of this SHA; push it first, and give the whole SHA",
)
.at("/sha")];

impl Action for CreateCommitStatus {
    const SPEC: ActionSpec = ActionSpec::new("create_commit_status", "Set a commit's status")
        .summary("Says how something did with a commit, such as a build: pending, success, failure or error.")
        .docs("https://docs.github.com/rest/commits/statuses#create-a-commit-status")
        // Every call makes one more status, of which only the newest of a context counts: said twice is said once.
        .effect(Effect::Write, Idempotency::Natural)
        .scopes(&["repo:status"])
        // A write costs five points of the secondary limit, a read one.
        .cost(5)
        .defaults(&[("owner", "owner"), ("repo", "repo")])
        .examples(&[
            r#"{"owner": "octocat", "repo": "Hello-World", "sha": "6dcb09b5b57875f334f61aebed695e2e4193db5e", "state": "success", "context": "ci/build"}"#,
        ])
        .anti_examples(&[
            AntiExample {
                input: r#"{"owner": "octocat", "repo": "Hello-World", "sha": "main", "state": "success"}"#,
                why: "A status belongs to a commit, not to a branch.",
            },
            AntiExample {
                input: r#"{"owner": "octocat", "repo": "Hello-World", "sha": "6dcb09b5b57875f334f61aebed695e2e4193db5e", "state": "failed"}"#,
                why: "GitHub's word is `failure`.",
            },
        ]);
    type Input = Input;
    type Output = model::CommitStatus;

    async fn run(cx: &Cx, input: Input) -> Result<model::CommitStatus> {
        let rest = format!("/statuses/{}", path_segment(&input.sha));
        let request = client::request(cx, Method::POST, &client::repo_path(&input.owner, &input.repo, &rest))?
            .endpoint("repos/create-commit-status")
            .json(client::json_of(&input, &["owner", "repo", "sha"])?);
        client::send_json(cx, request, FIELDS).await.map_err(|e| client::reword(e, SENTENCES))
    }
}
