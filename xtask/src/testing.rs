//! A made-up tree for tests: the smallest workspace that keeps every rule.

use std::{
    fs,
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
};

use crate::{
    model::Workspace,
    rules::{Problem, check},
};

/// A temporary workspace.
pub(crate) struct Tree(tempfile::TempDir);

impl Tree {
    /// Two connectors, `acme` and `zeta_crm`, and the hand-written parts of the facade and the contract suite.
    pub(crate) fn new() -> Self {
        let tree = Self(tempfile::tempdir().unwrap());
        tree.connector("acme", "acme");
        tree.connector("zeta_crm", "zeta-crm");
        tree.write(
            "crates/connectors/Cargo.toml",
            "[package]\nname = \"connectors\"\n\n[dependencies]\nconnector-core.workspace = true\n# @generated begin dependencies\n# @generated end dependencies\n\n[features]\n# @generated begin features\n# @generated end features\n",
        );
        tree.write(
            "tests/contract/Cargo.toml",
            "[package]\nname = \"contract-suite\"\n\n[features]\n# @generated begin features\n# @generated end features\n",
        );
        tree
    }

    fn connector(&self, id: &str, dashed: &str) {
        let at = |file: &str| format!("connectors/{id}/{file}");
        self.write(
            &at("Cargo.toml"),
            &format!(
                "[package]\nname = \"jackfield-connector-{dashed}\"\n\n[package.metadata.connector]\nid = \"{id}\"\nname = \"{id} Inc\"\nsummary = \"Does things.\"\ncategories = [\"chat\"]\n"
            ),
        );
        self.write(
            &at("src/lib.rs"),
            &format!(
                "pub const CONNECTOR: ConnectorSpec = ConnectorSpec::new(\"{id}\", \"{id} Inc\").summary(\"Does things.\").categories(&[Category::Chat]);\n"
            ),
        );
        self.write(&at("src/client.rs"), "//! Requests.\n");
        self.write(&at("src/webhook.rs"), "//! Verification.\n");
        self.write(&at("docs.md"), "# Docs\n");
        self.write(&at("icon.svg"), "<svg/>\n");
        self.write(
            &at("src/actions/auth_test.rs"),
            "pub struct AuthTest;\nimpl Action for AuthTest { const SPEC: ActionSpec = ActionSpec::new(\"auth_test\", \"Test\").summary(\"Tests.\").read(); }\n",
        );
        self.write(
            &at("src/triggers/message.rs"),
            "pub struct Message;\nimpl WebhookTrigger for Message { const SPEC: TriggerSpec = TriggerSpec::new(\"message\", \"Message\").summary(\"When.\").events(&[\"message.*\"]); }\n",
        );
        for case in ["success", "error__auth", "rate_limited"] {
            self.write(&at(&format!("fixtures/actions/auth_test/{case}.json")), "{}\n");
        }
        self.write(&at("fixtures/webhooks/message.json"), "{\"expect\": {\"trigger\": \"message\"}}\n");
    }

    pub(crate) fn root(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn write(&self, file: &str, text: &str) {
        let path = self.root().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, file: &str) -> String {
        fs::read_to_string(self.root().join(file)).unwrap()
    }

    pub(crate) fn remove(&self, file: &str) {
        let path = self.root().join(file);
        if path.is_dir() { fs::remove_dir_all(path).unwrap() } else { fs::remove_file(path).unwrap() }
    }

    /// Replaces a text that must be there.
    pub(crate) fn edit(&self, file: &str, from: &str, to: &str) {
        let text = self.read(file);
        assert!(text.contains(from), "{file} has no {from:?}");
        self.write(file, &text.replace(from, to));
    }

    pub(crate) fn rename(&self, from: &str, to: &str) {
        fs::rename(self.root().join(from), self.root().join(to)).unwrap();
    }

    pub(crate) fn workspace(&self) -> Workspace {
        Workspace::read(self.root()).unwrap()
    }

    pub(crate) fn problems(&self) -> Vec<Problem> {
        check(&self.workspace())
    }
}

/// What rustfmt makes of a text with the repository's configuration.
pub(crate) fn rustfmt(text: &str) -> String {
    let config = concat!(env!("CARGO_MANIFEST_DIR"), "/../rustfmt.toml");
    let mut child = Command::new("rustfmt")
        .args(["--edition", "2024", "--config-path", config])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let out = child.wait_with_output().unwrap();
    assert!(out.status.success(), "rustfmt refused:\n{text}");
    String::from_utf8(out.stdout).unwrap()
}
