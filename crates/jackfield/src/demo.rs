//! The demonstration: fake Slack and Jira at the wire, connections to them, two flows, and one signed GitHub webhook that
//! goes the whole way. Nothing inside the gateway knows that it is one.

use std::{os::unix::fs::DirBuilderExt as _, path::PathBuf, sync::Arc, time::Duration};

use anyhow::{Context as _, Result};
use connector_core::{
    Bytes, Clock as _, Connector, Method, Request, Secret, TraceId, Transport as _,
    transport::CallContext,
    webhook::{Inbound, sign},
};
use connector_http::SystemClock;
use connector_testkit::{fake::FakeService, fixture::FixtureSet};
use jackfield_engine::{Engine, Happening, Observer, Resources};
use jackfield_store::RunState;
use serde_json::{Value, json};

use crate::{config::Settings, demo_fixtures, output::line, serve};

/// The secret that the demonstration's GitHub connection verifies with. It opens nothing else.
const WEBHOOK_SECRET: &str = "demo-webhook-secret";
const CONNECTION: &str = "demo-github";

pub(crate) struct Demo {
    slack: FakeService,
    jira: FakeService,
    /// Removed at the end, if the demonstration made it.
    scratch: Option<PathBuf>,
}

impl Demo {
    /// Starts the fakes and opens the way to them, and to nothing else.
    pub(crate) async fn start(settings: &mut Settings, own_state: bool) -> Result<Self> {
        let fake =
            async |spec, fixtures| FakeService::start(&Connector::from(spec), &FixtureSet::from_memory(fixtures)).await;
        let slack = fake(&connectors::slack::CONNECTOR, demo_fixtures::SLACK).await.context("the fake Slack")?;
        let jira = fake(&connectors::jira::CONNECTOR, demo_fixtures::JIRA).await.context("the fake Jira")?;
        for f in [&slack, &jira] {
            let port = url::Url::parse(&f.base_url())?.port().context("a fake service without a port")?;
            settings.allow_networks.push(format!("127.0.0.1/32:{port}"));
        }
        let mut scratch = None;
        if own_state {
            // A name that nobody can have taken before, made by this process and by no other.
            let dir = std::env::temp_dir().join(format!("jackfield-demo-{}", uuid::Uuid::now_v7().simple()));
            std::fs::DirBuilder::new()
                .mode(0o700)
                .create(&dir)
                .with_context(|| format!("cannot make {}", dir.display()))?;
            settings.state_dir.clone_from(&dir);
            scratch = Some(dir);
        }
        if settings.log == "info" {
            // The chain is what there is to see; what goes wrong still shows.
            settings.log = "warn".into();
        }
        Ok(Self { slack, jira, scratch })
    }

    /// Prints every step as it happens.
    pub(crate) fn observer(&self) -> Observer {
        Arc::new(|h| {
            for text in describe(h) {
                line(&text);
            }
        })
    }

    /// Makes the connections and the flows.
    pub(crate) async fn install(&self, engine: &Engine) -> Result<()> {
        // What leads to the fakes: URLs moved to their addresses, and the credentials that they accept.
        let values = |fake: &FakeService, secret: &str| {
            let mut values = fake.values();
            values.extend(
                fake.secret_texts()
                    .into_iter()
                    .filter(|(id, _)| id == secret)
                    .map(|(id, text)| (id, Value::String(text))),
            );
            values
        };
        let resources: Resources = serde_json::from_value(json!({
            "connections": [
                {"id": CONNECTION, "connector": "github", "values": {"token": "demo-token", "webhook_secret": WEBHOOK_SECRET}},
                {"id": "demo-slack", "connector": "slack", "values": values(&self.slack, "bot_token")},
                {"id": "demo-jira", "connector": "jira", "values": values(&self.jira, "api_token")},
            ],
            "flows": [
                {
                    "id": "issue-to-slack",
                    "on": {"connector": "github", "connection": CONNECTION, "event": "issues.opened"},
                    "do": [{"connection": "demo-slack", "action": "chat_post_message", "input": {
                        "channel": "C024BE91L",
                        "text": "New issue in {{ event.payload.repository.full_name | chat_escape }}: <{{ event.payload.issue.html_url }}|#{{ event.payload.issue.number }}> {{ event.payload.issue.title | chat_escape }}",
                    }}],
                },
                {
                    "id": "issue-to-jira",
                    "on": {"connector": "github", "connection": CONNECTION, "event": "issues.opened"},
                    "when": ["'[no jira]' not in event.payload.issue.title"],
                    "do": [{"connection": "demo-jira", "action": "create_issue", "input": {
                        "summary": "{{ event.payload.issue.title }}",
                        "description": "From {{ event.payload.issue.html_url }}",
                    }}],
                },
                {
                    "id": "comment-to-slack",
                    "on": {"connector": "github", "connection": CONNECTION, "event": "issue_comment.created"},
                    "do": [{"connection": "demo-slack", "action": "chat_post_message", "input": {
                        "channel": "C024BE91L",
                        "text": "{{ event.payload.comment.user.login | chat_escape }} commented on #{{ event.payload.issue.number }}",
                    }}],
                },
            ],
        }))?;
        engine.apply(resources).await.context("the demonstration's own connections and flows")?;
        Ok(())
    }

    /// Posts the signed webhook and says where to look further.
    pub(crate) async fn play(&self, url: &str, settings: &Settings) -> Result<()> {
        let address = format!("{url}/webhooks/github/{CONNECTION}");
        line(&format!("Jackfield {}: the demonstration. Everything is on this machine.", env!("CARGO_PKG_VERSION")));
        line(&format!("  gateway     {url}"));
        line(&format!("  fake Slack  {}", self.slack.base_url()));
        line(&format!("  fake Jira   {}", self.jira.base_url()));
        line(&format!("\nA signed GitHub webhook is posted to {address}\n"));
        let (status, trace) = post(&address).await?;
        line(&format!("  answered   {status} to GitHub, trace {trace}"));
        self.settled().await;
        let state = settings.state_dir.display();
        line("\nThe fakes have seen");
        for (name, fake) in [("Slack", &self.slack), ("Jira", &self.jira)] {
            for call in fake.received() {
                line(&format!("  {name:5}  {} {}  {}", call.method, call.path, call.body));
            }
            for v in fake.violations() {
                line(&format!("  {name:5}  refused: {v}"));
            }
        }
        line("\nLook further, in another terminal");
        let program = std::env::args().next().unwrap_or_else(|| "jackfield".into());
        for what in [
            "deliveries list".to_owned(),
            format!("events list --trace {trace}"),
            format!("runs list --trace {trace}"),
            "connectors show slack".to_owned(),
        ] {
            line(&format!("  {program} --state-dir {state} {what}"));
        }
        line("\nPost your own");
        line(&format!(
            "  BODY='{{\"action\":\"opened\",\"issue\":{{\"number\":2,\"title\":\"Mine\",\"html_url\":\"https://example.com/2\"}},\"repository\":{{\"full_name\":\"me/mine\"}}}}'\n  curl -i {address} -d \"$BODY\" -H 'content-type: application/json' -H 'x-github-event: issues' -H \"x-github-delivery: $(date +%s%N)\" \\\n    -H \"x-hub-signature-256: sha256=$(printf %s \"$BODY\" | openssl dgst -sha256 -hmac {WEBHOOK_SECRET} -r | cut -d' ' -f1)\""
        ));
        line("\nServing until you press Ctrl-C.\n");
        Ok(())
    }

    /// Waits until both fakes were called, for a while.
    async fn settled(&self) {
        for _ in 0..200 {
            if !self.slack.received().is_empty() && !self.jira.received().is_empty() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        // The last answers are still on their way into the store and onto the screen.
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        if let Some(dir) = &self.scratch {
            // Only what this process made itself, under a name of its own.
            let _ = std::fs::remove_dir_all(dir);
            line(&format!(
                "\nStopped; {} is removed. To keep what the demonstration stores, name a directory with --state-dir.",
                dir.display()
            ));
        }
    }
}

fn describe(h: &Happening) -> Vec<String> {
    match h {
        Happening::Kept { receipt, connector, verified_by, event_types } => {
            let again = if receipt.duplicate { " (a duplicate: nothing new is stored)" } else { "" };
            vec![
                format!("  received   a delivery from {connector}, trace {}", receipt.trace_id),
                format!("  verified   {verified_by}"),
                format!("  stored     delivery {} with {}{again}", receipt.delivery, event_types.join(", ")),
            ]
        }
        Happening::Matched { event, flows, others } => {
            let what = if flows.is_empty() { "no flow".to_owned() } else { flows.join(", ") };
            vec![format!("  matched    {} starts {what}; {others} other flow(s) not", event.event_type)]
        }
        Happening::Calling(run) => vec![format!(
            "  called     {} of {} for {}, attempt {}",
            run.action, run.connection, run.flow, run.attempts
        )],
        Happening::Ended { run, end, took } => {
            let result = match end.state {
                RunState::Succeeded => format!("done {}", summary(end.output.as_ref())),
                _ => format!("{:?}: {}", end.state, end.operator_text.as_deref().unwrap_or_default()),
            };
            vec![format!(
                "  answered   {} of {} in {:.1} ms: {result}",
                run.action,
                run.connection,
                took.as_secs_f64() * 1000.0
            )]
        }
        _ => Vec::new(),
    }
}

/// The scalars of an output, short.
fn summary(output: Option<&Value>) -> String {
    let Some(map) = output.and_then(Value::as_object) else { return String::new() };
    let shown: serde_json::Map<String, Value> = map
        .iter()
        .filter(|(_, v)| !v.is_object() && !v.is_array() && !v.is_null())
        .map(|(k, v)| (k.clone(), v.clone()))
        .take(4)
        .collect();
    Value::Object(shown).to_string()
}

/// Posts GitHub's own example of an opened issue, signed as GitHub signs; gives status and trace id.
async fn post(address: &str) -> Result<(String, String)> {
    let fixtures = demo_fixtures::GITHUB.iter().filter_map(|(_, text)| serde_json::from_str::<Value>(text).ok());
    let fixture = fixtures
        .into_iter()
        .find(|f| f.pointer("/expect/event_type") == Some(&json!("issues.opened")))
        .context("no fixture of an opened issue is embedded")?;
    let github = Connector::from(&connectors::github::CONNECTOR);
    let hook = github.webhook().context("the GitHub connector has no webhook")?;
    let body = Bytes::from(fixture.get("json").context("the fixture has no JSON body")?.to_string());
    let now = SystemClock.now();
    let mut inbound = Inbound::new(Method::POST, address, http::HeaderMap::new(), body.clone(), now);
    sign(&hook.verification, &mut inbound, &Secret::from(WEBHOOK_SECRET), now).map_err(|e| anyhow::anyhow!("{e}"))?;
    let signature = inbound.single_header("x-hub-signature-256").unwrap_or_default().to_owned();
    let port = url::Url::parse(address)?.port().unwrap_or(80);
    let transport = serve::transport(&[format!("127.0.0.1/32:{port}")])?;
    let request = || -> connector_core::Result<Request> {
        Request::new(Method::POST, address)?
            .header(
                "x-github-event",
                fixture.pointer("/headers/x-github-event").and_then(Value::as_str).unwrap_or("issues"),
            )?
            .header("x-github-delivery", &uuid::Uuid::now_v7().to_string())?
            .header("x-hub-signature-256", &signature)
            .map(|r| r.bytes("application/json", body.clone()))
    };
    let request = request().map_err(|e| anyhow::anyhow!("{e}"))?;
    let context = CallContext {
        timeout: Duration::from_secs(10),
        max_response_bytes: 1 << 20,
        ..CallContext::new("github", vec!["127.0.0.1".to_owned()], TraceId::new(now))
    };
    let response = transport
        .send(request, &context)
        .await
        .map_err(|e| anyhow::anyhow!("the gateway did not take the webhook: {e}"))?;
    let answer: Value = response.json().unwrap_or_default();
    Ok((response.status.to_string(), answer.get("trace_id").and_then(Value::as_str).unwrap_or("(none)").to_owned()))
}
