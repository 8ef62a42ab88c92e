//! The event `push`.

use connector_core::{TriggerSpec, WebhookTrigger};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::{GitPerson, PushedCommit, events::RepositoryCommon};

/// Somebody pushed to a branch or a tag.
pub struct Push;

/// What was pushed where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Payload {
    /// The full ref, such as `refs/heads/main` or `refs/tags/v1.0`.
    #[serde(rename = "ref")]
    pub git_ref: String,
    /// The commit it pointed to before; forty zeros for a new ref.
    pub before: String,
    /// The commit it points to now; forty zeros for a deleted ref.
    pub after: String,
    /// Whether the push made the ref.
    #[serde(default)]
    pub created: bool,
    /// Whether the push deleted the ref.
    #[serde(default)]
    pub deleted: bool,
    /// Whether it was a force push.
    #[serde(default)]
    pub forced: bool,
    /// A page that shows the difference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compare: Option<String>,
    /// The commits, oldest first; 2048 at most.
    #[serde(default)]
    pub commits: Vec<PushedCommit>,
    /// The newest commit; none for a deleted ref.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head_commit: Option<PushedCommit>,
    /// Who pushed, as git knows them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pusher: Option<GitPerson>,
    /// Where it happened and who did it.
    #[serde(flatten)]
    pub common: RepositoryCommon,
}

impl WebhookTrigger for Push {
    const SPEC: TriggerSpec = TriggerSpec::new("push", "Push")
        .summary("Commits were pushed to a branch or tag, or a branch or tag was created or deleted.")
        .docs("https://docs.github.com/webhooks/webhook-events-and-payloads#push")
        .events(&["push"]);
    type Payload = Payload;
}
