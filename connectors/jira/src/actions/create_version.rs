//! `POST /rest/api/3/version`.

use connector_core::{
    Action, ActionSpec, AntiExample, Cx, Effect, Error, Idempotency, Method, Result, request::path_segment,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{
    client::{self, FieldMap},
    model::Version,
};

/// Creates a version.
pub struct CreateVersion;

/// The new version.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The key of the project, such as `ENG`, or its numeric id.
    #[schemars(length(min = 1, max = 255), regex(pattern = r"^([A-Za-z][A-Za-z0-9_]*|[0-9]+)$"))]
    pub project_key: String,
    /// Its name, such as `2.1.0`; no other version of the project has it.
    #[schemars(length(min = 1, max = 255), regex(pattern = r"\S"))]
    pub name: String,
    /// What it is about, plain text.
    #[serde(default)]
    #[schemars(length(max = 16384))]
    pub description: Option<String>,
    /// The day the work on it begins, such as `2026-12-01`.
    #[serde(default)]
    #[schemars(regex(pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"))]
    pub start_date: Option<String>,
    /// The day it shall be, or was, released, such as `2026-12-24`.
    #[serde(default)]
    #[schemars(regex(pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"))]
    pub release_date: Option<String>,
}

const FIELDS: FieldMap = FieldMap {
    known: &[
        ("name", "/name"),
        ("project", "/project_key"),
        ("projectId", "/project_key"),
        ("description", "/description"),
        ("startDate", "/start_date"),
        ("releaseDate", "/release_date"),
    ],
    rest: None,
};

/// What Jira is told the project by: Cloud by its id alone, which a key is looked up for; a Data Center takes the key.
async fn project(cx: &Cx, key_or_id: &str) -> Result<(&'static str, Value)> {
    if let Ok(id) = key_or_id.parse::<u64>() {
        return Ok(("projectId", id.into()));
    }
    if client::is_data_center(cx) {
        return Ok(("project", key_or_id.into()));
    }
    #[derive(Deserialize)]
    struct Project {
        id: String,
    }
    let path = format!("/project/{}", path_segment(key_or_id));
    let request = client::request(cx, Method::GET, &path)?.endpoint("project.get");
    let project: Project = client::send_json(cx, request, FIELDS).await?;
    let id = project.id.parse::<u64>().map_err(|_| Error::protocol("the project's id is no number"))?;
    Ok(("projectId", id.into()))
}

impl Action for CreateVersion {
    const SPEC: ActionSpec = ActionSpec::new("create_version", "Create a version")
        .summary("Creates a version in a project, for issues to be fixed in or to occur in.")
        .docs("https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-project-versions/#api-rest-api-3-version-post")
        .effect(Effect::Write, Idempotency::None)
        .scopes(&["manage:jira-project", "read:jira-work"])
        .defaults(&[("project_key", "project_key")])
        .examples(&[
            r#"{"project_key": "ENG", "name": "2.1.0", "description": "Faster login", "release_date": "2026-12-24"}"#,
        ])
        .anti_examples(&[
            AntiExample {
                input: r#"{"project_key": "ENG", "name": "2.1.0", "release_date": "24.12.2026"}"#,
                why: "Days are written `2026-12-24`.",
            },
            AntiExample {
                input: r#"{"project_key": "ENG", "name": "2.1.0", "released": true}"#,
                why: "A version is released by `update_version`.",
            },
        ]);
    type Input = Input;
    type Output = Version;

    async fn run(cx: &Cx, input: Input) -> Result<Version> {
        let mut body = Map::new();
        let (name, project) = project(cx, &input.project_key).await?;
        let rest = [
            ("name", Some(input.name)),
            ("description", input.description),
            ("startDate", input.start_date),
            ("releaseDate", input.release_date),
        ];
        body.insert(name.to_owned(), project);
        body.extend(rest.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.into()))));
        let request = client::request(cx, Method::POST, "/version")?.endpoint("version.create").json(body.into());
        client::send_json(cx, request, FIELDS).await
    }
}
