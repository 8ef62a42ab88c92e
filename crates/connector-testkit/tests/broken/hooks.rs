//! Faults of webhooks and triggers.

use connector_core::{
    Result, TriggerDef, TriggerSpec, Verification, Verified, Webhook, WebhookTrigger,
    webhook::{Incoming, KeySource, Locator, Part, Reader, Signed, TimeUnit},
};
use connector_testkit::contract::Law;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    breaks,
    files::Files,
    widgets::{CREATE, HEALTHY, MADE, MADES, connector, hook, hook_of, read_event, signature},
};

#[test]
fn a_signature_that_ignores_the_body() {
    fn bad() -> Webhook {
        hook_of(signature().parts([Part::Literal("v0:".into()), Part::Timestamp]), Reader::Function(read_event))
    }
    breaks(&HEALTHY.webhook(bad), &Files::healthy(), &[Law::BodyBound], "covers nothing of the body");
}

#[test]
fn a_time_that_is_not_signed() {
    fn bad() -> Webhook {
        hook_of(signature().parts([Part::Body]), Reader::Function(read_event))
    }
    breaks(&HEALTHY.webhook(bad), &Files::healthy(), &[Law::Fresh], "a time that was moved after signing is accepted");
}

#[test]
fn a_wrong_event_type() {
    fn read(v: &Verified) -> Result<Vec<Incoming>> {
        let mut list = read_event(v)?;
        list.iter_mut().for_each(|i| i.event_type = i.event_type.replace("made", "maked"));
        Ok(list)
    }
    fn bad() -> Webhook {
        hook_of(signature(), Reader::Function(read))
    }
    breaks(
        &HEALTHY.webhook(bad),
        &Files::healthy(),
        &[Law::EventRead],
        "should be `widget.made`, it is `widget.maked`",
    );
}

#[test]
fn a_subject_that_is_lost() {
    fn bad() -> Webhook {
        hook_of(signature(), Reader::Data { event_type: vec![Locator::body("/type")], subject: None })
    }
    breaks(&HEALTHY.webhook(bad), &Files::healthy(), &[Law::EventRead], "the subject should be `w_1`, it is `none`");
}

#[test]
fn an_unknown_event_type_as_an_error() {
    fn read(v: &Verified) -> Result<Vec<Incoming>> {
        let list = read_event(v)?;
        if list.iter().any(|i| i.event_type != "widget.made") {
            return Err(connector_core::Error::invalid_field("/type", "is unknown"));
        }
        Ok(list)
    }
    fn bad() -> Webhook {
        hook_of(signature(), Reader::Function(read))
    }
    breaks(&HEALTHY.webhook(bad), &Files::healthy(), &[Law::UnknownEvents], "an unknown event type is an error");
}

#[test]
fn a_reader_that_panics() {
    fn read(v: &Verified) -> Result<Vec<Incoming>> {
        let list = read_event(v)?;
        for i in &list {
            assert!(i.payload["widget"].is_object(), "no widget");
        }
        Ok(list)
    }
    fn bad() -> Webhook {
        hook_of(signature(), Reader::Function(read))
    }
    let mut files = Files::healthy();
    // A challenge has no widget, and is not read.
    files.remove("webhooks/challenge.json");
    breaks(&HEALTHY.webhook(bad), &files, &[Law::MutatedBodies], "makes reading panic");
}

#[test]
fn no_delivery_id() {
    fn bad() -> Webhook {
        let mut w = hook();
        w.delivery_id.clear();
        w
    }
    let spec = HEALTHY.webhook(bad);
    breaks(&spec, &Files::healthy(), &[Law::DeliveryId], "the delivery id should be `d_1`, it is `none`");
    let files = Files::with("webhooks/widget.json", |v| v["expect"]["delivery_id"] = serde_json::Value::Null);
    breaks(&spec, &files, &[Law::DeliveryId], "declare `dedupe_by_digest()`");
}

#[test]
fn another_acknowledgement() {
    let files = Files::with("webhooks/widget.json", |v| v["expect"]["ack"]["status"] = 200.into());
    breaks(&HEALTHY, &files, &[Law::Acknowledgement], "should be acknowledged with 200, it is with 202");
}

#[test]
fn another_identity() {
    let files = Files::with("webhooks/widget.json", |v| v["expect"]["identity"]["team"] = "t_2".into());
    breaks(&HEALTHY, &files, &[Law::Identity], "identity `team` should be `t_2`");
}

#[test]
fn an_identity_that_no_fixture_shows() {
    let files = Files::with("webhooks/widget.json", |v| drop(v["expect"].as_object_mut().unwrap().remove("identity")));
    breaks(&HEALTHY, &files, &[Law::Identity], "the webhook routes by `team`, and no fixture says");
}

#[test]
fn another_handshake() {
    let files = Files::with("webhooks/challenge.json", |v| v["expect"]["handshake"]["body"] = "x".into());
    breaks(&HEALTHY, &files, &[Law::Handshake], "the answer should be `x`, it is `abc`");
}

struct Strict;

/// Too strict.
#[derive(Serialize, Deserialize, JsonSchema)]
struct StrictPayload {
    /// The widget.
    widget: StrictWidget,
}

/// Knows one field only.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct StrictWidget {
    /// Its id.
    id: String,
}

impl WebhookTrigger for Strict {
    const SPEC: TriggerSpec = MADE;
    type Payload = StrictPayload;
}

#[test]
fn a_payload_type_that_is_too_strict() {
    let spec = connector(CREATE, const { &[TriggerDef::webhook::<Strict>()] });
    breaks(&spec, &Files::healthy(), &[Law::Payload], "the payload does not decode: unknown field `name`");
}

struct Greedy;

impl WebhookTrigger for Greedy {
    const SPEC: TriggerSpec = TriggerSpec::new("widget_any", "Any widget event")
        .summary("Anything about a widget.")
        .docs("https://docs.widgets.example/hooks")
        .events(&["widget.*"]);
    type Payload = crate::widgets::Payload;
}

#[test]
fn event_patterns_that_overlap() {
    let spec =
        connector(CREATE, const { &[TriggerDef::webhook::<crate::widgets::Made>(), TriggerDef::webhook::<Greedy>()] })
            .pages(
                "https://docs.widgets.example",
                concat!("Action `create_widget`, triggers `widget_made`, `widget_any`.\n", crate::widgets::table!()),
                crate::widgets::ICON,
            );
    breaks(&spec, &Files::healthy(), &[Law::EventPatterns, Law::TriggerFixtures], "is also taken by `widget.*`");
}

#[test]
fn nothing_verified_and_no_reason() {
    fn bad() -> Webhook {
        let mut w = hook();
        w.verification = Verification::None { reason: String::new(), compensation: String::new() };
        w
    }
    breaks(&HEALTHY.webhook(bad), &Files::healthy(), &[Law::WebhookDeclared], "no reason is given");
}

#[test]
fn a_key_that_is_nowhere() {
    fn bad() -> Webhook {
        let mut w = hook();
        w.key = KeySource::Connection("signing_secret".into());
        w
    }
    breaks(
        &HEALTHY.webhook(bad),
        &Files::healthy(),
        &[Law::WebhookDeclared],
        "is no secret among the connection params",
    );
}

#[test]
fn every_scheme_can_be_kept() {
    use connector_core::webhook::{Algorithm, Jwt, KeyForm, SignatureForm};
    let body = || Signed::hmac_sha256_body("x-sig", "");
    let schemes = [
        Verification::standard_webhooks(),
        Verification::stripe("x-sig"),
        Verification::Signed(body()),
        Verification::Signed(body().base64().algorithm(Algorithm::HmacSha1)),
        Verification::Signed(body().algorithm(Algorithm::HmacSha512).form(SignatureForm::List(',', "v1=".into()))),
        Verification::Signed(
            body()
                .algorithm(Algorithm::Ed25519)
                .key(KeyForm::Hex)
                .parts([Part::Timestamp, Part::Body])
                .timestamp_header("x-time", TimeUnit::Seconds, Some(5)),
        ),
        Verification::Signed(body().algorithm(Algorithm::EcdsaP256).base64().key(KeyForm::Base64(String::new()))),
        Verification::Token { at: Locator::header("x-token"), prefix: String::new() },
        Verification::Token { at: Locator::Query("token".into()), prefix: String::new() },
        Verification::Basic,
        Verification::Jwt(Jwt { at: Locator::header("authorization"), prefix: "Bearer ".into(), leeway_secs: 30 }),
        Verification::AnyOf(vec![
            Verification::Signed(body()),
            Verification::Token { at: Locator::header("x-token"), prefix: String::new() },
        ]),
    ];
    static CURRENT: std::sync::Mutex<Option<Verification>> = std::sync::Mutex::new(None);
    fn any() -> Webhook {
        let mut w = hook();
        w.verification = CURRENT.lock().unwrap().clone().unwrap();
        w
    }
    for scheme in schemes {
        *CURRENT.lock().unwrap() = Some(scheme.clone());
        let found = crate::judge(&HEALTHY.webhook(any), &Files::healthy());
        assert!(found.is_empty(), "{scheme:?}: {found:#?}");
    }
    let _ = MADES;
}

/// What this vendor would publish: `v0:{ts}:{body}` under a key that everybody knows.
fn with_published_signature() -> Files {
    let mut files = Files::healthy();
    files.put(
        "signatures/example.json",
        serde_json::json!({
            "origin": {"kind": "vendor-published", "source": "https://docs.widgets.example/hooks", "date": "2026-01-01"},
            "key": "test_secret",
            "headers": {
                "x-widgets-time": "1700000000",
                "x-widgets-signature": "v0=64bac22689128215825b09943fa77772b72606319c7c1a68d124581b7ff87235",
            },
            "text": "{\"hello\":\"wörld\"}",
            "now": "2023-11-14T22:13:20Z",
        }),
    );
    files
}

#[test]
fn a_declaration_that_is_not_the_vendors() {
    // Signed and verified by the same wrong declaration, everything else holds; only what the vendor signed tells.
    fn bad() -> Webhook {
        let parts = [Part::Literal("v1:".into()), Part::Timestamp, Part::Literal(":".into()), Part::Body];
        hook_of(signature().parts(parts), Reader::Function(read_event))
    }
    let files = with_published_signature();
    breaks(&HEALTHY.webhook(bad), &files, &[Law::PublishedSignature], "the declared verification is not the vendor's");
    assert!(crate::judge(&HEALTHY, &files).is_empty());
}
