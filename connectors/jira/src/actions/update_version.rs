//! `PUT /rest/api/3/version/{id}`.

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

/// Changes a version.
pub struct UpdateVersion;

/// What changes; at least one field beside `version_id` is needed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The id of the version, as `list_versions` tells it.
    #[schemars(length(max = 20), regex(pattern = "^[0-9]+$"))]
    pub version_id: String,
    /// Its new name; no other version of the project has it.
    #[serde(default)]
    #[schemars(length(min = 1, max = 255), regex(pattern = r"\S"))]
    pub name: Option<String>,
    /// What it is about, plain text; empty for nothing.
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
    /// `true` releases it, `false` takes that back.
    #[serde(default)]
    pub released: Option<bool>,
    /// `true` archives it: it is kept, and cannot be chosen any more; `false` takes that back.
    #[serde(default)]
    pub archived: Option<bool>,
    /// The id of the version that issues which are not resolved go to when this one is released; goes with `released`.
    #[serde(default)]
    #[schemars(length(max = 20), regex(pattern = "^[0-9]+$"))]
    pub move_unfixed_issues_to: Option<String>,
}

const FIELDS: FieldMap = FieldMap {
    known: &[
        ("name", "/name"),
        ("description", "/description"),
        ("startDate", "/start_date"),
        ("releaseDate", "/release_date"),
        ("released", "/released"),
        ("archived", "/archived"),
        ("moveUnfixedIssuesTo", "/move_unfixed_issues_to"),
    ],
    rest: None,
};

impl Action for UpdateVersion {
    const SPEC: ActionSpec = ActionSpec::new("update_version", "Change or release a version")
        .summary("Changes a version of a project: its name and days, and whether it is released or archived; what is left out stays.")
        .docs("https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-project-versions/#api-rest-api-3-version-id-put")
        .effect(Effect::Write, Idempotency::Natural)
        .scopes(&["manage:jira-project"])
        .examples(&[
            r#"{"version_id": "10000", "released": true, "release_date": "2026-12-24", "move_unfixed_issues_to": "10010"}"#,
            r#"{"version_id": "10000", "name": "2.1.1"}"#,
        ])
        .anti_examples(&[
            AntiExample {
                input: r#"{"version_id": "2.1.0", "released": true}"#,
                why: "A version is found by its id; `list_versions` tells it.",
            },
            AntiExample {
                input: r#"{"version_id": "10000", "released": "yes"}"#,
                why: "`released` is true or false.",
            },
        ]);
    type Input = Input;
    type Output = Version;

    async fn run(cx: &Cx, input: Input) -> Result<Version> {
        if input.move_unfixed_issues_to.is_some() && input.released != Some(true) {
            return Err(Error::invalid_field(
                "/move_unfixed_issues_to",
                "needs released: issues move when a version is released",
            ));
        }
        let path = |id: &str| format!("/version/{}", path_segment(id));
        let request = client::request(cx, Method::PUT, &path(&input.version_id))?.endpoint("version.update");
        // Jira wants the other version by its address in the API.
        let target = match &input.move_unfixed_issues_to {
            Some(id) => client::request(cx, Method::GET, &path(id))?.url().map(|u| Value::from(u.as_str())),
            None => None,
        };
        let fields = [
            ("name", input.name.map(Value::from)),
            ("description", input.description.map(Value::from)),
            ("startDate", input.start_date.map(Value::from)),
            ("releaseDate", input.release_date.map(Value::from)),
            ("released", input.released.map(Value::from)),
            ("archived", input.archived.map(Value::from)),
            ("moveUnfixedIssuesTo", target),
        ];
        let body: Map<String, Value> = fields.into_iter().filter_map(|(name, v)| Some((name.to_owned(), v?))).collect();
        if body.is_empty() {
            return Err(Error::invalid_field("", "nothing would change; give a field beside version_id"));
        }
        client::send_json(cx, request.json(body.into()), FIELDS).await
    }
}
