//! The methods of a capability are called by name like actions, with the same checks and the same errors, whichever
//! connector stands behind them.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use connector_core::{
    Action, ActionDef, ActionSpec, CapabilityImpl, CapabilityKind, Connector, Cx, Effect, Error, ErrorKind, FixedClock,
    Request, Response, Result, Timestamp, Transport,
    capability::{
        IssueTracker, Page, Person,
        issue_tracker::{Comment, Issue, IssueChange, IssueEvent, IssueFilter, NewIssue, StateCategory, StateTarget},
    },
    schema::Validator,
    transport::CallContext,
};
use serde_json::{Value, json};

struct Unplugged;

#[async_trait]
impl Transport for Unplugged {
    async fn send(&self, _: Request, _: &CallContext) -> Result<Response> {
        Err(Error::new(ErrorKind::UpstreamUnavailable, "unplugged"))
    }
}

/// A tracker that keeps its issues in a list.
#[derive(Default)]
struct Notebook(Mutex<Vec<Issue>>);

impl Notebook {
    fn with<T>(&self, key: &str, f: impl FnOnce(&mut Issue) -> T) -> Result<T> {
        let mut all = self.0.lock().unwrap();
        let one = all.iter_mut().find(|i| i.key == key);
        one.map(f).ok_or_else(|| Error::new(ErrorKind::NotFound, "there is no such issue"))
    }
}

#[async_trait]
impl IssueTracker for Notebook {
    async fn create_issue(&self, _: &Cx, new: NewIssue) -> Result<Issue> {
        let mut all = self.0.lock().unwrap();
        let key = format!("N-{}", all.len() + 1);
        let issue: Issue = serde_json::from_value(
            json!({"key": key, "id": key, "title": new.title, "body": new.body.unwrap_or_default(), "labels": new.labels}),
        )
        .unwrap();
        all.push(issue.clone());
        Ok(issue)
    }
    async fn get_issue(&self, _: &Cx, key: &str) -> Result<Issue> {
        self.with(key, |i| i.clone())
    }
    async fn update_issue(&self, _: &Cx, change: IssueChange) -> Result<Issue> {
        let category = match change.state {
            Some(StateTarget::Category(c)) => Some(c),
            Some(StateTarget::Named(_)) => return Err(Error::invalid_field("/state", "has no such name here")),
            None => None,
        };
        self.with(&change.key, |i| {
            i.title = change.title.unwrap_or_else(|| i.title.clone());
            i.body = category.map_or_else(String::new, |c| format!("{c:?}"));
            i.clone()
        })
    }
    async fn list_issues(&self, _: &Cx, filter: IssueFilter) -> Result<Page<Issue>> {
        let items: Vec<Issue> = self.0.lock().unwrap().clone();
        Ok(Page { items, next: filter.cursor })
    }
    async fn add_comment(&self, _: &Cx, key: &str, body: &str) -> Result<Comment> {
        self.with(key, |i| serde_json::from_value(json!({"id": i.key, "body": body})).unwrap())
    }
    async fn list_comments(&self, _: &Cx, _: &str, cursor: Option<&str>) -> Result<Page<Comment>> {
        Ok(Page { items: Vec::new(), next: cursor.map(str::to_owned) })
    }
    async fn find_people(&self, _: &Cx, _: Option<&str>, words: &str) -> Result<Vec<Person>> {
        Ok(vec![Person { id: words.to_owned(), ..Person::default() }])
    }
    fn read_event(&self, _: &str, _: &Value) -> Option<IssueEvent> {
        None
    }
}

/// A connector has an action of its own too.
struct Count;

impl Action for Count {
    const SPEC: ActionSpec = ActionSpec::new("count", "Count").summary("Counts.").read();
    type Input = Nothing;
    type Output = u32;
    async fn run(_: &Cx, _: Nothing) -> Result<u32> {
        Ok(0)
    }
}

#[derive(serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct Nothing {}

fn notebook() -> (Connector, Cx) {
    let tracker = CapabilityImpl::IssueTracker(Arc::new(Notebook::default()));
    let c = Connector::builder("notebook", "Notebook")
        .action(ActionDef::of::<Count>().into_invoke("notebook"))
        .capability(tracker, &["count"])
        .build()
        .unwrap();
    let cx = c.cx(Default::default(), Arc::new(Unplugged), Arc::new(FixedClock(Timestamp::UNIX_EPOCH))).build();
    (c, cx)
}

#[tokio::test]
async fn a_familys_methods_are_called_by_name() {
    let (c, cx) = notebook();
    let made =
        c.call("issue_tracker.create_issue", &cx, json!({"title": "Paint it", "labels": ["blue"]})).await.unwrap();
    assert_eq!((&made["key"], &made["labels"]), (&json!("N-1"), &json!(["blue"])));
    let change = json!({"key": "N-1", "title": "Paint it red", "state": "in_progress"});
    let changed = c.call("issue_tracker.update_issue", &cx, change).await.unwrap();
    assert_eq!((&changed["title"], &changed["body"]), (&json!("Paint it red"), &json!("InProgress")));
    let got = c.call("issue_tracker.get_issue", &cx, json!({"key": "N-1"})).await.unwrap();
    assert_eq!(got, changed);
    let comment = c.call("issue_tracker.add_comment", &cx, json!({"key": "N-1", "body": "Why?"})).await.unwrap();
    assert_eq!(comment["body"], "Why?");
    let page = c.call("issue_tracker.list_issues", &cx, json!({"cursor": "7"})).await.unwrap();
    assert_eq!((page["items"].as_array().map(Vec::len), &page["next"]), (Some(1), &json!("7")));
    let comments = c.call("issue_tracker.list_comments", &cx, json!({"key": "N-1"})).await.unwrap();
    assert_eq!(comments, json!({"items": []}));
    let people = c.call("issue_tracker.find_people", &cx, json!({"words": "mia"})).await.unwrap();
    assert_eq!(people, json!([{"id": "mia"}]));
}

#[tokio::test]
async fn errors_are_those_of_actions() {
    let (c, cx) = notebook();
    let wrong = c.call("issue_tracker.create_issue", &cx, json!({"titel": "x"})).await.unwrap_err();
    assert_eq!((wrong.kind(), wrong.connector()), (ErrorKind::InvalidInput, Some("notebook")));
    let fields: Vec<&str> = wrong.fields().iter().map(|f| f.pointer.as_str()).collect();
    assert_eq!(fields, ["/titel", "/title"]);
    let unknown = c.call("issue_tracker.creat_issue", &cx, json!({})).await.unwrap_err();
    assert_eq!(unknown.code(), Some("INVALID_ARGUMENT"));
    assert!(unknown.caller_text().contains("`issue_tracker.create_issue`"), "{}", unknown.caller_text());
    // Another family's operations are not there.
    assert!(c.action("chat.post").is_err());
    let named =
        c.call("issue_tracker.update_issue", &cx, json!({"key": "N-1", "state": "Elsewhere"})).await.unwrap_err();
    assert_eq!(named.fields()[0].pointer, "/state");
}

#[test]
fn every_operation_says_what_it_takes_and_does() {
    let (c, _) = notebook();
    assert_eq!((c.actions().len(), c.operations().len()), (1, 7));
    for o in c.operations() {
        let i = o.info();
        assert!(i.name.starts_with(CapabilityKind::IssueTracker.as_str()), "{}", i.name);
        assert!(!i.title.is_empty() && i.summary.ends_with('.'), "{}", i.name);
        assert_eq!(i.input_schema["additionalProperties"], false, "{} takes what it does not know", i.name);
        for (field, schema) in i.input_schema["properties"].as_object().unwrap() {
            let told = schema["description"].is_string() || schema["$ref"].is_string();
            assert!(told, "{}: {field} is not described", i.name);
        }
        Validator::new(i.input_schema.clone()).unwrap();
        Validator::new(i.output_schema.clone()).unwrap();
        let reads = i.name.contains(".get_") || i.name.contains(".list_") || i.name.contains(".find_");
        assert_eq!(i.effect == Effect::Read, reads, "{}", i.name);
    }
    assert_eq!(serde_json::to_value(StateCategory::InProgress).unwrap(), json!("in_progress"));
}
