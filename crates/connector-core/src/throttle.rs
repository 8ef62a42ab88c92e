//! What an answer says of rate limits, in all the forms that services have found for it.
//!
//! What lives here: reading. Pure: the caller says what time it is. What must not: which budget it is about, and what is
//! done with it.
//!
//! | form | who |
//! |---|---|
//! | `Retry-After`: seconds, with fractions, or an HTTP date; `retry-after-ms` | nearly all; OpenAI, Anthropic |
//! | a reset as Unix seconds, Unix milliseconds, seconds to go, ISO 8601, or a duration like `6m0s` | GitHub; Linear; PagerDuty, Datadog; Jira, Anthropic; OpenAI |
//! | `RateLimit: "name";r=50;t=30` | draft-ietf-httpapi-ratelimit-headers |
//! | in the body of a refusal: `retry_after`, `retry-after`, `parameters.retry_after`, `RetryInfo.retryDelay` | Discord, Zulip, Telegram, Google |

use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use crate::{
    request::Response,
    status::{bounded, retry_after, until, until_iso},
};

/// The names of headers that services use, without what is before and after.
const REMAINING: [&str; 7] = [
    "x-ratelimit-remaining",
    "x-rate-limit-remaining",
    "ratelimit-remaining",
    "x-ratelimit-remaining-requests",
    "anthropic-ratelimit-requests-remaining",
    "x-ratelimit-requests-remaining",
    "x-hubspot-ratelimit-remaining",
];
const LIMIT: [&str; 7] = [
    "x-ratelimit-limit",
    "x-rate-limit-limit",
    "ratelimit-limit",
    "x-ratelimit-limit-requests",
    "anthropic-ratelimit-requests-limit",
    "x-ratelimit-requests-limit",
    "x-hubspot-ratelimit-max",
];
const RESET: [&str; 8] = [
    "x-ratelimit-reset",
    "x-rate-limit-reset",
    "ratelimit-reset",
    "x-ratelimit-reset-requests",
    "x-ratelimit-reset-after",
    "anthropic-ratelimit-requests-reset",
    "x-ratelimit-requests-reset",
    "x-sentry-rate-limit-reset",
];
/// A body larger than this is not looked at for a pause.
const MAX_BODY: usize = 64 << 10;

/// What an answer says of the rate limit it counts against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Throttle {
    /// The answer is a refusal for coming too fast: 429, or 403 and 503 with a pause or nothing remaining.
    pub refused: bool,
    /// The pause asked for.
    pub after: Option<Duration>,
    /// How many the window has.
    pub limit: Option<u64>,
    /// How many are left of it.
    pub remaining: Option<u64>,
    /// The time until there are as many as at first.
    pub reset: Option<Duration>,
}

impl Throttle {
    /// Reads an answer.
    pub fn read(response: &Response, now: Timestamp) -> Self {
        let first = |names: &[&str]| names.iter().find_map(|n| response.header(n));
        let count = |names: &[&str]| first(names).and_then(leading_number);
        let (mut limit, mut remaining) = (count(&LIMIT), count(&REMAINING));
        let mut reset = first(&RESET).and_then(|text| reset_of(text, now));
        if let Some(text) = response.header("ratelimit") {
            let fields = fields_of(text);
            limit = limit.or(fields.limit);
            remaining = remaining.or(fields.remaining);
            reset = reset.or(fields.reset);
        }
        let status = response.status.as_u16();
        let after = retry_after(response, now).or_else(|| in_body(response));
        let told = after.is_some() || remaining == Some(0);
        let refused = status == 429 || matches!(status, 403 | 503) && told;
        Self { refused, after, limit, remaining, reset }
    }

    /// How long nothing more should be sent: the pause that a refusal asks for, or until the reset when nothing is left.
    pub fn pause(&self) -> Option<Duration> {
        let spent = (self.remaining == Some(0)).then_some(self.reset).flatten();
        if self.refused { self.after.or(spent).or(self.reset) } else { spent }
    }
}

/// The number that a header begins with: some write `100, 100;window=60`.
fn leading_number(text: &str) -> Option<u64> {
    let text = text.trim();
    text.get(..text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()))?.parse().ok()
}

/// The time until a reset. What a number means is told by its size: no window lasts 30 years.
fn reset_of(text: &str, now: Timestamp) -> Option<Duration> {
    let text = text.trim();
    if let Ok(n) = text.parse::<f64>() {
        if n >= 1e11 {
            return until(Timestamp::from_millisecond(n as i64).ok()?, now);
        }
        if n >= 1e9 {
            return until(Timestamp::from_millisecond((n * 1000.0) as i64).ok()?, now);
        }
        return bounded(n);
    }
    duration(text).or_else(|| until_iso(text, now))
}

/// A duration such as `1h6m0.5s` or `250ms`.
fn duration(text: &str) -> Option<Duration> {
    let mut seconds = 0.0;
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, tail) = rest.split_at_checked(end)?;
        let number: f64 = number.parse().ok()?;
        let (unit, tail) = tail.split_at(tail.find(|c: char| c.is_ascii_digit()).unwrap_or(tail.len()));
        seconds += number
            * match unit {
                "h" => 3600.0,
                "m" => 60.0,
                "s" => 1.0,
                "ms" => 1e-3,
                _ => return None,
            };
        rest = tail;
    }
    if text.is_empty() { None } else { bounded(seconds) }
}

#[derive(Default)]
struct Fields {
    limit: Option<u64>,
    remaining: Option<u64>,
    reset: Option<Duration>,
}

/// The first item of a `RateLimit` field: `"default";r=50;t=30`, or the older `limit=100, remaining=50, reset=30`.
fn fields_of(text: &str) -> Fields {
    let mut fields = Fields::default();
    let older = text.contains("remaining=");
    let items = if older { text } else { text.split(',').next().unwrap_or(text) };
    for pair in items.split([';', ',']) {
        let Some((name, value)) = pair.trim().split_once('=') else { continue };
        let value = value.trim().trim_matches('"');
        match name.trim() {
            "r" | "remaining" => fields.remaining = leading_number(value),
            "q" | "limit" => fields.limit = leading_number(value),
            "t" | "reset" => fields.reset = value.parse().ok().and_then(bounded),
            _ => {}
        }
    }
    fields
}

/// The pause in the body of a refusal.
fn in_body(response: &Response) -> Option<Duration> {
    if response.status.as_u16() != 429 || response.body.len() > MAX_BODY {
        return None;
    }
    let body: Value = serde_json::from_slice(&response.body).ok()?;
    let seconds =
        ["/retry_after", "/retry-after", "/parameters/retry_after"].iter().find_map(|p| body.pointer(p)?.as_f64());
    if let Some(s) = seconds {
        return bounded(s);
    }
    let details = body.pointer("/error/details").and_then(Value::as_array)?;
    let delay = details.iter().find_map(|d| d.get("retryDelay")?.as_str())?;
    duration(delay)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(status: u16, headers: &[(&'static str, &str)], body: &str) -> Throttle {
        let mut map = http::HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, value.parse().unwrap());
        }
        let status = http::StatusCode::from_u16(status).unwrap();
        let response = Response { status, headers: map, body: body.to_owned().into() };
        Throttle::read(&response, "2026-11-22T10:00:00Z".parse().unwrap())
    }

    #[test]
    fn every_form_of_a_reset() {
        for (name, value, ms) in [
            ("x-ratelimit-reset", "1795341660", 60_000),
            ("x-ratelimit-reset", "1795341660000", 60_000),
            ("ratelimit-reset", "30", 30_000),
            ("x-ratelimit-reset", "0.25", 250),
            ("x-ratelimit-reset", "2026-11-22T10:02Z", 120_000),
            ("anthropic-ratelimit-requests-reset", "2026-11-22T10:00:30Z", 30_000),
            ("x-ratelimit-reset-requests", "6m0s", 360_000),
            ("x-ratelimit-reset-requests", "1h0m1.5s", 3_601_500),
            ("x-ratelimit-reset-requests", "20ms", 20),
        ] {
            let t = read(200, &[(name, value), ("x-ratelimit-remaining", "0")], "");
            assert_eq!(t.pause(), Some(Duration::from_millis(ms)), "{name}: {value}");
        }
        for value in ["", "soon", "5 parsecs", "m", "-7", "NaN"] {
            assert_eq!(read(200, &[("x-ratelimit-reset", value)], "").reset, None, "{value}");
        }
    }

    #[test]
    fn the_drafts_field_is_read_in_both_versions() {
        let t = read(200, &[("ratelimit", "\"default\";r=50;t=30")], "");
        assert_eq!((t.remaining, t.reset, t.pause()), (Some(50), Some(Duration::from_secs(30)), None));
        let t = read(200, &[("ratelimit", "limit=100, remaining=0, reset=5")], "");
        assert_eq!((t.limit, t.pause()), (Some(100), Some(Duration::from_secs(5))));
        assert_eq!(read(200, &[("x-ratelimit-limit", "100, 100;window=60")], "").limit, Some(100));
    }

    #[test]
    fn a_refusals_pause_may_stand_in_its_body() {
        for (body, ms) in [
            (r#"{"retry_after": 0.35, "global": false}"#, 350),
            (r#"{"retry-after": 2}"#, 2000),
            (r#"{"ok":false,"parameters":{"retry_after":7}}"#, 7000),
            (r#"{"error":{"details":[{"@type":"x"},{"retryDelay":"12s"}]}}"#, 12_000),
        ] {
            assert_eq!(read(429, &[], body).pause(), Some(Duration::from_millis(ms)), "{body}");
            assert_eq!(read(200, &[], body).pause(), None);
        }
        assert_eq!(read(429, &[], "no json").pause(), None);
    }

    #[test]
    fn what_is_a_refusal() {
        assert!(read(429, &[], "").refused);
        assert!(!read(403, &[], "").refused);
        assert!(read(403, &[("retry-after", "60")], "").refused);
        assert!(read(403, &[("x-ratelimit-remaining", "0")], "").refused);
        assert!(!read(503, &[], "").refused);
        assert!(read(503, &[("retry-after", "1")], "").refused);
        assert!(!read(200, &[("retry-after", "1")], "").refused, "a success with a hint is none");
    }
}
