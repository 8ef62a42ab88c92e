//! `DELETE /rest/api/3/issue/{issueIdOrKey}/worklog/{id}`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Effect, Idempotency, Method, Result, request::path_segment};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    client::{self, FieldMap},
    worklog::{AdjustEstimate, Estimate},
};

/// Deletes a worklog.
pub struct DeleteWorklog;

/// Which worklog.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The key of the issue, such as `ENG-24`, or its numeric id.
    #[schemars(length(max = 280), regex(pattern = r"^([A-Za-z][A-Za-z0-9_]*-)?[0-9]+$"))]
    pub issue_key: String,
    /// The id of the worklog, as `add_worklog` and `list_worklogs` tell it.
    #[schemars(length(max = 20), regex(pattern = "^[0-9]+$"))]
    pub worklog_id: String,
    /// What becomes of the issue's remaining estimate: `auto` (default) gives the time spent back to it, `leave` leaves
    /// it, `new` sets it to `new_estimate`, `manual` adds `increase_by` to it.
    #[serde(default)]
    pub adjust_estimate: Option<AdjustEstimate>,
    /// The remaining estimate from now on, such as `2d`; goes with `adjust_estimate` `new`.
    #[serde(default)]
    #[schemars(length(max = 64), regex(pattern = r"^[0-9]+(\.[0-9]+)?[wdhm]( [0-9]+(\.[0-9]+)?[wdhm])*$"))]
    pub new_estimate: Option<String>,
    /// By how much the remaining estimate grows, such as `2h`; goes with `adjust_estimate` `manual`.
    #[serde(default)]
    #[schemars(length(max = 64), regex(pattern = r"^[0-9]+(\.[0-9]+)?[wdhm]( [0-9]+(\.[0-9]+)?[wdhm])*$"))]
    pub increase_by: Option<String>,
}

/// What is so now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Output {
    /// The id of the worklog.
    pub worklog_id: String,
    /// Whether it is gone: always true.
    pub deleted: bool,
}

impl Action for DeleteWorklog {
    const SPEC: ActionSpec = ActionSpec::new("delete_worklog", "Delete a worklog")
        .summary("Deletes a worklog of an issue for good, and gives its time back to the remaining estimate unless told otherwise.")
        .budgets(&["issue_writes"])
        .docs("https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-worklogs/#api-rest-api-3-issue-issueidorkey-worklog-id-delete")
        .effect(Effect::Destructive, Idempotency::Natural)
        .scopes(&["write:jira-work"])
        .examples(&[
            r#"{"issue_key": "ENG-24", "worklog_id": "100028"}"#,
            r#"{"issue_key": "ENG-24", "worklog_id": "100028", "adjust_estimate": "leave"}"#,
        ])
        .anti_examples(&[AntiExample {
            input: r#"{"issue_key": "ENG-24"}"#,
            why: "`worklog_id` says which worklog goes.",
        }]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        let estimate = Estimate {
            adjust: input.adjust_estimate,
            new_estimate: input.new_estimate.as_deref(),
            by: Some(("increase_by", "increaseBy", input.increase_by.as_deref())),
        };
        let (issue, id) = (path_segment(&input.issue_key), path_segment(&input.worklog_id));
        let request = client::request(cx, Method::DELETE, &format!("/issue/{issue}/worklog/{id}"))?;
        let request = estimate.add_to(request.endpoint("issue.worklog.delete"))?;
        // A worklog that is gone is answered as one that the account may not see: 404 stays an error.
        client::send(cx, request, FieldMap::default()).await?;
        Ok(Output { worklog_id: input.worklog_id, deleted: true })
    }
}
