//! `GET /rest/api/3/issue/{issueIdOrKey}/worklog`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Method, Paging, Result, request::path_segment};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    client::{self, FieldMap, OffsetPage},
    model::{ReceivedWorklog, Worklog},
    worklog,
};

/// Gives the worklogs of an issue.
pub struct ListWorklogs;

/// Which issue, which time, which page.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The key of the issue, such as `ENG-24`, or its numeric id.
    #[schemars(length(max = 280), regex(pattern = r"^([A-Za-z][A-Za-z0-9_]*-)?[0-9]+$"))]
    pub issue_key: String,
    /// Only work that began after this time, ISO 8601 with an offset. Jira Cloud only.
    #[serde(default)]
    #[schemars(
        length(max = 40),
        regex(
            pattern = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?(Z|[+-][0-9]{2}:?[0-9]{2})$"
        )
    )]
    pub started_after: Option<String>,
    /// Only work that began before this time, ISO 8601 with an offset. Jira Cloud only.
    #[serde(default)]
    #[schemars(
        length(max = 40),
        regex(
            pattern = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?(Z|[+-][0-9]{2}:?[0-9]{2})$"
        )
    )]
    pub started_before: Option<String>,
    /// How many worklogs to skip from the beginning: `next_start_at` of the page before. Default 0.
    #[serde(default)]
    pub start_at: Option<u64>,
    /// Most worklogs of this page, 1 to 5000; Jira may give fewer. Default 5000.
    #[serde(default)]
    #[schemars(range(min = 1, max = 5000))]
    pub max_results: Option<u32>,
}

/// One page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Output {
    /// The worklogs of this page, oldest first.
    pub worklogs: Vec<Worklog>,
    /// `start_at` of the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_start_at: Option<u64>,
    /// How many there are in all, where Jira counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
}

/// Jira names the items here, and not `values` as elsewhere.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    worklogs: Vec<ReceivedWorklog>,
    #[serde(default)]
    start_at: u64,
    total: Option<u64>,
}

impl Action for ListWorklogs {
    const SPEC: ActionSpec = ActionSpec::new("list_worklogs", "List worklogs")
        .summary("Gives the work that was logged at an issue, oldest first, page by page.")
        .docs("https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-worklogs/#api-rest-api-3-issue-issueidorkey-worklog-get")
        .read()
        .scopes(&["read:jira-work"])
        .paged(Paging { items: "/worklogs", next_output: "/next_start_at", next_input: "/start_at" })
        .total("/total")
        .examples(&[
            r#"{"issue_key": "ENG-24"}"#,
            r#"{"issue_key": "ENG-24", "started_after": "2026-11-01T00:00:00Z", "max_results": 100}"#,
        ])
        .anti_examples(&[
            AntiExample {
                input: r#"{"issue_key": "ENG-24", "max_results": 0}"#,
                why: "A page has at least one worklog.",
            },
            AntiExample {
                input: r#"{"issue_key": "ENG-24", "started_after": "2026-11-01"}"#,
                why: "`started_after` is a time with its offset, such as `2026-11-01T00:00:00Z`.",
            },
        ]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        let millis =
            |field, time: Option<&str>| time.map(|t| worklog::time(field, t).map(|t| t.as_millisecond())).transpose();
        let after = millis("/started_after", input.started_after.as_deref())?;
        let before = millis("/started_before", input.started_before.as_deref())?;
        if after.or(before).is_some() {
            client::cloud_only(cx, "leave started_after and started_before out, and choose from what comes")?;
        }
        let path = format!("/issue/{}/worklog", path_segment(&input.issue_key));
        let request = client::request(cx, Method::GET, &path)?
            .endpoint("issue.worklog.list")
            .query_opt("startedAfter", after)
            .query_opt("startedBefore", before)
            .query_opt("startAt", input.start_at)
            .query_opt("maxResults", input.max_results);
        let page: Page = client::send_json(cx, request, FieldMap::default()).await?;
        let page = OffsetPage { values: page.worklogs, start_at: page.start_at, total: page.total, is_last: None };
        let (next_start_at, total) = (page.next(), page.total);
        Ok(Output { worklogs: page.values.into_iter().map(Worklog::from).collect(), next_start_at, total })
    }
}
