//! Laying what was learned of a connection over an action: a pure function of both.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{ActionOverride, Descriptors, FieldOverride};
use crate::{
    info::{ActionInfo, DefaultInfo, PagingInfo},
    spec::{Effect, Idempotency},
};

/// An action as it is at one connection. Inputs are judged by the connector's own schema, not by this one: what was learned
/// may be old.
#[derive(Debug, Clone, Serialize)]
pub struct EffectiveAction {
    /// The connector's id.
    pub connector: String,
    /// Name, unique in the connector.
    pub name: String,
    /// What people call it, here.
    pub title: String,
    /// What it does, here.
    pub summary: String,
    /// The vendor's page.
    pub docs_url: String,
    /// What it does to the service.
    pub effect: Effect,
    /// What happens when it is done twice.
    pub idempotency: Idempotency,
    /// Scopes it needs.
    pub scopes: Vec<String>,
    /// How its results come in pages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paging: Option<PagingInfo>,
    /// Fields whose default is a value of the connection.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub defaults: Vec<DefaultInfo>,
    /// Inputs that validate.
    pub examples: Vec<Value>,
    /// JSON Schema of the input, here: labels are `title`s, the values that a field takes `examples` and `x-options`.
    pub input_schema: Value,
    /// JSON Schema of the output.
    pub output_schema: Value,
    /// Whether it is of no use here and is not shown. A call of it is not refused.
    pub hidden: bool,
}

impl EffectiveAction {
    /// The action as the connector declares it.
    pub fn declared(info: &ActionInfo) -> Self {
        Self {
            connector: info.connector.clone(),
            name: info.name.clone(),
            title: info.title.clone(),
            summary: info.summary.clone(),
            docs_url: info.docs_url.clone(),
            effect: info.effect,
            idempotency: info.idempotency,
            scopes: info.scopes.clone(),
            paging: info.paging.clone(),
            defaults: info.defaults.clone(),
            examples: info.examples.clone(),
            input_schema: Value::clone(&info.input_schema),
            output_schema: Value::clone(&info.output_schema),
            hidden: false,
        }
    }

    /// The action as it is at a connection of which this was learned, and a note for each field that it names and that the
    /// action does not have.
    pub fn of(info: &ActionInfo, learned: &Descriptors) -> (Self, Vec<String>) {
        let mut out = Self::declared(info);
        let mut notes = Vec::new();
        // Of those that are for all actions most have one or two.
        for f in &learned.fields {
            lay_field(&mut out.input_schema, f);
        }
        for o in learned.actions.iter().filter(|o| o.action == info.name) {
            let ActionOverride { hidden, title, summary, fields, .. } = o;
            out.hidden |= *hidden;
            for (text, given) in [(&mut out.title, title), (&mut out.summary, summary)] {
                if let Some(t) = given {
                    text.clone_from(t);
                }
            }
            for f in fields {
                if !lay_field(&mut out.input_schema, f) {
                    notes.push(format!("`{}` has no field `{}`", info.name, f.field));
                }
            }
        }
        (out, notes)
    }
}

impl Descriptors {
    /// A note for each action that is described and that there is not.
    pub fn unknown_actions<'a>(&self, known: impl Fn(&str) -> bool + 'a) -> Vec<String> {
        let unknown = self.actions.iter().filter(|a| !known(&a.action));
        unknown.map(|a| format!("there is no action `{}`", a.action)).collect()
    }
}

/// Lays one field over a schema. Returns whether the schema has a place for it.
fn lay_field(root: &mut Value, f: &FieldOverride) -> bool {
    let definitions = root.get("$defs").cloned().unwrap_or_default();
    let names: Vec<String> =
        f.field.split('/').skip(1).map(|part| part.replace("~1", "/").replace("~0", "~")).collect();
    let Some((last, path)) = names.split_last() else { return false };
    if !has_place(root, &definitions, path, last) {
        return false;
    }
    let mut at = root;
    for name in path {
        let Some(next) = inlined(at, &definitions).and_then(|o| property(o, name)) else { return false };
        at = next;
    }
    let Some(object) = inlined(at, &definitions) else { return false };
    let known = object.get("properties").is_some_and(|p| p.get(last).is_some());
    let Some(field) = object.entry("properties").or_insert_with(|| json!({})).as_object_mut() else { return false };
    let field = field.entry(last.clone()).or_insert_with(|| f.schema.clone().unwrap_or_else(|| json!({})));
    let Some(field) = field.as_object_mut() else { return false };
    if let (true, Some(Value::Object(more))) = (known, &f.schema) {
        // What the connector declares itself stands.
        more.iter().for_each(|(key, value)| {
            field.entry(key).or_insert_with(|| value.clone());
        });
    }
    if let Some(label) = &f.label {
        field.insert("title".into(), label.as_str().into());
    }
    if let Some(text) = &f.description {
        field.insert("description".into(), text.as_str().into());
    }
    if !f.options.is_empty() {
        field.insert("examples".into(), f.options.iter().map(|o| Value::from(o.value.as_str())).collect());
        field.insert("x-options".into(), json!(f.options));
    }
    true
}

/// Looks before anything is changed: a field that is declared there, or a map of free names that it may stand in.
fn has_place(root: &Value, definitions: &Value, path: &[String], last: &str) -> bool {
    let mut at = root;
    for name in path {
        let Some(next) = seen(at, definitions).get("properties").and_then(|p| p.get(name)) else { return false };
        at = next;
    }
    let object = seen(at, definitions);
    if object.get("properties").is_some_and(|p| p.get(last).is_some()) {
        return true;
    }
    let is_object = match object.get("type") {
        Some(Value::Array(kinds)) => kinds.iter().any(|k| k == "object"),
        kind => kind.is_some_and(|k| k == "object"),
    };
    // The input itself is no map of free names, however tolerant it is.
    !path.is_empty() && is_object && object.get("additionalProperties").is_none_or(|a| a != &Value::Bool(false))
}

/// What a place of a schema says, references and "or null" looked through.
fn seen<'a>(at: &'a Value, definitions: &'a Value) -> &'a Value {
    let mut at = at;
    // References that go round end here too.
    for _ in 0..8 {
        let next = match (at.get("$ref").and_then(Value::as_str), at.get("anyOf").and_then(Value::as_array)) {
            (Some(pointer), _) => pointer.strip_prefix("#/$defs/").and_then(|name| definitions.get(name)),
            (None, Some(any)) if !at.as_object().is_some_and(|o| o.contains_key("properties")) => {
                any.iter().find(|s| s.get("type").is_none_or(|t| t != "null"))
            }
            _ => None,
        };
        match next {
            Some(n) => at = n,
            None => break,
        }
    }
    at
}

/// The object that a place of a schema describes, to be changed: what it refers to is put in its place, since others may
/// refer to that as well.
fn inlined<'a>(at: &'a mut Value, definitions: &Value) -> Option<&'a mut Map<String, Value>> {
    if at.get("$ref").is_some() || at.get("anyOf").is_some() {
        let found = seen(at, definitions).clone();
        let nullable = at
            .get("anyOf")
            .and_then(Value::as_array)
            .is_some_and(|any| any.iter().any(|s| s.get("type").is_some_and(|t| t == "null")));
        let outer = at.as_object()?;
        let mut merged = found.as_object()?.clone();
        for (key, value) in outer.iter().filter(|(key, _)| !matches!(key.as_str(), "$ref" | "anyOf")) {
            merged.insert(key.clone(), value.clone());
        }
        if nullable && let Some(kind) = merged.get("type").cloned() {
            merged.insert("type".into(), json!([kind, "null"]));
        }
        *at = Value::Object(merged);
    }
    at.as_object_mut()
}

fn property<'a>(object: &'a mut Map<String, Value>, name: &str) -> Option<&'a mut Value> {
    object.get_mut("properties")?.get_mut(name)
}
