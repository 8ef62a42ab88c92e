#![allow(clippy::unwrap_used)]

use serde_json::json;

use super::*;

/// A description whose components are `schemas`; version `3.0.3` unless told.
fn doc(schemas: Value) -> Description {
    let root = json!({"openapi": "3.0.3", "info": {}, "paths": {}, "components": {"schemas": schemas}});
    Description::parse("x.json", root.to_string().into_bytes()).unwrap()
}

/// `kind pointer text` of every fault, in order of pointer.
fn faults(doc: &Description, schema: &Value, value: &Value, direction: Direction) -> Vec<String> {
    let mut all: Vec<String> =
        hold(doc, schema, value, direction).iter().map(|f| format!("{:?} {} {}", f.kind, f.at, f.text)).collect();
    all.sort();
    all
}

fn sent(schema: &Value, value: &Value) -> Vec<String> {
    faults(&doc(json!({})), schema, value, Direction::Request)
}

fn answered(schema: &Value, value: &Value) -> Vec<String> {
    faults(&doc(json!({})), schema, value, Direction::Response)
}

#[track_caller]
fn only(found: &[String], want: &str) {
    assert!(found.len() == 1 && found.iter().all(|f| f.starts_with(want)), "wanted {want:?}: {found:#?}");
}

#[test]
fn a_property_that_no_branch_describes_is_found_at_every_level() {
    let a = json!({"type": "object", "additionalProperties": false, "properties": {"a": {
        "type": "array", "items": {"allOf": [
            {"properties": {"x": {"oneOf": [{"type": "string"}, {"properties": {"id": {"type": "integer"}}}]}}},
            {"properties": {"y": {}}}
        ]}
    }}});
    let b = json!({"properties": {"b": {}}, "additionalProperties": false});
    // Two closed objects below one `allOf`, as vendors write them, mean their union.
    let schema = json!({"allOf": [a, b]});
    assert_eq!(sent(&schema, &json!({"a": [{"x": {"id": 1}, "y": {"free": 1}}], "b": {"any": [{"z": 1}]}})), [""; 0]);
    let found = sent(&schema, &json!({"a": [{"x": {"id": 1, "idd": 1}}], "c": 1}));
    assert_eq!(
        found,
        [
            "Unknown /a/0/x/idd is described nowhere; described are `id`",
            "Unknown /c is described nowhere; described are `a`, `b`"
        ]
    );
}

#[test]
fn an_open_object_that_names_properties_is_told_apart() {
    let open = json!({"properties": {"a": {}}, "additionalProperties": true});
    only(&sent(&open, &json!({"b": 1})), "Unnamed /b");
    assert_eq!(sent(&json!({"type": "object"}), &json!({"b": {"c": 1}})), [""; 0], "nothing is said of it");
    let map = json!({"additionalProperties": {"type": "integer"}});
    only(&sent(&map, &json!({"b": 1, "c": "x"})), "Wrong /c is a string; described is an integer");
    only(&sent(&json!({"type": "object", "additionalProperties": false}), &json!({"b": 1})), "Unknown /b");
    let named = json!({"patternProperties": {"^x-": {"type": "string"}}, "additionalProperties": false});
    assert_eq!(sent(&named, &json!({"x-a": "b"})), [""; 0]);
    only(&sent(&named, &json!({"y": "b"})), "Unknown /y");
}

#[test]
fn required_and_direction() {
    let schema = json!({"required": ["id", "name"], "properties": {
        "id": {"type": "string", "readOnly": true}, "name": {"type": "string"}, "key": {"writeOnly": true}}});
    only(&sent(&schema, &json!({})), "Missing  lacks `name`");
    only(&answered(&schema, &json!({"name": "x"})), "Missing  lacks `id`");
    only(&sent(&schema, &json!({"name": "x", "id": "1"})), "Wrong /id is sent, but the description calls it read-only");
    only(&answered(&schema, &json!({"name": "x", "id": "1", "key": 1})), "Unknown /key is answered");
}

#[test]
fn null_is_allowed_where_it_is_said() {
    for schema in [
        json!({"type": "string", "nullable": true}),
        json!({"type": ["string", "null"]}),
        json!({"x-nullable": true, "type": "string"}),
        json!({"anyOf": [{"type": "string"}, {"type": "null"}]}),
        json!({"allOf": [{"type": "object"}], "nullable": true}),
        json!({"enum": ["a", null]}),
    ] {
        assert_eq!(sent(&schema, &json!(null)), [""; 0], "{schema}");
    }
    only(&sent(&json!({"type": "string"}), &json!(null)), "Wrong  is null; described is a string");
}

#[test]
fn the_closest_alternative_speaks_when_none_fits() {
    let d = doc(json!({
        "label": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}},
        "file": {"type": "object", "required": ["path", "sha"], "properties": {"path": {}, "sha": {}}},
    }));
    let schema = json!({"oneOf": [
        {"type": "string"}, {"$ref": "#/components/schemas/file"}, {"$ref": "#/components/schemas/label"}]});
    let found = |v: Value| faults(&d, &schema, &v, Direction::Request);
    assert_eq!(found(json!("x")), [""; 0]);
    only(
        &found(json!({"name": 1})),
        "Wrong /name is an integer; described is a string (the closest of 3 alternatives, `label`)",
    );
    only(
        &found(json!(1)),
        "Wrong  fits none of 3 alternatives: is an integer; described is a string; or is an integer; described is an object",
    );
    only(&found(json!({"name": "x", "color": "red"})), "Unknown /color");
    // An abridged answer is the object that it resembles, and not the empty one that nothing is missing from.
    let answer =
        json!({"anyOf": [{"$ref": "#/components/schemas/file"}, {"type": "object", "additionalProperties": false}]});
    only(&faults(&d, &answer, &json!({"path": "x"}), Direction::Response), "Missing  lacks `sha`");
    // A branch that takes any object leaves nothing unknown.
    let any = json!({"oneOf": [{"type": "object"}, {"$ref": "#/components/schemas/label"}]});
    only(&faults(&d, &any, &json!({"name": "a", "b": 1}), Direction::Request), "Unnamed /b");
    // Branches that only say what is required are no such.
    let either = json!({"properties": {"a": {}, "b": {}}, "anyOf": [{"required": ["a"]}, {"required": ["b"]}]});
    assert_eq!(sent(&either, &json!({"a": 1})), [""; 0]);
    only(&sent(&either, &json!({"a": 1, "c": 1})), "Unknown /c");
    only(&sent(&either, &json!({})), "Missing  lacks `a` (the closest of 2 alternatives)");
}

#[test]
fn a_discriminator_chooses_alone() {
    let d = doc(json!({
        "cat": {"properties": {"kind": {}, "meow": {}}},
        "dog": {"properties": {"kind": {}, "bark": {"type": "boolean"}}},
    }));
    let schema = json!({
        "oneOf": [{"$ref": "#/components/schemas/cat"}, {"$ref": "#/components/schemas/dog"}],
        "discriminator": {"propertyName": "kind", "mapping": {"katze": "#/components/schemas/cat"}}});
    let found = |v: Value| faults(&d, &schema, &v, Direction::Request);
    only(&found(json!({"kind": "katze", "bark": true})), "Unknown /bark");
    only(&found(json!({"kind": "dog", "bark": 1})), "Wrong /bark is an integer; described is a boolean");
    assert_eq!(
        found(json!({"kind": "fish", "bark": true, "meow": 1})),
        [""; 0],
        "no schema has that name: any may be meant"
    );
}

#[test]
fn references_that_lead_back_end() {
    let d = doc(json!({
        "tree": {"type": "object", "properties": {"child": {"$ref": "#/components/schemas/tree"}, "n": {"type": "integer"}}},
        "self": {"$ref": "#/components/schemas/self"},
        "a": {"allOf": [{"$ref": "#/components/schemas/b"}]},
        "b": {"allOf": [{"$ref": "#/components/schemas/a"}], "properties": {"x": {}}},
    }));
    let to = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
    let found = |name: &str, v: &Value| faults(&d, &to(name), v, Direction::Request);
    only(&found("tree", &json!({"child": {"child": {"n": "x"}}})), "Wrong /child/child/n is a string");
    assert_eq!(found("self", &json!({"any": 1})), [""; 0]);
    only(&found("a", &json!({"x": 1, "y": 1})), "Unknown /y");
    only(&found("gone", &json!(1)), "Unchecked  the description refers to `#/components/schemas/gone`");
}

#[test]
fn conditions_of_three_one() {
    let schema = json!({
        "type": ["object", "boolean"],
        "properties": {"kind": {"const": "a"}, "n": {"exclusiveMinimum": 0}, "list": {"prefixItems": [{"type": "string"}, false]}},
        "if": {"properties": {"kind": {"const": "a"}}, "required": ["kind"]},
        "then": {"properties": {"extra": {}}},
        "not": {"required": ["forbidden"]},
    });
    assert_eq!(sent(&schema, &json!({"kind": "a", "extra": 1, "n": 1, "list": ["x"]})), [""; 0]);
    only(&sent(&schema, &json!({"extra": 1})), "Unknown /extra");
    only(&sent(&schema, &json!({"n": 0})), "Wrong /n 0 is beyond");
    only(&sent(&schema, &json!({"list": ["x", 1]})), "Wrong /list/1 may not be there");
    let found = sent(&schema, &json!({"forbidden": 1}));
    assert!(found.iter().any(|f| f.contains("excludes with `not`")), "{found:?}");
}

#[test]
fn slack_writes_alternatives_below_items() {
    let root = json!({"swagger": "2.0", "info": {}, "paths": {}});
    let d = Description::parse("x.json", root.to_string().into_bytes()).unwrap();
    let found = |s: Value, v: Value| faults(&d, &s, &v, Direction::Response);
    let either = json!([{"type": "null"}, {"properties": {"a": {"type": "string"}}, "additionalProperties": false}]);
    assert_eq!(found(json!({"items": either}), json!(null)), [""; 0]);
    only(&found(json!({"items": either}), json!({"a": "x", "b": 1})), "Unknown /b");
    only(&found(json!({"type": "array", "items": either}), json!([null, {"a": 1}])), "Wrong /1/a is an integer");
}
