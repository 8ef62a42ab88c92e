//! Redirects through the whole way: core decides what comes next, the guard judges every hop, and what arrives is what a
//! service sees. Only `allow` makes the listeners here reachable.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]

mod common;

use std::sync::Arc;

use common::*;
use connector_core::{ErrorKind, Method, Request};

fn get(url: &str) -> Request {
    Request::new(Method::GET, url).unwrap().follow_redirects(5)
}

#[tokio::test]
async fn a_way_into_the_network_is_refused_at_the_hop_that_leads_there() {
    let (inside, reached) = service("127.0.0.2:0", 302, |_| None).await;
    let rules = [
        (format!("http://{inside}/"), "loopback"),
        (format!("http://127.0.0.2.:{}/", inside.port()), "loopback"),
        (format!("http://2130706434:{}/", inside.port()), "loopback"),
        (format!("//{inside}/"), "loopback"),
        ("http://10.0.0.1/".to_owned(), "private"),
        ("http://169.254.169.254/latest/meta-data/".to_owned(), "link_local"),
        ("http://metadata.google.internal/".to_owned(), "metadata_name"),
        ("http://[::1]/".to_owned(), "loopback"),
        ("https://8.8.8.8:6379/".to_owned(), "port"),
        ("http://evil.example/".to_owned(), "host_not_declared"),
    ];
    for (to, rule) in rules {
        let (at, heads) = service("127.0.0.1:0", 302, {
            let to = to.clone();
            move |path| path.starts_with("/first").then(|| to.clone())
        })
        .await;
        let hosts =
            ["127.0.0.1", "127.0.0.2", "10.0.0.1", "169.254.169.254", "metadata.google.internal", "[::1]", "8.8.8.8"];
        let cx = cx(&hosts, Arc::new(opened(&[at])), key());
        let e = cx.send(with_slots(get(&format!("http://{at}/first/__t__")))).await.unwrap_err();
        assert_eq!(e.kind(), ErrorKind::Refused, "{to}: {e}");
        assert!(e.operator_text().contains(&format!("`{rule}`")), "{to}: {e}");
        assert_eq!(heads.lock().unwrap().len(), 1);
    }
    assert!(reached.lock().unwrap().is_empty());
}

#[tokio::test]
async fn no_other_scheme_no_loop_no_end() {
    for (to, said) in [
        ("ftp://127.0.0.1/x", "no sound http or https URL"),
        ("file:///etc/passwd", "no sound http or https URL"),
        ("gopher://127.0.0.1:6379/_INFO", "no sound http or https URL"),
        ("http://me@127.0.0.1/", "no sound http or https URL"),
        ("/first", "more than 5 times"),
    ] {
        let (at, heads) = service("127.0.0.1:0", 302, move |_| Some(to.to_owned())).await;
        let cx = cx(&["127.0.0.1"], Arc::new(opened(&[at])), key());
        let e = cx.send(get(&format!("http://{at}/first"))).await.unwrap_err();
        assert_eq!((e.kind(), e.status()), (ErrorKind::Protocol, Some(302)), "{to}: {e}");
        assert!(e.operator_text().contains(said), "{to}: {e}");
        assert_eq!(heads.lock().unwrap().len(), if to == "/first" { 6 } else { 1 });
    }
}

#[tokio::test]
async fn within_an_origin_credentials_arrive_across_origins_none_does() {
    let (there, far) = service("127.0.0.1:0", 302, |_| None).await;
    let (at, near) = service("127.0.0.1:0", 307, move |path| match path.split(['?', '/']).nth(1).unwrap() {
        "first" => Some("/second?page=2".to_owned()),
        "second" => Some(format!("http://{there}/third?sig=abc")),
        _ => None,
    })
    .await;
    let cx = cx(&["127.0.0.1"], Arc::new(opened(&[at, there])), key());
    let request = with_slots(get(&format!("http://{at}/first/__t__"))).header("x-account", "acme").unwrap();
    assert_eq!(cx.send(request).await.unwrap().body, "end");

    let near = near.lock().unwrap();
    assert_eq!(near.len(), 2);
    for head in near.iter() {
        assert!(head.contains(&format!("x-api-key: {CANARY}")) && head.contains(&format!("key={CANARY}")), "{head}");
        assert!(head.contains("authorization: Basic bWU6") && head.contains("x-account: acme"), "{head}");
    }
    assert!(near[1].starts_with(&format!("GET /second?page=2&key={CANARY} ")), "{}", near[1]);
    let far = far.lock().unwrap();
    assert_eq!(far.len(), 1);
    let head = far[0].to_lowercase();
    assert!(head.starts_with("get /third?sig=abc "), "{head}");
    for word in [&*CANARY.to_lowercase(), "authorization", "x-api-key", "x-account", "cookie", "referer", "bwu6"] {
        assert!(!head.contains(word), "`{word}` went to another origin: {head}");
    }
}

#[tokio::test]
async fn what_changes_something_is_sent_once() {
    for status in [301, 302, 303, 307, 308] {
        let (at, heads) = service("127.0.0.1:0", status, |path| (path == "/first").then(|| "/second".to_owned())).await;
        let cx = cx(&["127.0.0.1"], Arc::new(opened(&[at])), key());
        let request = Request::new(Method::POST, &format!("http://{at}/first")).unwrap().follow_redirects(5);
        let answer = cx.send(request.json(serde_json::json!({"pay": 100}))).await.unwrap();
        assert_eq!((answer.status.as_u16(), answer.header("location")), (status, Some("/second")));
        assert_eq!(heads.lock().unwrap().len(), 1);
    }
}
