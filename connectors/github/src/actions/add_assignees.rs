//! `POST /repos/{owner}/{repo}/issues/{issue_number}/assignees`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Effect, Idempotency, Method, Result};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use crate::{client, issues, model};

/// Assigns people to an issue or a pull request.
pub struct AddAssignees;

/// Who, and to what.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
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
    /// Logins, up to ten. GitHub drops those who cannot be assigned, without a word: the output says who is assigned
    /// then.
    #[schemars(length(min = 1, max = 10), inner(length(min = 1)))]
    pub assignees: Vec<String>,
}

impl Action for AddAssignees {
    const SPEC: ActionSpec = ActionSpec::new("add_assignees", "Add assignees")
        .summary("Assigns up to ten more people to an issue or a pull request, and leaves those who are assigned.")
        .docs("https://docs.github.com/rest/issues/assignees#add-assignees-to-an-issue")
        // Assignees are a set: adding somebody who is there changes nothing.
        .effect(Effect::Write, Idempotency::Natural)
        .scopes(&["repo"])
        // A write costs five points of the secondary limit, a read one.
        .cost(5)
        .defaults(&[("owner", "owner"), ("repo", "repo")])
        .examples(&[
            r#"{"owner": "octocat", "repo": "Hello-World", "issue_number": 1347, "assignees": ["hubot", "other_user"]}"#,
        ])
        .anti_examples(&[AntiExample {
            input: r#"{"owner": "octocat", "repo": "Hello-World", "issue_number": 1347, "assignees": []}"#,
            why: "Somebody must be named.",
        }]);
    type Input = Input;
    type Output = model::Issue;

    async fn run(cx: &Cx, input: Input) -> Result<model::Issue> {
        let path = issues::path(&input.owner, &input.repo, input.issue_number, "/assignees");
        let request = client::request(cx, Method::POST, &path)?
            .endpoint("issues/add-assignees")
            .json(json!({"assignees": input.assignees}));
        client::send_json(cx, request, issues::FIELDS).await
    }
}
