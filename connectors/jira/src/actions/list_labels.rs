//! `GET /rest/api/3/label`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Method, Paging, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::client::{self, FieldMap, OffsetPage};

/// Gives the labels of a site.
pub struct ListLabels;

/// Which page.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// How many labels to skip from the beginning: `next_start_at` of the page before. Default 0.
    #[serde(default)]
    pub start_at: Option<u64>,
    /// Most labels of this page, 1 to 1000; Jira may give fewer. Default 1000.
    #[serde(default)]
    #[schemars(range(min = 1, max = 1000))]
    pub max_results: Option<u32>,
}

/// One page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Output {
    /// The labels of this page.
    pub labels: Vec<String>,
    /// `start_at` of the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_start_at: Option<u64>,
    /// How many there are in all, where Jira counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
}

impl Action for ListLabels {
    const SPEC: ActionSpec = ActionSpec::new("list_labels", "List labels")
        .summary("Gives all labels of a Jira Cloud site, page by page.")
        .docs("https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-labels/#api-rest-api-3-label-get")
        .read()
        .scopes(&["read:jira-work"])
        .paged(Paging { items: "/labels", next_output: "/next_start_at", next_input: "/start_at" })
        .total("/total")
        .examples(&[r#"{}"#, r#"{"start_at": 1000, "max_results": 1000}"#])
        .anti_examples(&[AntiExample { input: r#"{"max_results": 0}"#, why: "A page has at least one label." }]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        client::cloud_only(cx, "the labels of an issue are in its field `labels`")?;
        let request = client::request(cx, Method::GET, "/label")?
            .endpoint("label.list")
            .query_opt("startAt", input.start_at)
            .query_opt("maxResults", input.max_results);
        let page: OffsetPage<String> = client::send_json(cx, request, FieldMap::default()).await?;
        Ok(Output { next_start_at: page.next(), total: page.total, labels: page.values })
    }
}
