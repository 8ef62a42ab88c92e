//! Language models, embeddings, vector indexes and tools.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{cx::Cx, error::Result};

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
