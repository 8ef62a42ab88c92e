//! `GET /rest/agile/1.0/board`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Method, Paging, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    client::{self, FieldMap, OffsetPage},
    model::{Board, RawBoard},
};

/// Lists boards.
pub struct ListBoards;

/// Which boards, which page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Only boards with issues of this project: its key, such as `ENG`, or its numeric id.
    #[serde(default)]
    #[schemars(length(min = 1, max = 255), regex(pattern = r"^([A-Za-z][A-Za-z0-9_]*|[0-9]+)$"))]
    pub project_key: Option<String>,
    /// Only boards whose name holds this text.
    #[serde(default)]
    #[schemars(length(min = 1, max = 255))]
    pub name: Option<String>,
    /// Only boards of this type.
    #[serde(rename = "type", default)]
    pub kind: Option<Kind>,
    /// How many boards to skip from the beginning: `next_start_at` of the page before. Default 0.
    #[serde(default)]
    pub start_at: Option<u64>,
    /// Most boards of this page, 1 to 50; Jira may give fewer. Default 50.
    #[serde(default)]
    #[schemars(range(min = 1, max = 50))]
    pub max_results: Option<u32>,
}

/// How a board is worked with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// In sprints.
    Scrum,
    /// As a flow without sprints.
    Kanban,
    /// The board of a team-managed project, with or without sprints. Jira Cloud only.
    Simple,
}

impl Kind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Scrum => "scrum",
            Self::Kanban => "kanban",
            Self::Simple => "simple",
        }
    }
}

/// One page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Output {
    /// The boards of this page.
    pub boards: Vec<Board>,
    /// `start_at` of the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_start_at: Option<u64>,
    /// How many there are in all, where Jira counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
}

const FIELDS: FieldMap =
    FieldMap { known: &[("projectKeyOrId", "/project_key"), ("name", "/name"), ("type", "/type")], rest: None };

impl Action for ListBoards {
    const SPEC: ActionSpec = ActionSpec::new("list_boards", "List boards")
        .summary("Lists the boards that the account sees, all or those of a project, a name or a type.")
        .docs("https://developer.atlassian.com/cloud/jira/software/rest/api-group-board/#api-rest-agile-1-0-board-get")
        .read()
        .scopes(&["read:board-scope:jira-software", "read:project:jira"])
        .paged(Paging { items: "/boards", next_output: "/next_start_at", next_input: "/start_at" })
        .total("/total")
        .examples(&[r#"{}"#, r#"{"project_key": "ENG", "type": "scrum"}"#])
        .anti_examples(&[AntiExample {
            input: r#"{"type": "software"}"#,
            why: "A board is `scrum`, `kanban` or `simple`; `software` is a type of projects.",
        }]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        if input.kind == Some(Kind::Simple) {
            client::cloud_only(cx, "its boards are scrum or kanban")?;
        }
        let request = client::request_at(cx, Method::GET, "/rest/agile/1.0/board")?
            .endpoint("board.list")
            .query_opt("projectKeyOrId", input.project_key)
            .query_opt("name", input.name)
            .query_opt("type", input.kind.map(Kind::as_str))
            .query_opt("startAt", input.start_at)
            .query_opt("maxResults", input.max_results);
        let page: OffsetPage<RawBoard> = client::send_json(cx, request, FIELDS).await?;
        Ok(Output {
            next_start_at: page.next(),
            total: page.total,
            boards: page.values.into_iter().map(Into::into).collect(),
        })
    }
}
