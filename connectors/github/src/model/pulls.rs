//! Pull requests, reviews, and comments on lines of a difference.

use connector_core::{Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Label, Milestone, Repository, User};

/// A team of an organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Team {
    /// Its numeric id.
    pub id: u64,
    /// Its name in addresses: what requests for a review take.
    pub slug: String,
    /// Its name as people see it.
    pub name: String,
    /// Its page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub html_url: Option<String>,
}

/// One end of a pull request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PullRequestEnd {
    /// Owner and branch: `octocat:new-topic`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The branch's name.
    #[serde(rename = "ref")]
    pub git_ref: String,
    /// The branch's newest commit.
    pub sha: String,
    /// The repository; none if it was a fork that is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repo: Option<Repository>,
}

/// A pull request. What only one of them costs GitHub to compute (`mergeable`, counts, `merged`) is absent from lists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PullRequest {
    /// Its numeric id, unique at GitHub.
    pub id: u64,
    /// Its id in GraphQL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node_id: Option<String>,
    /// Its number in the repository, which it shares with issues.
    pub number: u64,
    /// Its title.
    pub title: String,
    /// Its text in Markdown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// `open` or `closed`; a merged one is closed too.
    pub state: String,
    /// Whether it is a draft.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub draft: Option<bool>,
    /// Whether its conversation is locked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locked: Option<bool>,
    /// Its page.
    pub html_url: String,
    /// Who opened it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<User>,
    /// Where the commits come from.
    pub head: PullRequestEnd,
    /// Where they go to.
    pub base: PullRequestEnd,
    /// Its labels.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<Label>,
    /// Who it is assigned to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub assignees: Vec<User>,
    /// Who is asked for a review and did not give one yet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requested_reviewers: Vec<User>,
    /// The teams that are asked for a review and did not give one yet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requested_teams: Vec<Team>,
    /// Its milestone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub milestone: Option<Milestone>,
    /// Whether it was merged; absent from lists, which tell it by `merged_at`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged: Option<bool>,
    /// When it was merged, ISO 8601; none if it was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged_at: Option<String>,
    /// Who merged it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged_by: Option<User>,
    /// Once merged the commit that it became in the base; before that a commit that GitHub merges for a test.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merge_commit_sha: Option<String>,
    /// Whether it merges without conflicts; absent while GitHub computes it: ask again after some seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mergeable: Option<bool>,
    /// What stands in the way of merging: `clean`, `dirty`, `blocked`, `behind`, `unstable`, `draft`, `unknown`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mergeable_state: Option<String>,
    /// Whether maintainers of the base may push to the head.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maintainer_can_modify: Option<bool>,
    /// How many comments its conversation has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comments: Option<u64>,
    /// How many comments it has on lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review_comments: Option<u64>,
    /// How many commits it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commits: Option<u64>,
    /// Lines added.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub additions: Option<u64>,
    /// Lines removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deletions: Option<u64>,
    /// How many files it changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed_files: Option<u64>,
    /// When it was opened, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    /// When it was last changed, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<String>,
    /// When it was closed or merged, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<String>,
}

/// A review.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Review {
    /// Its numeric id.
    pub id: u64,
    /// `APPROVED`, `CHANGES_REQUESTED`, `COMMENTED`, `DISMISSED` or `PENDING`.
    pub state: String,
    /// Its text in Markdown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// Its page: the pull request's, at the review.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub html_url: Option<String>,
    /// Who gave it; none if the account is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<User>,
    /// The commit that was reviewed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit_id: Option<String>,
    /// What its author is to the repository: `OWNER`, `MEMBER`, `COLLABORATOR`, `CONTRIBUTOR`, `NONE`, …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author_association: Option<String>,
    /// When it was given, ISO 8601; none while it is pending.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub submitted_at: Option<String>,
}

/// A comment on a line or a file of a pull request's difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReviewComment {
    /// Its numeric id: replies take it.
    pub id: u64,
    /// Its page: the pull request's, at the comment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub html_url: Option<String>,
    /// Its text in Markdown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// The file's path.
    pub path: String,
    /// The line, or the last of several; none for a comment on the whole file or on a line that is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// `LEFT` (before the change) or `RIGHT` (after it).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub side: Option<String>,
    /// The first of several lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_line: Option<u64>,
    /// The side of the first of several lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_side: Option<String>,
    /// The part of the difference around it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diff_hunk: Option<String>,
    /// The commit it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit_id: Option<String>,
    /// The review it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pull_request_review_id: Option<u64>,
    /// The comment that it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_reply_to_id: Option<u64>,
    /// Who wrote it; none if the account is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<User>,
    /// When it was made, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    /// When it was last changed, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<String>,
}

/// A side of a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum Side {
    /// Before the change: lines that were removed.
    Left,
    /// After the change: lines that were added, and lines around them.
    Right,
}

/// The lines that a comment is on, as GitHub's bodies say them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Lines {
    line: u64,
    side: Side,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_line: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_side: Option<Side>,
}

impl Lines {
    /// The lines from `start` to `end`, or `end` alone; the right side unless told. `at` is the pointer of the object
    /// that holds the fields.
    pub(crate) fn new(at: &str, end: (u64, Option<Side>), start: (Option<u64>, Option<Side>)) -> Result<Self> {
        let side = end.1.unwrap_or(Side::Right);
        let start_side = start.0.map(|_| start.1.unwrap_or(side));
        // GitHub refuses a range of one line, so that it cannot be told from a slip.
        if start_side == Some(side) && start.0.is_some_and(|s| s >= end.0) {
            let why = "is not before `line`; leave it out for a comment on one line";
            return Err(Error::invalid_field(format!("{at}/start_line"), why));
        }
        if start.0.is_none() && start.1.is_some() {
            return Err(Error::invalid_field(format!("{at}/start_side"), "has no `start_line` to belong to"));
        }
        Ok(Self { line: end.0, side, start_line: start.0, start_side })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use serde_json::json;

    use super::*;

    #[test]
    fn lines_take_the_sides_that_are_not_told() {
        let one = Lines::new("", (7, None), (None, None)).unwrap();
        assert_eq!(serde_json::to_value(one).unwrap(), json!({"line": 7, "side": "RIGHT"}));
        let many = Lines::new("", (7, Some(Side::Left)), (Some(3), None)).unwrap();
        assert_eq!(
            serde_json::to_value(many).unwrap(),
            json!({"line": 7, "side": "LEFT", "start_line": 3, "start_side": "LEFT"})
        );
        // A range over both sides has lines of two files, which have no order.
        assert!(Lines::new("", (7, Some(Side::Right)), (Some(9), Some(Side::Left))).is_ok());
    }

    #[test]
    fn lines_that_go_backwards_are_named() {
        let e = Lines::new("/comments/1", (7, None), (Some(7), None)).unwrap_err();
        assert_eq!(e.fields().first().unwrap().pointer, "/comments/1/start_line");
        let e = Lines::new("", (7, None), (None, Some(Side::Left))).unwrap_err();
        assert_eq!(e.fields().first().unwrap().pointer, "/start_side");
    }
}
