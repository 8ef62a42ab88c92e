//! The event `pull_request_review`.

use connector_core::{TriggerSpec, WebhookTrigger};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::{
    PullRequest, Review,
    events::{BodyChanges, RepositoryCommon},
};

/// Something happened to a review of a pull request.
pub struct PullRequestReview;

/// What happened to which review.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Payload {
    /// What happened: `submitted`, `edited`, `dismissed`.
    pub action: String,
    /// The review; its `state` says what it came to.
    pub review: Review,
    /// The pull request.
    pub pull_request: PullRequest,
    /// What it was before, for `edited`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changes: Option<BodyChanges>,
    /// Where it happened and who did it.
    #[serde(flatten)]
    pub common: RepositoryCommon,
}

impl WebhookTrigger for PullRequestReview {
    const SPEC: TriggerSpec = TriggerSpec::new("pull_request_review", "Pull request reviewed")
        .summary("A review of a pull request was submitted, edited or dismissed.")
        .docs("https://docs.github.com/webhooks/webhook-events-and-payloads#pull_request_review")
        .events(&["pull_request_review.*"]);
    type Payload = Payload;
}
