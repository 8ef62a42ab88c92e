//! A file at an issue.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Account, account, lenient, text_or_number};

/// A file at an issue, without its content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
// Read as Jira writes it, given as all outputs are written.
#[serde(rename_all(deserialize = "camelCase"))]
pub struct Attachment {
    /// Its id, as text.
    #[serde(default, deserialize_with = "text_or_number", skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The file's name.
    pub filename: String,
    /// Its size in bytes.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// Its media type, such as `image/png`, as Jira guessed it.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub mime_type: Option<String>,
    /// When it was added, such as `2026-11-22T10:00:00.000+0000`.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
    /// Who added it.
    #[serde(default, deserialize_with = "account", skip_serializing_if = "Option::is_none")]
    pub author: Option<Account>,
    /// The address of its content; it needs the connection's credentials.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    /// The address of a small picture of it, where there is one.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub thumbnail: Option<String>,
}
