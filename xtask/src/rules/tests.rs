//! Each rule, broken once.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use crate::testing::Tree;

/// Breaks a good tree; the only problem must be that one, at that file.
fn broken(change: impl FnOnce(&Tree), file: &str, rule: &str) -> String {
    let tree = Tree::new();
    assert_eq!(tree.problems(), [], "the tree must be good before it is broken");
    change(&tree);
    let problems = tree.problems();
    let found: Vec<(&str, &str)> = problems.iter().map(|p| (p.file.as_str(), p.rule)).collect();
    assert_eq!(found, [(file, rule)], "{problems:?}");
    problems[0].to_string()
}

#[test]
fn two_connectors_of_one_id() {
    let tree = Tree::new();
    tree.edit("connectors/zeta_crm/Cargo.toml", "id = \"zeta_crm\"", "id = \"acme\"");
    let problems = tree.problems();
    let p = problems.iter().find(|p| p.rule == "unique-id").unwrap();
    assert!(p.blocks && p.file == "connectors/zeta_crm/Cargo.toml" && p.what.contains("connectors/acme"), "{p}");
}

#[test]
fn the_id_is_the_folder() {
    let tree = Tree::new();
    tree.rename("connectors/acme", "connectors/acne");
    let problems = tree.problems();
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!((problems[0].rule, problems[0].file.as_str()), ("id-is-folder", "connectors/acne/Cargo.toml"));
    assert!(problems[0].blocks);
}

#[test]
fn ids_are_lower_snake_case() {
    for bad in ["Acme", "1acme", "ac-me", "ac__me", "acme_"] {
        let tree = Tree::new();
        tree.edit("connectors/acme/Cargo.toml", "id = \"acme\"", &format!("id = \"{bad}\""));
        assert!(tree.problems().iter().any(|p| p.rule == "id-form" && p.blocks), "{bad}");
    }
}

#[test]
fn the_package_is_named_after_the_id() {
    let text = broken(
        |t| t.edit("connectors/zeta_crm/Cargo.toml", "jackfield-connector-zeta-crm", "zeta"),
        "connectors/zeta_crm/Cargo.toml",
        "package-name",
    );
    assert!(text.contains("name = \"jackfield-connector-zeta-crm\""), "{text}");
}

#[test]
fn the_manifest_has_its_table() {
    for cut in ["[package.metadata.connector]", "summary = \"Does things.\"", "categories = [\"chat\"]"] {
        broken(|t| t.edit("connectors/acme/Cargo.toml", cut, ""), "connectors/acme/Cargo.toml", "manifest-metadata");
    }
    broken(
        |t| t.edit("connectors/acme/Cargo.toml", "[\"chat\"]", "chat"),
        "connectors/acme/Cargo.toml",
        "manifest-metadata",
    );
}

#[test]
fn the_manifest_and_the_code_agree() {
    broken(
        |t| t.edit("connectors/acme/src/lib.rs", "Does things.", "Else."),
        "connectors/acme/src/lib.rs",
        "manifest-agrees",
    );
    broken(
        |t| t.edit("connectors/acme/src/lib.rs", "Category::Chat", "Category::Ai"),
        "connectors/acme/src/lib.rs",
        "manifest-agrees",
    );
}

#[test]
fn every_file_of_the_set_is_there() {
    for file in ["src/client.rs", "src/webhook.rs", "src/lib.rs", "docs.md", "icon.svg"] {
        broken(|t| t.remove(&format!("connectors/acme/{file}")), &format!("connectors/acme/{file}"), "file-set");
    }
}

#[test]
fn a_connector_without_webhook_triggers_needs_no_webhook() {
    let tree = Tree::new();
    for gone in ["src/webhook.rs", "src/triggers/message.rs", "fixtures/webhooks"] {
        tree.remove(&format!("connectors/acme/{gone}"));
    }
    assert_eq!(tree.problems(), []);
}

#[test]
fn a_connector_does_something() {
    broken(
        |t| {
            for gone in ["src/triggers", "src/actions", "fixtures"] {
                t.remove(&format!("connectors/acme/{gone}"));
            }
        },
        "connectors/acme/src",
        "something-to-do",
    );
}

#[test]
fn an_action_is_called_as_its_file() {
    let text = broken(
        |t| t.edit("connectors/acme/src/actions/auth_test.rs", "\"auth_test\"", "\"auth\""),
        "connectors/acme/src/actions/auth_test.rs",
        "name-is-file",
    );
    assert!(text.contains("rename the file to auth.rs"), "{text}");
}

#[test]
fn two_files_of_one_name() {
    let tree = Tree::new();
    let text = tree.read("connectors/acme/src/actions/auth_test.rs");
    tree.write("connectors/acme/src/actions/other.rs", &text);
    let problems = tree.problems();
    assert!(problems.iter().any(|p| p.rule == "unique-name" && p.file.ends_with("other.rs")), "{problems:?}");
}

#[test]
fn a_spec_is_literal_and_has_texts_and_a_type() {
    let file = "connectors/acme/src/actions/auth_test.rs";
    broken(|t| t.edit(file, "ActionSpec::new(\"auth_test\"", "ActionSpec::new(NAME"), file, "literal-spec");
    broken(|t| t.edit(file, ".summary(\"Tests.\")", ""), file, "texts");
    broken(|t| t.edit(file, "pub struct AuthTest", "pub struct Auth"), file, "type-name");
    let file = "connectors/acme/src/triggers/message.rs";
    broken(|t| t.edit(file, "WebhookTrigger for", "Other for"), file, "trigger-shape");
}

#[test]
fn every_action_has_a_success_fixture() {
    let dir = "connectors/acme/fixtures/actions/auth_test";
    broken(|t| t.remove(dir), dir, "action-fixtures");
    broken(|t| t.rename(&format!("{dir}/success.json"), &format!("{dir}/successful.json")), dir, "action-fixtures");
    let tree = Tree::new();
    tree.rename(&format!("{dir}/success.json"), &format!("{dir}/success__plain.json"));
    assert_eq!(tree.problems(), []);
}

#[test]
fn every_webhook_trigger_has_a_fixture() {
    broken(
        |t| t.remove("connectors/acme/fixtures/webhooks/message.json"),
        "connectors/acme/src/triggers/message.rs",
        "webhook-fixture",
    );
}

#[test]
fn no_fixture_is_orphaned_or_broken() {
    broken(
        |t| t.write("connectors/acme/fixtures/actions/gone/success.json", "{}"),
        "connectors/acme/fixtures/actions/gone",
        "orphan-fixtures",
    );
    broken(
        |t| t.write("connectors/acme/fixtures/webhooks/x.json", "{\"expect\": {\"trigger\": \"gone\"}}"),
        "connectors/acme/fixtures/webhooks/x.json",
        "orphan-fixtures",
    );
    broken(
        |t| t.write("connectors/acme/fixtures/webhooks/x.json", "{"),
        "connectors/acme/fixtures/webhooks/x.json",
        "fixture-form",
    );
}

#[test]
fn names_of_files_are_module_names() {
    for bad in ["Auth", "move", "a-b"] {
        let tree = Tree::new();
        tree.write(&format!("connectors/acme/src/actions/{bad}.rs"), "//! Nothing.\n");
        assert!(tree.problems().iter().any(|p| p.rule == "name-form"), "{bad}");
    }
}
