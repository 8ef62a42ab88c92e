//! Errors, pages and the validator.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use connector_core::{ErrorKind, connector::Validation};
use serde_json::json;

use super::*;
use connector_testkit::canned::{Answer, block_on, cx, response};

const NOW: &str = "2026-11-22T10:00:00Z";

fn err(status: u16, headers: &[(&'static str, &str)], body: Value) -> Error {
    error(&response(status, headers, body), NOW.parse().unwrap(), &[("title", "/title"), ("labels", "/labels")])
}

fn after(e: &Error) -> Option<u64> {
    e.retry().after().map(|d| d.as_secs())
}

#[test]
fn both_rate_limits_are_told_from_refusals() {
    let primary = [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1795341660")];
    for status in [403, 429] {
        let e = err(status, &primary, json!({"message": "API rate limit exceeded for user ID 1."}));
        assert_eq!((e.kind(), e.code(), after(&e)), (ErrorKind::RateLimited, Some("rate_limit"), Some(60)));
    }
    let e = err(403, &[("retry-after", "7"), ("x-ratelimit-remaining", "4000")], json!({"message": "wait"}));
    assert_eq!((e.kind(), e.code(), after(&e)), (ErrorKind::RateLimited, Some("secondary_rate_limit"), Some(7)));
    // The hourly reset says nothing about a burst.
    let told = [("x-ratelimit-remaining", "4000"), ("x-ratelimit-reset", "1795345200")];
    let e = err(403, &told, json!({"message": "You have exceeded a secondary rate limit."}));
    assert_eq!((e.kind(), after(&e)), (ErrorKind::RateLimited, Some(60)));
    let e = err(403, &primary, json!({"message": "Resource not accessible by integration"}));
    assert_eq!(e.kind(), ErrorKind::Permission);
}

#[test]
fn a_refusal_names_what_is_missing() {
    let wanted = [("x-accepted-github-permissions", "issues=write")];
    let e = err(403, &wanted, json!({"message": "Resource not accessible by personal access token"}));
    assert_eq!(e.kind(), ErrorKind::Permission);
    assert!(e.caller_text().contains("issues=write"));
    let sso = [("x-github-sso", "required; url=https://github.com/orgs/o/sso?authorization_request=SHOWN")];
    let e = err(403, &sso, json!({"message": "Resource protected by organization SAML enforcement."}));
    assert_eq!((e.kind(), e.code()), (ErrorKind::Permission, Some("sso_required")));
    assert!(!format!("{e:?}").contains("SHOWN"));
}

#[test]
fn refused_fields_become_pointers() {
    let e = err(
        422,
        &[],
        json!({"message": "Validation Failed", "errors": [
            {"resource": "Issue", "field": "title", "code": "missing_field"},
            {"resource": "Label", "field": "elsewhere", "code": "invalid"},
            "and a text",
        ]}),
    );
    assert_eq!((e.kind(), e.code()), (ErrorKind::InvalidInput, Some("missing_field")));
    let fields: Vec<(&str, &str)> = e.fields().iter().map(|f| (f.pointer.as_str(), f.message.as_str())).collect();
    assert_eq!(
        fields,
        [("/title", "is required"), ("", "elsewhere: does not have the form that GitHub wants"), ("", "and a text")]
    );
    let e = err(422, &[], json!({"errors": [{"resource": "Label", "field": "name", "code": "already_exists"}]}));
    assert_eq!((e.kind(), e.code()), (ErrorKind::Conflict, Some("already_exists")));
    // Two more forms that occur: one text, and nothing at all.
    assert_eq!(err(422, &[], json!({"message": "No", "errors": "one text"})).fields().len(), 1);
    assert!(err(422, &[], json!({"message": "Reference does not exist"})).caller_text().contains("Reference"));
}

#[test]
fn other_answers_have_their_kinds() {
    for (status, kind) in [
        (301, ErrorKind::NotFound),
        (307, ErrorKind::NotFound),
        (400, ErrorKind::InvalidInput),
        (401, ErrorKind::Auth),
        (404, ErrorKind::NotFound),
        (405, ErrorKind::Conflict),
        (409, ErrorKind::Conflict),
        (410, ErrorKind::NotFound),
        (451, ErrorKind::Permission),
        (502, ErrorKind::UpstreamUnavailable),
    ] {
        let e = err(status, &[("x-github-request-id", "A1:B2")], Value::Null);
        assert_eq!((e.kind(), e.status()), (kind, Some(status)));
        assert!(e.operator_text().contains("A1:B2"));
    }
}

#[test]
fn the_next_page_is_found_whatever_stands_before_it() {
    let link = "<https://api.github.com/repositories/1/issues?labels=a,b&page=1>; rel=\"prev\", \
                <https://api.github.com/repositories/1/issues?labels=a,b&page=3>; rel=\"next\", \
                <https://api.github.com/repositories/1/issues?page=9>; rel=\"last\"";
    assert_eq!(next_page(&response(200, &[("link", link)], json!([])), "page").as_deref(), Some("3"));
    let last = "<https://api.github.com/repositories/1/issues?page=1>; rel=\"first\"";
    assert_eq!(next_page(&response(200, &[("link", last)], json!([])), "page"), None);
    assert_eq!(next_page(&response(200, &[], json!([])), "page"), None);
}

fn validation(answers: Vec<Answer>) -> (Validation, Vec<Request>) {
    let (cx, sent) = cx(&crate::CONNECTOR, json!({"base_url": "https://api.github.com"}), answers);
    let v = block_on(connector_core::Connector::from(&crate::CONNECTOR).validate(&cx));
    (v, sent.take())
}

#[test]
fn the_validator_tells_the_account_and_its_scopes() {
    let user = json!({"login": "octocat", "id": 1, "name": "monalisa octocat"});
    let (v, sent) = validation(vec![Ok(response(200, &[("x-oauth-scopes", "repo, read:org")], user))]);
    assert!(v.errors.is_empty());
    assert_eq!((v.account.as_deref(), v.identity["user_id"].as_str()), (Some("octocat"), "1"));
    assert_eq!(v.scopes, ["repo", "read:org"]);
    assert_eq!(sent[0].url().unwrap().as_str(), "https://api.github.com/user");
}

#[test]
fn the_validator_knows_an_app_installation() {
    let (v, sent) = validation(vec![
        Ok(response(403, &[], json!({"message": "Resource not accessible by integration"}))),
        Ok(response(
            200,
            &[],
            json!({"total_count": 1, "repositories": [
                {"id": 1, "name": "r", "full_name": "o/r", "owner": {"login": "o", "id": 2}}
            ]}),
        )),
    ]);
    assert!(v.errors.is_empty(), "{:?}", v.errors);
    assert_eq!(v.account.as_deref(), Some("o (app installation)"));
    assert_eq!(sent[1].url().unwrap().path(), "/installation/repositories");
}

#[test]
fn the_validator_puts_its_errors_on_the_params() {
    let at = |answers: Vec<Answer>| validation(answers).0.errors[0].pointer.clone();
    assert_eq!(at(vec![Ok(response(401, &[], json!({"message": "Bad credentials"})))]), "/token");
    assert_eq!(at(vec![Ok(response(404, &[], json!({"message": "Not Found"})))]), "/base_url");
    assert_eq!(at(vec![Ok(response(200, &[], json!("<html>")))]), "/base_url");
    assert_eq!(at(vec![Err(Error::new(ErrorKind::UpstreamUnavailable, "no such host"))]), "/base_url");
    assert_eq!(at(vec![Err(Error::new(ErrorKind::Refused, "private address"))]), "/base_url");
    // GitHub's own trouble is no fault of a param.
    assert_eq!(at(vec![Ok(response(503, &[], Value::Null))]), "");
}

#[test]
fn names_of_several_segments_stay_below_their_place() {
    assert_eq!(segments("docs/a b#?.md", "/path").unwrap(), "docs/a%20b%23%3F.md");
    assert_eq!(segments("feature/ä", "/branch").unwrap(), "feature/%C3%A4");
    for wrong in ["", "/", "/a", "a/", "a//b", ".", "..", "a/../b", "./a"] {
        assert_eq!(segments(wrong, "/path").unwrap_err().fields()[0].pointer, "/path", "{wrong}");
    }
}

#[test]
fn names_from_outside_stay_below_repos() {
    // Callers from Rust come past the schema, and the schema's pattern takes dots.
    assert_eq!(repo_path("octo/../user", "a?b#c", "/issues"), "/repos/octo%2F..%2Fuser/a%3Fb%23c/issues");
    assert_eq!(repo_path("..", ".", "/issues"), "/repos///issues");
    let (cx, _) = cx(&crate::CONNECTOR, json!({}), vec![]);
    let url = request(&cx, Method::DELETE, &repo_path("o", "..", "/hooks/1")).unwrap().url().unwrap().to_string();
    assert_eq!(url, "https://api.github.com/repos/o//hooks/1");
}

#[test]
fn a_limit_is_a_limit_and_needs_no_second_look() {
    let limited =
        response(403, &[("retry-after", "7")], json!({"message": "You have exceeded a secondary rate limit."}));
    let (cx, _) = cx(&crate::CONNECTOR, json!({}), vec![Ok(limited)]);
    let e = block_on(ask(&cx, request(&cx, Method::GET, "/user/repos").unwrap(), 403, &[])).unwrap_err();
    assert_eq!((e.kind(), after(&e)), (ErrorKind::RateLimited, Some(7)));
}

#[test]
fn a_look_trusts_only_githubs_own_no() {
    let look = |answer: Response| {
        let (cx, _) = cx(&crate::CONNECTOR, json!({}), vec![Ok(answer)]);
        block_on(look(&cx, request(&cx, Method::GET, "/user").unwrap()))
    };
    assert!(look(response(200, &[], json!({}))).unwrap().is_some());
    assert!(look(response(404, &[], json!({"message": "Not Found"}))).unwrap().is_none());
    assert_eq!(look(response(404, &[], json!("<html>"))).unwrap_err().kind(), ErrorKind::Protocol);
    assert_eq!(look(response(403, &[], json!({"message": "no"}))).unwrap_err().kind(), ErrorKind::Permission);
}
