//! How a webhook is verified, as data: it can be shown, loaded at run time, and turned into negative tests.
//!
//! What lives here: the description. What must not: doing it ([`super::verify`]) or its inverse ([`super::sign`]).

use serde::{Deserialize, Serialize};

use super::inbound::Locator;

/// How requests of a service prove where they come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verification {
    /// A signature over parts of the request.
    Signed(Signed),
    /// A shared token stands in the request as it is.
    Token {
        /// Where.
        at: Locator,
        /// What stands before it, such as `Bearer `.
        #[serde(default)]
        prefix: String,
    },
    /// HTTP Basic; the secret is `user:password`.
    Basic,
    /// A JSON Web Token signed with HS256.
    Jwt(Jwt),
    /// Any of these; the first that has what it needs in the request decides.
    AnyOf(Vec<Verification>),
    /// Not verified at all. Only with a reason and with what makes up for it.
    None {
        /// Why the service cannot be verified.
        reason: String,
        /// What makes up for it, such as an unguessable path.
        compensation: String,
    },
}

/// A signature scheme.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signed {
    /// The algorithm.
    pub algorithm: Algorithm,
    /// What is signed, in order, with nothing in between.
    pub parts: Vec<Part>,
    /// Where the signature stands.
    pub signature: Locator,
    /// How it stands there.
    pub form: SignatureForm,
    /// How its bytes are written.
    pub encoding: Encoding,
    /// What the stored secret is to the key.
    pub key: KeyForm,
    /// Where the signed time stands, if the service signs one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<TimestampRule>,
    /// Where the signed message id stands, for [`Part::Id`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Locator>,
    /// A query parameter that holds the hex SHA-256 of a body that is no form (Twilio's `bodySHA256`). Without it, a
    /// scheme that signs form fields and not the body refuses any other body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body_hash_query: Option<String>,
}

/// Signature algorithms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Algorithm {
    /// HMAC with SHA-1: only where the service has nothing better.
    HmacSha1,
    /// HMAC with SHA-256.
    HmacSha256,
    /// HMAC with SHA-512.
    HmacSha512,
    /// Ed25519; the key is the service's public key.
    Ed25519,
    /// ECDSA over P-256 with SHA-256, DER signature; the key is the service's public key (SPKI).
    EcdsaP256,
}

/// One piece of what is signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Fixed text: a separator or a version.
    Literal(String),
    /// A header's value.
    Header(String),
    /// The timestamp as it was sent.
    Timestamp,
    /// The message id as it was sent.
    Id,
    /// The method in upper case.
    Method,
    /// The public URL with its query.
    PublicUrl,
    /// The raw body.
    Body,
    /// A scalar of the JSON body, by pointer.
    BodyField(String),
    /// Form parameters sorted by name, each name followed by its value.
    SortedForm,
}

/// How the signature stands where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignatureForm {
    /// One signature after a prefix, which may be empty: `sha256=…`.
    Prefixed(String),
    /// Several, parted by the character, those with the prefix count: `v1,… v1,…` or `v1=…,v1=…`.
    List(char, String),
    /// Stripe's form: `t=…,v1=…,v1=…`; the named key's values count.
    Pairs(String),
}

/// How bytes are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// Hexadecimal.
    Hex,
    /// Base64 with the standard alphabet and padding.
    Base64,
}

/// What the stored secret is to the key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyForm {
    /// The key is the secret's bytes.
    Raw,
    /// The key is the secret decoded from base64, after the prefix if it is there (`whsec_`); padding may be missing.
    Base64(String),
    /// The key is the secret decoded from hex.
    Hex,
}

/// The signed time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimestampRule {
    /// Where it stands.
    pub at: TimestampAt,
    /// Its unit.
    pub unit: TimeUnit,
    /// How far from now it may be, in seconds, either way; `None`: the service states no window.
    pub tolerance_secs: Option<u32>,
}

/// Where the signed time stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimestampAt {
    /// Somewhere in the request.
    Locator(Locator),
    /// A key beside the signature, as in [`SignatureForm::Pairs`].
    Pair(String),
}

/// The unit of a timestamp.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeUnit {
    /// Unix seconds.
    Seconds,
    /// Unix milliseconds.
    Millis,
    /// ISO 8601.
    Iso8601,
}

/// A JSON Web Token signed with HS256.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Jwt {
    /// Where it stands.
    pub at: Locator,
    /// What stands before it: `Bearer ` or `JWT `.
    pub prefix: String,
    /// Seconds of clock skew allowed on `exp`, `nbf` and `iat`.
    pub leeway_secs: u32,
}

impl Signed {
    /// HMAC-SHA256 of the raw body with the secret as it is, in hex after `prefix`, in `header`.
    pub fn hmac_sha256_body(header: &str, prefix: &str) -> Self {
        Self {
            algorithm: Algorithm::HmacSha256,
            parts: vec![Part::Body],
            signature: Locator::header(header),
            form: SignatureForm::Prefixed(prefix.to_owned()),
            encoding: Encoding::Hex,
            key: KeyForm::Raw,
            timestamp: None,
            id: None,
            body_hash_query: None,
        }
    }

    /// Sets the algorithm.
    #[must_use]
    pub fn algorithm(mut self, algorithm: Algorithm) -> Self {
        self.algorithm = algorithm;
        self
    }

    /// Sets what is signed.
    #[must_use]
    pub fn parts(mut self, parts: impl Into<Vec<Part>>) -> Self {
        self.parts = parts.into();
        self
    }

    /// Signatures are written in base64.
    #[must_use]
    pub fn base64(mut self) -> Self {
        self.encoding = Encoding::Base64;
        self
    }

    /// Sets how the signature stands in its place.
    #[must_use]
    pub fn form(mut self, form: SignatureForm) -> Self {
        self.form = form;
        self
    }

    /// Sets what the secret is to the key.
    #[must_use]
    pub fn key(mut self, key: KeyForm) -> Self {
        self.key = key;
        self
    }

    /// A signed time in a header.
    #[must_use]
    pub fn timestamp_header(self, header: &str, unit: TimeUnit, tolerance_secs: Option<u32>) -> Self {
        self.timestamp(TimestampRule { at: TimestampAt::Locator(Locator::header(header)), unit, tolerance_secs })
    }

    /// A signed time.
    #[must_use]
    pub fn timestamp(mut self, rule: TimestampRule) -> Self {
        self.timestamp = Some(rule);
        self
    }

    /// A signed message id in a header.
    #[must_use]
    pub fn id_header(mut self, header: &str) -> Self {
        self.id = Some(Locator::header(header));
        self
    }

    /// The header that holds the signature, if it is a header.
    pub fn signature_header(&self) -> Option<&str> {
        match &self.signature {
            Locator::Header(h) => Some(h),
            _ => None,
        }
    }
}

impl Verification {
    /// Standard Webhooks, symmetric (`v1`): <https://www.standardwebhooks.com>.
    pub fn standard_webhooks() -> Self {
        Self::Signed(
            Signed::hmac_sha256_body("webhook-signature", "")
                .parts([Part::Id, Part::Literal(".".into()), Part::Timestamp, Part::Literal(".".into()), Part::Body])
                .form(SignatureForm::List(' ', "v1,".into()))
                .base64()
                .key(KeyForm::Base64("whsec_".into()))
                .timestamp_header("webhook-timestamp", TimeUnit::Seconds, Some(300))
                .id_header("webhook-id"),
        )
    }

    /// Stripe's form: `t=…,v1=…` over `{t}.{body}`: <https://docs.stripe.com/webhooks#verify-manually>.
    pub fn stripe(header: &str) -> Self {
        Self::Signed(
            Signed::hmac_sha256_body(header, "")
                .parts([Part::Timestamp, Part::Literal(".".into()), Part::Body])
                .form(SignatureForm::Pairs("v1".into()))
                .timestamp(TimestampRule {
                    at: TimestampAt::Pair("t".into()),
                    unit: TimeUnit::Seconds,
                    tolerance_secs: Some(300),
                }),
        )
    }

    /// A short name of the method, for lists and `Verified`.
    pub fn method(&self) -> &'static str {
        match self {
            Self::Signed(s) => match s.algorithm {
                Algorithm::HmacSha1 => "hmac_sha1",
                Algorithm::HmacSha256 => "hmac_sha256",
                Algorithm::HmacSha512 => "hmac_sha512",
                Algorithm::Ed25519 => "ed25519",
                Algorithm::EcdsaP256 => "ecdsa_p256",
            },
            Self::Token { .. } => "token",
            Self::Basic => "basic",
            Self::Jwt(_) => "jwt_hs256",
            Self::AnyOf(_) => "any_of",
            Self::None { .. } => "none",
        }
    }

    /// Header names, lower case, whose values are shared secrets: redacted before a delivery is kept.
    pub fn sensitive_headers(&self) -> Vec<String> {
        let mut out = vec!["authorization".to_owned(), "cookie".to_owned(), "proxy-authorization".to_owned()];
        self.collect_sensitive(&mut out);
        out.sort();
        out.dedup();
        out
    }

    /// JSON pointers of the payload whose values are shared secrets: redacted before an event is kept.
    pub fn sensitive_pointers(&self) -> Vec<String> {
        match self {
            Self::Token { at: Locator::Body(pointer) | Locator::FormJson(_, pointer), .. } => vec![pointer.clone()],
            Self::Token { at: Locator::Form(field), .. } => vec![format!("/{}", crate::schema::escape(field))],
            Self::AnyOf(all) => all.iter().flat_map(Self::sensitive_pointers).collect(),
            _ => Vec::new(),
        }
    }

    fn collect_sensitive(&self, out: &mut Vec<String>) {
        match self {
            // A signature proves only its own request; what must go is a token that would open the next one.
            Self::Token { at: Locator::Header(h), .. } => out.push(h.to_ascii_lowercase()),
            Self::Jwt(Jwt { at: Locator::Header(h), .. }) => out.push(h.to_ascii_lowercase()),
            Self::AnyOf(all) => all.iter().for_each(|v| v.collect_sensitive(out)),
            _ => {}
        }
    }
}
