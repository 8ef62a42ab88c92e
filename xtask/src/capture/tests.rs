#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use serde_json::json;

use super::*;
use crate::testing::Tree;

fn options(connector: &str) -> Options {
    Options { connector: connector.into(), ..Options::default() }
}

fn tree() -> Tree {
    let tree = Tree::new();
    tree.write(
        "connectors/acme/src/webhook.rs",
        "fn webhook() { w.delivery_id(Locator::header(\"x-acme-delivery\")).delivery_id(Locator::body(\"/event_id\")) }",
    );
    tree
}

fn delivery() -> Value {
    // Put together at run time, so that this file holds no token form.
    let token = format!("ghp_{}", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8");
    json!({
        "id": "018f", "trace_id": "t", "connector": "acme", "connection": "main", "method": "POST",
        "path": "/webhooks/acme/main?token=abc&x=1",
        "headers": [
            ["Host", "gateway.example"], ["Content-Type", "application/json"], ["X-Acme-Signature", "sha256=ab"],
            ["X-Acme-Delivery", "d-1"], ["X-Acme-Event", "message"], ["X-Acme-Request-Timestamp", "1"],
            ["Authorization", "Bearer x"], ["Cookie", "a=b"], ["X-Forwarded-For", "192.0.2.1"], ["User-Agent", "Acme"],
            ["Accept", "*/*"], ["Content-Length", "9"]
        ],
        "body_text": json!({
            "event_id": "e-1", "token": "verification", "text": format!("my key is {token}"),
            "deep": [{"response_url": "https://hooks.example/1", "Client_Secret": "s", "tokens": ["kept"], "secret": 5}],
        }).to_string(),
        "events": [{"id": "e", "event_type": "message.im", "subject": "C1"}],
        "received_at": "2026-11-22T10:00:00Z",
        "something_new": true,
    })
}

#[test]
fn a_delivery_becomes_a_fixture_without_secrets() {
    let tree = tree();
    let o = capture(tree.root(), &options("acme"), &delivery().to_string()).unwrap_err();
    assert!(o.to_string().contains("is there already") && o.to_string().contains("--case"), "{o}");

    let o =
        capture(tree.root(), &Options { case: Some("im".into()), ..options("acme") }, &delivery().to_string()).unwrap();
    assert_eq!(o.file, PathBuf::from("connectors/acme/fixtures/webhooks/message__im.json"));
    let text = tree.read("connectors/acme/fixtures/webhooks/message__im.json");
    let v: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(v["origin"], json!({"kind": "recorded", "source": SOURCE, "date": "2026-11-22"}));
    assert_eq!(
        v["headers"],
        json!({"content-type": "application/json", "x-acme-delivery": "d-1", "x-acme-event": "message"})
    );
    assert_eq!(v["query"], "token=redacted&x=1");
    assert_eq!(v["json"]["token"], "redacted");
    assert_eq!(v["json"]["text"], "my key is [redacted GitHub token]");
    assert_eq!(
        v["json"]["deep"][0],
        json!({"response_url": "redacted", "Client_Secret": "redacted", "tokens": ["kept"], "secret": 5})
    );
    assert_eq!(
        v["expect"],
        json!({"event_type": "message.im", "trigger": "message", "delivery_id": "d-1", "subject": "C1"})
    );
    assert!(v.get("method").is_none(), "POST is the default");
    assert!(text.find("\"origin\"").unwrap() < text.find("\"expect\"").unwrap());
    assert_eq!(o.redacted, ["query token", "/deep/0/Client_Secret", "/deep/0/response_url", "/text", "/token"]);
    assert_eq!(o.dropped_headers.len(), 9, "{:?}", o.dropped_headers);
}

#[test]
fn a_form_with_json_in_it_is_cleaned_inside() {
    let tree = tree();
    let mut d = delivery();
    d["headers"] = json!([["content-type", "application/x-www-form-urlencoded"]]);
    d["body_text"] = json!("payload=%7B%22token%22%3A%22t%22%2C%22a%22%3A1%7D&text=a+b&event_id=9");
    let o = Options { event: Some("slash command".into()), ..options("acme") };
    let out = capture(tree.root(), &o, &d.to_string()).unwrap();
    let v: Value = serde_json::from_str(&tree.read("connectors/acme/fixtures/webhooks/slash_command.json")).unwrap();
    assert_eq!(v["form"]["text"], "a b");
    assert_eq!(v["form"]["payload"], "{\"a\":1,\"token\":\"redacted\"}");
    assert_eq!((&v["expect"]["trigger"], &v["expect"]["delivery_id"]), (&Value::Null, &Value::Null));
    assert!(v["expect"].get("subject").is_none(), "the subject belongs to the event that was replaced");
    assert!(out.notes.iter().any(|n| n.contains("kept raw")) && out.notes.iter().any(|n| n.contains("delivery id")));
}

#[test]
fn other_bodies_and_methods() {
    let tree = tree();
    let mut d = delivery();
    d["body_text"] = Value::Null;
    d["body_base64"] = json!("/wA=");
    d["method"] = json!("PUT");
    let o = Options {
        case: Some("raw".into()),
        origin_source: Some("https://acme.example/docs".into()),
        ..options("acme")
    };
    capture(tree.root(), &o, &d.to_string()).unwrap();
    let v: Value = serde_json::from_str(&tree.read("connectors/acme/fixtures/webhooks/message__raw.json")).unwrap();
    assert_eq!((&v["base64"], &v["method"]), (&json!("/wA="), &json!("PUT")));
    assert_eq!(v["origin"]["source"], "https://acme.example/docs");

    d["body_base64"] = json!("eyJldmVudF9pZCI6Nzd9");
    d["headers"] = json!([]);
    capture(tree.root(), &Options { force: true, ..o }, &d.to_string()).unwrap();
    let v: Value = serde_json::from_str(&tree.read("connectors/acme/fixtures/webhooks/message__raw.json")).unwrap();
    assert_eq!((&v["json"]["event_id"], &v["expect"]["delivery_id"]), (&json!(77), &json!("77")));
}

#[test]
fn what_cannot_be_a_fixture_is_refused() {
    let tree = tree();
    let refuse = |c: &str, d: Value| capture(tree.root(), &options(c), &d.to_string()).unwrap_err().to_string();
    assert!(refuse("zeta_crm", delivery()).contains("of connector `acme`"));
    assert!(refuse("nobody", delivery()).contains("there are: acme, zeta_crm"));
    assert!(refuse("acme", json!("text")).contains("jackfield deliveries show"));
    let mut d = delivery();
    d["events"] = json!([]);
    assert!(refuse("acme", d).contains("--event"));
    // In an event type no cleaning reaches it.
    let mut d = delivery();
    d["events"][0]["event_type"] = json!(format!("x.ghp_{}", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"));
    let e = refuse("acme", d);
    assert!(e.contains("GitHub token") && !e.contains("k1L2m3"), "{e}");
    assert!(!tree.root().join("connectors/acme/fixtures/webhooks/x.json").exists());
}
