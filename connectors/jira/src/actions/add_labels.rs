//! `PUT /rest/api/3/issue/{issueIdOrKey}`, its `update`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Effect, Idempotency, Method, Result, request::path_segment};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::client::{self, FieldMap};

/// Adds labels to an issue.
pub struct AddLabels;

/// Which issue, which labels.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The key of the issue, such as `ENG-24`, or its numeric id.
    #[schemars(length(max = 280), regex(pattern = r"^([A-Za-z][A-Za-z0-9_]*-)?[0-9]+$"))]
    pub issue_key: String,
    /// Labels to add, 1 to 100; they hold no blanks.
    #[schemars(length(min = 1, max = 100), inner(length(min = 1, max = 255), regex(pattern = r"^\S+$")))]
    pub labels: Vec<String>,
}

/// What is so now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Output {
    /// The issue, as it was named.
    pub issue_key: String,
    /// The labels that the issue has now, beside those it had.
    pub labels: Vec<String>,
}

impl Action for AddLabels {
    const SPEC: ActionSpec = ActionSpec::new("add_labels", "Add labels")
        .summary("Adds labels to an issue; those that it has stay, and what it has already is not doubled.")
        .budgets(&["issue_writes"])
        .docs("https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/#api-rest-api-3-issue-issueidorkey-put")
        .effect(Effect::Write, Idempotency::Natural)
        .scopes(&["write:jira-work"])
        .examples(&[r#"{"issue_key": "ENG-24", "labels": ["triaged", "login"]}"#])
        .anti_examples(&[
            AntiExample {
                input: r#"{"issue_key": "ENG-24", "labels": ["help wanted"]}"#,
                why: "Labels hold no blanks.",
            },
            AntiExample {
                input: r#"{"issue_key": "ENG-24", "labels": []}"#,
                why: "At least one label is needed.",
            },
        ]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        update(cx, "add", &input.issue_key, &input.labels).await?;
        Ok(Output { issue_key: input.issue_key, labels: input.labels })
    }
}

/// Adds or removes labels: one of `update`'s verbs for each.
pub(super) async fn update(cx: &Cx, verb: &str, issue_key: &str, labels: &[String]) -> Result<()> {
    let verbs: Vec<Value> = labels.iter().map(|label| json!({ verb: label })).collect();
    let request = client::request(cx, Method::PUT, &format!("/issue/{}", path_segment(issue_key)))?
        .endpoint("issue.edit")
        .json(json!({"update": {"labels": verbs}}));
    client::send(cx, request, FieldMap { known: &[("labels", "/labels")], rest: None }).await?;
    Ok(())
}
