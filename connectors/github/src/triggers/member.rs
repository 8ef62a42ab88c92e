//! The event `member`.

use connector_core::{TriggerSpec, WebhookTrigger};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::{Previous, User, events::RepositoryCommon};

/// Something happened to a collaborator.
pub struct Member;

/// What happened to which collaborator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Payload {
    /// What happened: `added`, `edited`, `removed`.
    pub action: String,
    /// The collaborator; none when the account is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<User>,
    /// What was changed, for `added` and `edited`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changes: Option<Changes>,
    /// Where it happened and who did it.
    #[serde(flatten)]
    pub common: RepositoryCommon,
}

/// What changed in what a collaborator may do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Changes {
    /// The permission.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permission: Option<PermissionChange>,
    /// The role, which may be the organization's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role_name: Option<RoleChange>,
    /// The permission until then, for `edited`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old_permission: Option<Previous>,
}

/// A changed permission: `read`, `write` or `admin`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PermissionChange {
    /// The permission until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The permission from then on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}

/// A changed role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RoleChange {
    /// The role until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The role from then on, such as `maintain`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}

impl WebhookTrigger for Member {
    const SPEC: TriggerSpec = TriggerSpec::new("member", "Collaborator changed")
        .summary("A collaborator was added to a repository or removed, or their permission was changed.")
        .docs("https://docs.github.com/webhooks/webhook-events-and-payloads#member")
        .events(&["member.*"]);
    type Payload = Payload;
}
