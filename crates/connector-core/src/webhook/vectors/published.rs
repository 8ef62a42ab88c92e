//! The vectors themselves. Those of GitHub, Slack and Standard Webhooks are published by their vendors; Discord's key is
//! the first of RFC 8032; the others were computed apart from this code.

use super::*;

/// One scheme with a request that it accepts.
struct Vector {
    name: &'static str,
    how: Verification,
    request: Inbound,
    key: &'static str,
    now: i64,
}

fn v(name: &'static str, s: Signed, headers: &[(&str, &str)], body: &[u8], key: &'static str) -> Vector {
    Vector { name, how: Verification::Signed(s), request: hook(headers, body), key, now: 1_700_000_000 }
}

const SLACK_BODY: &[u8] = b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&\
channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&\
response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&\
trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";

const HEX_OF_B: &str = "5c8ccf72ed476855462a8604ede5133891d529e316fb450d7ea72dd7b2b600ea";
const HEX_TS_DOT_B: &str = "a617780b7e156a793557e6f2f4da6f7122e6689769d3f7233d7171da973cd36e";
const HEX_V0_TS_B: &str = "64bac22689128215825b09943fa77772b72606319c7c1a68d124581b7ff87235";
const FORM: &str = "application/x-www-form-urlencoded";

fn standard(name: &'static str, id: &str, ts: i64, signature: &str, body: &[u8], key: &'static str) -> Vector {
    let ts_text = ts.to_string();
    let headers = [("webhook-id", id), ("webhook-timestamp", &*ts_text), ("webhook-signature", signature)];
    Vector { name, how: Verification::standard_webhooks(), request: hook(&headers, body), key, now: ts }
}

/// Plain HMAC-SHA256 of the body in hex, in the headers and with the prefixes that services use.
fn hex_of_body() -> Vec<Vector> {
    [
        ("linear", "linear-signature", ""),
        ("sentry", "sentry-hook-signature", ""),
        ("asana", "x-hook-signature", ""),
        ("notion", "x-notion-signature", "sha256="),
        ("bitbucket and jira", "x-hub-signature", "sha256="),
    ]
    .into_iter()
    .map(|(name, header, prefix)| {
        v(name, hmac_body(header, prefix), &[(header, &format!("{prefix}{HEX_OF_B}"))], B, SECRET)
    })
    .collect()
}

fn vectors() -> Vec<Vector> {
    let mut all = vec![
        v(
            "github (published)",
            hmac_body("x-hub-signature-256", "sha256="),
            &[("x-hub-signature-256", "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17")],
            b"Hello, World!",
            "It's a Secret to Everybody",
        ),
        Vector {
            now: 1_531_420_618,
            ..v(
                "slack (published)",
                v0("x-slack-signature", "x-slack-request-timestamp"),
                &[
                    ("content-type", FORM),
                    ("x-slack-request-timestamp", "1531420618"),
                    ("x-slack-signature", "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"),
                ],
                SLACK_BODY,
                "8f742231b10e8888abcd99yyyzzz85a5",
            )
        },
        v(
            "pagerduty",
            hmac_body("x-pagerduty-signature", "").form(SignatureForm::List(',', "v1=".into())),
            &[("x-pagerduty-signature", &format!("v1={HEX_OF_B}"))],
            B,
            SECRET,
        ),
        v(
            "shopify",
            hmac_body("x-shopify-hmac-sha256", "").base64(),
            &[("x-shopify-hmac-sha256", "XIzPcu1HaFVGKoYE7eUTOJHVKeMW+0UNfqct17K2AOo=")],
            B,
            SECRET,
        ),
        v(
            "typeform",
            hmac_body("typeform-signature", "sha256=").base64(),
            &[("typeform-signature", "sha256=XIzPcu1HaFVGKoYE7eUTOJHVKeMW+0UNfqct17K2AOo=")],
            B,
            SECRET,
        ),
        v(
            "intercom and review board",
            hmac_body("x-hub-signature", "sha1=").algorithm(Algorithm::HmacSha1),
            &[("x-hub-signature", "sha1=44ac95590c313c44ca231b559626bd4bc79e3953")],
            B,
            SECRET,
        ),
        Vector {
            how: Verification::stripe("stripe-signature"),
            ..v("stripe", hmac_body("-", ""), &[("stripe-signature", &format!("t={TS},v1={HEX_TS_DOT_B}"))], B, SECRET)
        },
        Vector {
            how: Verification::stripe("calendly-webhook-signature"),
            ..v(
                "calendly",
                hmac_body("-", ""),
                &[("calendly-webhook-signature", &format!("t={TS},v1={HEX_TS_DOT_B}"))],
                B,
                SECRET,
            )
        },
        v(
            "zoom",
            v0("x-zm-signature", "x-zm-request-timestamp"),
            &[("x-zm-signature", &format!("v0={HEX_V0_TS_B}")), ("x-zm-request-timestamp", TS)],
            B,
            SECRET,
        ),
        v(
            "slack (computed)",
            v0("x-slack-signature", "x-slack-request-timestamp"),
            &[("x-slack-signature", &format!("v0={HEX_V0_TS_B}")), ("x-slack-request-timestamp", TS)],
            B,
            SECRET,
        ),
        v(
            "grafana with a timestamp",
            hmac_body("x-grafana-alerting-signature", "")
                .parts([Part::Timestamp, lit(":"), Part::Body])
                .timestamp_header("x-grafana-alerting-timestamp", TimeUnit::Seconds, Some(300)),
            &[
                ("x-grafana-alerting-signature", "7740fc78edb1aabe323d1db21564246f1627e42695db70d991523b21e1052bf6"),
                ("x-grafana-alerting-timestamp", TS),
            ],
            B,
            SECRET,
        ),
        Vector {
            now: 1_795_305_600,
            ..v(
                "zendesk",
                hmac_body("x-zendesk-webhook-signature", "")
                    .parts([Part::Timestamp, Part::Body])
                    .base64()
                    .timestamp_header("x-zendesk-webhook-signature-timestamp", TimeUnit::Iso8601, Some(300)),
                &[
                    ("x-zendesk-webhook-signature", "j4VotUcPN/IEyKaQp0092aUqW4ZbsBtpCjHxbAf5my4="),
                    ("x-zendesk-webhook-signature-timestamp", "2026-11-22T00:00:00Z"),
                ],
                B,
                SECRET,
            )
        },
        v(
            "trello",
            hmac_body("x-trello-webhook", "")
                .algorithm(Algorithm::HmacSha1)
                .parts([Part::Body, Part::PublicUrl])
                .base64(),
            &[("x-trello-webhook", "tkR4QdvkbslhPZhssECIzt0kevQ=")],
            B,
            SECRET,
        ),
        Vector {
            request: request(
                "https://example.com/twilio?x=1",
                &[("content-type", FORM), ("x-twilio-signature", "pj89+sCVCvYVvUIsJEinxdTUWqE=")],
                b"To=%2B15550002222&Body=Hi+there&From=%2B15550001111",
            ),
            ..v("twilio", twilio(), &[], b"", SECRET)
        },
        Vector {
            request: request(
                "https://example.com/hubspot",
                &[
                    ("x-hubspot-signature-v3", "ipfN3ByJCErcCNYYaTATqA4cqnLU3kOYeFIYOyof/Eo="),
                    ("x-hubspot-request-timestamp", "1700000000000"),
                ],
                B,
            ),
            ..v(
                "hubspot v3",
                hmac_body("x-hubspot-signature-v3", "")
                    .parts([Part::Method, Part::PublicUrl, Part::Body, Part::Timestamp])
                    .base64()
                    .timestamp_header("x-hubspot-request-timestamp", TimeUnit::Millis, Some(300)),
                &[],
                b"",
                SECRET,
            )
        },
        Vector {
            request: request(
                "https://example.com/square",
                &[("x-square-hmacsha256-signature", "iPHNhmbTpt2yXWiQRB4o+CYh/AaFt/NUqfUqKyhi6Us=")],
                B,
            ),
            ..v(
                "square",
                hmac_body("x-square-hmacsha256-signature", "").parts([Part::PublicUrl, Part::Body]).base64(),
                &[],
                b"",
                SECRET,
            )
        },
        v(
            "teams",
            hmac_body("authorization", "HMAC ").base64().key(KeyForm::Base64(String::new())),
            &[("authorization", "HMAC wsWINlbGpjD3gFxc28AvhqdgJqTNfQvK1C0liG8GkTY=")],
            B,
            KEY64,
        ),
        v(
            "airtable",
            hmac_body("x-airtable-content-mac", "hmac-sha256=").key(KeyForm::Base64(String::new())),
            &[(
                "x-airtable-content-mac",
                "hmac-sha256=c2c5883656c6a630f7805c5cdbc02f86a76026a4cd7d0bcad42d25886f069136",
            )],
            B,
            KEY64,
        ),
        v(
            "discord",
            discord(),
            &[
                ("x-signature-timestamp", TS),
                (
                    "x-signature-ed25519",
                    "6626a3d1aafa8bf8af8e4881b41d9b0446d2825a82edf391e140c2732f12b0cd5220886e2864c05e9dcb9bbaf6eec0d\
                     e3735ae10ccea1526100a60e358575709",
                ),
            ],
            B,
            ED25519_PUBLIC,
        ),
    ];
    all.extend(hex_of_body());
    let published = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
    let id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    for (name, key) in [
        ("standard webhooks (published)", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
        ("standard webhooks without whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
    ] {
        all.push(standard(name, id, 1_614_265_330, published, b"{\"test\": 2432232314}", key));
    }
    all.push(standard(
        "standard webhooks (published, reference library)",
        "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk",
        1_649_367_553,
        "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=",
        br#"{"email":"test@example.com","username":"test_user"}"#,
        "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
    ));
    for (name, key) in [
        ("standard webhooks, 32 bytes", "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="),
        ("standard webhooks, key without padding", "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY"),
    ] {
        all.push(standard(name, "msg_1", 1_700_000_000, "v1,NsC+abJfJfQ1nlcgyf5+9K5BvMoIKRq2b1LhmRJ95mk=", B, key));
    }
    all
}

#[test]
fn every_vector_is_accepted_and_withstands_every_change() {
    let all = vectors();
    assert_eq!(all.len(), 29, "vectors went missing");
    for x in all {
        withstands(x.name, &x.how, &x.request, &x.key.into(), at(x.now));
    }
}

#[test]
fn upper_case_hex_and_unpadded_base64_are_the_same_bytes() {
    for x in vectors() {
        let s = signed(&x.how);
        let header = s.signature_header().unwrap().to_owned();
        let value = x.request.single_header(&header).unwrap().to_owned();
        let other = match s.encoding {
            Encoding::Base64 => value.trim_end_matches('=').to_owned(),
            Encoding::Hex => {
                let digits = value.rfind(|c: char| !c.is_ascii_hexdigit()).map_or(0, |i| i + 1);
                format!("{}{}", &value[..digits], value[digits..].to_ascii_uppercase())
            }
        };
        let mut r = x.request.clone();
        r.headers.insert(HeaderName::from_bytes(header.as_bytes()).unwrap(), other.parse().unwrap());
        assert!(verify(&x.how, r, &[x.key.into()], at(x.now)).is_ok(), "{}: {other}", x.name);
    }
}

/// Mailgun signs time and token, not the event: what is signed withstands, what is not is the service's weakness.
#[test]
fn mailgun() {
    let how = Verification::Signed(super::mailgun());
    let token = "a".repeat(50);
    let body = |ts: &str, token: &str, signature: &str, event: &str| {
        serde_json::json!({
            "signature": {"timestamp": ts, "token": token, "signature": signature},
            "event-data": {"event": event},
        })
        .to_string()
    };
    let check = |body: String, key: &str| verify(&how, hook(&[], body.as_bytes()), &[key.into()], at(1_700_000_000));
    let good = "a9237cf15708edf85fe7770acfa30639918d9178b8aaef1d61dc4192ee336e87";
    assert!(check(body(TS, &token, good, "opened"), SECRET).is_ok());
    assert!(check(body(TS, &token, good, "clicked"), SECRET).is_ok(), "the event is not covered");
    let mismatch = Refusal::Mismatch("signature");
    assert_eq!(check(body(TS, &token, good, "opened"), "another_secret").unwrap_err(), mismatch);
    assert_eq!(check(body("1700000001", &token, good, "opened"), SECRET).unwrap_err(), mismatch);
    assert_eq!(check(body(TS, &"b".repeat(50), good, "opened"), SECRET).unwrap_err(), mismatch);
    for i in 0..good.len() {
        let mut altered = good.as_bytes().to_vec();
        altered[i] = if altered[i] == b'0' { b'1' } else { b'0' };
        let altered = String::from_utf8(altered).unwrap();
        assert_eq!(check(body(TS, &token, &altered, "opened"), SECRET).unwrap_err(), mismatch, "digit {i}");
    }
    for (gone, field) in [
        ("timestamp", "body field `/signature/timestamp`"),
        ("token", "body field `/signature/token`"),
        ("signature", "body field `/signature/signature`"),
    ] {
        let mut value: serde_json::Value = serde_json::from_str(&body(TS, &token, good, "opened")).unwrap();
        value["signature"].as_object_mut().unwrap().remove(gone);
        assert_eq!(check(value.to_string(), SECRET).unwrap_err(), Refusal::Missing(field.into()));
    }
    assert!(matches!(check("no JSON".into(), SECRET).unwrap_err(), Refusal::Missing(_)));
}
