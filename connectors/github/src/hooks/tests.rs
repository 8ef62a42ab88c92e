#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]

use connector_core::Request;
use connector_testkit::canned::{Sent, block_on, cx, response, sent_json};
use serde_json::{Value, json};

use super::*;

const URL: &str = "https://gateway.example.com/webhooks/github/work";

fn asked(answers: Vec<(u16, Value)>) -> (Cx, Sent) {
    let answers = answers.into_iter().map(|(status, body)| Ok(response(status, &[], body))).collect();
    cx(&crate::CONNECTOR, json!({}), answers)
}

fn at(r: &Request) -> String {
    format!("{} {}", r.method(), r.url().unwrap().path())
}

fn order(resource: &str, triggers: &[&str]) -> HookOrder {
    HookOrder {
        resource: Some(resource.into()),
        url: URL.into(),
        secret: "webhook_secret".into(),
        triggers: triggers.iter().map(|t| (*t).to_owned()).collect(),
    }
}

fn kept(id: u64, url: &str) -> Value {
    json!({"id": id, "type": "Repository", "name": "web", "active": true, "events": ["push"], "config": {"url": url}})
}

#[test]
fn what_the_token_administers_can_have_a_webhook() {
    let repo = |name: &str, admin: bool| {
        json!({"id": 1, "name": name, "full_name": format!("acme/{name}"), "html_url": "https://github.com/acme/x",
            "permissions": {"pull": true, "admin": admin}})
    };
    let orgs = json!([
        {"role": "admin", "state": "active", "organization": {"login": "acme"}},
        {"role": "member", "state": "active", "organization": {"login": "other"}},
    ]);
    let (cx, sent) = asked(vec![(200, orgs), (200, json!([repo("shop", true), repo("read-only", false)]))]);
    let page = block_on(make().resources(&cx, None)).unwrap();
    let ids: Vec<&str> = page.items.iter().map(|r| r.id.as_str()).collect();
    assert_eq!(ids, ["acme", "acme/shop"]);
    assert_eq!(page.next, None);
    let sent: Vec<String> = sent.take().iter().map(at).collect();
    assert_eq!(sent, ["GET /user/memberships/orgs", "GET /user/repos"]);

    // A token that is not told of organizations still has repositories; a later page asks for those alone.
    let (cx, _) = asked(vec![(403, json!({"message": "no"})), (200, json!([repo("shop", true)]))]);
    assert_eq!(block_on(make().resources(&cx, None)).unwrap().items.len(), 1);
    let (cx, sent) = asked(vec![(200, json!([]))]);
    assert_eq!(block_on(make().resources(&cx, Some("2"))).unwrap(), Resources::default());
    assert!(sent.take()[0].url().unwrap().query().unwrap().contains("page=2"));
    let (cx, _) = asked(vec![]);
    assert_eq!(block_on(make().resources(&cx, Some("x"))).unwrap_err().kind(), ErrorKind::InvalidInput);
}

#[test]
fn a_webhook_is_made_once_and_then_brought_up_to_date() {
    let (cx, sent) = asked(vec![(200, json!([kept(1, "https://other.example.com")])), (201, kept(7, URL))]);
    let made = block_on(make().install(&cx, &order("acme/shop", &["issues", "push", "installation"]))).unwrap();
    assert_eq!((made.id.as_str(), made.triggers.as_slice()), ("7", &["issues".to_owned(), "push".to_owned()][..]));
    let requests = sent.take();
    assert_eq!(at(&requests[1]), "POST /repos/acme/shop/hooks");
    let body = sent_json(&requests[1]);
    assert_eq!(body["events"], json!(["issues", "push"]), "what comes to apps alone is not asked for");
    assert_eq!(body["config"]["secret"], "t", "it signs");
    assert_eq!(body["config"]["insecure_ssl"], "0");

    let (cx, sent) =
        asked(vec![(200, json!([kept(1, "https://other.example.com"), kept(7, URL)])), (200, kept(7, URL))]);
    let again = block_on(make().install(&cx, &order("acme/shop", &["release"]))).unwrap();
    assert_eq!(again.id, "7");
    assert_eq!(at(&sent.take()[1]), "PATCH /repos/acme/shop/hooks/7");

    let (cx, sent) = asked(vec![(200, json!([])), (201, kept(9, URL))]);
    block_on(make().install(&cx, &order("acme", &["push"]))).unwrap();
    assert_eq!(at(&sent.take()[1]), "POST /orgs/acme/hooks");

    for (resource, triggers, field) in
        [("acme/a/b", &["push"][..], "/resource"), ("", &["push"], "/resource"), ("acme/a", &["ping"], "/triggers")]
    {
        let (cx, _) = asked(vec![]);
        let e = block_on(make().install(&cx, &order(resource, triggers))).unwrap_err();
        assert_eq!(e.fields()[0].pointer, field);
    }
}

#[test]
fn removing_what_is_gone_is_a_success() {
    let hook = |resource: &str| Hook {
        id: "7".into(),
        resource: Some(resource.into()),
        url: URL.into(),
        triggers: vec![],
        expires_at: None,
    };
    let missing = || (404, json!({"message": "Not Found"}));
    let (cx, sent) = asked(vec![(204, json!(null))]);
    block_on(make().remove(&cx, &hook("acme/shop"))).unwrap();
    assert_eq!(at(&sent.take()[0]), "DELETE /repos/acme/shop/hooks/7");
    for place in ["acme/shop", "acme"] {
        let (cx, _) = asked(vec![missing(), (200, json!([kept(1, URL)]))]);
        block_on(make().remove(&cx, &hook(place))).unwrap();
        // It is there, and this token may not remove it: that must not be called a success.
        let (cx, _) = asked(vec![missing(), (200, json!([kept(7, URL)]))]);
        block_on(make().remove(&cx, &hook(place))).unwrap_err();
    }
}
