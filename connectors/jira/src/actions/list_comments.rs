//! `GET /rest/api/3/issue/{issueIdOrKey}/comment`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Method, Paging, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    client::{self, FieldMap, OffsetPage},
    model::{CommentOut, RawComment},
};

/// Lists the comments of an issue.
pub struct ListComments;

/// Whose comments, and in which order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The key of the issue, such as `ENG-24`, or its numeric id.
    #[schemars(length(max = 280), regex(pattern = r"^([A-Za-z][A-Za-z0-9_]*-)?[0-9]+$"))]
    pub issue_key: String,
    /// In which order; the oldest first unless told.
    #[serde(default)]
    pub order_by: OrderBy,
    /// The offset of the first item, from 0.
    #[serde(default)]
    pub start_at: Option<u64>,
    /// Most comments of this page; 50 unless told.
    #[serde(default)]
    #[schemars(range(min = 1, max = 100))]
    pub max_results: Option<u32>,
}

/// The order of comments.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OrderBy {
    /// The oldest first.
    #[default]
    OldestFirst,
    /// The newest first.
    NewestFirst,
}

/// One page of comments.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Output {
    /// The comments.
    pub comments: Vec<CommentOut>,
    /// Where the next page begins; nothing on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_start_at: Option<u64>,
    /// How many comments the issue has in all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
}

impl Action for ListComments {
    const SPEC: ActionSpec = ActionSpec::new("list_comments", "List comments")
        .summary("Lists the comments of an issue, their texts as Markdown.")
        .docs("https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-comments/#api-rest-api-3-issue-issueidorkey-comment-get")
        .read()
        .scopes(&["read:jira-work"])
        .paged(Paging { items: "/comments", next_output: "/next_start_at", next_input: "/start_at" })
        .total("/total")
        .examples(&[r#"{"issue_key": "ENG-24"}"#, r#"{"issue_key": "ENG-24", "order_by": "newest_first", "max_results": 1}"#])
        .anti_examples(&[AntiExample {
            input: r#"{"issue_key": "ENG-24", "order_by": "-created"}"#,
            why: "The orders are called `oldest_first` and `newest_first`.",
        }]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        let order = match input.order_by {
            OrderBy::OldestFirst => "created",
            OrderBy::NewestFirst => "-created",
        };
        let request = client::issue_request(cx, Method::GET, &input.issue_key, "/comment")?
            .endpoint("issue.comment.list")
            .query("startAt", &input.start_at.unwrap_or_default().to_string())
            .query("maxResults", &input.max_results.unwrap_or(50).to_string())
            .query("orderBy", order);
        let page: OffsetPage<RawComment> = client::send_json(cx, request, FieldMap::default()).await?;
        Ok(Output {
            next_start_at: page.next(),
            total: page.total,
            comments: page.values.into_iter().map(|c| CommentOut::of(cx, &input.issue_key, c)).collect(),
        })
    }
}
