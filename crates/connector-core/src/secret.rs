//! Secrets as types: a value that cannot be printed, and slots that name where one goes.
//!
//! What lives here: [`Secret`], [`SecretSlot`], [`SecretSource`]. What must not: where secrets are kept.
//! Connectors never hold a secret; they put slots into a request and the transport fills them at the last moment.

use async_trait::async_trait;
use zeroize::Zeroize;

use crate::error::Result;

/// A secret value. It has no `Debug`, `Display` or `Serialize`, and its memory is wiped when it is dropped.
///
/// ```compile_fail
/// let s = connector_core::Secret::new("hunter2");
/// println!("{s:?}");
/// ```
/// ```compile_fail
/// let s = connector_core::Secret::new("hunter2");
/// println!("{s}");
/// ```
/// ```compile_fail
/// let s = connector_core::Secret::new("hunter2");
/// serde_json::to_string(&s).unwrap();
/// ```
#[derive(Clone)]
pub struct Secret(Vec<u8>);

impl Secret {
    /// Takes the value in. Text secrets are their UTF-8 bytes.
    pub fn new(value: impl Into<Vec<u8>>) -> Self {
        Self(value.into())
    }

    /// The bytes, for the one place that needs them (a header being written, a key being made).
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// The value as text, if it is UTF-8.
    pub fn expose_str(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }

    /// Whether there is nothing in it; an empty secret is never accepted as a key.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Equality that takes the same time wherever the difference is.
    pub fn eq_constant_time(&self, other: &[u8]) -> bool {
        use subtle::ConstantTimeEq;
        self.0.ct_eq(other).into()
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl From<&str> for Secret {
    fn from(value: &str) -> Self {
        Self::new(value.as_bytes().to_vec())
    }
}

impl From<String> for Secret {
    fn from(value: String) -> Self {
        Self::new(value.into_bytes())
    }
}

/// Where in a request a secret is put. The secret itself is named by the id of a connection or app param.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SecretSlot {
    /// A header whose value is `prefix` + secret, such as `authorization: Bearer …`.
    Header {
        /// Header name, lower case.
        name: &'static str,
        /// What stands before the secret, blank included.
        prefix: &'static str,
        /// The param that holds it.
        secret: String,
    },
    /// `Authorization: Basic base64(user:secret)`.
    Basic {
        /// The user name, in the clear.
        user: String,
        /// The param that holds the password.
        secret: String,
    },
    /// A query parameter.
    Query {
        /// Parameter name.
        name: &'static str,
        /// The param that holds it.
        secret: String,
    },
    /// A piece of the path: the placeholder is replaced by the secret, percent-encoded.
    Path {
        /// What stands in the path until then, such as `__token__`.
        placeholder: &'static str,
        /// The param that holds it.
        secret: String,
    },
    /// A field of a JSON or form body.
    BodyField {
        /// Name of a top-level field; in a JSON body also a JSON pointer such as `/config/secret`, whose objects are there.
        name: &'static str,
        /// The param that holds it.
        secret: String,
    },
    /// The whole URL is the secret, such as a Slack incoming webhook.
    Url {
        /// The param that holds it.
        secret: String,
    },
}

impl SecretSlot {
    /// The id of the param that the slot needs.
    pub fn secret_id(&self) -> &str {
        match self {
            Self::Header { secret, .. }
            | Self::Basic { secret, .. }
            | Self::Query { secret, .. }
            | Self::Path { secret, .. }
            | Self::BodyField { secret, .. }
            | Self::Url { secret } => secret,
        }
    }
}

/// Gives the transport the secrets of one connection (its app's included), by param id.
#[async_trait]
pub trait SecretSource: Send + Sync {
    /// The secret of the param `id`.
    ///
    /// # Errors
    /// `Misconfigured`, naming the param, when the connection has no such secret.
    async fn secret(&self, id: &str) -> Result<Secret>;

    /// Whether the connection has a secret for the param `id`, without looking at it.
    fn has(&self, id: &str) -> bool;

    /// Whether [`refused`](Self::refused) may find another secret: only then is a request kept to be made again.
    fn renews(&self) -> bool {
        false
    }

    /// The service refused this secret of the param `id` (401), so that nothing was done. Gives whether there is another
    /// one now, with which the request may be made again.
    ///
    /// # Errors
    /// `Auth`, with the mend, when only a person can get another one.
    async fn refused(&self, _id: &str, _secret: &Secret) -> Result<bool> {
        Ok(false)
    }
}

/// Secrets kept in memory by param id: for embedding applications and tests.
#[derive(Clone, Default)]
pub struct SecretMap(std::collections::BTreeMap<String, Secret>);

impl SecretMap {
    /// No secrets yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds or replaces one.
    #[must_use]
    pub fn with(mut self, id: impl Into<String>, secret: impl Into<Secret>) -> Self {
        self.0.insert(id.into(), secret.into());
        self
    }

    /// The ids of the secrets in it.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

#[async_trait]
impl SecretSource for SecretMap {
    async fn secret(&self, id: &str) -> Result<Secret> {
        self.0.get(id).cloned().ok_or_else(|| missing_secret(id))
    }

    fn has(&self, id: &str) -> bool {
        self.0.contains_key(id)
    }
}

/// The error for a secret that the connection does not have.
pub fn missing_secret(id: &str) -> crate::Error {
    crate::Error::misconfigured(format!(
        "the connection has no value for the secret param `{id}`; set it and try again"
    ))
    .with_fields([crate::FieldError::new(format!("/{id}"), "is required for this call")])
}
