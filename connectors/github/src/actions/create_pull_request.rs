//! `POST /repos/{owner}/{repo}/pulls`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Effect, Error, ErrorKind, Idempotency, Method, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    client::{self, FieldMap},
    model,
};

/// Opens a pull request.
pub struct CreatePullRequest;

/// A new pull request. It has either a `title` (and a `body`), or those of an `issue` that becomes one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The user or organization whose repository it is.
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+$"))]
    pub owner: String,
    /// The repository's name without the owner.
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+$"))]
    pub repo: String,
    /// The branch with the commits. From a fork: `owner:branch`.
    #[schemars(length(min = 1, max = 255))]
    pub head: String,
    /// The branch that they go to.
    #[schemars(length(min = 1, max = 255))]
    pub base: String,
    /// The title, one line; left out when `issue` is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 256))]
    pub title: Option<String>,
    /// The text in GitHub's Markdown; left out when `issue` is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 65536))]
    pub body: Option<String>,
    /// The number of an issue of the repository: it becomes the pull request, with its title, text and comments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub issue: Option<u64>,
    /// The repository with `head`, as `owner/repo`; needed only for a fork within the same organization.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$"))]
    pub head_repo: Option<String>,
    /// Whether it is a draft; false unless told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub draft: Option<bool>,
    /// Whether maintainers of the repository may push to `head`; GitHub's own default unless told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maintainer_can_modify: Option<bool>,
}

const FIELDS: FieldMap = &[
    ("head", "/head"),
    ("head_ref", "/head"),
    ("head_sha", "/head"),
    ("head_repo", "/head_repo"),
    ("base", "/base"),
    ("base_ref", "/base"),
    ("title", "/title"),
    ("body", "/body"),
    ("issue", "/issue"),
    ("issue_id", "/issue"),
    ("draft", "/draft"),
];

impl Action for CreatePullRequest {
    const SPEC: ActionSpec = ActionSpec::new("create_pull_request", "Open a pull request")
        .summary("Opens a pull request between two branches, or turns an issue into one.")
        .budgets(&["content"])
        .docs("https://docs.github.com/rest/pulls/pulls#create-a-pull-request")
        .effect(Effect::Write, Idempotency::None)
        .scopes(&["repo"])
        // A write costs five points of the secondary limit, a read one.
        .cost(5)
        .defaults(&[("owner", "owner"), ("repo", "repo")])
        .examples(&[
            r#"{"owner": "octocat", "repo": "Hello-World", "head": "new-feature", "base": "main", "title": "Amazing new feature", "body": "Please pull these changes in!"}"#,
            r#"{"owner": "octocat", "repo": "Hello-World", "head": "hubot:fix", "base": "main", "issue": 1347}"#,
        ])
        .anti_examples(&[AntiExample {
            input: r#"{"owner": "octocat", "repo": "Hello-World", "head": "new-feature", "title": "Amazing new feature"}"#,
            why: "GitHub wants to be told where the commits go to: `base`.",
        }]);
    type Input = Input;
    type Output = model::PullRequest;

    async fn run(cx: &Cx, input: Input) -> Result<model::PullRequest> {
        match (&input.title, &input.issue) {
            (None, None) => return Err(Error::invalid_field("/title", "is required unless `issue` is given")),
            (Some(_), Some(_)) => {
                return Err(Error::invalid_field("/title", "is the issue's own when `issue` is given; leave it out"));
            }
            _ => {}
        }
        let body = client::json_of(&input, &["owner", "repo"])?;
        let request = client::request(cx, Method::POST, &client::repo_path(&input.owner, &input.repo, "/pulls"))?
            .endpoint("pulls/create")
            .json(body);
        client::send_json(cx, request, FIELDS).await.map_err(taken)
    }
}

/// GitHub has no code for it: `custom`, and a text.
fn taken(e: Error) -> Error {
    if e.status() == Some(422) && e.fields().iter().any(|f| f.message.starts_with("A pull request already exists")) {
        let text = "there is an open pull request between these branches already; list_pull_requests finds it";
        return client::reworded(&e, ErrorKind::Conflict, text).with_code("already_exists");
    }
    e
}
