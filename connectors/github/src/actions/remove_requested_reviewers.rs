//! `DELETE /repos/{owner}/{repo}/pulls/{pull_number}/requested_reviewers`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Effect, Idempotency, Method, Result};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::reviewers::{Request, RequestedReviewers};

/// Takes requests for a review back.
pub struct RemoveRequestedReviewers;

/// Whom to ask no longer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
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
    /// Logins of people to ask no longer.
    #[serde(default)]
    #[schemars(inner(length(min = 1)))]
    pub reviewers: Vec<String>,
    /// Slugs of teams to ask no longer, without the organization.
    #[serde(default)]
    #[schemars(inner(length(min = 1), regex(pattern = "^[^/]+$")))]
    pub team_reviewers: Vec<String>,
}

impl Action for RemoveRequestedReviewers {
    const SPEC: ActionSpec = ActionSpec::new("remove_requested_reviewers", "Remove requested reviewers")
        .summary("Takes back the requests for a review of a pull request from people and teams.")
        .docs("https://docs.github.com/rest/pulls/review-requests#remove-requested-reviewers-from-a-pull-request")
        // Those who are not asked stay so.
        .effect(Effect::Write, Idempotency::Natural)
        .scopes(&["repo"])
        // A write costs five points of the secondary limit, a read one.
        .cost(5)
        .defaults(&[("owner", "owner"), ("repo", "repo")])
        .examples(&[
            r#"{"owner": "octocat", "repo": "Hello-World", "pull_number": 1347, "reviewers": ["octocat", "hubot"], "team_reviewers": ["justice-league"]}"#,
        ])
        .anti_examples(&[AntiExample {
            input: r#"{"owner": "octocat", "repo": "Hello-World", "pull_number": 1347, "team_reviewers": ["octo-org/justice-league"]}"#,
            why: "A team is named by its slug alone.",
        }]);
    type Input = Input;
    type Output = RequestedReviewers;

    async fn run(cx: &Cx, input: Input) -> Result<RequestedReviewers> {
        let Input { owner, repo, pull_number, reviewers, team_reviewers } = &input;
        let request = Request { owner, repo, pull_number: *pull_number, reviewers, team_reviewers };
        request.send(cx, Method::DELETE, "pulls/remove-requested-reviewers").await
    }
}
