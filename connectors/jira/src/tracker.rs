//! Jira as an issue tracker: containers are project keys, keys are issue keys, states are statuses with their categories.
//!
//! It rests on the connector's actions and adds what makes another tracker's texts fit (one line of title, labels without
//! blanks) and the way to a state. What must not live here: shapes ([`convert`]), queries' texts ([`crate::jql`]).

mod convert;

use std::sync::Arc;

use async_trait::async_trait;
use connector_core::{
    CapabilityDef, CapabilityImpl, CapabilityKind, CapabilitySpec, Cx, Error, ErrorKind, Method, Result, Timestamp,
    capability::{
        IssueTracker, Page, Person,
        issue_tracker::{
            Comment, Issue, IssueChange, IssueEvent, IssueFilter, NewIssue, State, StateCategory, StateTarget,
        },
    },
};
use serde_json::{Map, Value, json};

use crate::{
    actions::{
        AddComment, CreateIssue, GetIssue, ListComments, SearchIssues, UpdateIssue, add_comment,
        assign_issue::UNASSIGNED, create_issue, get_issue, list_comments, search_issues, transition_issue,
        update_issue,
    },
    client::{self, FieldMap},
    fields::{Fields, is_key},
    jql,
    model::{Account, User},
    text::Format,
    transitions::{self, Step, Want},
};

/// The capability.
pub(crate) const CAPABILITY: CapabilityDef = CapabilityDef::new(
    CapabilitySpec {
        kind: CapabilityKind::IssueTracker,
        actions: &[
            "add_comment",
            "create_issue",
            "get_issue",
            "list_comments",
            "search_issues",
            "transition_issue",
            "update_issue",
        ],
    },
    || CapabilityImpl::IssueTracker(Arc::new(Tracker)),
);

/// Jira takes no longer summary.
const MAX_SUMMARY: usize = 255;

/// What an issue of a list is made from.
const LISTED: &[&str] =
    &["summary", "description", "status", "labels", "assignee", "reporter", "project", "created", "updated"];

/// Fields of the actions, as the operations call them.
const RENAMED: &[(&str, &str)] = &[
    ("/project_key", "/container"),
    ("/summary", "/title"),
    ("/description", "/body"),
    ("/issue_type", "/kind"),
    ("/assignee", "/assignees"),
    ("/issue_key", "/key"),
    ("/next_page_token", "/cursor"),
];

struct Tracker;

#[async_trait]
impl IssueTracker for Tracker {
    async fn create_issue(&self, cx: &Cx, issue: NewIssue) -> Result<Issue> {
        let project = container(cx, issue.container)?;
        let mut input = create_issue::Input::new(project.clone(), title(&issue.title)?);
        input.description = issue.body;
        input.labels = labels(&issue.labels);
        input.assignee = issue.assignees.into_iter().next();
        if let Some(kind) = issue.kind {
            input.issue_type = kind;
        }
        let told = input.clone();
        let made = cx.call::<CreateIssue>(input).await.map_err(renamed)?;
        // What Jira was told is what it has; to ask again could fail, and the issue would be made twice.
        Ok(Issue {
            key: made.key,
            id: made.id,
            url: made.url,
            container: Some(project),
            title: told.summary,
            body: told.description.unwrap_or_default(),
            state: None,
            labels: told.labels,
            assignees: told.assignee.map(|id| Person { id, ..Person::default() }).into_iter().collect(),
            author: None,
            created_at: None,
            updated_at: None,
        })
    }

    async fn get_issue(&self, cx: &Cx, key: &str) -> Result<Issue> {
        check_key(key)?;
        let input = get_issue::Input { issue_key: key.to_owned(), fields: listed(), ..Default::default() };
        Ok(convert::issue(cx.call::<GetIssue>(input).await.map_err(renamed)?))
    }

    async fn update_issue(&self, cx: &Cx, change: IssueChange) -> Result<Issue> {
        check_key(&change.key)?;
        let cx = &cx.counted_by(json!({"issue_key": change.key}));
        let declared = Fields::of(cx)?;
        let edit = edit(&change)?;
        // A state that cannot be reached is said before anything changes.
        let step = match &change.state {
            None => Step::Stay,
            Some(target) => {
                transitions::standing(cx, &change.key).await.map_err(renamed)?.step(want(target), "/state")?
            }
        };
        if let Some(input) = edit {
            cx.call::<UpdateIssue>(input).await.map_err(renamed)?;
        }
        if let Step::Go(t) = step {
            transition_issue::perform(cx, &declared, &change.key, t, Map::new()).await.map_err(of_state)?;
        }
        self.get_issue(cx, &change.key).await
    }

    async fn list_issues(&self, cx: &Cx, filter: IssueFilter) -> Result<Page<Issue>> {
        let input = search_issues::Input {
            jql: query(cx, &filter)?,
            fields: listed(),
            max_results: filter.limit,
            next_page_token: filter.cursor,
            ..Default::default()
        };
        let found = cx.call::<SearchIssues>(input).await.map_err(renamed)?;
        Ok(Page { items: found.issues.into_iter().map(convert::issue).collect(), next: found.next_page_token })
    }

    async fn add_comment(&self, cx: &Cx, key: &str, body: &str) -> Result<Comment> {
        check_key(key)?;
        let cx = cx.counted_by(json!({"issue_key": key}));
        let input = add_comment::Input {
            issue_key: key.to_owned(),
            body: body.to_owned(),
            format: Format::Markdown,
            visibility: None,
        };
        Ok(convert::comment(cx.call::<AddComment>(input).await.map_err(renamed)?))
    }

    async fn list_comments(&self, cx: &Cx, key: &str, cursor: Option<&str>) -> Result<Page<Comment>> {
        check_key(key)?;
        let wrong = |_| Error::invalid_field("/cursor", "is no mark of a page; give `next` of the page before");
        let start_at = cursor.map(str::parse).transpose().map_err(wrong)?;
        let input = list_comments::Input { issue_key: key.to_owned(), start_at, ..Default::default() };
        let listed = cx.call::<ListComments>(input).await.map_err(renamed)?;
        Ok(Page {
            items: listed.comments.into_iter().map(convert::comment).collect(),
            next: listed.next_start_at.map(|n| n.to_string()),
        })
    }

    async fn find_people(&self, cx: &Cx, container: Option<&str>, words: &str) -> Result<Vec<Person>> {
        let project = self::container(cx, container.map(str::to_owned))?;
        let parameter = if client::is_data_center(cx) { "username" } else { "query" };
        let request = client::request(cx, Method::GET, "/user/assignable/search")?
            .endpoint("user.assignable.search")
            .query(parameter, words)
            .query("project", &project)
            .query("maxResults", "50");
        let known =
            FieldMap { known: &[("project", "/container"), ("query", "/words"), ("username", "/words")], rest: None };
        let found: Vec<User> = client::send_json(cx, request, known).await?;
        Ok(found.into_iter().filter_map(Account::of).map(convert::person).collect())
    }

    fn read_event(&self, event_type: &str, payload: &Value) -> Option<IssueEvent> {
        convert::event(event_type, payload)
    }
}

/// The project told, or the connection's default.
fn container(cx: &Cx, told: Option<String>) -> Result<String> {
    match told {
        Some(key) => check_project(&key).map(|()| key),
        None => cx.param("project_key").map(str::to_owned),
    }
}

fn check_project(key: &str) -> Result<()> {
    if is_key(&format!("{key}-1")) {
        return Ok(());
    }
    Err(Error::invalid_field("/container", "must be the key of a project, such as ENG"))
}

fn check_key(key: &str) -> Result<()> {
    let id = !key.is_empty() && key.bytes().all(|b| b.is_ascii_digit());
    if id || is_key(key) {
        return Ok(());
    }
    Err(Error::invalid_field("/key", "must be the key of an issue, such as ENG-24"))
}

/// One line, no longer than Jira takes.
fn title(text: &str) -> Result<String> {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.chars().count() {
        0 => Err(Error::invalid_field("/title", "must not be blank")),
        n if n <= MAX_SUMMARY => Ok(line),
        _ => Ok(line.chars().take(MAX_SUMMARY - 1).chain(['…']).collect()),
    }
}

/// Jira's labels hold no blanks.
fn labels(given: &[String]) -> Vec<String> {
    let joined = given.iter().map(|l| l.split_whitespace().collect::<Vec<_>>().join("-"));
    joined.filter(|l| !l.is_empty()).collect()
}

fn listed() -> Vec<String> {
    LISTED.iter().map(|&f| f.to_owned()).collect()
}

/// What is to change beside the state; nothing when that is all.
fn edit(change: &IssueChange) -> Result<Option<update_issue::Input>> {
    let input = update_issue::Input {
        issue_key: change.key.clone(),
        summary: change.title.as_deref().map(title).transpose()?,
        description: change.body.clone(),
        labels: change.labels.as_deref().map(labels),
        assignee: change.assignees.as_ref().map(|all| all.first().map_or(UNASSIGNED, |id| id.as_str()).to_owned()),
        ..Default::default()
    };
    let any =
        input.summary.is_some() || input.description.is_some() || input.labels.is_some() || input.assignee.is_some();
    Ok(any.then_some(input))
}

fn want(target: &StateTarget) -> Want<'_> {
    match target {
        StateTarget::Category(category) => Want::Category(convert::category_key(*category)),
        StateTarget::Named(name) => Want::Name(name),
    }
}

/// The filter as a query, changed last first.
fn query(cx: &Cx, filter: &IssueFilter) -> Result<String> {
    let mut all = Vec::new();
    let project = filter.container.as_deref().or_else(|| cx.param_opt("project_key"));
    if let Some(key) = project {
        check_project(key)?;
        all.push(format!("project = {}", jql::quote(key)));
    }
    if let Some(text) = &filter.text {
        let words = jql::words(text).ok_or_else(|| Error::invalid_field("/text", "holds no word to look for"))?;
        all.push(format!("text ~ {words}"));
    }
    if let Some(category) = filter.state {
        // The names of categories in JQL are the same in every language.
        let name = match category {
            StateCategory::Open => "To Do",
            StateCategory::InProgress => "In Progress",
            StateCategory::Done => "Done",
        };
        all.push(format!("statusCategory = {}", jql::quote(name)));
    }
    all.extend(labels(&filter.labels).iter().map(|l| format!("labels = {}", jql::quote(l))));
    if let Some(id) = &filter.assignee {
        all.push(format!("assignee = {}", jql::quote(id)));
    }
    if let Some(since) = &filter.updated_since {
        let wrong = |_| Error::invalid_field("/updated_since", "must be an ISO 8601 time with its offset");
        let time: Timestamp = since.parse().map_err(wrong)?;
        // A written time would be read in the time zone of the account; milliseconds since 1970 have none.
        all.push(format!("updated >= {}", time.as_millisecond()));
    }
    if all.is_empty() {
        let message = "is needed: no other filter is given, and the connection has no default project";
        return Err(Error::invalid_field("/container", message));
    }
    Ok(format!("{} ORDER BY updated DESC", all.join(" AND ")))
}

/// An action's error with the fields as the operations call them.
fn renamed(e: Error) -> Error {
    if !e.fields().iter().any(|f| RENAMED.iter().any(|(from, _)| f.pointer == *from)) {
        return e;
    }
    let fields = e.fields().iter().cloned().map(|mut f| {
        if let Some((_, to)) = RENAMED.iter().find(|(from, _)| f.pointer == *from) {
            f.pointer = (*to).to_owned();
        }
        f
    });
    let same = Error::new(e.kind(), e.caller_text())
        .with_retry(e.retry())
        .with_operator(e.operator_text())
        .with_fields(fields);
    let same = e.status().into_iter().fold(same, Error::with_status);
    e.code().into_iter().fold(same, Error::with_code)
}

/// What a transition wants beside its name (a resolution, for one) belongs to the state: the operation has no field for it.
fn of_state(e: Error) -> Error {
    if e.kind() != ErrorKind::InvalidInput {
        return e;
    }
    let told = Error::invalid_field("/state", e.caller_text()).with_operator(e.operator_text());
    e.status().into_iter().fold(told, Error::with_status)
}

/// What a status of this category is to all trackers.
fn state(name: String, category: Option<&str>) -> State {
    let category = match category {
        Some("done") => StateCategory::Done,
        Some("indeterminate") => StateCategory::InProgress,
        _ => StateCategory::Open,
    };
    State { name, category }
}

#[cfg(test)]
mod tests;
