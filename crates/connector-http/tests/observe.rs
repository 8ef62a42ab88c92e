//! What is seen of the way out: metrics whose labels are bounded and tell nothing, and what services announce.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]

mod common;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use common::*;
use connector_core::{
    Error, ErrorKind, FixedClock, Method, Request, Response, Result, SecretMap, SecretSlot, Timestamp, Transport,
    signal::SignalKind, transport::CallContext,
};
use connector_http::{HttpTransport, Observed, Signals, observe};
use metrics_util::debugging::{DebugValue, DebuggingRecorder};

/// Each metric with its labels, as Prometheus writes them, and its count or its number of samples.
type Seen = BTreeMap<String, u64>;

/// Runs the work with a recorder of its own; gives what was recorded.
fn recorded<F: Future<Output = ()>>(work: impl FnOnce() -> F) -> Seen {
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    metrics::with_local_recorder(&recorder, || runtime.block_on(work()));
    let line = |(key, _, _, value): (metrics_util::CompositeKey, _, _, DebugValue)| {
        let key = key.key();
        let labels: Vec<String> = key.labels().map(|l| format!("{}={}", l.key(), l.value())).collect();
        let n = match value {
            DebugValue::Counter(n) => n,
            DebugValue::Histogram(samples) => samples.len() as u64,
            DebugValue::Gauge(_) => panic!("no gauge is meant"),
        };
        (format!("{}{{{}}}", key.name(), labels.join(",")), n)
    };
    snapshotter.snapshot().into_vec().into_iter().map(line).collect()
}

fn canaries(url: &str) -> Request {
    Request::new(Method::POST, url)
        .unwrap()
        .json(serde_json::json!({"text": format!("text-{CANARY}")}))
        .secret(SecretSlot::Path { placeholder: "__t__", secret: "token".into() })
        .secret(SecretSlot::Query { name: "k", secret: "token".into() })
        .secret(SecretSlot::Header { name: "authorization", prefix: "Bearer ", secret: "token".into() })
}

fn secrets() -> SecretMap {
    SecretMap::new().with("token", CANARY)
}

#[test]
fn a_call_is_counted_and_no_label_holds_what_came_from_outside() {
    let seen = recorded(async || {
        let (at, _) = server("127.0.0.1:0", |mut s, request| async move {
            let status = if request.starts_with(b"POST /fail") { "500 No" } else { "200 OK" };
            say(&mut s, &format!("HTTP/1.1 {status}\r\ncontent-length: 4\r\nconnection: close\r\n\r\nnope")).await;
        })
        .await;
        let open = HttpTransport::builder().allow(format!("127.0.0.1:{}", at.port())).build().unwrap();
        let open = Observed::new(open);
        let context = context(&["127.0.0.1"], secrets());
        let named = || canaries(&format!("http://{at}/__t__/{CANARY}")).endpoint("things.create");
        open.send(named(), &context).await.unwrap();
        open.send(named(), &context).await.unwrap();
        let of_action = CallContext { action: "list_things".into(), ..context.clone() };
        open.send(canaries(&format!("http://{at}/fail/{CANARY}")), &of_action).await.unwrap();

        let closed = Observed::new(HttpTransport::builder().build().unwrap());
        let refused = closed.send(canaries(&format!("http://{at}/")), &context).await.unwrap_err();
        assert_eq!((refused.kind(), refused.rule()), (ErrorKind::Refused, Some("loopback")));
        let told = refused.to_caller_json().to_string();
        assert!(!told.contains("loopback"), "callers are not told what kind of address it is: {told}");
    });
    let want = [
        ("jackfield_egress_refusals_total{connector=test,rule=loopback}", 1),
        ("jackfield_egress_requests_total{connector=test,endpoint=list_things,status=5xx}", 1),
        ("jackfield_egress_requests_total{connector=test,endpoint=none,status=refused}", 1),
        ("jackfield_egress_requests_total{connector=test,endpoint=things.create,status=2xx}", 2),
        ("jackfield_egress_response_bytes{connector=test}", 3),
        ("jackfield_egress_seconds{connector=test}", 4),
    ];
    assert_eq!(seen, want.map(|(k, n)| (k.to_owned(), n)).into());
}

/// Answers as the request's number says: every status that there is, and every kind of failure.
struct Anything(Mutex<u16>);

#[async_trait]
impl Transport for Anything {
    async fn send(&self, request: Request, _: &CallContext) -> Result<Response> {
        let n = {
            let mut n = self.0.lock().unwrap();
            *n += 1;
            *n
        };
        let url = request.url().unwrap().to_string();
        match n % 4 {
            0 => Err(Error::new(ErrorKind::Timeout, url)),
            1 => Err(Error::protocol(url.clone()).with_code(url)),
            _ => Ok(Response {
                status: http::StatusCode::from_u16(100 + n % 900).unwrap(),
                headers: http::HeaderMap::new(),
                body: url.into(),
            }),
        }
    }
}

#[test]
fn ten_thousand_different_calls_make_a_handful_of_series() {
    let seen = recorded(async || {
        let transport = Observed::new(Anything(Mutex::new(0)));
        for n in 0..10_000 {
            let context = CallContext { connection: format!("conn_{n}").as_str().into(), ..context(&[], secrets()) };
            let request = Request::new(Method::GET, &format!("https://h{n}.example/{n}?q={n}")).unwrap();
            let _ = transport.send(request.endpoint("things.get"), &context).await;
        }
    });
    let total: u64 = seen.iter().filter(|(k, _)| k.starts_with(observe::REQUESTS)).map(|(_, n)| n).sum();
    assert_eq!(total, 10_000);
    assert_eq!(seen.len(), 5 + 2 + 2, "five classes, two kinds, two histograms: {:#?}", seen.keys());
}

#[tokio::test]
async fn what_a_service_announces_is_told_without_its_echoes() {
    let (at, _) = server("127.0.0.1:0", |mut s, _| async move {
        let text = format!(
            "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\nsunset: Fri, 31 Dec 2027 23:59:59 GMT\r\ndeprecation: @1688169599\r\nlink: <https://d.example/?k={CANARY}>; rel=\"deprecation\"\r\nwarning: 299 - \"{}{CANARY} is old\"\r\n\r\nok",
            "x".repeat(190)
        );
        say(&mut s, &text).await;
    })
    .await;
    let signals = Arc::new(Signals::new());
    let now: Timestamp = "2026-11-23T10:00:00Z".parse().unwrap();
    let transport = HttpTransport::builder().allow(format!("127.0.0.1:{}", at.port())).build().unwrap();
    let transport = Observed::new(transport).signals(signals.clone()).clock(Arc::new(FixedClock(now)));
    for _ in 0..3 {
        let request = canaries(&format!("http://{at}/__t__")).endpoint("things.list");
        transport.send(request, &context(&["127.0.0.1"], secrets())).await.unwrap();
    }
    let told = signals.list();
    assert!(!format!("{told:?}").contains("CANARY"), "{told:?}");
    assert!(told.iter().all(|t| t.count == 3 && t.first_at == now && t.signal.connector == "test"));
    assert!(told.iter().all(|t| t.signal.endpoint == "things.list"));
    let values: Vec<(SignalKind, &str)> = told.iter().map(|t| (t.signal.kind, t.signal.value.as_str())).collect();
    let warning = format!("{}[redacted]", "x".repeat(190));
    assert_eq!(
        values,
        [
            (SignalKind::Deprecation, "2023-06-30T23:59:59Z"),
            (SignalKind::DeprecationLink, "https://d.example/?k=[redacted]"),
            (SignalKind::Sunset, "2027-12-31T23:59:59Z"),
            (SignalKind::Warning, warning.as_str()),
        ]
    );
}
