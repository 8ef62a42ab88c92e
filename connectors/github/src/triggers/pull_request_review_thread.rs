//! The event `pull_request_review_thread`.

use connector_core::{TriggerSpec, WebhookTrigger};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::{PullRequest, ReviewComment, events::RepositoryCommon};

/// A thread of comments on a pull request was resolved or opened again.
pub struct PullRequestReviewThread;

/// What happened to which thread.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Payload {
    /// What happened: `resolved`, `unresolved`.
    pub action: String,
    /// The thread.
    pub thread: Thread,
    /// The pull request.
    pub pull_request: PullRequest,
    /// When the thread was changed, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<String>,
    /// Where it happened and who did it.
    #[serde(flatten)]
    pub common: RepositoryCommon,
}

/// A thread of comments on lines of a pull request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Thread {
    /// Its id in GraphQL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node_id: Option<String>,
    /// Its comments, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub comments: Vec<ReviewComment>,
}

impl WebhookTrigger for PullRequestReviewThread {
    const SPEC: TriggerSpec = TriggerSpec::new("pull_request_review_thread", "Review thread changed")
        .summary("A thread of comments on a pull request was marked as resolved or as unresolved.")
        .docs("https://docs.github.com/webhooks/webhook-events-and-payloads#pull_request_review_thread")
        .events(&["pull_request_review_thread.*"]);
    type Payload = Payload;
}
