//! Files and folders, and the commits that write them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What lies in a folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FolderEntry {
    /// `file`, `dir`, `symlink` or `submodule`. GitHub calls a submodule in a folder `file` too; its size is 0 then.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Its path from the repository's root.
    pub path: String,
    /// The SHA of its content (the blob), of the folder (the tree) or of the submodule's commit.
    pub sha: String,
    /// Its size in bytes; 0 for a folder.
    #[serde(default)]
    pub size: u64,
    /// Its page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub html_url: Option<String>,
}

/// A file as it is after it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WrittenFile {
    /// Its path from the repository's root.
    pub path: String,
    /// The SHA of its content (the blob): the next change takes it as `sha`.
    pub sha: String,
    /// Its size in bytes.
    #[serde(default)]
    pub size: u64,
    /// Its page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub html_url: Option<String>,
}

/// The commit that wrote or deleted a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WritingCommit {
    /// Its SHA.
    pub sha: String,
    /// Its page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub html_url: Option<String>,
    /// Its message, all lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

impl From<super::Commit> for WritingCommit {
    fn from(c: super::Commit) -> Self {
        Self { sha: c.sha, html_url: c.html_url, message: Some(c.commit.message) }
    }
}

/// Who a commit is said to be from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CommitPerson {
    /// The name.
    #[schemars(length(min = 1))]
    pub name: String,
    /// The e-mail address.
    #[schemars(extend("format" = "email"))]
    pub email: String,
    /// When they did it, ISO 8601; now unless told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "date-time"))]
    pub date: Option<String>,
}
