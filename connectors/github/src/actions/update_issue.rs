//! `PATCH /repos/{owner}/{repo}/issues/{issue_number}`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Effect, Error, Idempotency, Method, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    client, issues,
    model::{self, IssueState, StateReason},
};

/// Changes an issue, or the issue side of a pull request.
pub struct UpdateIssue;

/// What to change; what is left out stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The user or organization whose repository it is.
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+$"))]
    pub owner: String,
    /// The repository's name without the owner.
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+$"))]
    pub repo: String,
    /// The number of the issue or pull request.
    #[schemars(range(min = 1))]
    pub issue_number: u64,
    /// The new title, one line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 256))]
    pub title: Option<String>,
    /// The new text in GitHub's Markdown; an empty one clears it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 65536))]
    pub body: Option<String>,
    /// `open` or `closed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<IssueState>,
    /// Why, told together with `state`: `completed` (GitHub's default), `not_planned` or `duplicate` for a closed
    /// issue, `reopened` for an open one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state_reason: Option<StateReason>,
    /// For the reason `duplicate`: the issue that this one repeats, by its numeric `id` (not its number).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub duplicate_issue_id: Option<u64>,
    /// Names of all its labels from now on; an empty list clears them. GitHub drops the change if the token's user
    /// cannot push.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 100), inner(length(min = 1)))]
    pub labels: Option<Vec<String>>,
    /// Logins of all its assignees from now on, up to ten; an empty list clears them. GitHub drops those who cannot be
    /// assigned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 10), inner(length(min = 1)))]
    pub assignees: Option<Vec<String>>,
    /// The number of a milestone of the repository; null takes the issue out of its milestone.
    #[serde(default, deserialize_with = "client::given", skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub milestone: Option<Option<u64>>,
    /// The name of an issue type of the organization, such as `Bug`; null takes the type away.
    #[serde(rename = "type", default, deserialize_with = "client::given", skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub issue_type: Option<Option<String>>,
}

impl Action for UpdateIssue {
    const SPEC: ActionSpec = ActionSpec::new("update_issue", "Update an issue")
        .summary("Changes title, text, state, labels, assignees, milestone or type of an issue.")
        .docs("https://docs.github.com/rest/issues/issues#update-an-issue")
        // Everything is set to what is told, whatever it was.
        .effect(Effect::Write, Idempotency::Natural)
        .scopes(&["repo"])
        // A write costs five points of the secondary limit, a read one.
        .cost(5)
        .defaults(&[("owner", "owner"), ("repo", "repo")])
        .examples(&[
            r#"{"owner": "octocat", "repo": "Hello-World", "issue_number": 1347, "state": "closed", "state_reason": "not_planned"}"#,
            r#"{"owner": "octocat", "repo": "Hello-World", "issue_number": 1347, "labels": ["bug", "p1"], "milestone": null}"#,
        ])
        .anti_examples(&[
            AntiExample {
                input: r#"{"owner": "octocat", "repo": "Hello-World", "issue_number": 1347, "state": "done"}"#,
                why: "GitHub knows `open` and `closed`; why an issue is closed stands in `state_reason`.",
            },
            AntiExample {
                input: r#"{"owner": "octocat", "repo": "Hello-World", "issue_number": 1347, "milestone": "v1.0"}"#,
                why: "A milestone is named by its number.",
            },
        ]);
    type Input = Input;
    type Output = model::Issue;

    async fn run(cx: &Cx, input: Input) -> Result<model::Issue> {
        // GitHub ignores a reason without a state and answers 200.
        if input.state_reason.is_some() && input.state.is_none() {
            return Err(Error::invalid_field("/state_reason", "needs `state`: GitHub ignores a reason without one"));
        }
        let body = client::json_of(&input, &["owner", "repo", "issue_number"])?;
        let path = issues::path(&input.owner, &input.repo, input.issue_number, "");
        let request = client::request(cx, Method::PATCH, &path)?.endpoint("issues/update").json(body);
        client::send_json(cx, request, issues::FIELDS).await
    }
}
