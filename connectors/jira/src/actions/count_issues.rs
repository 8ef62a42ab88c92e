//! `POST /rest/api/3/search/approximate-count`; at a Data Center `POST /rest/api/2/search` for no issue.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::search;

/// Counts issues by JQL.
pub struct CountIssues;

/// Which issues.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The query in Jira's language, such as `project = ENG AND statusCategory != Done`. Jira Cloud wants a restriction.
    #[schemars(length(min = 1, max = 20000), regex(pattern = r"\S"))]
    pub jql: String,
}

/// How many.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Output {
    /// How many issues the query finds.
    pub count: u64,
    /// Whether that is exact. Jira Cloud estimates, and may not know the last changes.
    pub exact: bool,
}

impl Action for CountIssues {
    const SPEC: ActionSpec = ActionSpec::new("count_issues", "Count issues")
        .summary("Counts the issues that a JQL query finds; in Jira Cloud it is an estimate.")
        .docs("https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-search/#api-rest-api-3-search-approximate-count-post")
        .read()
        .scopes(&["read:jira-work"])
        .examples(&[r#"{"jql": "project = ENG AND statusCategory != Done"}"#])
        .anti_examples(&[AntiExample { input: r#"{"jql": ""}"#, why: "An empty query finds nothing to count." }]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        let (count, exact) = search::count(cx, &input.jql).await?;
        Ok(Output { count, exact })
    }
}
