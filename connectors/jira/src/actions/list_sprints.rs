//! `GET /rest/agile/1.0/board/{boardId}/sprint`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Method, Paging, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    client::{self, FieldMap, OffsetPage},
    model::{RawSprint, Sprint, SprintState},
};

/// Lists the sprints of a board.
pub struct ListSprints;

/// Which board, which sprints, which page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The number of the board; `list_boards` finds it.
    #[schemars(range(min = 1))]
    pub board_id: u64,
    /// Only sprints in these states; all unless told.
    #[serde(default)]
    #[schemars(length(max = 3))]
    pub state: Vec<SprintState>,
    /// How many sprints to skip from the beginning: `next_start_at` of the page before. Default 0.
    #[serde(default)]
    pub start_at: Option<u64>,
    /// Most sprints of this page, 1 to 50; Jira may give fewer. Default 50.
    #[serde(default)]
    #[schemars(range(min = 1, max = 50))]
    pub max_results: Option<u32>,
}

/// One page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Output {
    /// The sprints of this page: those that are closed, those that run, then those to come.
    pub sprints: Vec<Sprint>,
    /// `start_at` of the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_start_at: Option<u64>,
    /// How many there are in all, where Jira counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
}

impl Action for ListSprints {
    const SPEC: ActionSpec = ActionSpec::new("list_sprints", "List sprints")
        .summary("Lists the sprints of a board, all or those that run, are to come or are closed.")
        .docs("https://developer.atlassian.com/cloud/jira/software/rest/api-group-board/#api-rest-agile-1-0-board-boardid-sprint-get")
        .read()
        .scopes(&["read:sprint:jira-software"])
        .paged(Paging { items: "/sprints", next_output: "/next_start_at", next_input: "/start_at" })
        .total("/total")
        .examples(&[r#"{"board_id": 5}"#, r#"{"board_id": 5, "state": ["active", "future"]}"#])
        .anti_examples(&[AntiExample {
            input: r#"{"board_id": 5, "state": ["open"]}"#,
            why: "A sprint is `future`, `active` or `closed`.",
        }]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        let states: Vec<&str> = input.state.iter().map(|s| s.as_str()).collect();
        let path = format!("/rest/agile/1.0/board/{}/sprint", input.board_id);
        let request = client::request_at(cx, Method::GET, &path)?
            .endpoint("board.sprint.list")
            .query_opt("state", Some(states.join(",")).filter(|s| !s.is_empty()))
            .query_opt("startAt", input.start_at)
            .query_opt("maxResults", input.max_results);
        let page: OffsetPage<RawSprint> = client::send_json(cx, request, FieldMap::default()).await?;
        Ok(Output {
            next_start_at: page.next(),
            total: page.total,
            sprints: page.values.into_iter().map(Into::into).collect(),
        })
    }
}
