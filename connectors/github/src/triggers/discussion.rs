//! The event `discussion`.

use connector_core::{TriggerSpec, WebhookTrigger};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::{
    Label, Previous, Repository,
    events::{self, Category, DiscussionComment, RepositoryCommon},
};

/// Something happened to a discussion.
pub struct Discussion;

/// What happened to which discussion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Payload {
    /// What happened: `created`, `edited`, `deleted`, `answered`, `unanswered`, `category_changed`, `closed`,
    /// `reopened`, `labeled`, `unlabeled`, `locked`, `unlocked`, `pinned`, `unpinned`, `transferred`.
    pub action: String,
    /// The discussion as it is now.
    pub discussion: events::Discussion,
    /// The comment that was chosen as the answer, for `answered`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<DiscussionComment>,
    /// The comment that no longer is the answer, for `unanswered`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old_answer: Option<DiscussionComment>,
    /// The label that was added or removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<Label>,
    /// What it was before, for `edited` and `category_changed`; where it is now, for `transferred`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changes: Option<Changes>,
    /// Where it happened and who did it.
    #[serde(flatten)]
    pub common: RepositoryCommon,
}

/// What a change of a discussion changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Changes {
    /// The title until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Previous>,
    /// The text until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Previous>,
    /// The category.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<CategoryChange>,
    /// The discussion where it is now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_discussion: Option<events::Discussion>,
    /// The repository where it is now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_repository: Option<Repository>,
}

/// A changed category.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CategoryChange {
    /// The category until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Category>,
}

impl WebhookTrigger for Discussion {
    const SPEC: TriggerSpec = TriggerSpec::new("discussion", "Discussion changed")
        .summary(
            "A discussion was created, edited, answered, labeled, closed, transferred, deleted or otherwise changed.",
        )
        .docs("https://docs.github.com/webhooks/webhook-events-and-payloads#discussion")
        .events(&["discussion.*"]);
    type Payload = Payload;
}
