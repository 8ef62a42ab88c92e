//! From GitHub's shapes to the family's. What must not live here: anything that calls.

use connector_core::capability::{
    Person,
    forge::{ForgeEvent, PullRequest, PullRequestState, Repository},
};
use serde::Deserialize;
use serde_json::Value;

use crate::{
    family::person,
    model,
    triggers::{self, push},
};

pub(super) fn repository(r: model::RepositoryDetails) -> Repository {
    Repository {
        name: r.full_name,
        id: r.id.to_string(),
        url: Some(r.html_url),
        description: r.description,
        default_branch: r.default_branch,
        private: Some(r.private),
    }
}

/// `asked` is the name of the repository where it was looked for; the answer's own name wins, since that one survives
/// renames.
pub(super) fn pull_request(p: model::PullRequest, asked: &str) -> PullRequest {
    let repository = p.base.repo.map_or_else(|| asked.to_owned(), |r| r.full_name);
    let state = match p.state.as_str() {
        "open" => PullRequestState::Open,
        _ if p.merged == Some(true) || p.merged_at.is_some() => PullRequestState::Merged,
        _ => PullRequestState::Closed,
    };
    // From a fork it is `owner:branch`, as a new one takes it; a fork may be gone.
    let here = p.head.repo.as_ref().is_some_and(|r| r.full_name == repository);
    let source = if here { p.head.git_ref } else { p.head.label.unwrap_or(p.head.git_ref) };
    PullRequest {
        key: format!("{repository}#{}", p.number),
        id: p.id.to_string(),
        url: Some(p.html_url),
        repository,
        title: p.title,
        body: p.body.unwrap_or_default(),
        state,
        draft: p.draft.unwrap_or_default(),
        source,
        target: p.base.git_ref,
        head: Some(p.head.sha),
        author: p.user.map(person),
        created_at: p.created_at,
        updated_at: p.updated_at,
    }
}

pub(super) fn event(event_type: &str, payload: &Value) -> Option<ForgeEvent> {
    if event_type == "push" {
        return pushed(push::Payload::deserialize(payload).ok()?);
    }
    let action = event_type.strip_prefix("pull_request.")?;
    let e = triggers::pull_request::Payload::deserialize(payload).ok()?;
    let pull_request = Box::new(pull_request(e.pull_request, &e.common.repository.full_name));
    let actor = e.common.sender.map(person);
    Some(match action {
        "opened" => ForgeEvent::PullRequestOpened { pull_request, actor },
        "closed" if pull_request.state == PullRequestState::Merged => {
            ForgeEvent::PullRequestMerged { pull_request, actor }
        }
        "closed" => ForgeEvent::PullRequestClosed { pull_request, actor },
        _ => ForgeEvent::PullRequestUpdated { pull_request, actor },
    })
}

fn pushed(p: push::Payload) -> Option<ForgeEvent> {
    // Git's way to say "none".
    let commit = |sha: String| sha.bytes().any(|b| b != b'0').then_some(sha);
    let by_git = |g: model::GitPerson| {
        let id = g.username.or_else(|| g.name.clone())?;
        Some(Person { id, name: g.name, email: g.email, bot: None })
    };
    Some(ForgeEvent::Push {
        repository: p.common.repository.full_name,
        git_ref: p.git_ref,
        before: commit(p.before),
        after: commit(p.after),
        messages: p.commits.into_iter().map(|c| c.message).collect(),
        actor: p.common.sender.map(person).or_else(|| p.pusher.and_then(by_git)),
    })
}
