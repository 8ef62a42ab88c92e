//! Verification: a pure function of (request, resolved keys, time). The only maker of [`Verified`].

use base64::{
    Engine as _,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use jiff::Timestamp;
use ring::{hmac, signature};

use super::{
    inbound::{Inbound, Locator},
    verification::{
        Algorithm, Encoding, Jwt, KeyForm, Part, SignatureForm, Signed, TimeUnit, TimestampAt, Verification,
    },
};
use crate::secret::Secret;

/// Most signatures of one header that are tried; a service rotating its keys sends two.
const MAX_SIGNATURES: usize = 8;

/// Why a request was refused: for the operator's audit. The sender learns only that it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// Something that proves the sender is not there (or a header is doubled).
    #[error("{0} is missing or there more than once")]
    Missing(String),
    /// It is there but cannot be read.
    #[error("{0} cannot be read: {1}")]
    Malformed(String, &'static str),
    /// The signature, token or password is wrong.
    #[error("the {0} does not match")]
    Mismatch(&'static str),
    /// The signed time is too far from now.
    #[error("the signed time is {seconds} s from now; {tolerance} s are allowed")]
    Stale {
        /// How far.
        seconds: i64,
        /// How far is allowed.
        tolerance: u32,
    },
    /// The connection has no key to verify with.
    #[error("no key is set for this webhook")]
    NoKey,
    /// The stored key has not the form the scheme needs.
    #[error("the stored key cannot be used: {0}")]
    BadKey(&'static str),
    /// The body is not covered by the signature.
    #[error("the signature does not cover this kind of body")]
    Uncovered,
}

/// A request that was verified. Only [`verify`] makes one.
#[derive(Debug, Clone)]
pub struct Verified {
    inbound: Inbound,
    method: &'static str,
    key: usize,
}

impl Verified {
    /// The request.
    pub fn inbound(&self) -> &Inbound {
        &self.inbound
    }

    /// How it was verified; `none` included.
    pub fn method(&self) -> &'static str {
        self.method
    }

    /// Which of the keys fitted: 0 is the current one, 1 the one being rotated out.
    pub fn key_index(&self) -> usize {
        self.key
    }
}

/// Verifies a request with any of `keys` (the current one first, then the one being rotated out).
///
/// # Errors
/// The [`Refusal`] of the first key's try.
pub fn verify(how: &Verification, inbound: Inbound, keys: &[Secret], now: Timestamp) -> Result<Verified, Refusal> {
    if let Verification::None { .. } = how {
        return Ok(Verified { inbound, method: "none", key: 0 });
    }
    let mut first = None;
    for (i, key) in keys.iter().enumerate().filter(|(_, k)| !k.is_empty()) {
        match check(how, &inbound, key, now) {
            Ok(method) => return Ok(Verified { inbound, method, key: i }),
            Err(e) => {
                first.get_or_insert(e);
            }
        }
    }
    Err(first.unwrap_or(Refusal::NoKey))
}

fn check(how: &Verification, r: &Inbound, key: &Secret, now: Timestamp) -> Result<&'static str, Refusal> {
    match how {
        Verification::Signed(s) => check_signed(s, r, key, now)?,
        Verification::Token { at, prefix } => {
            let given = at.get(r).ok_or_else(|| missing(at))?;
            let token = given
                .strip_prefix(prefix.as_str())
                .ok_or_else(|| Refusal::Malformed("the token".into(), "without its prefix"))?;
            if !key.eq_constant_time(token.as_bytes()) {
                return Err(Refusal::Mismatch("token"));
            }
        }
        Verification::Basic => {
            let at = Locator::header("authorization");
            let given = at.get(r).ok_or_else(|| missing(&at))?;
            let encoded = given.get(..6).filter(|p| p.eq_ignore_ascii_case("basic ")).and_then(|_| given.get(6..));
            let encoded = encoded.ok_or(Refusal::Malformed("authorization".into(), "not Basic"))?;
            let pair = decode_base64(encoded).ok_or(Refusal::Malformed("authorization".into(), "not base64"))?;
            if !key.eq_constant_time(&pair) {
                return Err(Refusal::Mismatch("user name or password"));
            }
        }
        Verification::Jwt(j) => check_jwt(j, r, key, now)?,
        Verification::AnyOf(all) => {
            let mut first = None;
            for v in all {
                match check(v, r, key, now) {
                    Ok(m) => return Ok(m),
                    // What is there and wrong decides: a bad signature is not saved by a weaker scheme further down.
                    // What is not there, or in another scheme's form, leaves it to the next.
                    Err(e @ (Refusal::Mismatch(_) | Refusal::Stale { .. } | Refusal::Uncovered)) => return Err(e),
                    Err(e) => {
                        first.get_or_insert(e);
                    }
                }
            }
            return Err(first.unwrap_or(Refusal::NoKey));
        }
        Verification::None { .. } => {}
    }
    Ok(how.method())
}

fn missing(at: &Locator) -> Refusal {
    Refusal::Missing(match at {
        Locator::Header(n) => format!("header `{n}`"),
        Locator::Query(n) => format!("query parameter `{n}`"),
        Locator::PathTail => "the token in the path".into(),
        Locator::Body(p) | Locator::FormJson(_, p) | Locator::Origin(p) => format!("body field `{p}`"),
        Locator::Form(n) => format!("form field `{n}`"),
    })
}

fn check_signed(s: &Signed, r: &Inbound, secret: &Secret, now: Timestamp) -> Result<(), Refusal> {
    let given = s.signature.get(r).ok_or_else(|| missing(&s.signature))?;
    let message = signed_bytes(s, r)?;
    if let Some(rule) = &s.timestamp {
        let text = timestamp_text(s, r)?;
        let at = parse_time(&text, rule.unit)
            .ok_or(Refusal::Malformed("the timestamp".into(), "not in the declared unit"))?;
        if let Some(tolerance) = rule.tolerance_secs {
            let seconds = now.duration_since(at).as_secs().saturating_abs();
            if seconds > i64::from(tolerance) {
                return Err(Refusal::Stale { seconds, tolerance });
            }
        }
    }
    let key = key_bytes(&s.key, secret)?;
    let candidates: Vec<&str> = match &s.form {
        SignatureForm::Prefixed(p) => given.strip_prefix(p.as_str()).into_iter().collect(),
        SignatureForm::List(sep, p) => {
            given.split(*sep).filter_map(|c| c.trim().strip_prefix(p.as_str())).take(MAX_SIGNATURES).collect()
        }
        SignatureForm::Pairs(k) => pairs(&given).filter(|(n, _)| n == k).map(|(_, v)| v).take(MAX_SIGNATURES).collect(),
    };
    if candidates.is_empty() {
        return Err(Refusal::Malformed("the signature".into(), "not in the declared form"));
    }
    let mut readable = false;
    for c in candidates {
        let bytes = match s.encoding {
            Encoding::Hex => hex::decode(c).ok(),
            Encoding::Base64 => decode_base64(c),
        };
        if let Some(bytes) = bytes {
            readable = true;
            if matches(s.algorithm, &key, &message, &bytes)? {
                return Ok(());
            }
        }
    }
    Err(if readable {
        Refusal::Mismatch("signature")
    } else {
        Refusal::Malformed("the signature".into(), "not in the declared encoding")
    })
}

fn matches(algorithm: Algorithm, key: &[u8], message: &[u8], given: &[u8]) -> Result<bool, Refusal> {
    let hmac = |a| hmac::verify(&hmac::Key::new(a, key), message, given).is_ok();
    Ok(match algorithm {
        Algorithm::HmacSha1 => hmac(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY),
        Algorithm::HmacSha256 => hmac(hmac::HMAC_SHA256),
        Algorithm::HmacSha512 => hmac(hmac::HMAC_SHA512),
        Algorithm::Ed25519 => {
            if key.len() != 32 {
                return Err(Refusal::BadKey("an Ed25519 public key has 32 bytes"));
            }
            signature::UnparsedPublicKey::new(&signature::ED25519, key).verify(message, given).is_ok()
        }
        Algorithm::EcdsaP256 => {
            let point = p256_point(key).ok_or(Refusal::BadKey("not a P-256 public key"))?;
            signature::UnparsedPublicKey::new(&signature::ECDSA_P256_SHA256_ASN1, point).verify(message, given).is_ok()
        }
    })
}

/// The fixed head of a P-256 key in SPKI form (RFC 5480: id-ecPublicKey, prime256v1, uncompressed point).
pub(super) const P256_SPKI_HEAD: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce,
    0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

fn p256_point(key: &[u8]) -> Option<&[u8]> {
    let point = key.strip_prefix(&P256_SPKI_HEAD).unwrap_or(key);
    (point.len() == 65 && point.first() == Some(&4)).then_some(point)
}

/// The bytes that a scheme signs for this request.
///
/// # Errors
/// `Missing` when a part is not in the request; `Malformed` when the message id holds the separator that follows it;
/// `Uncovered` when the body is of a kind that the scheme does not sign.
pub fn signed_bytes(s: &Signed, r: &Inbound) -> Result<Vec<u8>, Refusal> {
    let mut out = Vec::with_capacity(r.body.len() + 128);
    for (i, part) in s.parts.iter().enumerate() {
        match part {
            Part::Literal(t) => out.extend_from_slice(t.as_bytes()),
            Part::Header(h) => {
                out.extend_from_slice(r.single_header(h).ok_or_else(|| missing(&Locator::header(h)))?.as_bytes())
            }
            Part::Timestamp => out.extend_from_slice(timestamp_text(s, r)?.as_bytes()),
            Part::Id => {
                let at = s.id.as_ref().ok_or(Refusal::Missing("the message id's place".into()))?;
                let id = at.get(r).ok_or_else(|| missing(at))?;
                // An id with the separator in it could take a piece of what follows as its own: other id, time and body
                // under the same signature. Standard Webhooks tells senders not to; nobody else gets away with it.
                if let Some(Part::Literal(separator)) = s.parts.get(i + 1)
                    && !separator.is_empty()
                    && id.contains(separator.as_str())
                {
                    return Err(Refusal::Malformed(
                        "the message id".into(),
                        "it holds the separator of what is signed",
                    ));
                }
                out.extend_from_slice(id.as_bytes());
            }
            Part::Method => out.extend_from_slice(r.method.as_str().as_bytes()),
            Part::PublicUrl => out.extend_from_slice(r.public_url.as_bytes()),
            Part::Body => out.extend_from_slice(&r.body),
            Part::BodyField(p) => {
                let at = Locator::Body(p.clone());
                out.extend_from_slice(at.get(r).ok_or_else(|| missing(&at))?.as_bytes());
            }
            Part::SortedForm => {
                let mut fields: Vec<&(String, String)> = r.form().iter().collect();
                fields.sort();
                for (n, v) in fields {
                    out.extend_from_slice(n.as_bytes());
                    out.extend_from_slice(v.as_bytes());
                }
            }
        }
    }
    if s.parts.contains(&Part::SortedForm)
        && !s.parts.contains(&Part::Body)
        && r.form().is_empty()
        && !r.body.is_empty()
    {
        let name = s.body_hash_query.as_ref().ok_or(Refusal::Uncovered)?;
        let given = r.query_param(name).ok_or_else(|| missing(&Locator::Query(name.clone())))?;
        let digest = ring::digest::digest(&ring::digest::SHA256, &r.body);
        if hex::decode(given).ok().as_deref() != Some(digest.as_ref()) {
            return Err(Refusal::Mismatch("body hash"));
        }
    }
    Ok(out)
}

fn timestamp_text(s: &Signed, r: &Inbound) -> Result<String, Refusal> {
    let rule = s.timestamp.as_ref().ok_or(Refusal::Missing("the timestamp's place".into()))?;
    match &rule.at {
        TimestampAt::Locator(at) => at.get(r).ok_or_else(|| missing(at)),
        TimestampAt::Pair(name) => {
            let header = s.signature.get(r).ok_or_else(|| missing(&s.signature))?;
            let mut found = pairs(&header).filter(|(n, _)| n == name).map(|(_, v)| v.to_owned());
            match (found.next(), found.next()) {
                (Some(t), None) => Ok(t),
                _ => Err(Refusal::Missing(format!("`{name}=` in the signature"))),
            }
        }
    }
}

fn pairs(header: &str) -> impl Iterator<Item = (&str, &str)> {
    header.split(',').filter_map(|p| p.trim().split_once('='))
}

fn parse_time(text: &str, unit: TimeUnit) -> Option<Timestamp> {
    let digits = || text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse::<i64>().ok()).flatten();
    match unit {
        TimeUnit::Seconds => Timestamp::from_second(digits()?).ok(),
        TimeUnit::Millis => Timestamp::from_millisecond(digits()?).ok(),
        TimeUnit::Iso8601 => text.parse().ok(),
    }
}

pub(super) fn key_bytes(form: &KeyForm, secret: &Secret) -> Result<zeroize::Zeroizing<Vec<u8>>, Refusal> {
    let bytes = match form {
        KeyForm::Raw => secret.expose().to_vec(),
        KeyForm::Base64(prefix) => {
            let text = secret.expose_str().ok_or(Refusal::BadKey("not text"))?;
            decode_base64(text.strip_prefix(prefix.as_str()).unwrap_or(text)).ok_or(Refusal::BadKey("not base64"))?
        }
        KeyForm::Hex => hex::decode(secret.expose()).map_err(|_| Refusal::BadKey("not hex"))?,
    };
    if bytes.is_empty() {
        return Err(Refusal::BadKey("empty"));
    }
    Ok(zeroize::Zeroizing::new(bytes))
}

/// Standard alphabet, padding there or not: Standard Webhooks secrets come both ways.
fn decode_base64(text: &str) -> Option<Vec<u8>> {
    const ENGINE: GeneralPurpose = GeneralPurpose::new(
        &base64::alphabet::STANDARD,
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
    );
    ENGINE.decode(text).ok()
}

#[derive(serde::Deserialize)]
struct Claims {
    exp: Option<f64>,
    nbf: Option<f64>,
    iat: Option<f64>,
}

#[derive(serde::Deserialize)]
struct JwtHeader {
    alg: String,
    #[serde(default)]
    crit: Option<serde_json::Value>,
}

fn check_jwt(j: &Jwt, r: &Inbound, key: &Secret, now: Timestamp) -> Result<(), Refusal> {
    let bad = |why| Refusal::Malformed("the token".into(), why);
    let given = j.at.get(r).ok_or_else(|| missing(&j.at))?;
    let token = given.strip_prefix(j.prefix.as_str()).ok_or(bad("without its prefix"))?;
    let mut pieces = token.split('.');
    let (Some(header), Some(payload), Some(sig), None) = (pieces.next(), pieces.next(), pieces.next(), pieces.next())
    else {
        return Err(bad("not three parts"));
    };
    let decode = |t: &str| base64::prelude::BASE64_URL_SAFE_NO_PAD.decode(t).ok();
    let head: JwtHeader =
        decode(header).and_then(|b| serde_json::from_slice(&b).ok()).ok_or(bad("its header is not JSON"))?;
    // The algorithm is ours to choose, never the sender's.
    if head.alg != "HS256" || head.crit.is_some() {
        return Err(bad("not HS256"));
    }
    let sig = decode(sig).ok_or(bad("its signature is not base64url"))?;
    let signed = format!("{header}.{payload}");
    if !matches(Algorithm::HmacSha256, key.expose(), signed.as_bytes(), &sig)? {
        return Err(Refusal::Mismatch("signature"));
    }
    let claims: Claims =
        decode(payload).and_then(|b| serde_json::from_slice(&b).ok()).ok_or(bad("its claims are not JSON"))?;
    let now = now.as_second() as f64;
    let leeway = f64::from(j.leeway_secs);
    let exp = claims.exp.ok_or(bad("without `exp`"))?;
    let past = now - exp - leeway;
    let early = claims.nbf.into_iter().chain(claims.iat).map(|t| t - now - leeway).fold(0.0, f64::max);
    if past > 0.0 || early > 0.0 || !exp.is_finite() {
        return Err(Refusal::Stale { seconds: past.max(early) as i64, tolerance: j.leeway_secs });
    }
    Ok(())
}
