//! Webhooks as GitHub keeps them. Their secrets are never told: GitHub shows stars in their place, and these shapes leave
//! even those out.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

/// A webhook of a repository or an organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Hook {
    /// Its numeric id; deliveries carry it in the header `X-GitHub-Hook-ID`.
    pub id: u64,
    /// `Repository` or `Organization`.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// `web`; other names are integrations of old.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Whether it sends anything.
    #[serde(default)]
    pub active: bool,
    /// The events it sends; `*` is all of them.
    #[serde(default)]
    pub events: Vec<String>,
    /// Where it sends them and how.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config: Option<HookConfig>,
    /// How its last delivery went; repositories' webhooks say so, if there was one in the last 30 days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_response: Option<HookResponse>,
    /// When it was made, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    /// When it was last changed, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<String>,
}

/// Where a webhook sends events and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HookConfig {
    /// Where to. What stands before an `@` in it, a user and a password, is left out.
    #[serde(default, deserialize_with = "without_user", skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// `json` or `form`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// Whether it sends although the receiver's certificate is not valid; `"1"` at GitHub.
    #[serde(default, deserialize_with = "flag", skip_serializing_if = "Option::is_none")]
    pub insecure_ssl: Option<bool>,
}

/// How a webhook's last delivery went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HookResponse {
    /// The HTTP status that the receiver answered with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<i64>,
    /// `active`, `unused`, or a word for the failure such as `timeout`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// GitHub's words for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// GitHub keeps stars for the secret, but tells a password that somebody put into the address.
fn without_user<'de, D: Deserializer<'de>>(d: D) -> Result<Option<String>, D::Error> {
    let url = Option::<String>::deserialize(d)?;
    Ok(url.map(|url| {
        let (scheme, rest) = url.split_once("://").unwrap_or(("", &url));
        let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        match authority.rsplit_once('@') {
            Some((_, host)) if scheme.is_empty() => format!("{host}{path}"),
            Some((_, host)) => format!("{scheme}://{host}{path}"),
            None => url,
        }
    }))
}

/// GitHub writes the flag as `"1"`, and takes and keeps the number `1` too.
fn flag<'de, D: Deserializer<'de>>(d: D) -> Result<Option<bool>, D::Error> {
    use serde_json::Value;
    Ok(match Value::deserialize(d)? {
        Value::String(s) => Some(s == "1"),
        Value::Number(n) => Some(n.as_f64() == Some(1.0)),
        Value::Bool(b) => Some(b),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::HookConfig;

    #[test]
    fn an_address_tells_no_password() {
        for (told, want) in [
            ("https://user:hidden@ci.example.com:8443/hook?a=b@c", "https://ci.example.com:8443/hook?a=b@c"),
            ("https://hidden@ci.example.com", "https://ci.example.com"),
            ("user:hi@dden@ci.example.com/hook", "ci.example.com/hook"),
            ("https://gateway.example.com/webhooks/github/@work", "https://gateway.example.com/webhooks/github/@work"),
        ] {
            let config: HookConfig = serde_json::from_value(serde_json::json!({"url": told})).unwrap();
            assert_eq!(config.url.as_deref(), Some(want));
        }
        let none: HookConfig = serde_json::from_str(r#"{"url": null}"#).unwrap();
        assert_eq!(none.url, None);
    }

    #[test]
    fn the_flag_has_two_forms_at_github() {
        for (form, want) in
            [(r#""1""#, Some(true)), ("1", Some(true)), (r#""0""#, Some(false)), ("0", Some(false)), ("null", None)]
        {
            let config: HookConfig = serde_json::from_str(&format!(r#"{{"insecure_ssl": {form}}}"#)).unwrap();
            assert_eq!(config.insecure_ssl, want, "{form}");
            // Our own output can be read again.
            let again: HookConfig = serde_json::from_value(serde_json::to_value(&config).unwrap()).unwrap();
            assert_eq!(again, config);
        }
    }
}
