//! Params: the declared settings of a connection, an app, an action or a flow template.
//!
//! What lives here: the declaration ([`ParamSpec`] const, [`ParamInfo`] owned), and what is made from it: the JSON Schema
//! ([`params_schema`]), the cleaning of given values ([`clean()`]), forms as data ([`form`]), a table for pages
//! ([`table`]), and the checks that cleaning and connectors share ([`checks`]). What must not: pages, prompts and
//! options' requests, which are made from this elsewhere.

pub mod checks;
mod clean;
pub mod file;
pub mod form;
mod info;
mod migrate;
mod schema;
mod spec;
pub mod table;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use self::{
    checks::{Mistaken, TokenShape},
    clean::{Cleaned, MAX_VALUE_BYTES, clean, is_visible},
    file::FileValue,
    info::{AntiExampleValue, FieldsetInfo, LiveInfo, OptionInfo, ParamInfo, TokenInfo, VisibleInfo, resolve},
    schema::params_schema,
    spec::{Fieldset, ParamSpec, SelectOption},
};
use crate::error::FieldError;

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

/// What becomes of letters where the service takes upper and lower case for the same.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Case {
    /// They stay as they are given.
    #[default]
    Kept,
    /// They are stored in lower case.
    Lower,
    /// They are stored in upper case.
    Upper,
}

impl Case {
    /// The text as it is stored.
    pub fn of(self, text: &str) -> String {
        match self {
            Self::Kept => text.to_owned(),
            Self::Lower => text.to_lowercase(),
            Self::Upper => text.to_uppercase(),
        }
    }
}

/// Brings stored values of an older version (the first argument) to the connector's current one: renames, splits, defaults.
/// Secrets are not among them.
///
/// # Errors
/// The fields that a person must fill in again, each with why.
pub type MigrateFn = fn(u32, &mut Map<String, Value>) -> Result<(), Vec<FieldError>>;

/// The JSON pointer of a param's value.
pub(crate) fn pointer(id: &str) -> String {
    format!("/{}", crate::schema::escape(id))
}

/// A value as the text that a person would type.
pub(crate) fn as_text(value: &Value) -> String {
    match value {
        Value::String(s) => s.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}
