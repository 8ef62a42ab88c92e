//! A param as every caller sees it, owned, and the values of COLUMN params for one event.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    Case, DataType, InputType, as_text,
    checks::TokenShape,
    clean::{is_visible, parse},
    pointer,
    spec::{Fieldset, ParamSpec},
};
use crate::error::FieldError;

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

/// One choice, owned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OptionInfo {
    /// What people see.
    pub label: String,
    /// What is stored.
    pub value: String,
}

/// When a param is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisibleInfo {
    /// The other param.
    pub param: String,
    /// The values of that one, as text, with which this one is asked for.
    pub values: Vec<String>,
}

/// Where live options come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiveInfo {
    /// The action of the connection that lists them.
    pub action: String,
    /// JSON pointer to the items in its output.
    pub items: String,
    /// JSON pointer to the value in an item.
    pub value: String,
    /// JSON pointer to the label in an item.
    pub label: String,
    /// The top-level field of the action's input that takes a text to search for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<String>,
}

/// A value that is wrong, with the reason.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AntiExampleValue {
    /// The value.
    pub value: Value,
    /// Why it is wrong.
    pub why: String,
}

/// The shape of a credential, owned; see [`TokenShape`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenInfo {
    /// How it begins, one of these; empty: in any way.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prefixes: Vec<String>,
    /// How other things begin that people give by mistake, and what those are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mistaken: Vec<(String, String)>,
}

impl From<&TokenShape> for TokenInfo {
    fn from(s: &TokenShape) -> Self {
        Self {
            prefixes: s.prefixes.iter().map(|p| (*p).into()).collect(),
            mistaken: s.mistaken.iter().map(|m| (m.prefix.into(), m.words.into())).collect(),
        }
    }
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
    /// Where the service's own suggestions come from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub live: Option<LiveInfo>,
    /// A regular expression that the text must match.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    /// What the pattern wants, in words that stand after “must be”.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub pattern_hint: String,
    /// The least number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    /// The greatest number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
    /// The fewest characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_length: Option<u32>,
    /// The most characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_length: Option<u32>,
    /// A value that is right.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub example: Option<Value>,
    /// A value that is wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anti_example: Option<AntiExampleValue>,
    /// A JSON Schema format: `uri`, `email` or `hostname`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// The shape of a credential.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<TokenInfo>,
    /// What becomes of its letters.
    #[serde(default, skip_serializing_if = "is_kept")]
    pub case: Case,
    /// When it is asked for; always unless told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visible_if: Option<VisibleInfo>,
    /// The group of the form that it stands in; empty: before all groups.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub fieldset: String,
}

fn string_type() -> DataType {
    DataType::String
}

fn text_input() -> InputType {
    InputType::Text
}

fn is_kept(case: &Case) -> bool {
    *case == Case::Kept
}

impl From<&ParamSpec> for ParamInfo {
    fn from(s: &ParamSpec) -> Self {
        // A text that does not parse stays text; the contract suite's params law then names it.
        let value = |text: &str| {
            let text = Value::String(text.to_owned());
            parse(s.data_type, s.input_type, &text).unwrap_or(text)
        };
        Self {
            id: s.id.into(),
            label: s.label.into(),
            description: s.description.into(),
            placeholder: s.placeholder.into(),
            optional: s.optional || s.default.is_some(),
            default: s.default.map(value),
            data_type: s.data_type,
            input_type: s.input_type,
            options: s.options.iter().map(|o| OptionInfo { label: o.label.into(), value: o.value.into() }).collect(),
            live: s.live.map(|l| LiveInfo {
                action: l.action.into(),
                items: l.items.into(),
                value: l.value.into(),
                label: l.label.into(),
                search: l.search.map(Into::into),
            }),
            pattern: s.pattern.map(Into::into),
            pattern_hint: s.pattern_hint.into(),
            min: s.min,
            max: s.max,
            min_length: s.min_length,
            max_length: s.max_length,
            example: s.example.map(value),
            anti_example: s.anti_example.map(|(v, why)| AntiExampleValue { value: value(v), why: why.into() }),
            format: s.format.map(Into::into),
            token: s.token.as_ref().map(Into::into),
            case: s.case,
            visible_if: s.visible_if.map(|(param, values)| VisibleInfo {
                param: param.into(),
                values: values.iter().map(|v| (*v).into()).collect(),
            }),
            fieldset: s.fieldset.into(),
        }
    }
}

impl ParamInfo {
    /// Whether its value is stored sealed and never shown.
    pub fn is_secret(&self) -> bool {
        matches!(self.input_type, InputType::Password | InputType::EncryptedFile)
    }

    /// Whether a value must be given, where it is asked for.
    pub fn is_required(&self) -> bool {
        !self.optional && self.default.is_none()
    }

    /// Its value for one event: of a COLUMN what the event's payload has at the pointer that is stored, of all others what is
    /// stored, else the default. `None` where there is none.
    ///
    /// # Errors
    /// When a COLUMN that is required names nothing of this payload.
    pub fn resolve(&self, values: &Map<String, Value>, payload: &Value) -> Result<Option<Value>, FieldError> {
        let Some(value) = values.get(&self.id).or(self.default.as_ref()) else { return Ok(None) };
        if self.data_type != DataType::Column {
            return Ok(Some(value.clone()));
        }
        match payload.pointer(&as_text(value)) {
            Some(found) => Ok(Some(found.clone())),
            None if self.is_required() => {
                Err(FieldError::new(pointer(&self.id), "names a field that this event does not have"))
            }
            None => Ok(None),
        }
    }
}

/// The values of all params for one event, COLUMNs replaced by what they name; see [`ParamInfo::resolve`]. What is not
/// visible is left out.
///
/// # Errors
/// Every required COLUMN that names nothing of this payload.
pub fn resolve(
    params: &[ParamInfo],
    values: &Map<String, Value>,
    payload: &Value,
) -> Result<Map<String, Value>, Vec<FieldError>> {
    let (mut out, mut wrong) = (Map::new(), Vec::new());
    for p in params.iter().filter(|p| is_visible(params, p, values)) {
        match p.resolve(values, payload) {
            Ok(Some(v)) => {
                out.insert(p.id.clone(), v);
            }
            Ok(None) => {}
            Err(e) => wrong.push(e),
        }
    }
    if wrong.is_empty() { Ok(out) } else { Err(wrong) }
}
