//! The span of a call says what an operator needs and no log, at any level, holds a secret.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]

mod common;

use std::{
    io,
    sync::{Arc, Mutex},
};

use common::*;
use connector_core::{ErrorKind, Method, Request, SecretMap, SecretSlot, Transport};
use connector_http::HttpTransport;
use tracing_subscriber::fmt::format::FmtSpan;

#[derive(Clone, Default)]
struct Buffer(Arc<Mutex<Vec<u8>>>);

impl io::Write for Buffer {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(data);
        Ok(data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Buffer {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

/// Takes down what this test's thread logs, at every level.
fn listening() -> (Buffer, tracing::subscriber::DefaultGuard) {
    let buffer = Buffer::default();
    let writer = buffer.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_span_events(FmtSpan::CLOSE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    (buffer, tracing::subscriber::set_default(subscriber))
}

#[tokio::test]
async fn a_call_is_one_span_and_no_log_tells_a_secret() {
    let (buffer, _guard) = listening();

    let (at, _) = server("127.0.0.1:0", |mut s, _| async move {
        say(&mut s, "HTTP/1.1 404 No\r\ncontent-length: 4\r\n\r\nnope").await;
    })
    .await;
    let open = HttpTransport::builder().allow(format!("127.0.0.1:{}", at.port())).build().unwrap();
    let key = SecretMap::new().with("token", CANARY);
    let request = Request::new(Method::POST, &format!("http://{at}/__t__"))
        .unwrap()
        .endpoint("things.create")
        .json(serde_json::json!({}))
        .secret(SecretSlot::Path { placeholder: "__t__", secret: "token".into() })
        .secret(SecretSlot::Query { name: "k", secret: "token".into() })
        .secret(SecretSlot::BodyField { name: "k", secret: "token".into() })
        .secret(SecretSlot::Header { name: "authorization", prefix: "Bearer ", secret: "token".into() });
    open.send(request.clone(), &context(&["127.0.0.1"], key.clone())).await.unwrap();
    let closed = HttpTransport::builder().build().unwrap();
    closed.send(request, &context(&["127.0.0.1"], key)).await.unwrap_err();
    let url = SecretMap::new().with("url", format!("http://{at}/{CANARY}"));
    open.send(Request::to_secret_url(Method::POST, "url"), &context(&["127.0.0.1"], url)).await.unwrap();

    let log = buffer.text();
    let spans: Vec<&str> = log.lines().filter(|l| l.contains("http_call{") && l.contains("close")).collect();
    assert_eq!(spans.len(), 3, "{log}");
    for part in [
        "connector=test",
        "connection=conn_1",
        "endpoint=\"things.create\"",
        "method=POST",
        "host=\"127.0.0.1\"",
        "status=404",
        "bytes=4",
        "duration_ms=",
        "trace_id=00000000000000000000000000000007",
    ] {
        assert!(spans[0].contains(part), "{part} is not in {}", spans[0]);
    }
    assert!(log.contains("`loopback`"), "the refusal is logged with its rule");
    assert!(!spans[2].contains("127.0.0.1"), "the host of a secret URL is not told: {}", spans[2]);
    let told: Vec<&str> = log.lines().filter(|l| l.contains(CANARY)).collect();
    assert!(told.is_empty(), "{told:#?}");
}

#[tokio::test]
async fn no_log_and_no_error_of_a_redirect_tells_a_secret() {
    let (buffer, _guard) = listening();

    // The service echoes what it got: to itself, to another origin, to what is no address.
    for to in ["", "http://127.0.0.9:9", "ftp://127.0.0.1"] {
        let (at, heads) = service("127.0.0.1:0", 302, move |path| {
            path.contains("/first").then(|| format!("{to}{}", path.replace("/first", "/second")))
        })
        .await;
        let cx = cx(&["127.0.0.1", "127.0.0.9"], Arc::new(opened(&[at])), key());
        let request = Request::new(Method::GET, &format!("http://{at}/bot__t__/first")).unwrap().follow_redirects(5);
        let request = with_slots(request);
        assert!(!format!("{request:?}").contains(CANARY));
        match cx.send(request).await {
            Ok(answer) => {
                assert_eq!((to, &answer.body[..]), ("", &b"end"[..]));
                let line = format!("GET /bot{CANARY}/second?key={CANARY} ");
                assert!(heads.lock().unwrap()[1].starts_with(&line), "{:?}", heads.lock().unwrap());
            }
            Err(e) => {
                assert_eq!(e.kind(), ErrorKind::Protocol, "{e}");
                assert!(!format!("{e:?} {e} {}", e.to_caller_json()).contains(CANARY), "{e:?}");
            }
        }
    }
    let log = buffer.text();
    assert_eq!(log.lines().filter(|l| l.contains("http_call{") && l.contains("close")).count(), 4);
    let told: Vec<&str> = log.lines().filter(|l| l.contains(CANARY)).collect();
    assert!(told.is_empty(), "{told:#?}");
}
