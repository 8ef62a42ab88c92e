//! How a limit is written and read, and the bucket that keeps it.

use std::{fmt, str::FromStr, time::Duration};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A rate limit: so many in a window, or a rate with a burst.
///
/// - `"100/min"`: at most 100 in **any** minute.
/// - `"5/s burst 20"`: a bucket of 20 that is refilled with 5 a second.
/// - `"100/10s"`: at most 100 in any ten seconds.
///
/// Units: `s`, `min`, `h`, `d`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Limit {
    count: u32,
    window_secs: u32,
    burst: Option<u32>,
}

/// A bucket that takes longer to fill is a mistake, and its times would not fit.
const LONGEST_FILL_SECS: u64 = 366 * 86_400;

impl Limit {
    /// Reads a limit. For consts: a wrong text in a [`BudgetSpec`](super::BudgetSpec)(super::BudgetSpec) does not compile.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub const fn parse(text: &str) -> Result<Self, &'static str> {
        let b = text.as_bytes();
        let (count, at) = number(b, 0);
        if count == 0 {
            return Err("begins with how many, a number from 1 on");
        }
        let at = spaces(b, at);
        if at >= b.len() || byte(b, at) != b'/' {
            return Err("has `/` and a unit after the number");
        }
        let at = spaces(b, at + 1);
        let (many, at) = number(b, at);
        let at = spaces(b, at);
        let (unit, at) = match unit(b, at) {
            Some(found) => found,
            None => return Err("has one of the units s, min, h, d after the `/`"),
        };
        let window_secs = match unit.checked_mul(if many == 0 { 1 } else { many }) {
            Some(w) if w as u64 <= LONGEST_FILL_SECS => w,
            _ => return Err("has a window that is too long"),
        };
        let at = spaces(b, at);
        if at == b.len() {
            return Ok(Self { count, window_secs, burst: None });
        }
        let at = match word(b, at, b"burst") {
            Some(at) => spaces(b, at),
            None => return Err("may only have `burst` and a number after the unit"),
        };
        let (burst, at) = number(b, at);
        if burst == 0 || at != b.len() {
            return Err("has a number from 1 on after `burst`, and nothing more");
        }
        if window_secs as u64 * burst as u64 / count as u64 > LONGEST_FILL_SECS {
            return Err("has a burst that is refilled within a year");
        }
        Ok(Self { count, window_secs, burst: Some(burst) })
    }

    /// How many in a window.
    pub const fn count(self) -> u32 {
        self.count
    }

    /// The window.
    pub const fn window(self) -> Duration {
        Duration::from_secs(self.window_secs as u64)
    }

    /// The bucket's size, where the limit is a rate with a burst.
    pub const fn burst(self) -> Option<u32> {
        self.burst
    }

    /// The same window and burst with another number: what a service's own headers say the limit is.
    #[must_use]
    pub const fn with_count(self, count: u32) -> Self {
        Self { count: if count == 0 { 1 } else { count }, ..self }
    }

    /// How it is kept by a bucket that starts full: its size, and the time in which one is refilled.
    ///
    /// Where the service counts windows, a full bucket and what is refilled meanwhile must not exceed the window
    /// together, so the bucket is a tenth of the limit and the refill a little slower than the limit (and 2 % on top, since
    /// requests may arrive closer together than they left).
    pub fn pace(self) -> (u32, Duration) {
        match self.burst {
            Some(burst) => (burst, self.window() / self.count),
            None => {
                let bucket = (self.count / 10).max(1);
                (bucket, (self.window() / (self.count - bucket + 1)).mul_f64(1.02))
            }
        }
    }
}

const fn byte(b: &[u8], at: usize) -> u8 {
    match b.split_at(at).1 {
        [first, ..] => *first,
        [] => 0,
    }
}

const fn number(b: &[u8], mut at: usize) -> (u32, usize) {
    let mut n: u32 = 0;
    while at < b.len() && byte(b, at).is_ascii_digit() {
        n = n.saturating_mul(10).saturating_add((byte(b, at) - b'0') as u32);
        at += 1;
    }
    (n, at)
}

const fn spaces(b: &[u8], mut at: usize) -> usize {
    while at < b.len() && byte(b, at) == b' ' {
        at += 1;
    }
    at
}

const fn word(b: &[u8], at: usize, word: &[u8]) -> Option<usize> {
    let mut i = 0;
    while i < word.len() {
        if at + i >= b.len() || byte(b, at + i) != byte(word, i) {
            return None;
        }
        i += 1;
    }
    Some(at + word.len())
}

const fn unit(b: &[u8], at: usize) -> Option<(u32, usize)> {
    if let Some(at) = word(b, at, b"min") {
        return Some((60, at));
    }
    if let Some(at) = word(b, at, b"s") {
        return Some((1, at));
    }
    if let Some(at) = word(b, at, b"h") {
        return Some((3600, at));
    }
    match word(b, at, b"d") {
        Some(at) => Some((86_400, at)),
        None => None,
    }
}

impl FromStr for Limit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::parse(text)
            .map_err(|why| format!("`{text}` is no limit: a limit {why}, such as `100/min` or `5/s burst 20`"))
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (n, unit) = match self.window_secs {
            s if s.is_multiple_of(86_400) => (s / 86_400, "d"),
            s if s.is_multiple_of(3600) => (s / 3600, "h"),
            s if s.is_multiple_of(60) => (s / 60, "min"),
            s => (s, "s"),
        };
        match n {
            1 => write!(f, "{}/{unit}", self.count)?,
            n => write!(f, "{}/{n}{unit}", self.count)?,
        }
        match self.burst {
            Some(b) => write!(f, " burst {b}"),
            None => Ok(()),
        }
    }
}

impl Serialize for Limit {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}
