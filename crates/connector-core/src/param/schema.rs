//! The JSON Schema of params, with UI hints as `x-` keywords.

use serde_json::{Map, Value, json};

use super::{DataType, InputType, ParamInfo, VisibleInfo, file};

impl ParamInfo {
    /// The JSON Schema of its value, with UI hints as `x-` keywords.
    pub fn schema(&self) -> Value {
        let mut s = self.judged();
        let mut put = |key: &str, value: Value| s.insert(key.into(), value);
        put("title", json!(self.label));
        put("description", json!(self.description));
        put("x-input", json!(self.input_type));
        if let Some(p) = &self.pattern {
            put("pattern", json!(p));
        } else if self.data_type == DataType::Column {
            put("pattern", json!("^(/.*)?$"));
        }
        if let Some(f) = &self.format {
            put("format", json!(f));
        }
        if let Some(d) = &self.default {
            put("default", d.clone());
        }
        if let Some(e) = &self.example {
            put("examples", json!([e]));
        }
        if self.is_secret() {
            put("writeOnly", json!(true));
        }
        if !self.placeholder.is_empty() {
            put("x-placeholder", json!(self.placeholder));
        }
        if !self.fieldset.is_empty() {
            put("x-fieldset", json!(self.fieldset));
        }
        if !self.pattern_hint.is_empty() {
            put("x-pattern-hint", json!(self.pattern_hint));
        }
        if let Some(v) = &self.visible_if {
            put("x-visible-if", json!(v));
        }
        if let Some(l) = &self.live {
            put("x-options-from", json!(l));
        }
        Value::Object(s)
    }

    /// The part of its schema that cleaning judges by. Patterns, formats and shapes are judged one by one, in the param's own
    /// words.
    fn judged(&self) -> Map<String, Value> {
        let mut s = Map::new();
        let kind = match (self.data_type, self.input_type) {
            (_, InputType::Files) => return file::schema(),
            (DataType::String | DataType::Column, _) => Some("string"),
            (DataType::Number, _) => Some("number"),
            (DataType::Bool, _) => Some("boolean"),
            (DataType::Int, _) => Some("integer"),
            (DataType::Json, _) => None,
        };
        if let Some(kind) = kind {
            s.insert("type".into(), json!(kind));
        }
        if self.data_type == DataType::String && self.is_required() && self.options.is_empty() {
            s.insert("minLength".into(), json!(1));
        }
        if !self.options.is_empty() {
            s.insert("enum".into(), self.options.iter().map(|o| json!(o.value)).collect());
        }
        for (key, bound) in [("minimum", self.min), ("maximum", self.max)] {
            if let Some(n) = bound {
                s.insert(key.into(), number(n));
            }
        }
        for (key, bound) in [("minLength", self.min_length), ("maxLength", self.max_length)] {
            if let Some(n) = bound {
                s.insert(key.into(), json!(n));
            }
        }
        s
    }
}

/// A bound as people write it: a whole one without its fraction.
#[allow(clippy::cast_possible_truncation, reason = "whole numbers up to 2^53 are exact in both")]
pub(super) fn number(n: f64) -> Value {
    if n.fract() == 0.0 && n.abs() < 9_007_199_254_740_992.0 { json!(n as i64) } else { json!(n) }
}

fn object(properties: Map<String, Value>, required: Vec<&str>) -> Map<String, Value> {
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    });
    schema.as_object().cloned().unwrap_or_default()
}

/// The JSON Schema (draft 2020-12) of a set of params. A param that is visible under a condition is required by
/// `if`/`then`, unless what it depends on is itself conditional.
pub fn params_schema(params: &[ParamInfo]) -> Value {
    let properties = params.iter().map(|p| (p.id.clone(), p.schema())).collect();
    let always = params.iter().filter(|p| p.is_required() && p.visible_if.is_none()).map(|p| p.id.as_str()).collect();
    let mut schema = object(properties, always);
    let conditions: Vec<Value> = params
        .iter()
        .filter(|p| p.is_required())
        .filter_map(|p| Some((p, p.visible_if.as_ref()?)))
        .filter_map(|(p, v)| Some((p, v, params.iter().find(|other| other.id == v.param)?)))
        .filter(|(_, _, other)| other.visible_if.is_none())
        .map(|(p, v, other)| condition(p, v, other))
        .collect();
    if !conditions.is_empty() {
        schema.insert("allOf".into(), json!(conditions));
    }
    Value::Object(schema)
}

fn condition(p: &ParamInfo, v: &VisibleInfo, other: &ParamInfo) -> Value {
    let value = |text: &String| match other.data_type {
        DataType::String | DataType::Column => json!(text),
        _ => serde_json::from_str(text).unwrap_or_else(|_| json!(text)),
    };
    let values: Vec<Value> = v.values.iter().map(value).collect();
    // Left out, the other one has its default: the condition then holds of nothing given too.
    let by_default = other.default.as_ref().is_some_and(|d| values.contains(d));
    let mut when = json!({"properties": {v.param.clone(): {"enum": values}}});
    if !by_default && let Some(when) = when.as_object_mut() {
        when.insert("required".into(), json!([v.param]));
    }
    json!({"if": when, "then": {"required": [p.id]}})
}

/// What cleaning judges values by: these params and no others, the named ones among them required.
pub(super) fn judged(params: &[&ParamInfo], required: Vec<&str>) -> Value {
    Value::Object(object(params.iter().map(|p| (p.id.clone(), Value::Object(p.judged()))).collect(), required))
}
