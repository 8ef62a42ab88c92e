//! How services ask to slow down: every form that a client must read, so that each connector is asked in all of them.

use std::time::Duration;

use connector_core::Timestamp;
use serde_json::json;

use super::answer::Answer;

/// Where and how a refusal with status 429 says how long to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum PauseStyle {
    /// `Retry-After: 90`.
    RetryAfterSeconds,
    /// `Retry-After: 90.000`.
    RetryAfterFraction,
    /// `Retry-After: Sun, 22 Nov 2026 10:01:30 GMT`.
    RetryAfterDate,
    /// `Retry-After-Ms: 90000`, as OpenAI and Anthropic.
    RetryAfterMs,
    /// Nothing remaining and a reset in Unix seconds, as GitHub and Sentry.
    ResetUnixSeconds,
    /// Nothing remaining and a reset in Unix milliseconds, as Linear.
    ResetUnixMillis,
    /// Nothing remaining and the seconds until the reset, as PagerDuty and Datadog.
    ResetSecondsToGo,
    /// Nothing remaining and a reset in ISO 8601, as Jira and Anthropic.
    ResetIso,
    /// Nothing remaining and the time until the reset like `1m30s`, as OpenAI.
    ResetDuration,
    /// `RateLimit: "default";r=0;t=90`, as draft-ietf-httpapi-ratelimit-headers.
    RateLimitField,
    /// `{"retry_after": 90.0}` in the body, as Discord.
    BodyRetryAfter,
    /// `{"retry-after": 90.0}` in the body, as Zulip.
    BodyRetryAfterDashed,
    /// `{"parameters": {"retry_after": 90}}` in the body, as Telegram.
    BodyParameters,
    /// google.rpc's `RetryInfo` in the body: `{"error": {"details": [{"retryDelay": "90s"}]}}`.
    BodyRetryInfo,
    /// Nothing but the status, as Airtable, Trello and Teams.
    Unsaid,
}

impl PauseStyle {
    /// Every style.
    pub const ALL: &'static [Self] = &[
        Self::RetryAfterSeconds,
        Self::RetryAfterFraction,
        Self::RetryAfterDate,
        Self::RetryAfterMs,
        Self::ResetUnixSeconds,
        Self::ResetUnixMillis,
        Self::ResetSecondsToGo,
        Self::ResetIso,
        Self::ResetDuration,
        Self::RateLimitField,
        Self::BodyRetryAfter,
        Self::BodyRetryAfterDashed,
        Self::BodyParameters,
        Self::BodyRetryInfo,
        Self::Unsaid,
    ];

    /// Its name in trial names, lower_snake_case.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::RetryAfterSeconds => "retry_after_seconds",
            Self::RetryAfterFraction => "retry_after_fraction",
            Self::RetryAfterDate => "retry_after_date",
            Self::RetryAfterMs => "retry_after_ms",
            Self::ResetUnixSeconds => "reset_unix_seconds",
            Self::ResetUnixMillis => "reset_unix_millis",
            Self::ResetSecondsToGo => "reset_seconds_to_go",
            Self::ResetIso => "reset_iso",
            Self::ResetDuration => "reset_duration",
            Self::RateLimitField => "ratelimit_field",
            Self::BodyRetryAfter => "body_retry_after",
            Self::BodyRetryAfterDashed => "body_retry_after_dashed",
            Self::BodyParameters => "body_parameters",
            Self::BodyRetryInfo => "body_retry_info",
            Self::Unsaid => "unsaid",
        }
    }
}

/// The refusal that asks for a pause of `after` in this style, at the service's time `now`.
pub(super) fn refusal(style: PauseStyle, after: Duration, now: Timestamp) -> Answer {
    let plain = || Answer::plain(429, "slow down");
    let said = |body: serde_json::Value| Answer::typed(429, "application/json", body.to_string().into_bytes());
    let none_left = |remaining: &str, reset: &str, value: String| plain().with(remaining, "0").with(reset, value);
    let seconds = after.as_secs().max(1);
    let until = now.checked_add(after).unwrap_or(now);
    match style {
        PauseStyle::RetryAfterSeconds => plain().with("retry-after", seconds.to_string()),
        PauseStyle::RetryAfterFraction => plain().with("retry-after", format!("{:.3}", after.as_secs_f64())),
        PauseStyle::RetryAfterDate => {
            plain().with("retry-after", until.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string())
        }
        PauseStyle::RetryAfterMs => plain().with("retry-after-ms", after.as_millis().to_string()),
        PauseStyle::ResetUnixSeconds => {
            none_left("x-ratelimit-remaining", "x-ratelimit-reset", until.as_second().to_string())
        }
        PauseStyle::ResetUnixMillis => none_left(
            "x-ratelimit-requests-remaining",
            "x-ratelimit-requests-reset",
            until.as_millisecond().to_string(),
        ),
        PauseStyle::ResetSecondsToGo => none_left("ratelimit-remaining", "ratelimit-reset", seconds.to_string()),
        PauseStyle::ResetIso => none_left("x-ratelimit-remaining", "x-ratelimit-reset", until.to_string()),
        PauseStyle::ResetDuration => none_left(
            "x-ratelimit-remaining-requests",
            "x-ratelimit-reset-requests",
            format!("{}m{}s", seconds / 60, seconds % 60),
        ),
        PauseStyle::RateLimitField => plain().with("ratelimit", format!("\"default\";r=0;t={seconds}")),
        PauseStyle::BodyRetryAfter => said(json!({"message": "slow down", "retry_after": after.as_secs_f64()})),
        PauseStyle::BodyRetryAfterDashed => said(json!({"msg": "slow down", "retry-after": after.as_secs_f64()})),
        PauseStyle::BodyParameters => said(json!({"ok": false, "parameters": {"retry_after": seconds}})),
        PauseStyle::BodyRetryInfo => said(json!({"error": {"code": 429, "details": [
            {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": format!("{seconds}s")}
        ]}})),
        PauseStyle::Unsaid => plain(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use connector_core::throttle::Throttle;

    #[test]
    fn every_style_says_what_it_should() {
        let now = "2026-11-22T10:00:00Z".parse().unwrap();
        let after = Duration::from_secs(90);
        let mut slugs = std::collections::BTreeSet::new();
        for style in PauseStyle::ALL {
            let answer = refusal(*style, after, now).response().unwrap();
            let want = (*style != PauseStyle::Unsaid).then_some(after);
            assert_eq!(Throttle::read(&answer, now).pause(), want, "{}", style.slug());
            assert!(slugs.insert(style.slug()));
        }
    }
}
