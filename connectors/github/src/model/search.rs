//! What searches give. What must not live here: anything that calls.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Repository;

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
