//! The values of a connection under test: params from their defaults and examples, a canary for every secret, and
//! webhook keys of the form that the scheme wants.
//!
//! A canary is a secret that can be told again wherever it turns up.

use std::collections::BTreeMap;

use base64::Engine as _;
use connector_core::{
    Connector, FieldError, ParamInfo, Secret, SecretMap, Verification,
    webhook::{Algorithm, KeyForm, Signed},
};
use ring::signature::KeyPair as _;
use serde_json::{Map, Value};

/// The key that every call under test has; `{{idempotency_key}}` stands for it in a fixture's request.
pub const IDEMPOTENCY_KEY: &str = "01946f3e-7c00-7000-8000-000000000001";

/// A connection to test with.
#[derive(Clone)]
pub struct TestValues {
    /// Cleaned values that are no secrets.
    pub values: Map<String, Value>,
    /// The canary of every secret param of connection and app, by id.
    pub canaries: BTreeMap<String, String>,
}

impl TestValues {
    /// The params' defaults, else their examples, with `overrides` laid over them (`null` takes a value away). Beside
    /// them every failing field: an example or default that its own param does not accept; the values are then taken as
    /// they are, so that other laws can still be checked.
    pub fn of(connector: &Connector, overrides: &Map<String, Value>) -> (Self, Vec<FieldError>) {
        let info = connector.info();
        let mut given = Map::new();
        for p in info.params.iter().filter(|p| !p.is_secret()) {
            if let Some(v) = p.default.as_ref().or(p.example.as_ref()) {
                given.insert(p.id.clone(), v.clone());
            }
        }
        for (k, v) in overrides {
            given.insert(k.clone(), v.clone());
        }
        let secrets: Vec<&ParamInfo> = info.params.iter().chain(&info.app_params).filter(|p| p.is_secret()).collect();
        let kept: Vec<&str> = secrets.iter().map(|p| p.id.as_str()).collect();
        let (mut values, errors) = match connector.clean_params(&given, &kept) {
            Ok(cleaned) => (cleaned.values, Vec::new()),
            Err(e) => (given, e.fields().to_vec()),
        };
        // A default is filled in by cleaning, so what the fixture takes away goes last.
        values.retain(|k, _| overrides.get(k).is_none_or(|v| !v.is_null()));
        let canaries = secrets.iter().map(|p| (p.id.clone(), canary(connector.id(), p))).collect();
        (Self { values, canaries }, errors)
    }

    /// The secrets, without those named.
    pub fn secrets(&self, without: &[String]) -> SecretMap {
        self.canaries
            .iter()
            .filter(|(id, _)| !without.contains(id))
            .fold(SecretMap::new(), |map, (id, value)| map.with(id.clone(), value.as_str()))
    }

    /// `text` with `{{secret.<param>}}` and `{{idempotency_key}}` put in.
    pub fn put(&self, text: &str) -> String {
        if !text.contains("{{") {
            return text.to_owned();
        }
        let mut out = text.replace("{{idempotency_key}}", IDEMPOTENCY_KEY);
        for (id, value) in &self.canaries {
            out = out.replace(&format!("{{{{secret.{id}}}}}"), value);
        }
        out
    }
}

/// The canary of a secret param: its example with a mark at the end, or a text that nothing else is.
pub fn canary(connector: &str, p: &ParamInfo) -> String {
    match p.example.as_ref().and_then(Value::as_str) {
        Some(example) => format!("{example}canary_{}", p.id),
        None => format!("canary_{connector}_{}_0123456789abcdef", p.id),
    }
}

/// The part of a canary that only it has: what leaks are searched for.
pub fn mark(canary: &str) -> &str {
    canary.find("canary_").and_then(|at| canary.get(at..)).unwrap_or(canary)
}

/// A webhook key in both its halves; they are the same but for asymmetric schemes.
#[derive(Clone)]
pub struct WebhookKey {
    /// What the service signs with: for [`connector_core::webhook::sign`].
    pub signing: Secret,
    /// What the gateway keeps: for [`connector_core::webhook::verify`].
    pub verifying: Secret,
}

/// A key for this scheme, different for every `name`. Asymmetric keys are made from the name too, or at random.
///
/// # Errors
/// When the machine gives no randomness.
pub fn webhook_key(how: &Verification, name: &str) -> Result<WebhookKey, String> {
    let same = |text: String| WebhookKey { signing: Secret::from(text.as_str()), verifying: Secret::from(text) };
    match how {
        Verification::Signed(s) => signed_key(s, name),
        Verification::Basic => Ok(same(format!("gateway:canary_{name}_password"))),
        Verification::Token { .. } | Verification::Jwt(_) | Verification::None { .. } => {
            Ok(same(format!("canary_{name}_0123456789abcdef")))
        }
        Verification::AnyOf(all) => match all.first() {
            Some(v) => webhook_key(v, name),
            None => Err("`AnyOf` without any scheme".into()),
        },
    }
}

fn signed_key(s: &Signed, name: &str) -> Result<WebhookKey, String> {
    let digest = ring::digest::digest(&ring::digest::SHA256, name.as_bytes());
    let stored = |bytes: &[u8]| match &s.key {
        KeyForm::Raw => Secret::new(bytes.to_vec()),
        KeyForm::Hex => Secret::from(hex::encode(bytes)),
        KeyForm::Base64(prefix) => Secret::from(format!("{prefix}{}", base64::prelude::BASE64_STANDARD.encode(bytes))),
    };
    match s.algorithm {
        Algorithm::HmacSha1 | Algorithm::HmacSha256 | Algorithm::HmacSha512 => {
            let text = format!("canary_{name}_0123456789abcdef");
            let secret = stored(text.as_bytes());
            Ok(WebhookKey { signing: secret.clone(), verifying: secret })
        }
        Algorithm::Ed25519 => {
            let seed = digest.as_ref();
            let pair = ring::signature::Ed25519KeyPair::from_seed_unchecked(seed).map_err(|e| e.to_string())?;
            Ok(WebhookKey { signing: Secret::from(hex::encode(seed)), verifying: stored(pair.public_key().as_ref()) })
        }
        Algorithm::EcdsaP256 => {
            let rng = ring::rand::SystemRandom::new();
            let kind = &ring::signature::ECDSA_P256_SHA256_ASN1_SIGNING;
            let document =
                ring::signature::EcdsaKeyPair::generate_pkcs8(kind, &rng).map_err(|_| "no randomness".to_owned())?;
            let pair =
                ring::signature::EcdsaKeyPair::from_pkcs8(kind, document.as_ref(), &rng).map_err(|e| e.to_string())?;
            let signing = base64::prelude::BASE64_STANDARD.encode(document.as_ref());
            Ok(WebhookKey { signing: Secret::from(signing), verifying: stored(pair.public_key().as_ref()) })
        }
    }
}
