//! Jira's form of times, `2026-11-22T10:00:00.000+0000`, and the one that everybody else has.

use connector_core::Timestamp;

/// A time of Jira's as ISO 8601 in UTC; what is none stays as it is.
pub(crate) fn iso(text: &str) -> String {
    parse(text).map_or_else(|| text.to_owned(), |t| t.to_string())
}

/// An ISO 8601 time with an offset, as Jira takes it.
pub(crate) fn jira_time(text: &str) -> Option<String> {
    parse(text).map(|t| t.strftime("%Y-%m-%dT%H:%M:%S%.3f+0000").to_string())
}

fn parse(text: &str) -> Option<Timestamp> {
    text.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_go_both_ways() {
        assert_eq!(iso("2026-11-22T10:00:00.000+0000"), "2026-11-22T10:00:00Z");
        assert_eq!(iso("2026-11-22T10:00:00.120+0530"), "2026-11-22T04:30:00.12Z");
        assert_eq!(iso("yesterday"), "yesterday");
        assert_eq!(jira_time("2026-11-22T10:00:00Z").as_deref(), Some("2026-11-22T10:00:00.000+0000"));
        assert_eq!(jira_time("2026-11-22T10:00:00.1234+01:00").as_deref(), Some("2026-11-22T09:00:00.123+0000"));
        assert_eq!(jira_time("2026-11-22"), None);
    }
}
