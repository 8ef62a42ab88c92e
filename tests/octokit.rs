//! All payload examples of octokit/webhooks, signed and posted to a running gateway: every one accepted and stored with
//! its event type, the typed ones decoded; each with one altered byte: none accepted.
//!
//! The examples are not committed. Get them with `npm pack @octokit/webhooks-examples`, then:
//!
//! ```sh
//! cargo build && cargo run --example octokit -- target/debug/jackfield package
//! ```
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::print_stdout)]

use std::{
    collections::BTreeMap,
    path::Path,
    process::{Command, ExitCode, Stdio},
    time::Duration,
};

use connectors::core::{
    Connector, Method, Secret, Timestamp,
    webhook::{Inbound, sign},
};
use serde_json::{Value, json};

const SECRET: &str = "octokit-harness-secret";

struct Gateway {
    child: std::process::Child,
    dir: tempfile::TempDir,
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn signature(body: &[u8]) -> String {
    let hook = Connector::from(&connectors::github::CONNECTOR).webhook().unwrap().clone();
    let now = Timestamp::UNIX_EPOCH;
    let mut r = Inbound::new(Method::POST, "http://x/", Default::default(), body.to_vec().into(), now);
    sign(&hook.verification, &mut r, &Secret::from(SECRET), now).unwrap();
    r.single_header("x-hub-signature-256").unwrap().to_owned()
}

#[tokio::main]
async fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [binary, directory] = args.as_slice() else {
        eprintln!("usage: octokit <jackfield binary> <directory of @octokit/webhooks-examples>");
        return ExitCode::from(2);
    };
    let examples = match read(Path::new(directory)) {
        Ok(found) if !found.is_empty() => found,
        other => {
            eprintln!(
                "no examples in {directory} ({:?}); get them with `npm pack @octokit/webhooks-examples`",
                other.err()
            );
            return ExitCode::from(2);
        }
    };
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let (gateway, url, token) = start(binary).await;
    let made = client
        .put(format!("{url}/v1/connections/hook"))
        .bearer_auth(&token)
        .json(&json!({"connector": "github", "values": {"token": "x", "webhook_secret": SECRET}}))
        .send()
        .await
        .unwrap();
    assert!(made.status().is_success(), "{}", made.text().await.unwrap());

    let github = Connector::from(&connectors::github::CONNECTOR);
    let (mut passed, mut failed, mut typed, mut sent) = (0, 0, 0, 0);
    let mut verdict = |ok: bool, what: &str| {
        if ok {
            passed += 1;
        } else {
            failed += 1;
            println!("FAILED {what}");
        }
    };
    let mut want: BTreeMap<String, (String, Value)> = BTreeMap::new();
    for (of, group) in &examples {
        let name = group["name"].as_str().unwrap();
        for (i, example) in group["examples"].as_array().unwrap().iter().enumerate() {
            let id = format!("{of}-{name}-{i}");
            let body = example.to_string().into_bytes();
            let post = |body: Vec<u8>, delivery: String, signature: String| {
                client
                    .post(format!("{url}/webhooks/github/hook"))
                    .header("content-type", "application/json")
                    .header("x-github-event", name)
                    .header("x-github-delivery", delivery)
                    .header("x-hub-signature-256", signature)
                    .body(body)
                    .send()
            };
            let status = post(body.clone(), id.clone(), signature(&body)).await.unwrap().status();
            verdict(status == 202, &format!("{id}: {status}"));
            let mut altered = body.clone();
            let at = (i * 7919 + sent * 31) % altered.len();
            altered[at] ^= 1;
            let status = post(altered, format!("{id}-altered"), signature(&body)).await.unwrap().status();
            verdict(status == 401, &format!("{id} with byte {at} altered: {status}"));
            let event_type = match example["action"].as_str() {
                Some(a) => format!("{name}.{a}"),
                None => name.to_owned(),
            };
            want.insert(id, (event_type, example.clone()));
            sent += 1;
        }
    }

    let mut stored: BTreeMap<String, Value> = BTreeMap::new();
    let mut before = String::new();
    loop {
        let page: Value = client
            .get(format!("{url}/v1/deliveries?limit=1000{before}"))
            .bearer_auth(&token)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        for d in page["items"].as_array().unwrap() {
            stored.insert(d["dedupe_key"].as_str().unwrap().trim_start_matches("id:").to_owned(), d.clone());
        }
        match page["next"].as_str() {
            Some(id) => before = format!("&before={id}"),
            None => break,
        }
    }
    verdict(stored.len() == want.len(), &format!("{} stored of {}", stored.len(), want.len()));
    for (id, (event_type, payload)) in &want {
        let found = stored.get(id).map(|d| d["events"][0]["event_type"].clone());
        verdict(found == Some(json!(event_type)), &format!("{id}: stored as {found:?}, not {event_type}"));
        if let Some(trigger) = github.trigger_for(event_type) {
            typed += 1;
            let decoded = trigger.check(payload);
            verdict(decoded.is_ok(), &format!("{id}: {decoded:?}"));
            let wrong = trigger.info().check_payload(payload).unwrap();
            verdict(wrong.is_empty(), &format!("{id}: {wrong:?}"));
        }
    }
    drop(gateway);
    let types: std::collections::BTreeSet<&str> = examples.iter().map(|(_, g)| g["name"].as_str().unwrap()).collect();
    println!("{sent} examples of {} event types posted, {typed} of them typed", types.len());
    println!("{passed} passed, {failed} failed");
    ExitCode::from(u8::from(failed > 0 || sent == 0))
}

/// Every `index.json` below the directory: github.com's and each GitHub Enterprise Server's.
fn read(directory: &Path) -> std::io::Result<Vec<(String, Value)>> {
    let mut all = Vec::new();
    let mut folders: Vec<_> = std::fs::read_dir(directory)?.filter_map(Result::ok).map(|e| e.path()).collect();
    folders.sort();
    for folder in folders.iter().filter(|f| f.join("index.json").exists()) {
        let groups: Vec<Value> = serde_json::from_slice(&std::fs::read(folder.join("index.json"))?)?;
        let of = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        all.extend(groups.into_iter().map(|g| (of.clone(), g)));
    }
    Ok(all)
}

async fn start(binary: &str) -> (Gateway, String, String) {
    let dir = tempfile::tempdir().unwrap();
    let state = dir.path().join("state");
    let child = Command::new(Path::new(binary).canonicalize().unwrap())
        .args(["serve", "--listen", "127.0.0.1:0", "--log", "warn", "--state-dir"])
        .arg(&state)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let gateway = Gateway { child, dir };
    for _ in 0..1000 {
        let state = gateway.dir.path().join("state");
        if let Ok(text) = std::fs::read(state.join("gateway.json")) {
            let running: Value = serde_json::from_slice(&text).unwrap();
            let token = std::fs::read_to_string(state.join("token")).unwrap().trim().to_owned();
            return (gateway, running["url"].as_str().unwrap().to_owned(), token);
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the gateway does not start");
}
