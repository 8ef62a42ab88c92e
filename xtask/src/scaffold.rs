//! Writes what a contributor begins with: a connector, an action, a trigger; each compiles and passes the contract suite.
//!
//! What must not live here: the texts, which are the files of `xtask/templates`, and edits of hand-written files of
//! other crates. A connector's own page gets a line for what is added to it, since the suite asks for one.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, bail};
use serde_json::{Map, Value, json};

use crate::{
    encoding, generate,
    model::{Connector, Place, WebhookText, Workspace},
    rules::{RESERVED, package_name},
    text::{Source, Token, is_id, is_keyword, sentence, upper_camel},
};

macro_rules! template {
    ($name:literal) => {
        include_str!(concat!("../templates/", $name, ".tmpl"))
    };
}

/// A new connector's files.
const CONNECTOR: &[(&str, &str)] = &[
    ("Cargo.toml", template!("connector/Cargo.toml")),
    ("src/lib.rs", template!("connector/src/lib.rs")),
    ("src/client.rs", template!("connector/src/client.rs")),
    ("src/webhook.rs", template!("connector/src/webhook.rs")),
    ("src/actions/ping.rs", template!("connector/src/actions/ping.rs")),
    ("src/triggers/item_created.rs", template!("connector/src/triggers/item_created.rs")),
    ("docs.md", template!("connector/docs.md")),
    ("icon.svg", template!("connector/icon.svg")),
    ("fixtures/actions/ping/success.json", template!("connector/fixtures/ping_success.json")),
    ("fixtures/actions/ping/error__unauthorized.json", template!("connector/fixtures/ping_unauthorized.json")),
    ("fixtures/actions/ping/rate_limited.json", template!("connector/fixtures/ping_rate_limited.json")),
    ("fixtures/webhooks/item__created.json", template!("connector/fixtures/item__created.json")),
];

/// A new action's fixtures.
const ACTION_FIXTURES: &[(&str, &str)] = &[
    ("success.json", template!("action/success.json")),
    ("error__not_found.json", template!("action/error__not_found.json")),
    ("rate_limited.json", template!("action/rate_limited.json")),
];

/// Puts values into a template's `@{key}` places.
fn fill(template: &str, values: &[(&str, &str)]) -> String {
    values.iter().fold(template.to_owned(), |t, (key, value)| t.replace(&format!("@{{{key}}}"), value))
}

/// `cargo xtask new-connector`.
///
/// # Errors
/// When the id is there already or has not the form of one, or a file cannot be written.
pub(crate) fn connector(root: &Path, id: &str, name: Option<&str>) -> Result<()> {
    let files = write_connector(root, id, name)?;
    finish(root, &files)?;
    println!(
        "
Next:
  cargo xtask contract {id}                 it is green already: keep it so
  cargo xtask new-action {id} <name>        one action a file
  cargo xtask new-trigger {id} <name>       one event a file
  connectors/{id}/src/client.rs             the real API address, settings and errors
  connectors/{id}/src/webhook.rs            how the service really signs
  connectors/{id}/docs.md and icon.svg      the page and the icon that people see
CONTRIBUTING.md walks through all of it."
    );
    Ok(())
}

fn write_connector(root: &Path, id: &str, name: Option<&str>) -> Result<Vec<PathBuf>> {
    named(id, "id")?;
    if RESERVED.contains(&id) {
        bail!("the id `{id}` is taken by the facade; choose another, such as the vendor's name and the product's");
    }
    let dir = PathBuf::from(format!("connectors/{id}"));
    if root.join(&dir).exists() {
        bail!("{} exists; choose another id, or add to it with `cargo xtask new-action {id} <name>`", dir.display());
    }
    let default = id.split('_').map(sentence).collect::<Vec<_>>().join(" ");
    let name = name.unwrap_or(&default).trim();
    if name.is_empty() || name.contains(['"', '\\', '\n', '<', '&', '`', '{']) {
        bail!("the name must be one line without quotes, backslashes, braces or markup");
    }
    let package = package_name(id);
    let dash = id.replace('_', "-");
    let today = encoding::today();
    let values =
        [("id", id), ("name", name), ("package", package.as_str()), ("dash", dash.as_str()), ("today", today.as_str())];
    CONNECTOR.iter().map(|(file, text)| write(root, dir.join(file), &fill(text, &values))).collect()
}

/// `cargo xtask new-action`.
///
/// # Errors
/// As [`connector`].
pub(crate) fn action(root: &Path, connector: &str, name: &str) -> Result<()> {
    let (files, notes) = write_action(root, connector, name)?;
    finish(root, &files)?;
    for note in notes {
        println!("note: {note}");
    }
    println!(
        "\nNext: make connectors/{connector}/src/actions/{name}.rs and its fixtures tell what the service really does, then\n  cargo xtask contract {connector} actions::{name}"
    );
    Ok(())
}

fn write_action(root: &Path, connector: &str, name: &str) -> Result<(Vec<PathBuf>, Vec<String>)> {
    named(name, "name")?;
    let ws = Workspace::read(root)?;
    let c = ws.get(connector)?;
    let dir = PathBuf::from(format!("connectors/{connector}"));
    let file = dir.join(format!("src/actions/{name}.rs"));
    if root.join(&file).exists() {
        bail!("{} exists; choose another name", file.display());
    }
    let settings = Settings::read(root, c)?;
    let mut notes = Vec::new();
    let (imports, use_client, send, headers) = if settings.has_client {
        (
            "Action, ActionSpec, AntiExample, Cx, Method, Result",
            "\nuse crate::client;\n",
            format!("        client::call(cx, client::request(cx, Method::GET, \"{name}\", &path)?).await"),
            format!(
                "\"accept\": \"application/json\", \"authorization\": \"Bearer {{{{secret.{}}}}}\"",
                settings.token
            ),
        )
    } else {
        notes.push(format!(
            "the action makes its own request; use what connectors/{connector}/src/client.rs has for all actions"
        ));
        (
            "Action, ActionSpec, AntiExample, Cx, Method, Result, SecretSlot, status",
            "",
            format!(
                "        let token = SecretSlot::Header {{ name: \"authorization\", prefix: \"Bearer \", secret: \"{}\".into() }};
        let request = cx.request(Method::GET, \"{}\", &path)?.endpoint(\"{name}\").secret(token);
        let response = cx.send(request).await?;
        if !response.status.is_success() {{
            return Err(status::error_for(&response, cx.now()));
        }}
        response.json()",
                settings.token, settings.base_param
            ),
            format!("\"authorization\": \"Bearer {{{{secret.{}}}}}\"", settings.token),
        )
    };
    let (type_name, title, today) = (upper_camel(name), sentence(name), encoding::today());
    let values = [
        ("imports", imports),
        ("use_client", use_client),
        ("send", &send),
        ("headers", &headers),
        ("base", settings.base.as_str()),
        ("Type", &type_name),
        ("title", &title),
        ("action", name),
        ("docs_url", &settings.docs_url),
        ("today", &today),
    ];
    let mut files = vec![write(root, file, &fill(template!("action/action.rs"), &values))?];
    for (case, text) in ACTION_FIXTURES {
        files.push(write(root, dir.join(format!("fixtures/actions/{name}/{case}")), &fill(text, &values))?);
    }
    files.push(add_to_page(root, &dir, "Actions", name, &format!("{title}: one object by its id"))?);
    Ok((files, notes))
}

/// `cargo xtask new-trigger`.
///
/// # Errors
/// As [`connector`].
pub(crate) fn trigger(root: &Path, connector: &str, name: &str) -> Result<()> {
    let (files, notes) = write_trigger(root, connector, name)?;
    finish(root, &files)?;
    for note in notes {
        println!("note: {note}");
    }
    println!(
        "\nNext: take a real request with `cargo xtask capture {connector}`, give the payload in connectors/{connector}/src/triggers/{name}.rs its fields, then\n  cargo xtask contract {connector}"
    );
    Ok(())
}

fn write_trigger(root: &Path, connector: &str, name: &str) -> Result<(Vec<PathBuf>, Vec<String>)> {
    named(name, "name")?;
    let ws = Workspace::read(root)?;
    let c = ws.get(connector)?;
    let dir = PathBuf::from(format!("connectors/{connector}"));
    let file = dir.join(format!("src/triggers/{name}.rs"));
    if root.join(&file).exists() {
        bail!("{} exists; choose another name", file.display());
    }
    let webhook = WebhookText::read(root, connector).with_context(|| {
        format!("connectors/{connector} has no src/webhook.rs; say first how its requests are verified")
    })?;
    let mut headers = Map::from_iter([("content-type".to_owned(), json!("application/json"))]);
    let mut body = json!({ "data": { "id": "obj_1", "name": "First object" } });
    let mut notes = Vec::new();
    let mut put = |place: &Place, value: &str| match place {
        Place::Header(h) => {
            headers.insert(h.clone(), json!(value));
            true
        }
        Place::Body(pointer) => match (pointer.strip_prefix('/').filter(|f| !f.contains('/')), body.as_object_mut()) {
            (Some(field), Some(map)) => map.insert(field.to_owned(), json!(value)).is_none(),
            _ => false,
        },
        Place::Form(_) => false,
    };
    let told = matches!(webhook.event_type.as_slice(), [one] if put(one, name));
    if !told {
        notes.push(format!(
            "how connectors/{connector} tells event types apart is beyond this task: until the fixture is a real request (`cargo xtask capture {connector} --force`), the contract suite refuses it"
        ));
    }
    let delivery_id = webhook.delivery_id.first().filter(|p| put(p, "dlv_1")).map(|_| "dlv_1");
    let docs_url = Settings::read(root, c)?.docs_url;
    let today = encoding::today();
    let fixture = ordered(&[
        ("origin", json!({ "kind": "doc-derived", "source": docs_url, "date": today })),
        ("headers", Value::Object(headers)),
        ("json", body),
        ("expect", json!({ "event_type": name, "trigger": name, "delivery_id": delivery_id })),
    ]);
    let (type_name, title) = (upper_camel(name), sentence(name));
    let values = [("Type", type_name.as_str()), ("title", &title), ("trigger", name), ("docs_url", &docs_url)];
    let files = vec![
        write(root, file, &fill(template!("trigger/trigger.rs"), &values))?,
        write(root, dir.join(format!("fixtures/webhooks/{name}.json")), &fixture)?,
        add_to_page(root, &dir, "Triggers", name, &format!("The event `{name}` happens"))?,
    ];
    Ok((files, notes))
}

/// A JSON object with its fields in this order, one a line.
fn ordered(fields: &[(&str, Value)]) -> String {
    let lines: Vec<String> = fields.iter().map(|(k, v)| format!("  \"{k}\": {v}")).collect();
    format!("{{\n{}\n}}\n", lines.join(",\n"))
}

fn named(text: &str, what: &str) -> Result<()> {
    if !is_id(text) || is_keyword(text) {
        bail!(
            "the {what} `{text}` is not lower_snake_case beginning with a letter, or is a Rust keyword; use a-z, 0-9 and single underscores, such as `acme_crm`"
        );
    }
    Ok(())
}

fn write(root: &Path, file: PathBuf, text: &str) -> Result<PathBuf> {
    let path = root.join(&file);
    if path.exists() {
        bail!("{} exists; remove it or choose another name", file.display());
    }
    if let Some(dir) = path.parent() {
        fs::create_dir_all(dir).with_context(|| format!("making {}", dir.display()))?;
    }
    fs::write(&path, text).with_context(|| format!("writing {}", path.display()))?;
    Ok(file)
}

/// Adds a row to the table of a section of the connector's page; makes the section if it is not there.
fn add_to_page(root: &Path, dir: &Path, section: &str, name: &str, what: &str) -> Result<PathBuf> {
    let file = dir.join("docs.md");
    let path = root.join(&file);
    let page = fs::read_to_string(&path).unwrap_or_default();
    fs::write(&path, with_row(&page, section, name, what)).with_context(|| format!("writing {}", path.display()))?;
    Ok(file)
}

fn with_row(page: &str, section: &str, name: &str, what: &str) -> String {
    let lines: Vec<&str> = page.lines().collect();
    let heading = lines.iter().position(|l| l.starts_with("## ") && l.trim_start_matches("## ").trim() == section);
    let last_row = heading.and_then(|h| {
        let body = lines.iter().enumerate().skip(h + 1).take_while(|(_, l)| !l.starts_with("## "));
        body.filter(|(_, l)| l.starts_with('|')).map(|(i, _)| i).last()
    });
    match last_row {
        Some(at) => {
            // The row has as many cells as the table: the name, what it is, and blanks.
            let cells = lines.get(at).map_or(2, |l| l.matches('|').count().saturating_sub(1)).max(2);
            let row = format!("| `{name}` | {what} |{}", " |".repeat(cells - 2));
            let mut out: Vec<&str> = lines.get(..=at).unwrap_or_default().to_vec();
            out.push(&row);
            out.extend(lines.get(at + 1..).unwrap_or_default());
            out.join("\n") + "\n"
        }
        None => format!("{}\n\n## More {}\n\n- `{name}`: {what}.\n", page.trim_end(), section.to_lowercase()),
    }
}

/// What a new action needs to know of the connector's settings, read from its source as text.
#[derive(Debug, PartialEq, Eq)]
struct Settings {
    /// Whether `client.rs` has the `request` and `call` that `new-connector` writes.
    has_client: bool,
    /// The param of the API's address, and what fixtures find it to be.
    base_param: String,
    base: String,
    /// The param of the credential.
    token: String,
    docs_url: String,
}

impl Settings {
    fn read(root: &Path, c: &Connector) -> Result<Self> {
        let mut out = Self {
            has_client: false,
            base_param: "base_url".into(),
            base: "https://api.example.com".into(),
            token: "token".into(),
            docs_url: String::new(),
        };
        let (mut base_found, mut token_found) = (false, false);
        for file in c.files.iter().filter(|f| f.starts_with("src/") && f.ends_with(".rs")) {
            let text = fs::read_to_string(root.join(format!("connectors/{}/{file}", c.folder)))?;
            let source = Source::parse(&text);
            out.has_client |= file == "src/client.rs"
                && source
                    .has("fn request(cx: &Cx, method: Method, endpoint: &'static str, path: &str) -> Result<Request>")
                && source.has("async fn call<T: DeserializeOwned>(cx: &Cx, request: Request) -> Result<T>");
            if let Some(pages) = source.find(".pages(").next() {
                out.docs_url = source.tokens.get(pages + 3).and_then(Token::str).unwrap_or_default().to_owned();
            }
            let starts: Vec<usize> = source.find("ParamSpec::_(").collect();
            for (n, at) in starts.iter().enumerate() {
                let chain = source
                    .tokens
                    .get(*at..starts.get(n + 1).copied().unwrap_or(source.tokens.len()))
                    .unwrap_or_default();
                let Some(id) = chain.get(5).and_then(|t| literal(&source, t)) else { continue };
                let one = |m: &str| crate::text::arguments(chain, m).and_then(|a| a.first()).and_then(Token::str);
                let secret = chain.get(3).is_some_and(|t| t.is_word("secret"));
                if secret && !token_found && !id.contains("webhook") {
                    (out.token, token_found) = (id, true);
                } else if !secret && !base_found && crate::text::arguments(chain, "url").is_some() {
                    if let Some(value) = one("default").or_else(|| one("example")) {
                        value.trim_end_matches('/').clone_into(&mut out.base);
                    }
                    (out.base_param, base_found) = (id, true);
                }
            }
        }
        Ok(out)
    }
}

/// A text literal, or that of a constant of the same file.
fn literal(source: &Source, token: &Token) -> Option<String> {
    match token {
        Token::Str(s) => Some(s.clone()),
        Token::Word(name) => {
            let at = source.find(&format!("const {name}: &str = _")).next()?;
            source.tokens.get(at + 6)?.str().map(str::to_owned)
        }
        Token::Punct(_) => None,
    }
}

/// Runs codegen, formats the new Rust files, and says what was written.
fn finish(root: &Path, files: &[PathBuf]) -> Result<()> {
    for file in files {
        println!("wrote {}", file.display());
    }
    // First the lists: rustfmt follows `mod` from lib.rs into them.
    let report = generate::run(root, false)?;
    for file in &report.changed {
        println!("wrote {} (generated)", file.display());
    }
    // A name's length decides where rustfmt breaks lines, so that the templates cannot know.
    let rust = files.iter().filter(|f| f.extension().is_some_and(|e| e == "rs"));
    let formatted = Command::new("rustfmt").current_dir(root).args(["--edition", "2024"]).args(rust).output();
    if !formatted.is_ok_and(|o| o.status.success()) {
        println!("note: rustfmt did not run; run `cargo fmt`");
    }
    for p in &report.incomplete {
        println!("note: {p}");
    }
    Ok(())
}

#[cfg(test)]
mod tests;
