//! Commits, and the files that they change.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use super::User;

/// A person as git knows them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GitPerson {
    /// The name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The login, if GitHub knows one; in payloads only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// When they did it, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
}

/// Whether GitHub trusts a commit's signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Verification {
    /// Whether the signature is verified.
    #[serde(default)]
    pub verified: bool,
    /// Why, as a word: `valid`, `unsigned`, `bad_email`, …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What git keeps of a commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CommitDetail {
    /// The message, all lines.
    pub message: String,
    /// Who wrote the change, as git knows them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<GitPerson>,
    /// Who made the commit, as git knows them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub committer: Option<GitPerson>,
    /// How many comments it has on GitHub.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment_count: Option<u64>,
    /// What GitHub makes of its signature.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verification: Option<Verification>,
}

/// A commit that another one follows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CommitParent {
    /// Its SHA.
    pub sha: String,
    /// Its page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub html_url: Option<String>,
}

/// How much a commit changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CommitStats {
    /// Lines added.
    #[serde(default)]
    pub additions: u64,
    /// Lines removed.
    #[serde(default)]
    pub deletions: u64,
    /// Both together.
    #[serde(default)]
    pub total: u64,
}

/// A commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Commit {
    /// Its SHA.
    pub sha: String,
    /// Its page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub html_url: Option<String>,
    /// What git keeps of it: message, author, committer.
    pub commit: CommitDetail,
    /// The GitHub account of who wrote the change; none if the e-mail address belongs to no account.
    #[serde(default, deserialize_with = "account", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<User>")]
    pub author: Option<User>,
    /// The GitHub account of who made the commit; none if the e-mail address belongs to no account.
    #[serde(default, deserialize_with = "account", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<User>")]
    pub committer: Option<User>,
    /// The commits it follows: two or more for a merge, none for a first commit.
    #[serde(default)]
    pub parents: Vec<CommitParent>,
    /// How much it changes; only where one commit is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stats: Option<CommitStats>,
}

/// A commit as git has it, which is how payloads and runs carry it: its SHA is called `id`, and GitHub accounts are not beside
/// its people but within. So it is a shape of its own, apart from `Commit`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PushedCommit {
    /// Its SHA.
    pub id: String,
    /// The SHA of its tree.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tree_id: Option<String>,
    /// Its message, all lines.
    pub message: String,
    /// When it was committed, ISO 8601 with the committer's offset.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<String>,
    /// Its page; for `push` only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Whether it was not in the repository before; for `push` only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distinct: Option<bool>,
    /// Who wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<GitPerson>,
    /// Who committed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub committer: Option<GitPerson>,
    /// Paths that it added; for `push` only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub added: Vec<String>,
    /// Paths that it changed; for `push` only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub modified: Vec<String>,
    /// Paths that it removed; for `push` only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<String>,
}

/// GitHub gives an account, null, or an empty object.
fn account<'de, D: Deserializer<'de>>(d: D) -> Result<Option<User>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Form {
        Somebody(User),
        Nobody {},
    }
    Ok(match Option::<Form>::deserialize(d)? {
        Some(Form::Somebody(user)) => Some(user),
        Some(Form::Nobody {}) | None => None,
    })
}

/// What was done to a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ChangedFile {
    /// Its path from the repository's root.
    pub filename: String,
    /// `added`, `removed`, `modified`, `renamed`, `copied`, `changed` or `unchanged`.
    pub status: String,
    /// The SHA of its content (the blob); none where the content did not change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha: Option<String>,
    /// Lines added.
    #[serde(default)]
    pub additions: u64,
    /// Lines removed.
    #[serde(default)]
    pub deletions: u64,
    /// Both together.
    #[serde(default)]
    pub changes: u64,
    /// The difference as a unified diff without file headers; none for binary and for very large files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patch: Option<String>,
    /// Its path until then, if it was renamed or copied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_filename: Option<String>,
    /// The page of the file at that commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blob_url: Option<String>,
}
