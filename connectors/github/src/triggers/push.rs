//! The event `push`.

use connector_core::{TriggerSpec, WebhookTrigger};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::{Installation, Organization, Repository, User};

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
    pub commits: Vec<Commit>,
    /// The newest commit; none for a deleted ref.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head_commit: Option<Commit>,
    /// Who pushed, as git knows them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pusher: Option<Person>,
    /// Where it happened.
    pub repository: Repository,
    /// The repository's organization, if it belongs to one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<Organization>,
    /// The app's installation, if the delivery came by a GitHub App.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub installation: Option<Installation>,
    /// Who pushed, as GitHub knows them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender: Option<User>,
}

/// A commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Commit {
    /// Its SHA.
    pub id: String,
    /// Its message, all lines.
    pub message: String,
    /// When it was committed, ISO 8601 with the committer's offset.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<String>,
    /// Its page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Whether it was not in the repository before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distinct: Option<bool>,
    /// Who wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<Person>,
    /// Paths that it added.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub added: Vec<String>,
    /// Paths that it changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub modified: Vec<String>,
    /// Paths that it removed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<String>,
}

/// A person as git knows them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Person {
    /// The name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The login, if GitHub knows one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
}

impl WebhookTrigger for Push {
    const SPEC: TriggerSpec = TriggerSpec::new("push", "Push")
        .summary("Commits were pushed to a branch or tag, or a branch or tag was created or deleted.")
        .docs("https://docs.github.com/webhooks/webhook-events-and-payloads#push")
        .events(&["push"]);
    type Payload = Payload;
}
