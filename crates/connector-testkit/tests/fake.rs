//! The fake service against a connector that keeps the contract and against requests that do not.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]

#[path = "broken/files.rs"]
#[allow(dead_code, reason = "the healthy files are all that is needed here")]
mod files;
mod plain;
#[path = "broken/widgets.rs"]
#[allow(dead_code, reason = "the healthy connector is all that is needed here")]
mod widgets;

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    sync::Arc,
    time::{Duration, Instant},
};

use connector_core::{Connector, Cx, ErrorKind, FixedClock, Result, RetryAdvice, Timestamp};
use connector_testkit::{
    fake::{FakeService, Misbehaviour, PauseStyle},
    fixture::FixtureSet,
};
use plain::Plain;
use serde_json::{Value, json};

/// The bytes of one exchange, read until the service closes: what no client of HTTP would show.
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

#[tokio::test]
async fn what_was_carried_out_is_counted_whatever_was_answered() {
    let (connector, fake) = start().await;
    let ms = Duration::from_millis;
    for (how, kind, advice, effects) in [
        (Misbehaviour::ResetBefore, ErrorKind::UpstreamUnavailable, "ambiguous", 0),
        (Misbehaviour::ResetAfter, ErrorKind::UpstreamUnavailable, "ambiguous", 1),
        (Misbehaviour::CutOff, ErrorKind::UpstreamUnavailable, "ambiguous", 1),
        (Misbehaviour::Oversize(1 << 20), ErrorKind::Protocol, "ambiguous", 1),
        (Misbehaviour::Endless, ErrorKind::Protocol, "ambiguous", 1),
        (Misbehaviour::InvalidUtf8, ErrorKind::Protocol, "ambiguous", 1),
        (Misbehaviour::Silent, ErrorKind::Timeout, "ambiguous", 1),
        (Misbehaviour::SlowHead(ms(20)), ErrorKind::Timeout, "ambiguous", 1),
        (Misbehaviour::SlowBody(ms(20)), ErrorKind::Timeout, "ambiguous", 1),
        (Misbehaviour::Status(500), ErrorKind::UpstreamUnavailable, "ambiguous", 1),
        (Misbehaviour::Status(503), ErrorKind::UpstreamUnavailable, "ambiguous", 1),
        (Misbehaviour::Status(404), ErrorKind::NotFound, "never", 0),
        (Misbehaviour::Redirect { status: 302, to: None }, ErrorKind::Protocol, "never", 0),
    ] {
        fake.reset();
        fake.misbehave(Misbehaviour::Well, 1);
        fake.misbehave(how.clone(), 1);
        let cx = |timeout| {
            let begun = connector.cx(fake.values(), Arc::new(Plain), Arc::new(FixedClock(Timestamp::UNIX_EPOCH)));
            begun.secrets(Arc::new(fake.secrets())).timeout(timeout).max_response_bytes(64 << 10).build()
        };
        let input = json!({"name": "a", "size": 3});
        connector.call("create_widget", &cx(ms(5000)), input.clone()).await.unwrap();
        let e = connector.call("create_widget", &cx(ms(500)), input).await.unwrap_err();
        assert_eq!((e.kind(), e.retry().as_str(), fake.effects()), (kind, advice, 1 + effects), "{how:?}: {e}");
        assert_eq!(fake.received().len(), 2, "{how:?}");
        create(&connector, &fake, "a").await.unwrap();
    }
    assert_eq!(fake.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn a_pause_is_told_in_the_services_own_time() {
    let (connector, fake) = start().await;
    let after = Duration::from_secs(90);
    for style in PauseStyle::ALL.iter().filter(|s| **s != PauseStyle::Unsaid) {
        // The connector's clock stands at the epoch, and so does the service's.
        fake.tell_time(Timestamp::UNIX_EPOCH + Duration::from_secs(2_000_000_000));
        fake.misbehave(Misbehaviour::Throttled { style: *style, after }, 1);
        let now = Timestamp::UNIX_EPOCH + Duration::from_secs(2_000_000_000);
        let cx = connector
            .cx(fake.values(), Arc::new(Plain), Arc::new(FixedClock(now)))
            .secrets(Arc::new(fake.secrets()))
            .build();
        let e = connector.call("create_widget", &cx, json!({"name": "a", "size": 3})).await.unwrap_err();
        assert_eq!(e.retry(), RetryAdvice::Safe { after: Some(after) }, "{}", style.slug());
    }
}

#[tokio::test]
async fn renewed_credentials_are_the_only_ones_from_then_on() {
    let (connector, fake) = start().await;
    let before = cx(&connector, &fake);
    let call = async |cx: &Cx| connector.call("create_widget", cx, json!({"name": "a", "size": 3})).await;
    call(&before).await.unwrap();
    fake.refresh();
    for _ in 0..2 {
        assert_eq!(call(&before).await.unwrap_err().kind(), ErrorKind::Auth);
    }
    call(&cx(&connector, &fake)).await.unwrap();
    assert_eq!(fake.received().iter().map(|r| r.status).collect::<Vec<_>>(), [200, 401, 401, 200]);
    assert_eq!((fake.effects(), fake.violations().len()), (2, 0));
}

#[tokio::test]
async fn a_connection_is_kept_unless_it_is_closed_unsaid() {
    let (_, fake) = start().await;
    let address = fake.base_url().strip_prefix("http://").unwrap().to_owned();
    let ask = |stream: &mut TcpStream| {
        // Chunked, after having asked whether to go on: as clients send what they do not know the length of.
        let token = fake.secret_texts()["api_token"].clone();
        let head = format!(
            "POST /v1/widgets HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\nx-widgets-version: 2026-01-01\r\n\
             content-type: application/json\r\nexpect: 100-continue\r\ntransfer-encoding: chunked\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).unwrap();
        let mut go = [0; 25];
        stream.read_exact(&mut go)?;
        assert_eq!(&go, b"HTTP/1.1 100 Continue\r\n\r\n");
        stream.write_all(b"a\r\n{\"name\":\"a\r\nb\r\n\",\"size\":1}\r\n0\r\n\r\n").unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte)?;
            answer.push(byte[0]);
        }
        let head = String::from_utf8(answer).unwrap();
        let length = head.split_once("content-length: ").unwrap().1.lines().next().unwrap().parse().unwrap();
        let mut body = vec![0; length];
        stream.read_exact(&mut body)?;
        serde_json::from_slice::<Value>(&body).unwrap();
        Ok::<_, std::io::Error>(head[..12].to_owned())
    };
    let mut stream = TcpStream::connect(&address).unwrap();
    assert_eq!(ask(&mut stream).unwrap(), "HTTP/1.1 200");
    assert_eq!(ask(&mut stream).unwrap(), "HTTP/1.1 200");
    fake.misbehave(Misbehaviour::ClosesAfter, 1);
    assert_eq!(ask(&mut stream).unwrap(), "HTTP/1.1 200");
    let mut nothing = [0; 1];
    assert_eq!(stream.read(&mut nothing).unwrap(), 0, "it is closed");
    let mut stream = TcpStream::connect(&address).unwrap();
    stream.write_all(b"what?\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 400 Bad Request"), "{answer}");
    assert_eq!(fake.violations(), Vec::<String>::new());
}
