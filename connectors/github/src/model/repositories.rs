//! Repositories as their own endpoints tell of them, more than other answers and payloads carry; and in few words.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::User;

/// A repository with what its own endpoints tell. Short-lived credentials that GitHub puts among them
/// (`temp_clone_token`) are left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RepositoryDetails {
    /// Its numeric id, which survives renames.
    pub id: u64,
    /// Its id in GraphQL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node_id: Option<String>,
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
    /// `public`, `private` or `internal`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visibility: Option<String>,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The home page of what is in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub homepage: Option<String>,
    /// Its page.
    pub html_url: String,
    /// Where git clones it from by https.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clone_url: Option<String>,
    /// Where git clones it from by ssh.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ssh_url: Option<String>,
    /// The branch that pull requests go to unless told otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_branch: Option<String>,
    /// The language that most of it is written in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Its topics.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topics: Option<Vec<String>>,
    /// Its license.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub license: Option<License>,
    /// Whether it is a fork.
    #[serde(default)]
    pub fork: bool,
    /// Whether it can only be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archived: Option<bool>,
    /// Whether GitHub switched it off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled: Option<bool>,
    /// Whether others can make repositories from it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_template: Option<bool>,
    /// Whether it has issues.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_issues: Option<bool>,
    /// How many issues and pull requests are open, together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open_issues_count: Option<u64>,
    /// How many people starred it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stargazers_count: Option<u64>,
    /// How many forks it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forks_count: Option<u64>,
    /// Its size in kilobytes, counted once an hour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// What the token's user may do with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permissions: Option<RepositoryPermissions>,
    /// Whether pull requests may be merged with a merge commit; told to those who can push.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allow_merge_commit: Option<bool>,
    /// Whether pull requests may be squashed; told to those who can push.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allow_squash_merge: Option<bool>,
    /// Whether pull requests may be rebased; told to those who can push.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allow_rebase_merge: Option<bool>,
    /// Whether pull requests may be set to merge by themselves; told to those who can push.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allow_auto_merge: Option<bool>,
    /// Whether a merged branch is deleted by itself; told to those who can push.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delete_branch_on_merge: Option<bool>,
    /// When it was made, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    /// When it was last changed, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<String>,
    /// When somebody last pushed to it, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pushed_at: Option<String>,
}

/// A license.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct License {
    /// Its key at GitHub, such as `mit`; `other` for one that GitHub does not know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its SPDX identifier, such as `MIT`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spdx_id: Option<String>,
}

/// What the token's user may do with a repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RepositoryPermissions {
    /// Read it.
    #[serde(default)]
    pub pull: bool,
    /// Sort its issues and pull requests.
    #[serde(default)]
    pub triage: bool,
    /// Write to it.
    #[serde(default)]
    pub push: bool,
    /// Change most of its settings.
    #[serde(default)]
    pub maintain: bool,
    /// Do everything with it.
    #[serde(default)]
    pub admin: bool,
}

/// A repository in few words: events of installations tell its `full_name`, those of builds its `url`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RepositoryRef {
    /// Its numeric id, which survives renames.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<u64>,
    /// Its name without the owner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Owner and name, such as `octocat/Hello-World`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub full_name: Option<String>,
    /// Whether it is private.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub private: Option<bool>,
    /// The repository in the API.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}
