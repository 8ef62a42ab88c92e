//! Webhooks as Jira keeps them; what they send is in the triggers.

use connector_core::{Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{lenient, text_or_number};

/// A dynamic webhook: one that an OAuth app registered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
// Read as Jira writes it, given as all outputs are written.
#[serde(rename_all(deserialize = "camelCase"))]
pub struct Webhook {
    /// Its id.
    pub id: u64,
    /// The events that it sends, such as `jira:issue_updated`.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub events: Option<Vec<String>>,
    /// The issues that it sends events of, as JQL.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub jql_filter: Option<String>,
    /// The ids of the fields whose change makes a `jira:issue_updated`; every field if there is nothing.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub field_ids_filter: Option<Vec<String>>,
    /// The keys of the issue properties whose change makes an event; every property if there is nothing.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub issue_property_keys_filter: Option<Vec<String>>,
    /// Where it sends to.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// When it ends, such as `2026-12-22T10:00:00.000+0000`; some sites say it in milliseconds of Unix time.
    #[serde(default, deserialize_with = "text_or_number", skip_serializing_if = "Option::is_none")]
    pub expiration_date: Option<String>,
}

/// An admin webhook: one that a Jira administrator made. Its secret is never told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
// Read as Jira writes it, given as all outputs are written.
#[serde(rename_all(deserialize = "camelCase"))]
pub struct AdminWebhook {
    /// Its id.
    pub id: u64,
    /// Its name, as the list in Jira shows it.
    pub name: String,
    /// Where it sends to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The events that it sends, such as `jira:issue_updated`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<String>,
    /// The issues that it sends events of, as JQL; all issues if there is nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jql_filter: Option<String>,
    /// Whether it is on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// Whether it sends no body; this connector cannot read such requests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exclude_body: Option<bool>,
}

/// The name of the filter by which the events of issues are narrowed.
pub(crate) const ISSUE_FILTER: &str = "issue-related-events-section";

/// An admin webhook as Jira sends it: it has no id but the one in its address.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReceivedAdminWebhook {
    #[serde(rename = "self")]
    address: String,
    name: String,
    #[serde(default, deserialize_with = "lenient")]
    url: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    events: Option<Vec<String>>,
    #[serde(default, deserialize_with = "lenient")]
    filters: Option<Map<String, Value>>,
    #[serde(default, deserialize_with = "lenient")]
    enabled: Option<bool>,
    #[serde(default, deserialize_with = "lenient")]
    exclude_body: Option<bool>,
}

impl TryFrom<ReceivedAdminWebhook> for AdminWebhook {
    type Error = Error;

    fn try_from(w: ReceivedAdminWebhook) -> Result<Self> {
        let id = w.address.trim_end_matches('/').rsplit('/').next().and_then(|id| id.parse().ok());
        let jql = w.filters.as_ref().and_then(|f| f.get(ISSUE_FILTER)).and_then(Value::as_str);
        Ok(Self {
            id: id.ok_or_else(|| Error::protocol("the webhook's address does not end with its id"))?,
            name: w.name,
            url: w.url,
            events: w.events.unwrap_or_default(),
            jql_filter: jql.filter(|jql| !jql.trim().is_empty()).map(str::to_owned),
            enabled: w.enabled,
            exclude_body: w.exclude_body,
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use connector_core::ErrorKind;
    use serde_json::json;

    use super::*;

    fn read(v: Value) -> Result<AdminWebhook> {
        serde_json::from_value::<ReceivedAdminWebhook>(v).unwrap().try_into()
    }

    #[test]
    fn the_id_is_the_end_of_the_address() {
        let w = read(json!({
            "self": "https://example.atlassian.net/rest/webhooks/1.0/webhook/72", "name": "w", "events": null,
            "filters": {"issue-related-events-section": " ", "other": null}, "enabled": "yes",
        }));
        let w = w.unwrap();
        assert_eq!((w.id, w.events, w.jql_filter, w.enabled), (72, vec![], None, None));
        let e = read(json!({"self": "https://example.atlassian.net/rest/webhooks/1.0/webhook", "name": "w"}));
        assert_eq!(e.unwrap_err().kind(), ErrorKind::Protocol);
    }
}
