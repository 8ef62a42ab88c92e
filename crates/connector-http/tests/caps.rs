//! The caps on what a service answers: silence, heads, bodies and what they become when they are decompressed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]

mod common;

use std::{
    io::Write as _,
    net::SocketAddr,
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use bytes::Bytes;
use common::*;
use connector_core::{Error, ErrorKind, Method, Request, Response, RetryAdvice, SecretMap, Transport};
use connector_http::{HttpTransport, MAX_HEADER_BYTES, MAX_HEADERS};
use tokio::io::AsyncWriteExt;

fn get(at: SocketAddr) -> Request {
    Request::new(Method::GET, &format!("http://{at}/")).unwrap()
}

async fn call(at: SocketAddr, request: Request) -> Result<Response, Error> {
    let transport = HttpTransport::builder().allow(at.to_string()).build().unwrap();
    let mut cx = context(&["127.0.0.1"], SecretMap::new());
    cx.max_response_bytes = 10 << 20;
    transport.send(request, &cx).await
}

/// A server that answers with these bytes and closes.
async fn answering(answer: impl Into<Bytes>) -> SocketAddr {
    let answer = answer.into();
    let act = move |mut s: tokio::net::TcpStream, _| {
        let answer = answer.clone();
        async move {
            // The client may have hung up already.
            let _ = s.write_all(&answer).await;
        }
    };
    server("127.0.0.1:0", act).await.0
}

fn gzip(data: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

fn with_body(headers: &str, body: &[u8]) -> Vec<u8> {
    let mut all = format!("HTTP/1.1 200 OK\r\n{headers}content-length: {}\r\n\r\n", body.len()).into_bytes();
    all.extend_from_slice(body);
    all
}

#[tokio::test]
async fn a_service_that_falls_silent_is_given_up() {
    let hold = || tokio::time::sleep(Duration::from_secs(30));
    let (mute, _) = server("127.0.0.1:0", move |s, _| async move {
        hold().await;
        drop(s);
    })
    .await;
    let (half, _) = server("127.0.0.1:0", move |mut s, _| async move {
        say(&mut s, "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf").await;
        hold().await;
    })
    .await;
    for (at, name) in [(mute, "no head"), (half, "half a body")] {
        let transport = HttpTransport::builder().allow(at.to_string()).idle_timeout(Duration::from_millis(200));
        let transport = transport.build().unwrap();
        let started = Instant::now();
        let request = Request::new(Method::POST, &format!("http://{at}/")).unwrap().json(serde_json::json!({}));
        let e = transport.send(request, &context(&["127.0.0.1"], SecretMap::new())).await.unwrap_err();
        assert_eq!((e.kind(), e.retry()), (ErrorKind::Timeout, RetryAdvice::Ambiguous), "{name}: {e}");
        assert!(e.caller_text().contains("silent for 0.2 s") && e.operator_text().contains("127.0.0.1"), "{e}");
        assert!(started.elapsed() < Duration::from_secs(3), "{name}");
    }
    // Nothing was sent while the name is asked for.
    let transport = HttpTransport::builder().resolver(Arc::new(Hanging)).idle_timeout(Duration::from_millis(100));
    let request = Request::new(Method::POST, "https://api.example.com/").unwrap().json(serde_json::json!({}));
    let cx = context(&["api.example.com"], SecretMap::new());
    let e = transport.build().unwrap().send(request, &cx).await.unwrap_err();
    assert_eq!((e.kind(), e.retry()), (ErrorKind::Timeout, RetryAdvice::Safe { after: None }), "{e}");
}

#[tokio::test]
async fn a_slow_service_that_speaks_is_not_silent() {
    let (at, _) = server("127.0.0.1:0", |mut s, _| async move {
        say(&mut s, "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n").await;
        for _ in 0..10 {
            say(&mut s, ".").await;
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    })
    .await;
    let transport =
        HttpTransport::builder().allow(at.to_string()).idle_timeout(Duration::from_millis(600)).build().unwrap();
    let answer = transport.send(get(at), &context(&["127.0.0.1"], SecretMap::new())).await.unwrap();
    assert_eq!(&answer.body[..], b"..........");
}

#[tokio::test]
async fn heads_are_capped_in_lines_and_bytes() {
    let lines = |n: usize| (0..n).map(|i| format!("x-{i}: y\r\n")).collect::<String>();
    // One line is the length's.
    let ok = answering(with_body(&lines(MAX_HEADERS - 1), b"ok")).await;
    assert_eq!(call(ok, get(ok)).await.unwrap().headers.len(), MAX_HEADERS);
    let many = answering(with_body(&lines(MAX_HEADERS), b"ok")).await;
    let pad = |n: usize| format!("x-pad: {}\r\n", "p".repeat(n));
    let fits = answering(with_body(&pad(MAX_HEADER_BYTES - 100), b"ok")).await;
    assert_eq!(call(fits, get(fits)).await.unwrap().body, "ok");
    let wide = answering(with_body(&pad(MAX_HEADER_BYTES), b"ok")).await;
    for at in [many, wide] {
        let e = call(at, get(at)).await.unwrap_err();
        assert_eq!((e.kind(), e.retry()), (ErrorKind::Protocol, RetryAdvice::Ambiguous), "{e}");
        assert!(e.operator_text().contains("100 headers and 65536 bytes"), "{e}");
    }
}

#[tokio::test]
async fn what_is_no_http_is_a_fault_of_the_service() {
    for answer in [
        &b"SSH-2.0-OpenSSH_9.6\r\n"[..],
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/3.7 200 OK\r\n\r\n",
        b"\x15\x03\x01\x00\x02\x02\x16",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 7\r\n\r\nhello..",
        b"HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nhello\r\n",
    ] {
        let at = answering(answer).await;
        let e = call(at, get(at)).await.unwrap_err();
        let shown = String::from_utf8_lossy(answer);
        assert_eq!((e.kind(), e.retry()), (ErrorKind::Protocol, RetryAdvice::Ambiguous), "{shown}: {e}");
        assert!(!e.to_string().contains("OpenSSH"), "{e}");
    }
    // A connection that breaks off is no such fault: it may be the network's.
    for answer in [
        &b"HTTP/1.1 200 OK\r\ncontent-le"[..],
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhel",
        b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 50\r\n\r\n\x1f\x8b",
    ] {
        let at = answering(answer).await;
        let e = call(at, get(at)).await.unwrap_err();
        assert_eq!((e.kind(), e.retry()), (ErrorKind::UpstreamUnavailable, RetryAdvice::Ambiguous), "{e}");
    }
}

#[tokio::test]
async fn bodies_are_opened_or_refused_by_what_is_wrong() {
    let text = b"hello ".repeat(100);
    let packed = gzip(&text);
    let mut twice = gzip(b"one ");
    twice.extend(gzip(b"two"));
    for (headers, body, want) in [
        ("content-encoding: gzip\r\n", &packed[..], &text[..]),
        ("Content-Encoding: GZIP\r\n", &packed, &text),
        ("content-encoding: x-gzip\r\n", &packed, &text),
        ("content-encoding: identity\r\n", &text, &text),
        ("content-encoding: gzip\r\n", &twice, b"one two"),
        ("content-encoding: gzip\r\n", b"", b""),
        ("content-encoding: br\r\n", b"", b""),
        // What looks like gzip and is not said to be is data: a file that somebody downloads.
        ("", &packed, &packed),
    ] {
        let at = answering(with_body(headers, body)).await;
        let answer = call(at, get(at)).await.unwrap();
        assert_eq!(&answer.body[..], want, "{headers}");
        let opened = headers.to_lowercase().contains("gzip") && !body.is_empty();
        assert_eq!(answer.headers.contains_key("content-length"), !opened, "{headers}");
    }
    let mut damaged = packed.clone();
    let last = damaged.len() - 1;
    damaged[last] ^= 1;
    for (headers, body, said) in [
        ("content-encoding: gzip\r\n", &packed[..packed.len() / 2], "damaged or cut short"),
        ("content-encoding: gzip\r\n", &packed[..5], "damaged or cut short"),
        ("content-encoding: gzip\r\n", &damaged, "damaged or cut short"),
        ("content-encoding: gzip\r\n", b"{\"ok\":true}", "damaged or cut short"),
        ("content-encoding: gzip, gzip\r\n", &gzip(&packed), "not asked for"),
        ("content-encoding: br\r\n", b"\x0b\x02\x80hello\x03", "not asked for"),
        ("content-encoding: deflate\r\n", b"x\x9c", "not asked for"),
        ("content-encoding: zstd\r\n", b"\x28\xb5\x2f\xfd", "not asked for"),
    ] {
        let at = answering(with_body(headers, body)).await;
        let e = call(at, get(at)).await.unwrap_err();
        assert_eq!((e.kind(), e.status()), (ErrorKind::Protocol, Some(200)), "{headers}: {e}");
        assert!(e.operator_text().contains(said), "{headers}: {e}");
    }
}

#[tokio::test]
async fn a_bomb_is_seen_while_it_swells() {
    let zeros = answering(with_body("content-encoding: gzip\r\n", &gzip(&vec![0; 9 << 20]))).await;
    let e = call(zeros, get(zeros)).await.unwrap_err();
    assert_eq!(e.kind(), ErrorKind::Protocol);
    assert!(e.operator_text().contains("swells beyond measure"), "{e}");
    // Below the size from which the measure counts, zeros are data.
    let few = answering(with_body("content-encoding: gzip\r\n", &gzip(&vec![0; 1 << 20]))).await;
    assert_eq!(call(few, get(few)).await.unwrap().body.len(), 1 << 20);
}

#[tokio::test]
async fn nothing_is_read_beyond_the_cap() {
    let written = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let count = written.clone();
    let (at, _) = server("127.0.0.1:0", move |mut s, _| {
        let count = count.clone();
        async move {
            say(&mut s, "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").await;
            let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
            while s.write_all(chunk.as_bytes()).await.is_ok() {
                count.fetch_add(0x10000, Ordering::SeqCst);
            }
        }
    })
    .await;
    let transport = HttpTransport::builder().allow(at.to_string()).build().unwrap();
    let mut cx = context(&["127.0.0.1"], SecretMap::new());
    cx.max_response_bytes = 1 << 20;
    let e = transport.send(get(at), &cx).await.unwrap_err();
    assert!(e.caller_text().contains("1048576 bytes"), "{e}");
    tokio::time::sleep(Duration::from_millis(200)).await;
    let total = written.load(Ordering::SeqCst);
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(written.load(Ordering::SeqCst), total, "the service writes on: the connection was not closed");
    // What the buffers of both kernels take is not read by us.
    assert!(total < 32 << 20, "{total} bytes were taken");
}

#[tokio::test]
async fn a_part_of_a_body_is_asked_for_as_it_is() {
    let heads = Arc::new(std::sync::Mutex::new(Vec::new()));
    let kept = heads.clone();
    let (at, _) = server("127.0.0.1:0", move |mut s, request| {
        kept.lock().unwrap().push(String::from_utf8(request).unwrap());
        async move { say(&mut s, "HTTP/1.1 206 Part\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok").await }
    })
    .await;
    call(at, get(at).header("range", "bytes=0-1").unwrap()).await.unwrap();
    call(at, get(at)).await.unwrap();
    let heads = heads.lock().unwrap();
    assert!(heads[0].contains("accept-encoding: identity\r\n"), "{}", heads[0]);
    assert!(heads[1].contains("accept-encoding: gzip\r\n"), "{}", heads[1]);
}
