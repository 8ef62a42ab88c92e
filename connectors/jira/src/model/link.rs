//! What one issue can be to another.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::lenient;

/// A type of link between issues.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LinkType {
    /// Its id, as text.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Its name, such as `Blocks`.
    pub name: String,
    /// What the link says seen from the issue it begins at, such as `blocks`.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub outward: Option<String>,
    /// What the link says seen from the issue it ends at, such as `is blocked by`.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub inward: Option<String>,
}
