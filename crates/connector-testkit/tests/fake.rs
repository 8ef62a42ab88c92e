//! The fake service against a connector that keeps the contract and against requests that do not.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]

#[path = "broken/files.rs"]
#[allow(dead_code, reason = "the healthy files are all that is needed here")]
mod files;
#[path = "broken/widgets.rs"]
#[allow(dead_code, reason = "the healthy connector is all that is needed here")]
mod widgets;

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    sync::Arc,
    time::{Duration, Instant},
};

use connector_core::{
    Connector, Cx, Error, ErrorKind, FixedClock, Request, Response, Result, Timestamp, Transport,
    transport::CallContext,
};
use connector_testkit::{
    fake::{FakeService, Misbehaviour},
    fixture::FixtureSet,
};
use serde_json::{Value, json};

/// The plainest client that can be: one connection a request, on the loopback interface.
struct Plain;

fn http(method: &str, url: &str, headers: &[(String, String)], body: &[u8]) -> (u16, Vec<(String, String)>, Vec<u8>) {
    let rest = url.strip_prefix("http://").unwrap();
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let mut stream = TcpStream::connect(host).unwrap();
    let path = if path.is_empty() { "/" } else { path };
    let mut head =
        format!("{method} {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-length: {}\r\n", body.len());
    for (n, v) in headers {
        head.push_str(&format!("{n}: {v}\r\n"));
    }
    stream.write_all(format!("{head}\r\n").as_bytes()).unwrap();
    stream.write_all(body).unwrap();
    let mut all = Vec::new();
    stream.read_to_end(&mut all).unwrap();
    let end = all.windows(4).position(|w| w == b"\r\n\r\n").unwrap();
    let text = String::from_utf8(all[..end].to_vec()).unwrap();
    let mut lines = text.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers = lines.filter_map(|l| l.split_once(": ")).map(|(n, v)| (n.to_lowercase(), v.to_owned())).collect();
    (status, headers, all[end + 4..].to_vec())
}

#[async_trait::async_trait]
impl Transport for Plain {
    async fn send(&self, request: Request, context: &CallContext) -> Result<Response> {
        let f = request.fill(context.secrets.as_ref()).await?;
        let headers: Vec<(String, String)> = f
            .headers
            .iter()
            .map(|(n, v)| (n.to_string(), String::from_utf8_lossy(v.as_bytes()).into_owned()))
            .collect();
        let (method, url) = (f.method.to_string(), f.url.to_string());
        let (status, headers, body) = tokio::task::spawn_blocking(move || http(&method, &url, &headers, &f.body))
            .await
            .map_err(|e| Error::internal(e.to_string()))?;
        let mut map = http::HeaderMap::new();
        for (n, v) in headers {
            map.insert(http::HeaderName::from_bytes(n.as_bytes()).unwrap(), v.parse().unwrap());
        }
        Ok(Response { status: http::StatusCode::from_u16(status).unwrap(), headers: map, body: body.into() })
    }
}

async fn start() -> (Connector, FakeService) {
    let dir = tempfile::tempdir().unwrap();
    files::Files::healthy().write(dir.path());
    let fixtures = FixtureSet::from_dir(dir.path()).unwrap();
    let connector = Connector::from(&widgets::HEALTHY);
    let fake = FakeService::start(&connector, &fixtures).await.unwrap();
    (connector, fake)
}

fn cx(connector: &Connector, fake: &FakeService) -> Cx {
    connector
        .cx(fake.values(), Arc::new(Plain), Arc::new(FixedClock(Timestamp::UNIX_EPOCH)))
        .secrets(Arc::new(fake.secrets()))
        .build()
}

async fn create(connector: &Connector, fake: &FakeService, name: &str) -> Result<Value> {
    connector.call("create_widget", &cx(connector, fake), json!({"name": name, "size": 3})).await
}

#[tokio::test]
async fn a_good_call_is_answered_with_its_own_words() {
    let (connector, fake) = start().await;
    assert_eq!(create(&connector, &fake, "mine").await.unwrap(), json!({"id": "w_1", "name": "mine"}));
    assert_eq!(fake.violations(), Vec::<String>::new());
    let got = fake.received();
    assert_eq!(
        (got.len(), got[0].method.as_str(), got[0].path.as_str(), got[0].status),
        (1, "POST", "/v1/widgets", 200)
    );
    assert!(got[0].body.contains("mine"));
    fake.reset();
    assert!(fake.received().is_empty());
}

#[tokio::test]
async fn what_no_fixture_would_send_is_refused_with_the_difference() {
    let (_, fake) = start().await;
    let url = format!("{}/v1/widgets", fake.base_url());
    let good = [
        ("authorization", format!("Bearer {}", fake.secret_texts()["api_token"])),
        ("x-widgets-version", "2026-01-01".to_owned()),
        ("content-type", "application/json".to_owned()),
    ]
    .map(|(n, v)| (n.to_owned(), v));
    let body = json!({"name": "a", "size": 1}).to_string();
    let but = |name: &str, value: &str| {
        let mut h = good.to_vec();
        h.iter_mut().filter(|(n, _)| n == name).for_each(|(_, v)| value.clone_into(v));
        h
    };
    for (method, url, headers, body, status, words) in [
        ("POST", format!("{url}s"), good.to_vec(), body.clone(), 404, "no fixture of the connector"),
        ("GET", url.clone(), good.to_vec(), String::new(), 405, "the fixtures send POST"),
        ("POST", url.clone(), but("authorization", "Bearer no"), body.clone(), 401, "not the one"),
        ("POST", url.clone(), good[..2].to_vec(), body.clone(), 400, "header `content-type` is missing"),
        ("POST", url.clone(), but("content-type", "text/plain"), body.clone(), 415, "the content type is `text/plain`"),
        ("POST", format!("{url}?x=1"), good.to_vec(), body.clone(), 400, "query parameter `x`"),
        ("POST", url.clone(), good.to_vec(), "{}".into(), 400, "`/name` is missing"),
        ("POST", url.clone(), good.to_vec(), body.replace('1', "\"1\""), 400, "`/size` must be a number"),
        ("POST", url.clone(), good.to_vec(), "{".into(), 400, "not JSON"),
    ] {
        let (got, _, text) = http(method, &url, &headers, body.as_bytes());
        let text = String::from_utf8_lossy(&text).into_owned();
        assert!(got == status && text.contains(words), "{method} {url}: {got} {text}");
    }
    assert_eq!(fake.violations().len(), 9);
    assert_eq!(http("POST", &url, &good, body.as_bytes()).0, 200);
    assert_eq!(fake.violations().len(), 9);
}

#[tokio::test]
async fn it_misbehaves_when_told_and_then_no_more() {
    let (connector, fake) = start().await;
    let kind = |r: Result<Value>| r.err().map(|e| (e.kind(), e.retry().after()));
    for (how, want) in [
        (Misbehaviour::Status(503), Some((ErrorKind::UpstreamUnavailable, None))),
        (
            Misbehaviour::RateLimited { retry_after: Some(7) },
            Some((ErrorKind::RateLimited, Some(Duration::from_secs(7)))),
        ),
        (Misbehaviour::Truncated, Some((ErrorKind::Protocol, None))),
        (Misbehaviour::NotJson, Some((ErrorKind::Protocol, None))),
        (Misbehaviour::Empty, Some((ErrorKind::Protocol, None))),
    ] {
        fake.misbehave(how.clone(), 2);
        assert_eq!(kind(create(&connector, &fake, "a").await), want, "{how:?}");
        assert_eq!(kind(create(&connector, &fake, "a").await), want, "{how:?}");
        assert_eq!(kind(create(&connector, &fake, "a").await), None, "{how:?}");
    }
    fake.misbehave(Misbehaviour::Slow(Duration::from_millis(150)), 1);
    let began = Instant::now();
    create(&connector, &fake, "a").await.unwrap();
    assert!(began.elapsed() >= Duration::from_millis(150));
    assert_eq!(fake.violations(), Vec::<String>::new());
}
