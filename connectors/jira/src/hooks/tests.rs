#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]

use connector_testkit::canned::{Sent, block_on, cx, response, sent_json};
use serde_json::Value;

use super::*;

const URL: &str = "https://gateway.example.com/webhooks/jira/our-jira";

fn asked(deployment: &str, answers: Vec<(u16, Value)>) -> (Cx, Sent) {
    let answers = answers.into_iter().map(|(status, body)| Ok(response(status, &[], body))).collect();
    let values = json!({"site": "https://a.example", "email": "mia@example.com", "deployment": deployment});
    cx(&crate::CONNECTOR, values, answers)
}

fn at(r: &Request) -> String {
    format!("{} {}", r.method(), r.url().unwrap().path())
}

fn order() -> HookOrder {
    HookOrder {
        resource: None,
        url: URL.into(),
        secret: "webhook_secret".into(),
        triggers: vec!["issue_created".into(), "comment_created".into(), "version_released".into()],
    }
}

fn kept(id: u64, url: &str) -> Value {
    json!({"self": format!("https://a.example{PATH}/{id}"), "name": "x", "url": url, "events": []})
}

#[test]
fn the_whole_site_is_the_one_resource() {
    let (cx, _) = asked("cloud", vec![]);
    assert_eq!(block_on(make().resources(&cx, None)).unwrap(), Resources::default());
    let (cx, _) = asked("data_center", vec![]);
    let e = block_on(make().install(&cx, &order())).unwrap_err();
    assert!(e.kind() == ErrorKind::Unsupported && e.caller_text().contains("System, WebHooks"), "{e}");
}

#[test]
fn a_webhook_is_made_once_and_then_brought_up_to_date() {
    let (cx, sent) = asked("cloud", vec![(200, json!([kept(1, "https://other.example")])), (201, kept(72, URL))]);
    let hook = block_on(make().install(&cx, &order())).unwrap();
    assert_eq!(hook.id, "72");
    let requests = sent.take();
    assert_eq!(at(&requests[1]), format!("POST {PATH}"));
    let body = sent_json(&requests[1]);
    assert_eq!(body["events"], json!(["jira:issue_created", "comment_created", "jira:version_released"]));
    assert_eq!((&body["secret"], &body["name"]), (&json!("t"), &json!("Jackfield (our-jira)")));

    let (cx, sent) = asked("cloud", vec![(200, json!([kept(72, URL)])), (200, kept(72, URL))]);
    assert_eq!(block_on(make().install(&cx, &order())).unwrap().id, "72");
    assert_eq!(at(&sent.take()[1]), format!("PUT {PATH}/72"));
}

#[test]
fn removing_what_is_gone_is_a_success() {
    let hook = Hook { id: "72".into(), resource: None, url: URL.into(), triggers: vec![], expires_at: None };
    for (status, well) in [(204, true), (404, true), (403, false)] {
        let (cx, sent) = asked("cloud", vec![(status, json!({"errorMessages": ["no"]}))]);
        assert_eq!(block_on(make().remove(&cx, &hook)).is_ok(), well, "{status}");
        assert_eq!(at(&sent.take()[0]), format!("DELETE {PATH}/72"));
    }
}
