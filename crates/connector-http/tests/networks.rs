//! Internal networks of single connections: what one may reach stays closed to the others, kept connections included.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]

mod common;

use std::sync::atomic::Ordering;

use common::*;
use connector_core::{ErrorKind, Method, Request, RetryAdvice, SecretMap, Transport, transport::CallContext};
use connector_http::HttpTransport;

fn get(url: &str) -> Request {
    Request::new(Method::GET, url).unwrap()
}

fn with(hosts: &[&str], networks: &[&str]) -> CallContext {
    let networks: Vec<String> = networks.iter().map(|n| (*n).to_owned()).collect();
    CallContext { networks: networks.into(), ..context(hosts, SecretMap::new()) }
}

/// Answers every request of a connection, so that it is kept.
async fn keeping() -> (std::net::SocketAddr, std::sync::Arc<std::sync::atomic::AtomicUsize>) {
    server("127.0.0.1:0", |mut s, _| async move {
        loop {
            say(&mut s, "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await;
            if read_request(&mut s).await.is_none() {
                return;
            }
        }
    })
    .await
}

#[tokio::test]
async fn an_address_is_open_to_the_connection_that_has_it_and_to_no_other() {
    let (at, connections) = keeping().await;
    let transport = HttpTransport::builder().resolver(Scripted::new(&[&["127.0.0.1"]])).build().unwrap();
    for host in ["127.0.0.1", "svc.example"] {
        let url = format!("http://{host}:{}/", at.port());
        let call = |networks: &'static [&'static str]| {
            let (transport, url) = (&transport, &url);
            async move { transport.send(get(url), &with(&[host], networks)).await }
        };
        let before = connections.load(Ordering::SeqCst);
        assert_eq!(call(&["127.0.0.1"]).await.unwrap().body, "ok");
        assert_eq!(call(&["127.0.0.1"]).await.unwrap().body, "ok");
        assert_eq!(connections.load(Ordering::SeqCst), before + 1, "the connection is kept");
        // While it stands open: narrower and other policies do not get it.
        for networks in [&[][..], &["10.0.0.0/8"], &["127.0.0.1:1"], &["127.0.0.2"], &["::1"]] {
            let e = call(networks).await.unwrap_err();
            assert_eq!((e.kind(), e.retry()), (ErrorKind::Refused, RetryAdvice::Never), "{networks:?}: {e}");
        }
        assert_eq!(connections.load(Ordering::SeqCst), before + 1);
        // A wider one opens its own; one that opens the same in other words shares.
        assert_eq!(call(&["127.0.0.0/8"]).await.unwrap().body, "ok");
        assert_eq!(connections.load(Ordering::SeqCst), before + 2);
        assert_eq!(call(&["127.0.0.1/32", "127.0.0.1"]).await.unwrap().body, "ok");
        assert_eq!(connections.load(Ordering::SeqCst), before + 2);
    }
}

#[tokio::test]
async fn rebinding_out_of_a_connections_network_is_refused() {
    let (at, _) = server("127.0.0.1:0", |mut s, _| async move {
        say(&mut s, "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok").await;
    })
    .await;
    let (_, reached) = server(&format!("127.0.0.2:{}", at.port()), |s, _| async move { drop(s) }).await;
    let resolver = Scripted::new(&[&["127.0.0.1"], &["127.0.0.2"]]);
    let transport = HttpTransport::builder().resolver(resolver).build().unwrap();
    let cx = with(&["svc.example"], &["127.0.0.1"]);
    let url = format!("http://svc.example:{}/", at.port());
    assert_eq!(transport.send(get(&url), &cx).await.unwrap().body, "ok");
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    assert_eq!(transport.send(get(&url), &cx).await.unwrap_err().kind(), ErrorKind::Refused);
    assert_eq!(reached.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn networks_stand_beside_those_of_all_and_open_no_undeclared_host() {
    let (at, _) = keeping().await;
    let transport = HttpTransport::builder().allow(at.to_string()).build().unwrap();
    let url = format!("http://{at}/");
    assert_eq!(transport.send(get(&url), &with(&["127.0.0.1"], &["10.0.0.0/8"])).await.unwrap().body, "ok");
    let e = transport.send(get(&url), &with(&["other.example"], &["127.0.0.1"])).await.unwrap_err();
    assert!(e.operator_text().contains("`host_not_declared`"), "{e}");
    // Nor by their width the metadata of a cloud.
    let e =
        transport.send(get("http://169.254.169.254/"), &with(&["169.254.169.254"], &["0.0.0.0/0"])).await.unwrap_err();
    assert!(e.operator_text().contains("`link_local`"), "{e}");
    let e = transport.send(get("http://metadata/"), &with(&["metadata"], &["0.0.0.0/0"])).await.unwrap_err();
    assert!(e.operator_text().contains("`metadata_name`"), "{e}");
}

#[tokio::test]
async fn a_wrong_entry_is_named() {
    let transport = HttpTransport::builder().build().unwrap();
    let cx = with(&["api.example.com"], &["10.0.0.0/8", "intranet"]);
    let e = transport.send(get("https://api.example.com/"), &cx).await.unwrap_err();
    assert_eq!((e.kind(), e.fields()[0].pointer.as_str()), (ErrorKind::Misconfigured, "/networks/1"));
    assert!(e.caller_text().contains("`intranet`"), "{e}");
}

#[tokio::test]
async fn many_policies_do_not_close_what_is_in_use() {
    let (at, connections) = keeping().await;
    let transport = HttpTransport::builder().build().unwrap();
    let url = format!("http://{at}/");
    let wide = with(&["127.0.0.1"], &["127.0.0.1"]);
    for i in 0..200 {
        assert_eq!(transport.send(get(&url), &wide).await.unwrap().body, "ok");
        let one = format!("192.168.{i}.0/24");
        let e = transport.send(get("http://192.0.2.1/"), &with(&["192.0.2.1"], &[&one])).await.unwrap_err();
        assert_eq!(e.kind(), ErrorKind::Refused);
        let cx = with(&["127.0.0.1"], &[&one, &format!("127.0.0.1:{}", at.port())]);
        assert_eq!(transport.send(get(&url), &cx).await.unwrap().body, "ok");
    }
    // The one that is used all the time kept its connection through two hundred others.
    assert_eq!(connections.load(Ordering::SeqCst), 201);
}
