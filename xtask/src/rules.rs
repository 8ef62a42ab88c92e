//! What must hold of the connectors' files before anything is generated from them.
//!
//! Each rule has a name, and each problem says the file, the rule and the mend. What must not live here: rules about
//! behaviour, which the contract suite checks by running the connector.

mod agreement;

use std::{collections::BTreeMap, fmt};

use crate::{
    model::{Connector, Item, Shape, Workspace},
    text::{is_id, is_keyword, upper_camel},
};

/// Ids that the facade has other uses for: names of its items, and features.
pub(crate) const RESERVED: &[&str] = &["core", "default", "full", "generated", "registry", "std"];

/// Something that breaks a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) file: String,
    pub(crate) rule: &'static str,
    pub(crate) what: String,
    pub(crate) mend: String,
    /// Whether nothing can be generated until it is mended. What is merely incomplete (a fixture, a page) still gets its
    /// lists, so that the connector compiles while its author works on it; codegen fails all the same.
    pub(crate) blocks: bool,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: [{}] {}\n    mend: {}", self.file, self.rule, self.what, self.mend)
    }
}

/// Every problem of every connector, in order of file.
pub(crate) fn check(ws: &Workspace) -> Vec<Problem> {
    let mut out = Vec::new();
    let mut ids: BTreeMap<&str, &str> = BTreeMap::new();
    for c in &ws.connectors {
        if let Some(m) = &c.manifest
            && let Some(first) = ids.insert(&m.id, &c.folder)
        {
            out.push(Problem {
                file: format!("connectors/{}/Cargo.toml", c.folder),
                rule: "unique-id",
                what: format!("the id `{}` is that of connectors/{first} too", m.id),
                mend: "give one of them another id; an id is the same as its folder and never changes".into(),
                blocks: true,
            });
        }
        let mut sink = Sink { connector: c, out: &mut out };
        sink.manifest();
        sink.file_set();
        sink.definition();
        sink.items(&c.actions, "actions", "ActionSpec");
        sink.items(&c.triggers, "triggers", "TriggerSpec");
        sink.fixtures();
        sink.agreement();
    }
    out.sort_by(|a, b| (&a.file, a.rule).cmp(&(&b.file, b.rule)));
    out
}

struct Sink<'a> {
    connector: &'a Connector,
    out: &'a mut Vec<Problem>,
}

impl Sink<'_> {
    fn add(&mut self, file: &str, rule: &'static str, blocks: bool, what: String, mend: impl Into<String>) {
        let file = format!("connectors/{}/{file}", self.connector.folder);
        self.out.push(Problem { file, rule, what, mend: mend.into(), blocks });
    }

    fn manifest(&mut self) {
        let c = self.connector;
        let Some(m) = &c.manifest else {
            return self.add(
                "Cargo.toml",
                "manifest-metadata",
                true,
                format!("the manifest cannot be used: {}", c.manifest_error),
                "add [package.metadata.connector] with id, name, summary and categories",
            );
        };
        if !is_id(&m.id) {
            self.add(
                "Cargo.toml",
                "id-form",
                true,
                format!("the id `{}` is not lower_snake_case beginning with a letter", m.id),
                "use a-z, 0-9 and single underscores, such as `acme_crm`",
            );
        } else if is_keyword(&m.id) || RESERVED.contains(&m.id.as_str()) {
            self.add(
                "Cargo.toml",
                "id-form",
                true,
                format!("the id `{}` is a Rust keyword or a name of the facade's own", m.id),
                "choose another id, such as the vendor's name and the product's",
            );
        }
        if m.id != c.folder {
            self.add(
                "Cargo.toml",
                "id-is-folder",
                true,
                format!("the id `{}` is not the folder's name `{}`", m.id, c.folder),
                format!("set id = \"{}\" or rename the folder to connectors/{}", c.folder, m.id),
            );
        }
        let package = package_name(&m.id);
        if m.package != package {
            self.add(
                "Cargo.toml",
                "package-name",
                true,
                format!("the package is called `{}`", m.package),
                format!("set [package] name = \"{package}\""),
            );
        }
        for (field, text) in [("name", &m.name), ("summary", &m.summary)] {
            if text.trim().is_empty() || text.contains('\n') {
                self.add(
                    "Cargo.toml",
                    "manifest-metadata",
                    true,
                    format!("[package.metadata.connector] {field} is not one line of text"),
                    format!("set {field} to the text that catalogs show"),
                );
            }
        }
        if m.categories.is_empty() {
            self.add(
                "Cargo.toml",
                "manifest-metadata",
                true,
                "[package.metadata.connector] categories is empty".into(),
                "name at least one category of `connector_core::Category`, such as \"chat\"",
            );
        }
    }

    fn file_set(&mut self) {
        let c = self.connector;
        let webhooks = c.triggers.iter().any(|t| t.shape == Some(Shape::Webhook));
        let wanted = [
            ("src/lib.rs", true, true, "the connector's definition: `pub const CONNECTOR: ConnectorSpec`"),
            ("src/client.rs", true, true, "what all actions share: requests, error mapping, pagination"),
            ("src/webhook.rs", webhooks, true, "verification, handshake, event type, delivery id"),
            ("docs.md", true, false, "the page for the people who connect the service"),
            ("icon.svg", true, false, "the service's icon as SVG"),
        ];
        for (file, needed, blocks, what) in wanted {
            if needed && !c.has(file) {
                self.add(
                    file,
                    "file-set",
                    blocks,
                    format!("the file is missing; every connector has it: {what}"),
                    "write it (another connector, or `cargo xtask new-connector`, shows the form)",
                );
            }
        }
        if c.actions.is_empty() && c.triggers.is_empty() {
            self.add(
                "src",
                "something-to-do",
                true,
                "the connector has neither an action nor a trigger".into(),
                format!("add one: `cargo xtask new-action {} <name>`", c.folder),
            );
        }
    }

    fn definition(&mut self) {
        let c = self.connector;
        let (Some(m), true) = (&c.manifest, c.has("src/lib.rs")) else { return };
        let Some(d) = &c.definition else {
            return self.add(
                "src/lib.rs",
                "literal-spec",
                true,
                "there is no `ConnectorSpec::new(\"id\", \"Name\")` with literal texts".into(),
                format!(
                    "declare `pub const CONNECTOR: ConnectorSpec = ConnectorSpec::new(\"{}\", \"{}\")…`",
                    m.id, m.name
                ),
            );
        };
        for (field, manifest, code) in
            [("id", &m.id, &d.name), ("name", &m.name, &d.title), ("summary", &m.summary, &d.summary)]
        {
            if manifest != code {
                self.add(
                    "src/lib.rs",
                    "manifest-agrees",
                    false,
                    format!("the {field} is \"{code}\", but \"{manifest}\" in Cargo.toml"),
                    "make them the same",
                );
            }
        }
        let mut listed: Vec<&String> = m.categories.iter().collect();
        listed.sort();
        if !listed.iter().copied().eq(&c.definition_categories) {
            let code: Vec<&str> = c.definition_categories.iter().map(String::as_str).collect();
            self.add(
                "src/lib.rs",
                "manifest-agrees",
                false,
                format!("the categories are {code:?}, but {:?} in Cargo.toml", m.categories),
                "make them the same",
            );
        }
    }

    fn items(&mut self, items: &[Item], sub: &str, kind: &str) {
        let mut seen: BTreeMap<String, String> = BTreeMap::new();
        for item in items {
            let file = format!("src/{sub}/{}.rs", item.stem);
            if !is_id(&item.stem) || is_keyword(&item.stem) {
                self.add(
                    &file,
                    "name-form",
                    true,
                    format!("`{}` is not lower_snake_case beginning with a letter, or is a Rust keyword", item.stem),
                    "rename the file and the spec in it",
                );
            }
            let Some(spec) = &item.spec else {
                self.add(
                    &file,
                    "literal-spec",
                    true,
                    format!(
                        "there is no `{kind}::new(\"{}\", \"Title\")` with literal texts (event types too)",
                        item.stem
                    ),
                    format!("declare it, or move what is not one of the {sub} to src/client.rs"),
                );
                continue;
            };
            if spec.name != item.stem {
                self.add(
                    &file,
                    "name-is-file",
                    true,
                    format!("the spec is called \"{}\", the file {}.rs", spec.name, item.stem),
                    format!("write `{kind}::new(\"{}\", …)` or rename the file to {}.rs", item.stem, spec.name),
                );
            }
            if let Some(first) = seen.insert(spec.name.clone(), item.stem.clone()) {
                self.add(
                    &file,
                    "unique-name",
                    true,
                    format!("src/{sub}/{first}.rs declares the name \"{}\" too", spec.name),
                    "one name, one file: rename or remove one of them",
                );
            }
            if !item.has_type {
                self.add(
                    &file,
                    "type-name",
                    true,
                    format!("there is no `pub struct {}`", upper_camel(&item.stem)),
                    format!("the type is the file's name in UpperCamelCase: `pub struct {};`", upper_camel(&item.stem)),
                );
            }
            if spec.title.is_empty() || spec.summary.is_empty() {
                self.add(
                    &file,
                    "texts",
                    false,
                    "the spec has no title or no `.summary(\"…\")` with a literal text".into(),
                    "say in one sentence what it does; catalogs show it and agents choose by it",
                );
            }
            if kind == "TriggerSpec" && item.shape.is_none() {
                self.add(
                    &file,
                    "trigger-shape",
                    true,
                    "the file implements neither `WebhookTrigger` nor `PollTrigger`".into(),
                    format!("write `impl WebhookTrigger for {}`", upper_camel(&item.stem)),
                );
            }
        }
    }

    fn fixtures(&mut self) {
        let c = self.connector;
        for a in &c.actions {
            let dir = format!("fixtures/actions/{}", a.stem);
            let files = c.action_fixtures(&a.stem);
            let success = format!("actions/{}/success", a.stem);
            let is_success = |f: &&str| f.strip_prefix(&success).is_some_and(|r| r == ".json" || r.starts_with("__"));
            if files.is_empty() {
                self.add(
                    &dir,
                    "action-fixtures",
                    false,
                    "the action has no fixtures".into(),
                    "add success.json, error__<what>.json and rate_limited.json; docs/fixtures.md has the form",
                );
            } else if !files.iter().any(is_success) {
                self.add(
                    &dir,
                    "action-fixtures",
                    false,
                    "the action has no success fixture".into(),
                    "add success.json or success__<what>.json; docs/fixtures.md has the form",
                );
            }
        }
        let orphans: Vec<String> = c
            .files
            .iter()
            .filter_map(|f| f.strip_prefix("fixtures/actions/")?.split_once('/').map(|(a, _)| a))
            .filter(|name| !c.actions.iter().any(|a| a.stem == *name))
            .map(str::to_owned)
            .collect::<std::collections::BTreeSet<_>>()
            .into_iter()
            .collect();
        for orphan in orphans {
            self.add(
                &format!("fixtures/actions/{orphan}"),
                "orphan-fixtures",
                false,
                "there is no action of that name".into(),
                "remove the folder or rename it to its action",
            );
        }
        for f in &c.webhook_fixtures {
            if let Some(e) = &f.error {
                self.add(
                    &f.file,
                    "fixture-form",
                    false,
                    format!("it cannot be read: {e}"),
                    "docs/fixtures.md has the form",
                );
            }
            if let Some(t) = &f.trigger
                && !c.triggers.iter().any(|i| i.stem == *t)
            {
                self.add(
                    &f.file,
                    "orphan-fixtures",
                    false,
                    format!("`expect.trigger` is \"{t}\", and the connector has no such trigger"),
                    "name a trigger, or null for an event type that is kept raw",
                );
            }
        }
        for t in c.triggers.iter().filter(|t| t.shape == Some(Shape::Webhook)) {
            if !c.webhook_fixtures.iter().any(|f| f.trigger.as_deref() == Some(&t.stem)) {
                self.add(
                    &format!("src/triggers/{}.rs", t.stem),
                    "webhook-fixture",
                    false,
                    "no fixture in fixtures/webhooks has this trigger as its `expect.trigger`".into(),
                    format!("add one, or take a real request with `cargo xtask capture {}`", c.folder),
                );
            }
        }
    }
}

/// The package that a connector's id asks for.
pub(crate) fn package_name(id: &str) -> String {
    format!("jackfield-connector-{}", id.replace('_', "-"))
}

#[cfg(test)]
mod tests;
