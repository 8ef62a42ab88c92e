#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use connector_core::ErrorKind;
use connector_testkit::canned::cx;
use serde_json::json;

use super::*;

fn fields(declared: Value) -> Fields {
    Fields::check(Some(&declared)).unwrap()
}

fn object(v: Value) -> Map<String, Value> {
    v.as_object().unwrap().clone()
}

fn every() -> Value {
    let kinds = [
        "any",
        "text",
        "rich_text",
        "number",
        "option",
        "options",
        "cascading",
        "user",
        "users",
        "group",
        "groups",
        "version",
        "versions",
        "date",
        "datetime",
        "labels",
        "url",
        "sprint",
        "epic_link",
        "team",
    ];
    let named =
        kinds.iter().enumerate().map(|(i, k)| (format!("f_{k}"), json!({"id": format!("customfield_{i}"), "type": k})));
    Value::Object(named.collect())
}

/// The value under `f_<kind>` as Jira gets it.
fn written(deployment: &str, kind: &str, value: Value) -> Result<Value> {
    let (cx, _) = cx(&crate::CONNECTOR, json!({ "deployment": deployment }), vec![]);
    let given = object(json!({ format!("f_{kind}"): value }));
    let out = fields(every()).write(&cx, Format::Plain, given, &[])?;
    Ok(out.into_iter().next().unwrap().1)
}

#[test]
fn values_take_the_form_of_their_type() {
    for (kind, given, want) in [
        ("any", json!({"x": [1]}), json!({"x": [1]})),
        ("text", json!("one line"), json!("one line")),
        ("number", json!(2.5), json!(2.5)),
        ("option", json!("Blue"), json!({"value": "Blue"})),
        ("option", json!({"id": "10020"}), json!({"id": "10020"})),
        ("options", json!(["Blue", {"id": "1"}]), json!([{"value": "Blue"}, {"id": "1"}])),
        ("cascading", json!(["Blue", "Navy"]), json!({"value": "Blue", "child": {"value": "Navy"}})),
        ("cascading", json!("Blue"), json!({"value": "Blue"})),
        ("user", json!("5b10a"), json!({"accountId": "5b10a"})),
        ("user", json!({"id": "5b10a", "name": "Mia"}), json!({"accountId": "5b10a"})),
        ("users", json!(["a", {"accountId": "b"}]), json!([{"accountId": "a"}, {"accountId": "b"}])),
        ("group", json!("admins"), json!({"name": "admins"})),
        ("groups", json!(["a", "b"]), json!([{"name": "a"}, {"name": "b"}])),
        ("version", json!("2.1"), json!({"name": "2.1"})),
        ("versions", json!([{"id": "7"}]), json!([{"id": "7"}])),
        ("date", json!("2026-12-01"), json!("2026-12-01")),
        ("datetime", json!("2026-12-01T09:30:00+01:00"), json!("2026-12-01T08:30:00.000+0000")),
        ("labels", json!(["a", "b"]), json!(["a", "b"])),
        ("url", json!("https://example.com/a"), json!("https://example.com/a")),
        ("sprint", json!("7"), json!(7)),
        ("epic_link", json!("ENG-7"), json!("ENG-7")),
        ("team", json!({"id": "36885b3c", "name": "Blue"}), json!("36885b3c")),
    ] {
        assert_eq!(written("cloud", kind, given).unwrap(), want, "{kind}");
    }
    assert_eq!(written("data_center", "user", json!("mia")).unwrap(), json!({"name": "mia"}));
    assert_eq!(written("cloud", "rich_text", json!("a")).unwrap()["type"], "doc");
    assert_eq!(written("data_center", "rich_text", json!("a")).unwrap(), json!("a"));
    assert_eq!(written("cloud", "rich_text", json!(" ")).unwrap(), Value::Null);
}

#[test]
fn every_type_is_cleared_by_null_and_refuses_another_form() {
    for (name, kind) in every().as_object().unwrap() {
        let kind = kind["type"].as_str().unwrap();
        assert_eq!(written("cloud", kind, Value::Null).unwrap(), Value::Null, "{name}");
        if kind == "any" {
            continue;
        }
        for wrong in [json!(true), json!([[]]), json!({"x": 1})] {
            let e = written("cloud", kind, wrong.clone()).unwrap_err();
            assert_eq!(
                (e.kind(), e.fields()[0].pointer.as_str()),
                (ErrorKind::InvalidInput, format!("/fields/{name}").as_str())
            );
            assert!(e.fields()[0].message.starts_with("must be "), "{kind}: {wrong}");
        }
    }
    for (kind, wrong) in [
        ("date", json!("2026-13-01")),
        ("date", json!("01.12.2026")),
        ("datetime", json!("2026-12-01T09:30:00")),
        ("text", json!("two\nlines")),
        ("labels", json!(["help wanted"])),
        ("url", json!("javascript:alert(1)")),
        ("sprint", json!(0)),
        ("epic_link", json!("the epic")),
        ("cascading", json!(["a", "b", "c"])),
        ("option", json!("")),
    ] {
        assert!(written("cloud", kind, wrong.clone()).is_err(), "{kind}: {wrong}");
    }
}

#[test]
fn what_jira_has_comes_back_flat() {
    let mia = json!({"accountId": "5b10a", "displayName": "Mia", "avatarUrls": {}});
    let on_premise =
        "com.atlassian.greenhopper.service.sprint.Sprint@1f[id=7,rapidViewId=3,state=ACTIVE,name=One, two,goal=]";
    for (kind, raw, want) in [
        ("any", json!({"x": 1}), json!({"x": 1})),
        ("rich_text", json!("It is *red*."), json!("It is **red**.")),
        ("rich_text", json!({"type": "doc", "version": 1, "content": []}), json!("")),
        ("option", json!({"value": "Blue", "id": "1"}), json!("Blue")),
        ("options", json!([{"value": "Blue"}]), json!(["Blue"])),
        ("cascading", json!({"value": "Blue", "child": {"value": "Navy"}}), json!(["Blue", "Navy"])),
        ("user", mia.clone(), json!({"id": "5b10a", "name": "Mia"})),
        ("users", json!([mia]), json!([{"id": "5b10a", "name": "Mia"}])),
        ("user", json!({"name": "mia", "key": "k", "displayName": "Mia"}), json!({"id": "mia", "name": "Mia"})),
        ("version", json!({"name": "2.1", "id": "1"}), json!("2.1")),
        ("datetime", json!("2026-12-01T08:30:00.000+0000"), json!("2026-12-01T08:30:00Z")),
        (
            "sprint",
            json!([{"id": 7, "name": "S", "state": "active", "boardId": 3}]),
            json!([{"id": 7, "name": "S", "state": "active"}]),
        ),
        ("sprint", json!([on_premise]), json!([{"id": 7, "name": "One, two", "state": "active"}])),
        (
            "team",
            json!({"id": "36885b3c", "name": "Blue", "isShared": true}),
            json!({"id": "36885b3c", "name": "Blue"}),
        ),
        ("number", Value::Null, Value::Null),
        ("option", Value::Null, Value::Null),
        ("option", json!(7), json!(7)),
    ] {
        let f = fields(json!({"x": {"id": "customfield_1", "type": kind}}));
        let mut all = BTreeMap::from([("customfield_1".to_owned(), raw), ("votes".to_owned(), json!(1))]);
        assert_eq!(Value::Object(f.read(&mut all)), json!({"x": want}), "{kind}");
        assert_eq!(all.keys().collect::<Vec<_>>(), ["votes"]);
    }
}

#[test]
fn names_are_declared_known_or_ids() {
    let (cx, _) = cx(&crate::CONNECTOR, json!({}), vec![]);
    let f = fields(json!({"story_points": {"id": "customfield_10016", "type": "number"}, "team": "customfield_10001"}));
    let write = |given: Value| f.write(&cx, Format::Plain, object(given), &[("summary", "/summary")]);
    let sent = write(json!({
        "story_points": 5, "customfield_99": {"value": "x"}, "components": ["Login"], "due_date": "2026-12-01", "reporter": "5b10a",
    }));
    assert_eq!(
        Value::Object(sent.unwrap()),
        json!({
            "customfield_10016": 5, "customfield_99": {"value": "x"}, "components": [{"name": "Login"}],
            "duedate": "2026-12-01", "reporter": {"accountId": "5b10a"},
        })
    );
    for (given, at, says) in [
        (json!({"story_point": 5}), "/fields/story_point", "did you mean `story_points`?"),
        (json!({"colour": "x"}), "/fields/colour", "declared are story_points, team"),
        (json!({"summary": "x"}), "/fields/summary", "set `summary`"),
        (json!({"customfield_10016": "five"}), "/fields/customfield_10016", "must be a number"),
        (json!({"story_points": 5, "customfield_10016": 5}), "/fields/story_points", "given twice"),
        (json!({"a/b": 1}), "/fields/a~1b", "no declared field"),
    ] {
        let e = write(given).unwrap_err();
        assert_eq!((e.fields().len(), e.fields()[0].pointer.as_str()), (1, at));
        assert!(e.fields()[0].message.contains(says), "{}", e.fields()[0].message);
    }
}

#[test]
fn fields_are_asked_for_by_name_too() {
    let f = fields(json!({"story_points": "customfield_10016", "team": "customfield_10001"}));
    let select = |names: &[&str]| f.select(&names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>());
    assert_eq!(
        select(&["story_points", "-team", "*all", "issue_type", "workratio", "customfield_7"]).unwrap(),
        ["customfield_10016", "-customfield_10001", "*all", "issuetype", "workratio", "customfield_7"]
    );
    let e = select(&["summary", "story_point", "teams"]).unwrap_err();
    let at: Vec<&str> = e.fields().iter().map(|f| f.pointer.as_str()).collect();
    assert_eq!(at, ["/fields/1", "/fields/2"]);
}

#[test]
fn a_wrong_declaration_is_an_error_of_the_param() {
    for (declared, at) in [
        (json!([]), "/custom_fields"),
        (json!("customfield_1"), "/custom_fields"),
        (json!({"x": 7}), "/custom_fields/x"),
        (json!({"x": "10016"}), "/custom_fields/x"),
        (json!({"x": {"type": "number"}}), "/custom_fields/x/id"),
        (json!({"x": {"id": 10016}}), "/custom_fields/x/id"),
        (json!({"x": {"id": "customfield_1", "type": "colour"}}), "/custom_fields/x/type"),
        (json!({"x": {"id": "customfield_1", "kind": "number"}}), "/custom_fields/x"),
        (json!({"summary": "customfield_1"}), "/custom_fields/summary"),
        (json!({"customfield_2": "customfield_1"}), "/custom_fields/customfield_2"),
        (json!({"two words": "customfield_1"}), "/custom_fields/two words"),
        (json!({"x": "customfield_1", "y": "customfield_1"}), "/custom_fields/y"),
    ] {
        let errors = Fields::check(Some(&declared)).unwrap_err();
        assert_eq!(errors.iter().map(|e| e.pointer.as_str()).collect::<Vec<_>>(), [at]);
        let (cx, _) = cx(&crate::CONNECTOR, json!({ PARAM: declared }), vec![]);
        assert_eq!(Fields::of(&cx).unwrap_err().kind(), ErrorKind::Misconfigured);
    }
    assert_eq!(Fields::check(None).unwrap(), Fields::default());
}
