//! `POST /rest/api/3/issueLink`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Effect, Idempotency, Method, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::client::{self, FieldMap};

/// Links two issues.
pub struct LinkIssues;

/// Read it as a sentence: `from_issue_key` ENG-1, `link_type` Blocks, `to_issue_key` ENG-2 is "ENG-1 blocks ENG-2"; on
/// the page of ENG-2 it is "is blocked by ENG-1".
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The issue that the link begins at: the one that blocks, duplicates, causes. Its key, or its numeric id.
    #[schemars(length(max = 280), regex(pattern = r"^([A-Za-z][A-Za-z0-9_]*-)?[0-9]+$"))]
    pub from_issue_key: String,
    /// The name of the type, such as `Blocks`, `Duplicate`, `Relates`; `list_issue_link_types` tells which there are.
    #[schemars(length(min = 1, max = 255))]
    pub link_type: String,
    /// The issue that the link ends at: the one that is blocked, duplicated, caused. Its key, or its numeric id.
    #[schemars(length(max = 280), regex(pattern = r"^([A-Za-z][A-Za-z0-9_]*-)?[0-9]+$"))]
    pub to_issue_key: String,
}

/// The link that is there now. Jira tells no id; the issues' field `issuelinks` has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Output {
    /// The issue that it begins at.
    pub from_issue_key: String,
    /// The name of its type.
    pub link_type: String,
    /// The issue that it ends at.
    pub to_issue_key: String,
}

const FIELDS: FieldMap = FieldMap {
    known: &[("type", "/link_type"), ("inwardIssue", "/from_issue_key"), ("outwardIssue", "/to_issue_key")],
    rest: None,
};

fn issue(key_or_id: &str) -> Value {
    let name = if key_or_id.contains('-') { "key" } else { "id" };
    json!({ name: key_or_id })
}

impl Action for LinkIssues {
    const SPEC: ActionSpec = ActionSpec::new("link_issues", "Link two issues")
        .summary("Links two issues by a type of link, such as ENG-1 blocks ENG-2; a link that is there already is not doubled.")
        .docs("https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-links/#api-rest-api-3-issuelink-post")
        .effect(Effect::Write, Idempotency::Natural)
        .scopes(&["write:jira-work"])
        .examples(&[r#"{"from_issue_key": "ENG-1", "link_type": "Blocks", "to_issue_key": "ENG-2"}"#])
        .anti_examples(&[
            AntiExample {
                input: r#"{"from_issue_key": "ENG-1", "link_type": "Blocks", "to_issue_key": "https://example.atlassian.net/browse/ENG-2"}"#,
                why: "An issue is named by its key alone.",
            },
            AntiExample {
                input: r#"{"inwardIssue": "ENG-1", "link_type": "Blocks", "outwardIssue": "ENG-2"}"#,
                why: "The link goes from one issue to another: `from_issue_key`, `to_issue_key`.",
            },
        ]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        // Jira's names mislead: the issue that shows the outward words ("blocks") is the one sent as `inwardIssue`.
        let request = client::request(cx, Method::POST, "/issueLink")?.endpoint("issue_link.create").json(json!({
            "type": {"name": input.link_type},
            "inwardIssue": issue(&input.from_issue_key),
            "outwardIssue": issue(&input.to_issue_key),
        }));
        client::send(cx, request, FIELDS).await?;
        let Input { from_issue_key, link_type, to_issue_key } = input;
        Ok(Output { from_issue_key, link_type, to_issue_key })
    }
}
