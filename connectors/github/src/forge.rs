//! The family `Forge`: any forge, resting on the actions on repositories, files and pull requests.
//!
//! What lives here: turning the family's words into the actions' and back. What must not: requests.

mod read;

use std::sync::Arc;

use async_trait::async_trait;
use connector_core::{
    CapabilityImpl, Cx, Error, FieldError, Result,
    capability::{
        Forge, Page,
        forge::{
            CommitRef, CommitState, CommitStatus, File, FileChange, ForgeEvent, Merge, MergeMethod, NewPullRequest,
            PullRequest, PullRequestFilter, PullRequestState, Repository,
        },
    },
};
use serde_json::Value;

use crate::{
    actions::{
        AddComment, CreateCommitStatus, CreatePullRequest, GetContents, GetPullRequest, GetRepository,
        ListPullRequests, ListRepositories, MergePullRequest, PutContents, add_comment, create_commit_status,
        create_pull_request, get_contents, get_pull_request, get_repository, list_pull_requests, list_repositories,
        merge_pull_request, put_contents,
    },
    client,
    family::{self, RepoName},
    model,
};

/// The actions that it rests on.
pub(crate) const ACTIONS: &[&str] = &[
    "add_comment",
    "create_commit_status",
    "create_pull_request",
    "get_contents",
    "get_pull_request",
    "get_repository",
    "list_pull_requests",
    "list_repositories",
    "merge_pull_request",
    "put_contents",
];

/// The implementation.
pub(crate) fn make() -> CapabilityImpl {
    CapabilityImpl::Forge(Arc::new(GitHub))
}

struct GitHub;

/// Repositories of a page: as many as GitHub gives.
const REPOSITORIES_PER_PAGE: u32 = 100;

/// Pull requests of a page: half of what GitHub gives at most, since each is 20 kB.
const PER_PAGE: u32 = 50;

#[async_trait]
impl Forge for GitHub {
    async fn get_repository(&self, cx: &Cx, name: Option<&str>) -> Result<Repository> {
        let name = RepoName::of(cx, name, "/repository")?;
        Ok(read::repository(repository(cx, name).await?))
    }

    async fn list_repositories(&self, cx: &Cx, cursor: Option<&str>) -> Result<Page<Repository>> {
        let page = family::page(cursor)?;
        let input = list_repositories::Input { per_page: Some(REPOSITORIES_PER_PAGE), page, ..Default::default() };
        let found = cx.call::<ListRepositories>(input).await?;
        let next = found.next_page.map(|n| n.to_string());
        Ok(Page { items: found.repositories.into_iter().map(read::repository).collect(), next })
    }

    async fn get_file(&self, cx: &Cx, repository: Option<&str>, path: &str, git_ref: Option<&str>) -> Result<File> {
        let RepoName { owner, repo } = RepoName::of(cx, repository, "/repository")?;
        let git_ref = git_ref.map(str::to_owned);
        let input = get_contents::Input { owner, repo, path: path.to_owned(), git_ref, without_content: false };
        let found = cx.call::<GetContents>(input).await?;
        match found.content {
            Some(content) => Ok(File { path: found.path, content, revision: found.sha }),
            None => {
                let what = match found.kind.as_str() {
                    "dir" => "is a folder; name a file in it",
                    "symlink" => "is a symlink to no file of the repository",
                    "submodule" => "is a submodule: its files are in another repository",
                    _ => "is no file",
                };
                Err(Error::invalid_field("/path", what))
            }
        }
    }

    async fn put_file(&self, cx: &Cx, file: FileChange) -> Result<CommitRef> {
        let RepoName { owner, repo } = RepoName::of(cx, file.repository.as_deref(), "/repository")?;
        let input = put_contents::Input {
            owner,
            repo,
            path: file.path,
            content: file.content,
            message: file.message,
            sha: file.revision,
            branch: file.branch,
            committer: None,
            author: None,
        };
        let written = cx.call::<PutContents>(input).await.map_err(|e| renamed(&e, &[("sha", "revision")]))?;
        Ok(CommitRef { sha: written.commit.sha, url: written.commit.html_url })
    }

    async fn create_pull_request(&self, cx: &Cx, new: NewPullRequest) -> Result<PullRequest> {
        let name = RepoName::of(cx, new.repository.as_deref(), "/repository")?;
        let base = match new.target {
            Some(target) => target,
            None => {
                let found = repository(cx, name.clone()).await?;
                found.default_branch.ok_or_else(|| Error::protocol("a repository without a default branch"))?
            }
        };
        let input = create_pull_request::Input {
            owner: name.owner.clone(),
            repo: name.repo.clone(),
            head: new.source,
            base,
            title: Some(new.title),
            body: new.body,
            draft: new.draft.then_some(true),
            ..Default::default()
        };
        let made = cx.call::<CreatePullRequest>(input).await;
        let made = made.map_err(|e| renamed(&e, &[("head", "source"), ("base", "target")]))?;
        Ok(read::pull_request(made, &name.to_string()))
    }

    async fn get_pull_request(&self, cx: &Cx, key: &str) -> Result<PullRequest> {
        let (name, pull_number) = family::key(cx, key)?;
        let input = get_pull_request::Input { owner: name.owner.clone(), repo: name.repo.clone(), pull_number };
        Ok(read::pull_request(cx.call::<GetPullRequest>(input).await?, &name.to_string()))
    }

    async fn list_pull_requests(&self, cx: &Cx, filter: PullRequestFilter) -> Result<Page<PullRequest>> {
        let name = RepoName::of(cx, filter.repository.as_deref(), "/repository")?;
        let state = filter.state.unwrap_or(PullRequestState::Open);
        let input = list_pull_requests::Input {
            owner: name.owner.clone(),
            repo: name.repo.clone(),
            // To GitHub a merged one is closed.
            state: Some(match state {
                PullRequestState::Open => model::States::Open,
                PullRequestState::Merged | PullRequestState::Closed => model::States::Closed,
            }),
            base: filter.target,
            per_page: Some(PER_PAGE),
            page: family::page(filter.cursor.as_deref())?,
            ..Default::default()
        };
        let found = cx.call::<ListPullRequests>(input).await.map_err(|e| renamed(&e, &[("base", "target")]))?;
        let repository = name.to_string();
        let items = found.pull_requests.into_iter().map(|p| read::pull_request(p, &repository));
        // So a page of merged or of closed ones may hold fewer, even none, and others follow.
        Ok(Page { items: items.filter(|p| p.state == state).collect(), next: found.next_page.map(|n| n.to_string()) })
    }

    async fn merge_pull_request(&self, cx: &Cx, merge: Merge) -> Result<CommitRef> {
        let (name, pull_number) = family::key(cx, &merge.key)?;
        let method = match merge.method {
            Some(MergeMethod::Merge) => merge_pull_request::MergeMethod::Merge,
            Some(MergeMethod::Squash) => merge_pull_request::MergeMethod::Squash,
            Some(MergeMethod::Rebase) => merge_pull_request::MergeMethod::Rebase,
            None => own_way(&repository(cx, name.clone()).await?),
        };
        let (title, text) = match merge.message.as_deref().map(str::trim).filter(|m| !m.is_empty()) {
            Some(message) => {
                let (title, text) = message.split_once('\n').unwrap_or((message, ""));
                // A text that is not told would be GitHub's own.
                (Some(title.trim_end().to_owned()), Some(text.trim().to_owned()))
            }
            None => (None, None),
        };
        let input = merge_pull_request::Input {
            owner: name.owner,
            repo: name.repo,
            pull_number,
            merge_method: Some(method),
            sha: merge.head,
            commit_title: title,
            commit_message: text,
        };
        let done = cx.call::<MergePullRequest>(input).await.map_err(|e| renamed(&e, &[("sha", "head")]))?;
        let sha = done.sha.ok_or_else(|| Error::protocol("a merge without a commit"))?;
        // GitHub tells no page of it.
        Ok(CommitRef { sha, url: None })
    }

    async fn comment_pull_request(&self, cx: &Cx, key: &str, body: &str) -> Result<String> {
        let (RepoName { owner, repo }, issue_number) = family::key(cx, key)?;
        let input = add_comment::Input { owner, repo, issue_number, body: body.to_owned() };
        Ok(cx.call::<AddComment>(input).await?.id.to_string())
    }

    async fn set_commit_status(&self, cx: &Cx, status: CommitStatus) -> Result<()> {
        let RepoName { owner, repo } = RepoName::of(cx, status.repository.as_deref(), "/repository")?;
        let input = create_commit_status::Input {
            owner,
            repo,
            sha: status.sha,
            state: match status.state {
                CommitState::Pending => create_commit_status::State::Pending,
                CommitState::Success => create_commit_status::State::Success,
                CommitState::Failure => create_commit_status::State::Failure,
                CommitState::Error => create_commit_status::State::Error,
            },
            target_url: status.url,
            description: status.description,
            context: Some(status.name),
        };
        let set = cx.call::<CreateCommitStatus>(input).await;
        set.map(drop).map_err(|e| renamed(&e, &[("context", "name"), ("target_url", "url")]))
    }

    fn read_event(&self, event_type: &str, payload: &Value) -> Option<ForgeEvent> {
        read::event(event_type, payload)
    }
}

async fn repository(cx: &Cx, name: RepoName) -> Result<model::RepositoryDetails> {
    cx.call::<GetRepository>(get_repository::Input { owner: name.owner, repo: name.repo }).await
}

/// The repository's own way to merge: the first that it allows, in the order of GitHub's button. GitHub tells only those who
/// may push what it allows.
fn own_way(repository: &model::RepositoryDetails) -> merge_pull_request::MergeMethod {
    if repository.allow_merge_commit != Some(false) {
        merge_pull_request::MergeMethod::Merge
    } else if repository.allow_squash_merge != Some(false) {
        merge_pull_request::MergeMethod::Squash
    } else {
        merge_pull_request::MergeMethod::Rebase
    }
}

/// The same error with an action's fields under the family's names.
fn renamed(e: &Error, names: &[(&str, &str)]) -> Error {
    let in_text = |text: &str| {
        names.iter().fold(text.to_owned(), |text, (from, to)| {
            text.replace(&format!("`{from}`"), &format!("`{to}`")).replace(&format!("/{from}: "), &format!("/{to}: "))
        })
    };
    let fields = e.fields().iter().map(|f| {
        let found = names.iter().find(|(from, _)| f.pointer.strip_prefix('/') == Some(*from));
        let pointer = found.map_or_else(|| f.pointer.clone(), |(_, to)| format!("/{to}"));
        FieldError::new(pointer, in_text(&f.message))
    });
    let new = client::reworded(e, e.kind(), &in_text(e.caller_text())).with_retry(e.retry()).with_fields(fields);
    match e.code() {
        Some(code) => new.with_code(code),
        None => new,
    }
}

#[cfg(test)]
mod tests;
