//! Names: every address is judged, and the connection goes to what was judged, over TLS as outside.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]

mod common;

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use common::*;
use connector_core::{ErrorKind, Method, Request, RetryAdvice, SecretMap, Transport};
use connector_http::HttpTransport;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

fn get(url: &str) -> Request {
    Request::new(Method::GET, url).unwrap()
}

#[tokio::test]
async fn what_can_be_judged_without_the_name_is_judged_before_it_is_asked_for() {
    let resolver = Scripted::new(&[&["93.184.215.14"]]);
    let transport = HttpTransport::builder().resolver(resolver.clone()).build().unwrap();
    let cx = context(&["api.example.com"], SecretMap::new());
    for (url, rule) in [
        ("https://evil.example/", "host_not_declared"),
        ("https://api.example.com.evil.example/", "host_not_declared"),
        ("http://api.example.com/", "plain_http"),
        ("https://api.example.com:8443/", "port"),
        ("https://api.example.com:22/", "port"),
    ] {
        let e = transport.send(get(url), &cx).await.unwrap_err();
        assert_eq!(e.kind(), ErrorKind::Refused, "{url}");
        assert!(e.operator_text().contains(&format!("`{rule}`")), "{url}: {e}");
    }
    assert_eq!(resolver.asked(), 0);
}

#[tokio::test]
async fn a_url_that_the_service_gave_needs_no_declared_host_but_is_judged() {
    let (at, _) = server("127.0.0.1:0", |mut s, _| async move {
        say(&mut s, "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await;
    })
    .await;
    let cx = context(&["api.example.com"], SecretMap::new());
    let url = format!("http://uploads.example:{}/", at.port());
    let open = |answer: &str| {
        HttpTransport::builder()
            .allow(format!("127.0.0.1:{}", at.port()))
            .resolver(Scripted::new(&[&[answer]]))
            .build()
            .unwrap()
    };
    assert_eq!(open("127.0.0.1").send(get(&url), &cx).await.unwrap_err().kind(), ErrorKind::Refused);
    assert_eq!(open("127.0.0.1").send(get(&url).given_by_service(), &cx).await.unwrap().body, "ok");
    let e = open("127.0.0.2").send(get(&url).given_by_service(), &cx).await.unwrap_err();
    assert!(e.operator_text().contains("`loopback`"), "{e}");
    let e = open("93.184.215.14").send(get(&url).given_by_service(), &cx).await.unwrap_err();
    assert!(e.operator_text().contains("`plain_http`"), "{e}");
}

#[tokio::test]
async fn rebinding_finds_the_second_answer_judged_and_the_kept_connection_where_it_was() {
    // A server on the allowed address that keeps the connection for two requests, then closes it.
    let (at, served) = server("127.0.0.1:0", |mut s, _| async move {
        say(&mut s, "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nfirst").await;
        if read_request(&mut s).await.is_some() {
            say(&mut s, "HTTP/1.1 200 OK\r\ncontent-length: 6\r\nconnection: close\r\n\r\nsecond").await;
        }
    })
    .await;
    // Where the attacker would like the third request to go: same port, another internal address.
    let (_, reached) = server(&format!("127.0.0.2:{}", at.port()), |s, _| async move { drop(s) }).await;
    let resolver = Scripted::new(&[&["127.0.0.1"], &["127.0.0.2"]]);
    let transport = HttpTransport::builder()
        .allow(format!("127.0.0.1/32:{}", at.port()))
        .resolver(resolver.clone())
        .build()
        .unwrap();
    let cx = context(&["rebind.example"], SecretMap::new());
    let call = || transport.send(get(&format!("http://rebind.example:{}/", at.port())), &cx);

    assert_eq!(call().await.unwrap().body, "first");
    assert_eq!(call().await.unwrap().body, "second", "the same connection, at the address that was judged");
    assert_eq!((resolver.asked(), served.load(Ordering::SeqCst)), (1, 1));
    tokio::time::sleep(Duration::from_millis(50)).await;
    let e = call().await.unwrap_err();
    assert_eq!((e.kind(), resolver.asked()), (ErrorKind::Refused, 2));
    assert_eq!(reached.load(Ordering::SeqCst), 0);
}

/// A TLS server whose certificate is for `name`, answering every request on every connection with 200 `tls`.
async fn tls_server(name: &str) -> (SocketAddr, Vec<u8>, Arc<AtomicUsize>) {
    let made = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
    let certificate = made.cert.der().clone();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], key)
        .unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    let served = Arc::new(AtomicUsize::new(0));
    let count = served.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, count) = (acceptor.clone(), count.clone());
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(stream).await else { return };
                let mut buffer = [0; 4096];
                while stream.read(&mut buffer).await.is_ok_and(|n| n > 0) {
                    count.fetch_add(1, Ordering::SeqCst);
                    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\ntls").await.unwrap();
                }
            });
        }
    });
    (at, certificate.to_vec(), served)
}

#[tokio::test]
async fn tls_is_checked_against_trust_and_name() {
    let (at, certificate, served) = tls_server("svc.example").await;
    let build = |trusted: bool| {
        let builder = HttpTransport::builder()
            .allow(format!("127.0.0.1:{}", at.port()))
            .resolver(Scripted::new(&[&["127.0.0.1"]]));
        if trusted { builder.trust(certificate.clone()) } else { builder }.build().unwrap()
    };
    let cx = context(&["svc.example", "other.example"], SecretMap::new());
    let url = |host: &str| format!("https://{host}:{}/hook", at.port());

    assert_eq!(build(true).send(get(&url("svc.example")), &cx).await.unwrap().body, "tls");
    assert_eq!(served.load(Ordering::SeqCst), 1);
    for (transport, host) in [(build(false), "svc.example"), (build(true), "other.example")] {
        let e = transport.send(get(&url(host)), &cx).await.unwrap_err();
        assert_eq!((e.kind(), e.retry()), (ErrorKind::UpstreamUnavailable, RetryAdvice::Safe { after: None }));
        assert!(e.operator_text().contains("certificate") && e.operator_text().contains(host), "{e}");
    }
    // The certificate's names would tell the host of a secret URL.
    let cx = context(&["other.example"], SecretMap::new().with("url", url("other.example")));
    let e = build(true).send(Request::to_secret_url(Method::POST, "url"), &cx).await.unwrap_err();
    assert!(!format!("{e:?}").contains(".example"), "{e:?}");
    assert_eq!(served.load(Ordering::SeqCst), 1, "no request passed a failed handshake");
}
