//! `GET /rest/api/3/project/{projectIdOrKey}/version`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Method, Paging, Result, request::path_segment};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    client::{self, FieldMap, OffsetPage},
    model::Version,
};

/// Gives the versions of a project.
pub struct ListVersions;

/// Which project, which versions, which page.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The key of the project, such as `ENG`, or its numeric id.
    #[schemars(length(min = 1, max = 255), regex(pattern = r"^([A-Za-z][A-Za-z0-9_]*|[0-9]+)$"))]
    pub project_key: String,
    /// Only versions whose name or description holds this text, whatever its case. Jira Cloud only.
    #[serde(default)]
    #[schemars(length(min = 1, max = 255))]
    pub query: Option<String>,
    /// Only versions of these statuses; all unless told. Jira Cloud only.
    #[serde(default)]
    #[schemars(length(max = 3))]
    pub status: Vec<Status>,
    /// What they are ordered by: `sequence` (default, the order in the project), `name`, `startDate` or `releaseDate`;
    /// with `-` before it the other way round.
    #[serde(default)]
    #[schemars(regex(pattern = "^-?(sequence|name|startDate|releaseDate)$"))]
    pub order_by: Option<String>,
    /// How many versions to skip from the beginning: `next_start_at` of the page before. Default 0.
    #[serde(default)]
    pub start_at: Option<u64>,
    /// Most versions of this page, 1 to 50; Jira may give fewer. Default 50.
    #[serde(default)]
    #[schemars(range(min = 1, max = 50))]
    pub max_results: Option<u32>,
}

/// One page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Output {
    /// The versions of this page.
    pub versions: Vec<Version>,
    /// `start_at` of the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_start_at: Option<u64>,
    /// How many there are in all, where Jira counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
}

/// How far a version is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It is released.
    Released,
    /// It is neither released nor archived.
    Unreleased,
    /// It is archived.
    Archived,
}

impl Status {
    fn as_str(self) -> &'static str {
        match self {
            Self::Released => "released",
            Self::Unreleased => "unreleased",
            Self::Archived => "archived",
        }
    }
}

impl Action for ListVersions {
    const SPEC: ActionSpec = ActionSpec::new("list_versions", "List versions")
        .summary("Gives the versions of a project, released and not, page by page.")
        .docs("https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-project-versions/#api-rest-api-3-project-projectidorkey-version-get")
        .read()
        .scopes(&["read:jira-work"])
        .paged(Paging { items: "/versions", next_output: "/next_start_at", next_input: "/start_at" })
        .total("/total")
        .defaults(&[("project_key", "project_key")])
        .examples(&[
            r#"{"project_key": "ENG"}"#,
            r#"{"project_key": "ENG", "status": ["unreleased"], "order_by": "-releaseDate"}"#,
        ])
        .anti_examples(&[
            AntiExample {
                input: r#"{"project_key": "ENG", "status": ["open"]}"#,
                why: "A version is `released`, `unreleased` or `archived`.",
            },
            AntiExample {
                input: r#"{"project_key": "My project"}"#,
                why: "A project is named by its key.",
            },
        ]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        if input.query.is_some() || !input.status.is_empty() {
            client::cloud_only(cx, "leave query and status out, and choose from what comes")?;
        }
        let status: Vec<&str> = input.status.iter().map(|s| s.as_str()).collect();
        let path = format!("/project/{}/version", path_segment(&input.project_key));
        let request = client::request(cx, Method::GET, &path)?
            .endpoint("project.version.list")
            .query_opt("query", input.query)
            .query_opt("status", Some(status.join(",")).filter(|s| !s.is_empty()))
            .query_opt("orderBy", input.order_by)
            .query_opt("startAt", input.start_at)
            .query_opt("maxResults", input.max_results);
        let page: OffsetPage<Version> = client::send_json(cx, request, FieldMap::default()).await?;
        Ok(Output { next_start_at: page.next(), total: page.total, versions: page.values })
    }
}
