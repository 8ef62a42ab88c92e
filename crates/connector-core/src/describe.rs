//! Dynamic descriptors: what a connector learned about one connection that changes how its actions look there.
//!
//! What lives here: [`Descriptors`], the traits by which a connector gives them, their bounds, and their being laid over an
//! action's schema. What must not: keeping them, or showing them.

mod bound;
mod lay;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use bound::{MAX_BYTES, MAX_OPTIONS};
pub use lay::EffectiveAction;

use crate::{action::BoxFuture, cx::Cx, error::Result, param::OptionInfo};

/// How the actions of one connection differ from the connector's own.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Descriptors {
    /// Fields that look so in every action that declares them, such as `/channel`: said once, not for each action. What an
    /// action says of the same field goes before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldOverride>,
    /// By action; those that are not named are as the connector declares them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<ActionOverride>,
}

/// How one action differs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ActionOverride {
    /// The action's name.
    pub action: String,
    /// Whether it is of no use here and is not shown.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub hidden: bool,
    /// What people call it, here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What it does, here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// Fields of its input.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldOverride>,
}

/// How one field of an input differs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct FieldOverride {
    /// JSON pointer of the field in the input: `/project`, or `/custom_fields/story_points` for one that a map of free names
    /// holds.
    pub field: String,
    /// What people call it, here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// What it is, here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The values that it takes, here. Inputs are not refused for others: what was learned may be old.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<OptionInfo>,
    /// JSON Schema of a field that the connector does not declare itself: what says of which kind its values are, such as
    /// `type`, `format`, `items`, `properties`. What would only refuse values is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<Value>,
}

impl ActionOverride {
    /// An action that is of no use here.
    pub fn hidden(action: impl Into<String>) -> Self {
        Self { action: action.into(), hidden: true, ..Self::default() }
    }

    /// An action with these fields.
    pub fn with_fields(action: impl Into<String>, fields: Vec<FieldOverride>) -> Self {
        Self { action: action.into(), fields, ..Self::default() }
    }
}

impl FieldOverride {
    /// A field that takes these values, as (value, label).
    pub fn with_options(field: &str, options: impl IntoIterator<Item = (String, String)>) -> Self {
        let options = options.into_iter().map(|(value, label)| OptionInfo { label, value }).collect();
        Self { field: field.to_owned(), options, ..Self::default() }
    }
}

/// What a connector asks the service to describe a connection, as a const connector declares it.
pub type DescribeFn = for<'a> fn(&'a Cx) -> BoxFuture<'a, Result<Descriptors>>;

/// What describes a connection, as an object: functions are one implementation.
pub trait Describe: Send + Sync {
    /// Asks the service.
    ///
    /// # Errors
    /// Whatever the service says; what was known before stays.
    fn describe<'a>(&'a self, cx: &'a Cx) -> BoxFuture<'a, Result<Descriptors>>;
}

impl Describe for DescribeFn {
    fn describe<'a>(&'a self, cx: &'a Cx) -> BoxFuture<'a, Result<Descriptors>> {
        self(cx)
    }
}
