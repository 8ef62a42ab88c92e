//! Fields of issues as a site has them, and as one type of issue takes them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{lenient, text_or_number};
use crate::fields::Fields;

/// A field of issues.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Field {
    /// Its id, such as `summary` or `customfield_10016`.
    pub id: String,
    /// Its name, for fields of Jira's own in the site's language. Several custom fields may have the same.
    pub name: String,
    /// Whether somebody made it; the others are Jira's own.
    pub custom: bool,
    /// The form of its values in Jira's words: `string`, `number`, `option`, `array`, …
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The form of each item, if it is an `array`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub items: Option<String>,
    /// Which kind of custom field it is, such as `com.atlassian.jira.plugin.system.customfieldtypes:select`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custom_type: Option<String>,
    /// The name that the connection's `custom_fields` declares it under.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declared_as: Option<String>,
    /// The `type` that fits it in `custom_fields`, for the custom fields of Jira and Jira Software; the others are `any`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declare_type: Option<String>,
}

/// A field of the form that creates an issue of one type.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CreateField {
    /// The field.
    #[serde(flatten)]
    pub field: Field,
    /// Whether an issue cannot be created without it. One with a default may still be left out.
    pub required: bool,
    /// Whether it has a value when nobody gives one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_default: Option<bool>,
    /// What it may be, if it is chosen from a list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowed_values: Option<Vec<AllowedValue>>,
}

/// One choice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AllowedValue {
    /// Its id, as text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The text that people see.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The choices below it, of a field with two levels.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub children: Vec<AllowedValue>,
}

/// A field as Jira sends it.
#[derive(Debug, Deserialize)]
pub(crate) struct RawField {
    id: String,
    pub(crate) name: String,
    #[serde(default, deserialize_with = "lenient")]
    custom: Option<bool>,
    #[serde(default, deserialize_with = "lenient")]
    schema: Option<Schema>,
}

/// A field of a form as Jira sends it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RawCreateField {
    field_id: String,
    name: String,
    required: bool,
    #[serde(default, deserialize_with = "lenient")]
    has_default_value: Option<bool>,
    #[serde(default, deserialize_with = "lenient")]
    allowed_values: Option<Vec<RawAllowedValue>>,
    #[serde(default, deserialize_with = "lenient")]
    schema: Option<Schema>,
}

#[derive(Debug, Deserialize)]
struct RawAllowedValue {
    #[serde(default, deserialize_with = "text_or_number")]
    id: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    name: Option<String>,
    /// What choices of custom fields call their text.
    #[serde(default, deserialize_with = "lenient")]
    value: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    children: Option<Vec<RawAllowedValue>>,
}

#[derive(Debug, Default, Deserialize)]
struct Schema {
    #[serde(rename = "type", default)]
    kind: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    items: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    custom: Option<String>,
}

impl Field {
    /// What Jira sent, with the names that the connection declares.
    pub(crate) fn of(declared: &Fields, raw: RawField) -> Self {
        let schema = raw.schema.unwrap_or_default();
        let custom = raw.custom.unwrap_or_else(|| raw.id.starts_with("customfield_"));
        Self {
            declared_as: declared.name_of(&raw.id).map(str::to_owned),
            declare_type: custom.then(|| declare_type(&schema).to_owned()),
            id: raw.id,
            name: raw.name,
            custom,
            kind: schema.kind,
            items: schema.items,
            custom_type: schema.custom,
        }
    }
}

impl CreateField {
    /// What Jira sent, with the names that the connection declares.
    pub(crate) fn of(declared: &Fields, raw: RawCreateField) -> Self {
        let field = RawField { id: raw.field_id, name: raw.name, custom: None, schema: raw.schema };
        Self {
            field: Field::of(declared, field),
            required: raw.required,
            has_default: raw.has_default_value,
            allowed_values: raw.allowed_values.map(|list| list.into_iter().map(Into::into).collect()),
        }
    }
}

impl From<RawAllowedValue> for AllowedValue {
    fn from(raw: RawAllowedValue) -> Self {
        let children = raw.children.unwrap_or_default();
        Self { id: raw.id, name: raw.value.or(raw.name), children: children.into_iter().map(Into::into).collect() }
    }
}

/// The type of the connection's `custom_fields` that fits a custom field of Jira's.
fn declare_type(schema: &Schema) -> &'static str {
    let (_, custom) = schema.custom.as_deref().unwrap_or_default().split_once(':').unwrap_or_default();
    match custom {
        "textfield" => "text",
        "textarea" => "rich_text",
        "float" | "jsw-story-points" => "number",
        "select" | "radiobuttons" => "option",
        "multiselect" | "multicheckboxes" => "options",
        "cascadingselect" => "cascading",
        "userpicker" => "user",
        "multiuserpicker" | "people" => "users",
        "grouppicker" => "group",
        "multigrouppicker" => "groups",
        "version" => "version",
        "multiversion" => "versions",
        "datepicker" => "date",
        "datetime" => "datetime",
        "labels" => "labels",
        "url" => "url",
        "gh-sprint" => "sprint",
        "gh-epic-link" => "epic_link",
        "atlassian-team" | "rm-teams-custom-field-team" => "team",
        _ => "any",
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use serde_json::{Value, json};

    use super::*;

    fn read(schema: Value) -> Field {
        let raw = json!({"id": "customfield_10016", "name": "Points", "custom": true, "schema": schema});
        let declared = Fields::check(Some(&json!({"points": "customfield_10016"}))).unwrap();
        Field::of(&declared, serde_json::from_value(raw).unwrap())
    }

    #[test]
    fn every_custom_field_of_jiras_has_a_type_that_can_be_declared() {
        for custom in [
            "textfield",
            "textarea",
            "float",
            "select",
            "radiobuttons",
            "multiselect",
            "multicheckboxes",
            "cascadingselect",
            "userpicker",
            "multiuserpicker",
            "people",
            "grouppicker",
            "multigrouppicker",
            "version",
            "multiversion",
            "datepicker",
            "datetime",
            "labels",
            "url",
            "gh-sprint",
            "gh-epic-link",
            "jsw-story-points",
            "atlassian-team",
            "rm-teams-custom-field-team",
        ] {
            let field = read(json!({"type": "x", "custom": format!("com.atlassian:{custom}")}));
            let kind = field.declare_type.unwrap();
            assert_ne!(kind, "any", "{custom}");
            let declaration = json!({"points": {"id": field.id, "type": kind}});
            assert!(Fields::check(Some(&declaration)).is_ok(), "{kind}");
            assert_eq!(field.declared_as.as_deref(), Some("points"));
        }
        assert_eq!(read(json!({"type": "any", "custom": "com.example:thing"})).declare_type.as_deref(), Some("any"));
        assert_eq!(read(Value::Null).declare_type.as_deref(), Some("any"));
    }

    #[test]
    fn choices_are_read_in_every_form() {
        let raw: RawAllowedValue = serde_json::from_value(json!({
            "self": "https://a.example", "value": "Blue", "id": 10020, "children": [{"value": "Navy", "id": "10021"}],
        }))
        .unwrap();
        let child = AllowedValue { id: Some("10021".into()), name: Some("Navy".into()), children: vec![] };
        let blue = AllowedValue { id: Some("10020".into()), name: Some("Blue".into()), children: vec![child] };
        assert_eq!(AllowedValue::from(raw), blue);
    }
}
