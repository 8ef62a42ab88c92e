//! `GET /repos/{owner}/{repo}/issues/{issue_number}`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Method, Result};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{client, issues, model};

/// Gives one issue. GitHub gives a pull request by the same call, with `pull_request` in it.
pub struct GetIssue;

/// Which issue.
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
}

impl Action for GetIssue {
    const SPEC: ActionSpec = ActionSpec::new("get_issue", "Get an issue")
        .summary("Gives an issue (or the issue side of a pull request) with its text, state, labels and assignees.")
        .docs("https://docs.github.com/rest/issues/issues#get-an-issue")
        .read()
        .scopes(&["repo"])
        .defaults(&[("owner", "owner"), ("repo", "repo")])
        .examples(&[r#"{"owner": "octocat", "repo": "Hello-World", "issue_number": 1347}"#])
        .anti_examples(&[AntiExample {
            input: r##"{"owner": "octocat", "repo": "Hello-World", "issue_number": "#1347"}"##,
            why: "`issue_number` is a number, without `#`.",
        }]);
    type Input = Input;
    type Output = model::Issue;

    async fn run(cx: &Cx, input: Input) -> Result<model::Issue> {
        let path = issues::path(&input.owner, &input.repo, input.issue_number, "");
        let request = client::request(cx, Method::GET, &path)?.endpoint("issues/get");
        client::send_json(cx, request, &[]).await
    }
}
