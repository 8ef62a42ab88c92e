//! The event `release`.

use connector_core::{TriggerSpec, WebhookTrigger};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::{self, Previous, events::RepositoryCommon};

/// Something happened to a release.
pub struct Release;

/// What happened to which release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Payload {
    /// What happened: `created` (also a draft), `published` (also a pre-release), `released` (no pre-release),
    /// `prereleased`, `edited`, `unpublished`, `deleted`. Publishing sends several of these.
    pub action: String,
    /// The release as it is now.
    pub release: model::Release,
    /// What it was before, for `edited`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changes: Option<Changes>,
    /// Where it happened and who did it.
    #[serde(flatten)]
    pub common: RepositoryCommon,
}

/// What an edit changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Changes {
    /// The title until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Previous>,
    /// The notes until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Previous>,
    /// The tag until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag_name: Option<Previous>,
    /// Whether it became the latest release.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub make_latest: Option<MakeLatest>,
}

/// Whether a release became the latest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MakeLatest {
    /// Whether it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<bool>,
}

impl WebhookTrigger for Release {
    const SPEC: TriggerSpec = TriggerSpec::new("release", "Release changed")
        .summary("A release was published, created as a draft, edited, deleted or otherwise changed.")
        .docs("https://docs.github.com/webhooks/webhook-events-and-payloads#release")
        .events(&["release.*"]);
    type Payload = Payload;
}
