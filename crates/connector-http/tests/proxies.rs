//! A proxy in the environment is not asked: it would connect to where nobody judged.
//!
//! The variables are read by a process that is born with them, so the test runs itself again with them set.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]

mod common;

use std::sync::atomic::Ordering;

use common::*;
use connector_core::{ErrorKind, Method, Request, SecretMap, Transport};
use connector_http::HttpTransport;

const CHILD: &str = "TEST_PROXIES_SERVICE";

/// What the child does: one call to a service that is opened, one that is refused, one that nobody answers.
async fn child(service: &str) {
    let cx = context(&["127.0.0.1", "10.0.0.1", "api.example.com"], SecretMap::new());
    let get = |url: &str| Request::new(Method::GET, url).unwrap();
    let nobody = HttpTransport::builder().resolver(Scripted::new(&[]));
    let transport = nobody.allow(service).build().unwrap();
    assert_eq!(transport.send(get(&format!("http://{service}/")), &cx).await.unwrap().body, "direct");
    assert_eq!(transport.send(get("http://10.0.0.1/"), &cx).await.unwrap_err().kind(), ErrorKind::Refused);
    let e = transport.send(get("https://api.example.com/"), &cx).await.unwrap_err();
    assert!(e.operator_text().contains("cannot resolve"), "{e}");
}

#[tokio::test]
async fn proxies_of_the_environment_are_not_asked() {
    if let Ok(service) = std::env::var(CHILD) {
        return child(&service).await;
    }
    let (service, served) = server("127.0.0.1:0", |mut s, _| async move {
        say(&mut s, "HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\ndirect").await;
    })
    .await;
    let (proxy, asked) = server("127.0.0.1:0", |mut s, _| async move {
        say(&mut s, "HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\nproxied").await;
    })
    .await;
    for scheme in ["http", "socks5"] {
        let mut command = tokio::process::Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "proxies_of_the_environment_are_not_asked", "--nocapture"]);
        command.env(CHILD, service.to_string()).env_remove("NO_PROXY").env_remove("no_proxy");
        for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"] {
            command.env(name, format!("{scheme}://{proxy}"));
        }
        let out = command.output().await.unwrap();
        let told = String::from_utf8_lossy(&out.stdout).into_owned() + &String::from_utf8_lossy(&out.stderr);
        assert!(out.status.success() && told.contains("1 passed"), "{told}");
    }
    assert_eq!((served.load(Ordering::SeqCst), asked.load(Ordering::SeqCst)), (2, 0));
}
