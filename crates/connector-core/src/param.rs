//! Params: the declared settings of a connection, an app, an action or a flow template.
//!
//! What lives here: the declaration ([`ParamSpec`] const, [`ParamInfo`] owned), the JSON Schema made from it, and the
//! cleaning of given values. What must not: forms and pages, which are made from this elsewhere.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::{error::FieldError, schema::Validator, secret::Secret};

/// How a value is parsed and stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum DataType {
    /// Text.
    String,
    /// A number with fractions.
    Number,
    /// True or false.
    Bool,
    /// A whole number.
    Int,
    /// Any JSON value.
    Json,
    /// A JSON pointer to a field of the event, resolved per run.
    Column,
}

/// How a person enters a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InputType {
    /// One line.
    Text,
    /// Several lines.
    TextArea,
    /// Hidden while typed; stored sealed, never shown again.
    Password,
    /// One of the options.
    Select,
    /// Uploaded files.
    Files,
    /// An uploaded file that is stored sealed and never shown again.
    EncryptedFile,
}

/// One choice of a [`InputType::Select`].
#[derive(Debug, Clone, Copy)]
pub struct SelectOption {
    /// What people see.
    pub label: &'static str,
    /// What is stored.
    pub value: &'static str,
}

/// A param as a connector declares it, const. A param is required unless it has a default or is optional.
#[derive(Debug, Clone, Copy)]
pub struct ParamSpec {
    id: &'static str,
    label: &'static str,
    description: &'static str,
    placeholder: &'static str,
    optional: bool,
    default: Option<&'static str>,
    data_type: DataType,
    input_type: InputType,
    options: &'static [SelectOption],
    pattern: Option<&'static str>,
    example: Option<&'static str>,
    format: Option<&'static str>,
}

impl ParamSpec {
    /// A required one-line text. `id` is stable and lower_snake_case.
    pub const fn new(id: &'static str, label: &'static str) -> Self {
        Self {
            id,
            label,
            description: "",
            placeholder: "",
            optional: false,
            default: None,
            data_type: DataType::String,
            input_type: InputType::Text,
            options: &[],
            pattern: None,
            example: None,
            format: None,
        }
    }

    /// A required secret, entered hidden.
    pub const fn secret(id: &'static str, label: &'static str) -> Self {
        Self::new(id, label).input(InputType::Password)
    }

    /// Says in a sentence what it is and where to find it.
    pub const fn description(mut self, text: &'static str) -> Self {
        self.description = text;
        self
    }

    /// What an empty field shows.
    pub const fn placeholder(mut self, text: &'static str) -> Self {
        self.placeholder = text;
        self
    }

    /// May be left out.
    pub const fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    /// The value when none is given, as text in the param's data type; makes the param optional.
    pub const fn default(mut self, value: &'static str) -> Self {
        self.default = Some(value);
        self
    }

    /// Sets the data type.
    pub const fn data(mut self, data_type: DataType) -> Self {
        self.data_type = data_type;
        self
    }

    /// Sets the input type.
    pub const fn input(mut self, input_type: InputType) -> Self {
        self.input_type = input_type;
        self
    }

    /// Makes it a choice among `options`.
    pub const fn select(mut self, options: &'static [SelectOption]) -> Self {
        self.input_type = InputType::Select;
        self.options = options;
        self
    }

    /// A regular expression that the text must match.
    pub const fn pattern(mut self, regex: &'static str) -> Self {
        self.pattern = Some(regex);
        self
    }

    /// A value that is right; the contract suite uses it, and so do docs.
    pub const fn example(mut self, value: &'static str) -> Self {
        self.example = Some(value);
        self
    }

    /// An absolute http or https URL; a trailing slash is removed when it is stored.
    pub const fn url(mut self) -> Self {
        self.format = Some("uri");
        self
    }

    /// Its id.
    pub const fn id(&self) -> &'static str {
        self.id
    }
}

/// A group of params in a form, const. Params name it by its id; the order is the one in which a connector lists them.
#[derive(Debug, Clone, Copy)]
pub struct Fieldset {
    /// Stable id.
    pub id: &'static str,
    /// What stands above the group.
    pub title: &'static str,
    /// What to know before filling it in.
    pub description: &'static str,
}

/// A group of params, owned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldsetInfo {
    /// Stable id.
    pub id: String,
    /// What stands above the group.
    pub title: String,
    /// What to know before filling it in.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
}

impl From<&Fieldset> for FieldsetInfo {
    fn from(f: &Fieldset) -> Self {
        Self { id: f.id.into(), title: f.title.into(), description: f.description.into() }
    }
}

/// Brings stored values of an older version (the first argument) to the connector's current one: renames, splits, defaults.
/// Secrets are not among them.
///
/// # Errors
/// The fields that a person must fill in again, each with why.
pub type MigrateFn = fn(u32, &mut Map<String, Value>) -> Result<(), Vec<FieldError>>;

/// One choice, owned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OptionInfo {
    /// What people see.
    pub label: String,
    /// What is stored.
    pub value: String,
}

/// A param, owned: what every caller sees, whether the connector is built in or made at run time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ParamInfo {
    /// Stable id, lower_snake_case.
    pub id: String,
    /// What people call it.
    pub label: String,
    /// What it is and where to find it.
    #[serde(default)]
    pub description: String,
    /// What an empty field shows.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub placeholder: String,
    /// May be left out. A default makes it so too.
    #[serde(default)]
    pub optional: bool,
    /// The value when none is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Value>,
    /// How it is parsed.
    #[serde(default = "string_type")]
    pub data_type: DataType,
    /// How it is entered.
    #[serde(default = "text_input")]
    pub input_type: InputType,
    /// The choices of a select.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<OptionInfo>,
    /// A regular expression that the text must match.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    /// A value that is right.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub example: Option<Value>,
    /// A JSON Schema format, such as `uri`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
}

fn string_type() -> DataType {
    DataType::String
}

fn text_input() -> InputType {
    InputType::Text
}

impl From<&ParamSpec> for ParamInfo {
    fn from(s: &ParamSpec) -> Self {
        let parse = |text: &str| match s.data_type {
            DataType::String | DataType::Column => Value::String(text.to_owned()),
            // A default that does not parse stays text; the contract suite's params law then names it.
            _ => serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned())),
        };
        Self {
            id: s.id.into(),
            label: s.label.into(),
            description: s.description.into(),
            placeholder: s.placeholder.into(),
            optional: s.optional || s.default.is_some(),
            default: s.default.map(parse),
            data_type: s.data_type,
            input_type: s.input_type,
            options: s.options.iter().map(|o| OptionInfo { label: o.label.into(), value: o.value.into() }).collect(),
            pattern: s.pattern.map(Into::into),
            example: s.example.map(parse),
            format: s.format.map(Into::into),
        }
    }
}

impl ParamInfo {
    /// Whether its value is stored sealed and never shown.
    pub fn is_secret(&self) -> bool {
        matches!(self.input_type, InputType::Password | InputType::EncryptedFile)
    }

    /// Whether a value must be given.
    pub fn is_required(&self) -> bool {
        !self.optional && self.default.is_none()
    }

    /// The JSON Schema of its value, with UI hints as `x-` keywords.
    pub fn schema(&self) -> Value {
        let mut s = match self.data_type {
            DataType::String => json!({"type": "string"}),
            DataType::Number => json!({"type": "number"}),
            DataType::Bool => json!({"type": "boolean"}),
            DataType::Int => json!({"type": "integer"}),
            DataType::Json => json!({}),
            DataType::Column => json!({"type": "string", "pattern": "^(/.*)?$"}),
        };
        if let Some(m) = s.as_object_mut() {
            m.insert("title".into(), json!(self.label));
            m.insert("description".into(), json!(self.description));
            m.insert("x-input".into(), json!(self.input_type));
            if self.data_type == DataType::String && self.is_required() && self.options.is_empty() {
                m.insert("minLength".into(), json!(1));
            }
            if !self.options.is_empty() {
                m.insert("enum".into(), self.options.iter().map(|o| json!(o.value)).collect());
            }
            if let Some(p) = &self.pattern {
                m.insert("pattern".into(), json!(p));
            }
            if let Some(f) = &self.format {
                m.insert("format".into(), json!(f));
            }
            if let Some(d) = &self.default {
                m.insert("default".into(), d.clone());
            }
            if let Some(e) = &self.example {
                m.insert("examples".into(), json!([e]));
            }
            if self.is_secret() {
                m.insert("writeOnly".into(), json!(true));
            }
        }
        s
    }
}

/// The JSON Schema (draft 2020-12) of a set of params.
pub fn params_schema(params: &[ParamInfo]) -> Value {
    let properties: Map<String, Value> = params.iter().map(|p| (p.id.clone(), p.schema())).collect();
    let required: Vec<&str> = params.iter().filter(|p| p.is_required()).map(|p| p.id.as_str()).collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

/// Values as they are stored: cleaned, with defaults, secrets apart.
#[derive(Default)]
pub struct Cleaned {
    /// Everything that is no secret.
    pub values: Map<String, Value>,
    /// The secrets, by param id.
    pub secrets: Vec<(String, Secret)>,
}

/// Validates and normalizes given values: blanks around text are cut, text is parsed into the param's data type,
/// URLs lose their trailing slash, defaults are filled in, secrets are taken apart.
///
/// `kept` names secrets that are stored already and may be left out (an update).
///
/// # Errors
/// Every failing field at once. Values never appear in the messages.
pub fn clean(params: &[ParamInfo], given: &Map<String, Value>, kept: &[&str]) -> Result<Cleaned, Vec<FieldError>> {
    let mut values = Map::new();
    for (id, value) in given {
        let normalized = match params.iter().find(|p| &p.id == id) {
            Some(p) => normalize(p, value),
            None => value.clone(),
        };
        // A form sends an empty field for "not given".
        if normalized.is_null() || normalized == "" {
            continue;
        }
        values.insert(id.clone(), normalized);
    }
    for p in params {
        if let Some(d) = &p.default
            && !values.contains_key(&p.id)
        {
            values.insert(p.id.clone(), d.clone());
        }
    }
    let relaxed: Vec<ParamInfo> = params
        .iter()
        .cloned()
        .map(|mut p| {
            p.optional |= kept.contains(&p.id.as_str());
            p
        })
        .collect();
    let validator = Validator::new(params_schema(&relaxed))
        .map_err(|e| vec![FieldError::new("", format!("the params' own declaration is wrong: {e}"))])?;
    let mut errors = validator.check(&Value::Object(values.clone()));
    for p in params.iter().filter(|p| p.format.as_deref() == Some("uri")) {
        if let Some(text) = values.get(&p.id).and_then(Value::as_str)
            && let Err(e) = crate::request::parse_url(text)
            && !errors.iter().any(|f| f.pointer == format!("/{}", p.id))
        {
            errors.push(FieldError::new(format!("/{}", p.id), e.caller_text()));
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    let mut cleaned = Cleaned { values, secrets: Vec::new() };
    for p in params.iter().filter(|p| p.is_secret()) {
        if let Some(Value::String(s)) = cleaned.values.remove(&p.id) {
            cleaned.secrets.push((p.id.clone(), Secret::from(s)));
        }
    }
    Ok(cleaned)
}

fn normalize(p: &ParamInfo, value: &Value) -> Value {
    let Value::String(text) = value else { return value.clone() };
    let trimmed = if p.input_type == InputType::EncryptedFile { text.as_str() } else { text.trim() };
    match p.data_type {
        DataType::Number | DataType::Int | DataType::Bool | DataType::Json => {
            serde_json::from_str(trimmed).unwrap_or_else(|_| Value::String(trimmed.to_owned()))
        }
        DataType::String if p.format.as_deref() == Some("uri") && !p.is_secret() => {
            Value::String(trimmed.trim_end_matches('/').to_owned())
        }
        _ => Value::String(trimmed.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params() -> Vec<ParamInfo> {
        [
            ParamSpec::new("site", "Site").description("Where it is.").url(),
            ParamSpec::new("email", "E-mail").optional(),
            ParamSpec::new("limit", "Limit").data(DataType::Int).default("20"),
            ParamSpec::new("kind", "Kind").select(&[SelectOption { label: "A", value: "a" }]).default("a"),
            ParamSpec::new("extra", "Extra").data(DataType::Json).optional(),
            ParamSpec::new("field", "Field").data(DataType::Column).optional(),
            ParamSpec::secret("token", "Token"),
        ]
        .iter()
        .map(ParamInfo::from)
        .collect()
    }

    fn given(v: Value) -> Map<String, Value> {
        v.as_object().unwrap().clone()
    }

    #[test]
    fn values_are_cleaned_and_secrets_taken_apart() {
        let c = clean(&params(), &given(json!({"site": " https://x.example/ ", "limit": "7", "extra": "{\"a\":1}", "email": "", "token": " t ", "field": "/a/b"})), &[]).ok().unwrap();
        assert_eq!(
            Value::Object(c.values),
            json!({"site": "https://x.example", "limit": 7, "kind": "a", "extra": {"a": 1}, "field": "/a/b"})
        );
        assert_eq!(c.secrets.len(), 1);
        assert!(c.secrets[0].1.eq_constant_time(b"t"));
    }

    #[test]
    fn every_wrong_field_is_named_and_no_value_shown() {
        let errors = clean(
            &params(),
            &given(
                json!({"site": "ftp://SHOWN", "limit": "SHOWN", "kind": "SHOWN", "field": "SHOWN", "more": "SHOWN"}),
            ),
            &[],
        )
        .err()
        .unwrap();
        let mut at: Vec<&str> = errors.iter().map(|e| e.pointer.as_str()).collect();
        at.sort_unstable();
        assert_eq!(at, ["/field", "/kind", "/limit", "/more", "/site", "/token"]);
        assert!(errors.iter().all(|e| !e.message.contains("SHOWN")), "{errors:?}");
    }

    #[test]
    fn an_update_may_leave_a_stored_secret_out() {
        assert!(clean(&params(), &given(json!({"site": "https://x.example"})), &["token"]).is_ok());
    }
}
