//! `PUT /rest/api/3/issue/{issueIdOrKey}/worklog/{id}`.

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

/// Changes a worklog.
pub struct UpdateWorklog;

/// What changes; at least one of `time_spent`, `time_spent_seconds`, `started` and `comment` is needed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The key of the issue, such as `ENG-24`, or its numeric id.
    #[schemars(length(max = 280), regex(pattern = r"^([A-Za-z][A-Za-z0-9_]*-)?[0-9]+$"))]
    pub issue_key: String,
    /// The id of the worklog, as `add_worklog` and `list_worklogs` tell it.
    #[schemars(length(max = 20), regex(pattern = "^[0-9]+$"))]
    pub worklog_id: String,
    /// How long the work took, in weeks, days, hours and minutes as the site reckons them, such as `3h 20m` or `1d`.
    /// Goes not with `time_spent_seconds`.
    #[serde(default)]
    #[schemars(length(max = 64), regex(pattern = r"^[0-9]+(\.[0-9]+)?[wdhm]( [0-9]+(\.[0-9]+)?[wdhm])*$"))]
    pub time_spent: Option<String>,
    /// The same in seconds, at least 60; Jira counts whole minutes.
    #[serde(default)]
    #[schemars(range(min = 60))]
    pub time_spent_seconds: Option<u64>,
    /// When the work began, ISO 8601 with an offset, such as `2026-11-22T10:00:00Z`.
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
    /// What becomes of the issue's remaining estimate: `auto` (default) changes it by the difference of the time spent,
    /// `leave` leaves it, `new` sets it to `new_estimate`.
    #[serde(default)]
    pub adjust_estimate: Option<Adjust>,
    /// The remaining estimate from now on, such as `2d`; goes with `adjust_estimate` `new`.
    #[serde(default)]
    #[schemars(length(max = 64), regex(pattern = r"^[0-9]+(\.[0-9]+)?[wdhm]( [0-9]+(\.[0-9]+)?[wdhm])*$"))]
    pub new_estimate: Option<String>,
}

/// What becomes of the issue's remaining estimate when a worklog changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Adjust {
    /// It changes by the difference of the time spent.
    Auto,
    /// It stays as it is.
    Leave,
    /// It becomes `new_estimate`.
    New,
}

impl Action for UpdateWorklog {
    const SPEC: ActionSpec = ActionSpec::new("update_worklog", "Change a worklog")
        .summary("Changes the time, the beginning or the comment of a worklog; what is left out stays.")
        .budgets(&["issue_writes"])
        .docs("https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-worklogs/#api-rest-api-3-issue-issueidorkey-worklog-id-put")
        .effect(Effect::Write, Idempotency::Natural)
        .scopes(&["write:jira-work"])
        .examples(&[
            r#"{"issue_key": "ENG-24", "worklog_id": "100028", "time_spent": "4h"}"#,
            r#"{"issue_key": "ENG-24", "worklog_id": "100028", "comment": "Measured again.", "format": "plain"}"#,
        ])
        .anti_examples(&[
            AntiExample {
                input: r#"{"issue_key": "ENG-24", "worklog_id": "100028", "time_spent": "1h", "adjust_estimate": "manual"}"#,
                why: "An amount to reduce by is only taken when work is logged; use `new`.",
            },
            AntiExample {
                input: r#"{"issue_key": "ENG-24", "time_spent": "1h"}"#,
                why: "`worklog_id` says which worklog changes.",
            },
        ]);
    type Input = Input;
    type Output = Worklog;

    async fn run(cx: &Cx, input: Input) -> Result<Worklog> {
        let started = input.started.as_deref().map(|t| worklog::time("/started", t)).transpose()?;
        let work = Work {
            time_spent: input.time_spent.as_deref(),
            time_spent_seconds: input.time_spent_seconds,
            started,
            comment: input.comment.as_deref(),
            format: input.format,
        };
        let body = work.body(cx)?;
        if body.is_empty() {
            let what = "nothing would change; give time_spent, time_spent_seconds, started or comment";
            return Err(Error::invalid_field("", what));
        }
        let adjust = input.adjust_estimate.map(|a| match a {
            Adjust::Auto => AdjustEstimate::Auto,
            Adjust::Leave => AdjustEstimate::Leave,
            Adjust::New => AdjustEstimate::New,
        });
        let estimate = Estimate { adjust, new_estimate: input.new_estimate.as_deref(), by: None };
        let (issue, id) = (path_segment(&input.issue_key), path_segment(&input.worklog_id));
        let request = client::request(cx, Method::PUT, &format!("/issue/{issue}/worklog/{id}"))?;
        let request = estimate.add_to(request.endpoint("issue.worklog.update"))?.json(body.into());
        Ok(client::send_json::<ReceivedWorklog>(cx, request, worklog::FIELDS).await?.into())
    }
}
