//! Webhooks at the service: which resources can have one, and how one is made, found and removed there.
//!
//! What lives here: the trait that a connector implements, and its words. What must not: verification of what arrives
//! ([`crate::webhook`]), and keeping what was made.

use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{cx::Cx, error::Result};

/// Something at the service that events come from: a repository, a project, an organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resource {
    /// Its id, as `install` takes it.
    pub id: String,
    /// What people know it by.
    pub label: String,
    /// What it is, such as `repository`.
    pub kind: String,
}

/// A page of resources.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resources {
    /// The resources.
    pub items: Vec<Resource>,
    /// The mark of the next page; none: this is the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A webhook to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HookOrder {
    /// The resource whose events it sends; none: of the whole account.
    pub resource: Option<String>,
    /// Where the service sends to.
    pub url: String,
    /// The secret param of the connection that holds the key to sign with: goes into the request as a slot.
    pub secret: String,
    /// The triggers whose events are wanted, by name.
    pub triggers: Vec<String>,
}

/// A webhook that is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hook {
    /// The service's id of it.
    pub id: String,
    /// The resource whose events it sends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// Where it sends to.
    pub url: String,
    /// The triggers whose events it sends, by name.
    pub triggers: Vec<String>,
    /// When the service lets it end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

/// Makes and removes webhooks at the service.
#[async_trait]
pub trait Hooks: Send + Sync {
    /// Whether webhooks that are made this way can send the events of a trigger: some come to apps alone.
    fn sends(&self, trigger: &str) -> bool {
        let _ = trigger;
        true
    }

    /// What can have a webhook, a page at a time. Empty, without a next page: the account as a whole is the one resource.
    ///
    /// # Errors
    /// The service's.
    async fn resources(&self, cx: &Cx, page: Option<&str>) -> Result<Resources>;

    /// Makes one. Where the resource has one to the same address already, that is brought up to date and given back, so
    /// that doing it twice is as once.
    ///
    /// # Errors
    /// The service's.
    async fn install(&self, cx: &Cx, order: &HookOrder) -> Result<Hook>;

    /// Removes one. One that is not there any more is a success.
    ///
    /// # Errors
    /// The service's.
    async fn remove(&self, cx: &Cx, hook: &Hook) -> Result<()>;
}
