//! `POST /rest/api/3/issue`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Effect, Idempotency, Method, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::{
    client::{self, FieldMap},
    fields::Fields,
    text::{self, Format},
};

/// Creates an issue.
pub struct CreateIssue;

/// A new issue.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The key of the project, such as `ENG`.
    #[schemars(length(min = 1, max = 255), regex(pattern = r"^[A-Za-z][A-Za-z0-9_]*$"))]
    pub project_key: String,
    /// The title, one line.
    #[schemars(length(min = 1, max = 255), regex(pattern = r"^[^\r\n]+$"))]
    pub summary: String,
    /// The text.
    #[serde(default)]
    #[schemars(length(max = 32767))]
    pub description: Option<String>,
    /// How `description` and rich text fields are read; Markdown unless told.
    #[serde(default)]
    pub format: Format,
    /// The name of the issue type, in the language of the site: `Task`, `Bug`, `Story`, `Epic`, `Sub-task`.
    #[serde(default = "task")]
    #[schemars(length(min = 1))]
    pub issue_type: String,
    /// Labels; they hold no blanks.
    #[serde(default)]
    #[schemars(inner(length(min = 1, max = 255), regex(pattern = r"^\S+$")))]
    pub labels: Vec<String>,
    /// The name of the priority, such as `High`.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub priority: Option<String>,
    /// The Atlassian account id of the assignee (at a Data Center the user name); not the display name, not the e-mail address.
    #[serde(default)]
    #[schemars(length(min = 1, max = 128))]
    pub assignee: Option<String>,
    /// The key of the parent: the epic of an issue, the issue of a sub-task.
    #[serde(default)]
    #[schemars(regex(pattern = r"^[A-Za-z][A-Za-z0-9_]*-[0-9]+$"))]
    pub parent_key: Option<String>,
    /// Further fields: custom fields by the names that the connection declares, in the form of their type; fields of Jira's own
    /// (`components`, `due_date`); undeclared ones by id, in the form that Jira takes:
    /// `{"story_points": 5, "components": ["Login"], "customfield_10010": {"value": "Blue"}}`.
    #[serde(default)]
    pub fields: Map<String, Value>,
}

fn task() -> String {
    "Task".to_owned()
}

impl Input {
    /// A task of this project with this title and nothing else.
    pub fn new(project_key: impl Into<String>, summary: impl Into<String>) -> Self {
        Self {
            project_key: project_key.into(),
            summary: summary.into(),
            description: None,
            format: Format::default(),
            issue_type: task(),
            labels: Vec::new(),
            priority: None,
            assignee: None,
            parent_key: None,
            fields: Map::new(),
        }
    }
}

/// The issue that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Output {
    /// Its numeric id, as text.
    pub id: String,
    /// Its key, such as `ENG-24`.
    pub key: String,
    /// Its page; not known when the connection goes through api.atlassian.com.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

#[derive(Deserialize)]
struct Created {
    id: String,
    key: String,
}

/// Fields of Jira that the input has under a name of its own.
const FIELDS: FieldMap = FieldMap {
    known: &[
        ("project", "/project_key"),
        ("pid", "/project_key"),
        ("summary", "/summary"),
        ("description", "/description"),
        ("issuetype", "/issue_type"),
        ("labels", "/labels"),
        ("priority", "/priority"),
        ("assignee", "/assignee"),
        ("parent", "/parent_key"),
        ("parentId", "/parent_key"),
    ],
    rest: Some("/fields"),
};

impl Action for CreateIssue {
    const SPEC: ActionSpec = ActionSpec::new("create_issue", "Create an issue")
        .summary("Creates an issue in a project, with any field that the project's screens allow.")
        .docs("https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/#api-rest-api-3-issue-post")
        .effect(Effect::Write, Idempotency::None)
        .scopes(&["write:jira-work"])
        .defaults(&[("project_key", "project_key")])
        .examples(&[
            r#"{"project_key": "ENG", "summary": "The login page is slow", "description": "Since Monday.\n\nIt takes 8 s.", "issue_type": "Bug", "labels": ["login"]}"#,
            r#"{"project_key": "ENG", "summary": "Paint it blue", "fields": {"story_points": 5, "due_date": "2026-12-01", "customfield_10010": {"value": "Blue"}}}"#,
        ])
        .anti_examples(&[
            AntiExample {
                input: r#"{"project_key": "ENG", "summary": "two\nlines"}"#,
                why: "A summary is one line; the rest belongs into `description`.",
            },
            AntiExample {
                input: r#"{"project_key": "ENG", "summary": "Slow", "labels": ["help wanted"]}"#,
                why: "Labels hold no blanks.",
            },
        ]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        let declared = Fields::of(cx)?;
        let request = client::request(cx, Method::POST, "/issue")?
            .endpoint("issue.create")
            .json(json!({"fields": fields(cx, &declared, input)?}));
        let made: Created = client::send_json(cx, request, FIELDS.with(&declared)).await?;
        Ok(Output { url: client::browse_url(cx, &made.key), id: made.id, key: made.key })
    }
}

/// The fields as Jira takes them; a field that the input has a name for must not come by another way too.
fn fields(cx: &Cx, declared: &Fields, input: Input) -> Result<Map<String, Value>> {
    let mut all = declared.write(cx, input.format, input.fields, FIELDS.known)?;
    let mut set = |name: &str, value: Value| all.insert(name.to_owned(), value);
    set("project", json!({"key": input.project_key}));
    set("issuetype", json!({"name": input.issue_type}));
    set("summary", json!(input.summary));
    if let Some(text) = input.description.filter(|t| !text::is_blank(t)) {
        set("description", client::text(cx, input.format, &text));
    }
    if !input.labels.is_empty() {
        set("labels", json!(input.labels));
    }
    if let Some(name) = input.priority {
        set("priority", json!({"name": name}));
    }
    if let Some(id) = input.assignee {
        set("assignee", client::user(cx, &id));
    }
    if let Some(key) = input.parent_key {
        set("parent", json!({"key": key}));
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]

    use super::*;
    use connector_testkit::canned::cx;

    #[test]
    fn a_field_comes_by_one_way_only() {
        let (cx, _) = cx(&crate::CONNECTOR, json!({}), vec![]);
        let mut input = Input::new("ENG", "Slow");
        input.fields.insert("issuetype".into(), json!({"name": "Bug"}));
        input.fields.insert("customfield_10010".into(), json!("x"));
        let e = fields(&cx, &Fields::default(), input.clone()).unwrap_err();
        assert_eq!(e.fields().len(), 1);
        assert_eq!(e.fields()[0].pointer, "/fields/issuetype");
        assert_eq!(e.fields()[0].message, "has a place of its own: set `issue_type`");
        input.fields.remove("issuetype");
        assert_eq!(fields(&cx, &Fields::default(), input).unwrap()["customfield_10010"], "x");
    }

    #[test]
    fn what_is_not_given_is_not_sent() {
        let (cx, _) = cx(&crate::CONNECTOR, json!({}), vec![]);
        let mut input = Input::new("ENG", "Slow");
        input.description = Some(" \n".into());
        let sent = fields(&cx, &Fields::default(), input).unwrap();
        assert_eq!(
            Value::Object(sent),
            json!({"project": {"key": "ENG"}, "issuetype": {"name": "Task"}, "summary": "Slow"})
        );
    }
}
