//! `PUT /rest/api/3/issue/{issueIdOrKey}`, its `update`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Effect, Idempotency, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::add_labels::update;

/// Takes labels off an issue.
pub struct RemoveLabels;

/// Which issue, which labels.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The key of the issue, such as `ENG-24`, or its numeric id.
    #[schemars(length(max = 280), regex(pattern = r"^([A-Za-z][A-Za-z0-9_]*-)?[0-9]+$"))]
    pub issue_key: String,
    /// Labels to take off, 1 to 100; they hold no blanks.
    #[schemars(length(min = 1, max = 100), inner(length(min = 1, max = 255), regex(pattern = r"^\S+$")))]
    pub labels: Vec<String>,
}

/// What is so now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Output {
    /// The issue, as it was named.
    pub issue_key: String,
    /// The labels that the issue does not have now.
    pub labels: Vec<String>,
}

impl Action for RemoveLabels {
    const SPEC: ActionSpec = ActionSpec::new("remove_labels", "Remove labels")
        .summary("Takes labels off an issue; the others stay, and a label that it does not have is no error.")
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
        update(cx, "remove", &input.issue_key, &input.labels).await?;
        Ok(Output { issue_key: input.issue_key, labels: input.labels })
    }
}
