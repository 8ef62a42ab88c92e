//! Jira's webhooks: verification, event type, delivery id, time and subject.
//!
//! What must not live here: the shape of any one payload ([`crate::triggers`]). All event types are accepted; those
//! without a trigger are kept raw. Vendor's page: <https://developer.atlassian.com/cloud/jira/platform/webhooks/>.

use connector_core::{
    Error, Result, Timestamp, Verification, Verified, Webhook,
    webhook::{Incoming, KeySource, Locator, Reader, Signed},
};
use serde_json::Value;

/// Issues with long texts and many custom fields make large bodies.
const MAX_BODY: usize = 25 << 20;

/// How requests of Jira are verified and read: webhooks that an administrator makes with a secret. Jira signs no time,
/// so there is no replay window; a retry repeats the webhook identifier and is found by it. A delivery names its site by
/// the addresses in it: those that come to an app's one address find their connection by that.
pub fn webhook() -> Webhook {
    Webhook::new(
        Verification::Signed(Signed::hmac_sha256_body("x-hub-signature", "sha256=")),
        KeySource::Connection("webhook_secret".to_owned()),
        Reader::Function(read),
    )
    .delivery_id(Locator::header("x-atlassian-webhook-identifier"))
    .route(Locator::Origin("/issue/self".to_owned()), "site")
    .max_body(MAX_BODY)
}

fn read(v: &Verified) -> Result<Vec<Incoming>> {
    let payload = v.inbound().json().cloned().ok_or_else(|| Error::invalid_field("", "the body is not JSON"))?;
    let event_type = event_type(&payload);
    let millis = payload.get("timestamp").and_then(Value::as_i64);
    let occurred_at = millis.and_then(|ms| Timestamp::from_millisecond(ms).ok());
    let subject = payload.pointer("/issue/key").and_then(Value::as_str).map(str::to_owned);
    Ok(vec![Incoming { event_type, occurred_at, subject, payload }])
}

/// Jira's name without the `jira:` that some of them have: `issue_created`, `comment_created`, `version_released`.
fn event_type(payload: &Value) -> String {
    let name = payload.get("webhookEvent").and_then(Value::as_str).unwrap_or_default().trim();
    let plain: String =
        name.strip_prefix("jira:").unwrap_or(name).chars().filter(|c| !c.is_control()).take(100).collect();
    if plain.is_empty() { "unknown".to_owned() } else { plain }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]

    use connector_core::{
        Bytes, Method, Secret,
        webhook::{Inbound, verify},
    };
    use serde_json::json;

    use super::*;

    fn read_with(signature: &str, body: &str) -> Option<Result<Vec<Incoming>>> {
        let w = webhook();
        let now = Timestamp::UNIX_EPOCH;
        let mut r = Inbound::new(
            Method::POST,
            "https://gateway.example/webhooks/jira/c1",
            Default::default(),
            Bytes::copy_from_slice(body.as_bytes()),
            now,
        );
        r.headers.insert("x-hub-signature", signature.parse().unwrap());
        Some(w.read(&verify(&w.verification, r, &[Secret::from("test_secret")], now).ok()?))
    }

    #[test]
    fn the_signature_covers_the_raw_bytes() {
        let body = "{\"hello\":\"wörld\"}";
        let signature = "sha256=5c8ccf72ed476855462a8604ede5133891d529e316fb450d7ea72dd7b2b600ea";
        let got = read_with(signature, body).unwrap().unwrap();
        assert_eq!(got[0].event_type, "unknown");
        assert!(read_with(signature, "{\"hello\":\"world\"}").is_none());
        assert!(read_with(signature.trim_start_matches("sha256="), body).is_none());
    }

    #[test]
    fn event_types_lose_their_prefix() {
        let t = |name: &str| event_type(&json!({"webhookEvent": name}));
        assert_eq!(t("jira:issue_created"), "issue_created");
        assert_eq!(t("comment_created"), "comment_created");
        assert_eq!(t("jira:version_released"), "version_released");
        assert_eq!(t(""), "unknown");
    }
}
