//! Ids that people choose: for apps, connections, flows, named secrets.

use crate::error::{EngineError, Result};

/// What an id looks like, in words.
pub(crate) const FORM: &str = "must be 1 to 64 of a-z, 0-9, `-` and `_`, and begin with a letter or a digit";

/// Whether a text is an id: 1 to 64 of `a-z`, `0-9`, `-`, `_`, beginning with a letter or digit.
pub(crate) fn is(id: &str) -> bool {
    (1..=64).contains(&id.len())
        && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_')
        && id.starts_with(|c: char| c.is_ascii_alphanumeric())
}

/// Checks an id, see [`is`].
pub(crate) fn check(id: &str) -> Result<()> {
    if is(id) { Ok(()) } else { Err(EngineError::field("/id", FORM)) }
}
