//! The transport against servers on this machine, which only `allow` makes reachable.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]

mod common;

use std::{
    io::Write as _,
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use bytes::Bytes;
use common::*;
use connector_core::{Error, ErrorKind, Method, Request, RetryAdvice, SecretMap, SecretSlot, Transport};
use connector_http::{HttpTransport, USER_AGENT};
use tokio::io::AsyncWriteExt;
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{any, path},
};

fn local(port: u16) -> HttpTransport {
    HttpTransport::builder().allow(format!("127.0.0.1/32:{port}")).build().unwrap()
}

fn get(url: &str) -> Request {
    Request::new(Method::GET, url).unwrap()
}

fn post(url: &str) -> Request {
    Request::new(Method::POST, url).unwrap().json(serde_json::json!({"text": "hello"}))
}

/// Every form in which an error can reach somebody.
fn all_texts(e: &Error) -> String {
    format!("{e} {e:?} {} {} {}", e.caller_text(), e.operator_text(), e.to_caller_json())
}

const HERE: &[&str] = &["127.0.0.1"];

#[tokio::test]
async fn a_local_listener_is_reachable_by_allow_only() {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(ResponseTemplate::new(201).set_body_string("made")).mount(&server).await;
    let port = server.address().port();
    let cx = context(HERE, SecretMap::new());

    let closed = HttpTransport::builder().build().unwrap();
    let e = closed.send(get(&server.uri()), &cx).await.unwrap_err();
    assert_eq!((e.kind(), e.retry(), e.connector()), (ErrorKind::Refused, RetryAdvice::Never, Some("test")));
    assert!(e.operator_text().contains("`loopback`"), "{e}");
    assert!(e.operator_text().contains(&format!("allow `127.0.0.1/32:{port}`")), "{e}");
    assert!(!e.to_caller_json().to_string().contains("127.0.0.1"), "the caller learns nothing of the network");
    let elsewhere = local(port ^ 1);
    assert_eq!(elsewhere.send(get(&server.uri()), &cx).await.unwrap_err().kind(), ErrorKind::Refused);
    assert_eq!(server.received_requests().await.unwrap().len(), 0);

    let answer = local(port).send(post(&format!("{}/a?b=c", server.uri())), &cx).await.unwrap();
    assert_eq!((answer.status.as_u16(), &answer.body[..]), (201, &b"made"[..]));
    let seen = &server.received_requests().await.unwrap()[0];
    assert_eq!(seen.headers["user-agent"], USER_AGENT);
    assert!(USER_AGENT.starts_with("jackfield/"));
    assert_eq!(seen.headers["content-length"], "16", "a length, not chunks");
    assert_eq!(seen.headers["accept-encoding"], "gzip");
    assert_eq!((seen.url.path(), seen.url.query()), ("/a", Some("b=c")));
    assert_eq!(seen.body, br#"{"text":"hello"}"#);
}

#[tokio::test]
async fn a_connectors_user_agent_stays() {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(ResponseTemplate::new(200)).mount(&server).await;
    let request = get(&server.uri()).header("user-agent", "own/1").unwrap();
    local(server.address().port()).send(request, &context(HERE, SecretMap::new())).await.unwrap();
    assert_eq!(server.received_requests().await.unwrap()[0].headers["user-agent"], "own/1");
}

#[tokio::test]
async fn a_redirect_comes_back_as_it_is() {
    let server = MockServer::start().await;
    let to = format!("{}/elsewhere", server.uri());
    Mock::given(path("/"))
        .respond_with(ResponseTemplate::new(302).insert_header("location", &*to))
        .mount(&server)
        .await;
    Mock::given(path("/elsewhere")).respond_with(ResponseTemplate::new(200)).expect(0).mount(&server).await;
    let answer =
        local(server.address().port()).send(get(&server.uri()), &context(HERE, SecretMap::new())).await.unwrap();
    assert_eq!((answer.status.as_u16(), answer.header("location")), (302, Some(&*to)));
}

#[tokio::test]
async fn the_cap_counts_bytes_after_decompression() {
    let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    let zeros = vec![0; 1 << 20];
    for _ in 0..32 {
        bomb.write_all(&zeros).unwrap();
    }
    let bomb = bomb.finish().unwrap();
    assert!(bomb.len() < 1 << 16, "the bomb is below the cap before it is opened");
    let mut small = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    small.write_all(b"hello").unwrap();
    let server = MockServer::start().await;
    let gzip = |b: Vec<u8>| ResponseTemplate::new(200).set_body_bytes(b).insert_header("content-encoding", "gzip");
    Mock::given(path("/bomb")).respond_with(gzip(bomb)).mount(&server).await;
    Mock::given(path("/small")).respond_with(gzip(small.finish().unwrap())).mount(&server).await;
    Mock::given(path("/broken")).respond_with(gzip(b"no gzip at all".to_vec())).mount(&server).await;
    let whole = flate2::write::GzEncoder::new(b"".to_vec(), flate2::Compression::none());
    let cut = whole
        .finish()
        .map(|mut b| {
            b.truncate(12);
            b
        })
        .unwrap();
    Mock::given(path("/cut")).respond_with(gzip(cut)).mount(&server).await;
    let sized = |n| ResponseTemplate::new(200).set_body_bytes(vec![b'x'; n]);
    Mock::given(path("/full")).respond_with(sized(1 << 16)).mount(&server).await;
    Mock::given(path("/over")).respond_with(sized((1 << 16) + 1)).mount(&server).await;
    let transport = local(server.address().port());
    let cx = context(HERE, SecretMap::new());
    let call = |p: &str| transport.send(get(&format!("{}{p}", server.uri())), &cx);

    for p in ["/bomb", "/over"] {
        let e = call(p).await.unwrap_err();
        assert_eq!((e.kind(), e.status()), (ErrorKind::Protocol, Some(200)), "{p}");
        assert!(e.caller_text().contains("65536 bytes"), "{e}");
    }
    assert_eq!(call("/full").await.unwrap().body.len(), 1 << 16);
    let answer = call("/small").await.unwrap();
    assert_eq!((&answer.body[..], answer.header("content-encoding")), (&b"hello"[..], None));
    for p in ["/broken", "/cut"] {
        assert_eq!(call(p).await.unwrap_err().kind(), ErrorKind::Protocol, "{p}");
    }
}

#[tokio::test]
async fn an_endless_body_without_a_length_ends_at_the_cap() {
    let (at, _) = server("127.0.0.1:0", |mut s, _| async move {
        say(&mut s, "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").await;
        let chunk = format!("1000\r\n{}\r\n", "x".repeat(0x1000));
        while s.write_all(chunk.as_bytes()).await.is_ok() {}
    })
    .await;
    let e = local(at.port()).send(get(&format!("http://{at}/")), &context(HERE, SecretMap::new())).await.unwrap_err();
    assert_eq!(e.kind(), ErrorKind::Protocol);
}

#[tokio::test]
async fn headers_without_end_are_refused() {
    let (at, _) = server("127.0.0.1:0", |mut s, _| async move {
        say(&mut s, "HTTP/1.1 200 OK\r\n").await;
        let line = format!("x-pad: {}\r\n", "x".repeat(4096));
        while s.write_all(line.as_bytes()).await.is_ok() {}
    })
    .await;
    let e = local(at.port()).send(post(&format!("http://{at}/")), &context(HERE, SecretMap::new())).await.unwrap_err();
    assert_eq!((e.kind(), e.retry()), (ErrorKind::Protocol, RetryAdvice::Ambiguous));
    assert!(e.operator_text().contains("65536 bytes"), "{e}");
}

#[tokio::test]
async fn a_slow_answer_is_ambiguous() {
    let (head, _) = server("127.0.0.1:0", |s, _| async move {
        tokio::time::sleep(Duration::from_secs(30)).await;
        drop(s);
    })
    .await;
    let (body, _) = server("127.0.0.1:0", |mut s, _| async move {
        say(&mut s, "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n").await;
        // Never silent for long, so that only the total time can end it.
        for _ in 0..99 {
            if s.write_all(b".").await.is_err() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
    .await;
    for at in [head, body] {
        let mut cx = context(HERE, SecretMap::new());
        cx.timeout = Duration::from_millis(300);
        let started = Instant::now();
        for request in [post(&format!("http://{at}/")), get(&format!("http://{at}/"))] {
            let e = local(at.port()).send(request, &cx).await.unwrap_err();
            assert_eq!((e.kind(), e.retry()), (ErrorKind::Timeout, RetryAdvice::Ambiguous));
            assert!(e.caller_text().contains("0.3 s"), "{e}");
        }
        assert!(started.elapsed() < Duration::from_secs(3));
    }
}

#[tokio::test]
async fn time_up_before_anything_left_is_safe() {
    let safe = RetryAdvice::Safe { after: None };
    let build = || HttpTransport::builder().resolver(std::sync::Arc::new(Hanging));
    let mut cx = context(&["api.example.com"], SecretMap::new());
    // By the time for the connection.
    let e = build()
        .connect_timeout(Duration::from_millis(100))
        .build()
        .unwrap()
        .send(post("https://api.example.com/"), &cx)
        .await
        .unwrap_err();
    assert_eq!((e.kind(), e.retry()), (ErrorKind::Timeout, safe), "{e}");
    // By the time for the whole call.
    cx.timeout = Duration::from_millis(100);
    let e = build().build().unwrap().send(post("https://api.example.com/"), &cx).await.unwrap_err();
    assert_eq!((e.kind(), e.retry()), (ErrorKind::Timeout, safe), "{e}");
    assert!(e.operator_text().contains("nothing was sent") && e.operator_text().contains("api.example.com"), "{e}");
}

#[tokio::test]
async fn no_connection_is_safe_and_a_broken_one_ambiguous() {
    let cx = context(&["127.0.0.1", "nowhere.example"], SecretMap::new());
    let safe = RetryAdvice::Safe { after: None };

    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let e = local(free.port()).send(post(&format!("http://{free}/")), &cx).await.unwrap_err();
    assert_eq!((e.kind(), e.retry()), (ErrorKind::UpstreamUnavailable, safe));
    assert!(e.operator_text().contains("host `127.0.0.1`"), "{e}");

    let nobody = HttpTransport::builder().resolver(Scripted::new(&[])).build().unwrap();
    let e = nobody.send(post("https://nowhere.example/"), &cx).await.unwrap_err();
    assert_eq!((e.kind(), e.retry()), (ErrorKind::UpstreamUnavailable, safe));
    assert!(e.operator_text().contains("cannot resolve host `nowhere.example`"), "{e}");

    // It took the request, perhaps did it, and went away: once, and never again by itself.
    let (at, seen) = server("127.0.0.1:0", |s, _| async move { drop(s) }).await;
    for request in [post(&format!("http://{at}/")), get(&format!("http://{at}/"))] {
        let before = seen.load(Ordering::SeqCst);
        let e = local(at.port()).send(request, &cx).await.unwrap_err();
        assert_eq!((e.kind(), e.retry()), (ErrorKind::UpstreamUnavailable, RetryAdvice::Ambiguous));
        assert_eq!(seen.load(Ordering::SeqCst), before + 1, "sent once");
    }

    let (at, _) = server("127.0.0.1:0", |mut s, _| async move {
        say(&mut s, "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf").await;
    })
    .await;
    let e = local(at.port()).send(post(&format!("http://{at}/")), &cx).await.unwrap_err();
    assert_eq!((e.kind(), e.retry()), (ErrorKind::UpstreamUnavailable, RetryAdvice::Ambiguous), "truncated");
}

#[tokio::test]
async fn giving_up_ends_the_call_at_once() {
    let (at, _) = server("127.0.0.1:0", |s, _| async move {
        tokio::time::sleep(Duration::from_secs(30)).await;
        drop(s);
    })
    .await;
    let cx = context(HERE, SecretMap::new());
    let flag = cx.cancel.clone();
    let started = Instant::now();
    let transport = local(at.port());
    let (result, ()) = tokio::join!(transport.send(post(&format!("http://{at}/")), &cx), async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        flag.cancel();
    });
    assert_eq!(result.unwrap_err().kind(), ErrorKind::Cancelled);
    assert!(started.elapsed() < Duration::from_secs(2));
}

#[tokio::test]
async fn what_frames_or_routes_a_request_is_the_transports() {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(ResponseTemplate::new(200)).expect(0).mount(&server).await;
    let transport = local(server.address().port());
    let cx = context(HERE, SecretMap::new());
    for name in ["host", "content-length", "transfer-encoding", "connection", "accept-encoding"] {
        let e = transport.send(get(&server.uri()).header(name, "1").unwrap(), &cx).await.unwrap_err();
        assert!(e.kind() == ErrorKind::Internal && e.operator_text().contains(name), "{e}");
    }
    let e = transport.send(Request::new(Method::CONNECT, &server.uri()).unwrap(), &cx).await.unwrap_err();
    assert_eq!(e.kind(), ErrorKind::Internal);
}

/// One request for each place that a secret can stand in, to a server or to nobody.
fn with_secret(base: &str) -> Vec<(Request, SecretMap)> {
    let at = |slot| post(&format!("{base}/v1/__t__/send")).secret(slot);
    let secret = || "token".to_owned();
    let key = SecretMap::new().with("token", CANARY);
    vec![
        (at(SecretSlot::Path { placeholder: "__t__", secret: secret() }), key.clone()),
        (at(SecretSlot::Query { name: "key", secret: secret() }), key.clone()),
        (at(SecretSlot::Header { name: "authorization", prefix: "Bearer ", secret: secret() }), key.clone()),
        (at(SecretSlot::Basic { user: "me".into(), secret: secret() }), key.clone()),
        (at(SecretSlot::BodyField { name: "token", secret: secret() }), key),
        (
            Request::to_secret_url(Method::POST, "token").json(serde_json::json!({})),
            SecretMap::new().with("token", format!("{base}/services/T0/B0/{CANARY}")),
        ),
    ]
}

#[tokio::test]
async fn no_error_tells_a_secret() {
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let (broken, _) = server("127.0.0.1:0", |s, _| async move { drop(s) }).await;
    let (slow, _) = server("127.0.0.1:0", |s, _| async move {
        tokio::time::sleep(Duration::from_secs(30)).await;
        drop(s);
    })
    .await;
    let (huge, _) = server("127.0.0.1:0", |mut s, _| async move {
        say(&mut s, "HTTP/1.1 500 No\r\ncontent-length: 99999999\r\n\r\n").await;
    })
    .await;
    for (at, kind) in [
        (free, ErrorKind::UpstreamUnavailable),
        (broken, ErrorKind::UpstreamUnavailable),
        (slow, ErrorKind::Timeout),
        (huge, ErrorKind::Protocol),
    ] {
        for (request, secrets) in with_secret(&format!("http://{at}")) {
            let whole_url = request.url().is_none();
            let mut cx = context(HERE, secrets);
            cx.timeout = Duration::from_millis(300);
            let e = local(at.port()).send(request, &cx).await.unwrap_err();
            let told = all_texts(&e);
            assert_eq!(e.kind(), kind, "{told}");
            assert!(!told.contains(CANARY) && !told.contains("bWU6"), "{told}");
            assert_eq!(told.contains("127.0.0.1"), !whole_url, "{told}");
        }
    }
    // Refused by the guard, or because the secret is no URL at all.
    for (url, kind) in [
        (format!("http://10.0.0.1/{CANARY}"), ErrorKind::Refused),
        (format!("https://{CANARY}.example/"), ErrorKind::Refused),
        (CANARY.to_owned(), ErrorKind::Misconfigured),
        (format!("https://me:{CANARY}@api.example.com/"), ErrorKind::Misconfigured),
    ] {
        let cx = context(&["10.0.0.1"], SecretMap::new().with("token", url));
        let e = HttpTransport::builder()
            .build()
            .unwrap()
            .send(Request::to_secret_url(Method::POST, "token"), &cx)
            .await
            .unwrap_err();
        let told = all_texts(&e);
        assert_eq!(e.kind(), kind);
        assert!(!told.to_lowercase().contains(&CANARY.to_lowercase()) && !told.contains("10.0.0.1"), "{told}");
    }
}

#[tokio::test]
async fn a_missing_secret_is_the_connections_fault_and_nothing_leaves() {
    let (at, seen) = server("127.0.0.1:0", |s, _| async move { drop(s) }).await;
    let (request, _) = with_secret(&format!("http://{at}")).remove(0);
    let e = local(at.port()).send(request, &context(HERE, SecretMap::new())).await.unwrap_err();
    assert_eq!((e.kind(), e.fields()[0].pointer.as_str()), (ErrorKind::Misconfigured, "/token"));
    assert_eq!(seen.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn large_bodies_go_out_whole() {
    let (at, _) = server("127.0.0.1:0", |mut s, request| async move {
        let length = request.len().to_string();
        say(&mut s, &format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{length}", length.len())).await;
    })
    .await;
    let body = Bytes::from(vec![b'x'; 300_000]);
    let request = Request::new(Method::PUT, &format!("http://{at}/")).unwrap().bytes("text/plain", body);
    let answer = local(at.port()).send(request, &context(HERE, SecretMap::new())).await.unwrap();
    let received: usize = std::str::from_utf8(&answer.body).unwrap().parse().unwrap();
    assert!(received > 300_000 && received < 301_000, "{received}");
}

#[test]
fn a_wrong_setting_is_named_when_the_transport_is_built() {
    for (builder, said) in [
        (HttpTransport::builder().allow("10.0.0.0/8").allow("localhost"), "`localhost`"),
        (HttpTransport::builder().user_agent("a\nb"), "user agent"),
    ] {
        let e = builder.build().unwrap_err();
        assert!(e.kind() == ErrorKind::Misconfigured && e.caller_text().contains(said), "{e}");
    }
}
