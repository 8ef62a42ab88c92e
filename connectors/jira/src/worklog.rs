//! What the actions on worklogs share: times in Jira's form, the body, and what becomes of the remaining estimate.
//!
//! What must not live here: shapes that Jira sends; those are in [`crate::model`].

use connector_core::{Cx, Error, Request, Result, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::{
    client::{self, FieldMap},
    text::{self, Dialect, Format},
};

/// Fields of a worklog in Jira's errors.
pub(crate) const FIELDS: FieldMap = FieldMap {
    known: &[
        ("timeLogged", "/time_spent"),
        ("timeSpent", "/time_spent"),
        ("timeSpentSeconds", "/time_spent_seconds"),
        ("started", "/started"),
        ("startDate", "/started"),
        ("comment", "/comment"),
        ("adjustEstimate", "/adjust_estimate"),
        ("newEstimate", "/new_estimate"),
    ],
    rest: None,
};

/// A time of the input.
///
/// # Errors
/// `InvalidInput`, naming the field, when it is none: the 30th of February, for one.
pub(crate) fn time(field: &'static str, given: &str) -> Result<Timestamp> {
    given.parse().map_err(|_| {
        Error::invalid_field(
            field,
            "is no time; write it with its offset, such as 2026-11-22T10:00:00Z or 2026-11-22T11:00:00+01:00",
        )
    })
}

/// A time as Jira writes and reads it, `2021-01-17T12:34:00.000+0000`: it takes neither `Z` nor an offset with a colon.
pub(crate) fn jira_time(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S%.3f+0000").to_string()
}

/// What is said of a worklog.
#[derive(Default)]
pub(crate) struct Work<'a> {
    pub time_spent: Option<&'a str>,
    pub time_spent_seconds: Option<u64>,
    pub started: Option<Timestamp>,
    pub comment: Option<&'a str>,
    pub format: Format,
}

impl Work<'_> {
    /// The body; what is not given is not in it.
    ///
    /// # Errors
    /// `InvalidInput` when the time spent is given twice.
    pub(crate) fn body(&self, cx: &Cx) -> Result<Map<String, Value>> {
        if self.time_spent.is_some() && self.time_spent_seconds.is_some() {
            return Err(Error::invalid_field("/time_spent_seconds", "goes not with time_spent; give one of the two"));
        }
        let dialect = if client::is_data_center(cx) { Dialect::Wiki } else { Dialect::Adf };
        let fields = [
            ("timeSpent", self.time_spent.map(Value::from)),
            ("timeSpentSeconds", self.time_spent_seconds.map(Value::from)),
            ("started", self.started.map(|t| json!(jira_time(t)))),
            ("comment", self.comment.map(|t| text::write(dialect, self.format, t))),
        ];
        Ok(fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect())
    }
}

/// What becomes of the remaining estimate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AdjustEstimate {
    /// Jira reckons it from the time spent.
    Auto,
    /// It stays as it is.
    Leave,
    /// It becomes `new_estimate`.
    New,
    /// It is changed by an amount that another field gives.
    Manual,
}

/// The fields of the input about the remaining estimate.
#[derive(Default)]
pub(crate) struct Estimate<'a> {
    pub adjust: Option<AdjustEstimate>,
    pub new_estimate: Option<&'a str>,
    /// The amount of `manual`: its field in the input, its name in Jira, its value.
    pub by: Option<(&'static str, &'static str, Option<&'a str>)>,
}

impl Estimate<'_> {
    /// Adds them to a request.
    ///
    /// # Errors
    /// `InvalidInput` when an amount is missing, or is given and would not be used.
    pub(crate) fn add_to(&self, request: Request) -> Result<Request> {
        use AdjustEstimate::{Auto, Leave, Manual, New};
        let (by_field, by_name, by) = self.by.unwrap_or(("", "", None));
        for (field, given, mode, word) in
            [("new_estimate", self.new_estimate, New, "new"), (by_field, by, Manual, "manual")]
        {
            match (given.is_some(), self.adjust == Some(mode)) {
                (false, true) => {
                    return Err(Error::invalid_field(
                        format!("/{field}"),
                        format!("is needed for adjust_estimate `{word}`"),
                    ));
                }
                (true, false) => {
                    return Err(Error::invalid_field(format!("/{field}"), format!("needs adjust_estimate `{word}`")));
                }
                _ => {}
            }
        }
        let adjust = self.adjust.map(|a| match a {
            Auto => "auto",
            Leave => "leave",
            New => "new",
            Manual => "manual",
        });
        Ok(request
            .query_opt("adjustEstimate", adjust)
            .query_opt("newEstimate", self.new_estimate)
            .query_opt(by_name, by))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use connector_core::Method;

    use super::*;

    #[test]
    fn times_are_read_in_every_offset_and_written_in_one() {
        for given in [
            "2021-01-17T12:34:00Z",
            "2021-01-17T13:34:00+01:00",
            "2021-01-17T12:34:00.000+0000",
            "2021-01-17T07:04-05:30",
        ] {
            assert_eq!(jira_time(time("/started", given).unwrap()), "2021-01-17T12:34:00.000+0000", "{given}");
        }
        assert_eq!(jira_time(time("/started", "2021-01-17T12:34:00.123456Z").unwrap()), "2021-01-17T12:34:00.123+0000");
        for bad in ["2021-01-17", "2021-02-30T10:00:00Z", "2021-01-17T12:34:00", "yesterday"] {
            let e = time("/started", bad).unwrap_err();
            assert!(e.fields().first().is_some_and(|f| f.pointer == "/started"), "{bad}");
        }
    }

    #[test]
    fn amounts_go_with_their_mode_only() {
        let send = |adjust, new_estimate, by| {
            let request = Request::new(Method::POST, "https://example.atlassian.net/x").unwrap();
            Estimate { adjust, new_estimate, by: Some(("reduce_by", "reduceBy", by)) }
                .add_to(request)
                .map(|r| r.url().and_then(|u| u.query()).unwrap_or_default().to_owned())
                .map_err(|e| e.fields().first().unwrap().pointer.clone())
        };
        use AdjustEstimate::{Auto, Leave, Manual, New};
        assert_eq!(send(None, None, None), Ok(String::new()));
        assert_eq!(send(Some(Leave), None, None), Ok("adjustEstimate=leave".into()));
        assert_eq!(send(Some(New), Some("2d"), None), Ok("adjustEstimate=new&newEstimate=2d".into()));
        assert_eq!(send(Some(Manual), None, Some("1h")), Ok("adjustEstimate=manual&reduceBy=1h".into()));
        assert_eq!(send(Some(New), None, None), Err("/new_estimate".into()));
        assert_eq!(send(Some(Auto), Some("2d"), None), Err("/new_estimate".into()));
        assert_eq!(send(Some(Manual), None, None), Err("/reduce_by".into()));
        assert_eq!(send(None, None, Some("1h")), Err("/reduce_by".into()));
    }
}
