//! Hostile forms of single schemes: times, lists of signatures, keys, bodies.

use super::*;

const NOW: i64 = 1_700_000_000;

/// A Stripe request whose signature is right for whatever stands as the time.
fn stripe(time: &str) -> Inbound {
    let signature = hex256(SECRET, &[time.as_bytes(), b".", B].concat());
    hook(&[("stripe-signature", &format!("t={time},v1={signature}"))], B)
}

fn slack(time: &str, body: &[u8]) -> Inbound {
    let signature = hex256(SECRET, &[b"v0:", time.as_bytes(), b":", body].concat());
    hook(&[("x-slack-signature", &format!("v0={signature}")), ("x-slack-request-timestamp", time)], body)
}

fn slack_scheme() -> Verification {
    Verification::Signed(v0("x-slack-signature", "x-slack-request-timestamp"))
}

/// A Standard Webhooks request, right for its id, time and key.
fn standard(id: &str, time: &str, key: &[u8], body: &[u8]) -> Inbound {
    let signature = format!("v1,{}", standard_tag(id, time, key, body));
    hook(&[("webhook-id", id), ("webhook-timestamp", time), ("webhook-signature", &signature)], body)
}

fn standard_tag(id: &str, time: &str, key: &[u8], body: &[u8]) -> String {
    let message = [id.as_bytes(), b".", time.as_bytes(), b".", body].concat();
    BASE64_STANDARD.encode(tag(hmac::HMAC_SHA256, key, &message))
}

fn key64() -> Vec<u8> {
    BASE64_STANDARD.decode(KEY64).unwrap()
}

fn signatures(value: &str) -> Result<usize, Refusal> {
    let mut r = standard("msg_1", TS, &key64(), B);
    r.headers.insert("webhook-signature", value.parse().unwrap());
    verify(&Verification::standard_webhooks(), r, &[KEY64.into()], at(NOW)).map(|v| v.key_index())
}

#[test]
fn the_edge_of_the_window_is_inside() {
    type Make = fn(&str) -> Inbound;
    let schemes: [(&str, Verification, Make, &str); 3] = [
        ("stripe", Verification::stripe("stripe-signature"), stripe, SECRET),
        ("slack", slack_scheme(), |t| slack(t, B), SECRET),
        ("standard", Verification::standard_webhooks(), |t| standard("msg_1", t, &key64(), B), KEY64),
    ];
    for (name, how, make, key) in schemes {
        for (offset, fresh) in [(0, true), (300, true), (-300, true), (301, false), (-301, false), (86_400, false)] {
            let got = verify(&how, make(&(NOW + offset).to_string()), &[key.into()], at(NOW));
            match (got, fresh) {
                (Ok(_), true) => {}
                (Err(e), false) => {
                    assert_eq!(e, Refusal::Stale { seconds: offset.abs(), tolerance: 300 }, "{name} {offset}");
                }
                (got, _) => panic!("{name} {offset}: {got:?}"),
            }
        }
    }
}

#[test]
fn a_time_that_is_no_time_is_refused_though_it_is_signed() {
    let times = [
        "",
        "abc",
        "-1700000000",
        "+1700000000",
        "1700000000.0",
        "1.7e9",
        "0x6553f100",
        "17 00000000",
        // Milliseconds where seconds belong.
        "1700000000000",
        "9223372036854775808",
        "99999999999999999999999999",
        "NaN",
        "2023-11-14T22:13:20Z",
    ];
    for time in times {
        for (how, r) in [(Verification::stripe("stripe-signature"), stripe(time)), (slack_scheme(), slack(time, B))] {
            let e = verify(&how, r, &[SECRET.into()], at(NOW)).unwrap_err();
            assert!(matches!(e, Refusal::Malformed(..) | Refusal::Missing(_)), "`{time}`: {e}");
        }
        let r = standard("msg_1", time, &key64(), B);
        let e = verify(&Verification::standard_webhooks(), r, &[KEY64.into()], at(NOW)).unwrap_err();
        assert!(matches!(e, Refusal::Malformed(..)), "`{time}`: {e}");
    }
    let e = verify(&Verification::stripe("stripe-signature"), stripe("0"), &[SECRET.into()], at(NOW)).unwrap_err();
    assert!(matches!(e, Refusal::Stale { .. }), "{e}");
}

#[test]
fn stripes_pairs() {
    let how = Verification::stripe("stripe-signature");
    let good = hex256(SECRET, &[TS.as_bytes(), b".", B].concat());
    let other = "0".repeat(64);
    let check = |value: &str| verify(&how, hook(&[("stripe-signature", value)], B), &[SECRET.into()], at(NOW));
    for value in [
        format!("t={TS},v1={good}"),
        format!("v1={good},t={TS}"),
        format!("t={TS}, v1={good}"),
        format!("t={TS},v1={other},v1={good}"),
        format!("t={TS},v0={other},v1={good},v2=x"),
    ] {
        assert!(check(&value).is_ok(), "{value}");
    }
    for value in [
        format!("t={TS}"),
        format!("v1={good}"),
        format!("t={TS},t={TS},v1={good}"),
        format!("t={TS},t=1700000001,v1={good}"),
        format!("t={TS},v0={good}"),
        format!("t={TS},V1={good}"),
        format!("t={TS},v1={other}"),
        format!("t={TS},v1="),
        format!("t={TS},v1={}", &good[..8]),
        format!("t={TS};v1={good}"),
        format!("t={TS},{good}"),
        good.clone(),
        String::new(),
    ] {
        assert!(check(&value).is_err(), "{value}");
    }
    // A list cannot be used to make the gateway compute without end.
    let many = format!("t={TS},{}v1={good}", format!("v1={other},").repeat(100));
    assert_eq!(check(&many).unwrap_err(), Refusal::Mismatch("signature"));
}

#[test]
fn lists_of_signatures() {
    let good = standard_tag("msg_1", TS, &key64(), B);
    let other = BASE64_STANDARD.encode([0; 32]);
    for value in [
        format!("v1,{good}"),
        format!("v1,{other} v1,{good}"),
        format!("v1,{good} v1,{other}"),
        format!("v1a,{other} v1,{good} v2,{other}"),
        format!("v1,!! v1,{good}"),
    ] {
        assert!(signatures(&value).is_ok(), "{value}");
    }
    for (value, readable) in [
        (format!("v1,{other} v1,{other}"), true),
        (format!("v1,{}", &good[..8]), true),
        (format!("v1,{}", BASE64_STANDARD.encode(&BASE64_STANDARD.decode(&good).unwrap()[..16])), true),
        ("v1,".to_owned(), true),
        // Right, but under a version that is not declared.
        (format!("v2,{good}"), false),
        (format!("v1a,{good}"), false),
        (format!("V1,{good}"), false),
        (format!("v1={good}"), false),
        (good.clone(), false),
        (String::new(), false),
        ("v1,!!!!".to_owned(), false),
        // base64 of another alphabet, or of too few characters.
        (format!("v1,{}", good.replace('+', "-").replace('/', "_")), false),
        ("v1,A".to_owned(), false),
    ] {
        let e = signatures(&value).unwrap_err();
        match readable {
            true => assert_eq!(e, Refusal::Mismatch("signature"), "{value}"),
            false => assert!(matches!(e, Refusal::Malformed(..)), "{value}: {e}"),
        }
    }
    // Hex that is none.
    let check = |value: &str| verify(&github(), hook(&[("x-hub-signature-256", value)], B), &[SECRET.into()], at(NOW));
    let good = hex256(SECRET, B);
    assert!(check(&format!("sha256={good}")).is_ok());
    for value in [
        format!("sha256={}", &good[..8]),
        format!("sha256={}", &good[..63]),
        format!("sha256={}g", &good[..63]),
        format!("sha256={good}{good}"),
        format!("sha256= {good}"),
        format!("sha256=sha256={good}"),
        format!("SHA256={good}"),
        good.clone(),
        "sha256=".to_owned(),
    ] {
        assert!(check(&value).is_err(), "{value}");
    }
}

#[test]
fn an_asymmetric_signature_with_the_wrong_key() {
    // Standard Webhooks' `v1a`: Ed25519, the public key in base64 after `whpk_`.
    let how = Verification::Signed(
        signed(&Verification::standard_webhooks())
            .clone()
            .algorithm(Algorithm::Ed25519)
            .form(SignatureForm::List(' ', "v1a,".into()))
            .key(KeyForm::Base64("whpk_".into())),
    );
    let seed = hex::decode(ED25519_SEED).unwrap();
    let pair = ring::signature::Ed25519KeyPair::from_seed_unchecked(&seed).unwrap();
    let message = [&b"msg_1."[..], TS.as_bytes(), b".", B].concat();
    let value = format!("v1a,{}", BASE64_STANDARD.encode(pair.sign(&message).as_ref()));
    let r = hook(&[("webhook-id", "msg_1"), ("webhook-timestamp", TS), ("webhook-signature", &value)], B);
    let public = |hex: &str| format!("whpk_{}", BASE64_STANDARD.encode(hex::decode(hex).unwrap()));
    let check = |key: String| verify(&how, r.clone(), &[key.into()], at(NOW)).map(|v| v.method());
    assert_eq!(check(public(ED25519_PUBLIC)), Ok("ed25519"));
    let other = public("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
    assert_eq!(check(other), Err(Refusal::Mismatch("signature")));
    assert!(matches!(check(public(&ED25519_PUBLIC[..62])), Err(Refusal::BadKey(_))));
    // The point of small order, under which anything could be signed.
    assert_eq!(check(public(&format!("01{}", "00".repeat(31)))), Err(Refusal::Mismatch("signature")));
}

#[test]
fn ecdsa_over_p256() {
    let how = Verification::Signed(sendgrid());
    let (document, spki) = p256();
    let mut r = hook(&[], B);
    sign(&how, &mut r, &document.as_str().into(), at(NOW)).unwrap();
    withstands("sendgrid", &how, &r, &spki.as_str().into(), at(NOW));
    let check = |r: &Inbound, key: &str| verify(&how, r.clone(), &[key.into()], at(NOW)).map(|v| v.method());
    // The bare point is the same key.
    let bytes = BASE64_STANDARD.decode(&spki).unwrap();
    assert_eq!(check(&r, &BASE64_STANDARD.encode(&bytes[26..])), Ok("ecdsa_p256"));
    for (key, why) in [
        (BASE64_STANDARD.encode(&bytes[..90]), "cut"),
        (BASE64_STANDARD.encode([&bytes[..], &[0]].concat()), "too long"),
        (BASE64_STANDARD.encode([&[0x30], &bytes[..]].concat()), "another head"),
        (document, "the private key"),
        ("!!".to_owned(), "no base64"),
    ] {
        assert!(matches!(check(&r, &key), Err(Refusal::BadKey(_))), "{why}");
    }
    // A fixed-length signature (r and s) where DER belongs.
    r.headers.insert("x-twilio-email-event-webhook-signature", BASE64_STANDARD.encode([1; 64]).parse().unwrap());
    assert_eq!(check(&r, &spki), Err(Refusal::Mismatch("signature")));
}

#[test]
fn keys_that_are_none() {
    let r = standard("msg_1", TS, b"", B);
    let how = Verification::standard_webhooks();
    let check = |keys: &[Secret]| verify(&how, r.clone(), keys, at(NOW)).unwrap_err();
    assert_eq!(check(&["".into()]), Refusal::NoKey);
    assert_eq!(check(&["".into(), "".into()]), Refusal::NoKey);
    assert_eq!(check(&["whsec_".into()]), Refusal::BadKey("empty"));
    assert_eq!(check(&["whsec_!!".into()]), Refusal::BadKey("not base64"));
    assert_eq!(check(&[Secret::new(vec![0xff, 0xfe])]), Refusal::BadKey("not text"));
    let mut hex_key = hmac_body("x-sig", "");
    hex_key.key = KeyForm::Hex;
    let r = hook(&[("x-sig", &hex256("", B))], B);
    let e = verify(&Verification::Signed(hex_key), r, &["xyz".into()], at(NOW)).unwrap_err();
    assert_eq!(e, Refusal::BadKey("not hex"));
}

#[test]
fn two_keys_while_rotating() {
    let (old, new) = ("old_secret", "new_secret");
    let by = |key: &str| hook(&[("x-hub-signature-256", &format!("sha256={}", hex256(key, B)))], B);
    let index = |r, keys: &[&str]| {
        let keys: Vec<Secret> = keys.iter().map(|k| (*k).into()).collect();
        verify(&github(), r, &keys, at(NOW)).map(|v| v.key_index())
    };
    assert_eq!(index(by(new), &[new, old]), Ok(0));
    assert_eq!(index(by(old), &[new, old]), Ok(1));
    // A slot that is empty still counts: the index names the slot.
    assert_eq!(index(by(old), &["", old]), Ok(1));
    assert_eq!(index(by("third"), &[new, old]), Err(Refusal::Mismatch("signature")));
    // Rotation is over.
    assert_eq!(index(by(old), &[new]), Err(Refusal::Mismatch("signature")));
    // Another connector's secret is not a key of this one.
    assert_eq!(index(by("the_slack_secret"), &["the_github_secret"]), Err(Refusal::Mismatch("signature")));
}

#[test]
fn bodies_are_bytes() {
    let check = |body: &[u8], signed: &[u8]| {
        let r = hook(&[("x-hub-signature-256", &format!("sha256={}", hex256(SECRET, signed)))], body);
        verify(&github(), r, &[SECRET.into()], at(NOW)).map(|v| v.inbound().body.to_vec())
    };
    let gzip = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x03\x00\x00\x00\x00\x00\x00\x00\x00\x00";
    for body in [&b""[..], b"\xff\xfe\x00\x80", b"\n", gzip, b"\xef\xbb\xbf{}"] {
        assert_eq!(check(body, body).unwrap(), body, "taken and kept as it came");
    }
    // The same JSON, written anew.
    let sent = br#"{"b": 1, "a": "\u00e9"}"#;
    let again = serde_json::from_slice::<serde_json::Value>(sent).unwrap().to_string();
    assert_eq!(check(again.as_bytes(), sent).unwrap_err(), Refusal::Mismatch("signature"));
    // What a lossy conversion to text would make of other bytes.
    let lossy = String::from_utf8_lossy(b"\xff").into_owned();
    assert_eq!(check(lossy.as_bytes(), b"\xff").unwrap_err(), Refusal::Mismatch("signature"));
    for body in [&b""[..], b"\xff\x00"] {
        let r = slack(TS, body);
        assert!(verify(&slack_scheme(), r, &[SECRET.into()], at(NOW)).is_ok());
    }
}

#[test]
fn an_id_cannot_move_the_border_to_the_time() {
    let how = Verification::standard_webhooks();
    let check = |r: Inbound| verify(&how, r, &[KEY64.into()], at(NOW)).map(|_| ());
    // Signed by the service: a body that begins like a time. Both requests have the same signed bytes.
    let body = b"1700000001.{\"evil\":true}";
    let honest = standard("msg_1", TS, &key64(), body);
    assert_eq!(check(honest.clone()), Ok(()));
    let mut moved = hook(&[("webhook-id", "msg_1.1700000000"), ("webhook-timestamp", "1700000001")], &body[11..]);
    moved.headers.insert("webhook-signature", honest.headers["webhook-signature"].clone());
    assert!(matches!(check(moved), Err(Refusal::Malformed(..))));
    assert!(matches!(check(standard("msg.1", TS, &key64(), B)), Err(Refusal::Malformed(..))));
}

#[test]
fn sha1_is_no_way_down() {
    let sha1 = format!("sha1={}", hex::encode(tag(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, SECRET.as_bytes(), B)));
    let check = |headers: &[(&str, &str)]| verify(&github(), hook(headers, B), &[SECRET.into()], at(NOW)).unwrap_err();
    assert_eq!(check(&[("x-hub-signature", &sha1)]), Refusal::Missing("header `x-hub-signature-256`".into()));
    assert!(matches!(check(&[("x-hub-signature-256", &sha1)]), Refusal::Malformed(..)));
    let bare = format!("sha256={}", &sha1[5..]);
    assert_eq!(check(&[("x-hub-signature-256", &bare)]), Refusal::Mismatch("signature"));
}

#[test]
fn a_replay_inside_the_window_verifies_and_is_told_by_its_id() {
    let how = Verification::standard_webhooks();
    let hook = super::super::Webhook::new(
        how.clone(),
        super::super::KeySource::Connection("secret".into()),
        super::super::Reader::Data { event_type: vec![Locator::body("/type")], subject: None },
    )
    .delivery_id(Locator::header("webhook-id"));
    let r = standard("msg_1", TS, &key64(), B);
    let ids: Vec<_> = [NOW, NOW + 200]
        .map(|now| {
            let v = verify(&how, r.clone(), &[KEY64.into()], at(now)).unwrap();
            hook.find_delivery_id(v.inbound())
        })
        .into();
    assert_eq!(ids, [Some("msg_1".to_owned()), Some("msg_1".to_owned())]);
    assert!(matches!(verify(&how, r, &[KEY64.into()], at(NOW + 301)).unwrap_err(), Refusal::Stale { .. }));
}

#[test]
fn linear_states_its_time_in_the_body() {
    let how = Verification::Signed(hmac_body("linear-signature", "").timestamp(super::super::TimestampRule {
        at: super::super::TimestampAt::Locator(Locator::body("/webhookTimestamp")),
        unit: TimeUnit::Millis,
        tolerance_secs: Some(60),
    }));
    let check = |body: &str, now: i64| {
        let r = hook(&[("linear-signature", &hex256(SECRET, body.as_bytes()))], body.as_bytes());
        verify(&how, r, &[SECRET.into()], at(now)).map(|_| ())
    };
    let body = r#"{"webhookTimestamp":1700000000000}"#;
    assert_eq!(check(body, NOW + 60), Ok(()));
    assert_eq!(check(body, NOW + 61), Err(Refusal::Stale { seconds: 61, tolerance: 60 }));
    assert!(matches!(check("{}", NOW), Err(Refusal::Missing(_))));
    assert!(matches!(check(r#"{"webhookTimestamp":1.7e12}"#, NOW), Err(Refusal::Malformed(..))));
}

#[test]
fn twilio_covers_other_bodies_by_their_hash() {
    let how = Verification::Signed(twilio());
    let json = br#"{"MessageSid":"SM1"}"#;
    let hash = hex::encode(ring::digest::digest(&ring::digest::SHA256, json));
    let make = |url: &str, body: &[u8]| {
        let signature =
            BASE64_STANDARD.encode(tag(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, SECRET.as_bytes(), url.as_bytes()));
        request(url, &[("content-type", "application/json"), ("x-twilio-signature", &signature)], body)
    };
    let check = |r: Inbound| verify(&how, r, &[SECRET.into()], at(NOW)).map(|_| ());
    let url = format!("https://example.com/twilio?bodySHA256={hash}");
    assert_eq!(check(make(&url, json)), Ok(()));
    assert_eq!(check(make(&url, b"{}")), Err(Refusal::Mismatch("body hash")));
    assert_eq!(
        check(make("https://example.com/twilio", json)),
        Err(Refusal::Missing("query parameter `bodySHA256`".into()))
    );
    // A scheme that signs form fields and has no hash takes no other body.
    let mut bare = twilio();
    bare.body_hash_query = None;
    let e = verify(&Verification::Signed(bare), make(&url, json), &[SECRET.into()], at(NOW)).unwrap_err();
    assert_eq!(e, Refusal::Uncovered);
    // Nothing to cover: a call without a body.
    assert_eq!(check(make("https://example.com/twilio", b"")), Ok(()));
}
