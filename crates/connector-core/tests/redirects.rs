//! Redirects that a request follows, against a transport that only remembers: which requests are made, and what they carry.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]

use std::sync::{Arc, Mutex};

use connector_core::{
    BoxFuture, Connector, Cx, Error, ErrorKind, FixedClock, Invoke, Method, ParamInfo, ParamSpec, Request, Response,
    Result, SecretMap, SecretSlot, SecretSource, Timestamp, Transport, info::ActionInfo, transport::CallContext,
};
use serde_json::{Value, json};

const TOKEN: &str = "CANARY/7d2e9a84b1";

struct Nothing(Arc<ActionInfo>);

impl Invoke for Nothing {
    fn info(&self) -> &Arc<ActionInfo> {
        &self.0
    }

    fn invoke<'a>(&'a self, _: &'a Cx, _: Value) -> BoxFuture<'a, Result<Value>> {
        Box::pin(async { Ok(Value::Null) })
    }
}

fn connector(hosts: &[&str]) -> Connector {
    const SUB: ParamSpec = ParamSpec::new("sub", "Sub").description("Which.").optional();
    let info = ActionInfo::new("test", "nothing", json!({}), json!({}));
    let builder =
        Connector::builder("test", "Test").param(ParamInfo::from(&SUB)).action(Arc::new(Nothing(Arc::new(info))));
    hosts.iter().fold(builder, |b, h| b.host(h)).build().unwrap()
}

/// What left: the request with its secrets in place, as a service sees it.
#[derive(Debug, Clone)]
struct Seen {
    method: Method,
    url: String,
    headers: Vec<(String, String)>,
    given: bool,
    elsewhere: bool,
}

impl Seen {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }
}

/// Answers each request by the location that `next` gives for its URL: a redirect, or `200 end`.
struct Service<F> {
    status: u16,
    next: F,
    seen: Mutex<Vec<Seen>>,
}

#[async_trait::async_trait]
impl<F: Fn(&str) -> Option<String> + Send + Sync> Transport for Service<F> {
    async fn send(&self, request: Request, context: &CallContext) -> Result<Response> {
        let elsewhere = request.is_elsewhere();
        let filled = request.fill(&*context.secrets).await?;
        let host = filled.url.host_str().unwrap();
        // What the guarded transport does, as far as it matters here.
        if !filled.given_by_service && !connector_core::hosts::is_declared(host, &context.hosts) {
            return Err(Error::new(ErrorKind::Refused, "not declared"));
        }
        let headers =
            filled.headers.iter().map(|(n, v)| (n.to_string(), v.to_str().unwrap().to_owned())).collect::<Vec<_>>();
        let url = filled.url.to_string();
        let location = (self.next)(&url);
        let given = filled.given_by_service;
        self.seen.lock().unwrap().push(Seen { method: filled.method, url, headers, given, elsewhere });
        let mut answer = http::Response::builder();
        answer = match &location {
            Some(to) => answer.status(self.status).header("location", to),
            None => answer.status(200),
        };
        let (parts, ()) = answer.body(()).unwrap().into_parts();
        Ok(Response { status: parts.status, headers: parts.headers, body: "end".into() })
    }
}

struct Run {
    result: Result<Response>,
    seen: Vec<Seen>,
}

impl Run {
    fn urls(&self) -> Vec<&str> {
        self.seen.iter().map(|s| s.url.as_str()).collect()
    }

    fn fault(&self) -> &Error {
        self.result.as_ref().unwrap_err()
    }
}

async fn run_with(
    hosts: &[&str],
    values: Value,
    status: u16,
    request: Request,
    next: impl Fn(&str) -> Option<String> + Send + Sync + 'static,
) -> Run {
    let service = Arc::new(Service { status, next, seen: Mutex::default() });
    let secrets: Arc<dyn SecretSource> = Arc::new(SecretMap::new().with("token", TOKEN));
    let cx = connector(hosts)
        .cx(values.as_object().unwrap().clone(), service.clone(), Arc::new(FixedClock(Timestamp::UNIX_EPOCH)))
        .secrets(secrets)
        .build();
    let result = cx.send(request).await;
    let seen = service.seen.lock().unwrap().clone();
    Run { result, seen }
}

async fn run(status: u16, request: Request, next: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Run {
    run_with(&["a.example", "b.example"], json!({}), status, request, next).await
}

/// From the first address to this one, and no further.
fn once(to: &str) -> impl Fn(&str) -> Option<String> + Send + Sync + 'static + use<> {
    let to = to.to_owned();
    move |url| url.starts_with("https://a.example/first").then(|| to.clone())
}

fn get(url: &str) -> Request {
    Request::new(Method::GET, url).unwrap().follow_redirects(5)
}

fn first() -> Request {
    get("https://a.example/first")
}

fn everywhere(request: Request) -> Request {
    let secret = || "token".to_owned();
    request
        .secret(SecretSlot::Header { name: "x-api-key", prefix: "", secret: secret() })
        .secret(SecretSlot::Header { name: "authorization", prefix: "Bearer ", secret: secret() })
        .secret(SecretSlot::Query { name: "key", secret: secret() })
}

#[tokio::test]
async fn what_is_not_asked_for_is_not_followed() {
    let r = run(302, Request::new(Method::GET, "https://a.example/first").unwrap(), once("/second")).await;
    assert_eq!(r.urls(), ["https://a.example/first"]);
    assert_eq!(r.result.unwrap().status, 302);
    // A redirect without an address, and an answer that only looks like one.
    for status in [300, 304, 305, 306] {
        let r = run(status, first(), once("/second")).await;
        assert_eq!((r.seen.len(), r.result.unwrap().status.as_u16()), (1, status));
    }
}

#[tokio::test]
async fn every_kind_of_redirect_leads_on() {
    for status in [301, 302, 303, 307, 308] {
        for (to, url) in [
            ("/second", "https://a.example/second"),
            ("second?x=1", "https://a.example/second?x=1"),
            ("//b.example/second", "https://b.example/second"),
            ("https://b.example/second#part", "https://b.example/second#part"),
        ] {
            let r = run(status, first(), once(to)).await;
            assert_eq!(r.urls(), ["https://a.example/first", url], "{status} {to}");
            assert_eq!(r.result.unwrap().body, "end");
        }
    }
    let head = Request::new(Method::HEAD, "https://a.example/first").unwrap().follow_redirects(1);
    let r = run(303, head, once("/second")).await;
    assert!(r.seen.iter().all(|s| s.method == Method::HEAD) && r.seen.len() == 2);
}

#[tokio::test]
async fn what_changes_something_or_carries_something_is_never_sent_twice() {
    for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
        for status in [301, 302, 303, 307, 308] {
            let request = Request::new(method.clone(), "https://a.example/first").unwrap().follow_redirects(5);
            let r = run(status, request.json(json!({"a": 1})), once("/second")).await;
            assert_eq!((r.seen.len(), r.result.unwrap().status.as_u16()), (1, status), "{method}");
        }
    }
    let r = run(307, first().json(json!({"query": "x"})), once("/second")).await;
    assert_eq!(r.seen.len(), 1, "a GET with a body");
    let whole = Request::to_secret_url(Method::GET, "url").follow_redirects(5);
    let service = Arc::new(Service { status: 302, next: once("/second"), seen: Mutex::default() });
    let cx = connector(&["a.example"])
        .cx(serde_json::Map::new(), service.clone(), Arc::new(FixedClock(Timestamp::UNIX_EPOCH)))
        .secrets(Arc::new(SecretMap::new().with("url", "https://a.example/first/CANARY-1234567890")))
        .build();
    assert_eq!(cx.send(whole).await.unwrap().status, 302);
    assert_eq!(service.seen.lock().unwrap().len(), 1, "a secret URL");
}

#[tokio::test]
async fn loops_and_long_ways_end() {
    let r = run(302, first(), |_| Some("/first".to_owned())).await;
    assert_eq!((r.seen.len(), r.fault().kind(), r.fault().status()), (6, ErrorKind::Protocol, Some(302)));
    assert!(r.fault().operator_text().contains("more than 5 times"), "{}", r.fault());
    let r = run(302, first().follow_redirects(1), |url| Some(format!("{url}x"))).await;
    assert_eq!(r.seen.len(), 2);
    // As many as are allowed are no loop.
    let r = run(302, first(), |url| (url.len() < "https://a.example/first".len() + 5).then(|| format!("{url}x"))).await;
    assert_eq!((r.seen.len(), r.result.unwrap().status.as_u16()), (6, 200));
}

#[tokio::test]
async fn never_to_a_lower_scheme_or_to_what_is_no_address() {
    for to in [
        "http://a.example/second",
        "http://b.example/second",
        "HTTP://a.example/second",
        "ftp://a.example/second",
        "file:///etc/passwd",
        "gopher://a.example/_x",
        "javascript:alert(1)",
        "https:second",
        "http:second",
        "https://u:p@b.example/",
        "https://u@b.example/",
        "https://@b.example/",
        "//u@b.example/",
        "https:\\\\b.example",
        "/\\b.example",
        "\\\\b.example/",
        "https://a.example b.example/",
        "https://a.example/\tx",
        "https://",
        "https://[::1/",
        "https://a.example:99999/",
    ] {
        let r = run(302, first(), once(to)).await;
        assert_eq!(r.seen.len(), 1, "{to}");
        assert_eq!(r.fault().kind(), ErrorKind::Protocol, "{to}");
        // Where it would go is the service's text, and may hold anything.
        assert!(!format!("{:?}", r.fault()).contains("b.example"), "{}", r.fault());
    }
    // A service that is plain http by its operator's will may lead to the better scheme.
    let r = run(301, get("http://a.example/first"), |url| {
        (url == "http://a.example/first").then(|| "https://a.example/first2".to_owned())
    })
    .await;
    assert_eq!(r.urls(), ["http://a.example/first", "https://a.example/first2"]);
}

#[tokio::test]
async fn within_an_origin_credentials_go_along() {
    for to in ["/second?x=1", "https://a.example/second?x=1", "https://A.EXAMPLE:443/second?x=1"] {
        let request = everywhere(first()).header("x-version", "3").unwrap();
        let r = run(307, request, once(to)).await;
        let last = r.seen.last().unwrap();
        assert_eq!(last.url, "https://a.example/second?x=1&key=CANARY%2F7d2e9a84b1");
        assert_eq!(last.header("authorization"), Some(&*format!("Bearer {TOKEN}")));
        assert_eq!((last.header("x-api-key"), last.header("x-version")), (Some(TOKEN), Some("3")));
    }
}

#[tokio::test]
async fn a_credential_that_the_service_writes_into_the_new_address_is_put_back_into_its_slot() {
    // The query's: once, not twice.
    let r = run(302, everywhere(first()), |url| {
        url.contains("/first").then(|| format!("{}&y=2", url.replace("/first", "/second").replace("key=", "x=1&key=")))
    })
    .await;
    assert_eq!(r.seen[1].url, "https://a.example/second?x=1&y=2&key=CANARY%2F7d2e9a84b1");
    // The path's.
    let path = || {
        get("https://a.example/bot__t__/first")
            .secret(SecretSlot::Path { placeholder: "__t__", secret: "token".into() })
    };
    let r = run(302, path(), |url| url.ends_with("/first").then(|| url.replace("/first", "/second"))).await;
    assert_eq!(r.seen[1].url, "https://a.example/botCANARY%2F7d2e9a84b1/second");
    // A way on without it needs none, and a service cannot draw it out by writing the placeholder.
    let r = run(302, path(), |url| url.ends_with("/first").then(|| "/other/__t__".to_owned())).await;
    assert_eq!(r.seen[1].url, "https://a.example/other/__t__");
}

#[tokio::test]
async fn across_origins_nothing_that_proves_who_asks_goes_along() {
    for to in [
        "https://b.example/second",
        "//b.example/second",
        "https://a.example:8443/second",
        "https://b.example/second?key=__t__",
    ] {
        let request = everywhere(first())
            .header("cookie", "s=1")
            .and_then(|r| r.header("proxy-authorization", "Basic eA=="))
            .and_then(|r| r.header("x-account", "acme"))
            .and_then(|r| r.header("accept", "application/json"))
            .and_then(|r| r.header("range", "bytes=0-9"))
            .and_then(|r| r.header("user-agent", "own/1"))
            .unwrap();
        let r = run(307, request, once(to)).await;
        let last = r.seen.last().unwrap();
        assert_eq!(r.seen.len(), 2, "{to}: {:?}", r.result);
        let names: Vec<&str> = last.headers.iter().map(|(n, _)| n.as_str()).collect();
        assert_eq!(names, ["accept", "user-agent", "range"], "{to}");
        assert!(!format!("{last:?}").contains("CANARY"), "{to}: {last:?}");
    }
    // … nor back at home: what was dropped stays dropped.
    let r = run(302, everywhere(first()), |url| match url {
        u if u.contains("a.example/first") => Some("https://b.example/".to_owned()),
        "https://b.example/" => Some("https://a.example/second".to_owned()),
        _ => None,
    })
    .await;
    assert_eq!(r.seen.len(), 3);
    assert!(r.seen[1..].iter().all(|s| !format!("{s:?}").contains("CANARY")), "{:?}", r.seen);
    // A service that writes the credential into an address elsewhere would send it there.
    let r = run(302, everywhere(first()), |url| {
        url.contains("/first").then(|| url.replace("a.example/first", "b.example/second"))
    })
    .await;
    assert_eq!((r.seen.len(), r.fault().kind()), (1, ErrorKind::Protocol));
    assert!(r.fault().operator_text().contains("a secret in it") && !format!("{:?}", r.fault()).contains("CANARY"));
}

#[tokio::test]
async fn only_to_hosts_that_are_declared() {
    let r = run(302, first(), once("https://evil.example/")).await;
    assert_eq!((r.seen.len(), r.fault().kind()), (1, ErrorKind::Refused));
    // The service vouches for the address that it gives, not for where that one leads.
    let given = get("https://files.example/first").given_by_service();
    let next = |url: &str| match url {
        "https://files.example/first" => Some("/second".to_owned()),
        "https://files.example/second" => Some("https://evil.example/".to_owned()),
        _ => None,
    };
    let r = run(302, given, next).await;
    assert_eq!(r.urls(), ["https://files.example/first", "https://files.example/second"]);
    assert!(r.seen.iter().all(|s| s.given));
    assert_eq!(r.fault().kind(), ErrorKind::Refused);
}

#[tokio::test]
async fn what_lies_beyond_the_origin_that_was_called_is_known_as_such() {
    let elsewhere = |r: Run| r.seen.iter().map(|s| s.elsewhere).collect::<Vec<_>>();
    let next = |url: &str| match url {
        "https://a.example/first" => Some("/second".to_owned()),
        "https://a.example/second" => Some("https://b.example/file".to_owned()),
        "https://b.example/file" => Some("/mirror".to_owned()),
        _ => None,
    };
    let r = run(302, get("https://a.example/first"), next).await;
    assert_eq!(
        elsewhere(r),
        [false, false, true, true],
        "a hop within it is the service's own, one away from it is not"
    );
    let given = get("https://files.example/first").given_by_service();
    assert_eq!(elsewhere(run(302, given, |_| None).await), [true]);
}

#[tokio::test]
async fn a_value_that_is_no_part_of_a_host_is_named_before_anything_is_sent() {
    let call = |sub: &'static str| {
        let request = Request::new(Method::GET, &format!("https://{sub}.acme.example/x")).unwrap();
        run_with(&["{sub}.acme.example", "b.example"], json!({ "sub": sub }), 302, request, |_| None)
    };
    assert_eq!(call("eu").await.urls(), ["https://eu.acme.example/x"]);
    for sub in ["evil.example/", "evil.example#", "evil.example?", "evil.example:443/"] {
        let r = call(sub).await;
        assert!(r.seen.is_empty());
        let e = r.fault();
        assert_eq!((e.kind(), e.fields()[0].pointer.as_str()), (ErrorKind::Misconfigured, "/sub"), "{e}");
        assert!(!e.caller_text().contains("evil"), "{e}");
        // Saving it says the same.
        let values = json!({ "sub": sub });
        let saved = connector(&["{sub}.acme.example"]).clean_params(values.as_object().unwrap(), &[]).err().unwrap();
        assert_eq!(saved.fields()[0].pointer, "/sub");
    }
    // What does not need the value works.
    let other = Request::new(Method::GET, "https://b.example/x").unwrap();
    let r = run_with(&["{sub}.acme.example", "b.example"], json!({"sub": "a/b"}), 302, other, |_| None).await;
    assert!(r.result.is_ok());
}
