#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]
use serde_json::json;

use super::{
    form::{Control, Filled, Form, env_name, flag},
    *,
};

const BOT: TokenShape =
    TokenShape { prefixes: &[], mistaken: &[Mistaken { prefix: "xoxp-", words: "is a user token; give a bot token" }] };

fn infos(specs: &[ParamSpec]) -> Vec<ParamInfo> {
    specs.iter().map(ParamInfo::from).collect()
}

fn params() -> Vec<ParamInfo> {
    infos(&[
        ParamSpec::new("site", "Site").description("Where it is.").url(),
        ParamSpec::new("email", "E-mail").email().optional(),
        ParamSpec::new("limit", "Limit").data(DataType::Int).default("20").range(1.0, 100.0),
        ParamSpec::new("ratio", "Ratio").data(DataType::Number).optional().range(0.0, 0.5),
        ParamSpec::new("debug", "Debug").data(DataType::Bool).optional(),
        ParamSpec::new("kind", "Kind").select(&[SelectOption { label: "A", value: "a" }]).default("a"),
        ParamSpec::new("extra", "Extra").json().optional(),
        ParamSpec::new("field", "Field").data(DataType::Column).optional(),
        ParamSpec::new("key", "Key").pattern("^[A-Z]{2,10}$").pattern_hint("two to ten letters").upper().optional(),
        ParamSpec::new("nick", "Nick").length(2, 4).lower().optional(),
        ParamSpec::new("server", "Server").host().optional(),
        ParamSpec::secret("token", "Token").token(BOT),
    ])
}

fn given(v: Value) -> Map<String, Value> {
    v.as_object().unwrap().clone()
}

fn good(params: &[ParamInfo], v: Value) -> Cleaned {
    clean(params, &given(v), &[]).unwrap_or_else(|e| panic!("{e:?}"))
}

fn bad(params: &[ParamInfo], v: Value) -> Vec<(String, String)> {
    let errors = clean(params, &given(v), &[]).err().expect("it must be refused");
    errors.into_iter().map(|e| (e.pointer, e.message)).collect()
}

#[test]
fn values_are_cleaned_and_secrets_taken_apart() {
    let c = good(
        &params(),
        json!({"site": " HTTPS://X.example:443/ ", "limit": "7", "ratio": "0.25", "debug": "on", "extra": "{\"a\":1}",
            "email": "", "token": " t ", "field": "/a/b", "key": " eng ", "nick": "MIA", "server": "Bücher.Example"}),
    );
    assert_eq!(
        Value::Object(c.values),
        json!({"site": "https://x.example", "limit": 7, "ratio": 0.25, "debug": true, "kind": "a", "extra": {"a": 1},
            "field": "/a/b", "key": "ENG", "nick": "mia", "server": "xn--bcher-kva.example"})
    );
    assert_eq!(c.secrets.len(), 1);
    assert!(c.secrets[0].1.eq_constant_time(b"t"));
}

#[test]
fn cleaning_what_is_clean_changes_nothing() {
    let v = json!({"site": "https://x.example/a", "limit": 7.0, "extra": {"a": [1]}, "key": "ENG", "token": "t"});
    let once = good(&params(), v);
    assert_eq!(once.values["limit"], json!(7));
    let mut again = Value::Object(once.values.clone());
    again["token"] = json!("t");
    assert_eq!(good(&params(), again).values, once.values);
}

#[test]
fn every_wrong_field_is_named_and_no_value_shown() {
    let errors = bad(
        &params(),
        json!({"site": "ftp://SHOWN", "email": "SHOWN", "limit": "SHOWN", "ratio": "SHOWN", "debug": "SHOWN",
            "kind": "SHOWN", "extra": "SHOWN", "field": "SHOWN", "key": "SHOWN-1", "nick": "SHOWN", "server": "http://SHOWN",
            "more": "SHOWN"}),
    );
    let at: Vec<&str> = errors.iter().map(|e| e.0.as_str()).collect();
    assert_eq!(
        at,
        [
            "/debug", "/email", "/extra", "/field", "/key", "/kind", "/limit", "/more", "/nick", "/ratio", "/server",
            "/site", "/token"
        ]
    );
    assert!(errors.iter().all(|e| !e.1.contains("SHOWN")), "{errors:?}");
    let of = |id: &str| errors.iter().find(|e| e.0 == id).unwrap().1.as_str();
    assert_eq!(of("/key"), "must be two to ten letters");
    assert_eq!(of("/limit"), "must be a whole number");
    assert_eq!(of("/debug"), "must be yes or no");
    assert_eq!(of("/nick"), "must have at most 4 characters");
    assert_eq!(of("/token"), "is required");
    assert_eq!(of("/extra"), "is not valid JSON (line 1, column 1)");
}

#[test]
fn ranges_are_told_as_people_write_them() {
    let of = |v: Value| bad(&params()[2..4], v);
    assert_eq!(of(json!({"limit": 0, "ratio": 0.6})), [
        ("/limit".into(), "must be at least 1".into()),
        ("/ratio".into(), "must be at most 0.5".into())
    ]);
    assert_eq!(of(json!({"limit": "1.5"})), [("/limit".to_owned(), "must be a whole number".to_owned())]);
    assert!(of(json!({"limit": 1.5}))[0].1.contains("a whole number"));
}

#[test]
fn a_credential_from_the_wrong_place_is_told_before_it_is_kept() {
    let p = infos(&[ParamSpec::secret("token", "Token").token(BOT)]);
    assert_eq!(bad(&p, json!({"token": "xoxp-1-2"})), [("/token".into(), "is a user token; give a bot token".into())]);
    assert!(clean(&p, &given(json!({"token": "Bearer x"})), &[]).is_err());
    assert!(clean(&p, &given(json!({"token": "xoxb-1"})), &[]).is_ok());
}

#[test]
fn an_update_may_leave_a_stored_secret_out() {
    assert!(clean(&params(), &given(json!({"site": "https://x.example"})), &["token"]).is_ok());
}

#[test]
fn large_values_are_refused() {
    let p = infos(&[ParamSpec::new("a", "A"), ParamSpec::new("j", "J").json().optional()]);
    let long = "x".repeat(MAX_VALUE_BYTES);
    assert!(bad(&p, json!({"a": long}))[0].1.contains("too large"));
    assert!(bad(&p, json!({"a": "1", "j": [long]}))[0].1.contains("too large"));
    let many: Map<String, Value> = (0..1000).map(|i| (format!("x{i}"), json!(1))).collect();
    assert!(clean(&p, &many, &[]).err().unwrap().len() <= crate::schema::MAX_FIELD_ERRORS);
}

fn conditional() -> Vec<ParamInfo> {
    const KINDS: &[SelectOption] =
        &[SelectOption { label: "Cloud", value: "cloud" }, SelectOption { label: "Own", value: "own" }];
    infos(&[
        ParamSpec::new("kind", "Kind").select(KINDS).default("cloud"),
        ParamSpec::new("email", "E-mail").email().visible_if("kind", &["cloud"]),
        ParamSpec::new("proxy", "Proxy").data(DataType::Bool).optional().visible_if("kind", &["own"]),
        ParamSpec::new("proxy_url", "Proxy's URL").url().visible_if("proxy", &["true"]).fieldset("net"),
        ParamSpec::secret("proxy_key", "Proxy's key").visible_if("proxy", &["true"]).fieldset("net"),
    ])
}

#[test]
fn what_is_not_visible_is_neither_required_nor_kept() {
    let p = conditional();
    assert_eq!(bad(&p, json!({})), [("/email".into(), "is required".into())]);
    let c = good(&p, json!({"kind": "own", "email": "no address", "proxy_url": "x", "proxy_key": "k"}));
    assert_eq!(Value::Object(c.values), json!({"kind": "own"}));
    assert!(c.secrets.is_empty());
    // A form gives yes as text, and what hangs on a hidden param is hidden with it.
    let at: Vec<String> = bad(&p, json!({"kind": "own", "proxy": "on"})).into_iter().map(|e| e.0).collect();
    assert_eq!(at, ["/proxy_key", "/proxy_url"]);
    assert!(clean(&p, &given(json!({"email": "a@b.example", "proxy": true})), &[]).is_ok());
}

#[test]
fn conditions_that_go_round_end() {
    let p = infos(&[
        ParamSpec::new("a", "A").visible_if("b", &["1"]),
        ParamSpec::new("b", "B").visible_if("a", &["1"]),
    ]);
    assert!(good(&p, json!({"a": "1", "b": "1"})).values.is_empty());
}

#[test]
fn the_schema_says_what_cleaning_does() {
    let schema = params_schema(&conditional());
    let judge = crate::schema::Validator::new(schema.clone()).unwrap();
    for (v, ok) in [
        (json!({}), false),
        (json!({"email": "a@b.example"}), true),
        (json!({"kind": "own"}), true),
        (json!({"kind": "cloud"}), false),
    ] {
        assert_eq!(judge.is_valid(&v), ok, "{v}");
        assert_eq!(clean(&conditional(), &given(v.clone()), &[]).is_ok(), ok, "{v}");
    }
    assert_eq!(schema["properties"]["email"]["x-visible-if"], json!({"param": "kind", "values": ["cloud"]}));
    assert_eq!(schema["properties"]["proxy_url"]["x-fieldset"], "net");
    assert_eq!(schema["properties"]["proxy_key"]["writeOnly"], true);
    let all = params_schema(&params());
    assert_eq!(all["properties"]["limit"]["maximum"], 100);
    assert_eq!(all["properties"]["key"]["x-pattern-hint"], "two to ten letters");
    assert!(crate::schema::Validator::new(all).is_ok());
}

#[test]
fn files_are_kept_in_one_form() {
    let p = infos(&[
        ParamSpec::new("files", "Files").data(DataType::Json).input(InputType::Files).optional(),
        ParamSpec::new("key", "Key").input(InputType::EncryptedFile),
    ]);
    let pem = "-----BEGIN-----\nx\n-----END-----\n";
    let c = good(&p, json!({"files": {"name": "C:\\a\\b.txt", "type": "Text/Plain", "data": "aGk="}, "key": pem}));
    assert_eq!(c.values["files"], json!([{"name": "b.txt", "type": "text/plain", "data": "aGk="}]));
    assert!(c.secrets[0].1.eq_constant_time(pem.as_bytes()));
    let c = good(&p, json!({"files": [{"handle": "abc"}], "key": {"name": "k.pem", "data": "aGk="}}));
    assert_eq!(c.values["files"][0]["handle"], "abc");
    assert!(c.secrets[0].1.eq_constant_time(b"hi"));
    for (wrong, why) in [
        (json!({"data": "***"}), "base64"),
        (json!({"data": "aGk=", "handle": "x"}), "exactly one"),
        (json!({"name": "x"}), "exactly one"),
        (json!({"data": ""}), "empty"),
        (json!({"data": "aGk=", "type": "nonsense"}), "media type"),
        (json!({"data": "aGk=", "more": 1}), "must be an object"),
        (json!({"data": "AAAA".repeat(400_000)}), "1024 KiB"),
        (json!(7), "must be an object"),
        (json!([{"data": "aGk="}, {"data": "aGk="}, {"data": "aGk="}, {"data": "aGk="}, {"data": "aGk="},
            {"data": "aGk="}, {"data": "aGk="}, {"data": "aGk="}, {"data": "aGk="}]), "at most 8"),
    ] {
        let e = bad(&p, json!({"files": wrong, "key": "k"}));
        assert!(e.len() == 1 && e[0].0 == "/files" && e[0].1.contains(why), "{why}: {e:?}");
    }
    assert!(bad(&p, json!({"key": {"handle": "h"}}))[0].1.contains("with its content"));
}

#[test]
fn columns_are_resolved_per_event() {
    let p = infos(&[
        ParamSpec::new("title", "Title").data(DataType::Column),
        ParamSpec::new("who", "Who").data(DataType::Column).optional(),
        ParamSpec::new("limit", "Limit").data(DataType::Int).default("3"),
    ]);
    let values = given(json!({"title": "/issue/title", "who": "/nobody"}));
    let payload = json!({"issue": {"title": "It burns"}});
    assert_eq!(Value::Object(resolve(&p, &values, &payload).unwrap()), json!({"title": "It burns", "limit": 3}));
    let e = resolve(&p, &values, &json!({})).unwrap_err();
    assert_eq!((e.len(), e[0].pointer.as_str()), (1, "/title"));
    assert!(clean(&p, &given(json!({"title": "issue.title"})), &[]).err().unwrap()[0].message.contains("/issue/title"));
}

#[test]
fn a_form_is_grouped_filled_and_never_shows_a_secret() {
    let fieldsets = [FieldsetInfo { id: "net".into(), title: "Network".into(), description: String::new() }];
    let values = given(json!({"kind": "own", "proxy": "yes", "proxy_url": "nonsense", "proxy_key": "CANARY"}));
    let errors = [
        FieldError::new("/values/proxy_url", "is no URL"),
        FieldError::new("/email", "is required"),
        FieldError::new("", "does not work"),
    ];
    let set = ["proxy_key".to_owned()];
    let form =
        Form::new("acme", &conditional(), &fieldsets, Filled { values: Some(&values), set: &set, errors: &errors });
    let text = serde_json::to_string(&form).unwrap();
    assert!(!text.contains("CANARY"));
    let groups: Vec<(&str, usize)> = form.groups.iter().map(|g| (g.title.as_str(), g.fields.len())).collect();
    assert_eq!(groups, [("", 3), ("Network", 2)]);
    let of = |id: &str| form.fields().find(|f| f.id == id).unwrap();
    assert_eq!(of("proxy_url").error.as_deref(), Some("is no URL"));
    assert_eq!(of("proxy_url").value.as_deref(), Some("nonsense"));
    assert!(of("proxy_key").set && !of("proxy_key").required && of("proxy_key").value.is_none());
    assert!(!of("email").visible && !of("email").required);
    assert_eq!((of("proxy").control, of("proxy_url").control), (Control::Checkbox, Control::Url));
    assert_eq!((of("proxy_key").autocomplete, of("proxy_url").inputmode), ("new-password", "url"));
    // An error on a field that is not asked for is not lost.
    assert_eq!(form.errors, ["`email` is required", "does not work"]);
    let asked: Vec<&str> = form.asked().map(|f| f.id.as_str()).collect();
    assert_eq!(asked, ["kind", "proxy", "proxy_url", "proxy_key"]);
    assert_eq!(env_name("acme", "proxy_key"), "JACKFIELD_SET_ACME_PROXY_KEY");
    assert_eq!(flag(&conditional()[4]), "--set proxy_key=secret://env/NAME");
}

#[test]
fn nested_errors_stand_on_their_field() {
    let p = infos(&[ParamSpec::new("custom", "Custom").json().optional(), ParamSpec::new("cust", "C").optional()]);
    let errors = [FieldError::new("/custom/team/id", "must be a name")];
    let form = Form::new("acme", &p, &[], Filled { errors: &errors, ..Filled::default() });
    assert_eq!(form.groups[0].fields[0].error.as_deref(), Some("`team/id` must be a name"));
    assert_eq!(form.groups[0].fields[1].error, None);
    assert!(form.errors.is_empty());
}

#[test]
fn the_table_names_every_param() {
    let table = table::markdown(&params());
    assert_eq!(table.lines().count(), 2 + params().len());
    assert!(table.contains("| `limit` | **Limit.**  | no | a whole number; 1 to 100; `20` unless told |"), "{table}");
    assert!(table.contains("| `token` | **Token.**  | yes | a secret; text |"), "{table}");
}

#[test]
fn a_param_is_the_same_after_it_was_written() {
    let all: Vec<ParamInfo> = params().into_iter().chain(conditional()).collect();
    let text = serde_json::to_string(&all).unwrap();
    assert_eq!(serde_json::from_str::<Vec<ParamInfo>>(&text).unwrap(), all);
}
