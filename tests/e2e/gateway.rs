//! A real gateway process with a state directory of its own, and a client that talks to it as the world does.

use std::{
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use connector_core::{
    Connector, Method, Secret, Timestamp,
    webhook::{Inbound, sign},
};
use connectors::core as connector_core;
use serde_json::{Value, json};

/// The binary under test.
pub const BINARY: &str = env!("CARGO_BIN_EXE_jackfield");
/// The secret of the connection `hook`.
pub const HOOK_SECRET: &str = "canary-hook-secret-0123456789";

/// A running gateway. Dropping it kills it without ceremony.
pub struct Gateway {
    child: Child,
    pub url: String,
    pub dir: PathBuf,
    pub log: Arc<Mutex<String>>,
}

impl Gateway {
    /// Starts `jackfield serve` on a free port; `more` are further arguments.
    pub fn start(dir: &Path, more: &[&str]) -> Self {
        Self::start_with(dir, more, &[])
    }

    /// As [`Gateway::start`], with more in its environment.
    pub fn start_with(dir: &Path, more: &[&str], environment: &[(&str, &str)]) -> Self {
        let mut child = Command::new(BINARY)
            .envs(environment.iter().copied())
            .args(["serve", "--listen", "127.0.0.1:0", "--log", "debug", "--state-dir"])
            .arg(dir)
            .args(more)
            .current_dir(dir.parent().unwrap())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = Arc::new(Mutex::new(String::new()));
        let stderr = child.stderr.take().unwrap();
        let sink = log.clone();
        std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                let mut log = sink.lock().unwrap();
                log.push_str(&line);
                log.push('\n');
            }
        });
        let began = Instant::now();
        let url = loop {
            if let Some(url) = announced(dir, child.id()) {
                break url;
            }
            if let Some(status) = child.try_wait().unwrap() {
                panic!("the gateway ended with {status}:\n{}", log.lock().unwrap());
            }
            assert!(began.elapsed() < Duration::from_secs(20), "the gateway does not start:\n{}", log.lock().unwrap());
            std::thread::sleep(Duration::from_millis(5));
        };
        Self { child, url, dir: dir.to_owned(), log }
    }

    /// As [`Gateway::start`], with the connection `hook` of GitHub whose secret is [`HOOK_SECRET`].
    pub async fn with_hook(dir: &Path) -> Self {
        let g = Self::start(dir, &[]);
        g.put("/v1/connections/hook", json!({"connector": "github", "values": {"token": "canary-token-0123456789", "webhook_secret": HOOK_SECRET}})).await;
        g
    }

    pub fn token(&self) -> String {
        std::fs::read_to_string(self.dir.join("token")).unwrap().trim().to_owned()
    }

    /// kill -9.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM, and wait; gives the exit code.
    pub fn stop(mut self) -> Option<i32> {
        Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        self.child.wait().unwrap().code()
    }

    async fn send(&self, method: reqwest::Method, path: &str, body: Option<Value>) -> (u16, Value) {
        let mut r = client().request(method, format!("{}{path}", self.url)).bearer_auth(self.token());
        if let Some(b) = body {
            r = r.json(&b);
        }
        let response = r.send().await.unwrap();
        let status = response.status().as_u16();
        (status, response.json().await.unwrap_or(Value::Null))
    }

    pub async fn get(&self, path: &str) -> Value {
        let (status, body) = self.send(reqwest::Method::GET, path, None).await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    pub async fn try_put(&self, path: &str, body: Value) -> (u16, Value) {
        self.send(reqwest::Method::PUT, path, Some(body)).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Value {
        let (status, body) = self.try_put(path, body).await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    pub async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        self.send(reqwest::Method::POST, path, Some(body)).await
    }

    /// The log, once it says this: what a process writes comes a little later than what it answers.
    pub async fn log_with(&self, part: &str) -> String {
        for _ in 0..400 {
            let log = self.log.lock().unwrap().clone();
            if log.contains(part) {
                return log;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("the log does not say `{part}`:\n{}", self.log.lock().unwrap());
    }

    /// The runs, once none of them waits any more.
    pub async fn settled_runs(&self, at_least: usize) -> Vec<Value> {
        for _ in 0..400 {
            let runs = self.get("/v1/runs?limit=1000").await["items"].as_array().unwrap().clone();
            let waits = |r: &Value| matches!(r["state"].as_str(), Some("queued" | "running"));
            if runs.len() >= at_least && !runs.iter().any(waits) {
                return runs;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("the runs do not settle: {}", self.get("/v1/runs").await);
    }

    /// Posts a signed GitHub webhook to `hook`.
    pub async fn github(&self, event: &str, delivery: &str, body: &str) -> (u16, Value) {
        let signature = github_signature(body.as_bytes(), HOOK_SECRET);
        let response = client()
            .post(format!("{}/webhooks/github/hook", self.url))
            .header("content-type", "application/json")
            .header("x-github-event", event)
            .header("x-github-delivery", delivery)
            .header("x-hub-signature-256", signature)
            .body(body.to_owned())
            .send()
            .await
            .unwrap();
        let status = response.status().as_u16();
        (status, response.json().await.unwrap_or(Value::Null))
    }

    /// Runs a command of the binary against this gateway's state.
    pub fn cli(&self, args: &[&str]) -> Output {
        cli(&self.dir, args)
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn announced(dir: &Path, pid: u32) -> Option<String> {
    let v: Value = serde_json::from_slice(&std::fs::read(dir.join("gateway.json")).ok()?).ok()?;
    (v["pid"] == pid).then(|| v["url"].as_str().unwrap().to_owned())
}

/// Runs a command of the binary with a state directory, something on its standard input, and more in its environment.
pub fn cli_with(dir: &Path, args: &[&str], input: &[u8], environment: &[(&str, &str)]) -> Output {
    let mut child = Command::new(BINARY)
        .args(args)
        .arg("--state-dir")
        .arg(dir)
        .envs(environment.iter().copied())
        .current_dir(dir.parent().unwrap())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), input).unwrap();
    child.wait_with_output().unwrap()
}

/// Runs a command of the binary with a state directory.
pub fn cli(dir: &Path, args: &[&str]) -> Output {
    Command::new(BINARY)
        .args(args)
        .arg("--state-dir")
        .arg(dir)
        .current_dir(dir.parent().unwrap())
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

pub fn client() -> reqwest::Client {
    // The gateway's own client has its roots; this one only ever speaks to this machine.
    static CLIENT: std::sync::OnceLock<reqwest::Client> = std::sync::OnceLock::new();
    CLIENT
        .get_or_init(|| {
            let _ = rustls::crypto::ring::default_provider().install_default();
            reqwest::Client::builder().no_proxy().build().unwrap()
        })
        .clone()
}

/// GitHub's signature of a body.
pub fn github_signature(body: &[u8], secret: &str) -> String {
    let hook = Connector::from(&connectors::github::CONNECTOR).webhook().unwrap().clone();
    let now = Timestamp::UNIX_EPOCH;
    let mut r = Inbound::new(Method::POST, "http://x/", Default::default(), body.to_vec().into(), now);
    sign(&hook.verification, &mut r, &Secret::from(secret), now).unwrap();
    r.single_header("x-hub-signature-256").unwrap().to_owned()
}
