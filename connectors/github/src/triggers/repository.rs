//! The event `repository`.

use connector_core::{TriggerSpec, WebhookTrigger};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::{Organization, Previous, User, events::RepositoryCommon};

/// Something happened to a repository.
pub struct Repository;

/// What happened to which repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Payload {
    /// What happened: `created`, `deleted`, `archived`, `unarchived`, `edited`, `renamed`, `transferred`, `publicized`,
    /// `privatized`. `deleted` is sent to webhooks of organizations and enterprises alone, `transferred` to the new
    /// owner.
    pub action: String,
    /// What it was before, for `edited`, `renamed` and `transferred`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changes: Option<Changes>,
    /// Where it happened and who did it.
    #[serde(flatten)]
    pub common: RepositoryCommon,
}

/// What a change of a repository changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Changes {
    /// The name, for `renamed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repository: Option<NameChange>,
    /// The owner, for `transferred`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<OwnerChange>,
    /// The default branch until then, for `edited`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_branch: Option<Previous>,
    /// The description until then, for `edited`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Previous>,
    /// The home page until then, for `edited`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub homepage: Option<Previous>,
    /// The topics, for `edited`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topics: Option<TopicsChange>,
}

/// A changed name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NameChange {
    /// The name until then, without the owner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Previous>,
}

/// A changed owner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OwnerChange {
    /// The owner until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<PreviousOwner>,
}

/// Who owned a repository: one of the two.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PreviousOwner {
    /// The user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<User>,
    /// The organization.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<Organization>,
}

/// Changed topics.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TopicsChange {
    /// The topics until then.
    #[serde(default, deserialize_with = "crate::model::list", skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Option<Vec<Option<String>>>")]
    pub from: Vec<String>,
}

impl WebhookTrigger for Repository {
    const SPEC: TriggerSpec = TriggerSpec::new("repository", "Repository changed")
        .summary(
            "A repository was created, deleted, archived, renamed, transferred, edited, or made public or private.",
        )
        .docs("https://docs.github.com/webhooks/webhook-events-and-payloads#repository")
        .events(&["repository.*"]);
    type Payload = Payload;
}
