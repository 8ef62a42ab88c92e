//! `GET /rest/api/3/issue/createmeta/{projectIdOrKey}/issuetypes` and `…/issuetypes/{issueTypeId}`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Error, Method, Result, request::path_segment};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{
    client::{self, FieldMap},
    fields::Fields,
    model::{CreateField, IssueType, RawCreateField, RawIssueType},
};

/// Gives what can be created in a project, and which fields that takes.
pub struct GetCreateMetadata;

/// Which project, which type of issues.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The key of the project, such as `ENG`, or its numeric id.
    #[schemars(length(min = 1, max = 255), regex(pattern = r"^([A-Za-z][A-Za-z0-9_]*|[0-9]+)$"))]
    pub project_key: String,
    /// The name of an issue type, such as `Bug`, whatever its case, or its id: tells its fields too.
    #[serde(default)]
    #[schemars(length(min = 1, max = 255), regex(pattern = r"\S"))]
    pub issue_type: Option<String>,
}

/// What can be created.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Output {
    /// The types of issues that the account can create; the one that was asked for, if one was.
    pub issue_types: Vec<IssueType>,
    /// The fields that an issue of the type that was asked for takes when it is created.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fields: Option<Vec<CreateField>>,
}

/// One page; Jira Cloud names the items, a Data Center does not.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page<T> {
    #[serde(alias = "issueTypes", alias = "fields")]
    values: Vec<T>,
    #[serde(default)]
    start_at: u64,
    #[serde(default)]
    total: Option<u64>,
    #[serde(default)]
    is_last: Option<bool>,
}

/// What Jira gives at once at most.
const PAGE: &str = "200";

/// No project has more pages of this; whatever says so is not to be followed for ever.
const MOST_PAGES: usize = 50;

impl Action for GetCreateMetadata {
    const SPEC: ActionSpec = ActionSpec::new("get_create_metadata", "Get create metadata")
        .summary("Gives the issue types of a project, or the fields, required ones and choices of one of them.")
        .docs("https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/#api-rest-api-3-issue-createmeta-projectidorkey-issuetypes-issuetypeid-get")
        .read()
        .scopes(&["read:jira-work"])
        .defaults(&[("project_key", "project_key")])
        .examples(&[r#"{"project_key": "ENG"}"#, r#"{"project_key": "ENG", "issue_type": "Bug"}"#])
        .anti_examples(&[AntiExample {
            input: r#"{"project_key": "ENG", "issue_type": ""}"#,
            why: "Leave `issue_type` out to see which there are.",
        }]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        let declared = Fields::of(cx)?;
        let path = format!("/issue/createmeta/{}/issuetypes", path_segment(&input.project_key));
        let types: Vec<RawIssueType> = all(cx, &path, "issue.createmeta.types").await?;
        let Some(wanted) = input.issue_type else {
            return Ok(Output { issue_types: types.into_iter().map(Into::into).collect(), fields: None });
        };
        let found = find(types, wanted.trim()).ok_or_else(|| {
            Error::invalid_field(
                "/issue_type",
                "is none that the account can create in the project; leave it out to see which there are",
            )
        })?;
        let path = format!("{path}/{}", path_segment(&found.id));
        let fields: Vec<RawCreateField> = all(cx, &path, "issue.createmeta.fields").await?;
        Ok(Output {
            issue_types: vec![found.into()],
            fields: Some(fields.into_iter().map(|raw| CreateField::of(&declared, raw)).collect()),
        })
    }
}

/// The type with this id, or else with this name.
fn find(mut types: Vec<RawIssueType>, wanted: &str) -> Option<RawIssueType> {
    let wanted_name = wanted.to_lowercase();
    let by_id = types.iter().position(|t| t.id == wanted);
    let at = by_id.or_else(|| types.iter().position(|t| t.name.to_lowercase() == wanted_name))?;
    Some(types.swap_remove(at))
}

/// The items of all pages: there are few, and none of them alone tells what is needed.
async fn all<T: DeserializeOwned + Send>(cx: &Cx, path: &str, endpoint: &'static str) -> Result<Vec<T>> {
    let mut items = Vec::new();
    let mut start_at = 0;
    for _ in 0..MOST_PAGES {
        let request = client::request(cx, Method::GET, path)?
            .endpoint(endpoint)
            .query("startAt", &start_at.to_string())
            .query("maxResults", PAGE);
        let page: Page<T> = client::send_json(cx, request, FieldMap::default()).await?;
        let next = client::next_offset(page.start_at, page.values.len(), page.total, page.is_last);
        items.extend(page.values);
        match next {
            Some(next) if next > start_at => start_at = next,
            _ => return Ok(items),
        }
    }
    Err(Error::protocol("Jira's pages of issue types or fields do not end"))
}
