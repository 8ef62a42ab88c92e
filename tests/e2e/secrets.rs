//! Canary secrets through the running gateway: in no file, in no log, in no answer, in no copy, in whatever form.

use std::{fs, path::Path, process::Command};

use base64::{Engine as _, prelude::BASE64_STANDARD, prelude::BASE64_URL_SAFE};
use connectors::core::{
    Secret,
    auth::{AuthState, TokenSet, TokenStatus, TokenStore as _},
};
use jackfield_store::{MasterKey, SqliteStore};
use serde_json::json;
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::path};

use crate::gateway::{BINARY, Gateway, cli_with, client, text};

/// With signs that forms and URLs write otherwise.
const CANARIES: [(&str, &str); 9] = [
    ("the app's secret", "canary/app+signing=0a1b2c"),
    ("the connection's token", "canary/connection+token=3d4e5f"),
    ("the webhook's key", "canary/webhook+key=6071829"),
    ("a named secret", "canary/named+secret=3a4b5c6"),
    ("an encrypted file", "canary/encrypted+file=d7e8f9"),
    ("an access token", "canary/access+token=0819273"),
    ("a refresh token", "canary/refresh+token=4554637"),
    ("a body", "canary/in+a+body=8291a0b"),
    ("a secret of the environment", "canary/environment=c1d2e3f"),
];

/// Every form in which a text may be written: as it is, percent-encoded, hexadecimal, base64 at each of its three
/// alignments.
fn forms(canary: &str) -> Vec<String> {
    let bytes = canary.as_bytes();
    let hex: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
    let percent = |all: bool| -> String {
        let plain = |b: &u8| b.is_ascii_alphanumeric() || (!all && *b == b'/');
        bytes.iter().map(|b| if plain(b) { char::from(*b).to_string() } else { format!("%{b:02X}") }).collect()
    };
    let mut out = vec![canary.to_owned(), percent(true), percent(false), hex.to_uppercase(), hex];
    out.push(canary.replace('/', "\\/"));
    out.push(percent(true).to_lowercase());
    for before in 0..3 {
        let padded = [&vec![0; before][..], bytes].concat();
        for encoded in [BASE64_STANDARD.encode(&padded), BASE64_URL_SAFE.encode(&padded)] {
            // The letters that depend on nothing around it.
            let (first, end) = ((before * 8).div_ceil(6), padded.len() * 8 / 6);
            out.push(encoded[first..end].to_owned());
        }
    }
    out
}

#[derive(Default)]
struct Seen(Vec<(String, Vec<u8>)>);

impl Seen {
    fn add(&mut self, what: impl Into<String>, bytes: impl Into<Vec<u8>>) {
        self.0.push((what.into(), bytes.into()));
    }

    /// Every file of a directory as it is on the disk now, the log of the database included; not those named.
    fn add_files(&mut self, when: &str, dir: &Path, but: &[&str]) {
        for file in fs::read_dir(dir).unwrap() {
            let file = file.unwrap();
            if !but.contains(&file.file_name().to_str().unwrap()) {
                self.add(format!("{} {when}", file.path().display()), fs::read(file.path()).unwrap());
            }
        }
    }

    fn check(&self, what: &str, canary: &str) {
        for form in forms(canary) {
            for (place, bytes) in &self.0 {
                let at = memmem(bytes, form.as_bytes());
                assert!(at.is_none(), "{what} is in {place} at {at:?}, as `{form}`");
            }
        }
    }
}

fn memmem(bytes: &[u8], part: &[u8]) -> Option<usize> {
    let first = *part.first()?;
    let starts = bytes.iter().enumerate().filter(|(_, b)| **b == first).map(|(i, _)| i);
    starts.into_iter().find(|i| bytes[*i..].starts_with(part))
}

#[test]
fn canaries_are_found_in_every_form() {
    let canary = "canary/x+y=1";
    for (i, form) in forms(canary).iter().enumerate() {
        assert!(memmem(format!("ab{form}cd").as_bytes(), form.as_bytes()).is_some(), "{i}");
    }
    for before in ["", "a", "ab", "abc"] {
        let encoded = BASE64_STANDARD.encode(format!("{before}{canary}tail"));
        assert!(forms(canary).iter().any(|f| encoded.contains(f)), "{encoded}");
    }
}

async fn tokens(state: &Path) {
    let store = SqliteStore::open(state).unwrap();
    let now = connectors::core::Timestamp::UNIX_EPOCH;
    let status = TokenStatus {
        unanswered: false,
        method: "m".into(),
        state: AuthState::Healthy,
        reason: None,
        since: now,
        obtained_at: now,
        expires_at: None,
        scopes: Vec::new(),
        failures: 0,
        not_before: None,
    };
    let access = vec![("other".to_owned(), Secret::from(CANARIES[5].1))];
    let set = TokenSet { access, refresh: Some(Secret::from(CANARIES[6].1)) };
    store.put_token("called", 0, None, status, Some(set)).await.unwrap();
    jackfield_store::Store::close(&store).await.unwrap();
}

/// Everything that the gateway shows, by REST and by command.
async fn look(g: &Gateway, seen: &mut Seen) {
    for path in [
        "/v1/status",
        "/v1/apps",
        "/v1/apps/a",
        "/v1/connections",
        "/v1/connections/hook",
        "/v1/connections/called",
        "/v1/connections/named",
        "/v1/flows",
        "/v1/deliveries",
        "/v1/refused",
        "/v1/events",
        "/v1/runs",
        "/v1/signals",
        "/v1/secrets",
        "/v1/files",
        "/v1/keys",
        "/openapi.json",
    ] {
        seen.add(format!("GET {path}"), g.get(path).await.to_string());
    }
    for args in [
        &["connections", "show", "called"][..],
        &["apps", "list", "--json"],
        &["secrets", "list"],
        &["files", "list", "--json"],
        &["keys", "status"],
        &["connections", "check", "named"],
        &["config", "check"],
    ] {
        let out = g.cli(args);
        seen.add(format!("{args:?}"), [out.stdout, out.stderr].concat());
    }
}

#[tokio::test]
async fn secrets_and_bodies_are_sealed_and_never_shown() {
    for format in ["text", "json"] {
        let dir = tempfile::tempdir().unwrap();
        let state = dir.path().join("state");
        let fake = MockServer::start().await;
        // A service that says back whatever it is given.
        let echo = |r: &wiremock::Request| {
            let said: Vec<String> =
                r.headers.iter().map(|(n, v)| format!("{n}: {}", v.to_str().unwrap_or_default())).collect();
            ResponseTemplate::new(200).set_body_json(json!({"ok": true, "ts": "1.2", "channel": "C1", "user": said.join(";"), "team": said.join("|"), "url": "https://x/", "user_id": "U", "team_id": "T"}))
        };
        Mock::given(path("/api/auth.test")).respond_with(echo).mount(&fake).await;
        Mock::given(path("/api/chat.postMessage"))
            .respond_with(ResponseTemplate::new(401).set_body_string("no: canary?"))
            .mount(&fake)
            .await;
        let port = format!("127.0.0.1/32:{}", fake.address().port());
        let key = MasterKey::generate().unwrap();
        let key = String::from_utf8(key.to_text().expose().to_vec()).unwrap();
        let environment = [("JACKFIELD_MASTER_KEY", key.as_str()), ("JACKFIELD_SECRET_SLACK", CANARIES[8].1)];
        let args = ["--allow-network", &port, "--log-format", format];
        let mut seen = Seen::default();

        let g = Gateway::start_with(&state, &[&args[..], &["--key", "env"]].concat(), &environment);
        let cli = |args: &[&str], input: &str| {
            let out = cli_with(&state, args, input.as_bytes(), &[]);
            assert!(out.status.success(), "{args:?}: {}", text(&out.stderr));
            text(&out.stdout)
        };
        cli(&["secrets", "put", "slack"], CANARIES[3].1);
        let file = cli(&["files", "put", "-", "--name", "f", "--encrypted"], CANARIES[4].1).trim().to_owned();
        let base = format!("{}/api", fake.uri());
        g.put("/v1/apps/a", json!({"connector": "slack", "values": {"signing_secret": CANARIES[0].1}})).await;
        g.put(
            "/v1/connections/hook",
            json!({"connector": "github", "values": {"token": file, "webhook_secret": CANARIES[2].1}}),
        )
        .await;
        for (id, token) in [
            ("called", CANARIES[1].1),
            ("named", "secret://slack"),
            ("env", "secret://env/JACKFIELD_SECRET_SLACK"),
            ("file", file.as_str()),
        ] {
            g.put(
                &format!("/v1/connections/{id}"),
                json!({"connector": "slack", "values": {"bot_token": token, "base_url": base}}),
            )
            .await;
        }
        g.put("/v1/flows/f", json!({"on": {"connector": "github", "event": "*"}, "do": [{"connection": "named", "action": "chat_post_message", "input": {"channel": "C1", "text": "{{ event.payload.issue.title }}"}}]})).await;
        assert_eq!(g.stop(), Some(0));
        // Tokens come by consent; here they are put where that puts them.
        let rotate = ["keys", "rotate", "--to", "file"];
        let out = cli_with(&state, &rotate, b"", &[environment[0], ("JACKFIELD_KEY", "env")]);
        assert!(out.status.success(), "{}", text(&out.stderr));
        tokens(&state).await;

        let g = Gateway::start_with(&state, &args, &environment);
        let issue = json!({"action": "opened", "issue": {"title": CANARIES[7].1, "number": 1}}).to_string();
        let signed = crate::gateway::github_signature(issue.as_bytes(), CANARIES[2].1);
        let answer = client()
            .post(format!("{}/webhooks/github/hook", g.url))
            .header("content-type", "application/json")
            .header("x-github-event", "issues")
            .header("x-github-delivery", "d-1")
            .header("x-hub-signature-256", signed)
            .body(issue)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 202);
        // Calls that succeed, calls that fail at the service, and checks.
        for id in ["called", "named", "env", "file"] {
            let (status, said) = g.post(&format!("/v1/connections/{id}/actions/auth_test"), json!({})).await;
            assert_eq!(status, 200, "{said}");
            seen.add(format!("a call by {id}"), said.to_string());
            let (status, said) = g
                .post(&format!("/v1/connections/{id}/actions/chat_post_message"), json!({"channel": "C1", "text": "t"}))
                .await;
            assert_ne!(status, 200);
            seen.add(format!("a failed call by {id}"), said.to_string());
            seen.add("a check", g.post(&format!("/v1/connections/{id}/check"), json!({})).await.1.to_string());
        }
        let sent: Vec<String> = fake
            .received_requests()
            .await
            .unwrap()
            .iter()
            .filter_map(|r| Some(r.headers.get("authorization")?.to_str().ok()?.to_owned()))
            .collect();
        for i in [1, 3, 4, 8] {
            assert!(
                sent.iter().any(|s| s == &format!("Bearer {}", CANARIES[i].1)),
                "{} was really used",
                CANARIES[i].0
            );
        }
        g.settled_runs(1).await;
        // What is wrong, and what may not be seen.
        seen.add("a wrong secret", g.try_put("/v1/secrets/X!", json!({"value": CANARIES[3].1})).await.1.to_string());
        seen.add(
            "a wrong body",
            g.try_put("/v1/secrets/x", json!({"value": {"x": CANARIES[3].1}})).await.1.to_string(),
        );
        let hidden = client().get(format!("{}/v1/files/{file}", g.url)).bearer_auth(g.token()).send().await.unwrap();
        assert_eq!(hidden.status(), 403);
        seen.add("an encrypted file", hidden.bytes().await.unwrap().to_vec());
        look(&g, &mut seen).await;
        let copy = dir.path().join("copy.db");
        let out = g.cli(&["backup", copy.to_str().unwrap()]);
        assert!(out.status.success(), "{}", text(&out.stderr));
        seen.add("the copy", fs::read(&copy).unwrap());
        seen.add_files("while it runs", &state, &["token", "key"]);
        let (token, log) = (g.token(), g.log.clone());
        assert_eq!(g.stop(), Some(0));
        seen.add_files("after it stopped", &state, &["token", "key"]);
        let log = log.lock().unwrap().clone();
        assert_eq!(log.trim_start().starts_with('{'), format == "json", "{log}");
        seen.add(format!("the log as {format}"), log);
        for (what, canary) in CANARIES {
            // The body is what the delivery shows to whoever asks for that one; nowhere else.
            seen.check(what, canary);
        }
        seen.check("the API token", &token);
        seen.check("the environment's master key", &key);
        let own = fs::read_to_string(state.join("key")).unwrap();
        seen.check("the master key", own.trim());
    }
}

#[cfg(target_os = "linux")]
#[test]
fn no_core_is_dumped_and_nobody_reads_the_memory() {
    use std::os::unix::{
        fs::{MetadataExt as _, PermissionsExt as _, chown},
        process::{CommandExt as _, ExitStatusExt as _},
    };
    let dir = tempfile::tempdir().unwrap();
    let state = dir.path().join("state");
    let me = fs::metadata("/proc/self").unwrap().uid();
    // As root everything in /proc looks alike, so another user runs it, from where that one may read it.
    let (uid, binary) = if me == 0 {
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
        fs::create_dir(&state).unwrap();
        chown(&state, Some(65534), Some(65534)).unwrap();
        let copy = dir.path().join("jackfield");
        fs::copy(BINARY, &copy).unwrap();
        (65534, copy)
    } else {
        (me, BINARY.into())
    };
    // The shell allows what the gateway then forbids itself.
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -c unlimited; exec \"$0\" serve --listen 127.0.0.1:0 --state-dir \"$1\""]);
    command.arg(&binary).arg(&state).current_dir(dir.path()).stderr(std::process::Stdio::null());
    if me == 0 {
        command.uid(uid).gid(65534);
    }
    let mut child = command.spawn().unwrap();
    let began = std::time::Instant::now();
    while !state.join("gateway.json").exists() {
        assert!(began.elapsed().as_secs() < 20 && child.try_wait().unwrap().is_none(), "the gateway does not start");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let proc = format!("/proc/{}", child.id());
    let limits = fs::read_to_string(format!("{proc}/limits")).unwrap();
    let core: Vec<&str> =
        limits.lines().find_map(|l| l.strip_prefix("Max core file size")).unwrap().split_whitespace().collect();
    assert_eq!(core[..2], ["0", "0"], "{limits}");
    let status = fs::read_to_string(format!("{proc}/status")).unwrap();
    assert!(status.lines().any(|l| l.starts_with("Uid:") && l.contains(&uid.to_string())), "{status}");
    for file in ["environ", "mem", "maps"] {
        let owner = fs::metadata(format!("{proc}/{file}")).unwrap().uid();
        assert_eq!(owner, 0, "{proc}/{file} is root's, not the gateway's own user's ({uid})");
    }
    Command::new("kill").args(["-ABRT", &child.id().to_string()]).status().unwrap();
    let ended = child.wait().unwrap();
    assert!(ended.signal().is_some() && !ended.core_dumped(), "{ended}");
}
