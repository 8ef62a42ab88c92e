#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use connector_core::{Connector, Request, capability::issue_tracker::IssueEventKind};
use connector_testkit::canned::{Sent, block_on, cx, response, sent_json};
use serde_json::json;

use super::*;

fn values() -> Value {
    json!({"site": "https://example.atlassian.net", "project_key": "ENG"})
}

/// A context that gets these answers, each with its status.
fn asked(values: Value, answers: Vec<(u16, Value)>) -> (Cx, Sent) {
    let answers = answers.into_iter().map(|(status, body)| Ok(response(status, &[], body))).collect();
    cx(&crate::CONNECTOR, values, answers)
}

fn at(r: &Request) -> String {
    let url = r.url().unwrap();
    format!("{} {}", r.method(), url.path())
}

fn status(id: &str, name: &str, category: &str) -> Value {
    json!({"id": id, "name": name, "statusCategory": {"key": category}})
}

fn standing() -> Value {
    json!({"id": "10002", "key": "ENG-24", "fields": {"status": status("1", "To Do", "new")}, "transitions": [
        {"id": "11", "name": "Start", "to": status("3", "In Progress", "indeterminate")},
        {"id": "21", "name": "Close", "to": status("5", "Closed", "done")},
    ]})
}

fn closed() -> Value {
    json!({"id": "10002", "key": "ENG-24", "fields": {
        "summary": "Slow", "status": status("5", "Closed", "done"), "labels": ["a"], "project": {"key": "ENG"},
        "assignee": {"accountId": "5b10a", "displayName": "Mia"}, "created": "2026-11-22T10:00:00.000+0100",
    }})
}

fn filter() -> IssueFilter {
    IssueFilter::default()
}

#[test]
fn another_trackers_issue_is_made_to_fit() {
    let (cx, sent) = asked(values(), vec![(201, json!({"id": "10000", "key": "ENG-24"}))]);
    let connector = Connector::from(&crate::CONNECTOR);
    let input = json!({
        "title": format!("two\nlines {}", "x".repeat(300)), "labels": ["help wanted", " "], "assignees": ["a", "b"], "kind": "Bug",
    });
    let made = block_on(connector.call("issue_tracker.create_issue", &cx, input)).unwrap();
    assert_eq!(made["key"], "ENG-24");
    assert_eq!(made["url"], "https://example.atlassian.net/browse/ENG-24");
    assert_eq!((&made["container"], &made["assignees"]), (&json!("ENG"), &json!([{"id": "a"}])));
    let fields = sent_json(&sent.take()[0])["fields"].clone();
    assert_eq!(fields["project"], json!({"key": "ENG"}));
    assert_eq!((&fields["labels"], &fields["issuetype"]), (&json!(["help-wanted"]), &json!({"name": "Bug"})));
    assert_eq!(fields["assignee"], json!({"accountId": "a"}));
    let summary = fields["summary"].as_str().unwrap();
    assert!(summary.starts_with("two lines x") && summary.chars().count() == MAX_SUMMARY);
}

#[test]
fn comments_are_listed_by_name() {
    let page = json!({"startAt": 0, "total": 2, "comments": [
        {"id": "1", "author": {"accountId": "5b10a", "displayName": "Mia"}, "created": "2026-11-22T10:00:00.000+0000"},
    ]});
    let (cx, sent) = asked(values(), vec![(200, page)]);
    let connector = Connector::from(&crate::CONNECTOR);
    let listed = block_on(connector.call("issue_tracker.list_comments", &cx, json!({"key": "ENG-24"}))).unwrap();
    assert_eq!(listed["next"], "1");
    assert_eq!(
        listed["items"],
        json!([{
            "id": "1", "body": "", "author": {"id": "5b10a", "name": "Mia"}, "created_at": "2026-11-22T10:00:00Z",
            "url": "https://example.atlassian.net/browse/ENG-24?focusedCommentId=1",
        }])
    );
    assert!(sent.take()[0].url().unwrap().query().unwrap().contains("orderBy=created"));
}

#[test]
fn a_state_is_reached_by_a_transition() {
    let (cx, sent) = asked(values(), vec![(200, standing()), (204, Value::Null), (204, Value::Null), (200, closed())]);
    let change = IssueChange {
        key: "ENG-24".into(),
        body: Some(String::new()),
        assignees: Some(vec![]),
        state: Some(StateTarget::Category(StateCategory::Done)),
        ..Default::default()
    };
    let issue = block_on(Tracker.update_issue(&cx, change)).unwrap();
    assert_eq!(issue.state, Some(State { name: "Closed".into(), category: StateCategory::Done }));
    assert_eq!(issue.created_at.as_deref(), Some("2026-11-22T09:00:00Z"));
    let sent = sent.take();
    let path = "/rest/api/3/issue/ENG-24";
    assert_eq!(
        sent.iter().map(at).collect::<Vec<_>>(),
        [format!("GET {path}"), format!("PUT {path}"), format!("POST {path}/transitions"), format!("GET {path}")]
    );
    assert_eq!(sent_json(&sent[1]), json!({"fields": {"assignee": null, "description": null}}));
    assert_eq!(sent_json(&sent[2]), json!({"transition": {"id": "21"}}));
}

#[test]
fn an_issue_stays_in_a_state_that_it_has() {
    let (cx, sent) = asked(values(), vec![(200, standing()), (200, closed())]);
    let state = Some(StateTarget::Category(StateCategory::Open));
    block_on(Tracker.update_issue(&cx, IssueChange { key: "ENG-24".into(), state, ..Default::default() })).unwrap();
    assert!(sent.take().iter().all(|r| *r.method() == Method::GET));
}

#[test]
fn a_state_that_cannot_be_reached_is_said_before_anything_changes() {
    let (cx, sent) = asked(values(), vec![(200, standing())]);
    let state = Some(StateTarget::Named("Rejected".into()));
    let change = IssueChange { key: "ENG-24".into(), title: Some("x".into()), state, ..Default::default() };
    let e = block_on(Tracker.update_issue(&cx, change)).unwrap_err();
    assert_eq!((e.kind(), e.fields()[0].pointer.as_str()), (ErrorKind::InvalidInput, "/state"));
    assert!(e.fields()[0].message.contains("`Start` to `In Progress`"));
    assert_eq!(sent.take().len(), 1);
}

#[test]
fn what_a_transition_wants_belongs_to_the_state() {
    let refused = json!({"errors": {"resolution": "Resolution is required."}});
    let (cx, _) = asked(values(), vec![(200, standing()), (400, refused)]);
    let state = Some(StateTarget::Named("closed".into()));
    let change = IssueChange { key: "ENG-24".into(), state, ..Default::default() };
    let e = block_on(Tracker.update_issue(&cx, change)).unwrap_err();
    assert_eq!((e.fields().len(), e.fields()[0].pointer.as_str(), e.status()), (1, "/state", Some(400)));
    assert!(e.fields()[0].message.contains("Resolution is required."));
}

#[test]
fn filters_become_a_query_that_no_value_breaks_out_of() {
    let (cx, _) = asked(values(), vec![]);
    let all = IssueFilter {
        text: Some(r#"login" OR project = "SECRET"#.into()),
        state: Some(StateCategory::Open),
        labels: vec!["a b".into(), r#"c" OR 1=1"#.into()],
        assignee: Some(r#"x\" OR 1=1"#.into()),
        updated_since: Some("2026-11-22T10:00:00+01:00".into()),
        ..filter()
    };
    assert_eq!(
        query(&cx, &all).unwrap(),
        concat!(
            r#"project = "ENG" AND text ~ "login\\\" or project = \\\"SECRET" AND statusCategory = "To Do" AND labels = "a-b" "#,
            r#"AND labels = "c\"-OR-1=1" AND assignee = "x\\\" OR 1=1" AND updated >= 1795338000000 ORDER BY updated DESC"#
        )
    );
    assert_eq!(query(&cx, &filter()).unwrap(), r#"project = "ENG" ORDER BY updated DESC"#);
    for (wrong, pointer) in [
        (IssueFilter { container: Some(r#"ENG" OR 1=1"#.into()), ..filter() }, "/container"),
        (IssueFilter { text: Some("?!".into()), ..filter() }, "/text"),
        (IssueFilter { updated_since: Some("yesterday".into()), ..filter() }, "/updated_since"),
    ] {
        assert_eq!(query(&cx, &wrong).unwrap_err().fields()[0].pointer, pointer);
    }
    let (cx, _) = asked(json!({"site": "https://example.atlassian.net"}), vec![]);
    assert_eq!(query(&cx, &filter()).unwrap_err().fields()[0].pointer, "/container");
}

#[test]
fn issues_are_listed_page_by_page() {
    let (cx, sent) =
        asked(values(), vec![(200, json!({"issues": [closed()], "nextPageToken": "CAE", "isLast": false}))]);
    let page =
        block_on(Tracker.list_issues(&cx, IssueFilter { limit: Some(1), cursor: Some("BAD".into()), ..filter() }))
            .unwrap();
    assert_eq!((page.items[0].key.as_str(), page.next.as_deref()), ("ENG-24", Some("CAE")));
    let body = sent_json(&sent.take()[0]);
    assert_eq!((&body["maxResults"], &body["nextPageToken"]), (&json!(1), &json!("BAD")));
}

#[test]
fn people_are_found_in_a_project() {
    let people = json!([
        {"accountId": "5b10a", "displayName": "Mia Krystof", "emailAddress": "mia@example.com", "accountType": "atlassian"},
        {"displayName": "nobody"},
    ]);
    let (cx, sent) = asked(values(), vec![(200, people.clone())]);
    let found = block_on(Tracker.find_people(&cx, None, "mia & co")).unwrap();
    assert_eq!((found.len(), found[0].id.as_str(), found[0].bot), (1, "5b10a", Some(false)));
    let url = sent.take()[0].url().unwrap().clone();
    assert_eq!(url.query(), Some("query=mia+%26+co&project=ENG&maxResults=50"));
    let values = json!({"site": "https://jira.example.com", "deployment": "data_center", "project_key": "ENG"});
    let (cx, sent) = asked(values, vec![(200, json!([{"name": "mia", "displayName": "Mia Krystof"}]))]);
    let found = block_on(Tracker.find_people(&cx, Some("OPS"), "mia")).unwrap();
    assert_eq!(found[0].id, "mia");
    let url = sent.take()[0].url().unwrap().clone();
    assert_eq!(
        (url.path(), url.query()),
        ("/rest/api/2/user/assignable/search", Some("username=mia&project=OPS&maxResults=50"))
    );
}

#[test]
fn what_is_no_key_is_never_sent() {
    let (cx, sent) = asked(values(), vec![]);
    for key in ["", "ENG", "../ENG-1", "ENG-", "1-ENG", "ENG-1 OR 1=1"] {
        let errors = [
            block_on(Tracker.get_issue(&cx, key)).unwrap_err(),
            block_on(Tracker.add_comment(&cx, key, "x")).unwrap_err(),
            block_on(Tracker.list_comments(&cx, key, None)).unwrap_err(),
        ];
        assert!(errors.iter().all(|e| e.fields()[0].pointer == "/key"), "{key}");
    }
    let e = block_on(Tracker.list_comments(&cx, "ENG-1", Some("x"))).unwrap_err();
    assert_eq!(e.fields()[0].pointer, "/cursor");
    let (cx, _) = asked(json!({"site": "https://example.atlassian.net"}), vec![]);
    let e = block_on(Tracker.create_issue(&cx, NewIssue { title: "t".into(), ..Default::default() })).unwrap_err();
    assert_eq!((e.kind(), e.fields()[0].pointer.as_str()), (ErrorKind::Misconfigured, "/project_key"));
    assert!(sent.take().is_empty());
}

#[test]
fn errors_name_the_operations_fields() {
    let refused = json!({"errors": {"summary": "is too odd", "issuetype": "is unknown"}});
    let (cx, _) = asked(values(), vec![(400, refused)]);
    let e = block_on(Tracker.create_issue(&cx, NewIssue { title: "t".into(), ..Default::default() })).unwrap_err();
    let mut at: Vec<&str> = e.fields().iter().map(|f| f.pointer.as_str()).collect();
    at.sort_unstable();
    assert_eq!((e.kind(), e.status(), at), (ErrorKind::InvalidInput, Some(400), vec!["/kind", "/title"]));
}

/// The payload of a webhook's fixture.
fn payload(fixture: &str) -> Value {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/webhooks").join(fixture);
    let all: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    all["json"].clone()
}

#[test]
fn events_are_read_as_all_trackers_have_them() {
    let e = Tracker.read_event("issue_created", &payload("issue_created.json")).unwrap();
    assert_eq!((e.kind, e.issue.key.as_str(), e.comment), (IssueEventKind::Created, "ENG-24", None));
    assert_eq!(e.issue.url.as_deref(), Some("https://example.atlassian.net/browse/ENG-24"));
    assert_eq!(e.issue.state, Some(State { name: "To Do".into(), category: StateCategory::Open }));
    assert_eq!((e.issue.container.as_deref(), e.issue.body.as_str()), (Some("ENG"), "Since Monday."));
    let e = Tracker.read_event("issue_updated", &payload("issue_updated__assigned.json")).unwrap();
    assert_eq!(e.issue.assignees[0].name.as_deref(), Some("Emma Richards"));
    assert_eq!(e.actor.unwrap().id, "5b10ac8d82e05b22cc7d4ef5");
    let said = payload("comment_created.json");
    for (event, kind, actor) in [
        ("comment_created", IssueEventKind::CommentCreated, true),
        ("comment_updated", IssueEventKind::CommentUpdated, true),
        ("comment_deleted", IssueEventKind::CommentDeleted, false),
    ] {
        let e = Tracker.read_event(event, &said).unwrap();
        assert_eq!((e.kind, e.actor.is_some()), (kind, actor));
        let comment = e.comment.unwrap();
        assert_eq!((comment.id.as_str(), comment.body.as_str()), ("10000", "Me too"));
        assert_eq!(comment.url.as_deref(), Some("https://example.atlassian.net/browse/ENG-24?focusedCommentId=10000"));
    }
    assert_eq!(
        Tracker.read_event("issue_deleted", &payload("issue_created.json")).unwrap().kind,
        IssueEventKind::Deleted
    );
    assert!(Tracker.read_event("version_released", &payload("version_released.json")).is_none());
    assert!(Tracker.read_event("issue_created", &json!({"issue": 7})).is_none());
}
