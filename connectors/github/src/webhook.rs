//! GitHub's webhooks: verification, event type, delivery id, routing.
//!
//! What must not live here: the shape of any one payload ([`crate::triggers`]). All event types are accepted; those
//! without a trigger are kept raw. Vendor's page:
//! <https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries>.

use connector_core::{
    Error, Result, Verification, Verified, Webhook,
    webhook::{Incoming, KeySource, Locator, Reader, Signed},
};
use serde_json::Value;

/// The form field that holds the JSON when the webhook's content type is a form.
const FORM_FIELD: &str = "payload";

/// GitHub sends no larger body.
const MAX_BODY: usize = 25 << 20;

/// How requests of GitHub are verified and read.
///
/// `ping` is an ordinary signed delivery and is kept like any other. GitHub signs the body alone: no time, so there is no
/// replay window, and neither the delivery id nor the event's name. A redelivery repeats the id and is found by it; who
/// has captured a signed body could send it again under another id, which only TLS prevents.
pub fn webhook() -> Webhook {
    Webhook::new(
        Verification::Signed(Signed::hmac_sha256_body("x-hub-signature-256", "sha256=")),
        KeySource::Connection("webhook_secret".to_owned()),
        Reader::Function(read),
    )
    .delivery_id(Locator::header("x-github-delivery"))
    .route(Locator::body("/installation/id"), "installation_id")
    .route(Locator::FormJson(FORM_FIELD.to_owned(), "/installation/id".to_owned()), "installation_id")
    .media_type("application/x-www-form-urlencoded")
    .max_body(MAX_BODY)
}

fn read(v: &Verified) -> Result<Vec<Incoming>> {
    let r = v.inbound();
    let payload = if r.media_type() == "application/x-www-form-urlencoded" {
        let field = r.form().iter().find(|(name, _)| name == FORM_FIELD);
        let (_, text) = field.ok_or_else(|| Error::invalid_field("", "the form has no field `payload`"))?;
        serde_json::from_str(text).map_err(|_| Error::invalid_field("", "the form's `payload` is not JSON"))?
    } else {
        r.json().cloned().ok_or_else(|| Error::invalid_field("", "the body is not JSON"))?
    };
    let event_type = event_type(r.single_header("x-github-event"), &payload);
    Ok(vec![Incoming { event_type, occurred_at: None, subject: subject(&payload), payload }])
}

/// `issues.opened`, or `push` where the payload has no action.
fn event_type(header: Option<&str>, payload: &Value) -> String {
    let plain = |text: &str| text.chars().filter(|c| !c.is_control()).take(100).collect::<String>();
    let event = header.map(|h| plain(h.trim())).filter(|h| !h.is_empty()).unwrap_or_else(|| "unknown".to_owned());
    // The action of `repository_dispatch` is whatever its caller chose.
    match payload.get("action").and_then(Value::as_str).map(plain).filter(|a| !a.is_empty()) {
        Some(action) => format!("{event}.{action}"),
        None => event,
    }
}

/// The object that an event is about, the same for all events about it: `octocat/Hello-World#7` for an issue, a pull request
/// or a discussion and what is said and done on it; else the repository, else the organization, else the account that an
/// app is installed on; an advisory of GitHub's database is its own object.
///
/// Builds and checks are of their repository even when they name a pull request: they name none or several too, and not
/// the same at every event. Alerts and milestones are so as well, since their numbers would be taken for issues'.
fn subject(payload: &Value) -> Option<String> {
    let text = |pointer: &str| payload.pointer(pointer).and_then(Value::as_str);
    let number = ["/issue/number", "/pull_request/number", "/discussion/number"]
        .iter()
        .find_map(|p| payload.pointer(p).and_then(Value::as_u64));
    match (text("/repository/full_name"), number) {
        (Some(repo), Some(n)) => Some(format!("{repo}#{n}")),
        (Some(repo), None) => Some(repo.to_owned()),
        (None, _) => [
            "/organization/login",
            "/installation/account/login",
            "/installation/account/slug",
            "/security_advisory/ghsa_id",
        ]
        .into_iter()
        .find_map(text)
        .map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]

    use connector_core::{
        Bytes, Method, Secret, Timestamp,
        webhook::{Inbound, sign, verify},
    };
    use serde_json::json;

    use super::*;

    fn read_signed(headers: &[(&'static str, &str)], body: &str) -> Result<Vec<Incoming>> {
        let w = webhook();
        let key = Secret::from("It's a Secret to Everybody");
        let mut r = Inbound::new(
            Method::POST,
            "https://gateway.example/webhooks/github/c1",
            Default::default(),
            Bytes::copy_from_slice(body.as_bytes()),
            Timestamp::UNIX_EPOCH,
        );
        for (name, value) in headers {
            r.headers.insert(*name, value.parse().unwrap());
        }
        sign(&w.verification, &mut r, &key, Timestamp::UNIX_EPOCH).unwrap();
        w.read(&verify(&w.verification, r, &[key], Timestamp::UNIX_EPOCH).unwrap())
    }

    #[test]
    fn the_vendors_published_signature_is_accepted() {
        let w = webhook();
        let mut r = Inbound::new(
            Method::POST,
            "https://gateway.example/",
            Default::default(),
            "Hello, World!".into(),
            Timestamp::UNIX_EPOCH,
        );
        let signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
        r.headers.insert("x-hub-signature-256", signature.parse().unwrap());
        let verify = |key: &str| verify(&w.verification, r.clone(), &[Secret::from(key)], Timestamp::UNIX_EPOCH);
        assert!(verify("It's a Secret to Everybody").is_ok());
        assert!(verify("It's another secret").is_err());
    }

    #[test]
    fn a_form_is_read_as_its_payload() {
        let headers = [("content-type", "application/x-www-form-urlencoded"), ("x-github-event", "issues")];
        let body = "payload=%7B%22action%22%3A%22opened%22%2C%22issue%22%3A%7B%22number%22%3A7%7D%2C%22repository%22%3A%7B%22full_name%22%3A%22o%2Fr%22%7D%7D";
        let got = &read_signed(&headers, body).unwrap()[0];
        assert_eq!((got.event_type.as_str(), got.subject.as_deref()), ("issues.opened", Some("o/r#7")));
        assert_eq!(got.payload["issue"]["number"], 7);
        assert!(read_signed(&headers, "other=1").is_err());
        assert!(read_signed(&headers, "payload=nonsense").is_err());
    }

    #[test]
    fn event_types_and_subjects() {
        let t = |header, payload: Value| event_type(header, &payload);
        assert_eq!(t(Some("push"), json!({"ref": "refs/heads/main"})), "push");
        assert_eq!(t(Some("issues"), json!({"action": "opened"})), "issues.opened");
        assert_eq!(t(Some("invented"), json!({"action": 7})), "invented");
        assert_eq!(t(None, json!({})), "unknown");
        let s = |payload: Value| subject(&payload);
        assert_eq!(s(json!({"repository": {"full_name": "o/r"}})).as_deref(), Some("o/r"));
        assert_eq!(s(json!({"organization": {"login": "o"}})).as_deref(), Some("o"));
        assert_eq!(s(json!({"installation": {"id": 5, "account": {"login": "o"}}})).as_deref(), Some("o"));
        // An enterprise has a slug and no login.
        assert_eq!(s(json!({"installation": {"id": 5, "account": {"slug": "e"}}})).as_deref(), Some("e"));
        assert_eq!(s(json!({"installation": {"id": 5}})), None);
        assert_eq!(s(json!({"security_advisory": {"ghsa_id": "GHSA-1"}})).as_deref(), Some("GHSA-1"));
        for (of, what) in [
            ("pull_request", json!({"pull_request": {"number": 7}, "review": {"id": 1}})),
            ("discussion", json!({"discussion": {"number": 7}, "comment": {"id": 1}})),
        ] {
            let mut payload = what;
            payload["repository"] = json!({"full_name": "o/r"});
            assert_eq!(s(payload).as_deref(), Some("o/r#7"), "{of}");
        }
        // Neither an alert's number nor the pull requests of a check make it an event of an issue.
        let check = json!({"check_run": {"pull_requests": [{"number": 7}]}, "repository": {"full_name": "o/r"}});
        assert_eq!(s(check).as_deref(), Some("o/r"));
        assert_eq!(s(json!({"alert": {"number": 7}, "repository": {"full_name": "o/r"}})).as_deref(), Some("o/r"));
        assert_eq!(s(json!({})), None);
    }
}
