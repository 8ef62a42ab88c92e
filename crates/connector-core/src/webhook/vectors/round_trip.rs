//! The property that holds them together: what [`sign`] makes, [`verify`] takes, and nothing that differs from it.

use proptest::prelude::*;

use super::*;
use crate::webhook::{Jwt, TimestampAt, TimestampRule};

/// What kind of body a scheme needs.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    /// Any bytes; all of them are signed.
    Bytes,
    /// Any bytes; none is signed.
    Unsigned,
    /// JSON with the fields that the scheme reads.
    Json,
    /// A form.
    Form,
}

struct Scheme {
    name: &'static str,
    how: Verification,
    sign_with: String,
    verify_with: String,
    kind: Kind,
}

fn scheme(name: &'static str, how: Verification, key: &str, kind: Kind) -> Scheme {
    Scheme { name, how, sign_with: key.to_owned(), verify_with: key.to_owned(), kind }
}

fn schemes() -> Vec<Scheme> {
    let s = Verification::Signed;
    let token = |at| Verification::Token { at, prefix: String::new() };
    let (p256_private, p256_public) = p256();
    let with_time = |unit| {
        hmac_body("x-signature", "").parts([Part::Timestamp, lit("."), Part::Body]).timestamp_header(
            "x-time",
            unit,
            Some(5),
        )
    };
    let mut in_query = hmac_body("-", "");
    in_query.signature = Locator::Query("signature".into());
    let mut with_header = hmac_body("x-signature", "").parts([Part::Header("x-nonce".into()), Part::Body]);
    with_header.encoding = Encoding::Base64;
    vec![
        scheme("github", github(), SECRET, Kind::Bytes),
        scheme("sha1", s(hmac_body("x-hub-signature", "sha1=").algorithm(Algorithm::HmacSha1)), SECRET, Kind::Bytes),
        scheme("sha512", s(hmac_body("x-sig", "").algorithm(Algorithm::HmacSha512)), SECRET, Kind::Bytes),
        scheme("slack", s(v0("x-slack-signature", "x-slack-request-timestamp")), SECRET, Kind::Bytes),
        scheme("stripe", Verification::stripe("stripe-signature"), SECRET, Kind::Bytes),
        scheme("standard webhooks", Verification::standard_webhooks(), KEY64, Kind::Bytes),
        scheme("milliseconds", s(with_time(TimeUnit::Millis)), SECRET, Kind::Bytes),
        scheme("iso 8601", s(with_time(TimeUnit::Iso8601)), SECRET, Kind::Bytes),
        scheme("hex key", s(hmac_body("x-sig", "").key(KeyForm::Hex)), "00ff10", Kind::Bytes),
        scheme(
            "list",
            s(hmac_body("x-pagerduty-signature", "").form(SignatureForm::List(',', "v1=".into()))),
            SECRET,
            Kind::Bytes,
        ),
        scheme("in the query", s(in_query), SECRET, Kind::Bytes),
        scheme("another header signed", s(with_header), SECRET, Kind::Bytes),
        scheme(
            "method and url",
            s(hmac_body("x-sig", "").parts([Part::Method, Part::PublicUrl, Part::Body]).base64()),
            SECRET,
            Kind::Bytes,
        ),
        Scheme {
            name: "ed25519",
            how: s(discord()),
            sign_with: ED25519_SEED.into(),
            verify_with: ED25519_PUBLIC.into(),
            kind: Kind::Bytes,
        },
        Scheme {
            name: "ecdsa",
            how: s(sendgrid()),
            sign_with: p256_private,
            verify_with: p256_public,
            kind: Kind::Bytes,
        },
        scheme("any of", Verification::AnyOf(vec![github(), Verification::Basic]), SECRET, Kind::Bytes),
        scheme("twilio", s(twilio()), SECRET, Kind::Form),
        scheme("mailgun", s(mailgun()), SECRET, Kind::Json),
        scheme(
            "time in the body",
            s(hmac_body("linear-signature", "").timestamp(TimestampRule {
                at: TimestampAt::Locator(Locator::body("/signature/timestamp")),
                unit: TimeUnit::Seconds,
                tolerance_secs: Some(60),
            })),
            SECRET,
            Kind::Json,
        ),
        scheme("token in a header", token(Locator::header("x-token")), SECRET, Kind::Unsigned),
        scheme("token in the path", token(Locator::PathTail), "a/b c", Kind::Unsigned),
        scheme("token in the query", token(Locator::Query("t".into())), "a&b=c d", Kind::Unsigned),
        scheme("token in the body", token(Locator::body("/token")), "\"\\", Kind::Json),
        scheme("token in a form", token(Locator::Form("token".into())), "a&b=c d", Kind::Form),
        scheme("basic", Verification::Basic, "user:pässword", Kind::Unsigned),
        scheme(
            "jwt",
            Verification::Jwt(Jwt { at: Locator::header("authorization"), prefix: "JWT ".into(), leeway_secs: 0 }),
            SECRET,
            Kind::Unsigned,
        ),
    ]
}

/// A request of the kind that the scheme needs, with the given bytes somewhere in its body.
fn make(kind: Kind, bytes: &[u8], now: Timestamp) -> Inbound {
    let url = "https://example.com/hook?a=b";
    match kind {
        Kind::Bytes | Kind::Unsigned => request(url, &[("x-nonce", "n1")], bytes),
        Kind::Json => {
            let body = serde_json::json!({
                "signature": {"timestamp": now.as_second().to_string(), "token": hex::encode(bytes), "signature": ""},
                "token": "",
                "data": String::from_utf8_lossy(bytes),
            });
            request(url, &[("content-type", "application/json")], body.to_string().as_bytes())
        }
        Kind::Form => {
            let text = String::from_utf8_lossy(bytes);
            let body = url::form_urlencoded::Serializer::new(String::new())
                .append_pair("b", &text)
                .append_pair("a", "1")
                .append_pair(&text, "")
                .finish();
            let content_type = "application/x-www-form-urlencoded; charset=utf-8";
            request(url, &[("content-type", content_type)], body.as_bytes())
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_signed_verifies_and_what_differs_does_not(
        bytes in proptest::collection::vec(any::<u8>(), 0..300),
        seconds in 1_000_000_000i64..4_000_000_000,
        at_byte in any::<prop::sample::Index>(),
        bit in 0u32..8,
    ) {
        let now = at(seconds);
        for x in schemes() {
            let mut r = make(x.kind, &bytes, now);
            sign(&x.how, &mut r, &x.sign_with.as_str().into(), now).unwrap_or_else(|e| panic!("{}: {e}", x.name));
            let check = |r: Inbound, key: &str| verify(&x.how, r, &[key.into()], now);
            let v = check(r.clone(), &x.verify_with);
            prop_assert!(v.is_ok(), "{}: {:?}", x.name, v.err());

            let wrong = match &x.how {
                Verification::Signed(s) => wrong_key(s),
                _ => "some other key".into(),
            };
            prop_assert!(verify(&x.how, r.clone(), &[wrong], now).is_err(), "{}: another key", x.name);

            if x.kind == Kind::Bytes && !bytes.is_empty() {
                let mut body = r.body.to_vec();
                body[at_byte.index(bytes.len())] ^= 1 << bit;
                let mut altered = r.clone();
                altered.set_body(body.into());
                prop_assert!(check(altered, &x.verify_with).is_err(), "{}: an altered bit", x.name);
            }
            // Where a window is stated, an hour later is too late.
            if let Verification::Signed(Signed { timestamp: Some(TimestampRule { tolerance_secs: Some(_), .. }), .. }) = &x.how {
                let late = verify(&x.how, r, &[x.verify_with.as_str().into()], at(seconds + 3600));
                prop_assert!(matches!(late, Err(Refusal::Stale { .. })), "{}: late", x.name);
            }
        }
    }

    /// Nothing that a stranger sends makes verification panic, and nothing passes.
    #[test]
    fn strangers_are_refused(
        body in proptest::collection::vec(any::<u8>(), 0..100),
        value in "[ -~]{0,80}",
        prefix in prop::sample::select(vec!["", "v1,", "v1=", "t=1,v1=", "sha256=", "v0=", "JWT ", "Basic ", "HMAC "]),
    ) {
        let text = format!("{prefix}{value}");
        for x in schemes() {
            let mut r = make(x.kind, &body, at(1_700_000_000)).with_path_tail(text.clone());
            let names = [
                "authorization", "stripe-signature", "webhook-id", "webhook-timestamp", "webhook-signature", "x-sig", "x-time",
                "x-signature", "x-hub-signature", "x-hub-signature-256", "x-token", "x-signature-ed25519",
                "x-signature-timestamp", "x-slack-signature", "x-slack-request-timestamp", "linear-signature",
                "x-pagerduty-signature", "x-twilio-signature", "x-twilio-email-event-webhook-signature",
                "x-twilio-email-event-webhook-timestamp",
            ];
            for name in names {
                r.headers.insert(HeaderName::from_static(name), text.parse().unwrap());
            }
            prop_assert!(verify(&x.how, r, &[x.verify_with.as_str().into()], at(1_700_000_000)).is_err(), "{}", x.name);
        }
    }
}
