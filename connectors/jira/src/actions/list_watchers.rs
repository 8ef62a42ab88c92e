//! `GET /rest/api/3/issue/{issueIdOrKey}/watchers`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Method, Result, request::path_segment};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    client::{self, FieldMap},
    model::{Account, User},
};

/// Gives the watchers of an issue.
pub struct ListWatchers;

/// Which issue.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The key of the issue, such as `ENG-24`, or its numeric id.
    #[schemars(length(max = 280), regex(pattern = r"^([A-Za-z][A-Za-z0-9_]*-)?[0-9]+$"))]
    pub issue_key: String,
}

/// Who watches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Output {
    /// The people; only oneself, or nobody, where the account may not see the others.
    pub watchers: Vec<Account>,
    /// How many there are, those who are not shown among them.
    pub watch_count: u64,
    /// Whether the connection's own account watches.
    pub is_watching: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Watchers {
    watch_count: u64,
    is_watching: bool,
    watchers: Option<Vec<User>>,
}

impl Action for ListWatchers {
    const SPEC: ActionSpec = ActionSpec::new("list_watchers", "List watchers")
        .summary("Gives the people who watch an issue.")
        .docs("https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-watchers/#api-rest-api-3-issue-issueidorkey-watchers-get")
        .read()
        .scopes(&["read:jira-work"])
        .examples(&[r#"{"issue_key": "ENG-24"}"#])
        .anti_examples(&[AntiExample {
            input: r#"{"issue_key": "the login page"}"#,
            why: "An issue is named by its key.",
        }]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        let path = format!("/issue/{}/watchers", path_segment(&input.issue_key));
        let request = client::request(cx, Method::GET, &path)?.endpoint("issue.watcher.list");
        let told: Watchers = client::send_json(cx, request, FieldMap::default()).await?;
        Ok(Output {
            watchers: told.watchers.into_iter().flatten().filter_map(Account::of).collect(),
            watch_count: told.watch_count,
            is_watching: told.is_watching,
        })
    }
}
