//! `POST /rest/api/3/issue/{issueIdOrKey}/transitions`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Effect, Error, Idempotency, Method, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::{
    client::{self, FieldMap},
    fields::Fields,
    model::StatusOut,
    text::{self, Format},
    transitions::{self, Step, Transition, Want},
};

/// Moves an issue through its workflow.
pub struct TransitionIssue;

/// Where to, and what to set on the way.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The key of the issue, such as `ENG-24`, or its numeric id.
    #[schemars(length(max = 280), regex(pattern = r"^([A-Za-z][A-Za-z0-9_]*-)?[0-9]+$"))]
    pub issue_key: String,
    /// The name of the transition, or of the status it is to end in, in the site's language; case and blanks around it do not
    /// matter. Either this or `id`.
    #[serde(default)]
    #[schemars(length(min = 1, max = 255), regex(pattern = r"\S"))]
    pub name: Option<String>,
    /// The id of the transition, from `list_transitions`.
    #[serde(default)]
    #[schemars(length(max = 20), regex(pattern = r"^[0-9]+$"))]
    pub id: Option<String>,
    /// The name of the resolution, such as `Fixed`; only where the transition's screen has it.
    #[serde(default)]
    #[schemars(length(min = 1, max = 255))]
    pub resolution: Option<String>,
    /// Further fields of the transition's screen, by declared name, name of Jira's or id, as in `create_issue`.
    #[serde(default)]
    pub fields: Map<String, Value>,
    /// A comment that is added with the transition.
    #[serde(default)]
    #[schemars(length(max = 32767))]
    pub comment: Option<String>,
    /// How `comment` and rich text fields are read; Markdown unless told.
    #[serde(default)]
    pub format: Format,
}

/// Where the issue is now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Output {
    /// The issue, as the input named it.
    pub issue_key: String,
    /// Whether this call moved it. If it was there already, nothing was done: no comment, no fields.
    pub moved: bool,
    /// The id of the transition that was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transition_id: Option<String>,
    /// The status it is in now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<StatusOut>,
}

const FIELDS: FieldMap = FieldMap {
    known: &[("resolution", "/resolution"), ("comment", "/comment"), ("transition", "/id")],
    rest: Some("/fields"),
};

impl Action for TransitionIssue {
    const SPEC: ActionSpec = ActionSpec::new("transition_issue", "Transition an issue")
        .summary("Moves an issue to another status of its workflow, by the name of the status or of the transition.")
        .budgets(&["issue_writes"])
        .docs("https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/#api-rest-api-3-issue-issueidorkey-transitions-post")
        .effect(Effect::Write, Idempotency::Natural)
        .scopes(&["read:jira-work", "write:jira-work"])
        .cost(2)
        .examples(&[
            r#"{"issue_key": "ENG-24", "name": "In Progress"}"#,
            r#"{"issue_key": "ENG-24", "name": "Done", "resolution": "Fixed", "comment": "Released in **2.1**."}"#,
            r#"{"issue_key": "ENG-24", "id": "31", "fields": {"story_points": 5}}"#,
        ])
        .anti_examples(&[AntiExample {
            input: r#"{"issue_key": "ENG-24", "status": "Done"}"#,
            why: "`name` takes a status as well as a transition.",
        }]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        let (want, pointer) = match (&input.name, &input.id) {
            (Some(name), None) => (Want::Name(name), "/name"),
            (None, Some(id)) => (Want::Id(id), "/id"),
            (None, None) => return Err(Error::invalid_field("/name", "say where to: either `name` or `id`")),
            (Some(_), Some(_)) => return Err(Error::invalid_field("/id", "give either `name` or `id`, not both")),
        };
        let declared = Fields::of(cx)?;
        let body = body(cx, &declared, &input)?;
        let standing = transitions::standing(cx, &input.issue_key).await?;
        let moved = match standing.step(want, pointer)? {
            Step::Stay => None,
            Step::Go(t) => Some(perform(cx, &declared, &input.issue_key, t, body).await?),
        };
        Ok(Output {
            issue_key: input.issue_key,
            moved: moved.is_some(),
            transition_id: moved.as_ref().map(|t| t.id.clone()),
            status: moved.map_or(Some(standing.status), |t| t.to).map(Into::into),
        })
    }
}

/// Makes one transition. `more` is what the request says beside it.
pub(crate) async fn perform(
    cx: &Cx,
    declared: &Fields,
    issue_key: &str,
    transition: Transition,
    mut more: Map<String, Value>,
) -> Result<Transition> {
    more.insert("transition".to_owned(), json!({"id": transition.id}));
    let request = client::issue_request(cx, Method::POST, issue_key, "/transitions")?
        .endpoint("issue.transition")
        .json(Value::Object(more));
    client::send(cx, request, FIELDS.with(declared)).await?;
    Ok(transition)
}

fn body(cx: &Cx, declared: &Fields, input: &Input) -> Result<Map<String, Value>> {
    let own = &[("resolution", "/resolution"), ("comment", "/comment")];
    let mut fields = declared.write(cx, input.format, input.fields.clone(), own)?;
    if let Some(name) = &input.resolution {
        fields.insert("resolution".to_owned(), json!({ "name": name }));
    }
    let mut body = Map::new();
    if !fields.is_empty() {
        body.insert("fields".to_owned(), Value::Object(fields));
    }
    if let Some(comment) = input.comment.as_ref().filter(|c| !text::is_blank(c)) {
        let add = json!({"comment": [{"add": {"body": client::text(cx, input.format, comment)}}]});
        body.insert("update".to_owned(), add);
    }
    Ok(body)
}
