//! People as actions give them.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use super::{User, lenient};

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

/// Somebody as a search for people tells them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Person {
    /// Who it is.
    #[serde(flatten)]
    pub account: Account,
    /// Whether the account can be used; to one that was closed nothing can be assigned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
    /// The time zone, such as `Europe/Berlin`, if its owner shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
}

/// Reads an account as Jira sends it; nothing where it is of another form or without an id.
pub(crate) fn account<'de, D: Deserializer<'de>>(d: D) -> Result<Option<Account>, D::Error> {
    Ok(lenient::<User, _>(d)?.and_then(Account::of))
}

/// Somebody as Jira sends them.
#[derive(Debug, Deserialize)]
pub(crate) struct RawPerson {
    #[serde(flatten)]
    user: User,
    #[serde(default, deserialize_with = "lenient")]
    active: Option<bool>,
    #[serde(rename = "timeZone", default, deserialize_with = "lenient")]
    time_zone: Option<String>,
}

impl Person {
    /// What Jira tells of somebody; nothing where it tells no id.
    pub(crate) fn of(raw: RawPerson) -> Option<Self> {
        Some(Self { account: Account::of(raw.user)?, active: raw.active, time_zone: raw.time_zone })
    }
}
