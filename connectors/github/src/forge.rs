//! The family `Forge`: any forge, resting on the actions on repositories, files and pull requests.
//!
//! What lives here: turning the family's words into the actions' and back. What must not: requests of its own beyond
//! those that no action makes.

mod read;

use std::sync::Arc;

use async_trait::async_trait;
use connector_core::{
    Action, CapabilityImpl, Cx, Error, ErrorKind, FieldError, Method, Result,
    capability::{
        Forge, Page,
        forge::{
            CommitRef, CommitState, CommitStatus, File, FileChange, ForgeEvent, Merge, MergeMethod, NewPullRequest,
            PullRequest, PullRequestFilter, PullRequestState, Repository,
        },
    },
    request::path_segment,
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    actions::{
        AddComment, CreatePullRequest, GetContents, GetPullRequest, ListPullRequests, MergePullRequest, PutContents,
        add_comment, create_pull_request, get_contents, get_pull_request, list_pull_requests, merge_pull_request,
        put_contents,
    },
    client, model,
    names::{self, RepoName},
};

/// The actions that it rests on.
pub(crate) const ACTIONS: &[&str] = &[
    "add_comment",
    "create_pull_request",
    "get_contents",
    "get_pull_request",
    "list_pull_requests",
    "merge_pull_request",
    "put_contents",
];

/// The implementation.
pub(crate) fn make() -> CapabilityImpl {
    CapabilityImpl::Forge(Arc::new(GitHub))
}

struct GitHub;

/// Pull requests of a page: half of what GitHub gives at most, since each is 20 kB.
const PER_PAGE: u32 = 50;

#[async_trait]
impl Forge for GitHub {
    async fn get_repository(&self, cx: &Cx, name: Option<&str>) -> Result<Repository> {
        let name = RepoName::of(cx, name, "/repository")?;
        let found: model::Repository = repository(cx, &name).await?;
        Ok(read::repository(found))
    }

    async fn list_repositories(&self, cx: &Cx, cursor: Option<&str>) -> Result<Page<Repository>> {
        let page = page_of(cursor)?;
        let (found, next) = match repositories(cx, "/user/repos", "repos/list-for-authenticated-user", page).await {
            // A GitHub App's installation is nobody: it has repositories, but no user.
            Err(e) if e.kind() == ErrorKind::Permission => {
                let path = "/installation/repositories";
                let found = repositories(cx, path, "apps/list-repos-accessible-to-installation", page).await;
                // Whom neither answers for is told what GitHub said of the first.
                found.map_err(|second| if second.kind() == ErrorKind::Permission { e } else { second })?
            }
            found => found?,
        };
        let found = match found {
            Repositories::List(list) | Repositories::Object { repositories: list } => list,
        };
        let next = next.map(|n| n.to_string());
        Ok(Page { items: found.into_iter().map(read::repository).collect(), next })
    }

    async fn get_file(&self, cx: &Cx, repository: Option<&str>, path: &str, git_ref: Option<&str>) -> Result<File> {
        let RepoName { owner, repo } = RepoName::of(cx, repository, "/repository")?;
        let git_ref = git_ref.map(str::to_owned);
        let input = get_contents::Input { owner, repo, path: path.to_owned(), git_ref, without_content: false };
        let found = GetContents::run(cx, input).await?;
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
        let written = PutContents::run(cx, input).await.map_err(|e| renamed(&e, &[("sha", "revision")]))?;
        Ok(CommitRef { sha: written.commit.sha, url: written.commit.html_url })
    }

    async fn create_pull_request(&self, cx: &Cx, new: NewPullRequest) -> Result<PullRequest> {
        let name = RepoName::of(cx, new.repository.as_deref(), "/repository")?;
        let base = match new.target {
            Some(target) => target,
            None => {
                let found: model::Repository = repository(cx, &name).await?;
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
        let made = CreatePullRequest::run(cx, input).await;
        let made = made.map_err(|e| renamed(&e, &[("head", "source"), ("base", "target")]))?;
        Ok(read::pull_request(made, &name.to_string()))
    }

    async fn get_pull_request(&self, cx: &Cx, key: &str) -> Result<PullRequest> {
        let (name, pull_number) = names::key(cx, key)?;
        let input = get_pull_request::Input { owner: name.owner.clone(), repo: name.repo.clone(), pull_number };
        Ok(read::pull_request(GetPullRequest::run(cx, input).await?, &name.to_string()))
    }

    async fn list_pull_requests(&self, cx: &Cx, filter: PullRequestFilter) -> Result<Page<PullRequest>> {
        let name = RepoName::of(cx, filter.repository.as_deref(), "/repository")?;
        let state = filter.state.unwrap_or(PullRequestState::Open);
        let input = list_pull_requests::Input {
            owner: name.owner.clone(),
            repo: name.repo.clone(),
            // To GitHub a merged one is closed.
            state: Some(match state {
                PullRequestState::Open => list_pull_requests::State::Open,
                PullRequestState::Merged | PullRequestState::Closed => list_pull_requests::State::Closed,
            }),
            base: filter.target,
            per_page: Some(PER_PAGE),
            page: page_of(filter.cursor.as_deref())?,
            ..Default::default()
        };
        let found = ListPullRequests::run(cx, input).await.map_err(|e| renamed(&e, &[("base", "target")]))?;
        let repository = name.to_string();
        let items = found.pull_requests.into_iter().map(|p| read::pull_request(p, &repository));
        // So a page of merged or of closed ones may hold fewer, even none, and others follow.
        Ok(Page { items: items.filter(|p| p.state == state).collect(), next: found.next_page.map(|n| n.to_string()) })
    }

    async fn merge_pull_request(&self, cx: &Cx, merge: Merge) -> Result<CommitRef> {
        let (name, pull_number) = names::key(cx, &merge.key)?;
        let method = match merge.method {
            Some(MergeMethod::Merge) => merge_pull_request::MergeMethod::Merge,
            Some(MergeMethod::Squash) => merge_pull_request::MergeMethod::Squash,
            Some(MergeMethod::Rebase) => merge_pull_request::MergeMethod::Rebase,
            None => repository::<Allowed>(cx, &name).await?.method(),
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
        let done = MergePullRequest::run(cx, input).await.map_err(|e| renamed(&e, &[("sha", "head")]))?;
        let sha = done.sha.ok_or_else(|| Error::protocol("a merge without a commit"))?;
        // GitHub tells no page of it.
        Ok(CommitRef { sha, url: None })
    }

    async fn comment_pull_request(&self, cx: &Cx, key: &str, body: &str) -> Result<String> {
        let (RepoName { owner, repo }, issue_number) = names::key(cx, key)?;
        let input = add_comment::Input { owner, repo, issue_number, body: body.to_owned() };
        Ok(AddComment::run(cx, input).await?.id.to_string())
    }

    async fn set_commit_status(&self, cx: &Cx, status: CommitStatus) -> Result<()> {
        let RepoName { owner, repo } = RepoName::of(cx, status.repository.as_deref(), "/repository")?;
        let state = match status.state {
            CommitState::Pending => "pending",
            CommitState::Success => "success",
            CommitState::Failure => "failure",
            CommitState::Error => "error",
        };
        let mut body = json!({"state": state, "context": status.name});
        if let Some(map) = body.as_object_mut() {
            map.extend(status.description.map(|d| ("description".to_owned(), Value::from(d))));
            map.extend(status.url.map(|u| ("target_url".to_owned(), Value::from(u))));
        }
        // joined with the action after the merge: create_commit_status
        let path = client::repo_path(&owner, &repo, &format!("/statuses/{}", path_segment(&status.sha)));
        let request = client::request(cx, Method::POST, &path)?.endpoint("repos/create-commit-status").json(body);
        let fields = &[
            ("sha", "/sha"),
            ("state", "/state"),
            ("context", "/name"),
            ("description", "/description"),
            ("target_url", "/url"),
        ];
        client::send(cx, request, fields).await.map(drop)
    }

    fn read_event(&self, event_type: &str, payload: &Value) -> Option<ForgeEvent> {
        read::event(event_type, payload)
    }
}

// joined with the action after the merge: get_repository
async fn repository<T: serde::de::DeserializeOwned>(cx: &Cx, name: &RepoName) -> Result<T> {
    let request = client::request(cx, Method::GET, &client::repo_path(&name.owner, &name.repo, ""))?;
    client::send_json(cx, request.endpoint("repos/get"), &[]).await
}

/// What a repository says of merging; only to those who may push.
#[derive(Deserialize)]
struct Allowed {
    #[serde(default)]
    allow_merge_commit: Option<bool>,
    #[serde(default)]
    allow_squash_merge: Option<bool>,
}

impl Allowed {
    /// The repository's own way: the first that it allows, in the order of GitHub's button.
    fn method(&self) -> merge_pull_request::MergeMethod {
        if self.allow_merge_commit != Some(false) {
            merge_pull_request::MergeMethod::Merge
        } else if self.allow_squash_merge != Some(false) {
            merge_pull_request::MergeMethod::Squash
        } else {
            merge_pull_request::MergeMethod::Rebase
        }
    }
}

/// The two forms in which GitHub lists repositories.
#[derive(Deserialize)]
#[serde(untagged)]
enum Repositories {
    List(Vec<model::Repository>),
    Object { repositories: Vec<model::Repository> },
}

// joined with the action after the merge: list_repositories
async fn repositories(
    cx: &Cx,
    path: &str,
    endpoint: &'static str,
    page: Option<u32>,
) -> Result<(Repositories, Option<u32>)> {
    let request =
        client::request(cx, Method::GET, path)?.endpoint(endpoint).query("per_page", "100").query_opt("page", page);
    client::send_page(cx, request, &[]).await
}

/// A page's number, as it went out in `next`.
fn page_of(cursor: Option<&str>) -> Result<Option<u32>> {
    cursor
        .map(|c| {
            let page = c.parse().ok().filter(|n| *n > 0);
            page.ok_or_else(|| Error::invalid_field("/cursor", "is not the `next` of a page before"))
        })
        .transpose()
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
