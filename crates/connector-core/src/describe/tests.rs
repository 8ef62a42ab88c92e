#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use serde_json::{Value, json};

use super::*;
use crate::info::ActionInfo;

fn info() -> ActionInfo {
    let schema = json!({
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "channel": {"type": "string", "description": "The channel."},
            "fields": {"type": "object", "additionalProperties": true},
            "more": {"anyOf": [{"$ref": "#/$defs/More"}, {"type": "null"}]},
            "same": {"$ref": "#/$defs/More"},
        },
        "required": ["channel"],
        "$defs": {"More": {"type": "object", "properties": {"kind": {"type": "string"}}, "additionalProperties": false}},
    });
    ActionInfo::new("acme", "post", schema, json!({}))
}

fn lay(d: &Descriptors) -> (EffectiveAction, Vec<String>) {
    EffectiveAction::of(&info(), d)
}

fn of_fields(fields: Vec<FieldOverride>) -> Descriptors {
    Descriptors { actions: vec![ActionOverride::with_fields("post", fields)], ..Descriptors::default() }
}

#[test]
fn options_are_hints_and_refuse_nothing() {
    let field = FieldOverride {
        label: Some("Where".into()),
        description: Some("A channel of yours.".into()),
        ..FieldOverride::with_options("/channel", [("C1".to_owned(), "#general".to_owned())])
    };
    let (a, notes) = lay(&of_fields(vec![field]));
    assert!(notes.is_empty(), "{notes:?}");
    assert_eq!(
        a.input_schema["properties"]["channel"],
        json!({"type": "string", "title": "Where", "description": "A channel of yours.", "examples": ["C1"],
               "x-options": [{"label": "#general", "value": "C1"}]})
    );
    let validator = crate::schema::Validator::new(a.input_schema).unwrap();
    assert!(validator.check(&json!({"channel": "C2"})).is_empty(), "a value that was not learned is taken");
}

#[test]
fn a_field_stands_in_a_map_of_free_names_and_nowhere_else() {
    let points = FieldOverride {
        field: "/fields/story_points".into(),
        label: Some("Story Points".into()),
        schema: Some(json!({"type": "number"})),
        ..FieldOverride::default()
    };
    let (a, notes) = lay(&of_fields(vec![points.clone()]));
    assert!(notes.is_empty());
    assert_eq!(
        a.input_schema["properties"]["fields"]["properties"]["story_points"],
        json!({"type": "number", "title": "Story Points"})
    );
    for field in ["/story_points", "/more/story_points", "/none/story_points", "/channel/x"] {
        let (a, notes) = lay(&of_fields(vec![FieldOverride { field: field.into(), ..points.clone() }]));
        assert_eq!(a.input_schema, *info().input_schema, "{field}");
        assert_eq!(notes, [format!("`post` has no field `{field}`")]);
    }
}

#[test]
fn what_others_refer_to_stays_as_it_is() {
    let (a, notes) =
        lay(&of_fields(vec![FieldOverride::with_options("/more/kind", [("a".to_owned(), "A".to_owned())])]));
    assert!(notes.is_empty());
    let schema = &a.input_schema;
    assert_eq!(schema["properties"]["more"]["properties"]["kind"]["examples"], json!(["a"]));
    assert_eq!(schema["properties"]["more"]["type"], json!(["object", "null"]), "null is still taken");
    assert_eq!(schema["$defs"], info().input_schema["$defs"]);
    assert_eq!(schema["properties"]["same"], info().input_schema["properties"]["same"]);
}

#[test]
fn texts_are_replaced_and_what_is_said_of_all_goes_behind_what_is_said_of_one() {
    let d = Descriptors {
        fields: vec![
            FieldOverride::with_options("/channel", [("C1".to_owned(), "one".to_owned())]),
            FieldOverride::with_options("/owner", [("o".to_owned(), "o".to_owned())]),
        ],
        actions: vec![
            ActionOverride {
                title: Some("Post it".into()),
                summary: Some("Posts.".into()),
                ..ActionOverride::hidden("post")
            },
            ActionOverride::with_fields(
                "post",
                vec![FieldOverride::with_options("/channel", [("C2".to_owned(), "two".to_owned())])],
            ),
            ActionOverride::hidden("other"),
        ],
    };
    let (a, notes) = lay(&d);
    assert!(notes.is_empty(), "a field of all that one action has not is no fault: {notes:?}");
    assert_eq!((a.title.as_str(), a.summary.as_str(), a.hidden), ("Post it", "Posts.", true));
    assert_eq!(a.input_schema["properties"]["channel"]["examples"], json!(["C2"]));
    assert_eq!(d.unknown_actions(|name| name == "post"), ["there is no action `other`"]);
    let (plain, _) = lay(&Descriptors::default());
    assert_eq!(json!(plain), json!(EffectiveAction::declared(&info())));
}

#[test]
fn a_hostile_descriptor_is_bounded() {
    let deep =
        (0..200).fold(json!({"type": "string"}), |inner, _| json!({"type": "object", "properties": {"x": inner}}));
    let long = "long ".repeat(10_000);
    let d = Descriptors {
        fields: vec![FieldOverride::with_options("no pointer", [])],
        actions: vec![
            ActionOverride {
                summary: Some(format!("{long}\u{1b}[31m")),
                fields: vec![
                    FieldOverride { schema: Some(deep), field: "/a".into(), ..FieldOverride::default() },
                    FieldOverride {
                        schema: Some(
                            json!({"type": "string", "enum": ["x"], "$ref": "#", "pattern": "(a+)+$", "format": "date"}),
                        ),
                        ..FieldOverride::with_options("/b", (0..100_000).map(|i| (format!("v{i}"), long.clone())))
                    },
                ],
                ..ActionOverride::with_fields("post", vec![])
            },
            ActionOverride::with_fields("x\u{0}y", vec![]),
        ],
    };
    let (d, notes) = d.bounded();
    assert!(serde_json::to_vec(&d).unwrap().len() <= MAX_BYTES);
    assert!(d.fields.is_empty() && d.actions.len() == 1);
    let post = &d.actions[0];
    assert!(post.summary.as_ref().unwrap().len() <= 2000 && !post.summary.as_ref().unwrap().contains('\u{1b}'));
    let mut depth = 0;
    let mut at = post.fields[0].schema.as_ref();
    while let Some(inner) = at.and_then(|s| s.pointer("/properties/x")) {
        depth += 1;
        at = Some(inner);
    }
    assert!((1..6).contains(&depth), "{depth}");
    assert_eq!(post.fields[1].options.len(), MAX_OPTIONS);
    assert_eq!(post.fields[1].schema, Some(json!({"type": "string", "format": "date"})));
    assert!(notes.iter().any(|n| n.contains("500 of 100000")), "{notes:?}");

    let many = (0..400).map(|i| {
        let options = (0..500).map(|j| (format!("{i}/{j}"), "a label of some length".to_owned()));
        ActionOverride::with_fields(format!("a{i}"), vec![FieldOverride::with_options("/x", options)])
    });
    let (d, notes) = Descriptors { actions: many.collect(), ..Descriptors::default() }.bounded();
    assert!(serde_json::to_vec(&d).unwrap().len() <= MAX_BYTES && !notes.is_empty());
    assert_eq!(d.clone().bounded().0, d, "what is bounded stays as it is");
}

#[test]
fn what_looks_like_a_credential_is_left_out() {
    let token = format!("{}{}", "ghp_", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8");
    let d = of_fields(vec![FieldOverride {
        label: Some(format!("use {token}")),
        description: Some("-----BEGIN RSA PRIVATE KEY----- abc".into()),
        ..FieldOverride::with_options(
            "/channel",
            [(token.clone(), "general".to_owned()), ("C1".to_owned(), "general".to_owned())],
        )
    }]);
    let (d, notes) = d.bounded();
    assert!(!serde_json::to_string(&d).unwrap().contains("ghp_"));
    assert!(!serde_json::to_string(&d).unwrap().contains("BEGIN"));
    assert_eq!(d.actions[0].fields[0].options.len(), 1);
    assert!(
        notes.iter().any(|n| n.contains("1 of 2 options")) && !notes.iter().any(|n| n.contains("ghp_")),
        "{notes:?}"
    );
    let plain: Value = json!(d);
    assert!(plain.to_string().contains("general"));
}
