//! The inverse of verification: gives a request what a service would send. For fakes, tests and outgoing webhooks.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use http::{HeaderName, HeaderValue};
use jiff::Timestamp;
use ring::{hmac, signature};

use super::{
    inbound::{Inbound, Locator},
    verification::{Algorithm, Encoding, SignatureForm, Signed, TimeUnit, TimestampAt, Verification},
    verify::{key_bytes, signed_bytes},
};
use crate::{
    error::{Error, Result},
    secret::Secret,
};

/// Signs `r` as the service would. For Ed25519 the key is the hex seed, for ECDSA the base64 PKCS#8 document.
///
/// # Errors
/// `Internal` when the scheme cannot be signed this way (a signature in a JSON body must be in the fixture already).
pub fn sign(how: &Verification, r: &mut Inbound, key: &Secret, now: Timestamp) -> Result<()> {
    match how {
        Verification::Signed(s) => sign_signed(s, r, key, now),
        Verification::Token { at, prefix } => {
            place(r, at, &format!("{prefix}{}", key.expose_str().unwrap_or_default()))
        }
        Verification::Basic => {
            place(r, &Locator::header("authorization"), &format!("Basic {}", BASE64_STANDARD.encode(key.expose())))
        }
        Verification::Jwt(j) => {
            let encode = |v: serde_json::Value| base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(v.to_string());
            let head = encode(serde_json::json!({"alg": "HS256", "typ": "JWT"}));
            let claims = encode(serde_json::json!({"iat": now.as_second(), "exp": now.as_second() + 60}));
            let signed = format!("{head}.{claims}");
            let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key.expose()), signed.as_bytes());
            let sig = base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(tag.as_ref());
            place(r, &j.at, &format!("{}{signed}.{sig}", j.prefix))
        }
        Verification::AnyOf(all) => match all.first() {
            Some(v) => sign(v, r, key, now),
            None => Ok(()),
        },
        Verification::None { .. } => Ok(()),
    }
}

fn sign_signed(s: &Signed, r: &mut Inbound, secret: &Secret, now: Timestamp) -> Result<()> {
    let mut pair = String::new();
    if let Some(rule) = &s.timestamp {
        let text = match rule.unit {
            TimeUnit::Seconds => now.as_second().to_string(),
            TimeUnit::Millis => now.as_millisecond().to_string(),
            TimeUnit::Iso8601 => now.to_string(),
        };
        match &rule.at {
            // A time in the body is part of the fixture and stays.
            TimestampAt::Locator(Locator::Body(_)) => {}
            TimestampAt::Locator(at) => place(r, at, &text)?,
            TimestampAt::Pair(name) => {
                pair = format!("{name}={text},");
                // The time is read back out of the signature's place while the signed bytes are put together.
                place(r, &s.signature, &pair)?;
            }
        }
    }
    if let Some(at) = &s.id
        && at.get(r).is_none()
    {
        place(r, at, &format!("msg_{}", crate::trace::TraceId::new(now)))?;
    }
    let message = signed_bytes(s, r).map_err(|e| Error::internal(format!("cannot sign: {e}")))?;
    let bytes = signature_bytes(s, secret, &message)?;
    let text = match s.encoding {
        Encoding::Hex => hex::encode(bytes),
        Encoding::Base64 => BASE64_STANDARD.encode(bytes),
    };
    let value = match &s.form {
        SignatureForm::Prefixed(p) | SignatureForm::List(_, p) => format!("{p}{text}"),
        SignatureForm::Pairs(k) => format!("{pair}{k}={text}"),
    };
    place(r, &s.signature, &value)
}

fn signature_bytes(s: &Signed, secret: &Secret, message: &[u8]) -> Result<Vec<u8>> {
    let bad = |what: &str| Error::internal(format!("cannot sign: {what}"));
    let hmac = |a| -> Result<Vec<u8>> {
        let key = key_bytes(&s.key, secret).map_err(|e| bad(&e.to_string()))?;
        Ok(hmac::sign(&hmac::Key::new(a, &key), message).as_ref().to_vec())
    };
    match s.algorithm {
        Algorithm::HmacSha1 => hmac(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY),
        Algorithm::HmacSha256 => hmac(hmac::HMAC_SHA256),
        Algorithm::HmacSha512 => hmac(hmac::HMAC_SHA512),
        Algorithm::Ed25519 => {
            let seed = hex::decode(secret.expose()).map_err(|_| bad("the seed is not hex"))?;
            let pair = signature::Ed25519KeyPair::from_seed_unchecked(&seed).map_err(|_| bad("not an Ed25519 seed"))?;
            Ok(pair.sign(message).as_ref().to_vec())
        }
        Algorithm::EcdsaP256 => {
            let document = BASE64_STANDARD.decode(secret.expose()).map_err(|_| bad("the key is not base64"))?;
            let rng = ring::rand::SystemRandom::new();
            let pair = signature::EcdsaKeyPair::from_pkcs8(&signature::ECDSA_P256_SHA256_ASN1_SIGNING, &document, &rng)
                .map_err(|_| bad("not a P-256 key"))?;
            Ok(pair.sign(&rng, message).map_err(|_| bad("no randomness"))?.as_ref().to_vec())
        }
    }
}

fn place(r: &mut Inbound, at: &Locator, value: &str) -> Result<()> {
    match at {
        Locator::Header(name) => {
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(|e| Error::internal(e.to_string()))?;
            let value = HeaderValue::from_str(value).map_err(|e| Error::internal(e.to_string()))?;
            r.headers.insert(name, value);
        }
        Locator::Query(name) => {
            let encoded: String =
                url::form_urlencoded::Serializer::new(String::new()).append_pair(name, value).finish();
            r.public_url.push(if r.public_url.contains('?') { '&' } else { '?' });
            r.public_url.push_str(&encoded);
            r.query = r.public_url.split_once('?').map_or_else(String::new, |(_, q)| q.to_owned());
        }
        Locator::PathTail => r.path_tail = value.to_owned(),
        Locator::Body(pointer) => {
            let mut body = r.json().cloned().ok_or_else(|| Error::internal("cannot sign: the body is not JSON"))?;
            let slot = body
                .pointer_mut(pointer)
                .ok_or_else(|| Error::internal(format!("cannot sign: the fixture has no `{pointer}`")))?;
            *slot = serde_json::Value::String(value.to_owned());
            r.set_body(body.to_string().into());
        }
        Locator::Form(field) => {
            let mut pairs: Vec<(String, String)> = r.form().iter().filter(|(n, _)| n != field).cloned().collect();
            pairs.push((field.clone(), value.to_owned()));
            let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
            r.set_body(body.into());
        }
        Locator::FormJson(..) | Locator::Origin(_) => return Err(Error::internal("cannot sign inside a form's JSON")),
    }
    Ok(())
}
