//! What asking for reviews and taking that back share. What must not live here: which of the two it is.

use connector_core::{Cx, Error, Method, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    client::{self, FieldMap},
    model::PullRequest,
};

/// Who is asked for a review of a pull request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RequestedReviewers {
    /// The logins of those who are asked now and gave no review yet.
    pub requested_reviewers: Vec<String>,
    /// The slugs of the teams that are asked now and gave no review yet.
    pub requested_teams: Vec<String>,
}

/// A pull request, and people and teams.
pub(crate) struct Request<'a> {
    pub(crate) owner: &'a str,
    pub(crate) repo: &'a str,
    pub(crate) pull_number: u64,
    pub(crate) reviewers: &'a [String],
    pub(crate) team_reviewers: &'a [String],
}

const FIELDS: FieldMap = &[("reviewers", "/reviewers"), ("team_reviewers", "/team_reviewers")];

impl Request<'_> {
    /// Sends it; gives who is asked then.
    pub(crate) async fn send(self, cx: &Cx, method: Method, endpoint: &'static str) -> Result<RequestedReviewers> {
        if self.reviewers.is_empty() && self.team_reviewers.is_empty() {
            return Err(Error::invalid_field("/reviewers", "names nobody, and neither does `team_reviewers`"));
        }
        let rest = format!("/pulls/{}/requested_reviewers", self.pull_number);
        let request = client::request(cx, method, &client::repo_path(self.owner, self.repo, &rest))?
            .endpoint(endpoint)
            .json(json!({"reviewers": self.reviewers, "team_reviewers": self.team_reviewers}));
        let pull: PullRequest = client::send_json(cx, request, FIELDS).await?;
        Ok(RequestedReviewers {
            requested_reviewers: pull.requested_reviewers.into_iter().filter_map(|u| u.login).collect(),
            requested_teams: pull.requested_teams.into_iter().filter_map(|t| t.slug).collect(),
        })
    }
}
