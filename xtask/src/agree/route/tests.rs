#![allow(clippy::unwrap_used)]
use serde_json::json;

use super::*;

fn description(servers: &Value, paths: &Value) -> Description {
    let root = json!({"openapi": "3.0.3", "info": {}, "servers": servers, "paths": paths});
    Description::parse("x.json", root.to_string().into_bytes()).unwrap()
}

/// `METHOD path {params}`, or why not.
fn lead(d: &Description, method: &str, url: &str, base: Option<&str>) -> String {
    let bases: Vec<Url<'_>> = base.into_iter().filter_map(Url::parse).collect();
    match route(std::slice::from_ref(d), method, &Url::parse(url).unwrap(), &bases) {
        Route::Found { operation: o, path, served_at } => {
            let filled: Vec<String> = path.iter().map(|(n, v)| format!("{n}={v}")).collect();
            let at = served_at.map(|s| format!(" at {s}")).unwrap_or_default();
            format!("{} {} {}{at}", o.method, o.path, filled.join(",")).trim_end().to_owned()
        }
        Route::Method { path, described } => {
            format!("{path} has {}", described.iter().map(|o| o.method).collect::<Vec<_>>().join(","))
        }
        Route::Nowhere => "nowhere".into(),
    }
}

#[test]
fn paths_lead_to_the_most_literal_template() {
    let op = || json!({"get": {}, "post": {}});
    let paths = json!({
        "/repos/{owner}/{repo}": op(),
        "/repos/{owner}/search": op(),
        "/repos/{owner}/{repo}/commits": op(),
        "/repos/{owner}/{repo}/commits/{ref}": {"get": {"parameters": [
            {"name": "ref", "in": "path", "x-multi-segment": true, "schema": {}}]}},
        "/repos/{owner}/{repo}/compare/{base}...{head}": op(),
        "/repos/{owner}/{repo}/contents/{path}": {"get": {"parameters": [
            {"name": "path", "in": "path", "x-multi-segment": true, "schema": {}}]}},
    });
    let d = description(&json!([{"url": "https://api.github.com/"}]), &paths);
    let at = |p: &str| lead(&d, "GET", &format!("https://api.github.com{p}"), None);
    assert_eq!(at("/repos/o/r?x=1"), "GET /repos/{owner}/{repo} owner=o,repo=r");
    assert_eq!(at("/repos/o/search/"), "GET /repos/{owner}/search owner=o");
    assert_eq!(
        at("/repos/o/r/compare/a%2Fb...c"),
        "GET /repos/{owner}/{repo}/compare/{base}...{head} owner=o,repo=r,base=a/b,head=c"
    );
    assert_eq!(at("/repos/o/r/contents/a/b"), "GET /repos/{owner}/{repo}/contents/{path} owner=o,repo=r,path=a/b");
    assert_eq!(at("/repos/o/r/contents"), "GET /repos/{owner}/{repo}/contents/{path} owner=o,repo=r,path=");
    assert_eq!(at("/repos/o/r/commits"), "GET /repos/{owner}/{repo}/commits owner=o,repo=r");
    assert_eq!(at("/repos/o"), "nowhere");
    assert_eq!(lead(&d, "DELETE", "https://api.github.com/repos/o/search", None), "/repos/{owner}/search has GET,POST");
}

#[test]
fn a_connection_may_have_an_address_of_its_own() {
    let paths = json!({"/repos/{o}": {"get": {}}, "/up/{o}": {
        "post": {"servers": [{"url": "https://uploads.github.com"}]}}});
    let d = description(&json!([{"url": "https://api.github.com"}]), &paths);
    let ghes = "https://git.acme.example/api/v3";
    assert_eq!(lead(&d, "GET", &format!("{ghes}/repos/o"), Some(ghes)), "GET /repos/{o} o=o");
    assert_eq!(lead(&d, "GET", "https://api.github.com/api/v3/repos/o", None), "nowhere");
    assert_eq!(
        lead(&d, "GET", "https://evil.example/repos/o", None),
        "GET /repos/{o} o=o at https://api.github.com",
        "the path is known, and the host is said to be another"
    );
    assert_eq!(lead(&d, "POST", "https://uploads.github.com/up/o", None), "POST /up/{o} o=o");
    assert_eq!(lead(&d, "POST", "https://api.github.com/up/o", None), "POST /up/{o} o=o at https://uploads.github.com");
    let jira = description(
        &json!([{"url": "https://your-domain.atlassian.net"}]),
        &json!({"/rest/api/3/issue/{k}": {"get": {}}}),
    );
    for base in ["https://example.atlassian.net", "https://api.atlassian.com/ex/jira/11223344"] {
        let url = format!("{base}/rest/api/3/issue/A-1");
        assert_eq!(lead(&jira, "GET", &url, None), "GET /rest/api/3/issue/{k} k=A-1");
    }
    let center = description(&json!([{"url": "http://jira.local:8080/jira/rest"}]), &json!({"/api/2/x": {"get": {}}}));
    assert_eq!(lead(&center, "GET", "https://jira.acme.example/rest/api/2/x", None), "GET /api/2/x");
}

#[test]
fn version_two_has_host_and_base_path() {
    let root =
        json!({"swagger": "2.0", "info": {}, "host": "slack.com", "basePath": "/api", "paths": {"/a.b": {"get": {}}}});
    let d = Description::parse("x.json", root.to_string().into_bytes()).unwrap();
    assert_eq!(lead(&d, "GET", "https://slack.com/api/a.b", None), "GET /a.b");
    assert_eq!(lead(&d, "GET", "https://slack.com/a.b", None), "nowhere");
    let gov = "https://slack-gov.com/api";
    assert_eq!(lead(&d, "GET", &format!("{gov}/a.b"), Some(gov)), "GET /a.b");
    assert!(Url::parse("{{secret.url}}").is_none() && Url::parse("https:///x").is_none());
}
