//! Codes, session ids and tokens: 256 random bits in base64url, and the hashes that are kept of them.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use connector_core::{Error, Secret};
use jackfield_store::people::CodeHash;
use jiff::Timestamp;
use ring::{digest, rand::SecureRandom as _};
use zeroize::Zeroizing;

use crate::error::Result;

/// A code that was just made. It is shown once.
pub struct Code {
    /// The code itself.
    pub code: Secret,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// 256 random bits as text, after a prefix.
pub(super) fn random(prefix: &str) -> Result<Secret> {
    let mut bytes = Zeroizing::new([0u8; 32]);
    ring::rand::SystemRandom::new()
        .fill(bytes.as_mut_slice())
        .map_err(|_| Error::internal("the system has no randomness".to_owned()))?;
    Ok(Secret::from(format!("{prefix}{}", BASE64_URL_SAFE_NO_PAD.encode(bytes.as_slice()))))
}

/// What is kept in the place of a code.
pub(super) fn hash(code: &[u8]) -> CodeHash {
    let mut out = [0; 32];
    out.copy_from_slice(digest::digest(&digest::SHA256, code).as_ref());
    out
}

/// Whether a text from outside can be a code at all: it is hashed only then.
pub(super) fn plausible(text: &str) -> bool {
    (20..=100).contains(&text.len())
}
