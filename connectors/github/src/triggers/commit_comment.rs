//! The event `commit_comment`.

use connector_core::{TriggerSpec, WebhookTrigger};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::{User, events::RepositoryCommon};

/// A commit was commented.
pub struct CommitComment;

/// Which comment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Payload {
    /// What happened: `created`.
    pub action: String,
    /// The comment.
    pub comment: Comment,
    /// Where it happened and who did it.
    #[serde(flatten)]
    pub common: RepositoryCommon,
}

/// A comment on a commit or on a line of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Comment {
    /// Its numeric id.
    pub id: u64,
    /// Its id in GraphQL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node_id: Option<String>,
    /// The commit.
    pub commit_id: String,
    /// The file, from the root of the repository; none for the whole commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The line in the difference; none for the whole commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<u64>,
    /// The line in the file; none for the whole commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// Its text in Markdown.
    pub body: String,
    /// Who wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<User>,
    /// What the author is to the repository: `OWNER`, `MEMBER`, `COLLABORATOR`, `CONTRIBUTOR`, `NONE`, …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author_association: Option<String>,
    /// Its page.
    pub html_url: String,
    /// When it was made, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    /// When it was last changed, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<String>,
}

impl WebhookTrigger for CommitComment {
    const SPEC: TriggerSpec = TriggerSpec::new("commit_comment", "Commit commented")
        .summary("Somebody commented a commit, or lines of one.")
        .docs("https://docs.github.com/webhooks/webhook-events-and-payloads#commit_comment")
        .events(&["commit_comment.*"]);
    type Payload = Payload;
}
