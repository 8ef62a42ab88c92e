//! The event `issue_comment`.

use connector_core::{TriggerSpec, WebhookTrigger};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::{Changes, Comment, Issue, events::RepositoryCommon};

/// Something happened to a comment on an issue or a pull request.
pub struct IssueComment;

/// What happened to which comment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Payload {
    /// What happened: `created`, `edited`, `deleted`.
    pub action: String,
    /// The issue; its `pull_request` is there when it is a pull request.
    pub issue: Issue,
    /// The comment.
    pub comment: Comment,
    /// What it was before, for `edited`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changes: Option<Changes>,
    /// Where it happened and who did it.
    #[serde(flatten)]
    pub common: RepositoryCommon,
}

impl WebhookTrigger for IssueComment {
    const SPEC: TriggerSpec = TriggerSpec::new("issue_comment", "Issue comment changed")
        .summary("A comment on an issue or a pull request was created, edited or deleted.")
        .docs("https://docs.github.com/webhooks/webhook-events-and-payloads#issue_comment")
        .events(&["issue_comment.*"]);
    type Payload = Payload;
}
