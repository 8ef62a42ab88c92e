//! A provider whose refresh tokens work once. It takes its time, rotates as it answers, and does not rotate for a client that
//! has hung up by then.

use std::{
    collections::BTreeMap,
    io::ErrorKind,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    time::Instant,
};

/// What it saw.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seen {
    /// Requests of any kind.
    pub(crate) requests: usize,
    /// New tokens given.
    pub(crate) granted: usize,
    /// Refresh tokens that were no good.
    pub(crate) refused: usize,
    /// Redemptions under way now, and at most.
    pub(crate) under_way: usize,
    pub(crate) at_once: usize,
    /// Most grants for one refresh token.
    pub(crate) most_for_one: usize,
}

struct State {
    seen: Seen,
    count: u64,
    refresh: String,
    access: BTreeMap<String, Instant>,
    grants: BTreeMap<String, usize>,
}

pub(crate) struct Provider {
    port: u16,
    life: Duration,
    state: Arc<Mutex<State>>,
}

impl State {
    fn grant(&mut self, life: Duration) -> (String, String) {
        self.count += 1;
        let access = format!("access-{}", self.count);
        self.refresh = format!("refresh-{}", self.count);
        // A little longer than it says, as services do.
        self.access.insert(access.clone(), Instant::now() + life + Duration::from_millis(500));
        (access, self.refresh.clone())
    }
}

impl Provider {
    pub(crate) async fn start(delay: Duration, life: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(Mutex::new(State {
            seen: Seen::default(),
            count: 0,
            refresh: String::new(),
            access: BTreeMap::new(),
            grants: BTreeMap::new(),
        }));
        let shared = state.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, shared.clone(), delay, life));
            }
        });
        Self { port, life, state }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(crate) fn life(&self) -> Duration {
        self.life
    }

    pub(crate) fn seen(&self) -> Seen {
        self.state.lock().unwrap().seen.clone()
    }

    pub(crate) fn newest(&self) -> String {
        self.state.lock().unwrap().refresh.clone()
    }

    pub(crate) fn grant(&self) -> (String, String) {
        self.state.lock().unwrap().grant(self.life)
    }

    pub(crate) fn forget_access(&self) {
        self.state.lock().unwrap().access.clear();
    }

    pub(crate) fn forget_refresh(&self) {
        self.state.lock().unwrap().refresh = "none".into();
    }

    /// Waits until no redemption is under way.
    pub(crate) async fn settled(&self) {
        while self.seen().under_way > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

async fn serve(mut stream: TcpStream, state: Arc<Mutex<State>>, delay: Duration, life: Duration) {
    let Some((head, body)) = read(&mut stream).await else { return };
    state.lock().unwrap().seen.requests += 1;
    let (status, answer) = if head.starts_with("POST /token") {
        let refresh = url_field(&body, "refresh_token");
        {
            let mut s = state.lock().unwrap();
            s.seen.under_way += 1;
            s.seen.at_once = s.seen.at_once.max(s.seen.under_way);
        }
        tokio::time::sleep(delay).await;
        let alive = is_alive(&stream);
        let mut s = state.lock().unwrap();
        s.seen.under_way -= 1;
        if !alive {
            return;
        }
        if refresh == s.refresh {
            s.seen.granted += 1;
            let grants = s.grants.entry(refresh).or_default();
            *grants += 1;
            let most = *grants;
            s.seen.most_for_one = s.seen.most_for_one.max(most);
            let (access, refresh) = s.grant(life);
            let answer = format!(
                r#"{{"access_token":"{access}","refresh_token":"{refresh}","expires_in":{},"token_type":"bearer"}}"#,
                life.as_secs()
            );
            ("200 OK", answer)
        } else {
            s.seen.refused += 1;
            ("400 Bad Request", r#"{"error":"invalid_grant"}"#.to_owned())
        }
    } else {
        let s = state.lock().unwrap();
        let token = head.lines().find_map(|l| l.strip_prefix("authorization: Bearer ")).unwrap_or_default();
        match s.access.get(token) {
            Some(ends) if Instant::now() < *ends => ("200 OK", r#"{"ok":true}"#.to_owned()),
            _ => ("401 Unauthorized", "{}".to_owned()),
        }
    };
    let text = format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{answer}",
        answer.len()
    );
    let _ = stream.write_all(text.as_bytes()).await;
    let _ = stream.shutdown().await;
}

fn is_alive(stream: &TcpStream) -> bool {
    let mut byte = [0];
    matches!(stream.try_read(&mut byte), Err(e) if e.kind() == ErrorKind::WouldBlock)
}

fn url_field(body: &str, name: &str) -> String {
    let mut pairs = body.split('&').filter_map(|p| p.split_once('='));
    pairs.find(|(n, _)| *n == name).map(|(_, v)| v.to_owned()).unwrap_or_default()
}

async fn read(stream: &mut TcpStream) -> Option<(String, String)> {
    let mut text = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let n = stream.read(&mut buffer).await.ok()?;
        if n == 0 {
            return None;
        }
        text.extend_from_slice(&buffer[..n]);
        let all = String::from_utf8_lossy(&text).into_owned();
        let Some((head, body)) = all.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|l| l.strip_prefix("content-length: ")?.parse::<usize>().ok()).unwrap_or(0);
        if body.len() >= length {
            return Some((head.to_owned(), body.to_owned()));
        }
    }
}
