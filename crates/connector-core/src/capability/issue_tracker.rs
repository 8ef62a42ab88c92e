//! Any issue tracker: Jira, GitHub's issues, Linear, Zendesk.
//!
//! Text is Markdown: paragraphs, line breaks, headings, emphasis, code, links, lists and quotes come through everywhere,
//! the rest as far as the service can show it. An implementation turns it into the service's own form and back.
//! *Containers* are what issues lie in (a repository, a project, a team), *keys* what people call an issue by.

mod model;

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

pub use model::{
    Comment, Issue, IssueChange, IssueEvent, IssueEventKind, IssueFilter, NewIssue, State, StateCategory, StateTarget,
};

use super::{
    Page, Person,
    operation::{BoxedCall, Operation, call, input},
};
use crate::{
    cx::Cx,
    error::Result,
    spec::{Effect, Idempotency},
};

/// Any issue tracker.
#[async_trait]
pub trait IssueTracker: Send + Sync {
    /// Creates an issue.
    ///
    /// # Errors
    /// As the action it rests on.
    async fn create_issue(&self, cx: &Cx, issue: NewIssue) -> Result<Issue>;
    /// One issue.
    ///
    /// # Errors
    /// `NotFound` for an unknown key; `InvalidInput` for what is no key.
    async fn get_issue(&self, cx: &Cx, key: &str) -> Result<Issue>;
    /// Changes an issue; gives it as it is then.
    ///
    /// # Errors
    /// `InvalidInput` for a state that cannot be reached from the present one; as the actions it rests on.
    async fn update_issue(&self, cx: &Cx, change: IssueChange) -> Result<Issue>;
    /// Issues, those changed last first.
    ///
    /// # Errors
    /// As the action it rests on.
    async fn list_issues(&self, cx: &Cx, filter: IssueFilter) -> Result<Page<Issue>>;
    /// Adds a comment, in Markdown.
    ///
    /// # Errors
    /// As the action it rests on.
    async fn add_comment(&self, cx: &Cx, key: &str, body: &str) -> Result<Comment>;
    /// The comments of an issue, oldest first.
    ///
    /// # Errors
    /// As the action it rests on.
    async fn list_comments(&self, cx: &Cx, key: &str, cursor: Option<&str>) -> Result<Page<Comment>>;
    /// People whose name, login or e-mail address fits the words, among those who can be assigned in the container.
    ///
    /// # Errors
    /// As the action it rests on.
    async fn find_people(&self, cx: &Cx, container: Option<&str>, words: &str) -> Result<Vec<Person>>;
    /// What an event of the service says, if it is about an issue. Needs no call.
    fn read_event(&self, event_type: &str, payload: &Value) -> Option<IssueEvent>;
}

/// An issue's key, as an operation takes it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Key {
    /// The issue: `PROJ-1`, `octo/repo#7`.
    #[schemars(length(min = 1))]
    key: String,
}

/// A comment to add, as an operation takes it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewComment {
    /// The issue: `PROJ-1`, `octo/repo#7`.
    #[schemars(length(min = 1))]
    key: String,
    /// The text in Markdown.
    #[schemars(length(min = 1))]
    body: String,
}

/// Whose comments, as an operation takes it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct CommentsOf {
    /// The issue: `PROJ-1`, `octo/repo#7`.
    #[schemars(length(min = 1))]
    key: String,
    /// Where to go on: `next` of the page before.
    #[serde(default)]
    cursor: Option<String>,
}

/// Whom to look for, as an operation takes it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct PeopleFilter {
    /// Where they are to be assigned: a repository, a project; the connection's default unless told.
    #[serde(default)]
    container: Option<String>,
    /// A part of the name, login or e-mail address.
    #[schemars(length(min = 1))]
    words: String,
}

const READ: (Effect, Idempotency) = (Effect::Read, Idempotency::Natural);

/// The operations of an issue tracker.
pub(super) const OPERATIONS: &[Operation<dyn IssueTracker>] = &[
    Operation::new::<NewIssue, Issue>(
        "create_issue",
        "Create an issue",
        "Creates an issue in a repository or project.",
        (Effect::Write, Idempotency::None),
        |t, cx, v| -> BoxedCall<'_> { Box::pin(async move { call(t.create_issue(cx, input(v)?).await) }) },
    ),
    Operation::new::<Key, Issue>(
        "get_issue",
        "Get an issue",
        "Gives one issue by its key.",
        READ,
        |t, cx, v| -> BoxedCall<'_> { Box::pin(async move { call(t.get_issue(cx, &input::<Key>(v)?.key).await) }) },
    ),
    Operation::new::<IssueChange, Issue>(
        "update_issue",
        "Update an issue",
        "Changes title, text, labels, assignees or state of an issue.",
        (Effect::Write, Idempotency::Natural),
        |t, cx, v| -> BoxedCall<'_> { Box::pin(async move { call(t.update_issue(cx, input(v)?).await) }) },
    ),
    Operation::new::<IssueFilter, Page<Issue>>(
        "list_issues",
        "List issues",
        "Lists issues by state, words, labels, assignee or time of change.",
        READ,
        |t, cx, v| -> BoxedCall<'_> { Box::pin(async move { call(t.list_issues(cx, input(v)?).await) }) },
    ),
    Operation::new::<NewComment, Comment>(
        "add_comment",
        "Add a comment",
        "Adds a comment to an issue.",
        (Effect::Write, Idempotency::None),
        |t, cx, v| -> BoxedCall<'_> {
            Box::pin(async move {
                let NewComment { key, body } = input(v)?;
                call(t.add_comment(cx, &key, &body).await)
            })
        },
    ),
    Operation::new::<CommentsOf, Page<Comment>>(
        "list_comments",
        "List comments",
        "Lists the comments of an issue, oldest first.",
        READ,
        |t, cx, v| -> BoxedCall<'_> {
            Box::pin(async move {
                let CommentsOf { key, cursor } = input(v)?;
                call(t.list_comments(cx, &key, cursor.as_deref()).await)
            })
        },
    ),
    Operation::new::<PeopleFilter, Vec<Person>>(
        "find_people",
        "Find people",
        "Finds people who can be assigned, by name, login or e-mail address.",
        READ,
        |t, cx, v| -> BoxedCall<'_> {
            Box::pin(async move {
                let PeopleFilter { container, words } = input(v)?;
                call(t.find_people(cx, container.as_deref(), &words).await)
            })
        },
    ),
];
