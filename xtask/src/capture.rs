//! Turns a request that the gateway received into a webhook fixture: the input is what
//! `jackfield deliveries show <id> --json` prints, the output is a file in the form of `docs/fixtures.md`.
//!
//! What lives here: reading and writing. What takes the secrets out is in [`clean`].

mod clean;

use std::{
    collections::BTreeMap,
    fs,
    io::Read as _,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use self::clean::Cleaner;
use crate::{
    cargo, encoding,
    model::{Connector, Place, WebhookText, Workspace},
};

/// Where a captured fixture comes from unless told: the suite asks for a page, or a package with its version.
const SOURCE: &str = concat!("gateway capture by jackfield ", env!("CARGO_PKG_VERSION"));

/// Headers of the way here, not of the service.
const TRANSPORT_HEADERS: &[&str] = &["x-real-ip", "x-client-ip", "x-request-id", "x-request-start", "x-original-url"];
/// Beginnings of such headers.
const TRANSPORT_PREFIXES: &[&str] = &["x-forwarded", "x-amzn", "x-envoy", "x-cloud", "x-b3-", "x-datadog", "x-vercel"];
/// Words in the names of headers that prove something.
const PROOF_WORDS: &[&str] =
    &["signature", "timestamp", "token", "secret", "hmac", "auth", "cookie", "api-key", "apikey"];

/// What the command line says.
#[derive(Debug, Default)]
pub(crate) struct Options {
    pub(crate) connector: String,
    pub(crate) event: Option<String>,
    pub(crate) case: Option<String>,
    /// A file, or `-` for standard input.
    pub(crate) from: Option<String>,
    /// A delivery's id, to be asked from the gateway's own command line.
    pub(crate) delivery: Option<String>,
    pub(crate) origin_source: Option<String>,
    pub(crate) force: bool,
}

/// A delivery as the gateway shows it; what it shows beyond this is left aside.
#[derive(Debug, Deserialize)]
struct Captured {
    connector: Option<String>,
    method: Option<String>,
    #[serde(default)]
    path: String,
    #[serde(default)]
    query: Option<String>,
    #[serde(default)]
    headers: Vec<(String, String)>,
    body_text: Option<String>,
    body_base64: Option<String>,
    #[serde(default)]
    events: Vec<CapturedEvent>,
    received_at: Option<String>,
}

#[derive(Debug, Deserialize)]
struct CapturedEvent {
    event_type: String,
    subject: Option<String>,
}

/// A fixture, its fields in the order that people read them.
#[derive(Debug, Serialize)]
struct Fixture {
    origin: Origin,
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    query: String,
    headers: BTreeMap<String, String>,
    #[serde(flatten)]
    body: BTreeMap<&'static str, Value>,
    expect: Expect,
}

#[derive(Debug, Serialize)]
struct Origin {
    kind: &'static str,
    source: String,
    date: String,
}

#[derive(Debug, Serialize)]
struct Expect {
    event_type: String,
    trigger: Option<String>,
    delivery_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
}

/// What was made, and what was taken out of it.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) file: PathBuf,
    pub(crate) dropped_headers: Vec<String>,
    pub(crate) redacted: Vec<String>,
    pub(crate) notes: Vec<String>,
}

/// Reads a delivery, writes its fixture, and says what was removed.
///
/// # Errors
/// When the delivery cannot be read or names another connector, when the file is there already, or when something that
/// looks like a secret is left.
pub(crate) fn run(root: &Path, options: &Options) -> Result<()> {
    let text = match (&options.delivery, options.from.as_deref()) {
        (Some(id), _) => {
            let out = cargo(root)
                .args(["run", "-q", "-p", "jackfield", "--", "deliveries", "show", id, "--json"])
                .stderr(std::process::Stdio::inherit())
                .output()
                .context("starting cargo")?;
            if !out.status.success() {
                bail!("`jackfield deliveries show {id} --json` failed");
            }
            String::from_utf8(out.stdout).context("reading what the gateway printed")?
        }
        (None, None | Some("-")) => {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text).context("reading standard input")?;
            text
        }
        (None, Some(file)) => fs::read_to_string(file).with_context(|| format!("reading {file}"))?,
    };
    let outcome = capture(root, options, &text)?;
    println!("wrote {}", outcome.file.display());
    println!("  headers left out: {}", listed(&outcome.dropped_headers));
    println!("  secrets removed:  {}", listed(&outcome.redacted));
    for note in &outcome.notes {
        println!("  note: {note}");
    }
    println!(
        "Look through it for names, e-mail addresses and ids of real people and replace them with made-up ones, then run"
    );
    println!("  cargo xtask contract {}", options.connector);
    Ok(())
}

fn listed(items: &[String]) -> String {
    if items.is_empty() { "none".into() } else { items.join(", ") }
}

/// Makes the fixture from a delivery's text.
fn capture(root: &Path, options: &Options, text: &str) -> Result<Outcome> {
    let ws = Workspace::read(root)?;
    let connector = ws.get(&options.connector)?;
    let given: Captured = serde_json::from_str(text)
        .context("the input is not a delivery as `jackfield deliveries show <id> --json` prints it")?;
    if let Some(c) = &given.connector
        && *c != connector.folder
    {
        bail!("the delivery is one of connector `{c}`, not of `{}`", connector.folder);
    }
    let mut notes = Vec::new();
    let first = given.events.first();
    let Some(event_type) = options.event.clone().or_else(|| first.map(|e| e.event_type.clone())) else {
        bail!(
            "the delivery made no event; name its event type with --event (a handshake's fixture is written by hand)"
        );
    };
    if given.events.len() > 1 {
        notes.push(format!("the delivery made {} events; the fixture expects the first", given.events.len()));
    }
    let trigger = connector.trigger_for(&event_type).map(|t| t.stem.clone());
    if trigger.is_none() {
        notes.push(format!("no trigger takes `{event_type}`: it is kept raw (\"trigger\": null)"));
    }
    let raw = match (&given.body_text, &given.body_base64) {
        (Some(t), _) => t.clone().into_bytes(),
        (None, Some(b)) => encoding::base64(b).context("body_base64 is not base64")?,
        (None, None) => Vec::new(),
    };
    let mut cleaner = Cleaner::default();
    let (headers, dropped_headers) = keep_headers(&given.headers, &mut cleaner);
    let content_type = headers.get("content-type").cloned().unwrap_or_default();
    let delivery_id = delivery_id(root, connector, &given.headers, &raw);
    if delivery_id.is_none() {
        notes.push("no delivery id was found (\"delivery_id\": null); set it if the service sends one".into());
    }
    let query =
        given.query.clone().or_else(|| given.path.split_once('?').map(|(_, q)| q.to_owned())).unwrap_or_default();
    let fixture = Fixture {
        origin: Origin {
            kind: "recorded",
            source: options.origin_source.clone().unwrap_or_else(|| SOURCE.into()),
            date: given.received_at.as_deref().and_then(date_of).unwrap_or_else(encoding::today),
        },
        method: given.method.filter(|m| m != "POST"),
        query: cleaner.query(&query),
        headers,
        body: body(&raw, &content_type, &mut cleaner),
        expect: Expect {
            trigger,
            delivery_id,
            subject: first.filter(|_| options.event.is_none()).and_then(|e| e.subject.clone()),
            event_type: event_type.clone(),
        },
    };
    let text = format!("{}\n", serde_json::to_string_pretty(&fixture)?);
    if let Some(found) = clean::secrets_scan::find_secrets(&text).first() {
        bail!(
            "what looks like a {} is left in the fixture ({}); nothing was written",
            found.what,
            found.excerpt(&text)
        );
    }
    let file = PathBuf::from(format!(
        "connectors/{}/fixtures/webhooks/{}",
        connector.folder,
        name(&event_type, options.case.as_deref())?
    ));
    let path = root.join(&file);
    if path.exists() && !options.force {
        bail!("{} is there already; give another --case, or --force to replace it", file.display());
    }
    if let Some(dir) = path.parent() {
        fs::create_dir_all(dir).with_context(|| format!("making {}", dir.display()))?;
    }
    fs::write(&path, text).with_context(|| format!("writing {}", path.display()))?;
    Ok(Outcome { file, dropped_headers, redacted: cleaner.removed, notes })
}

/// `issues.opened` with the case `bot` as `issues__bot.json`.
fn name(event_type: &str, case: Option<&str>) -> Result<String> {
    let clean = |t: &str| -> String {
        t.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' || c == '-' { c } else { '_' }).collect()
    };
    let event = clean(event_type.split('.').next().unwrap_or_default());
    if event.is_empty() {
        bail!("the event type `{event_type}` has nothing before its first dot to name a file by");
    }
    Ok(match case.map(clean) {
        Some(c) if c.is_empty() => bail!("--case is empty"),
        Some(c) => format!("{event}__{c}.json"),
        None => format!("{event}.json"),
    })
}

fn date_of(received_at: &str) -> Option<String> {
    let date = received_at.get(..10)?;
    let form = |(i, b): (usize, u8)| if matches!(i, 4 | 7) { b == b'-' } else { b.is_ascii_digit() };
    date.bytes().enumerate().all(form).then(|| date.to_owned())
}

/// The headers that tell what happened, and the names of the others.
fn keep_headers(all: &[(String, String)], cleaner: &mut Cleaner) -> (BTreeMap<String, String>, Vec<String>) {
    let mut kept = BTreeMap::new();
    let mut dropped = Vec::new();
    for (name, value) in all {
        let name = name.to_ascii_lowercase();
        let vendor = name.starts_with("x-") || ["delivery", "event", "webhook"].iter().any(|w| name.contains(w));
        let transport =
            TRANSPORT_HEADERS.contains(&name.as_str()) || TRANSPORT_PREFIXES.iter().any(|p| name.starts_with(p));
        let proof = PROOF_WORDS.iter().any(|w| name.contains(w));
        if name == "content-type" || (vendor && !transport && !proof) {
            let value = cleaner.text(value, &format!("header {name}"));
            kept.insert(name, value);
        } else if !dropped.contains(&name) {
            dropped.push(name);
        }
    }
    dropped.sort();
    (kept, dropped)
}

/// The body in the form that reads best.
fn body(raw: &[u8], content_type: &str, cleaner: &mut Cleaner) -> BTreeMap<&'static str, Value> {
    if raw.is_empty() {
        return BTreeMap::new();
    }
    let Ok(text) = std::str::from_utf8(raw) else {
        return BTreeMap::from([("base64", Value::String(encoding::to_base64(raw)))]);
    };
    if content_type.starts_with("application/x-www-form-urlencoded") {
        let pairs: Vec<(String, String)> = encoding::form(text)
            .into_iter()
            .map(|(n, v)| {
                let v = cleaner.field(&n, &v, &format!("form {n}"));
                (n, v)
            })
            .collect();
        let names: std::collections::BTreeSet<&String> = pairs.iter().map(|(n, _)| n).collect();
        let form = if names.len() == pairs.len() {
            pairs.into_iter().map(|(n, v)| (n, Value::String(v))).collect()
        } else {
            pairs.into_iter().map(|(n, v)| Value::from(vec![n, v])).collect()
        };
        return BTreeMap::from([("form", form)]);
    }
    match serde_json::from_str::<Value>(text) {
        Ok(mut v) => {
            cleaner.json(&mut v, "");
            BTreeMap::from([("json", v)])
        }
        Err(_) => BTreeMap::from([("text", Value::String(cleaner.text(text, "body")))]),
    }
}

/// The delivery id from where the connector's `src/webhook.rs` says it stands.
fn delivery_id(root: &Path, connector: &Connector, headers: &[(String, String)], raw: &[u8]) -> Option<String> {
    let json: Option<Value> = serde_json::from_slice(raw).ok();
    WebhookText::read(root, &connector.folder)?.delivery_id.iter().find_map(|place| match place {
        Place::Header(h) => headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(h)).map(|(_, v)| v.clone()),
        Place::Body(pointer) => match json.as_ref()?.pointer(pointer)? {
            Value::String(s) => Some(s.clone()),
            v @ (Value::Number(_) | Value::Bool(_)) => Some(v.to_string()),
            _ => None,
        },
        Place::Form(field) => {
            encoding::form(std::str::from_utf8(raw).ok()?).into_iter().find(|(n, _)| n == field).map(|(_, v)| v)
        }
    })
}

#[cfg(test)]
mod tests;
