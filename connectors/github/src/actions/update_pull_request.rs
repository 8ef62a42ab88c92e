//! `PATCH /repos/{owner}/{repo}/pulls/{pull_number}`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Effect, Error, Idempotency, Method, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    client::{self, FieldMap},
    model,
};

/// Changes a pull request.
pub struct UpdatePullRequest;

/// The state that a pull request can be set to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Opened again.
    Open,
    /// Closed without being merged.
    Closed,
}

/// What becomes of it; what is left out stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The user or organization whose repository it is.
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+$"))]
    pub owner: String,
    /// The repository's name without the owner.
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+$"))]
    pub repo: String,
    /// The pull request's number.
    #[schemars(range(min = 1))]
    pub pull_number: u64,
    /// The new title, one line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 256))]
    pub title: Option<String>,
    /// The new text in GitHub's Markdown; an empty text takes it away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 65536))]
    pub body: Option<String>,
    /// The new state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<State>,
    /// The branch that the commits go to from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 255))]
    pub base: Option<String>,
    /// Whether maintainers of the repository may push to the head.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maintainer_can_modify: Option<bool>,
}

const FIELDS: FieldMap = &[
    ("title", "/title"),
    ("body", "/body"),
    ("state", "/state"),
    ("base", "/base"),
    ("base_ref", "/base"),
    ("maintainer_can_modify", "/maintainer_can_modify"),
];

impl Action for UpdatePullRequest {
    const SPEC: ActionSpec = ActionSpec::new("update_pull_request", "Update a pull request")
        .summary("Changes the title, text, target branch or state of a pull request: closes it or opens it again.")
        .docs("https://docs.github.com/rest/pulls/pulls#update-a-pull-request")
        .effect(Effect::Write, Idempotency::Natural)
        .scopes(&["repo"])
        // A write costs five points of the secondary limit, a read one.
        .cost(5)
        .defaults(&[("owner", "owner"), ("repo", "repo")])
        .examples(&[
            r#"{"owner": "octocat", "repo": "Hello-World", "pull_number": 1347, "title": "new title", "state": "closed"}"#,
        ])
        .anti_examples(&[AntiExample {
            input: r#"{"owner": "octocat", "repo": "Hello-World", "pull_number": 1347, "state": "merged"}"#,
            why: "Merging is an action of its own: `merge_pull_request`.",
        }]);
    type Input = Input;
    type Output = model::PullRequest;

    async fn run(cx: &Cx, input: Input) -> Result<model::PullRequest> {
        let body = client::json_of(&input, &["owner", "repo", "pull_number"])?;
        if body.as_object().is_none_or(serde_json::Map::is_empty) {
            return Err(Error::invalid_field("", "names nothing to change: give `title`, `body`, `state` or `base`"));
        }
        let path = client::repo_path(&input.owner, &input.repo, &format!("/pulls/{}", input.pull_number));
        let request = client::request(cx, Method::PATCH, &path)?.endpoint("pulls/update").json(body);
        client::send_json(cx, request, FIELDS).await
    }
}
