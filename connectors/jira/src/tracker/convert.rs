//! From Jira's issues, comments, people and events to those that all trackers share. What must not live here: calls.

use connector_core::{
    capability::{
        Person,
        issue_tracker::{Comment, Issue, IssueEvent, IssueEventKind, StateCategory},
    },
    request::parse_url,
};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::state;
use crate::{
    client::GATEWAY_HOST,
    fields::{Fields, iso},
    model::{self, Account, CommentOut, IssueOut, RawComment, User},
};

/// Jira's key of a category.
pub(super) fn category_key(category: StateCategory) -> &'static str {
    match category {
        StateCategory::Open => "new",
        StateCategory::InProgress => "indeterminate",
        StateCategory::Done => "done",
    }
}

pub(super) fn issue(raw: IssueOut) -> Issue {
    Issue {
        key: raw.key,
        id: raw.id,
        url: raw.url,
        container: raw.project.map(|p| p.key),
        title: raw.summary.unwrap_or_default(),
        body: raw.description.unwrap_or_default(),
        state: raw.status.map(|s| state(s.name, s.category.as_deref())),
        labels: raw.labels,
        assignees: raw.assignee.map(person).into_iter().collect(),
        author: raw.reporter.map(person),
        created_at: raw.created.as_deref().map(iso),
        updated_at: raw.updated.as_deref().map(iso),
    }
}

pub(super) fn comment(raw: CommentOut) -> Comment {
    Comment {
        id: raw.id,
        body: raw.body,
        author: raw.author.map(person),
        url: raw.url,
        created_at: raw.created.as_deref().map(iso),
        updated_at: raw.updated.as_deref().map(iso),
    }
}

pub(super) fn person(a: Account) -> Person {
    Person { id: a.id, name: a.name, email: a.email, bot: a.app }
}

/// What a webhook says, if it is about an issue or a comment.
pub(super) fn event(event_type: &str, payload: &Value) -> Option<IssueEvent> {
    let kind = match event_type {
        "issue_created" => IssueEventKind::Created,
        "issue_updated" => IssueEventKind::Updated,
        "issue_deleted" => IssueEventKind::Deleted,
        "comment_created" => IssueEventKind::CommentCreated,
        "comment_updated" => IssueEventKind::CommentUpdated,
        "comment_deleted" => IssueEventKind::CommentDeleted,
        _ => return None,
    };
    let raw: model::Issue = part(payload, "issue")?;
    let page = page(&raw);
    let said: Option<CommentOut> = part(payload, "comment").map(|c: RawComment| CommentOut::at(page.as_deref(), c));
    // Events of comments do not name who did it, but the comment does; who deleted one, nobody says.
    let actor = part::<User>(payload, "user").and_then(Account::of).or_else(|| {
        let said = said.as_ref()?;
        match kind {
            IssueEventKind::CommentCreated => said.author.clone(),
            IssueEventKind::CommentUpdated => said.update_author.clone(),
            _ => None,
        }
    });
    Some(IssueEvent {
        kind,
        issue: issue(IssueOut::flat(page, &Fields::default(), raw)),
        comment: said.map(comment),
        actor: actor.map(person),
    })
}

fn part<T: DeserializeOwned>(payload: &Value, name: &str) -> Option<T> {
    serde_json::from_value(payload.get(name)?.clone()).ok()
}

/// The issue's page, told by its address in the API.
fn page(issue: &model::Issue) -> Option<String> {
    let (site, _) = issue.url.as_deref()?.split_once("/rest/")?;
    let known = parse_url(site).ok()?.host_str() != Some(GATEWAY_HOST);
    known.then(|| format!("{site}/browse/{}", issue.key))
}
