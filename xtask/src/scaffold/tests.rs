#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::*;
use crate::testing::Tree;

#[test]
fn a_new_connector_keeps_every_rule() {
    for (id, name) in [("acme_two", None), ("x1", Some("X One (beta)"))] {
        let tree = Tree::new();
        let files = write_connector(tree.root(), id, name).unwrap();
        assert_eq!(files.len(), CONNECTOR.len());
        assert_eq!(tree.problems(), []);
        let report = generate::run(tree.root(), false).unwrap();
        assert!(report.changed.iter().any(|f| f.ends_with("actions/mod.rs")));
        for file in &files {
            let text = tree.read(file.to_str().unwrap());
            assert!(!text.contains("@{"), "{} has an unfilled place", file.display());
            if file.extension().is_some_and(|e| e == "json") {
                serde_json::from_str::<Value>(&text).unwrap();
            }
        }
        let manifest = tree.read(&format!("connectors/{id}/Cargo.toml"));
        assert!(manifest.contains(&format!("name = \"{}\"", name.unwrap_or("Acme Two"))), "{manifest}");
    }
}

#[test]
fn ids_that_cannot_be_are_refused_and_nothing_is_written() {
    let tree = Tree::new();
    for (id, why) in [
        ("acme", "exists"),
        ("Acme", "lower_snake_case"),
        ("a-b", "lower_snake_case"),
        ("../x", "lower_snake_case"),
        ("move", "keyword"),
        ("core", "facade"),
    ] {
        let e = write_connector(tree.root(), id, None).unwrap_err().to_string();
        assert!(e.contains(why), "{id}: {e}");
    }
    assert!(write_connector(tree.root(), "fresh", Some("a\"b")).is_err());
    assert_eq!(tree.workspace().connectors.len(), 2);
}

#[test]
fn a_new_action_and_trigger_keep_every_rule() {
    let tree = Tree::new();
    write_connector(tree.root(), "fresh", None).unwrap();
    let (files, notes) = write_action(tree.root(), "fresh", "get_item").unwrap();
    assert!(files.len() == 5 && notes.is_empty(), "{notes:?}");
    let (_, notes) = write_trigger(tree.root(), "fresh", "item_deleted").unwrap();
    assert!(notes.is_empty(), "{notes:?}");
    assert_eq!(tree.problems(), []);
    let action = tree.read("connectors/fresh/src/actions/get_item.rs");
    assert!(action.contains("client::call(cx, client::request(") && !action.contains("@{"), "{action}");
    let fixture: Value =
        serde_json::from_str(&tree.read("connectors/fresh/fixtures/actions/get_item/success.json")).unwrap();
    assert_eq!(fixture["exchanges"][0]["request"]["url"], "https://api.fresh.example/v1/get_item/obj_1");
    assert_eq!(fixture["exchanges"][0]["request"]["headers"]["authorization"], "Bearer {{secret.token}}");
    let fixture: Value =
        serde_json::from_str(&tree.read("connectors/fresh/fixtures/webhooks/item_deleted.json")).unwrap();
    assert_eq!(
        (&fixture["json"]["type"], &fixture["headers"]["x-fresh-delivery"]),
        (&json!("item_deleted"), &json!("dlv_1"))
    );
    let page = tree.read("connectors/fresh/docs.md");
    assert!(page.contains("| `ping` | Gives the account that the connection's token belongs to |\n| `get_item` | Get item: one object by its id |\n"));
    assert!(page.ends_with("| `item_deleted` | The event `item_deleted` happens |\n"), "{page}");

    for e in [write_action(tree.root(), "fresh", "get_item"), write_trigger(tree.root(), "fresh", "item_deleted")] {
        assert!(e.unwrap_err().to_string().contains("exists"));
    }
    assert!(write_action(tree.root(), "nobody", "x").unwrap_err().to_string().contains("there are: acme, fresh"));
    assert!(write_action(tree.root(), "fresh", "Get").is_err());
}

#[test]
fn a_connector_with_a_client_of_its_own_gets_an_action_that_needs_none() {
    let tree = Tree::new();
    tree.write(
        "connectors/acme/src/params.rs",
        "const T: &str = \"api_token\"; const P: &[ParamSpec] = &[ParamSpec::secret(\"webhook_secret\", \"W\"), ParamSpec::secret(T, \"T\"), ParamSpec::new(\"email\", \"E\"), ParamSpec::new(\"site\", \"S\").url().example(\"https://acme.example/\")];",
    );
    let (_, notes) = write_action(tree.root(), "acme", "get_item").unwrap();
    assert_eq!(notes.len(), 1);
    let action = tree.read("connectors/acme/src/actions/get_item.rs");
    assert!(
        action.contains("secret: \"api_token\".into()") && action.contains("cx.request(Method::GET, \"site\""),
        "{action}"
    );
    let fixture = tree.read("connectors/acme/fixtures/actions/get_item/success.json");
    assert!(
        fixture.contains("https://acme.example/get_item/obj_1") && fixture.contains("{{secret.api_token}}"),
        "{fixture}"
    );
    // Its webhook is read by code: the fixture cannot be made right, and that is said.
    let (_, notes) = write_trigger(tree.root(), "acme", "item_deleted").unwrap();
    assert!(notes[0].contains("cargo xtask capture acme"), "{notes:?}");
    assert!(tree.read("connectors/acme/docs.md").contains("## More triggers\n\n- `item_deleted`"));
    assert_eq!(tree.problems(), []);
}

#[test]
fn a_row_is_added_where_the_table_ends() {
    let page = "# A\n\n## Actions\n\n| a | b | c |\n|---|---|---|\n| `x` | y | z |\n\ntext\n\n## More\n| no | no |\n";
    assert_eq!(
        with_row(page, "Actions", "n", "w"),
        "# A\n\n## Actions\n\n| a | b | c |\n|---|---|---|\n| `x` | y | z |\n| `n` | w | |\n\ntext\n\n## More\n| no | no |\n"
    );
}
