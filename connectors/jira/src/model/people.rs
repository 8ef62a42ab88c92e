//! People as actions give them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::User;

/// Somebody with an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Account {
    /// The account id, at a Data Center the user name: what inputs such as `assignee` take.
    pub id: String,
    /// The name people see.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The e-mail address, if its owner shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Whether it is a program's account, where Jira says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app: Option<bool>,
}

impl Account {
    /// What Jira tells of an account; nothing where it tells no id.
    pub(crate) fn of(user: User) -> Option<Self> {
        let some = |text: Option<String>| text.filter(|t| !t.is_empty());
        Some(Self {
            // Cloud still sends names, empty.
            id: some(user.account_id).or(some(user.name))?,
            name: some(user.display_name),
            email: some(user.email_address),
            app: user.account_type.map(|t| t == "app"),
        })
    }
}
