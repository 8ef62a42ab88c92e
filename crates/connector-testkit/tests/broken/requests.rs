//! Faults of what is sent.

use connector_core::ActionDef;
use connector_testkit::contract::Law;

use crate::{
    breaks,
    files::Files,
    widgets::{Create, MADES, connector, fault},
};

macro_rules! broken {
    ($fault:ident) => {
        connector(const { &[ActionDef::of::<Create<{ fault::$fault }>>()] }, MADES)
    };
}

#[test]
fn wrong_url() {
    breaks(&broken!(WRONG_URL), &Files::healthy(), &[Law::Request], "/v1/widget was sent");
}

#[test]
fn missing_header() {
    breaks(
        &broken!(MISSING_HEADER),
        &Files::healthy(),
        &[Law::Request],
        "header `x-widgets-version`: the fixture has it",
    );
}

#[test]
fn extra_header() {
    breaks(&broken!(EXTRA_HEADER), &Files::healthy(), &[Law::Request], "header `x-debug`: `1` was sent");
}

#[test]
fn wrong_body() {
    breaks(&broken!(WRONG_BODY), &Files::healthy(), &[Law::Request], "body /size: the fixture has 3, it is 4");
}

#[test]
fn undeclared_host() {
    let mut files = Files::healthy();
    files.edit_actions(|v| v["exchanges"][0]["request"]["url"] = "https://elsewhere.example/v1/widgets".into());
    breaks(&broken!(OTHER_HOST), &files, &[Law::Hosts], "elsewhere.example is not declared");
}

#[test]
fn asking_once_more_than_the_fixture() {
    // The second answer is then not the one that the fixture gives, so the results differ too.
    let found = crate::judge(&broken!(ASKS_TWICE), &Files::healthy());
    assert!(found.iter().any(|v| v.law == Law::Request && v.detail.contains("more requests than the fixture has")));
}

#[test]
fn a_swallowed_difference_is_still_seen() {
    let found = crate::judge(&broken!(SWALLOWS), &Files::healthy());
    assert!(found.iter().any(|v| v.law == Law::Request && v.detail.contains("/v1/ping was sent")));
}

#[test]
fn an_exchange_that_is_never_used() {
    let files = Files::with("actions/create_widget/success.json", |v| {
        let again = v["exchanges"][0].clone();
        v["exchanges"].as_array_mut().unwrap().push(again);
    });
    breaks(&crate::widgets::HEALTHY, &files, &[Law::Request], "an exchange was not used");
}
