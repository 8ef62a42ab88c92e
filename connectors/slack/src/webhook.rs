//! What Slack sends: how it is verified, answered, routed and read.
//!
//! Three kinds of request come to one address, all signed the same way: the Events API (JSON), slash commands (a form)
//! and interactivity (a form whose field `payload` holds JSON).
//! See <https://docs.slack.dev/authentication/verifying-requests-from-slack> and <https://docs.slack.dev/apis/events-api/>.

use connector_core::{
    Error, Result, Timestamp, Verification, Verified, Webhook,
    webhook::{
        Answer, AnswerBody, Condition, Handshake, Inbound, Incoming, KeySource, Locator, Part, Proof, Reader, Signed,
        TimeUnit,
    },
};
use serde_json::{Map, Value};

/// The media type of slash commands and interactivity.
const FORM: &str = "application/x-www-form-urlencoded";

/// The declaration.
pub fn webhook() -> Webhook {
    let form = |field: &str| Locator::Form(field.to_owned());
    let interaction = |pointer: &str| Locator::FormJson("payload".to_owned(), pointer.to_owned());
    Webhook::new(verification(), KeySource::App("signing_secret".into()), Reader::Function(read))
        .media_type(FORM)
        .handshake(Handshake::echo(
            vec![Condition::is(Locator::body("/type"), "url_verification")],
            Locator::body("/challenge"),
        ))
        // Slack looks now and then whether a slash command's address has a good certificate.
        .handshake(Handshake {
            method: connector_core::Method::POST,
            when: vec![Condition::is(form("ssl_check"), "1")],
            proof: Proof::Verified,
            answer: Answer { status: 200, body: AnswerBody::Empty, echo_header: None },
            supplies_key: None,
        })
        .delivery_id(Locator::body("/event_id"))
        .route(Locator::body("/team_id"), "team_id")
        .route(form("team_id"), "team_id")
        .route(interaction("/team/id"), "team_id")
        // Only the connection of an org-wide installation is known by this.
        .route(Locator::body("/enterprise_id"), "enterprise_id")
        .route(form("enterprise_id"), "enterprise_id")
        .route(interaction("/enterprise/id"), "enterprise_id")
        // A modal closes only on an empty 200; with a body Slack shows the user an error.
        .acknowledge(vec![Condition::is(interaction("/type"), "view_submission")], 200, false)
        // Other interactivity, and slash commands: Slack would show a body to the user as the answer.
        .acknowledge(vec![Condition::present(form("payload"))], 200, false)
        .acknowledge(vec![Condition::present(form("command"))], 200, false)
}

fn verification() -> Verification {
    let literal = |text: &str| Part::Literal(text.to_owned());
    Verification::Signed(
        Signed::hmac_sha256_body("x-slack-signature", "v0=")
            .parts([literal("v0:"), Part::Timestamp, literal(":"), Part::Body])
            .timestamp_header("x-slack-request-timestamp", TimeUnit::Seconds, Some(300)),
    )
}

fn read(verified: &Verified) -> Result<Vec<Incoming>> {
    let request = verified.inbound();
    Ok(vec![if request.media_type() == FORM { read_form(request) } else { read_event(request)? }])
}

/// The Events API: an envelope around one event. What is no envelope (`app_rate_limited`) is kept by its own type.
fn read_event(request: &Inbound) -> Result<Incoming> {
    let envelope = request.json().ok_or_else(|| Error::invalid_field("", "the body is not JSON"))?;
    let outer = text(envelope, "/type").unwrap_or("unknown");
    let event = envelope.get("event").filter(|_| outer == "event_callback");
    let event_type = match event {
        Some(e) => match (text(e, "/type").unwrap_or("unknown"), text(e, "/subtype")) {
            ("message", Some(subtype)) => format!("message.{subtype}"),
            (kind, _) => kind.to_owned(),
        },
        None => outer.to_owned(),
    };
    let seconds = envelope.get("event_time").or_else(|| envelope.get("minute_rate_limited")).and_then(Value::as_i64);
    Ok(Incoming {
        event_type,
        occurred_at: seconds.and_then(|s| Timestamp::from_second(s).ok()),
        subject: event.and_then(event_subject).or_else(|| text(envelope, "/team_id").map(str::to_owned)),
        payload: envelope.clone(),
    })
}

/// What an event is about: a thread, a message, a channel or a user, so that those of one thread keep their order.
fn event_subject(event: &Value) -> Option<String> {
    let first = |pointers: &[&str]| pointers.iter().find_map(|p| text(event, p));
    let Some(channel) = first(&["/channel", "/channel/id", "/item/channel", "/channel_id"]) else {
        return first(&["/user/id", "/user", "/user_id"]).map(str::to_owned);
    };
    // An edit or removal wraps the message that it is about.
    let message = first(&[
        "/thread_ts",
        "/message/thread_ts",
        "/previous_message/thread_ts",
        "/message/ts",
        "/previous_message/ts",
        "/deleted_ts",
        "/item/ts",
        "/message_ts",
        "/ts",
    ]);
    Some(message.map_or_else(|| channel.to_owned(), |ts| format!("{channel}:{ts}")))
}

fn read_form(request: &Inbound) -> Incoming {
    let field = |name: &str| request.form().iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str());
    // A `payload` that is no JSON object is nothing that we know; it is kept like any other unknown form.
    if let Some(payload @ Value::Object(_)) = field("payload").and_then(|json| serde_json::from_str(json).ok()) {
        return read_interaction(payload);
    }
    let event_type = if field("command").is_some() { "slash_command" } else { "unknown" };
    let subject = field("channel_id").or_else(|| field("team_id")).map(str::to_owned);
    let mut payload = Map::new();
    for (name, value) in request.form() {
        // Where a name is there twice the first counts, as it does for routing.
        payload.entry(name.as_str()).or_insert_with(|| Value::from(value.as_str()));
    }
    Incoming { event_type: event_type.to_owned(), occurred_at: None, subject, payload: Value::Object(payload) }
}

fn read_interaction(payload: Value) -> Incoming {
    let first = |pointers: &[&str]| pointers.iter().find_map(|p| text(&payload, p));
    let channel = first(&["/container/channel_id", "/channel/id"]);
    let message = first(&["/container/thread_ts", "/message/thread_ts", "/container/message_ts", "/message/ts"]);
    let subject = match (channel, message) {
        (Some(c), Some(ts)) => Some(format!("{c}:{ts}")),
        (Some(c), None) => Some(c.to_owned()),
        (None, _) => first(&["/view/root_view_id", "/view/id", "/user/id"]).map(str::to_owned),
    };
    Incoming {
        event_type: format!("interaction.{}", first(&["/type"]).unwrap_or("unknown")),
        occurred_at: first(&["/action_ts", "/actions/0/action_ts"]).and_then(instant),
        subject,
        payload,
    }
}

/// The instant of a ts such as `1548426417.840180`: seconds and microseconds.
fn instant(ts: &str) -> Option<Timestamp> {
    let (seconds, fraction) = ts.split_once('.').unwrap_or((ts, "0"));
    let micros: i32 = format!("{fraction:0<6}").get(..6)?.parse().ok()?;
    Timestamp::new(seconds.parse().ok()?, micros.checked_mul(1000)?).ok()
}

fn text<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value.pointer(pointer).and_then(Value::as_str).filter(|t| !t.is_empty())
}
