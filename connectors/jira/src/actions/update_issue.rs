//! `PUT /rest/api/3/issue/{issueIdOrKey}`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Effect, Error, Idempotency, Method, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::assign_issue::UNASSIGNED;
use crate::{
    client::{self, FieldMap},
    fields::Fields,
    text::{self, Format},
};

/// Changes an issue.
pub struct UpdateIssue;

/// What changes; what is left out stays as it is. At least one field.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The key of the issue, such as `ENG-24`, or its numeric id.
    #[schemars(length(max = 280), regex(pattern = r"^([A-Za-z][A-Za-z0-9_]*-)?[0-9]+$"))]
    pub issue_key: String,
    /// The new title, one line.
    #[serde(default)]
    #[schemars(length(min = 1, max = 255), regex(pattern = r"^[^\r\n]+$"))]
    pub summary: Option<String>,
    /// The whole new text; an empty one clears it.
    #[serde(default)]
    #[schemars(length(max = 32767))]
    pub description: Option<String>,
    /// How `description` and rich text fields are read; Markdown unless told.
    #[serde(default)]
    pub format: Format,
    /// The name of the new issue type, in the language of the site.
    #[serde(default)]
    #[schemars(length(min = 1, max = 255))]
    pub issue_type: Option<String>,
    /// All its labels from now on. Not together with `add_labels` or `remove_labels`.
    #[serde(default)]
    #[schemars(length(max = 200), inner(length(min = 1, max = 255), regex(pattern = r"^\S+$")))]
    pub labels: Option<Vec<String>>,
    /// Labels that it gets beside those it has.
    #[serde(default)]
    #[schemars(length(max = 200), inner(length(min = 1, max = 255), regex(pattern = r"^\S+$")))]
    pub add_labels: Vec<String>,
    /// Labels that it loses.
    #[serde(default)]
    #[schemars(length(max = 200), inner(length(min = 1, max = 255), regex(pattern = r"^\S+$")))]
    pub remove_labels: Vec<String>,
    /// The name of the new priority, such as `High`.
    #[serde(default)]
    #[schemars(length(min = 1, max = 255))]
    pub priority: Option<String>,
    /// The Atlassian account id of the new assignee (at a Data Center the user name), or `unassigned`.
    #[serde(default)]
    #[schemars(length(min = 1, max = 255))]
    pub assignee: Option<String>,
    /// The key of the new parent: the epic of an issue, the issue of a sub-task.
    #[serde(default)]
    #[schemars(length(max = 280), regex(pattern = r"^[A-Za-z][A-Za-z0-9_]*-[0-9]+$"))]
    pub parent_key: Option<String>,
    /// Further fields by declared name, name of Jira's or id, as in `create_issue`; null clears one.
    #[serde(default)]
    pub fields: Map<String, Value>,
    /// Whether watchers are told by e-mail; they are unless told otherwise. Jira obeys administrators only.
    #[serde(default)]
    pub notify_users: Option<bool>,
}

/// What changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Output {
    /// The issue, as the input named it.
    pub issue_key: String,
    /// Its page; not known for an issue that was named by its id, nor when the connection goes through api.atlassian.com.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The fields that have the new values now, by declared name or id, such as `summary`.
    pub updated: Vec<String>,
}

/// Fields of Jira that the input has under a name of its own.
const FIELDS: FieldMap = FieldMap {
    known: &[
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

impl Action for UpdateIssue {
    const SPEC: ActionSpec = ActionSpec::new("update_issue", "Update an issue")
        .summary("Changes fields of an issue: title, text, labels, priority, assignee, parent, and custom fields by name.")
        .budgets(&["issue_writes"])
        .docs("https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/#api-rest-api-3-issue-issueidorkey-put")
        .effect(Effect::Write, Idempotency::Natural)
        .scopes(&["write:jira-work"])
        .examples(&[
            r#"{"issue_key": "ENG-24", "summary": "The login page is slow on Mondays", "add_labels": ["login"], "remove_labels": ["triage"]}"#,
            r#"{"issue_key": "ENG-24", "fields": {"story_points": 8, "components": ["Login"], "due_date": null}, "notify_users": false}"#,
        ])
        .anti_examples(&[AntiExample {
            input: r#"{"issue_key": "ENG-24", "status": "Done"}"#,
            why: "The status changes by `transition_issue`.",
        }]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        let declared = Fields::of(cx)?;
        let (fields, labels) = changes(cx, &declared, &input)?;
        let name = |id: &String| declared.name_of(id).unwrap_or(id).to_owned();
        let mut updated: Vec<String> = fields.keys().map(name).collect();
        let mut body = Map::new();
        if !fields.is_empty() {
            body.insert("fields".to_owned(), Value::Object(fields));
        }
        if !labels.is_empty() {
            body.insert("update".to_owned(), json!({ "labels": labels }));
            updated.push("labels".to_owned());
        }
        let request = client::issue_request(cx, Method::PUT, &input.issue_key, "")?
            .endpoint("issue.edit")
            .query_opt("notifyUsers", input.notify_users)
            .json(Value::Object(body));
        client::send(cx, request, FIELDS.with(&declared)).await?;
        Ok(Output { url: client::browse_url(cx, &input.issue_key), issue_key: input.issue_key, updated })
    }
}

/// The fields to set, and the labels to add and remove.
fn changes(cx: &Cx, declared: &Fields, input: &Input) -> Result<(Map<String, Value>, Vec<Value>)> {
    let mut all = declared.write(cx, input.format, input.fields.clone(), FIELDS.known)?;
    let mut set = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            all.insert(name.to_owned(), value);
        }
    };
    let named = |name: &Option<String>| name.as_ref().map(|name| json!({ "name": name }));
    set("summary", input.summary.as_ref().map(|t| json!(t)));
    set("description", input.description.as_ref().map(|t| described(cx, input.format, t)));
    set("issuetype", named(&input.issue_type));
    set("labels", input.labels.as_ref().map(|l| json!(l)));
    set("priority", named(&input.priority));
    set("assignee", input.assignee.as_ref().map(|a| if a == UNASSIGNED { Value::Null } else { client::user(cx, a) }));
    set("parent", input.parent_key.as_ref().map(|key| json!({ "key": key })));
    let added = input.add_labels.iter().map(|l| json!({ "add": l }));
    let labels: Vec<Value> = added.chain(input.remove_labels.iter().map(|l| json!({ "remove": l }))).collect();
    if input.labels.is_some() && !labels.is_empty() {
        let message = "replaces all labels; give either it, or `add_labels` and `remove_labels`";
        return Err(Error::invalid_field("/labels", message));
    }
    if all.is_empty() && labels.is_empty() {
        return Err(Error::invalid_field("", "says nothing to change; give at least one field"));
    }
    Ok((all, labels))
}

fn described(cx: &Cx, format: Format, text: &str) -> Value {
    if text::is_blank(text) { Value::Null } else { client::text(cx, format, text) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]

    use connector_testkit::canned::cx;

    use super::*;

    fn changed(input: Value) -> Result<(Value, Vec<Value>)> {
        let (cx, _) = cx(&crate::CONNECTOR, json!({}), vec![]);
        let mut input: Input = serde_json::from_value(input).unwrap();
        input.issue_key = "ENG-7".into();
        changes(&cx, &Fields::default(), &input).map(|(fields, labels)| (Value::Object(fields), labels))
    }

    #[test]
    fn only_what_is_given_changes() {
        let (fields, labels) =
            changed(json!({"issue_key": "", "description": " ", "assignee": "unassigned", "labels": []})).unwrap();
        assert_eq!((fields, labels), (json!({"description": null, "assignee": null, "labels": []}), vec![]));
        let (fields, labels) = changed(json!({"issue_key": "", "add_labels": ["a"], "remove_labels": ["b"]})).unwrap();
        assert_eq!((fields, labels), (json!({}), vec![json!({"add": "a"}), json!({"remove": "b"})]));
    }

    #[test]
    fn what_contradicts_itself_or_says_nothing_is_refused() {
        for (input, at) in [
            (json!({"issue_key": ""}), ""),
            (json!({"issue_key": "", "labels": ["a"], "add_labels": ["b"]}), "/labels"),
            (json!({"issue_key": "", "fields": {"summary": "x"}}), "/fields/summary"),
        ] {
            assert_eq!(changed(input).unwrap_err().fields()[0].pointer, at);
        }
    }
}
