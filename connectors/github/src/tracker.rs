//! GitHub as an issue tracker: containers are `owner/repo`, keys are `owner/repo#7`.
//!
//! What lives here: the family's calls, made of the connector's actions. Reading answers and events is [`reading`]'s,
//! building searches [`query`]'s. What must not: requests.
//!
//! Pull requests are no issues here, although GitHub numbers both together: they are left out of lists, are not found
//! by their number, and cannot be changed. Comments know the number alone, so they go to whatever bears it.

mod query;
pub(crate) mod reading;

use std::sync::Arc;

use connector_core::{
    CapabilityImpl, Cx, Error, ErrorKind, Result,
    capability::{
        IssueTracker, Page, Person,
        issue_tracker::{Comment, Issue, IssueChange, IssueEvent, IssueFilter, NewIssue, StateCategory, StateTarget},
    },
};
use serde_json::Value;

use crate::{
    actions::{
        AddComment, CreateIssue, GetIssue, ListAssignees, ListComments, ListIssues, SearchIssues, UpdateIssue,
        add_comment, create_issue, get_issue, list_assignees, list_comments, list_issues, search_issues, update_issue,
    },
    family::{self, RepoName},
    model::{self, IssueState, Order, StateReason},
};

/// The actions it rests on.
pub(crate) const ACTIONS: &[&str] = &[
    "add_comment",
    "create_issue",
    "get_issue",
    "list_assignees",
    "list_comments",
    "list_issues",
    "search_issues",
    "update_issue",
];

/// GitHub's longest title, in characters.
const MAX_TITLE: usize = 256;

/// The most people that GitHub assigns to an issue.
const MAX_ASSIGNEES: usize = 10;

/// Items of a page unless told.
const PAGE: u32 = 50;

/// GitHub's largest page.
const MAX_PAGE: u32 = 100;

/// How many pages of people are looked through for one question.
const PEOPLE_PAGES: u32 = 10;

struct Tracker;

/// The capability's implementation.
pub(crate) fn make() -> CapabilityImpl {
    CapabilityImpl::IssueTracker(Arc::new(Tracker))
}

#[async_trait::async_trait]
impl IssueTracker for Tracker {
    async fn create_issue(&self, cx: &Cx, issue: NewIssue) -> Result<Issue> {
        let at = RepoName::of(cx, issue.container.as_deref(), "/container")?;
        let input = create_issue::Input {
            owner: at.owner.clone(),
            repo: at.repo.clone(),
            title: one_line(&issue.title),
            body: issue.body,
            labels: issue.labels,
            assignees: few(issue.assignees)?,
            issue_type: issue.kind,
            ..Default::default()
        };
        Ok(reading::issue(cx.call::<CreateIssue>(input).await?, &at.to_string()))
    }

    async fn get_issue(&self, cx: &Cx, key: &str) -> Result<Issue> {
        let (at, number) = family::key(cx, key)?;
        Ok(reading::issue(fetch(cx, &at, number).await?, &at.to_string()))
    }

    async fn update_issue(&self, cx: &Cx, change: IssueChange) -> Result<Issue> {
        let (at, issue_number) = family::key(cx, &change.key)?;
        let target = change.state.as_ref().map(Target::of).transpose()?;
        let assignees = change.assignees.map(few).transpose()?;
        let now = fetch(cx, &at, issue_number).await?;
        let step = target.and_then(|t| t.step(&now));
        let unchanged = change.title.is_none() && change.body.is_none() && change.labels.is_none();
        if unchanged && assignees.is_none() && step.is_none() {
            return Ok(reading::issue(now, &at.to_string()));
        }
        let (state, state_reason) = step.unzip();
        let input = update_issue::Input {
            owner: at.owner.clone(),
            repo: at.repo.clone(),
            issue_number,
            title: change.title.as_deref().map(one_line),
            body: change.body,
            labels: change.labels,
            assignees,
            state,
            state_reason,
            ..Default::default()
        };
        let after = cx.call::<UpdateIssue>(input).await?;
        // GitHub promises to heed a reason only where the state changes.
        let kept = state_reason.is_some_and(|r| r != StateReason::Reopened && !has_reason(&after, r));
        if kept && is_closed(&now) {
            return Err(Error::invalid_field(
                "/state",
                "GitHub kept the reason that the issue was closed for, and changed everything else; bring the issue to \
                 `open` first",
            ));
        }
        Ok(reading::issue(after, &at.to_string()))
    }

    async fn list_issues(&self, cx: &Cx, filter: IssueFilter) -> Result<Page<Issue>> {
        let at = RepoName::of(cx, filter.container.as_deref(), "/container")?;
        let per_page = Some(filter.limit.unwrap_or(PAGE).clamp(1, MAX_PAGE));
        let page = family::page(filter.cursor.as_deref())?;
        let wanted = query::Wanted::of(&filter)?;
        let (found, next) = if let Some(text) = &filter.text {
            let input = search_issues::Input {
                q: query::build(&at.to_string(), text, &wanted)?,
                sort: Some(search_issues::Sort::Updated),
                order: Some(Order::Desc),
                per_page,
                page,
                ..Default::default()
            };
            let found = cx.call::<SearchIssues>(input).await?;
            (found.items, found.next_page)
        } else {
            let query::Wanted { state, since, .. } = wanted;
            let input = list_issues::Input {
                owner: at.owner.clone(),
                repo: at.repo.clone(),
                state: Some(match state {
                    None => model::States::All,
                    Some(IssueState::Open) => model::States::Open,
                    Some(IssueState::Closed) => model::States::Closed,
                }),
                labels: filter.labels,
                assignee: filter.assignee,
                since,
                sort: Some(list_issues::Sort::Updated),
                direction: Some(Order::Desc),
                per_page,
                page,
                ..Default::default()
            };
            let found = cx.call::<ListIssues>(input).await?;
            (found.issues, found.next_page)
        };
        let items = found.into_iter().map(|i| reading::issue(i, &at.to_string())).collect();
        Ok(Page { items, next: next.map(|n| n.to_string()) })
    }

    async fn add_comment(&self, cx: &Cx, key: &str, body: &str) -> Result<Comment> {
        let (RepoName { owner, repo }, issue_number) = family::key(cx, key)?;
        let input = add_comment::Input { owner, repo, issue_number, body: body.to_owned() };
        Ok(reading::comment(cx.call::<AddComment>(input).await?))
    }

    async fn list_comments(&self, cx: &Cx, key: &str, from: Option<&str>) -> Result<Page<Comment>> {
        let (RepoName { owner, repo }, issue_number) = family::key(cx, key)?;
        let (per_page, page) = (Some(PAGE), family::page(from)?);
        let input = list_comments::Input { owner, repo, issue_number, since: None, per_page, page };
        let found = cx.call::<ListComments>(input).await?;
        let items = found.comments.into_iter().map(reading::comment).collect();
        Ok(Page { items, next: found.next_page.map(|n| n.to_string()) })
    }

    /// Those who can be assigned, by login: GitHub tells nothing else of them there, and its search of users knows
    /// neither repositories nor whom only some may see. It looks through the first 1000.
    async fn find_people(&self, cx: &Cx, container: Option<&str>, words: &str) -> Result<Vec<Person>> {
        let at = RepoName::of(cx, container, "/container")?;
        let words: Vec<String> = words.split_whitespace().map(str::to_lowercase).collect();
        let mut people = Vec::new();
        let mut page = Some(1);
        while let Some(n) = page.filter(|n| *n <= PEOPLE_PAGES) {
            let (owner, repo) = (at.owner.clone(), at.repo.clone());
            let input = list_assignees::Input { owner, repo, per_page: Some(MAX_PAGE), page: Some(n) };
            let found = cx.call::<ListAssignees>(input).await?;
            let fits = |u: &model::User| words.iter().all(|w| u.login.to_lowercase().contains(w));
            people.extend(found.assignees.into_iter().filter(fits).map(family::person));
            // A page that names itself or an earlier one as the next would never end.
            page = found.next_page.filter(|next| *next > n);
        }
        Ok(people)
    }

    fn read_event(&self, event_type: &str, payload: &Value) -> Option<IssueEvent> {
        reading::event(event_type, payload)
    }
}

/// The issue of this number; a pull request is none.
async fn fetch(cx: &Cx, at: &RepoName, issue_number: u64) -> Result<model::Issue> {
    let input = get_issue::Input { owner: at.owner.clone(), repo: at.repo.clone(), issue_number };
    let found = cx.call::<GetIssue>(input).await?;
    if found.pull_request.is_some() {
        return Err(Error::new(ErrorKind::NotFound, "this number is a pull request's, and no issue's")
            .with_code("pull_request"));
    }
    Ok(found)
}

/// Where a change of state leads.
#[derive(Clone, Copy)]
enum Target {
    Open,
    Closed,
    ClosedAs(StateReason),
}

impl Target {
    fn of(told: &StateTarget) -> Result<Self> {
        let named = match told {
            StateTarget::Category(StateCategory::Open) => return Ok(Self::Open),
            StateTarget::Category(StateCategory::Done) => return Ok(Self::Closed),
            StateTarget::Category(StateCategory::InProgress) => return Err(no_progress()),
            StateTarget::Named(name) => name.to_ascii_lowercase(),
        };
        Ok(match named.as_str() {
            "open" | "reopened" => Self::Open,
            "closed" => Self::Closed,
            "completed" => Self::ClosedAs(StateReason::Completed),
            "not_planned" => Self::ClosedAs(StateReason::NotPlanned),
            "duplicate" => Self::ClosedAs(StateReason::Duplicate),
            _ => {
                let all = "is no state of GitHub; it has open, closed, completed, not_planned, duplicate and reopened";
                return Err(Error::invalid_field("/state", all));
            }
        })
    }

    /// What must be sent for it; nothing if the issue is there already.
    fn step(self, now: &model::Issue) -> Option<(IssueState, StateReason)> {
        match self {
            Self::Open => is_closed(now).then_some((IssueState::Open, StateReason::Reopened)),
            Self::Closed => (!is_closed(now)).then_some((IssueState::Closed, StateReason::Completed)),
            Self::ClosedAs(r) if is_closed(now) && has_reason(now, r) => None,
            Self::ClosedAs(r) => Some((IssueState::Closed, r)),
        }
    }
}

fn no_progress() -> Error {
    Error::invalid_field("/state", "GitHub's issues are open or closed, never in progress; say it by a label")
}

fn is_closed(issue: &model::Issue) -> bool {
    issue.state.as_deref() == Some("closed")
}

/// Issues that were closed before GitHub had reasons count as completed, as GitHub shows them.
fn has_reason(issue: &model::Issue, reason: StateReason) -> bool {
    issue.state_reason.as_deref().unwrap_or("completed") == reason.as_str()
}

fn few(assignees: Vec<String>) -> Result<Vec<String>> {
    if assignees.len() > MAX_ASSIGNEES {
        return Err(Error::invalid_field("/assignees", "GitHub assigns ten people to an issue at most"));
    }
    Ok(assignees)
}

/// A title as GitHub takes it: one line, cut with an ellipsis.
fn one_line(title: &str) -> String {
    let words: Vec<&str> = title.split(['\r', '\n']).map(str::trim).filter(|l| !l.is_empty()).collect();
    let line = words.join(" ");
    if line.chars().count() <= MAX_TITLE {
        return line;
    }
    let kept: String = line.chars().take(MAX_TITLE - 1).collect();
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests;
