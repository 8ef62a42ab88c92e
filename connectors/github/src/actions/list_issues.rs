//! `GET /repos/{owner}/{repo}/issues`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Error, Method, Paging, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    client,
    model::{self, Order, States},
};

/// Lists the issues of a repository, page by page.
pub struct ListIssues;

/// What to sort by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// When it was made.
    Created,
    /// When it was last changed.
    Updated,
    /// How many comments it has.
    Comments,
}

/// Which issues, and which page of them. Everything that is given must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The user or organization whose repository it is.
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+$"))]
    pub owner: String,
    /// The repository's name without the owner.
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+$"))]
    pub repo: String,
    /// `open`, `closed` or `all`; `open` unless told.
    #[serde(default)]
    pub state: Option<States>,
    /// Only issues that have all these labels, by name. Names with a comma cannot be asked for.
    #[serde(default)]
    #[schemars(length(max = 100), inner(length(min = 1), regex(pattern = "^[^,]+$")))]
    pub labels: Vec<String>,
    /// Only issues of this assignee, by login; `none` for those without one, `*` for those with any.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub assignee: Option<String>,
    /// Only issues that this user wrote, by login.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub creator: Option<String>,
    /// Only issues that mention this user, by login.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub mentioned: Option<String>,
    /// Only issues of this milestone, by its number as text; `none` for those without one, `*` for those with any.
    #[serde(default)]
    #[schemars(regex(pattern = r"^([1-9][0-9]*|none|\*)$"))]
    pub milestone: Option<String>,
    /// Only issues of this type, by name (`Bug`); `none` for those without one, `*` for those with any.
    #[serde(rename = "type", default)]
    #[schemars(length(min = 1))]
    pub issue_type: Option<String>,
    /// Only issues changed at this time or later, ISO 8601.
    #[serde(default)]
    #[schemars(extend("format" = "date-time"))]
    pub since: Option<String>,
    /// What to sort by: `created`, `updated` or `comments`; `created` unless told.
    #[serde(default)]
    pub sort: Option<Sort>,
    /// `desc` (newest or most first) or `asc`; `desc` unless told.
    #[serde(default)]
    pub direction: Option<Order>,
    /// Whether pull requests are kept in; false unless told. To GitHub every pull request is an issue and stands in its
    /// pages, so without them a page may hold fewer issues than `per_page`, even none, while more pages follow.
    #[serde(default)]
    pub pull_requests: bool,
    /// Most issues and pull requests together of this page, 1 to 100; 30 unless told.
    #[serde(default)]
    #[schemars(range(min = 1, max = 100))]
    pub per_page: Option<u32>,
    /// Which page: `next_page` of the page before; the first unless told.
    #[serde(default)]
    #[schemars(range(min = 1))]
    pub page: Option<u32>,
}

/// One page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Output {
    /// The issues of this page; it may be empty and not the last, see `pull_requests`.
    pub issues: Vec<model::Issue>,
    /// The number of the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_page: Option<u32>,
}

impl Action for ListIssues {
    const SPEC: ActionSpec = ActionSpec::new("list_issues", "List issues")
        .summary("Lists the issues of a repository by state, labels, people, milestone, type or time, page by page.")
        .docs("https://docs.github.com/rest/issues/issues#list-repository-issues")
        .read()
        .scopes(&["repo"])
        .defaults(&[("owner", "owner"), ("repo", "repo")])
        .paged(Paging { items: "/issues", next_output: "/next_page", next_input: "/page" })
        .examples(&[
            r#"{"owner": "octocat", "repo": "Hello-World", "state": "all", "labels": ["bug"], "sort": "updated", "per_page": 100}"#,
            r#"{"owner": "octocat", "repo": "Hello-World", "milestone": "none", "assignee": "*"}"#,
        ])
        .anti_examples(&[
            AntiExample {
                input: r#"{"owner": "octocat", "repo": "Hello-World", "labels": ["bug,ui"]}"#,
                why: "Each label is an item of its own; GitHub reads a comma as the end of a name.",
            },
            AntiExample {
                input: r#"{"owner": "octocat", "repo": "Hello-World", "milestone": "v1.0"}"#,
                why: "A milestone is named by its number, `none` or `*`.",
            },
        ]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        // Callers from Rust come past the schema, and a comma would ask for two labels.
        if let Some(at) = input.labels.iter().position(|l| l.contains(',')) {
            return Err(Error::invalid_field(
                format!("/labels/{at}"),
                "holds a comma, which GitHub takes for the end of a name",
            ));
        }
        let request = client::request(cx, Method::GET, &client::repo_path(&input.owner, &input.repo, "/issues"))?
            .endpoint("issues/list-for-repo");
        let request = client::query_of(request, &input, &["owner", "repo", "pull_requests"])?;
        let (mut issues, next_page): (Vec<model::Issue>, _) = client::send_page(cx, request, FIELDS).await?;
        issues.retain(|i| input.pull_requests || i.pull_request.is_none());
        Ok(Output { issues, next_page })
    }
}

const FIELDS: client::FieldMap = &[
    ("state", "/state"),
    ("labels", "/labels"),
    ("assignee", "/assignee"),
    ("creator", "/creator"),
    ("mentioned", "/mentioned"),
    ("milestone", "/milestone"),
    ("type", "/type"),
    ("since", "/since"),
    ("sort", "/sort"),
    ("direction", "/direction"),
];
