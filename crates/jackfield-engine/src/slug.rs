//! Ids that people choose: for apps, connections and flows.

use crate::error::{EngineError, Result};

/// Checks an id: 1 to 64 of `a-z`, `0-9`, `-`, `_`, beginning with a letter or digit.
pub(crate) fn check(id: &str) -> Result<()> {
    let ok = (1..=64).contains(&id.len())
        && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_')
        && id.starts_with(|c: char| c.is_ascii_alphanumeric());
    if ok {
        return Ok(());
    }
    Err(EngineError::field("/id", "must be 1 to 64 of a-z, 0-9, `-` and `_`, and begin with a letter or a digit"))
}
