//! What a connector can stand in for beyond its own actions, so that a flow can say "any issue tracker".
//!
//! What lives here: the traits, settled as far as a service has been built on them, and their erasure. What must not:
//! any one vendor's words.

use std::sync::Arc;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    cx::Cx,
    error::Result,
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
            Self::IssueTracker(_) => CapabilityKind::IssueTracker,
            Self::Chat(_) => CapabilityKind::Chat,
            Self::ToolSource(_) => CapabilityKind::ToolSource,
        }
    }
}

/// A message to a channel of a chat service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatMessage {
    /// The channel's id at the service.
    pub channel: String,
    /// The text, in the service's own markup; callers escape what comes from outside with [`Chat::escape`].
    pub text: String,
    /// The message that this one answers, if it belongs to a thread.
    pub thread: Option<String>,
}

/// A message that a chat service took.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostedMessage {
    /// The channel's id at the service.
    pub channel: String,
    /// The message's id in that channel.
    pub id: String,
}

/// Any chat service. All of them share the event logic; a new one is a message builder.
#[async_trait]
pub trait Chat: Send + Sync {
    /// Posts a message.
    ///
    /// # Errors
    /// As the action it rests on.
    async fn post(&self, cx: &Cx, message: ChatMessage) -> Result<PostedMessage>;
    /// Replaces the text of a message.
    ///
    /// # Errors
    /// As the action it rests on.
    async fn edit(&self, cx: &Cx, message: &PostedMessage, text: &str) -> Result<()>;
    /// Makes text from outside harmless in the service's markup.
    fn escape(&self, text: &str) -> String;
    /// A link in the service's markup.
    fn link(&self, url: &str, text: &str) -> String;
}

/// A new issue, in the words all trackers share. Text is plain.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewIssue {
    /// Where it goes: a repository, a project; the connection's default if it has one.
    pub container: Option<String>,
    /// The title, one line.
    pub title: String,
    /// The body.
    pub body: Option<String>,
    /// Labels.
    pub labels: Vec<String>,
}

/// An issue at a tracker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssueRef {
    /// What people call it: `PROJ-1`, `octo/repo#7`. The other calls take it.
    pub key: String,
    /// Where people look at it, if the service says.
    pub url: Option<String>,
}

/// Any issue tracker.
#[async_trait]
pub trait IssueTracker: Send + Sync {
    /// Creates an issue.
    ///
    /// # Errors
    /// As the action it rests on.
    async fn create_issue(&self, cx: &Cx, issue: NewIssue) -> Result<IssueRef>;
    /// Adds a comment; gives the comment's id.
    ///
    /// # Errors
    /// As the action it rests on.
    async fn add_comment(&self, cx: &Cx, key: &str, text: &str) -> Result<String>;
}

/// Who says a chat model's message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Sets the frame.
    System,
    /// The person.
    User,
    /// The model.
    Assistant,
}

/// One message to or from a chat model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelMessage {
    /// Who says it.
    pub role: Role,
    /// The text.
    pub content: String,
}

/// What a chat model is asked.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ChatRequest {
    /// The model's name; the connection's default if none.
    pub model: Option<String>,
    /// The conversation so far.
    pub messages: Vec<ModelMessage>,
    /// Most tokens of the answer.
    pub max_tokens: Option<u32>,
    /// Randomness, 0 to 2.
    pub temperature: Option<f32>,
}

/// What a chat model answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatReply {
    /// The text.
    pub content: String,
    /// Tokens that were read, as the service counts.
    pub input_tokens: u32,
    /// Tokens that were written.
    pub output_tokens: u32,
}

/// Chat completion by a language model.
#[async_trait]
pub trait ChatModel: Send + Sync {
    /// Completes a conversation.
    ///
    /// # Errors
    /// As the action it rests on.
    async fn chat(&self, cx: &Cx, request: ChatRequest) -> Result<ChatReply>;
    /// An estimate of the tokens of a text, without a call.
    fn count_tokens(&self, text: &str) -> usize;
}

/// Embedding of texts.
#[async_trait]
pub trait Embedder: Send + Sync {
    /// One vector a text, in the texts' order.
    ///
    /// # Errors
    /// As the action it rests on.
    async fn embed(&self, cx: &Cx, texts: &[String]) -> Result<Vec<Vec<f32>>>;
    /// The length of the vectors.
    fn dimensions(&self, cx: &Cx) -> Option<usize>;
}

/// A document in a vector index.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// Its id.
    pub id: String,
    /// Its vector.
    pub embedding: Vec<f32>,
    /// Its text, if the index keeps it.
    pub content: Option<String>,
    /// What it can be filtered by.
    pub metadata: serde_json::Map<String, Value>,
}

/// A document found, with how near it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Hit {
    /// The document's id.
    pub id: String,
    /// Nearness, higher is nearer.
    pub score: f32,
    /// Its text, if the index keeps it.
    pub content: Option<String>,
    /// Its metadata.
    pub metadata: serde_json::Map<String, Value>,
}

/// A vector index.
#[async_trait]
pub trait VectorIndex: Send + Sync {
    /// The `top_k` nearest documents that match the filter.
    ///
    /// # Errors
    /// As the action it rests on.
    async fn retrieve(&self, cx: &Cx, embedding: &[f32], top_k: usize, filter: Option<Value>) -> Result<Vec<Hit>>;
    /// Adds or replaces documents; gives how many were taken.
    ///
    /// # Errors
    /// As the action it rests on.
    async fn index(&self, cx: &Cx, documents: Vec<Document>) -> Result<usize>;
}

/// A tool of a tool source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// What it does.
    pub description: String,
    /// JSON Schema of its arguments.
    pub input_schema: Value,
}

/// A source of tools, such as an MCP server.
#[async_trait]
pub trait ToolSource: Send + Sync {
    /// All tools.
    ///
    /// # Errors
    /// As the source's transport.
    async fn tools(&self, cx: &Cx) -> Result<Vec<Tool>>;
    /// Calls one.
    ///
    /// # Errors
    /// As the tool's own.
    async fn call(&self, cx: &Cx, tool: &str, arguments: Value) -> Result<Value>;
}
