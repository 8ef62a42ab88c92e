//! Dynamic descriptors: what a connector learned about one connection that changes how its actions look there.
//!
//! What lives here: [`Descriptors`], the traits by which a connector gives them, and their being laid over an action's
//! schema. What must not: keeping them, or showing them.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{action::BoxFuture, cx::Cx, error::Result, param::OptionInfo};

/// How the actions of one connection differ from the connector's own.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Descriptors {
    /// By action; those that are not named are as the connector declares them.
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
    /// JSON Schema of a field that the connector does not declare itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<Value>,
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
