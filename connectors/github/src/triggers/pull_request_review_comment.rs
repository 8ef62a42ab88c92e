//! The event `pull_request_review_comment`.

use connector_core::{TriggerSpec, WebhookTrigger};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::{
    PullRequest, ReviewComment,
    events::{BodyChanges, RepositoryCommon},
};

/// Something happened to a comment on lines of a pull request.
pub struct PullRequestReviewComment;

/// What happened to which comment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Payload {
    /// What happened: `created`, `edited`, `deleted`.
    pub action: String,
    /// The comment.
    pub comment: ReviewComment,
    /// The pull request.
    pub pull_request: PullRequest,
    /// What it was before, for `edited`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changes: Option<BodyChanges>,
    /// Where it happened and who did it.
    #[serde(flatten)]
    pub common: RepositoryCommon,
}

impl WebhookTrigger for PullRequestReviewComment {
    const SPEC: TriggerSpec = TriggerSpec::new("pull_request_review_comment", "Review comment changed")
        .summary("A comment on lines of a pull request was created, edited or deleted.")
        .docs("https://docs.github.com/webhooks/webhook-events-and-payloads#pull_request_review_comment")
        .events(&["pull_request_review_comment.*"]);
    type Payload = Payload;
}
