//! HTTP/2, which only TLS brings: the caps on heads and bodies hold there too. The service is written by hand, frame by
//! frame, so that it can do what no library would.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]

mod common;

use std::{net::SocketAddr, sync::Arc};

use common::*;
use connector_core::{Error, ErrorKind, Method, Request, Response, RetryAdvice, SecretMap, Transport};
use connector_http::HttpTransport;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

/// A frame: length, type, flags, stream, payload (RFC 9113, 4.1).
fn frame(kind: u8, flags: u8, stream: u8, payload: &[u8]) -> Vec<u8> {
    let mut out = u32::try_from(payload.len()).unwrap().to_be_bytes()[1..].to_vec();
    out.extend([kind, flags, 0, 0, 0, stream]);
    out.extend(payload);
    out
}

/// An integer of HPACK in a prefix of seven bits (RFC 7541, 5.1).
fn length(n: usize) -> Vec<u8> {
    if n < 127 {
        return vec![n as u8];
    }
    let (mut out, mut rest) = (vec![127], n - 127);
    while rest >= 128 {
        out.push((rest % 128) as u8 | 0x80);
        rest /= 128;
    }
    out.push(rest as u8);
    out
}

/// A header as a literal that is not kept (RFC 7541, 6.2.2).
fn header(name: &str, value: &str) -> Vec<u8> {
    let mut out = vec![0];
    for text in [name, value] {
        out.extend(length(text.len()));
        out.extend(text.as_bytes());
    }
    out
}

/// The head of an answer in as many frames as it takes.
fn head(block: &[u8]) -> Vec<u8> {
    let pieces: Vec<&[u8]> = block.chunks(16_000).collect();
    let last = pieces.len() - 1;
    let frames =
        pieces.iter().enumerate().map(|(i, p)| frame(if i == 0 { 1 } else { 9 }, if i == last { 4 } else { 0 }, 1, p));
    frames.flatten().collect()
}

/// Answers the first request of every connection with these frames.
async fn service(frames: Vec<u8>) -> (SocketAddr, Vec<u8>) {
    let made = rcgen::generate_simple_self_signed(["svc.example".to_owned()]).unwrap();
    let certificate = made.cert.der().clone();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let mut config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], key)
        .unwrap();
    config.alpn_protocols = vec![b"h2".to_vec()];
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, frames) = (acceptor.clone(), frames.clone());
            tokio::spawn(async move {
                let mut stream = acceptor.accept(stream).await.unwrap();
                let mut preface = [0; 24];
                stream.read_exact(&mut preface).await.unwrap();
                assert_eq!(&preface, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
                stream.write_all(&frame(4, 0, 0, &[])).await.unwrap();
                loop {
                    let mut head = [0; 9];
                    if stream.read_exact(&mut head).await.is_err() {
                        return;
                    }
                    let size = usize::from(head[0]) << 16 | usize::from(head[1]) << 8 | usize::from(head[2]);
                    let mut payload = vec![0; size];
                    stream.read_exact(&mut payload).await.unwrap();
                    match (head[3], head[4] & 1) {
                        (4, 0) => stream.write_all(&frame(4, 1, 0, &[])).await.unwrap(),
                        (1, _) => {
                            // The client may have given the stream up before the end.
                            let _ = stream.write_all(&frames).await;
                            let _ = stream.flush().await;
                        }
                        _ => {}
                    }
                }
            });
        }
    });
    (at, certificate.to_vec())
}

async fn call(frames: Vec<u8>) -> Result<Response, Error> {
    let (at, certificate) = service(frames).await;
    let transport = HttpTransport::builder()
        .allow(at.to_string())
        .resolver(Scripted::new(&[&["127.0.0.1"]]))
        .trust(certificate)
        .build()
        .unwrap();
    let request = Request::new(Method::GET, &format!("https://svc.example:{}/", at.port())).unwrap();
    transport.send(request, &context(&["svc.example"], SecretMap::new())).await
}

/// An answer with these headers and this body.
fn answer(headers: &[(String, String)], body: &[u8]) -> Vec<u8> {
    // 0x88: the table's `:status 200`.
    let mut block = vec![0x88];
    for (name, value) in headers {
        block.extend(header(name, value));
    }
    let mut out = head(&block);
    let pieces: Vec<&[u8]> = body.chunks(16_000).collect();
    for (i, piece) in pieces.iter().enumerate() {
        out.extend(frame(0, u8::from(i + 1 == pieces.len()), 1, piece));
    }
    out
}

#[tokio::test]
async fn heads_are_capped_over_http2_too() {
    let many = |n: usize| (0..n).map(|i| (format!("x-{i}"), "y".to_owned())).collect::<Vec<_>>();
    let ok = call(answer(&many(100), b"over two")).await.unwrap();
    assert_eq!((&ok.body[..], ok.headers.len()), (&b"over two"[..], 100));
    let e = call(answer(&many(101), b"x")).await.unwrap_err();
    assert_eq!((e.kind(), e.status()), (ErrorKind::Protocol, Some(200)), "{e}");
    assert!(e.operator_text().contains("100 headers and 65536 bytes"), "{e}");

    let wide = |n: usize| vec![("x-pad".to_owned(), "p".repeat(n))];
    assert_eq!(call(answer(&wide(60_000), b"ok")).await.unwrap().body, "ok");
    for size in [65_536, 200_000] {
        let e = call(answer(&wide(size), b"ok")).await.unwrap_err();
        assert_eq!((e.kind(), e.retry()), (ErrorKind::Protocol, RetryAdvice::Ambiguous), "{e}");
    }
}

#[tokio::test]
async fn bodies_are_capped_over_http2_too() {
    let e = call(answer(&[], &vec![b'x'; (1 << 16) + 1])).await;
    // The test's service sends without asking for leave, beyond what the client grants: one or the other cap ends it.
    assert_eq!(e.unwrap_err().kind(), ErrorKind::Protocol);
    assert_eq!(call(answer(&[], &[b'x'; 50_000])).await.unwrap().body.len(), 50_000);
}

#[tokio::test]
async fn what_breaks_the_protocol_is_a_fault_of_the_service() {
    for (frames, name) in [
        (frame(1, 4, 1, &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff]), "a head that is no HPACK"),
        (frame(9, 4, 1, &[0x88]), "a continuation of nothing"),
        (frame(0, 1, 1, b"x"), "a body before the head"),
        (frame(4, 0, 1, &[]), "settings of a stream"),
    ] {
        let e = call(frames).await.unwrap_err();
        assert_eq!((e.kind(), e.retry()), (ErrorKind::Protocol, RetryAdvice::Ambiguous), "{name}: {e}");
    }
    // The service's own refusal of a stream is its word, not a fault.
    let e = call(frame(3, 0, 1, &[0, 0, 0, 2])).await.unwrap_err();
    assert_eq!(e.kind(), ErrorKind::UpstreamUnavailable, "{e}");
}
