//! Whole exchanges against small descriptions, one for each kind of finding.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod command;

use serde_json::{Value, json};

use super::{
    description::Description,
    explain::Explanation,
    finding::Class,
    fixture::Fixture,
    report::{Row, Verdict},
};

fn three() -> Value {
    let json_of = |schema: Value| json!({"content": {"application/json": {"schema": schema}}});
    json!({
        "openapi": "3.0.3",
        "info": {"title": "Acme", "version": "7"},
        "servers": [{"url": "https://api.acme.example.io/v1"}],
        "paths": {"/items/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "integer"}}],
            "get": {"operationId": "items/get", "parameters": [
                {"name": "fields", "in": "query", "schema": {"type": "array", "items": {"enum": ["a", "b"]}}},
                {"name": "ids", "in": "query", "style": "form", "explode": false, "required": true,
                    "schema": {"type": "array", "items": {"type": "integer"}, "maxItems": 2}},
                {"name": "filter", "in": "query", "style": "deepObject", "schema": {"type": "object"}},
                {"name": "words", "in": "query", "description": "A comma-separated list.", "schema": {"type": "array", "items": {"type": "string"}}},
                {"name": "X-Mode", "in": "header", "required": true, "schema": {"enum": ["fast"]}},
            ], "responses": {
                "200": json_of(json!({"required": ["id"], "properties": {"id": {"type": "integer"}}})),
                "202": json_of(json!({})),
                "4XX": json_of(json!({"properties": {"message": {"type": "string"}}})),
            }},
            "post": {"operationId": "items/set", "requestBody": {"required": true, "content": {
                "application/json": {
                    "schema": {"required": ["name"], "properties": {"name": {"type": "string"}, "at": {"type": "string"}}},
                    "examples": {"odd": {"value": {"name": "x", "at": 5, "more": 1}}},
                },
                "multipart/form-data": {"schema": {"required": ["file"], "properties": {"file": {}, "note": {}}}},
                "application/octet-stream": {},
                "application/x-www-form-urlencoded": {"schema": {"properties": {"n": {"type": "integer"}, "tags": {"type": "array", "items": {"enum": ["t"]}}}}},
            }}, "responses": {"204": {"description": "done"}}},
        }},
    })
}

fn two() -> Value {
    let ok = json!({"type": "object", "required": ["ok", "ts"], "properties": {"ok": {"enum": [true]}, "ts": {"type": "string"}}});
    let failed =
        json!({"required": ["ok", "error"], "properties": {"ok": {"enum": [false]}, "error": {"enum": ["no_text"]}}});
    let field = |name: &str, kind: &str, required: bool, words: &str| json!({"name": name, "in": "formData", "type": kind, "required": required, "description": words});
    json!({
        "swagger": "2.0", "info": {"title": "Talk", "version": "1"}, "host": "talk.io", "basePath": "/api",
        "paths": {"/post": {"post": {
            "operationId": "post", "consumes": ["application/x-www-form-urlencoded", "application/json"],
            "parameters": [
                {"name": "token", "in": "header", "required": true, "type": "string"},
                field("channel", "string", true, "Where."),
                field("blocks", "string", false, "A JSON-based array."),
                field("count", "integer", false, "How many."),
                {"name": "users", "in": "formData", "type": "array", "items": {"type": "integer"}},
            ],
            "responses": {"200": {"schema": ok}, "default": {"schema": failed}},
        }}},
    })
}

/// The row of an action with this one fixture.
fn row_of(description: &Value, fixture: &Value) -> Row {
    let d = [Description::parse("x.json", description.to_string().into_bytes()).unwrap()];
    let mut row = super::row("act", &[Fixture::of(fixture)], &d);
    row.judge(&[], &mut []);
    row
}

fn exchange(method: &str, path: &str, request: Value, status: u64, response: Value) -> Value {
    let mut request = request;
    request["method"] = method.into();
    request["url"] = path.into();
    let mut response = response;
    response["status"] = status.into();
    json!({"input": {}, "exchanges": [{"request": request, "response": response}], "expect": {"output": {}}})
}

fn get(query: &str, status: u64, response: Value) -> Value {
    let request = json!({"headers": {"X-Mode": "fast"}});
    exchange("GET", &format!("https://api.acme.example.io/v1/items/5?{query}"), request, status, response)
}

fn set(request: Value) -> Value {
    exchange("POST", "https://api.acme.example.io/v1/items/5", request, 204, json!({}))
}

fn post(request: Value, status: u64, response: Value) -> Value {
    exchange("POST", "https://talk.io/api/post", request, status, response)
}

fn texts(row: &Row) -> Vec<(Class, String)> {
    row.findings.iter().map(|f| (f.class, f.text.clone())).collect()
}

/// Each fixture comes to exactly this one finding; `None`: to none.
fn each(description: &Value, cases: &[(Value, Option<(Class, &str)>)]) {
    for (fixture, want) in cases {
        let found = texts(&row_of(description, fixture));
        match want {
            None => assert_eq!(found, [], "{fixture}"),
            Some((class, text)) => {
                assert!(found.len() == 1 && found[0].0 == *class && found[0].1.contains(text), "{text}: {found:#?}");
            }
        }
    }
}

use Class::{Abridged, Contradicted, Deliberate, Differs, Elsewhere, Extra, Status, Undescribed};

#[test]
fn paths_methods_and_parameters() {
    let ok = || json!({"json": {"id": 5}});
    let at = |method: &str, url: &str| exchange(method, url, json!({"headers": {"x-mode": "fast"}}), 200, ok());
    let mut no_header = get("ids=1", 200, ok());
    no_header["exchanges"][0]["request"]["headers"] = json!({});
    each(
        &three(),
        &[
            (get("ids=1,2&fields=a&fields=b&filter%5Bx%5D=1&words=a,b", 200, ok()), None),
            (
                at("GET", "https://api.acme.example.io/v1/things"),
                Some((Undescribed, "GET api.acme.example.io/v1/things: the description has no such path")),
            ),
            (at("GET", "{{secret.url}}"), Some((Undescribed, "GET {{secret.url}}"))),
            (
                at("PUT", "https://api.acme.example.io/v1/items/5"),
                Some((Differs, "PUT /items/{id}: the description has this path with `GET`, `POST`")),
            ),
            (
                at("GET", "https://elsewhere.io/v1/items/5?ids=1"),
                Some((
                    Differs,
                    "GET /items/{id}: is sent to elsewhere.io; it is served at https://api.acme.example.io/v1",
                )),
            ),
            (
                at("GET", "https://api.acme.example.io/v1/items/five?ids=1"),
                Some((Differs, "path parameter `id`: is a string; described is an integer")),
            ),
            (get("", 200, ok()), Some((Differs, "query parameter `ids`: is required and not sent"))),
            (
                get("ids=1&idz=2", 200, ok()),
                Some((Differs, "query parameter `idz`: is described nowhere; described are `fields`, `ids`")),
            ),
            (get("ids=1,x", 200, ok()), Some((Differs, "query parameter `ids`: is a string; described is an integer"))),
            (get("ids=1,2,3", 200, ok()), Some((Differs, "query parameter `ids`: has 3 items; at most 2"))),
            (get("ids=1&fields=a,b", 200, ok()), Some((Differs, "query parameter `fields`: is one text with commas"))),
            (get("ids=1&fields=c", 200, ok()), Some((Differs, "query parameter `fields`: `c` is none of `a`, `b`"))),
            (no_header, Some((Differs, "header `x-mode`: is required and not sent"))),
        ],
    );
}

#[test]
fn bodies_of_requests() {
    let form = |n: &str, tag: &str| json!({"form": [["n", n], ["tags", "t"], ["tags", tag]]});
    let part = |name: &str| {
        let head = format!("--b1\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"a.txt\"\r\n\r\n");
        json!({"headers": {"Content-Type": "multipart/form-data; boundary=b1"}, "text": format!("{head}hello\r\n--b1--\r\n")})
    };
    each(
        &three(),
        &[
            (set(json!({"json": {"name": "x"}})), None),
            (set(json!({})), Some((Differs, "request body: is required and not sent"))),
            (set(json!({"json": {}})), Some((Differs, "request body: lacks `name`"))),
            (
                set(json!({"json": {"name": "x", "nmae": 1}})),
                Some((Differs, "request body /nmae: is described nowhere")),
            ),
            (
                set(json!({"json": {"name": 1}})),
                Some((Differs, "request body /name: is an integer; described is a string")),
            ),
            // The vendor's own example has a number there, too.
            (set(json!({"json": {"name": "x", "at": 9}})), Some((Contradicted, "request body /at: is an integer"))),
            (
                set(json!({"json": {"name": "x", "more": 2}})),
                Some((Contradicted, "request body /more: is described nowhere")),
            ),
            (set(json!({"json": {"name": "{{secret.x}}"}})), None),
            (
                set(json!({"headers": {"content-type": "text/plain"}, "text": "x"})),
                Some((Differs, "request body: is text/plain; described is")),
            ),
            (set(json!({"headers": {"content-type": "application/octet-stream"}, "base64": "AAE="})), None),
            (set(part("file")), None),
            (set(form("5", "t")), None),
            (set(form("x", "t")), Some((Differs, "request body /n: is a string; described is an integer"))),
            (set(form("5", "u")), Some((Differs, "request body /tags/*: `u` is none of `t`"))),
        ],
    );
    let found = texts(&row_of(&three(), &set(part("fiel"))));
    assert!(
        found.len() == 2
            && found[0].1.contains("part `fiel` is described nowhere")
            && found[1].1.contains("lacks the part `file`")
    );
}

#[test]
fn forms_of_version_two() {
    let ok = || json!({"json": {"ok": true, "ts": "1"}});
    let auth = json!({"authorization": "Bearer {{secret.token}}"});
    let json_of = |body: Value| post(json!({"headers": auth, "json": body}), 200, ok());
    let form_of = |body: Value| post(json!({"headers": auth, "form": body}), 200, ok());
    each(
        &two(),
        &[
            (json_of(json!({"channel": "C", "blocks": [{"type": "section"}], "count": 1, "users": [1]})), None),
            (form_of(json!({"channel": "C", "blocks": "[]", "count": "1", "users": "1,2"})), None),
            (json_of(json!({"count": 1})), Some((Differs, "request body: lacks `channel`"))),
            (
                json_of(json!({"channel": ["C"]})),
                Some((Differs, "request body /channel: is an array; described is a string")),
            ),
            (
                form_of(json!({"channel": "C", "count": "x"})),
                Some((Differs, "request body /count: is a string; described is an integer")),
            ),
            (
                form_of(json!({"channel": "C", "users": "1,x"})),
                Some((Differs, "request body /users: is a string; described is an integer")),
            ),
            (
                json_of(json!({"channel": "C", "chanel": "C"})),
                Some((Differs, "request body /chanel: is described nowhere")),
            ),
            (
                post(json!({"json": {"channel": "C"}}), 200, ok()),
                Some((Differs, "header `token`: is required and not sent")),
            ),
        ],
    );
}

#[test]
fn answers() {
    let body = |json: Value| json!({"json": json});
    let failing = |status: u64, kind: &str, response: Value| {
        let mut f = get("ids=1", status, response);
        f["expect"] = json!({"error": {"kind": kind, "retry": "never"}});
        f
    };
    let html = || json!({"headers": {"content-type": "text/html"}, "text": "<html>"});
    each(
        &three(),
        &[
            (get("ids=1", 200, body(json!({}))), Some((Abridged, "response body: lacks `id`"))),
            (
                get("ids=1", 200, body(json!({"id": 5, "new": 1}))),
                Some((Extra, "response body /new: is described nowhere; described are `id`")),
            ),
            (
                get("ids=1", 200, body(json!({"id": "5"}))),
                Some((Differs, "response body /id: is a string; described is an integer")),
            ),
            (get("ids=1", 202, json!({})), None),
            (get("ids=1", 200, json!({})), Some((Differs, "response body: is empty; JSON is described"))),
            (
                get("ids=1", 200, html()),
                Some((Differs, "response body: is text/html; described is `application/json`")),
            ),
            (
                get("ids=1", 201, body(json!({"id": 5}))),
                Some((Differs, "response status 201: is not described; described are `200`, `202`, `4XX`")),
            ),
            (failing(404, "not_found", body(json!({"message": "x"}))), None),
            (
                failing(404, "not_found", body(json!({"message": 1}))),
                Some((Differs, "response body /message: is an integer")),
            ),
            (failing(404, "not_found", json!({})), Some((Abridged, "response body: is left out"))),
            (failing(503, "upstream_unavailable", html()), Some((Status, "response status 503: is not described"))),
            (failing(404, "protocol", html()), Some((Deliberate, "response body: is text/html"))),
            (failing(200, "protocol", body(json!({"id": "5"}))), Some((Deliberate, "response body /id: is a string"))),
            (
                failing(200, "protocol", json!({"headers": {"content-type": "application/json"}, "text": "{\"id\":"})),
                Some((Deliberate, "response body: is no JSON")),
            ),
        ],
    );
    let sent = || json!({"headers": {"authorization": "x"}, "json": {"channel": "C"}});
    each(
        &two(),
        &[
            (post(sent(), 200, body(json!({"ok": false, "error": "no_text"}))), None),
            (post(sent(), 503, body(json!({"ok": false, "error": "no_text"}))), None),
            (
                post(sent(), 200, body(json!({"ok": false, "error": "new"}))),
                Some((Differs, "response body /error: `new` is none of `no_text`")),
            ),
            (
                post(sent(), 200, body(json!({"ok": true, "ts": 1}))),
                Some((Differs, "response body /ts: is an integer; described is a string")),
            ),
        ],
    );
}

#[test]
fn the_media_type_that_was_asked_for_chooses_the_schema() {
    let schema = |kind: &str| json!({"schema": {"properties": {"type": {"enum": [kind]}}}});
    let content =
        json!({"application/json": schema("file"), "application/vnd.acme.object": schema("dir"), "text/csv": {}});
    let root = json!({"openapi": "3.1.0", "servers": [{"url": "https://a.io"}],
        "paths": {"/x": {"get": {"responses": {"200": {"content": content}}}}}});
    let ask = |accept: &str, response: Value| {
        exchange("GET", "https://a.io/x", json!({"headers": {"accept": accept}}), 200, response)
    };
    let typed = |media: &str| json!({"headers": {"content-type": media}, "text": "a,b"});
    each(
        &root,
        &[
            (ask("application/vnd.acme.object+json", json!({"json": {"type": "dir"}})), None),
            (ask("application/json", json!({"json": {"type": "dir"}})), Some((Differs, "`dir` is none of `file`"))),
            (ask("text/csv", typed("text/csv; charset=utf-8")), None),
            (
                ask("x", typed("application/vnd.acme.raw+json")),
                Some((Differs, "is application/vnd.acme.raw+json; described is")),
            ),
        ],
    );
}

#[test]
fn a_list_of_paths_says_nothing_of_bodies() {
    let root = json!({"openapi": "3.0.0", "servers": [{"url": "http://jira.local/rest"}], "paths": {"/api/2/x": {
        "post": {"parameters": [{"name": "a", "in": "query", "schema": {}}], "responses": {"200": {"description": ""}}}}}});
    let ask = |query: &str| {
        exchange(
            "POST",
            &format!("https://j.acme.io/rest/api/2/x?{query}"),
            json!({"json": {"b": 1}}),
            201,
            json!({"json": {}}),
        )
    };
    each(&root, &[(ask("a=1"), Some((Class::Unchecked, "the description has no bodies")))]);
    let found = texts(&row_of(&root, &ask("b=1")));
    assert!(found.iter().any(|f| f.0 == Differs && f.1.contains("query parameter `b`")), "{found:?}");
}

#[test]
fn an_address_that_the_service_gave_needs_no_description() {
    let first = exchange(
        "GET",
        "https://api.acme.example.io/v1/items/5?ids=1",
        json!({"headers": {"x-mode": "fast"}}),
        200,
        json!({"json": {"id": 5}, "headers": {"location": "https://up.acme.example.io/a 1"}}),
    );
    let second = exchange("PUT", "https://up.acme.example.io/a%201", json!({"text": "x"}), 200, json!({}));
    let both = json!({"exchanges": [first["exchanges"][0], second["exchanges"][0]], "expect": {"output": {}}});
    each(&three(), &[(both, Some((Elsewhere, "PUT up.acme.example.io/a%201: an earlier answer gave this address")))]);
}

#[test]
fn the_same_finding_is_told_once_and_explained_once() {
    let d = [Description::parse("x.json", three().to_string().into_bytes()).unwrap()];
    let broken = Fixture::of(&set(json!({"json": {"name": 1}})));
    let mut row = super::row("act", &[broken, Fixture::of(&set(json!({"json": {"name": 2}})))], &d);
    let because = |action: &str, what: &str| Explanation { action: action.into(), what: what.into(), why: "so".into() };
    let all = [because("act", "request body /name"), because("other", "request body"), because("*", "response")];
    let mut used = [false; 3];
    row.judge(&all, &mut used);
    assert_eq!((row.findings.len(), row.findings[0].places.len()), (1, 2));
    assert_eq!(row.findings[0].places[1].pointer, "/name");
    assert_eq!((row.verdict, used), (Verdict::Agrees, [true, false, false]));
    row.findings[0].why = None;
    row.judge(&[], &mut []);
    assert_eq!(row.verdict, Verdict::Differs);
    let nowhere = exchange("GET", "https://api.acme.example.io/v2/x", json!({}), 200, json!({}));
    assert_eq!(row_of(&three(), &nowhere).verdict, Verdict::NotDescribed);
    assert_eq!(row_of(&three(), &json!({"expect": {}})).verdict, Verdict::SendsNothing);
}
