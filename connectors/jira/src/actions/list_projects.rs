//! `GET /rest/api/3/project/search`; at a Data Center `GET /rest/api/2/project`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Method, Paging, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    client::{self, FieldMap, OffsetPage},
    model::{ProjectOut, RawProject},
};

/// Lists projects.
pub struct ListProjects;

/// Which projects, which page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Only projects whose key or name holds this text, whatever its case.
    #[serde(default)]
    #[schemars(length(min = 1, max = 255))]
    pub query: Option<String>,
    /// Only projects of this type.
    #[serde(rename = "type", default)]
    pub kind: Option<Kind>,
    /// What they are ordered by: `key` (default) or `name`; with `-` before it the other way round.
    #[serde(default)]
    #[schemars(regex(pattern = "^-?(key|name)$"))]
    pub order_by: Option<String>,
    /// How many projects to skip from the beginning: `next_start_at` of the page before. Default 0.
    #[serde(default)]
    pub start_at: Option<u64>,
    /// Most projects of this page, 1 to 100; Jira may give fewer. Default 50.
    #[serde(default)]
    #[schemars(range(min = 1, max = 100))]
    pub max_results: Option<u32>,
}

/// What a project is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Development, with boards and sprints.
    Software,
    /// Any other work.
    Business,
    /// Requests of customers.
    ServiceDesk,
}

impl Kind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Software => "software",
            Self::Business => "business",
            Self::ServiceDesk => "service_desk",
        }
    }
}

/// One page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Output {
    /// The projects of this page.
    pub projects: Vec<ProjectOut>,
    /// `start_at` of the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_start_at: Option<u64>,
    /// How many there are in all, where Jira counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
}

impl Action for ListProjects {
    const SPEC: ActionSpec = ActionSpec::new("list_projects", "List projects")
        .summary("Lists the projects that the account sees, all or those with a text in key or name.")
        .docs("https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-projects/#api-rest-api-3-project-search-get")
        .read()
        .scopes(&["read:jira-work"])
        .paged(Paging { items: "/projects", next_output: "/next_start_at", next_input: "/start_at" })
        .total("/total")
        .examples(&[r#"{}"#, r#"{"query": "eng", "type": "software", "order_by": "name"}"#])
        .anti_examples(&[AntiExample {
            input: r#"{"type": "kanban"}"#,
            why: "A project is `software`, `business` or `service_desk`; `kanban` is a type of boards.",
        }]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        let page = if client::is_data_center(cx) { whole(cx, &input).await? } else { search(cx, input).await? };
        let (next_start_at, total) = (page.next(), page.total);
        let projects = page.values.into_iter().map(|raw| ProjectOut::of(cx, raw)).collect();
        Ok(Output { projects, next_start_at, total })
    }
}

async fn search(cx: &Cx, input: Input) -> Result<OffsetPage<RawProject>> {
    const FIELDS: FieldMap = FieldMap { known: &[("query", "/query"), ("orderBy", "/order_by")], rest: None };
    let request = client::request(cx, Method::GET, "/project/search")?
        .endpoint("project.search")
        .query("expand", "description,lead")
        .query_opt("query", input.query)
        .query_opt("typeKey", input.kind.map(Kind::as_str))
        .query_opt("orderBy", input.order_by)
        .query_opt("startAt", input.start_at)
        .query_opt("maxResults", input.max_results);
    client::send_json(cx, request, FIELDS).await
}

/// A Data Center gives all projects at once and chooses none: the same choice, order and pages are made here.
async fn whole(cx: &Cx, input: &Input) -> Result<OffsetPage<RawProject>> {
    let request =
        client::request(cx, Method::GET, "/project")?.endpoint("project.list").query("expand", "description,lead");
    let mut all: Vec<RawProject> = client::send_json(cx, request, FieldMap::default()).await?;
    let words = input.query.as_deref().map(str::to_lowercase);
    let holds = |text: &str| words.as_deref().is_none_or(|w| text.to_lowercase().contains(w));
    let kind = input.kind.map(Kind::as_str);
    all.retain(|p| (holds(&p.key) || holds(&p.name)) && (kind.is_none() || p.project_type_key.as_deref() == kind));
    let order = input.order_by.as_deref().unwrap_or("key");
    match order.trim_start_matches('-') {
        "name" => all.sort_by_cached_key(|p| p.name.to_lowercase()),
        _ => all.sort_by(|a, b| a.key.cmp(&b.key)),
    }
    if order.starts_with('-') {
        all.reverse();
    }
    let total = u64::try_from(all.len()).ok();
    let start_at = input.start_at.unwrap_or_default();
    let skip = usize::try_from(start_at).unwrap_or(usize::MAX);
    let most = usize::try_from(input.max_results.unwrap_or(50)).unwrap_or(usize::MAX);
    let values = all.into_iter().skip(skip).take(most).collect();
    Ok(OffsetPage { values, start_at, total, is_last: None })
}
