//! `GET /rest/agile/1.0/sprint/{sprintId}`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Method, Result};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    client::{self, FieldMap},
    model::{RawSprint, Sprint},
};

/// Gives a sprint.
pub struct GetSprint;

/// Which sprint.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The number of the sprint; `list_sprints` finds it.
    #[schemars(range(min = 1))]
    pub sprint_id: u64,
}

impl Action for GetSprint {
    const SPEC: ActionSpec = ActionSpec::new("get_sprint", "Get a sprint")
        .summary("Gives a sprint: its state, goal and dates.")
        .docs("https://developer.atlassian.com/cloud/jira/software/rest/api-group-sprint/#api-rest-agile-1-0-sprint-sprintid-get")
        .read()
        .scopes(&["read:sprint:jira-software"])
        .examples(&[r#"{"sprint_id": 37}"#])
        .anti_examples(&[AntiExample { input: r#"{"sprint_id": "Sprint 7"}"#, why: "A sprint is named by its number." }]);
    type Input = Input;
    type Output = Sprint;

    async fn run(cx: &Cx, input: Input) -> Result<Sprint> {
        let path = format!("/rest/agile/1.0/sprint/{}", input.sprint_id);
        let request = client::request_at(cx, Method::GET, &path)?.endpoint("sprint.get");
        Ok(client::send_json::<RawSprint>(cx, request, FieldMap::default()).await?.into())
    }
}
