//! The one table from HTTP answers to error kinds, and the forms of `Retry-After`.
//!
//! What lives here: what is the same for every service. What must not: a vendor's own codes. A connector calls
//! [`error_for`] and overrides what its service does differently.

use std::time::Duration;

use jiff::Timestamp;

use crate::{
    error::{Error, ErrorKind, RetryAdvice},
    request::Response,
    throttle::Throttle,
};

/// The kind that an HTTP error status stands for.
pub fn kind_for(status: u16) -> ErrorKind {
    match status {
        401 | 407 => ErrorKind::Auth,
        402 => ErrorKind::Quota,
        403 | 451 => ErrorKind::Permission,
        404 | 410 => ErrorKind::NotFound,
        408 | 504 => ErrorKind::Timeout,
        409 | 412 | 423 => ErrorKind::Conflict,
        425 | 429 => ErrorKind::RateLimited,
        501 | 505 => ErrorKind::Unsupported,
        400 | 405 | 406 | 411 | 413..=417 | 422 | 424 | 426 | 428 | 431 => ErrorKind::InvalidInput,
        418..=499 => ErrorKind::InvalidInput,
        500..=599 => ErrorKind::UpstreamUnavailable,
        _ => ErrorKind::Protocol,
    }
}

/// The advice that an HTTP error status stands for, given the pause asked for.
///
/// 425 and 429 say that nothing was done; 5xx do not, so those are ambiguous. A 503 is a service's refusal only where it says
/// when to come back: without that it is as often a proxy's, whose backend took the call and went away.
pub fn retry_for(status: u16, after: Option<Duration>) -> RetryAdvice {
    match status {
        425 | 429 => RetryAdvice::Safe { after },
        503 if after.is_some() => RetryAdvice::Safe { after },
        408 | 500 | 502..=504 | 507..=599 => RetryAdvice::Ambiguous,
        _ => RetryAdvice::Never,
    }
}

/// An error for an answer whose status is not a success. The service's words go to the operator text, cut short.
pub fn error_for(response: &Response, now: Timestamp) -> Error {
    let status = response.status.as_u16();
    let kind = kind_for(status);
    let caller = match kind {
        ErrorKind::Auth => {
            "the service does not accept the connection's credentials; authenticate the connection again"
        }
        ErrorKind::Permission => "the connection's credentials are not allowed to do this",
        ErrorKind::NotFound => "the service does not have this object, or does not show it to this connection",
        ErrorKind::Conflict => "the object's present state does not allow this",
        ErrorKind::RateLimited => "the service asks to slow down",
        ErrorKind::Quota => "the account's quota at the service is used up",
        ErrorKind::Timeout => "the service did not finish in time",
        ErrorKind::InvalidInput => "the service refused the request",
        ErrorKind::UpstreamUnavailable => "the service is not available now",
        _ => "the service answered in a form that its contract does not allow",
    };
    Error::new(kind, caller)
        .with_status(status)
        .with_retry(hinted(retry_for(status, pause(response, now)), should_retry(response)))
        .with_operator(format!("HTTP {status}: {}", response.text_excerpt(300)))
}

/// The pause that a failure asks for, in whatever style.
fn pause(response: &Response, now: Timestamp) -> Option<Duration> {
    retry_after(response, now).or_else(|| Throttle::read(response, now).pause())
}

/// What the answer itself says of a repetition, whatever its status: `Stripe-Should-Retry` and `x-should-retry`.
pub fn should_retry(response: &Response) -> Option<bool> {
    ["stripe-should-retry", "x-should-retry"].iter().find_map(|name| match response.header(name)?.trim() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    })
}

/// The advice, as the answer's own hint changes it. `true` promises only that the same call may succeed, not that nothing
/// was done.
fn hinted(advice: RetryAdvice, hint: Option<bool>) -> RetryAdvice {
    match (hint, advice) {
        (Some(false), _) => RetryAdvice::Never,
        (Some(true), RetryAdvice::Never) => RetryAdvice::Ambiguous,
        (_, advice) => advice,
    }
}

/// The longest pause that is believed; a header that asks for more is cut to it.
pub const MAX_RETRY_AFTER: Duration = Duration::from_secs(24 * 3600);

/// The pause that the answer asks for: `retry-after-ms`, else `Retry-After` as seconds (fractions allowed) or HTTP date.
pub fn retry_after(response: &Response, now: Timestamp) -> Option<Duration> {
    if let Some(ms) = response.header("retry-after-ms").and_then(|v| v.trim().parse::<f64>().ok()) {
        return bounded(ms / 1000.0);
    }
    let value = response.header("retry-after")?.trim();
    if let Ok(s) = value.parse::<f64>() {
        return bounded(s);
    }
    until(http_date(value)?, now)
}

/// The pause until an instant given in Unix seconds, such as GitHub's `x-ratelimit-reset`.
pub fn until_unix(seconds: &str, now: Timestamp) -> Option<Duration> {
    until(Timestamp::from_second(seconds.trim().parse().ok()?).ok()?, now)
}

/// The pause until an instant in ISO 8601, such as Jira's `x-ratelimit-reset`.
pub fn until_iso(text: &str, now: Timestamp) -> Option<Duration> {
    let text = text.trim();
    // Jira leaves the seconds out (`2026-11-22T10:00Z`), which RFC 3339 does not allow.
    let instant = text.parse().ok().or_else(|| text.strip_suffix('Z').and_then(|t| format!("{t}:00Z").parse().ok()))?;
    until(instant, now)
}

pub(crate) fn until(instant: Timestamp, now: Timestamp) -> Option<Duration> {
    bounded(instant.duration_since(now).as_secs_f64().max(0.0))
}

pub(crate) fn bounded(seconds: f64) -> Option<Duration> {
    if !seconds.is_finite() || seconds < 0.0 {
        return None;
    }
    Some(Duration::try_from_secs_f64(seconds).unwrap_or(MAX_RETRY_AFTER).min(MAX_RETRY_AFTER))
}

/// The instant that an HTTP date (RFC 9110, section 5.6.7) names.
pub fn http_date(value: &str) -> Option<Timestamp> {
    jiff::fmt::rfc2822::parse(value).ok().map(|z| z.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(status: u16, headers: &[(&'static str, &str)]) -> Response {
        let mut h = http::HeaderMap::new();
        for (n, v) in headers {
            h.insert(*n, v.parse().unwrap());
        }
        Response { status: http::StatusCode::from_u16(status).unwrap(), headers: h, body: "boom".into() }
    }

    #[test]
    fn every_form_of_retry_after() {
        let now = "2026-11-22T10:00:00Z".parse().unwrap();
        let after = |h: &[(&'static str, &str)]| retry_after(&response(429, h), now);
        assert_eq!(after(&[("retry-after", "30")]), Some(Duration::from_secs(30)));
        assert_eq!(after(&[("retry-after", "0.25")]), Some(Duration::from_millis(250)));
        assert_eq!(after(&[("retry-after-ms", "1500")]), Some(Duration::from_millis(1500)));
        assert_eq!(after(&[("retry-after", "Sun, 22 Nov 2026 10:01:00 GMT")]), Some(Duration::from_secs(60)));
        assert_eq!(after(&[("retry-after", "-1")]), None);
        assert_eq!(after(&[("retry-after", "NaN")]), None);
        assert_eq!(after(&[("retry-after", "1e300")]), Some(MAX_RETRY_AFTER));
        assert_eq!(until_unix("1795341660", "2026-11-22T10:00:00Z".parse().unwrap()), Some(Duration::from_secs(60)));
        assert_eq!(until_iso("2026-11-22T10:02Z", now), Some(Duration::from_secs(120)));
        assert_eq!(until_iso("2026-11-22T09:00:00Z", now), Some(Duration::ZERO));
    }

    #[test]
    fn a_pause_is_found_in_whatever_style_it_is_said() {
        let now = "2026-11-22T10:00:00Z".parse().unwrap();
        let after = |status, h: &[(&'static str, &str)]| error_for(&response(status, h), now).retry().after();
        let left = ("x-ratelimit-remaining", "0");
        assert_eq!(after(429, &[("x-ratelimit-reset", "1795341660"), left]), Some(Duration::from_secs(60)));
        assert_eq!(after(429, &[("ratelimit", "\"default\";r=0;t=5")]), Some(Duration::from_secs(5)));
        assert_eq!(after(503, &[("retry-after", "7"), ("ratelimit-reset", "9")]), Some(Duration::from_secs(7)));
        assert_eq!(
            after(503, &[("ratelimit-reset", "9")]),
            None,
            "a window's reset is no pause of a service that is down"
        );
        assert_eq!(after(429, &[]), None);
    }

    #[test]
    fn an_unavailable_service_did_nothing_only_if_it_says_when_to_come_back() {
        let now = "2026-11-22T10:00:00Z".parse().unwrap();
        let advice = |h: &[(&'static str, &str)]| error_for(&response(503, h), now).retry();
        let safe = |s| RetryAdvice::Safe { after: Some(Duration::from_secs(s)) };
        assert_eq!(advice(&[]), RetryAdvice::Ambiguous, "a proxy says it of a backend that may have taken the call");
        assert_eq!(advice(&[("retry-after", "soon")]), RetryAdvice::Ambiguous, "names no pause");
        assert_eq!(advice(&[("x-ratelimit-reset", "9")]), RetryAdvice::Ambiguous, "a reset alone is no pause");
        assert_eq!(advice(&[("retry-after", "7")]), safe(7));
        assert_eq!(advice(&[("retry-after", "0")]), safe(0));
        assert_eq!(advice(&[("retry-after", "Sun, 22 Nov 2026 10:01:00 GMT")]), safe(60));
        assert_eq!(advice(&[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "9")]), safe(9));
        assert_eq!(advice(&[("ratelimit", "\"default\";r=0;t=5")]), safe(5));
        assert_eq!(advice(&[("retry-after", "7"), ("x-should-retry", "false")]), RetryAdvice::Never);
    }

    #[test]
    fn the_services_own_hint_wins() {
        let advice = |status, hint: &str| {
            error_for(&response(status, &[("stripe-should-retry", hint)]), Timestamp::UNIX_EPOCH).retry().as_str()
        };
        assert_eq!(advice(500, "false"), "never");
        assert_eq!(advice(429, "false"), "never");
        assert_eq!(advice(409, "true"), "ambiguous");
        assert_eq!(advice(429, "true"), "safe");
        assert_eq!(advice(500, "perhaps"), "ambiguous");
    }

    #[test]
    fn statuses_map_to_kinds_and_advice() {
        let now = Timestamp::UNIX_EPOCH;
        for (status, kind, advice) in [
            (400, ErrorKind::InvalidInput, "never"),
            (401, ErrorKind::Auth, "never"),
            (404, ErrorKind::NotFound, "never"),
            (409, ErrorKind::Conflict, "never"),
            (429, ErrorKind::RateLimited, "safe"),
            (500, ErrorKind::UpstreamUnavailable, "ambiguous"),
            (503, ErrorKind::UpstreamUnavailable, "ambiguous"),
            (504, ErrorKind::Timeout, "ambiguous"),
        ] {
            let e = error_for(&response(status, &[]), now);
            assert_eq!((e.kind(), e.retry().as_str(), e.status()), (kind, advice, Some(status)));
        }
    }
}
