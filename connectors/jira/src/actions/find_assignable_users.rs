//! `GET /rest/api/3/user/assignable/search`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Error, Method, Paging, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    client,
    model::Person,
    people::{self, Page},
};

/// Finds people to whom an issue can be assigned.
pub struct FindAssignableUsers;

/// What shall be assigned, and to whom.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The issue to assign: its key, such as `ENG-24`, or at Jira Cloud its numeric id. It goes before `project_key`.
    #[serde(default)]
    #[schemars(length(max = 280), regex(pattern = r"^([A-Za-z][A-Za-z0-9_]*-)?[0-9]+$"))]
    pub issue_key: Option<String>,
    /// The key of the project, such as `ENG`, for an issue that is not there yet. One of the two is needed.
    #[serde(default)]
    #[schemars(length(min = 1, max = 255), regex(pattern = r"^([A-Za-z][A-Za-z0-9_]*|[0-9]+)$"))]
    pub project_key: Option<String>,
    /// The beginning of a word of the name, or of the e-mail address; everybody unless told.
    #[serde(default)]
    #[schemars(length(min = 1, max = 255), regex(pattern = r"\S"))]
    pub query: Option<String>,
    /// How many people to skip from the beginning: `next_start_at` of the page before. Default 0.
    #[serde(default)]
    pub start_at: Option<u64>,
    /// Most people of this page, 1 to 1000; Jira may give fewer. Default 50.
    #[serde(default)]
    #[schemars(range(min = 1, max = 1000))]
    pub max_results: Option<u32>,
}

/// One page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Output {
    /// The people of this page.
    pub users: Vec<Person>,
    /// `start_at` of the next page, which may be empty; absent where there can be none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_start_at: Option<u64>,
}

impl Action for FindAssignableUsers {
    const SPEC: ActionSpec = ActionSpec::new("find_assignable_users", "Find assignable users")
        .summary("Finds people to whom an issue, or a new issue of a project, can be assigned.")
        .docs("https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-user-search/#api-rest-api-3-user-assignable-search-get")
        .read()
        .scopes(&["read:jira-user"])
        .paged(Paging { items: "/users", next_output: "/next_start_at", next_input: "/start_at" })
        .defaults(&[("project_key", "project_key")])
        .examples(&[r#"{"issue_key": "ENG-24", "query": "mia"}"#, r#"{"project_key": "ENG"}"#])
        .anti_examples(&[AntiExample {
            input: r#"{"project_key": "the web team"}"#,
            why: "A project is named by its key.",
        }]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        let (parameter, value) = place(cx, input.issue_key, input.project_key)?;
        let request = client::request(cx, Method::GET, "/user/assignable/search")?
            .endpoint("user.assignable.search")
            .query(parameter, &value);
        let page = Page { start_at: input.start_at, max_results: input.max_results };
        let (users, next_start_at) = people::find(cx, request, input.query, page).await?;
        Ok(Output { users, next_start_at })
    }
}

/// The parameter that says where the issue is.
fn place(cx: &Cx, issue_key: Option<String>, project_key: Option<String>) -> Result<(&'static str, String)> {
    match (issue_key, project_key) {
        (Some(key), _) if key.contains('-') => Ok(("issueKey", key)),
        (Some(_), _) if client::is_data_center(cx) => {
            Err(Error::invalid_field("/issue_key", "must be the issue's key at a Data Center, such as ENG-24"))
        }
        (Some(id), _) => Ok(("issueId", id)),
        (None, Some(key)) => Ok(("project", key)),
        (None, None) => Err(Error::invalid_field("/project_key", "is needed where there is no issue_key")),
    }
}
