//! The laws judged themselves: a healthy connector breaks none, and each of many broken ones breaks exactly the law that
//! names its fault.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]

mod answers;
mod auth;
mod declared;
mod files;
mod hooks;
mod params;
mod requests;
mod widgets;

use std::collections::BTreeSet;

use connector_core::ConnectorSpec;
use connector_testkit::contract::{Law, Violation, check};
use files::Files;

/// Writes the files and judges the connector.
pub(crate) fn judge(spec: &ConnectorSpec, files: &Files) -> Vec<Violation> {
    let dir = tempfile::tempdir().unwrap();
    files.write(dir.path());
    check(spec, dir.path())
}

/// The connector must break exactly these laws, and one violation must say `words`.
#[track_caller]
pub(crate) fn breaks(spec: &ConnectorSpec, files: &Files, laws: &[Law], words: &str) {
    let found = judge(spec, files);
    let got: BTreeSet<Law> = found.iter().map(|v| v.law).collect();
    let list = found.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    assert_eq!(got, laws.iter().copied().collect(), "\n{list}");
    assert!(found.iter().any(|v| v.detail.contains(words)), "no violation says `{words}`:\n{list}");
}

#[test]
fn a_healthy_connector_breaks_no_law() {
    let found = judge(&widgets::HEALTHY, &Files::healthy());
    assert!(found.is_empty(), "{}", found.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"));
}

#[test]
fn a_violation_names_law_trial_and_place() {
    let mut files = Files::healthy();
    files.edit("actions/create_widget/success.json", |v| {
        v["exchanges"][0]["request"]["url"] = "https://x.example/".into()
    });
    let found = judge(&widgets::HEALTHY, &files);
    let v = found.iter().find(|v| v.law == Law::Request).unwrap();
    assert_eq!(v.subject, "widgets::actions::create_widget::request::success");
    assert!(v.detail.contains("the fixture has https://x.example/"), "{v}");
    assert!(v.detail.contains("https://api.widgets.example/v1/widgets was sent"), "{v}");
}

#[test]
fn every_law_has_a_sentence_and_a_slug() {
    let slugs: BTreeSet<&str> = Law::ALL.iter().map(|l| l.slug()).collect();
    assert_eq!(slugs.len(), Law::ALL.len());
    for l in Law::ALL {
        assert!(l.sentence().ends_with('.') && l.sentence().starts_with(char::is_uppercase), "{l}: {}", l.sentence());
    }
}
