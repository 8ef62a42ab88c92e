//! Releases and the files attached to them, in answers and in payloads.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::User;

/// A release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
// Its files are always written, since none says something; a payload may lack them.
#[schemars(extend("required" = ["id", "tag_name", "draft", "prerelease", "html_url"]))]
pub struct Release {
    /// Its numeric id.
    pub id: u64,
    /// Its id in GraphQL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node_id: Option<String>,
    /// The tag it was made of.
    pub tag_name: String,
    /// Where the tag is made if there is none: a branch or a commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_commitish: Option<String>,
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its text in Markdown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// Whether it is a draft, which only people who can push see.
    #[serde(default)]
    pub draft: bool,
    /// Whether it is marked as not ready for production.
    #[serde(default)]
    pub prerelease: bool,
    /// Whether tag and files can no longer be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub immutable: Option<bool>,
    /// Its page.
    pub html_url: String,
    /// Where files are uploaded: a URI template (RFC 6570). `upload_release_asset` follows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upload_url: Option<String>,
    /// The source code as a tar file; absent on a draft without a tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tarball_url: Option<String>,
    /// The source code as a zip file; absent on a draft without a tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zipball_url: Option<String>,
    /// The discussion that belongs to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discussion_url: Option<String>,
    /// Who made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<User>,
    /// The files attached to it.
    #[serde(default, deserialize_with = "super::list")]
    #[schemars(with = "Option<Vec<Option<ReleaseAsset>>>")]
    pub assets: Vec<ReleaseAsset>,
    /// When its commit was made, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    /// When it was published, ISO 8601; absent on a draft.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published_at: Option<String>,
    /// When it was last changed, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<String>,
}

/// A file attached to a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReleaseAsset {
    /// Its numeric id.
    pub id: u64,
    /// Its name, as GitHub took it: special characters are replaced.
    pub name: String,
    /// What the page shows in place of the name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// `uploaded`; `starter` (or `open`) while, or because, the upload did not come to its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Its media type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// Its size in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// Its checksum, such as `sha256:2151b604…`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// How often it was downloaded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub download_count: Option<u64>,
    /// Where people download it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub browser_download_url: Option<String>,
    /// Who uploaded it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uploader: Option<User>,
    /// When it was made, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    /// When it was last changed, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<String>,
}
