//! What services announce about their own API in passing: deprecations, dates of removal, other versions than asked for.
//!
//! What lives here: the signals, who takes them ([`SignalSink`]), and [`Signals`], which counts them in memory within
//! bounds. What must not: reading them out of answers, which is the transport's.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Most characters of a signal's value.
pub const MAX_VALUE: usize = 200;
/// Most signals that are told apart at one endpoint of a connector: a service that says something else in every answer must
/// not push out what others say.
pub const MAX_PER_ENDPOINT: usize = 20;
/// Most signals that [`Signals`] holds in all.
pub const MAX_SIGNALS: usize = 1000;

/// What a signal says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SignalKind {
    /// The endpoint is deprecated (`Deprecation`, RFC 9745); the value is since or from when, where the service says.
    Deprecation,
    /// A page about the deprecation (`Link` with `rel="deprecation"`); the value is its address.
    DeprecationLink,
    /// The endpoint goes (`Sunset`, RFC 8594); the value is when.
    Sunset,
    /// A page about the removal (`Link` with `rel="sunset"`); the value is its address.
    SunsetLink,
    /// A warning that lasts (`Warning: 299`); the value is its text.
    Warning,
    /// The endpoint, or the object that was asked for, is gone for good (410).
    Gone,
    /// The service no longer takes the version of its API that was asked for; the value is that version.
    VersionRefused,
    /// The service answered by another version of its API than was asked for; the value is both.
    VersionDiffers,
}

impl SignalKind {
    /// The word for it in JSON, tables and the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Deprecation => "deprecation",
            Self::DeprecationLink => "deprecation_link",
            Self::Sunset => "sunset",
            Self::SunsetLink => "sunset_link",
            Self::Warning => "warning",
            Self::Gone => "gone",
            Self::VersionRefused => "version_refused",
            Self::VersionDiffers => "version_differs",
        }
    }
}

/// What a service said of one endpoint. The same said again is the same signal.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub struct UpstreamSignal {
    /// The connector's id.
    pub connector: String,
    /// The endpoint as the connector names it, or the action.
    pub endpoint: String,
    /// What is said.
    pub kind: SignalKind,
    /// Times in RFC 3339 where the service wrote a date; else its own words: at most [`MAX_VALUE`] characters, none of them a
    /// control character.
    pub value: String,
}

impl UpstreamSignal {
    /// A signal; the value is cut and cleaned.
    pub fn new(connector: &str, endpoint: &str, kind: SignalKind, value: &str) -> Self {
        Self {
            connector: connector.to_owned(),
            endpoint: endpoint.to_owned(),
            kind,
            value: value.trim().chars().filter(|c| !c.is_control()).take(MAX_VALUE).collect(),
        }
    }
}

/// Takes signals; must return at once.
pub trait SignalSink: Send + Sync {
    /// The service said this at `at`.
    fn signal(&self, signal: UpstreamSignal, at: Timestamp);
}

/// A signal, and how often it came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SignalTally {
    /// What was said.
    #[serde(flatten)]
    pub signal: UpstreamSignal,
    /// How often.
    pub count: u64,
    /// The first time.
    pub first_at: Timestamp,
    /// The last time.
    pub last_at: Timestamp,
}

/// Counts signals in memory, at most [`MAX_PER_ENDPOINT`] an endpoint and [`MAX_SIGNALS`] in all. What does not fit is left
/// out; it comes again with the next answer.
#[derive(Debug, Default)]
pub struct Signals {
    seen: Mutex<BTreeMap<UpstreamSignal, Times>>,
}

#[derive(Debug, Clone, Copy)]
struct Times {
    count: u64,
    first: Timestamp,
    last: Timestamp,
}

impl Signals {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// What was said, by connector and endpoint.
    pub fn list(&self) -> Vec<SignalTally> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.iter().map(|(signal, times)| tally(signal.clone(), *times)).collect()
    }

    /// The same, and forgets it.
    pub fn take(&self) -> Vec<SignalTally> {
        let seen = std::mem::take(&mut *self.seen.lock().unwrap_or_else(PoisonError::into_inner));
        seen.into_iter().map(|(signal, times)| tally(signal, times)).collect()
    }
}

fn tally(signal: UpstreamSignal, t: Times) -> SignalTally {
    SignalTally { signal, count: t.count, first_at: t.first, last_at: t.last }
}

impl SignalSink for Signals {
    fn signal(&self, signal: UpstreamSignal, at: Timestamp) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(times) = seen.get_mut(&signal) {
            times.count += 1;
            times.first = times.first.min(at);
            times.last = times.last.max(at);
            return;
        }
        let of_it = |s: &&UpstreamSignal| s.connector == signal.connector && s.endpoint == signal.endpoint;
        if seen.len() < MAX_SIGNALS && seen.keys().filter(of_it).count() < MAX_PER_ENDPOINT {
            seen.insert(signal, Times { count: 1, first: at, last: at });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn sunset(endpoint: &str, value: &str) -> UpstreamSignal {
        UpstreamSignal::new("acme", endpoint, SignalKind::Sunset, value)
    }

    #[test]
    fn the_same_is_counted_and_values_are_clean() {
        let s = Signals::new();
        s.signal(sunset("things.list", " 2027-01-01T00:00:00Z\n"), at(5));
        s.signal(sunset("things.list", "2027-01-01T00:00:00Z"), at(3));
        assert_eq!(
            s.list(),
            [SignalTally {
                signal: sunset("things.list", "2027-01-01T00:00:00Z"),
                count: 2,
                first_at: at(3),
                last_at: at(5)
            }]
        );
        assert_eq!(s.take().len(), 1);
        assert!(s.list().is_empty());
        let long = sunset("x", &"\u{1b}[31mé".repeat(300)).value;
        assert_eq!((long.chars().count(), long.contains('\u{1b}')), (MAX_VALUE, false));
    }

    #[test]
    fn neither_an_endpoint_nor_all_of_them_grow_without_bound() {
        let s = Signals::new();
        for n in 0..100_000 {
            s.signal(sunset(&format!("e{}", n % 100), &n.to_string()), at(1));
        }
        assert_eq!(s.list().len(), MAX_SIGNALS);
        let s = Signals::new();
        for n in 0..1000 {
            s.signal(sunset("noisy", &n.to_string()), at(1));
        }
        s.signal(sunset("quiet", "x"), at(1));
        assert_eq!(s.list().len(), MAX_PER_ENDPOINT + 1);
        s.signal(sunset("noisy", "0"), at(2));
        assert_eq!(s.list().iter().map(|t| t.count).max(), Some(2), "what is known is still counted");
    }

    #[test]
    fn kinds_are_written_as_in_json() {
        for kind in [SignalKind::DeprecationLink, SignalKind::VersionDiffers, SignalKind::Gone] {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
    }
}
