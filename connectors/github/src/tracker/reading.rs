//! GitHub's issues, comments and events in the words that all trackers share. What must not live here: calls.

use connector_core::capability::issue_tracker::{Comment, Issue, IssueEvent, IssueEventKind, State, StateCategory};
use serde::Deserialize;
use serde_json::Value;

use crate::{family::person, model, triggers};

/// An issue of the repository `container` (`owner/repo`).
pub(super) fn issue(issue: model::Issue, container: &str) -> Issue {
    let container = own_container(&issue).unwrap_or_else(|| container.to_owned());
    at(issue, container)
}

/// A comment.
pub(super) fn comment(comment: model::Comment) -> Comment {
    Comment {
        id: comment.id.to_string(),
        body: comment.body.unwrap_or_default(),
        author: comment.user.map(person),
        url: Some(comment.html_url),
        created_at: comment.created_at,
        updated_at: comment.updated_at,
    }
}

/// What a delivery says, if it is about an issue that is no pull request.
pub(super) fn event(event_type: &str, payload: &Value) -> Option<IssueEvent> {
    let (event, action) = event_type.split_once('.')?;
    let (kind, subject, comment, common) = match event {
        "issues" => {
            let p = triggers::issues::Payload::deserialize(payload).ok()?;
            let kind = match action {
                "opened" => IssueEventKind::Created,
                "deleted" | "transferred" => IssueEventKind::Deleted,
                _ => IssueEventKind::Updated,
            };
            (kind, p.issue, None, p.common)
        }
        "issue_comment" => {
            let p = triggers::issue_comment::Payload::deserialize(payload).ok()?;
            let kind = match action {
                "created" => IssueEventKind::CommentCreated,
                "deleted" => IssueEventKind::CommentDeleted,
                _ => IssueEventKind::CommentUpdated,
            };
            (kind, p.issue, Some(comment(p.comment)), p.common)
        }
        _ => return None,
    };
    if subject.pull_request.is_some() {
        return None;
    }
    // The delivery says where it happened; a transferred issue's own address may lead elsewhere already.
    Some(IssueEvent {
        kind,
        issue: at(subject, common.repository.full_name),
        comment,
        actor: common.sender.map(person),
    })
}

fn at(issue: model::Issue, container: String) -> Issue {
    Issue {
        key: format!("{container}#{}", issue.number),
        id: issue.id.to_string(),
        url: Some(issue.html_url),
        container: Some(container),
        title: issue.title,
        body: issue.body.unwrap_or_default(),
        state: issue.state.and_then(|s| state(s, issue.state_reason)),
        labels: issue.labels.into_iter().map(|l| l.name).collect(),
        assignees: issue.assignees.into_iter().map(person).collect(),
        author: issue.user.map(person),
        created_at: issue.created_at,
        updated_at: issue.updated_at,
    }
}

/// A closed issue's reason says more than `closed` does; a change of state takes it as a name again. Why an issue is
/// open says nothing.
fn state(state: String, reason: Option<String>) -> Option<State> {
    match state.as_str() {
        "open" => Some(State { name: state, category: StateCategory::Open }),
        "closed" => Some(State { name: reason.unwrap_or(state), category: StateCategory::Done }),
        _ => None,
    }
}

/// The repository as GitHub itself writes it: whoever asks may write it in another case.
fn own_container(issue: &model::Issue) -> Option<String> {
    let (_, path) = issue.repository_url.as_deref()?.rsplit_once("/repos/")?;
    let (owner, repo) = path.split_once('/')?;
    (!owner.is_empty() && !repo.is_empty() && !repo.contains('/')).then(|| path.to_owned())
}
