//! Jira's webhooks: verification, event type, delivery id, time and subject.
//!
//! What must not live here: the shape of any one payload ([`crate::triggers`]). All event types are accepted; those
//! without a trigger are kept raw. Vendor's page: <https://developer.atlassian.com/cloud/jira/platform/webhooks/>.

use connector_core::{
    Error, Result, Timestamp, Verification, Verified, Webhook,
    webhook::{Incoming, KeySource, Locator, Reader, Signed},
};
use serde_json::Value;

/// Where payloads name their site: by the address of what they are about. A link, and a sprint or a board that was deleted,
/// come without one.
const ADDRESSES: &[&str] = &[
    "/issue/self",
    "/comment/self",
    "/worklog/self",
    "/attachment/self",
    "/version/self",
    "/project/self",
    "/sprint/self",
    "/board/self",
    "/configuration/self",
    "/user/self",
];

/// Issues with long texts and many custom fields make large bodies.
const MAX_BODY: usize = 25 << 20;

/// How requests of Jira are verified and read: webhooks that an administrator makes with a secret. Jira signs no time,
/// so there is no replay window; a retry repeats the webhook identifier and is found by it. A delivery names its site by
/// the addresses in it: those that come to an app's one address find their connection by that.
pub fn webhook() -> Webhook {
    let webhook = Webhook::new(
        Verification::Signed(Signed::hmac_sha256_body("x-hub-signature", "sha256=")),
        KeySource::Connection("webhook_secret".to_owned()),
        Reader::Function(read),
    )
    .delivery_id(Locator::header("x-atlassian-webhook-identifier"))
    .max_body(MAX_BODY);
    ADDRESSES.iter().fold(webhook, |w, pointer| w.route(Locator::Origin((*pointer).to_owned()), "site"))
}

fn read(v: &Verified) -> Result<Vec<Incoming>> {
    let payload = v.inbound().json().cloned().ok_or_else(|| Error::invalid_field("", "the body is not JSON"))?;
    let event_type = event_type(&payload);
    let millis = payload.get("timestamp").and_then(Value::as_i64);
    let occurred_at = millis.and_then(|ms| Timestamp::from_millisecond(ms).ok());
    let subject = subject(&payload);
    Ok(vec![Incoming { event_type, occurred_at, subject, payload }])
}

/// What the event is about: an issue's key, or its id where Jira tells no more; else the project of a version, the board
/// of a sprint, a person.
fn subject(payload: &Value) -> Option<String> {
    let at = |pointer: &str| match payload.pointer(pointer)? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let link = || Some(format!("{} {}", at("/issueLink/sourceIssueId")?, at("/issueLink/destinationIssueId")?));
    let named = |kind: &str, pointer: &str| Some(format!("{kind}/{}", at(pointer)?));
    at("/issue/key")
        .or_else(|| at("/worklog/issueId"))
        .or_else(|| issue_id(payload.pointer("/comment/self")?.as_str()?))
        .or_else(link)
        .or_else(|| named("project", "/version/projectId"))
        .or_else(|| named("project", "/project/id"))
        .or_else(|| named("board", "/sprint/originBoardId"))
        .or_else(|| named("board", "/board/id"))
        .or_else(|| named("board", "/configuration/id"))
        .or_else(|| named("user", "/user/accountId"))
        .or_else(|| named("user", "/user/name"))
}

/// The id of the issue in the address of one of its comments: a Data Center tells it nowhere else.
fn issue_id(comment: &str) -> Option<String> {
    let id = comment.split_once("/issue/")?.1.split('/').next()?;
    (!id.is_empty() && id.bytes().all(|b| b.is_ascii_digit())).then(|| id.to_owned())
}

/// Jira's name without the `jira:` that some of them have: `issue_created`, `comment_created`, `version_released`. A Data
/// Center has a `jira:worklog_updated` beside `worklog_updated`: one tells the issue, the other the worklog.
fn event_type(payload: &Value) -> String {
    let name = payload.get("webhookEvent").and_then(Value::as_str).unwrap_or_default().trim();
    if name == "jira:worklog_updated" {
        return "issue_worklog_updated".to_owned();
    }
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
        assert_eq!(t("worklog_updated"), "worklog_updated");
        assert_eq!(t("jira:worklog_updated"), "issue_worklog_updated");
        assert_eq!(t(""), "unknown");
    }

    #[test]
    fn events_are_about_an_issue_a_project_a_board_or_a_person() {
        let s = |payload: Value| subject(&payload);
        let about = |payload: Value| s(payload).unwrap();
        assert_eq!(about(json!({"issue": {"key": "ENG-24"}, "comment": {"self": "x"}})), "ENG-24");
        assert_eq!(about(json!({"worklog": {"issueId": "10002"}})), "10002");
        assert_eq!(about(json!({"comment": {"self": "https://a.example/rest/api/2/issue/10002/comment/1"}})), "10002");
        assert_eq!(about(json!({"issueLink": {"sourceIssueId": 1, "destinationIssueId": 2}})), "1 2");
        assert_eq!(about(json!({"version": {"projectId": 10000}})), "project/10000");
        assert_eq!(about(json!({"project": {"id": 10000}})), "project/10000");
        assert_eq!(about(json!({"sprint": {"id": 7, "originBoardId": 5}})), "board/5");
        assert_eq!(about(json!({"board": {"id": 5}})), "board/5");
        assert_eq!(about(json!({"configuration": {"id": 5}})), "board/5");
        assert_eq!(about(json!({"user": {"accountId": "5b10a", "name": ""}})), "user/5b10a");
        assert_eq!(about(json!({"user": {"name": "mia"}})), "user/mia");
        assert_eq!(s(json!({"comment": {"self": "https://a.example/issue/../1"}})), None);
        assert_eq!(s(json!({"attachment": {"id": "1"}})), None);
    }
}
