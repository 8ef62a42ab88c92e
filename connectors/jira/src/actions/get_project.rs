//! `GET /rest/api/3/project/{projectIdOrKey}`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Method, Result, request::path_segment};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    client::{self, FieldMap},
    model::{ProjectDetails, RawProject},
};

/// Gives a project.
pub struct GetProject;

/// Which project.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The key of the project, such as `ENG`, or its numeric id.
    #[schemars(length(min = 1, max = 255), regex(pattern = r"^([A-Za-z][A-Za-z0-9_]*|[0-9]+)$"))]
    pub project_key: String,
}

impl Action for GetProject {
    const SPEC: ActionSpec = ActionSpec::new("get_project", "Get a project")
        .summary("Gives a project with its lead, issue types, components and versions.")
        .docs("https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-projects/#api-rest-api-3-project-projectidorkey-get")
        .read()
        .scopes(&["read:jira-work"])
        .defaults(&[("project_key", "project_key")])
        .examples(&[r#"{"project_key": "ENG"}"#])
        .anti_examples(&[AntiExample {
            input: r#"{"project_key": "My project"}"#,
            why: "A project is named by its key; `list_projects` finds it by its name.",
        }]);
    type Input = Input;
    type Output = ProjectDetails;

    async fn run(cx: &Cx, input: Input) -> Result<ProjectDetails> {
        let path = format!("/project/{}", path_segment(&input.project_key));
        let request = client::request(cx, Method::GET, &path)?.endpoint("project.get");
        let raw: RawProject = client::send_json(cx, request, FieldMap::default()).await?;
        Ok(ProjectDetails::of(cx, raw))
    }
}
