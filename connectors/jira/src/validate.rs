//! The check of a connection: who its credentials are, and whether what it declares makes sense.
//!
//! What must not live here: other requests. Vendor's page:
//! <https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-myself/>.

use connector_core::{
    BoxFuture, Cx, Error, ErrorKind, FieldError, Method, Result, connector::Validation, request::parse_url,
};
use serde::Deserialize;

use crate::{
    client::{self, FieldMap, GATEWAY_HOST},
    fields::{self, Fields},
};

/// What `GET /myself` tells.
/// <https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-myself/#api-rest-api-3-myself-get>
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Myself {
    account_id: Option<String>,
    /// Data Center knows no account ids: calls name people by `name`, and `key` stays when a name changes.
    name: Option<String>,
    key: Option<String>,
    display_name: Option<String>,
    email_address: Option<String>,
}

/// Checks a connection by asking who its credentials are.
pub(crate) fn validate(cx: &Cx) -> BoxFuture<'_, Result<Validation>> {
    Box::pin(check(cx))
}

async fn check(cx: &Cx) -> Result<Validation> {
    if let Err(errors) = Fields::check(cx.value(fields::PARAM)) {
        return Ok(Validation { errors, ..Validation::default() });
    }
    let request = client::request(cx, Method::GET, "/myself")?.endpoint("myself.get");
    let e = match client::send_json::<Myself>(cx, request, FieldMap::default()).await {
        Ok(me) => return who(cx, me),
        Err(e) => e,
    };
    Ok(match (e.kind(), e.status()) {
        (ErrorKind::Auth, _) => refused(cx),
        (ErrorKind::Permission, _) => Validation::failed("api_token", e.caller_text()),
        (ErrorKind::Misconfigured, Some(_)) => Validation::failed("site", e.caller_text()),
        (ErrorKind::NotFound | ErrorKind::Protocol | ErrorKind::Unsupported, _) => {
            Validation::failed("site", no_jira(cx))
        }
        (ErrorKind::Refused, _) => Validation::failed("site", e.caller_text()),
        (ErrorKind::UpstreamUnavailable | ErrorKind::Timeout, None) => {
            Validation::failed("site", format!("cannot be reached: {}", e.caller_text()))
        }
        _ => return Err(e),
    })
}

fn who(cx: &Cx, me: Myself) -> Result<Validation> {
    let some = |text: Option<String>| text.filter(|t| !t.is_empty());
    let (name, key) = (some(me.name), some(me.key));
    let id = some(me.account_id).or_else(|| name.clone());
    let id = id.ok_or_else(|| Error::protocol("Jira does not say who this is"))?;
    let account = some(me.display_name).or(me.email_address).unwrap_or_else(|| id.clone());
    let found = Validation::ok(account).identity("site", cx.param("site")?);
    Ok(match key.filter(|_| client::is_data_center(cx)) {
        Some(key) => found.identity("user_name", id).identity("user_key", key),
        None if client::is_data_center(cx) => found.identity("user_name", id),
        None => found.identity("account_id", id),
    })
}

fn no_jira(cx: &Cx) -> &'static str {
    if client::is_data_center(cx) {
        "does not answer like Jira Data Center; it is the address with the context path, such as https://jira.example.com/jira"
    } else {
        "does not answer like Jira Cloud; it is the address before the first path, such as https://example.atlassian.net. \
         For a Jira of your own choose Data Center as `deployment`"
    }
}

/// Which of e-mail address and token is wrong Jira never says; without an address the most likely fault is that. A Data
/// Center wants the token alone.
fn refused(cx: &Cx) -> Validation {
    if client::is_data_center(cx) {
        return Validation::failed(
            "api_token",
            "is not accepted: it must be a personal access token of this Jira, and may be wrong, expired or revoked",
        );
    }
    let gateway = parse_url(cx.param_opt("site").unwrap_or_default()).is_ok_and(|u| u.host_str() == Some(GATEWAY_HOST));
    let errors = match (cx.param_opt("email").is_some(), gateway) {
        (true, _) => vec![
            FieldError::new("/email", "does not fit the API token: it must be the account that made the token"),
            FieldError::new(
                "/api_token",
                "is not accepted with this e-mail address; it may be wrong, expired or revoked",
            ),
        ],
        (false, false) => vec![FieldError::new("/email", "is needed for an API token; give the account that made it")],
        (false, true) => vec![FieldError::new("/api_token", "is not accepted; it may be wrong, expired or revoked")],
    };
    Validation { errors, ..Validation::default() }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]

    use connector_core::{Request, SecretSlot};
    use connector_testkit::canned::{Answer, block_on, cx, response};
    use serde_json::{Value, json};

    use super::*;

    fn validation(values: Value, answer: Answer) -> (Validation, Vec<Request>) {
        let (cx, sent) = cx(&crate::CONNECTOR, values, vec![answer]);
        (block_on(connector_core::Connector::from(&crate::CONNECTOR).validate(&cx)), sent.take())
    }

    fn values() -> Value {
        json!({"site": "https://example.atlassian.net", "email": "mia@example.com"})
    }

    #[test]
    fn the_validator_tells_the_account() {
        let me = json!({"accountId": "5b10a2844c20165700ede21g", "displayName": "Mia Krystof", "active": true});
        let (v, sent) = validation(values(), Ok(response(200, &[], me)));
        assert!(v.errors.is_empty());
        assert_eq!(v.account.as_deref(), Some("Mia Krystof"));
        assert_eq!(v.identity["account_id"], "5b10a2844c20165700ede21g");
        assert_eq!(sent[0].url().unwrap().as_str(), "https://example.atlassian.net/rest/api/3/myself");
        assert!(matches!(&sent[0].slots()[0], SecretSlot::Basic { user, .. } if user == "mia@example.com"));
    }

    #[test]
    fn the_gateway_gets_a_bearer_token_below_its_path() {
        let site = "https://api.atlassian.com/ex/jira/11223344-a1b2-3b33-c444-def123456789";
        let (v, sent) = validation(json!({"site": site}), Ok(response(200, &[], json!({"accountId": "a"}))));
        assert!(v.errors.is_empty());
        assert_eq!(sent[0].url().unwrap().as_str(), format!("{site}/rest/api/3/myself"));
        assert!(matches!(&sent[0].slots()[0], SecretSlot::Header { prefix: "Bearer ", .. }));
    }

    #[test]
    fn the_validator_puts_its_errors_on_the_params() {
        let at = |values: Value, answer: Answer| {
            validation(values, answer).0.errors.into_iter().map(|e| e.pointer).collect::<Vec<_>>()
        };
        let status = |s: u16| Ok(response(s, &[], json!({})));
        assert_eq!(at(values(), status(401)), ["/email", "/api_token"]);
        assert_eq!(at(json!({"site": "https://example.atlassian.net"}), status(401)), ["/email"]);
        assert_eq!(at(json!({"site": "https://api.atlassian.com/ex/jira/1"}), status(401)), ["/api_token"]);
        assert_eq!(at(values(), status(403)), ["/api_token"]);
        assert_eq!(at(values(), status(404)), ["/site"]);
        assert_eq!(at(values(), status(302)), ["/site"]);
        assert_eq!(at(values(), Ok(response(200, &[], json!("<html>")))), ["/site"]);
        assert_eq!(at(values(), Err(Error::new(ErrorKind::UpstreamUnavailable, "no such host"))), ["/site"]);
        assert_eq!(at(values(), Err(Error::new(ErrorKind::Refused, "private address"))), ["/site"]);
        assert_eq!(at(values(), status(503)), [""]);
    }

    #[test]
    fn a_data_center_tells_the_user_name_and_key() {
        let values = json!({"site": "https://jira.example.com/jira", "deployment": "data_center"});
        let me = json!({"name": "mia", "key": "JIRAUSER10100", "emailAddress": "mia@example.com"});
        let (v, sent) = validation(values.clone(), Ok(response(200, &[], me)));
        assert_eq!(sent[0].url().unwrap().as_str(), "https://jira.example.com/jira/rest/api/2/myself");
        assert!(matches!(&sent[0].slots()[0], SecretSlot::Header { prefix: "Bearer ", .. }));
        assert_eq!(v.account.as_deref(), Some("mia@example.com"));
        assert_eq!((v.identity["user_name"].as_str(), v.identity["user_key"].as_str()), ("mia", "JIRAUSER10100"));
        assert!(!v.identity.contains_key("account_id"));
        let (v, _) =
            validation(values.clone(), Ok(response(401, &[], json!({"message": "Client must be authenticated"}))));
        assert_eq!((v.errors.len(), v.errors[0].pointer.as_str()), (1, "/api_token"));
        assert!(v.errors[0].message.contains("personal access token"));
        let (v, _) = validation(values, Ok(response(404, &[], json!({}))));
        assert!(v.errors[0].message.contains("context path"));
    }

    #[test]
    fn what_is_declared_wrongly_is_said_before_anything_is_sent() {
        let values = json!({"site": "https://example.atlassian.net", "custom_fields": {"team": {"id": "10001"}}});
        let (cx, sent) = cx(&crate::CONNECTOR, values, vec![]);
        let v = block_on(connector_core::Connector::from(&crate::CONNECTOR).validate(&cx));
        assert_eq!(v.errors[0].pointer, "/custom_fields/team/id");
        assert!(sent.take().is_empty());
    }
}
