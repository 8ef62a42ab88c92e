//! Faults of what is made of the answers, and of the fixtures.

use connector_core::ActionDef;
use connector_testkit::contract::Law;
use serde_json::json;

use crate::{
    breaks,
    files::Files,
    widgets::{Create, HEALTHY, MADES, connector, fault},
};

macro_rules! broken {
    ($fault:ident) => {
        connector(const { &[ActionDef::of::<Create<{ fault::$fault }>>()] }, MADES)
    };
}

const SUCCESS: &str = "actions/create_widget/success.json";

#[test]
fn unwrapping_a_malformed_body() {
    breaks(&broken!(PANICS), &Files::healthy(), &[Law::NoPanic], "a panic");
}

#[test]
fn a_false_ok_taken_for_success() {
    breaks(&broken!(FALSE_IS_SUCCESS), &Files::healthy(), &[Law::Failure], "the service says it failed");
}

#[test]
fn wrong_error_kind() {
    breaks(&broken!(WRONG_KIND), &Files::healthy(), &[Law::ErrorKind], "the kind should be auth, it is internal");
}

#[test]
fn wrong_retry_advice() {
    breaks(&broken!(WRONG_RETRY), &Files::healthy(), &[Law::RetryAdvice], "the pause should be 30 s, it is none");
}

#[test]
fn a_secret_in_an_error() {
    breaks(&broken!(LEAKS), &Files::healthy(), &[Law::NoLeak], "the error shows secret `api_token`");
}

#[test]
fn a_secret_in_the_log() {
    breaks(&broken!(LOGS_THE_URL), &Files::healthy(), &[Law::NoLeak], "the log shows secret `api_token`");
}

#[test]
fn refusing_fields_that_the_service_adds() {
    breaks(&broken!(STRICT_ANSWER), &Files::healthy(), &[Law::UnknownFields], "with unknown fields in the answer");
}

#[test]
fn a_malformed_answer_as_an_internal_error() {
    breaks(&broken!(MALFORMED_IS_INTERNAL), &Files::healthy(), &[Law::BrokenAnswers], "should be a `protocol` error");
}

#[test]
fn another_output_than_the_fixture() {
    let files = Files::with(SUCCESS, |v| v["expect"]["output"]["id"] = "w_2".into());
    breaks(&HEALTHY, &files, &[Law::Output], "/id: the fixture has \"w_2\", it is \"w_1\"");
}

#[test]
fn a_success_that_is_none() {
    let files = Files::with("actions/create_widget/error__auth.json", |v| {
        v["exchanges"][0]["response"] = json!({
            "status": 200, "json": {"ok": true, "widget": {"id": "w", "name": "n"}}
        })
    });
    breaks(&HEALTHY, &files, &[Law::Failure], "came to success");
}

#[test]
fn an_input_that_does_not_validate() {
    let files = Files::with(SUCCESS, |v| v["input"]["size"] = "3".into());
    breaks(&HEALTHY, &files, &[Law::Input, Law::Request, Law::Output], "/size: must be a whole number");
}

#[test]
fn a_url_that_no_fake_can_stand_in_for() {
    let mut files = Files::healthy();
    files.edit_actions(|v| v["exchanges"][0]["request"]["url"] = "https://elsewhere.example/v1/widgets".into());
    let spec = broken!(OTHER_HOST).hosts(&["{base_url}", "elsewhere.example"]);
    breaks(&spec, &files, &[Law::FakeService], "no fake can stand in for it");
}

#[test]
fn no_answer_429() {
    let mut files = Files::healthy();
    files.remove("actions/create_widget/rate_limited.json");
    breaks(&HEALTHY, &files, &[Law::Cases], "no answer 429");
}

#[test]
fn a_field_that_no_fixture_gives() {
    let mut files = Files::healthy();
    files.edit_actions(|v| {
        v["input"].as_object_mut().unwrap().remove("size");
        for exchange in v["exchanges"].as_array_mut().unwrap() {
            exchange["request"]["json"]["size"] = serde_json::Value::Null;
        }
    });
    breaks(&HEALTHY, &files, &[Law::EveryField], "no fixture gives the field `size`");
}

#[test]
fn no_success() {
    let mut files = Files::healthy();
    files.remove(SUCCESS);
    breaks(&HEALTHY, &files, &[Law::Cases], "no success");
}

#[test]
fn no_error() {
    let mut files = Files::healthy();
    files.remove("actions/create_widget/error__auth.json");
    files.remove("actions/create_widget/error__taken.json");
    breaks(&HEALTHY, &files, &[Law::Cases], "no error of the service");
}

#[test]
fn an_orphan() {
    let mut files = Files::healthy();
    files.put("actions/delete_widget/success.json", files.get(SUCCESS));
    breaks(&HEALTHY, &files, &[Law::NoOrphans], "there is no action `delete_widget`");
}

#[test]
fn a_webhook_called_by_another_name() {
    let mut files = Files::healthy();
    files.put("webhooks/gadget.json", files.get("webhooks/widget.json"));
    breaks(&HEALTHY, &files, &[Law::NoOrphans], "should be called widget.json");
}

#[test]
fn no_origin() {
    let files = Files::with(SUCCESS, |v| drop(v.as_object_mut().unwrap().remove("origin")));
    breaks(&HEALTHY, &files, &[Law::Origins], "success.json: it has no `origin`");
}

#[test]
fn an_unknown_kind_of_origin() {
    let files = Files::with(SUCCESS, |v| v["origin"]["kind"] = "invented".into());
    breaks(&HEALTHY, &files, &[Law::Origins], "origin kind `invented`");
}

#[test]
fn a_real_secret_in_a_fixture() {
    let token = format!("ghp_{}", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8");
    let files = Files::with(SUCCESS, |v| v["exchanges"][0]["response"]["json"]["widget"]["note"] = token.into());
    breaks(&HEALTHY, &files, &[Law::NoSecrets], "GitHub token `ghp_a1B2…");
}

#[test]
fn a_file_that_is_no_fixture() {
    let mut files = Files::healthy();
    files.put("webhooks/widget__x.json", json!({"jsn": {}}));
    breaks(&HEALTHY, &files, &[Law::Readable], "unknown field `jsn`");
}

#[test]
fn no_fixture_at_all() {
    let dir = tempfile::tempdir().unwrap();
    let laws: std::collections::BTreeSet<Law> =
        connector_testkit::contract::check(&HEALTHY, dir.path()).iter().map(|v| v.law).collect();
    assert_eq!(laws, [Law::Cases, Law::EveryField, Law::TriggerFixtures, Law::Identity, Law::Readable].into());
}
