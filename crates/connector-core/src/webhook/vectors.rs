//! Published and computed signature vectors, each accepted as it is and refused with anything changed.
//!
//! What lives here: the table of schemes and the changes that every one of them must withstand. The sub-modules hold the
//! hostile cases of single schemes, proofs that are no signatures, and the property that what [`sign`] makes [`verify`]
//! takes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod hostile;
mod proofs;
mod published;
mod round_trip;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use jiff::Timestamp;
use ring::hmac;

use super::{
    Algorithm, Encoding, Inbound, KeyForm, Locator, Part, Refusal, SignatureForm, Signed, TimeUnit, Verification, sign,
    verify,
};
use crate::secret::Secret;

/// `{"hello":"wörld"}`: 18 bytes, one of them no ASCII, so that text and bytes differ.
const B: &[u8] = "{\"hello\":\"wörld\"}".as_bytes();
const SECRET: &str = "test_secret";
/// 32 bytes of key in base64.
const KEY64: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
const TS: &str = "1700000000";
const ED25519_SEED: &str = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
const ED25519_PUBLIC: &str = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap()
}

fn request(url: &str, headers: &[(&str, &str)], body: &[u8]) -> Inbound {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap());
    }
    Inbound::new(Method::POST, url, map, Bytes::copy_from_slice(body), at(1_700_000_000))
}

/// A request to an address that no scheme of the test signs.
fn hook(headers: &[(&str, &str)], body: &[u8]) -> Inbound {
    request("https://example.com/hook", headers, body)
}

fn tag(algorithm: hmac::Algorithm, key: &[u8], message: &[u8]) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(algorithm, key), message).as_ref().to_vec()
}

/// HMAC-SHA256 in hex.
fn hex256(key: &str, message: &[u8]) -> String {
    hex::encode(tag(hmac::HMAC_SHA256, key.as_bytes(), message))
}

fn lit(text: &str) -> Part {
    Part::Literal(text.to_owned())
}

fn hmac_body(header: &str, prefix: &str) -> Signed {
    Signed::hmac_sha256_body(header, prefix)
}

/// Slack's and Zoom's: `v0:{ts}:{body}`, in hex after `v0=`.
fn v0(signature: &str, timestamp: &str) -> Signed {
    hmac_body(signature, "v0=").parts([lit("v0:"), Part::Timestamp, lit(":"), Part::Body]).timestamp_header(
        timestamp,
        TimeUnit::Seconds,
        Some(300),
    )
}

fn github() -> Verification {
    Verification::Signed(hmac_body("x-hub-signature-256", "sha256="))
}

fn discord() -> Signed {
    hmac_body("x-signature-ed25519", "")
        .algorithm(Algorithm::Ed25519)
        .parts([Part::Timestamp, Part::Body])
        .key(KeyForm::Hex)
        .timestamp_header("x-signature-timestamp", TimeUnit::Seconds, None)
}

/// SendGrid's: `{ts}{body}` by ECDSA over P-256, the public key as base64 of its SPKI form.
fn sendgrid() -> Signed {
    hmac_body("x-twilio-email-event-webhook-signature", "")
        .algorithm(Algorithm::EcdsaP256)
        .parts([Part::Timestamp, Part::Body])
        .base64()
        .key(KeyForm::Base64(String::new()))
        .timestamp_header("x-twilio-email-event-webhook-timestamp", TimeUnit::Seconds, None)
}

fn twilio() -> Signed {
    let mut s = hmac_body("x-twilio-signature", "")
        .algorithm(Algorithm::HmacSha1)
        .parts([Part::PublicUrl, Part::SortedForm])
        .base64();
    s.body_hash_query = Some("bodySHA256".to_owned());
    s
}

/// Mailgun's, all of it in the body; the event itself is not signed.
fn mailgun() -> Signed {
    let mut s = hmac_body("-", "")
        .parts([Part::BodyField("/signature/timestamp".into()), Part::BodyField("/signature/token".into())]);
    s.signature = Locator::body("/signature/signature");
    s
}

/// A key of the same form that signs something else.
fn wrong_key(s: &Signed) -> Secret {
    match (s.algorithm, &s.key) {
        // The public key of RFC 8032's second test.
        (Algorithm::Ed25519, _) => "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c".into(),
        (Algorithm::EcdsaP256, _) => p256().1.as_str().into(),
        (_, KeyForm::Raw) => "another_secret".into(),
        (_, KeyForm::Base64(_)) => BASE64_STANDARD.encode([7; 32]).as_str().into(),
        (_, KeyForm::Hex) => hex::encode([7; 32]).as_str().into(),
    }
}

/// A new P-256 key: the PKCS#8 document to sign with and the SPKI form to verify with, both in base64.
fn p256() -> (String, String) {
    use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING as ALGORITHM, EcdsaKeyPair, KeyPair as _};
    let rng = ring::rand::SystemRandom::new();
    let document = EcdsaKeyPair::generate_pkcs8(&ALGORITHM, &rng).unwrap();
    let pair = EcdsaKeyPair::from_pkcs8(&ALGORITHM, document.as_ref(), &rng).unwrap();
    let spki = [&super::verify::P256_SPKI_HEAD[..], pair.public_key().as_ref()].concat();
    (BASE64_STANDARD.encode(document.as_ref()), BASE64_STANDARD.encode(spki))
}

fn signed(how: &Verification) -> &Signed {
    match how {
        Verification::Signed(s) => s,
        other => panic!("not a signature: {other:?}"),
    }
}

/// Accepts the request as it is and refuses it with anything changed: the key, any byte of what is signed, any header
/// missing, doubled or shortened.
fn withstands(name: &str, how: &Verification, good: &Inbound, key: &Secret, now: Timestamp) {
    let s = signed(how);
    let check = |r: Inbound, key: &Secret| verify(how, r, std::slice::from_ref(key), now);
    let v = check(good.clone(), key).unwrap_or_else(|e| panic!("{name}: {e}"));
    assert_eq!((v.method(), v.key_index()), (how.method(), 0), "{name}");
    // Verification is data: what was stored and loaded verifies the same.
    let loaded: Verification = serde_json::from_value(serde_json::to_value(how).unwrap()).unwrap();
    assert_eq!(&loaded, how, "{name}");

    let mismatch = Refusal::Mismatch("signature");
    assert_eq!(check(good.clone(), &wrong_key(s)).unwrap_err(), mismatch, "{name}: wrong key");
    assert_eq!(verify(how, good.clone(), &[], now).unwrap_err(), Refusal::NoKey, "{name}: no key");
    assert_eq!(check(good.clone(), &Secret::from("")).unwrap_err(), Refusal::NoKey, "{name}: empty key");

    if s.parts.iter().any(|p| matches!(p, Part::Body | Part::SortedForm)) {
        for i in 0..good.body.len() {
            let mut bytes = good.body.to_vec();
            bytes[i] ^= 1;
            let mut r = good.clone();
            r.set_body(bytes.into());
            assert!(check(r, key).is_err(), "{name}: byte {i} of the body altered");
        }
        for body in [[&good.body[..], b"x"].concat(), good.body.split_last().map_or(vec![0], |(_, b)| b.to_vec())] {
            let mut r = good.clone();
            r.set_body(body.into());
            assert!(check(r, key).is_err(), "{name}: the body longer or shorter");
        }
    }
    if s.parts.contains(&Part::PublicUrl) {
        let mut r = good.clone();
        r.public_url.push('x');
        assert_eq!(check(r, key).unwrap_err(), mismatch, "{name}: another URL");
    }
    if s.parts.contains(&Part::Method) {
        let mut r = good.clone();
        r.method = Method::PUT;
        assert_eq!(check(r, key).unwrap_err(), mismatch, "{name}: another method");
    }

    let mut names: Vec<String> = s.signature_header().map(str::to_owned).into_iter().collect();
    let at_header = |l: &Locator| if let Locator::Header(h) = l { Some(h.clone()) } else { None };
    names.extend(s.id.as_ref().and_then(at_header));
    if let Some(super::TimestampAt::Locator(l)) = s.timestamp.as_ref().map(|t| &t.at) {
        names.extend(at_header(l));
    }
    for header in &names {
        let mut r = good.clone();
        let value = r.headers.remove(header.as_str()).unwrap_or_else(|| panic!("{name}: no `{header}` in the vector"));
        let missing = Refusal::Missing(format!("header `{header}`"));
        assert_eq!(check(r.clone(), key).unwrap_err(), missing, "{name}: `{header}` missing");
        // Twice the same, and the good one before and after another.
        let other = HeaderValue::from_static("1");
        for pair in [[&value, &value], [&value, &other], [&other, &value]] {
            let mut r = r.clone();
            for value in pair {
                r.headers.append(HeaderName::from_bytes(header.as_bytes()).unwrap(), value.clone());
            }
            assert_eq!(check(r, key).unwrap_err(), missing, "{name}: `{header}` doubled");
        }
        r.headers.insert(HeaderName::from_bytes(header.as_bytes()).unwrap(), HeaderValue::from_bytes(b"\xff").unwrap());
        assert_eq!(check(r, key).unwrap_err(), missing, "{name}: `{header}` is no text");
    }
    if let Some(header) = s.signature_header() {
        let value = good.single_header(header).unwrap().to_owned();
        let with = |text: &str| {
            let mut r = good.clone();
            r.headers.insert(HeaderName::from_bytes(header.as_bytes()).unwrap(), HeaderValue::from_str(text).unwrap());
            check(r, key)
        };
        for end in 0..value.len() {
            // The last `=` of base64 is all that may be missing: the bytes are the same without padding.
            if matches!(s.encoding, Encoding::Base64) && value[end..].bytes().all(|b| b == b'=') {
                continue;
            }
            assert!(with(&value[..end]).is_err(), "{name}: the signature cut to `{}`", &value[..end]);
        }
        assert!(with(&format!("{value}00")).is_err(), "{name}: a longer signature");
        assert!(with(&format!("x{value}")).is_err() || value.starts_with("t="), "{name}: another prefix");
    }
}
