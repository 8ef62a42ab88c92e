//! What a connector can stand in for beyond its own actions, so that a flow can say "any issue tracker".
//!
//! What lives here: the traits, one family a file, their erasure, and the *operations* that make a trait's methods
//! callable by name like actions (`issue_tracker.create_issue`). What must not: any one vendor's words.

pub mod chat;
pub mod forge;
pub mod issue_tracker;
pub mod models;
mod operation;

use std::sync::Arc;

pub use chat::{Chat, ChatMessage, PostedMessage};
pub use forge::Forge;
pub use issue_tracker::IssueTracker;
pub use models::{
    ChatModel, ChatReply, ChatRequest, Document, Embedder, Hit, ModelMessage, Role, Tool, ToolSource, VectorIndex,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    action::Invoke,
    spec::{CapabilityKind, CapabilitySpec},
};

/// A capability as a connector declares it, const.
#[derive(Clone, Copy)]
pub struct CapabilityDef {
    pub(crate) spec: CapabilitySpec,
    pub(crate) make: fn() -> CapabilityImpl,
}

impl CapabilityDef {
    /// A capability and the function that makes its implementation; the kinds must be the same.
    pub const fn new(spec: CapabilitySpec, make: fn() -> CapabilityImpl) -> Self {
        Self { spec, make }
    }
}

/// An implementation of a capability.
#[derive(Clone)]
#[non_exhaustive]
pub enum CapabilityImpl {
    /// Chat completion.
    ChatModel(Arc<dyn ChatModel>),
    /// Embedding.
    Embedder(Arc<dyn Embedder>),
    /// A vector index.
    VectorIndex(Arc<dyn VectorIndex>),
    /// A home of repositories and pull requests.
    Forge(Arc<dyn Forge>),
    /// An issue tracker.
    IssueTracker(Arc<dyn IssueTracker>),
    /// A chat service.
    Chat(Arc<dyn Chat>),
    /// A source of tools.
    ToolSource(Arc<dyn ToolSource>),
}

impl CapabilityImpl {
    /// Which capability it is.
    pub fn kind(&self) -> CapabilityKind {
        match self {
            Self::ChatModel(_) => CapabilityKind::ChatModel,
            Self::Embedder(_) => CapabilityKind::Embedder,
            Self::VectorIndex(_) => CapabilityKind::VectorIndex,
            Self::Forge(_) => CapabilityKind::Forge,
            Self::IssueTracker(_) => CapabilityKind::IssueTracker,
            Self::Chat(_) => CapabilityKind::Chat,
            Self::ToolSource(_) => CapabilityKind::ToolSource,
        }
    }

    /// The family's methods as actions, called `<kind>.<method>`. Families whose callers are all Rust so far (models,
    /// indexes, tools) have none.
    pub(crate) fn operations(&self, connector: &str) -> Vec<Arc<dyn Invoke>> {
        let kind = self.kind();
        match self {
            Self::Forge(f) => operation::all(connector, kind, f, forge::OPERATIONS),
            Self::IssueTracker(t) => operation::all(connector, kind, t, issue_tracker::OPERATIONS),
            Self::Chat(c) => operation::all(connector, kind, c, chat::OPERATIONS),
            Self::ChatModel(_) | Self::Embedder(_) | Self::VectorIndex(_) | Self::ToolSource(_) => Vec::new(),
        }
    }
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Page<T> {
    /// The items, in the service's order.
    pub items: Vec<T>,
    /// Where the next page begins, in the service's own words; none on the last. Give it back as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// Somebody with an account at the service.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Person {
    /// How the service's calls name the account: a login, an account id. Assigning takes it.
    pub id: String,
    /// The name people see.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The e-mail address, where the service shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Whether it is a program's account, where the service says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bot: Option<bool>,
}
