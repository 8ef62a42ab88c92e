//! What people type into a connection: every mistake on its field by REST and command, values in their canonical form,
//! options from the service.

use std::process::Command;

use serde_json::{Value, json};
use wiremock::{
    Mock, MockServer, Request, ResponseTemplate,
    matchers::{method, path},
};

use crate::gateway::{BINARY, Gateway, text};

fn fields(v: &Value) -> Vec<(&str, &str)> {
    let list = v["error"]["fields"].as_array().unwrap().iter();
    list.map(|f| (f["pointer"].as_str().unwrap(), f["message"].as_str().unwrap())).collect()
}

#[tokio::test]
async fn every_mistake_stands_on_its_field_and_quotes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let g = Gateway::start(&dir.path().join("state"), &[]);
    let wrong = json!({"connector": "jira", "limits": ["often"], "values": {"site": "SHOWN.example", "email": "SHOWN",
        "api_token": "Bearer SHOWN", "project_key": "SHOWN-1", "custom_fields": "SHOWN", "deplyment": "SHOWN"}});
    let (status, v) = g.try_put("/v1/connections/j", wrong).await;
    assert_eq!(status, 422, "{v}");
    let found = fields(&v);
    let at: Vec<&str> = found.iter().map(|f| f.0).collect();
    assert_eq!(
        at,
        [
            "/limits/0",
            "/values/api_token",
            "/values/custom_fields",
            "/values/deplyment",
            "/values/email",
            "/values/project_key",
            "/values/site"
        ]
    );
    assert!(!v.to_string().contains("SHOWN"), "{v}");
    assert!(found[1].1.contains("without the words before it"), "{found:?}");
    assert!(found[3].1.contains("did you mean `deployment`?"), "{found:?}");

    let out = g.cli(&["connections", "put", "j", "--connector", "jira", "--set", "site=example", "--set", "email=x"]);
    assert_eq!(out.status.code(), Some(1));
    let said = text(&out.stderr);
    for field in ["site", "email", "api_token"] {
        assert!(said.contains(field), "{said}");
    }
}

#[tokio::test]
async fn values_come_from_the_environment_and_are_kept_in_one_form() {
    let dir = tempfile::tempdir().unwrap();
    let state = dir.path().join("state");
    let g = Gateway::start(&state, &[]);
    let out = Command::new(BINARY)
        .args(["connections", "put", "j", "--connector", "jira", "--set", "project_key=eng", "--json", "--state-dir"])
        .arg(&state)
        .env("JACKFIELD_SET_JIRA_SITE", "HTTPS://Jira.Example.com:443/jira/")
        .env("JACKFIELD_SET_JIRA_DEPLOYMENT", "data_center")
        .env("JACKFIELD_SET_JIRA_EMAIL", "is not asked for here")
        .env("JACKFIELD_SET_JIRA_PROJECT_KEY", "OTHER")
        .env("JACKFIELD_SET_JIRA_API_TOKEN", "canary-of-the-environment")
        .output()
        .unwrap();
    assert!(out.status.success(), "{}", text(&out.stderr));
    let v: Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!(
        v["values"],
        json!({"site": "https://jira.example.com/jira", "deployment": "data_center", "project_key": "ENG"})
    );
    assert_eq!(v["secrets"], json!(["api_token"]));
    assert!(!text(&out.stdout).contains("canary"));
    drop(g);
}

/// Three projects, two a page; a search finds those with the text.
fn projects(request: &Request) -> ResponseTemplate {
    let of = |name: &str| request.url.query_pairs().find(|(n, _)| n == name).map(|(_, v)| v.into_owned());
    let start: usize = of("startAt").map_or(0, |s| s.parse().unwrap());
    let wanted = of("query").unwrap_or_default();
    let all: Vec<Value> = ["ENG", "OPS", "WEB"]
        .iter()
        .filter(|k| k.contains(&wanted))
        .map(|k| json!({"id": "1", "key": k, "name": format!("The {k}s")}))
        .collect();
    let page: Vec<&Value> = all.iter().skip(start).take(2).collect();
    let last = start + page.len() >= all.len();
    ResponseTemplate::new(200)
        .set_body_json(json!({"startAt": start, "maxResults": 2, "total": all.len(), "isLast": last, "values": page}))
}

#[tokio::test]
async fn a_form_shows_what_the_service_has() {
    let dir = tempfile::tempdir().unwrap();
    let fake = MockServer::start().await;
    Mock::given(method("GET")).and(path("/rest/api/3/project/search")).respond_with(projects).mount(&fake).await;
    let allow = format!("127.0.0.1/32:{}", fake.address().port());
    let g = Gateway::start(&dir.path().join("state"), &["--allow-network", &allow]);
    g.put("/v1/connections/j", json!({"connector": "jira", "values": {"site": fake.uri(), "api_token": "t"}})).await;

    let v = g.get("/v1/connections/j/options/project_key").await;
    assert_eq!(
        v,
        json!({"more": false, "options": [
        {"label": "The ENGs", "value": "ENG"}, {"label": "The OPSs", "value": "OPS"}, {"label": "The WEBs", "value": "WEB"}]})
    );
    let v = g.get("/v1/connections/j/options/project_key?search=OPS").await;
    assert_eq!(v["options"].as_array().unwrap().len(), 1);
    let v = g.get("/v1/connections/j/options/deployment").await;
    assert_eq!(v["options"][1], json!({"label": "Data Center", "value": "data_center"}));

    let out = g.cli(&["connections", "options", "j", "project_key", "--search", "WEB"]);
    let said = text(&out.stdout);
    assert!(said.contains("WEB") && said.contains("The WEBs") && !said.contains("ENG"), "{said}");
    let out = g.cli(&["connections", "options", "j", "site"]);
    assert_eq!(out.status.code(), Some(1));
    assert!(text(&out.stderr).contains("those that have are deployment, project_key"), "{}", text(&out.stderr));
}
