//! The id that ties a delivery, its event, its runs and their calls together.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A trace id: 16 bytes, written as 32 lower-case hex digits as W3C Trace Context does.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TraceId(u128);

impl TraceId {
    /// A trace id of the given bytes.
    pub const fn from_u128(v: u128) -> Self {
        Self(v)
    }

    /// A new one that sorts by time (UUID version 7).
    pub fn new(now: jiff::Timestamp) -> Self {
        let ms = u64::try_from(now.as_millisecond()).unwrap_or(0);
        let ts = uuid::Timestamp::from_unix_time(ms / 1000, u32::try_from(ms % 1000).unwrap_or(0) * 1_000_000, 0, 0);
        Self(uuid::Uuid::new_v7(ts).as_u128())
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Debug for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for TraceId {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, String> {
        if s.len() != 32 || !s.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err("a trace id is 32 hex digits".into());
        }
        u128::from_str_radix(s, 16).map(Self).map_err(|e| e.to_string())
    }
}

impl TryFrom<String> for TraceId {
    type Error = String;

    fn try_from(s: String) -> Result<Self, String> {
        s.parse()
    }
}

impl From<TraceId> for String {
    fn from(t: TraceId) -> Self {
        t.to_string()
    }
}
