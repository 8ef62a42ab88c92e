//! JSON Schemas (draft 2020-12): made from types by schemars, checked by jsonschema, compiled once and reused.
//!
//! What lives here: generation ([`Schema`] puts it off), compilation, and the wording of field errors. Values never appear
//! in that wording.

mod lazy;

use jsonschema::{
    PatternOptions, ValidationError,
    error::{TypeKind, ValidationErrorKind},
};
use schemars::{JsonSchema, generate::SchemaSettings};
use serde_json::Value;

use crate::error::FieldError;

pub use lazy::Schema;

/// Most field errors that one check reports; input from outside could otherwise make millions.
pub const MAX_FIELD_ERRORS: usize = 100;

/// The schema of what `T` accepts.
pub fn input_schema<T: JsonSchema>() -> Value {
    root(SchemaSettings::draft2020_12().for_deserialize(), T::json_schema)
}

/// The schema of what `T` gives.
pub fn output_schema<T: JsonSchema>() -> Value {
    root(SchemaSettings::draft2020_12().for_serialize(), T::json_schema)
}

// Takes a function pointer so that all but one line of this is compiled once, not once per type.
fn root(mut settings: SchemaSettings, make: fn(&mut schemars::SchemaGenerator) -> schemars::Schema) -> Value {
    settings.inline_subschemas = false;
    let mut generator = settings.into_generator();
    let mut schema = make(&mut generator).to_value();
    let definitions = generator.take_definitions(true);
    if let Some(map) = schema.as_object_mut() {
        map.insert("$schema".into(), "https://json-schema.org/draft/2020-12/schema".into());
        if !definitions.is_empty() {
            map.insert("$defs".into(), Value::Object(definitions));
        }
    }
    schema
}

/// A compiled schema.
pub struct Validator {
    compiled: jsonschema::Validator,
    schema: Schema,
}

impl Validator {
    /// Compiles a schema. Nothing is fetched: a reference must point into the schema itself.
    ///
    /// # Errors
    /// Says what is wrong with the schema.
    pub fn new(schema: impl Into<Schema>) -> Result<Self, String> {
        let schema = schema.into();
        let compiled = jsonschema::draft202012::options()
            .should_validate_formats(true)
            .offline()
            // Linear-time matching with a bounded program: patterns of run-time connectors come from outside.
            .with_pattern_options(PatternOptions::regex().size_limit(1 << 20))
            .build(&schema)
            .map_err(|e| e.to_string())?;
        Ok(Self { compiled, schema })
    }

    /// The schema it was compiled from.
    pub fn schema(&self) -> &Value {
        &self.schema
    }

    /// Every failing field, sorted by place; empty when the value is valid.
    pub fn check(&self, value: &Value) -> Vec<FieldError> {
        let mut errors = Vec::new();
        for e in self.compiled.iter_errors(value).take(MAX_FIELD_ERRORS) {
            describe(&e, &self.schema, &mut errors);
        }
        errors.truncate(MAX_FIELD_ERRORS);
        errors.sort_by(|a, b| a.pointer.cmp(&b.pointer));
        errors.dedup();
        errors
    }

    /// Whether the value is valid; cheaper than [`check`](Self::check).
    pub fn is_valid(&self, value: &Value) -> bool {
        self.compiled.is_valid(value)
    }
}

fn describe(e: &ValidationError<'_>, schema: &Value, out: &mut Vec<FieldError>) {
    let at = e.instance_path().as_str().to_owned();
    match e.kind() {
        ValidationErrorKind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            out.push(FieldError::new(format!("{at}/{}", escape(name)), "is required"));
        }
        ValidationErrorKind::AdditionalProperties { unexpected }
        | ValidationErrorKind::UnevaluatedProperties { unexpected } => {
            let known = known_properties(schema, e.schema_path().as_str());
            for name in unexpected {
                let hint = match closest(name, known.iter().map(String::as_str)) {
                    Some(k) => format!("is not a known field; did you mean `{k}`?"),
                    None if known.is_empty() => "is not a known field".to_owned(),
                    None => format!("is not a known field; known are {}", known.join(", ")),
                };
                out.push(FieldError::new(format!("{at}/{}", escape(name)), hint));
            }
        }
        ValidationErrorKind::Type { kind } => {
            let want = match kind {
                TypeKind::Single(t) => with_article(&t.to_string()),
                TypeKind::Multiple(ts) => ts
                    .iter()
                    .map(|t| t.to_string())
                    .filter(|t| t != "null")
                    .map(|t| with_article(&t))
                    .collect::<Vec<_>>()
                    .join(" or "),
            };
            out.push(FieldError::new(at, format!("must be {want}, not {}", type_name(e.instance()))));
        }
        ValidationErrorKind::Enum { options } => {
            let list: Vec<String> = options
                .as_array()
                .into_iter()
                .flatten()
                .filter(|o| !o.is_null())
                .take(20)
                .map(|o| o.as_str().map_or_else(|| o.to_string(), str::to_owned))
                .collect();
            out.push(FieldError::new(at, format!("must be one of {}", list.join(", "))));
        }
        ValidationErrorKind::Constant { expected_value } => {
            out.push(FieldError::new(at, format!("must be {expected_value}")))
        }
        ValidationErrorKind::Pattern { pattern } => {
            out.push(FieldError::new(at, format!("does not have the form `{pattern}`")))
        }
        ValidationErrorKind::Format { format } => out.push(FieldError::new(at, format!("is not a valid {format}"))),
        ValidationErrorKind::MinLength { limit: 1 } => out.push(FieldError::new(at, "must not be empty")),
        ValidationErrorKind::MinLength { limit } => {
            out.push(FieldError::new(at, format!("must have at least {limit} characters")))
        }
        ValidationErrorKind::MaxLength { limit } => {
            out.push(FieldError::new(at, format!("must have at most {limit} characters")))
        }
        ValidationErrorKind::MinItems { limit } => {
            out.push(FieldError::new(at, format!("must have at least {limit} items")))
        }
        ValidationErrorKind::MaxItems { limit } => {
            out.push(FieldError::new(at, format!("must have at most {limit} items")))
        }
        ValidationErrorKind::Minimum { limit } => out.push(FieldError::new(at, format!("must be at least {limit}"))),
        ValidationErrorKind::Maximum { limit } => out.push(FieldError::new(at, format!("must be at most {limit}"))),
        ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } => {
            // The branch that got furthest explains best; a branch that failed on the type at this very place did not.
            let best = context
                .iter()
                .filter(|b| {
                    !b.iter().any(|x| {
                        x.instance_path().as_str() == at && matches!(x.kind(), ValidationErrorKind::Type { .. })
                    })
                })
                .min_by_key(|b| b.len());
            match best {
                Some(branch) if !branch.is_empty() => branch.iter().for_each(|x| describe(x, schema, out)),
                _ => out.push(FieldError::new(at, format!("has no allowed form ({})", type_name(e.instance())))),
            }
        }
        _ => out.push(FieldError::new(at, e.masked().to_string())),
    }
}

fn known_properties(schema: &Value, schema_path: &str) -> Vec<String> {
    let parent = schema_path.rsplit_once('/').map_or("", |(p, _)| p);
    schema
        .pointer(&format!("{parent}/properties"))
        .and_then(Value::as_object)
        .map(|m| m.keys().cloned().collect())
        .unwrap_or_default()
}

fn with_article(name: &str) -> String {
    match name {
        "integer" => "a whole number".into(),
        "array" | "object" => format!("an {name}"),
        _ => format!("a {name}"),
    }
}

/// The JSON type of a value, in words.
pub fn type_name(v: &Value) -> &'static str {
    match v {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// Escapes one reference token of a JSON pointer (RFC 6901).
pub fn escape(token: &str) -> String {
    token.replace('~', "~0").replace('/', "~1")
}

/// The candidate that a mistyped name most likely means, if one is near.
pub fn closest<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    // Names from outside can be long; beyond this no suggestion is worth the time.
    if name.len() > 64 {
        return None;
    }
    let name = name.to_ascii_lowercase();
    candidates
        .map(|c| (strsim::damerau_levenshtein(&name, &c.to_ascii_lowercase()), c))
        .filter(|(d, c)| *d <= 1 + c.len() / 4)
        .min_by_key(|(d, _)| *d)
        .map(|(_, c)| c)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use serde_json::json;

    /// A thing.
    #[derive(Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct Thing {
        /// Its name.
        #[schemars(length(min = 1, max = 5))]
        name: String,
        /// How many.
        count: Option<u32>,
        /// Parts.
        #[serde(default)]
        parts: Vec<Part>,
        /// Colour.
        colour: Option<Colour>,
    }

    /// A part.
    #[derive(Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct Part {
        /// Size in mm.
        size: f64,
    }

    /// A colour.
    #[derive(Deserialize, JsonSchema)]
    #[serde(rename_all = "snake_case")]
    #[allow(dead_code)]
    enum Colour {
        Red,
        Green,
    }

    fn check(v: Value) -> Vec<(String, String)> {
        Validator::new(input_schema::<Thing>()).unwrap().check(&v).into_iter().map(|f| (f.pointer, f.message)).collect()
    }

    #[test]
    fn every_failing_field_has_its_pointer() {
        let errors =
            check(json!({"nam": "x", "count": "SHOWN", "parts": [{"size": 1}, {"sise": 2}], "colour": "SHOWN"}));
        let at: Vec<&str> = errors.iter().map(|e| e.0.as_str()).collect();
        assert_eq!(at, ["/colour", "/count", "/nam", "/name", "/parts/1/sise", "/parts/1/size"], "{errors:#?}");
        assert!(errors.iter().all(|e| !e.1.contains("SHOWN")), "{errors:#?}");
        assert_eq!(errors[2].1, "is not a known field; did you mean `name`?");
        assert_eq!(errors[1].1, "must be a whole number, not a string");
        assert_eq!(errors[0].1, "must be one of red, green");
        assert_eq!(errors[4].1, "is not a known field; did you mean `size`?");
    }

    #[test]
    fn lengths_and_wholes() {
        assert_eq!(check(json!({"name": ""}))[0].1, "must not be empty");
        assert_eq!(check(json!({"name": "too long"}))[0].1, "must have at most 5 characters");
        assert_eq!(check(json!([]))[0], (String::new(), "must be an object, not an array".into()));
        assert!(check(json!({"name": "ok", "count": null})).is_empty());
    }

    #[test]
    fn errors_are_bounded() {
        let parts: Vec<Value> = (0..100_000).map(|_| json!({})).collect();
        assert!(check(json!({"name": "x", "parts": parts})).len() <= MAX_FIELD_ERRORS);
    }

    #[test]
    fn a_schema_cannot_reach_the_network() {
        assert!(Validator::new(json!({"$ref": "https://evil.example/schema.json"})).is_err());
    }
}
