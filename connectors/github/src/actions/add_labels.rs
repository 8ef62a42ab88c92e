//! `POST /repos/{owner}/{repo}/issues/{issue_number}/labels`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Effect, Idempotency, Method, Result};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use crate::{client, issues, model};

/// Adds labels to an issue or a pull request.
pub struct AddLabels;

/// Which labels, and to what.
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
    /// Names of the labels to add, 1 to 100. GitHub makes those that the repository does not have yet.
    #[schemars(length(min = 1, max = 100), inner(length(min = 1)))]
    pub labels: Vec<String>,
}

impl Action for AddLabels {
    const SPEC: ActionSpec = ActionSpec::new("add_labels", "Add labels")
        .summary("Adds labels to an issue or a pull request and leaves those that it has.")
        .docs("https://docs.github.com/rest/issues/labels#add-labels-to-an-issue")
        // Labels are a set: adding one that is there changes nothing.
        .effect(Effect::Write, Idempotency::Natural)
        .scopes(&["repo"])
        // A write costs five points of the secondary limit, a read one.
        .cost(5)
        .defaults(&[("owner", "owner"), ("repo", "repo")])
        .examples(&[
            r#"{"owner": "octocat", "repo": "Hello-World", "issue_number": 1347, "labels": ["bug", "enhancement"]}"#,
        ])
        .anti_examples(&[AntiExample {
            input: r#"{"owner": "octocat", "repo": "Hello-World", "issue_number": 1347, "labels": "bug"}"#,
            why: "`labels` is a list.",
        }]);
    type Input = Input;
    type Output = model::IssueLabels;

    async fn run(cx: &Cx, input: Input) -> Result<model::IssueLabels> {
        let path = issues::path(&input.owner, &input.repo, input.issue_number, "/labels");
        let request = client::request(cx, Method::POST, &path)?
            .endpoint("issues/add-labels")
            .json(json!({"labels": input.labels}));
        Ok(model::IssueLabels { labels: client::send_json(cx, request, issues::LABEL_FIELDS).await? })
    }
}
