//! The task as a whole: files in, table and exit code out.

use serde_json::{Value, json};

use super::{set, three};
use crate::{
    agree::{self, description::Description, fixture::Fixture, report::Report},
    testing::Tree,
};

/// The tree's connector `acme` with one true fixture, and the description.
fn tree(fixture: &Value) -> Tree {
    let tree = Tree::new();
    for case in ["error__auth", "rate_limited"] {
        tree.remove(&format!("connectors/acme/fixtures/actions/auth_test/{case}.json"));
    }
    tree.write("connectors/acme/fixtures/actions/auth_test/success.json", &fixture.to_string());
    tree.write("acme.json", &three().to_string());
    tree
}

fn run(tree: &Tree, change: impl FnOnce(&mut agree::Options)) -> anyhow::Result<bool> {
    let mut options = agree::Options {
        connector: "acme".into(),
        openapi: vec![tree.root().join("acme.json")],
        source: Vec::new(),
        date: Vec::new(),
        action: None,
        write: false,
        json: false,
        verbose: false,
    };
    change(&mut options);
    agree::run(tree.root(), &options).map(|code| code == std::process::ExitCode::SUCCESS)
}

#[test]
fn the_table_is_written_and_then_held_to_the_actions() {
    let tree = tree(&set(json!({"json": {"name": 1}})));
    assert!(!run(&tree, |_| ()).unwrap());
    let why = json!([{"action": "auth_test", "what": "request body /name", "why": "Acme's page\nsays a number."}]);
    tree.write("connectors/acme/agreement.json", &why.to_string());
    let write = |o: &mut agree::Options| {
        o.write = true;
        o.source = vec!["npm acme 7".into()];
        o.date = vec!["2026-11-02".into()];
    };
    assert!(run(&tree, write).unwrap());
    let page = tree.read("connectors/acme/docs.md");
    for want in [
        "# Docs\n\n<!-- agreement: written by cargo xtask agree -->\n## Agreement with the vendor\n",
        "- *Acme* 7 (OpenAPI 3.0.3, 2026-11-02), from npm acme 7, SHA-256 `",
        "| `auth_test` | `items/set` | agrees, but for 1 | 1 exchange of 1 fixture |\n",
        "1. Acme's page says a number.\n",
        "<!-- /agreement -->\n",
    ] {
        assert!(page.contains(want), "{want}\n{page}");
    }
    assert!(run(&tree, write).unwrap());
    assert_eq!(tree.read("connectors/acme/docs.md"), page, "written again it is the same");
    assert_eq!(tree.problems(), []);

    tree.edit("connectors/acme/docs.md", "| `auth_test`", "| `gone`");
    let told: Vec<String> = tree.problems().iter().map(ToString::to_string).collect();
    assert!(told.len() == 2 && told[0].contains("lacks the action `auth_test`"), "{told:#?}");
    assert!(told[1].contains("has an action that is gone, `gone`") && told[1].contains("cargo xtask agree acme"));
    tree.edit("connectors/acme/docs.md", "<!-- /agreement -->", "");
    assert!(tree.problems()[0].to_string().contains("one marker"));
    assert!(run(&tree, write).unwrap_err().to_string().contains("one marker"));
}

#[test]
fn explanations_must_explain_something_that_is_there() {
    let tree = tree(&set(json!({"json": {"name": "x"}})));
    let write = |all: Value| tree.write("connectors/acme/agreement.json", &all.to_string());
    assert!(run(&tree, |_| ()).unwrap());
    write(json!([{"action": "*", "what": "request body /name", "why": "so"}]));
    assert!(!run(&tree, |_| ()).unwrap(), "it explains nothing");
    assert!(run(&tree, |o| o.action = Some("auth_test".into())).unwrap(), "another action may need it");
    write(json!([{"action": "gone", "what": "x", "why": "so"}]));
    assert!(tree.problems()[0].to_string().contains("explains the action `gone`"));
    write(json!([{"action": "*", "what": " ", "why": "so"}]));
    assert!(tree.problems()[0].to_string().contains("has a blank text"));
    write(json!([{"action": "*", "what": "x", "because": "so"}]));
    assert!(tree.problems()[0].to_string().contains("unknown field `because`"));
}

#[test]
fn what_cannot_be_compared_is_said() {
    let tree = tree(&set(json!({"json": {"name": "x"}})));
    let fails = |change: &dyn Fn(&mut agree::Options), want: &str| {
        let e = format!("{:#}", run(&tree, change).unwrap_err());
        assert!(e.contains(want), "{e}");
    };
    fails(&|o| o.connector = "acmee".into(), "there is no connector `acmee`");
    fails(&|o| o.action = Some("gone".into()), "there is no action `gone`; there are: auth_test");
    fails(&|o| o.date = vec!["a".into(), "b".into()], "--date is given 2 times for 1 descriptions");
    tree.write("acme.json", "openapi: 3.0.0");
    fails(&|_| (), "converted first");
    tree.write("acme.json", "{\"openapi\": \"4.0\"}");
    fails(&|_| (), "no OpenAPI description of version 2.0, 3.0 or 3.1");
}

#[test]
fn the_report_reads_well() {
    let d = [Description::parse("acme.json", three().to_string().into_bytes()).unwrap()];
    let mut row = agree::row("act", &[Fixture::of(&set(json!({"json": {"nam": 1}})))], &d);
    row.judge(&[], &mut []);
    let report = Report { connector: "acme".into(), descriptions: &d, rows: vec![row], stale: Vec::new() };
    assert_eq!(
        report.text(false),
        "acme against Acme 7 (acme.json, OpenAPI 3.0.3)\n\n\
         act  differs                     1 exchange  POST /items/{id}\n    \
         differs: request body: lacks `name`\n        success.json #0\n    \
         differs: request body /nam: is described nowhere; described are `at`, `name`\n        success.json #0 /nam\n\n\
         1 action: 1 differs. 1 exchange of 1 fixture compared\n"
    );
    let json = report.json();
    assert_eq!(json["holds"], false);
    assert_eq!(json["actions"][0]["endpoints"][0]["operationId"], "items/set");
    assert_eq!(json["actions"][0]["findings"][1]["places"][0]["pointer"], "/nam");
}
