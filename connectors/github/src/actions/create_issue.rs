//! `POST /repos/{owner}/{repo}/issues`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Effect, Idempotency, Method, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{client, issues, model};

/// Creates an issue. The answer has the labels and assignees that it really got.
pub struct CreateIssue;

/// A new issue.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The user or organization whose repository it is.
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+$"))]
    pub owner: String,
    /// The repository's name without the owner.
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+$"))]
    pub repo: String,
    /// The title, one line.
    #[schemars(length(min = 1, max = 256))]
    pub title: String,
    /// The text in GitHub's Markdown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 65536))]
    pub body: Option<String>,
    /// Names of labels. GitHub makes those that are new, and drops all of them if the token's user cannot push.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 100), inner(length(min = 1)))]
    pub labels: Vec<String>,
    /// Logins of up to ten assignees. GitHub drops those who cannot be assigned.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 10), inner(length(min = 1)))]
    pub assignees: Vec<String>,
    /// The number of a milestone of the repository.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub milestone: Option<u64>,
    /// The name of an issue type of the organization, such as `Bug`.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub issue_type: Option<String>,
}

impl Action for CreateIssue {
    const SPEC: ActionSpec = ActionSpec::new("create_issue", "Create an issue")
        .summary("Creates an issue in a repository, with labels, assignees and a milestone if wanted.")
        .budgets(&["content"])
        .docs("https://docs.github.com/rest/issues/issues#create-an-issue")
        .effect(Effect::Write, Idempotency::None)
        .scopes(&["repo"])
        // A write costs five points of the secondary limit, a read one.
        .cost(5)
        .defaults(&[("owner", "owner"), ("repo", "repo")])
        .examples(&[
            r#"{"owner": "octocat", "repo": "Hello-World", "title": "Found a bug", "body": "It does not *start*.", "labels": ["bug"]}"#,
        ])
        .anti_examples(&[
            AntiExample {
                input: r#"{"owner": "octocat", "repo": "octocat/Hello-World", "title": "Found a bug"}"#,
                why: "`repo` is the name alone; the owner stands in `owner`.",
            },
            AntiExample {
                input: r#"{"owner": "octocat", "repo": "Hello-World", "title": ""}"#,
                why: "GitHub refuses an issue without a title.",
            },
        ]);
    type Input = Input;
    type Output = model::Issue;

    async fn run(cx: &Cx, input: Input) -> Result<model::Issue> {
        let body = client::json_of(&input, &["owner", "repo"])?;
        let request = client::request(cx, Method::POST, &client::repo_path(&input.owner, &input.repo, "/issues"))?
            .endpoint("issues/create")
            .json(body);
        client::send_json(cx, request, issues::FIELDS).await
    }
}
