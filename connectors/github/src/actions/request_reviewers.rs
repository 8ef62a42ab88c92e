//! `POST /repos/{owner}/{repo}/pulls/{pull_number}/requested_reviewers`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Effect, Idempotency, Method, Result};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::reviewers::{Request, RequestedReviewers};

/// Asks people and teams for a review.
pub struct RequestReviewers;

/// Whom to ask.
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
    /// Logins of people to ask.
    #[serde(default)]
    #[schemars(inner(length(min = 1)))]
    pub reviewers: Vec<String>,
    /// Slugs of teams to ask, without the organization.
    #[serde(default)]
    #[schemars(inner(length(min = 1), regex(pattern = "^[^/]+$")))]
    pub team_reviewers: Vec<String>,
}

impl Action for RequestReviewers {
    const SPEC: ActionSpec = ActionSpec::new("request_reviewers", "Request reviewers")
        .summary("Asks people and teams to review a pull request.")
        .docs("https://docs.github.com/rest/pulls/review-requests#request-reviewers-for-a-pull-request")
        // Those who are asked already stay asked.
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
        request.send(cx, Method::POST, "pulls/request-reviewers").await
    }
}
