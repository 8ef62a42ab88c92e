//! What searches give. What must not live here: anything that calls.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Repository, User};

/// The order of a sorted list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// Rising: oldest or fewest first.
    Asc,
    /// Falling: newest or most first.
    Desc,
}

/// One page of results.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SearchPage<T> {
    /// How many results there are. GitHub gives the first 1000 of them at most.
    pub total_count: u64,
    /// Whether the search ran out of time, so that results may be missing.
    #[serde(default)]
    pub incomplete_results: bool,
    /// The results of this page.
    pub items: Vec<T>,
    /// The number of the next page; absent on the last, and where the first 1000 end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_page: Option<u32>,
}

/// A repository that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FoundRepository {
    /// Its numeric id, which survives renames.
    pub id: u64,
    /// Its name without the owner.
    pub name: String,
    /// Owner and name, such as `octocat/Hello-World`.
    pub full_name: String,
    /// Whose it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<User>,
    /// Whether it is private.
    #[serde(default)]
    pub private: bool,
    /// Its page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub html_url: Option<String>,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The language that most of it is written in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Whether it is a fork.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fork: Option<bool>,
    /// Whether it is archived, so that nothing in it can be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archived: Option<bool>,
    /// How many stars it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stargazers_count: Option<u64>,
    /// How many forks it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forks_count: Option<u64>,
    /// How many open issues and pull requests it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open_issues_count: Option<u64>,
    /// The branch that pull requests go to unless told otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_branch: Option<String>,
    /// When it was made, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    /// When it was last changed, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<String>,
    /// When something was last pushed to it, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pushed_at: Option<String>,
}

/// A file that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FoundFile {
    /// Its name without the folders.
    pub name: String,
    /// Its path in the repository.
    pub path: String,
    /// The id of its contents (the blob's SHA).
    pub sha: String,
    /// Its page at the commit that was searched.
    pub html_url: String,
    /// Where it lies.
    pub repository: Repository,
    /// The places that match, if they were asked for.
    #[serde(default, deserialize_with = "crate::model::list", skip_serializing_if = "Vec::is_empty")]
    pub text_matches: Vec<TextMatch>,
}

/// A piece of text with matches in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TextMatch {
    /// What the piece is of: `content` or `path`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub property: Option<String>,
    /// The piece.
    pub fragment: String,
    /// The matches in it.
    #[serde(default, deserialize_with = "crate::model::list", skip_serializing_if = "Vec::is_empty")]
    pub matches: Vec<Match>,
}

/// A match in a piece of text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Match {
    /// The text that matched.
    pub text: String,
    /// Where it begins and ends in the piece, in characters from 0.
    #[serde(default, deserialize_with = "crate::model::list", skip_serializing_if = "Vec::is_empty")]
    pub indices: Vec<u64>,
}
