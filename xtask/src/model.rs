//! What the tree says: the connectors' manifests, files, specs and fixtures, read as text.
//!
//! What must not live here: judging it ([`crate::rules`]) or writing anything ([`crate::generate`]).

mod webhook;

pub(crate) use webhook::{Place, WebhookText};

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use serde::Deserialize;
use serde_json::Value;

use crate::{
    agree::{explain, page},
    grades::{self, Grade},
    text::{Source, Token, arguments},
};

/// The workspace's connectors, in order of folder.
pub(crate) struct Workspace {
    pub(crate) root: PathBuf,
    pub(crate) connectors: Vec<Connector>,
    /// What the contract suite found of them when it was last asked to write it down.
    pub(crate) grades: BTreeMap<String, Grade>,
}

/// One folder of `connectors/`.
pub(crate) struct Connector {
    pub(crate) folder: String,
    /// `None`: there is no manifest or it is not TOML; `manifest_error` says which.
    pub(crate) manifest: Option<Manifest>,
    pub(crate) manifest_error: String,
    /// What `src/lib.rs` declares.
    pub(crate) definition: Option<Spec>,
    pub(crate) definition_categories: BTreeSet<String>,
    pub(crate) actions: Vec<Item>,
    pub(crate) triggers: Vec<Item>,
    /// Every file below the folder, relative, with `/`.
    pub(crate) files: BTreeSet<String>,
    pub(crate) webhook_fixtures: Vec<WebhookFixture>,
    /// The actions in the agreement's table on the connector's page, if it has one, or what is wrong with its markers.
    pub(crate) agreement: Result<Option<BTreeSet<String>>, String>,
    /// The text of `agreement.json`.
    pub(crate) explanations: Option<String>,
}

/// What codegen needs of a connector's `Cargo.toml`.
#[derive(Debug, Default)]
pub(crate) struct Manifest {
    pub(crate) package: String,
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) summary: String,
    pub(crate) categories: Vec<String>,
}

/// The literals of a spec.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Spec {
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) summary: String,
    pub(crate) docs_url: String,
    /// `read`, `write` or `destructive`; actions only.
    pub(crate) effect: String,
    /// Event types; triggers only. Empty: the one of the trigger's name.
    pub(crate) events: Vec<String>,
}

/// How a trigger's events come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Webhook,
    Poll,
}

/// One file of `src/actions` or `src/triggers`.
#[derive(Debug)]
pub(crate) struct Item {
    /// The file's name without `.rs`.
    pub(crate) stem: String,
    pub(crate) spec: Option<Spec>,
    pub(crate) shape: Option<Shape>,
    /// Whether the file declares `pub struct <UpperCamelCase of the stem>`.
    pub(crate) has_type: bool,
}

/// A file of `fixtures/webhooks`.
#[derive(Debug)]
pub(crate) struct WebhookFixture {
    pub(crate) file: String,
    /// `expect.trigger`; `None` for a handshake and for a type that is kept raw.
    pub(crate) trigger: Option<String>,
    /// Why it could not be read.
    pub(crate) error: Option<String>,
}

impl Workspace {
    /// Reads everything below `connectors/`.
    ///
    /// # Errors
    /// When a folder or file cannot be read.
    pub(crate) fn read(root: &Path) -> Result<Self> {
        let dir = root.join("connectors");
        let mut folders: Vec<String> = entries(&dir)?.into_iter().filter(|n| dir.join(n).is_dir()).collect();
        folders.sort();
        let connectors = folders.into_iter().map(|f| Connector::read(&dir.join(&f), f)).collect::<Result<Vec<_>>>()?;
        Ok(Self { root: root.to_owned(), connectors, grades: grades::read(root)? })
    }

    pub(crate) fn get(&self, id: &str) -> Result<&Connector> {
        self.connectors.iter().find(|c| c.folder == id).with_context(|| {
            let known: Vec<&str> = self.connectors.iter().map(|c| c.folder.as_str()).collect();
            format!("there is no connector `{id}`; there are: {}", known.join(", "))
        })
    }
}

impl Connector {
    fn read(dir: &Path, folder: String) -> Result<Self> {
        let mut files = BTreeSet::new();
        walk(dir, "", &mut files)?;
        let (manifest, manifest_error) = match fs::read_to_string(dir.join("Cargo.toml")) {
            Ok(text) => match read_manifest(&text) {
                Ok(m) => (Some(m), String::new()),
                Err(e) => (None, format!("{e:#}")),
            },
            Err(e) => (None, e.to_string()),
        };
        let lib = fs::read_to_string(dir.join("src/lib.rs")).unwrap_or_default();
        let lib = Source::parse(&lib);
        let items = |sub: &str, kind: &str| -> Result<Vec<Item>> {
            let prefix = format!("src/{sub}/");
            let mut items = Vec::new();
            for file in &files {
                let Some(stem) = file.strip_prefix(&prefix).and_then(|f| f.strip_suffix(".rs")) else { continue };
                if stem == "mod" || stem.contains('/') {
                    continue;
                }
                let path = dir.join(file);
                let text = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
                items.push(Item::read(stem, kind, &text));
            }
            Ok(items)
        };
        Ok(Self {
            definition: Spec::read(&lib, "ConnectorSpec"),
            definition_categories: lib
                .find("Category::_")
                .filter_map(|i| Some(snake(lib.tokens.get(i + 3)?.word()?)))
                .collect(),
            actions: items("actions", "ActionSpec")?,
            triggers: items("triggers", "TriggerSpec")?,
            webhook_fixtures: webhook_fixtures(dir, &files),
            agreement: page::actions(&fs::read_to_string(dir.join("docs.md")).unwrap_or_default()),
            explanations: fs::read_to_string(dir.join(explain::FILE)).ok(),
            folder,
            manifest,
            manifest_error,
            files,
        })
    }

    pub(crate) fn has(&self, file: &str) -> bool {
        self.files.contains(file)
    }

    /// The files of `fixtures/actions/<action>`, relative to `fixtures`.
    pub(crate) fn action_fixtures(&self, action: &str) -> Vec<&str> {
        let prefix = format!("fixtures/actions/{action}/");
        self.files
            .iter()
            .filter(|f| f.starts_with(&prefix) && f.ends_with(".json"))
            .filter_map(|f| f.strip_prefix("fixtures/"))
            .collect()
    }

    /// The trigger that takes this event type, as the core decides it.
    pub(crate) fn trigger_for(&self, event_type: &str) -> Option<&Item> {
        self.triggers.iter().find(|t| {
            let Some(spec) = &t.spec else { return false };
            if spec.events.is_empty() {
                return spec.name == event_type;
            }
            spec.events.iter().any(|p| match p.strip_suffix(".*") {
                Some(prefix) => event_type.strip_prefix(prefix).is_some_and(|r| r.is_empty() || r.starts_with('.')),
                None => p == event_type || p == "*",
            })
        })
    }
}

impl Item {
    fn read(stem: &str, kind: &str, text: &str) -> Self {
        let source = Source::parse(text);
        let shape = if source.has("WebhookTrigger for") {
            Some(Shape::Webhook)
        } else if source.has("PollTrigger for") {
            Some(Shape::Poll)
        } else {
            None
        };
        Self {
            stem: stem.to_owned(),
            spec: Spec::read(&source, kind),
            shape,
            has_type: source.has(&format!("pub struct {}", crate::text::upper_camel(stem))),
        }
    }
}

impl Spec {
    /// The first `<kind>::new("name", "Title")` of a source with its builder chain.
    fn read(source: &Source, kind: &str) -> Option<Self> {
        let at = source.find(&format!("{kind}::new(")).next()?;
        let chain = source.statement(at);
        let mut literals = chain.get(5..)?.iter();
        let name = literals.next()?.str()?.to_owned();
        let title = literals.nth(1)?.str()?.to_owned();
        let one = |method: &str| {
            arguments(chain, method).and_then(|a| a.first()).and_then(Token::str).unwrap_or_default().to_owned()
        };
        let effect = arguments(chain, "effect")
            .and_then(|a| a.iter().position(|t| t.is_word("Effect")).and_then(|i| a.get(i + 3)));
        let effect = match (effect.and_then(Token::word), arguments(chain, "read")) {
            (Some(word), _) => snake(word),
            (None, Some(_)) => "read".to_owned(),
            (None, None) => "write".to_owned(),
        };
        let events: Vec<String> = match arguments(chain, "events") {
            Some(list) => list.iter().filter_map(Token::str).map(str::to_owned).collect(),
            None => Vec::new(),
        };
        if events.is_empty() && arguments(chain, "events").is_some() {
            return None;
        }
        Some(Self { name, title, summary: one("summary"), docs_url: one("docs"), effect, events })
    }
}

#[derive(Deserialize)]
struct RawManifest {
    package: RawPackage,
}

#[derive(Deserialize)]
struct RawPackage {
    name: String,
    #[serde(default)]
    metadata: RawMetadata,
}

#[derive(Deserialize, Default)]
struct RawMetadata {
    connector: Option<RawConnector>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct RawConnector {
    id: String,
    name: String,
    summary: String,
    categories: Vec<String>,
}

fn read_manifest(text: &str) -> Result<Manifest> {
    let raw: RawManifest = toml::from_str(text).map_err(|e| anyhow::anyhow!("{}", e.message()))?;
    let package = raw.package.name;
    let c = raw.package.metadata.connector.context("it has no [package.metadata.connector]")?;
    Ok(Manifest { package, id: c.id, name: c.name, summary: c.summary, categories: c.categories })
}

fn webhook_fixtures(dir: &Path, files: &BTreeSet<String>) -> Vec<WebhookFixture> {
    let of = files.iter().filter(|f| f.starts_with("fixtures/webhooks/") && f.ends_with(".json"));
    of.map(|file| {
        let parsed = fs::read_to_string(dir.join(file))
            .map_err(|e| e.to_string())
            .and_then(|t| serde_json::from_str::<Value>(&t).map_err(|e| format!("it is not JSON: {e}")));
        let (trigger, error) = match parsed {
            Ok(v) => (v.pointer("/expect/trigger").and_then(Value::as_str).map(str::to_owned), None),
            Err(e) => (None, Some(e)),
        };
        WebhookFixture { file: file.clone(), trigger, error }
    })
    .collect()
}

/// `ReadOnly` as `read_only`.
fn snake(word: &str) -> String {
    let mut out = String::new();
    for (i, c) in word.chars().enumerate() {
        if c.is_uppercase() && i > 0 {
            out.push('_');
        }
        out.extend(c.to_lowercase());
    }
    out
}

fn entries(dir: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(dir).with_context(|| format!("reading the folder {}", dir.display()))? {
        names.extend(entry?.file_name().into_string().ok());
    }
    names.sort();
    Ok(names)
}

fn walk(dir: &Path, prefix: &str, out: &mut BTreeSet<String>) -> Result<()> {
    for name in entries(dir)? {
        let path = dir.join(&name);
        if path.is_dir() {
            if name != "target" {
                walk(&path, &format!("{prefix}{name}/"), out)?;
            }
        } else {
            out.insert(format!("{prefix}{name}"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;

    #[test]
    fn an_action_is_read_from_its_text() {
        let item = Item::read(
            "post",
            "ActionSpec",
            r#"
            /// `ActionSpec::new("wrong", "Wrong")` in a comment.
            pub struct Post;
            impl Action for Post {
                const SPEC: ActionSpec = ActionSpec::new("post", "Post a message")
                    .summary("Posts \
                              it.")
                    .effect(Effect::Destructive, Idempotency::None)
                    .docs("https://docs.example/post");
            }"#,
        );
        let spec = item.spec.unwrap();
        assert_eq!((spec.name.as_str(), spec.title.as_str()), ("post", "Post a message"));
        assert_eq!((spec.summary.as_str(), spec.effect.as_str()), ("Posts it.", "destructive"));
        assert_eq!(spec.docs_url, "https://docs.example/post");
        assert!(item.has_type && item.shape.is_none());
    }

    #[test]
    fn effect_is_write_unless_told_and_names_must_be_literals() {
        let read = |t: &str| Item::read("a", "ActionSpec", t).spec;
        assert_eq!(read(r#"ActionSpec::new("a", "A");"#).unwrap().effect, "write");
        assert_eq!(read(r#"ActionSpec::new("a", "A").read();"#).unwrap().effect, "read");
        assert_eq!(read(r#"ActionSpec::new(NAME, "A");"#), None);
    }

    #[test]
    fn a_trigger_is_read_from_its_text() {
        let t = Item::read(
            "issues",
            "TriggerSpec",
            r#"pub struct Issues; impl connector_core::WebhookTrigger for Issues {
                const SPEC: TriggerSpec = TriggerSpec::new("issues", "Issues").events(&["issues.*", "x"]); }"#,
        );
        assert_eq!(t.shape, Some(Shape::Webhook));
        assert_eq!(t.spec.unwrap().events, ["issues.*", "x"]);
        assert_eq!(Item::read("p", "TriggerSpec", "impl PollTrigger for P {}").shape, Some(Shape::Poll));
        let hidden = r#"TriggerSpec::new("a", "A").events(EVENTS);"#;
        assert_eq!(Item::read("a", "TriggerSpec", hidden).spec, None, "types that cannot be read would be told wrong");
    }

    #[test]
    fn a_manifest_without_its_table_is_an_error() {
        let e = read_manifest("[package]\nname = \"x\"\n").unwrap_err();
        assert!(e.to_string().contains("[package.metadata.connector]"));
        let e = read_manifest("[package]\nname = \"x\"\n[package.metadata.connector]\nid = \"x\"\n").unwrap_err();
        assert!(e.to_string().contains("missing field"), "{e}");
    }
}
