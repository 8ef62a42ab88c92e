//! `POST /rest/api/3/issue/{issueIdOrKey}/worklog`.

use connector_core::{
    Action, ActionSpec, AntiExample, Cx, Effect, Error, Idempotency, Method, Result, request::path_segment,
};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    Format, client,
    model::{ReceivedWorklog, Worklog},
    worklog::{self, AdjustEstimate, Estimate, Work},
};

/// Logs work at an issue.
pub struct AddWorklog;

/// Work that was done: `time_spent` or `time_spent_seconds` is needed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The key of the issue, such as `ENG-24`, or its numeric id.
    #[schemars(length(max = 280), regex(pattern = r"^([A-Za-z][A-Za-z0-9_]*-)?[0-9]+$"))]
    pub issue_key: String,
    /// How long the work took, in weeks, days, hours and minutes as the site reckons them, such as `3h 20m` or `1d`.
    /// One of this and `time_spent_seconds` is needed.
    #[serde(default)]
    #[schemars(length(max = 64), regex(pattern = r"^[0-9]+(\.[0-9]+)?[wdhm]( [0-9]+(\.[0-9]+)?[wdhm])*$"))]
    pub time_spent: Option<String>,
    /// The same in seconds, at least 60; Jira counts whole minutes.
    #[serde(default)]
    #[schemars(range(min = 60))]
    pub time_spent_seconds: Option<u64>,
    /// When the work began, ISO 8601 with an offset, such as `2026-11-22T10:00:00Z`. Default: now.
    #[serde(default)]
    #[schemars(
        length(max = 40),
        regex(
            pattern = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?(Z|[+-][0-9]{2}:?[0-9]{2})$"
        )
    )]
    pub started: Option<String>,
    /// What was done; how it is read is told by `format`.
    #[serde(default)]
    #[schemars(length(min = 1, max = 32767), regex(pattern = r"\S"))]
    pub comment: Option<String>,
    /// What `comment` is written in: `markdown` (default) or `plain`.
    #[serde(default)]
    pub format: Format,
    /// What becomes of the issue's remaining estimate: `auto` (default) reckons it from the time spent, `leave` leaves
    /// it, `new` sets it to `new_estimate`, `manual` takes `reduce_by` off it.
    #[serde(default)]
    pub adjust_estimate: Option<AdjustEstimate>,
    /// The remaining estimate from now on, such as `2d`; goes with `adjust_estimate` `new`.
    #[serde(default)]
    #[schemars(length(max = 64), regex(pattern = r"^[0-9]+(\.[0-9]+)?[wdhm]( [0-9]+(\.[0-9]+)?[wdhm])*$"))]
    pub new_estimate: Option<String>,
    /// By how much the remaining estimate is reduced, such as `2h`; goes with `adjust_estimate` `manual`.
    #[serde(default)]
    #[schemars(length(max = 64), regex(pattern = r"^[0-9]+(\.[0-9]+)?[wdhm]( [0-9]+(\.[0-9]+)?[wdhm])*$"))]
    pub reduce_by: Option<String>,
}

impl Action for AddWorklog {
    const SPEC: ActionSpec = ActionSpec::new("add_worklog", "Log work")
        .summary("Logs time that was worked on an issue.")
        .budgets(&["issue_writes"])
        .docs("https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-worklogs/#api-rest-api-3-issue-issueidorkey-worklog-post")
        .effect(Effect::Write, Idempotency::None)
        .scopes(&["write:jira-work"])
        .examples(&[
            r#"{"issue_key": "ENG-24", "time_spent": "3h 20m", "started": "2026-11-22T10:00:00+01:00", "comment": "Found the **slow** query."}"#,
            r#"{"issue_key": "ENG-24", "time_spent_seconds": 1800, "adjust_estimate": "new", "new_estimate": "2d"}"#,
        ])
        .anti_examples(&[
            AntiExample {
                input: r#"{"issue_key": "ENG-24", "time_spent": "90"}"#,
                why: "A duration says its unit: `90m`.",
            },
            AntiExample {
                input: r#"{"issue_key": "ENG-24", "time_spent": "1h", "started": "2026-11-22"}"#,
                why: "`started` is a time with its offset, such as `2026-11-22T10:00:00Z`.",
            },
        ]);
    type Input = Input;
    type Output = Worklog;

    async fn run(cx: &Cx, input: Input) -> Result<Worklog> {
        if input.time_spent.is_none() && input.time_spent_seconds.is_none() {
            return Err(Error::invalid_field(
                "/time_spent",
                "is needed (or time_spent_seconds): how long the work took",
            ));
        }
        let started = input.started.as_deref().map(|t| worklog::time("/started", t)).transpose()?;
        let work = Work {
            time_spent: input.time_spent.as_deref(),
            time_spent_seconds: input.time_spent_seconds,
            started: Some(started.unwrap_or_else(|| cx.now())),
            comment: input.comment.as_deref(),
            format: input.format,
        };
        let estimate = Estimate {
            adjust: input.adjust_estimate,
            new_estimate: input.new_estimate.as_deref(),
            by: Some(("reduce_by", "reduceBy", input.reduce_by.as_deref())),
        };
        let path = format!("/issue/{}/worklog", path_segment(&input.issue_key));
        let request = client::request(cx, Method::POST, &path)?.endpoint("issue.worklog.add");
        let request = estimate.add_to(request)?.json(work.body(cx)?.into());
        Ok(client::send_json::<ReceivedWorklog>(cx, request, worklog::FIELDS).await?.into())
    }
}
