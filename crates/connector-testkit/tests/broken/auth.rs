//! Faults of auth methods.

use connector_core::{
    AuthMethod, ConnectorSpec,
    auth::{Grant, OAuth2, Revocation},
};
use connector_testkit::contract::Law;

use crate::{breaks, files::Files, judge, widgets::HEALTHY};

fn oauth() -> OAuth2 {
    let mut oauth = OAuth2::new("https://widgets.example/authorize", "https://widgets.example/token", "api_token");
    (oauth.client_id_param, oauth.client_secret_param) = ("base_url".into(), None);
    oauth.revocation = Revocation::Unsupported { instead: "remove it there".into() };
    oauth
}

fn with(oauth: OAuth2) -> Vec<AuthMethod> {
    let grant = Grant::AuthorizationCode(oauth);
    vec![
        AuthMethod::given("token", "Token", &["api_token"]).description("A token."),
        AuthMethod::new("oauth", "OAuth", &[], &[], grant).description("Consent."),
    ]
}

#[track_caller]
fn broken(methods: fn() -> Vec<AuthMethod>, words: &str) {
    breaks(&spec(methods), &Files::healthy(), &[Law::AuthMethods], words);
}

fn spec(methods: fn() -> Vec<AuthMethod>) -> ConnectorSpec {
    HEALTHY.auth(methods)
}

#[test]
fn sound_methods_break_nothing() {
    let found = judge(&spec(|| with(oauth())), &Files::healthy());
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn an_asked_param_that_is_not_there() {
    broken(
        || vec![AuthMethod::given("token", "Token", &["api_token", "gone"]).description("A token.")],
        "has no param `gone`",
    );
}

#[test]
fn two_of_one_id() {
    broken(|| [with(oauth()), with(oauth())].concat(), "`oauth` is declared twice");
}

#[test]
fn a_token_that_becomes_no_secret() {
    broken(
        || with(OAuth2 { takes: vec![("/access_token".into(), "base_url".into())], ..oauth() }),
        "which is no secret param of the connection",
    );
}

#[test]
fn a_required_secret_from_nowhere() {
    broken(|| vec![AuthMethod::given("none", "None", &[]).description("Nothing.")], "the required secret `api_token`");
}

#[test]
fn an_address_that_is_not_https() {
    broken(|| with(OAuth2 { token_url: "http://widgets.example/token".into(), ..oauth() }), "is not https");
}

#[test]
fn an_address_with_a_secret_in_it() {
    broken(|| with(OAuth2 { token_url: "https://widgets.example/{api_token}".into(), ..oauth() }), "is no plain param");
}

#[test]
fn tokens_that_nobody_can_take_back() {
    let silent = || with(OAuth2 { revocation: Revocation::Unsupported { instead: String::new() }, ..oauth() });
    broken(silent, "nothing says what a person does instead");
}

#[test]
fn a_client_id_from_nowhere() {
    broken(|| with(OAuth2 { client_id_param: "gone".into(), ..oauth() }), "which is no plain param of the app");
}
