//! The rules about packages on made-up metadata.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use serde_json::{Value, json};

use super::*;

/// Metadata of packages: (name, version, dependencies). A dependency may be `dev:name`; a name with a version is not ours.
fn metadata(packages: &[(&str, &str, &[&str])]) -> Metadata {
    let id = |name: &str| {
        let version = packages.iter().find(|p| p.0 == name).map_or("0", |p| p.1);
        format!("{name}@{version}")
    };
    let list: Vec<Value> = packages
        .iter()
        .map(|(name, version, deps)| {
            let deps: Vec<Value> = deps
                .iter()
                .map(|d| match d.strip_prefix("dev:") {
                    Some(d) => json!({"name": d, "kind": "dev"}),
                    None => json!({"name": d, "kind": null}),
                })
                .collect();
            json!({"id": format!("{name}@{version}"), "name": name, "version": version, "dependencies": deps, "license": "MIT"})
        })
        .collect();
    let nodes: Vec<Value> = packages
        .iter()
        .map(|(name, version, deps)| {
            let deps: Vec<Value> = deps
                .iter()
                .map(|d| match d.strip_prefix("dev:") {
                    Some(d) => json!({"pkg": id(d), "dep_kinds": [{"kind": "dev"}]}),
                    None => json!({"pkg": id(d), "dep_kinds": [{"kind": null}]}),
                })
                .collect();
            json!({"id": format!("{name}@{version}"), "deps": deps})
        })
        .collect();
    let members: Vec<String> =
        packages.iter().filter(|p| p.1 == OURS).map(|(name, version, _)| format!("{name}@{version}")).collect();
    serde_json::from_value(json!({"packages": list, "workspace_members": members, "resolve": {"nodes": nodes}}))
        .unwrap()
}

const OURS: &str = "ours";

const GOOD: &[(&str, &str, &[&str])] = &[
    ("connector-core", OURS, &["serde", "dev:tokio"]),
    ("connector-http", OURS, &["connector-core", "reqwest"]),
    ("connector-testkit", OURS, &["connector-core", "tokio"]),
    ("jackfield-connector-acme", OURS, &["connector-core", "serde", "dev:reqwest"]),
    ("connectors", OURS, &["connector-core", "jackfield-connector-acme"]),
    ("jackfield-store", OURS, &["connector-core"]),
    ("jackfield-engine", OURS, &["connector-core", "jackfield-store"]),
    ("jackfield-server", OURS, &["jackfield-engine", "jackfield-store", "connector-core"]),
    ("jackfield", OURS, &["connectors", "jackfield-server", "connector-testkit"]),
    ("e2e", OURS, &["reqwest", "jackfield"]),
    ("serde", "1", &[]),
    ("tokio", "1", &[]),
    ("reqwest", "1", &["tokio"]),
];

/// The good workspace with one package replaced or added; the only violation's rule and text.
fn broken(change: &[(&'static str, &'static str, &'static [&'static str])]) -> Vec<(&'static str, String)> {
    let mut all: Vec<(&str, &str, &[&str])> = GOOD.to_vec();
    for c in change {
        all.retain(|p| !(p.0 == c.0 && p.1 == OURS));
        all.push(*c);
    }
    packages(&metadata(&all)).into_iter().map(|v| (v.rule, v.to_string())).collect()
}

fn only(change: &[(&'static str, &'static str, &'static [&'static str])], rule: &str, names: &str) {
    let found = broken(change);
    assert!(found.len() == 1 && found[0].0 == rule && found[0].1.contains(names), "{rule}: {found:?}");
    assert!(found[0].1.contains("why:") && found[0].1.contains("mend:"));
}

#[test]
fn the_good_workspace_is_good() {
    assert_eq!(broken(&[]), []);
}

#[test]
fn arrows_point_one_way() {
    only(&[("jackfield-store", OURS, &["connector-core", "jackfield-engine"])], "arrows", "jackfield-engine");
    only(&[("connector-http", OURS, &["connector-core", "connectors"])], "arrows", "connectors");
    only(&[("connectors", OURS, &["connector-core", "connector-http"])], "arrows", "connector crates");
    only(&[("jackfield-engine", OURS, &["connector-core", "connectors"])], "arrows", "connectors");
    only(&[("jackfield-engine", OURS, &["connector-core", "connector-http"])], "arrows", "connector-http");
    only(&[("jackfield-server", OURS, &["jackfield-engine", "connector-http"])], "arrows", "connector-http");
    only(&[("connector-core", OURS, &["serde", "xtask"]), ("xtask", OURS, &[])], "arrows", "nothing of ours");
    only(&[("connector-newcomer", OURS, &[])], "known-crate", "connector-newcomer");
}

#[test]
fn a_dev_dependency_is_no_arrow() {
    assert_eq!(broken(&[("jackfield-store", OURS, &["connector-core", "dev:jackfield-engine"])]), []);
}

#[test]
fn connectors_depend_on_little() {
    only(&[("jackfield-connector-acme", OURS, &["connector-core", "tokio"])], "connector-dependencies", "tokio");
    only(&[("jackfield-connector-acme", OURS, &["connector-http"])], "connector-dependencies", "connector-http");
    let found = broken(&[("jackfield-connector-acme", OURS, &["reqwest"])]);
    assert_eq!(found.iter().map(|f| f.0).collect::<Vec<_>>(), ["one-way-out", "connector-dependencies"]);
}

#[test]
fn only_one_crate_knows_the_http_client() {
    only(&[("jackfield", OURS, &["connectors", "reqwest"])], "one-way-out", "reqwest");
}

#[test]
fn the_core_reaches_no_runtime_however_far() {
    only(
        &[("connector-core", OURS, &["middle"]), ("middle", "1", &["deeper"]), ("deeper", "1", &["tokio"])],
        "core-is-pure",
        "connector-core -> middle -> deeper -> tokio",
    );
}

#[test]
fn banned_crates_and_second_versions() {
    only(&[("native-tls", "1", &[]), ("other", "1", &["native-tls"])], "banned-crate", "named by other");
    only(&[("reqwest", "2", &[])], "single-version", "2 versions: 1, 2");
}
