//! What the tests of the transport share: a context, a resolver of their own, and servers that misbehave.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, dead_code, unreachable_pub)]

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use connector_core::{
    BoxFuture, Connector, Cx, Invoke, Request, Result, SecretMap, SecretSlot, SecretSource, TraceId, Transport,
    info::ActionInfo, transport::CallContext,
};
use connector_http::{HttpTransport, Resolver, SystemClock};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

pub mod table;

pub const CANARY: &str = "CANARY-f3b1c7d2e9a84";

pub fn context(hosts: &[&str], secrets: SecretMap) -> CallContext {
    let hosts = hosts.iter().map(|h| (*h).to_owned()).collect();
    CallContext {
        connection: "conn_1".into(),
        secrets: Arc::new(secrets) as Arc<dyn SecretSource>,
        timeout: Duration::from_secs(5),
        max_response_bytes: 1 << 16,
        ..CallContext::new("test", hosts, TraceId::from_u128(7))
    }
}

/// Answers from a list, one answer a question, the last one again and again; counts the questions.
pub struct Scripted {
    answers: Mutex<Vec<Vec<IpAddr>>>,
    pub asked: AtomicUsize,
}

impl Scripted {
    pub fn new(answers: &[&[&str]]) -> Arc<Self> {
        let answers = answers.iter().rev().map(|a| a.iter().map(|ip| ip.parse().unwrap()).collect()).collect();
        Arc::new(Self { answers: Mutex::new(answers), asked: AtomicUsize::new(0) })
    }

    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl Resolver for Scripted {
    async fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let mut answers = self.answers.lock().unwrap();
        let answer = if answers.len() > 1 { answers.pop() } else { answers.last().cloned() };
        answer.ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, format!("no such name: {host}")))
    }
}

/// Never answers.
pub struct Hanging;

#[async_trait]
impl Resolver for Hanging {
    async fn resolve(&self, _: &str) -> io::Result<Vec<IpAddr>> {
        std::future::pending().await
    }
}

/// A server by hand: reads one request (head and body) of each connection and does what `act` says.
pub async fn server<F, Fut>(addr: &str, act: F) -> (SocketAddr, Arc<AtomicUsize>)
where
    F: Fn(TcpStream, Vec<u8>) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind(addr).await.unwrap();
    let at = listener.local_addr().unwrap();
    let seen = Arc::new(AtomicUsize::new(0));
    let count = seen.clone();
    let act = Arc::new(act);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let (act, count) = (act.clone(), count.clone());
            tokio::spawn(async move {
                if let Some(request) = read_request(&mut stream).await {
                    count.fetch_add(1, Ordering::SeqCst);
                    act(stream, request).await;
                }
            });
        }
    });
    (at, seen)
}

/// One request, by its `Content-Length`.
pub async fn read_request(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut got = Vec::new();
    loop {
        let mut buffer = [0; 4096];
        match stream.read(&mut buffer).await {
            Ok(n) if n > 0 => got.extend_from_slice(&buffer[..n]),
            _ => return None,
        }
        let text = String::from_utf8_lossy(&got).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|l| l.to_ascii_lowercase().strip_prefix("content-length:").map(|v| v.trim().parse().unwrap()))
                .unwrap_or(0);
            if body.len() >= length {
                return Some(got);
            }
        }
    }
}

pub async fn say(stream: &mut TcpStream, text: &str) {
    stream.write_all(text.as_bytes()).await.unwrap();
    stream.flush().await.unwrap();
}

struct Nothing(Arc<ActionInfo>);

impl Invoke for Nothing {
    fn info(&self) -> &Arc<ActionInfo> {
        &self.0
    }

    fn invoke<'a>(&'a self, _: &'a Cx, _: Value) -> BoxFuture<'a, Result<Value>> {
        Box::pin(async { Ok(Value::Null) })
    }
}

/// A connector's way to a transport, redirects included.
pub fn cx(hosts: &[&str], transport: Arc<dyn Transport>, secrets: SecretMap) -> Cx {
    let info = ActionInfo::new("test", "nothing", Value::Bool(true), Value::Bool(true));
    let builder = Connector::builder("test", "Test").action(Arc::new(Nothing(Arc::new(info))));
    let connector = hosts.iter().fold(builder, |b, h| b.host(h)).build().unwrap();
    let cx = connector.cx(serde_json::Map::new(), transport, Arc::new(SystemClock));
    cx.secrets(Arc::new(secrets)).timeout(Duration::from_secs(5)).build()
}

/// A server that sends on to what `to` says of a path, or answers `end`; it remembers the heads that it got.
pub async fn service(
    addr: &str,
    status: u16,
    to: impl Fn(&str) -> Option<String> + Send + Sync + 'static,
) -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let heads: Arc<Mutex<Vec<String>>> = Arc::default();
    let (kept, to) = (heads.clone(), Arc::new(to));
    let (at, _) = server(addr, move |mut s, request| {
        let (kept, to) = (kept.clone(), to.clone());
        async move {
            let head = String::from_utf8(request).unwrap();
            let path = head.split(' ').nth(1).unwrap().to_owned();
            kept.lock().unwrap().push(head);
            let answer = match to(&path) {
                Some(to) => format!("HTTP/1.1 {status} Moved\r\nlocation: {to}\r\ncontent-length: 0\r\n"),
                None => "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n".to_owned(),
            };
            let body = if answer.contains(" 200 ") { "end" } else { "" };
            say(&mut s, &format!("{answer}connection: close\r\n\r\n{body}")).await;
        }
    })
    .await;
    (at, heads)
}

/// A transport to these addresses.
pub fn opened(to: &[SocketAddr]) -> HttpTransport {
    to.iter().fold(HttpTransport::builder(), |b, at| b.allow(at.to_string())).build().unwrap()
}

pub fn key() -> SecretMap {
    SecretMap::new().with("token", CANARY)
}

/// The token wherever a secret can stand.
pub fn with_slots(request: Request) -> Request {
    let secret = || "token".to_owned();
    request
        .secret(SecretSlot::Header { name: "x-api-key", prefix: "", secret: secret() })
        .secret(SecretSlot::Basic { user: "me".into(), secret: secret() })
        .secret(SecretSlot::Query { name: "key", secret: secret() })
        .secret(SecretSlot::Path { placeholder: "__t__", secret: secret() })
}
