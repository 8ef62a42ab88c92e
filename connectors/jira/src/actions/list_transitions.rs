//! `GET /rest/api/3/issue/{issueIdOrKey}/transitions`.

use std::collections::BTreeMap;

use connector_core::{Action, ActionSpec, AntiExample, Cx, Method, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    client::{self, FieldMap},
    fields::Fields,
    model::StatusOut,
    transitions::Transition,
};

/// Lists the transitions of an issue.
pub struct ListTransitions;

/// Whose transitions.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The key of the issue, such as `ENG-24`, or its numeric id.
    #[schemars(length(max = 280), regex(pattern = r"^([A-Za-z][A-Za-z0-9_]*-)?[0-9]+$"))]
    pub issue_key: String,
    /// Whether to tell the fields of each transition's screen, which `transition_issue` can set. Not unless told.
    #[serde(default)]
    pub with_fields: bool,
    /// Jira Cloud: whether to list transitions whose conditions do not hold, too. Not unless told.
    #[serde(default)]
    pub include_unavailable: bool,
}

/// Where the issue can go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Output {
    /// The transitions that this account can make from the present status.
    pub transitions: Vec<TransitionOut>,
}

/// A transition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TransitionOut {
    /// Its id, as text; it is of this workflow alone.
    pub id: String,
    /// Its name, in the site's language.
    pub name: String,
    /// The status it leads to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<StatusOut>,
    /// Whether people are asked for fields.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_screen: Option<bool>,
    /// Whether its conditions hold now, where Jira says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub available: Option<bool>,
    /// The fields of its screen, if they were asked for: by id, such as `resolution`, or by the name that the connection
    /// declares.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fields: Option<BTreeMap<String, ScreenField>>,
}

/// A field of a transition's screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ScreenField {
    /// Its name, in the site's language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Whether the transition cannot be made without it.
    pub required: bool,
    /// The texts of the values it can have, where they are a list.
    #[serde(default)]
    pub allowed_values: Vec<String>,
}

#[derive(Deserialize)]
struct Listed {
    transitions: Vec<Transition>,
}

impl Action for ListTransitions {
    const SPEC: ActionSpec = ActionSpec::new("list_transitions", "List transitions")
        .summary("Lists the transitions that an issue can make from its present status, and where each leads.")
        .docs("https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/#api-rest-api-3-issue-issueidorkey-transitions-get")
        .read()
        .scopes(&["read:jira-work"])
        .examples(&[r#"{"issue_key": "ENG-24"}"#, r#"{"issue_key": "ENG-24", "with_fields": true}"#])
        .anti_examples(&[AntiExample {
            input: r#"{"issue_key": "ENG"}"#,
            why: "Transitions depend on the issue: its type and its status; a project has none.",
        }]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        let declared = Fields::of(cx)?;
        if input.include_unavailable {
            client::cloud_only(cx, "leave `include_unavailable` out")?;
        }
        let request = client::issue_request(cx, Method::GET, &input.issue_key, "/transitions")?
            .endpoint("issue.transitions.list")
            .query_opt("expand", input.with_fields.then_some("transitions.fields"))
            .query_opt("includeUnavailableTransitions", input.include_unavailable.then_some(true));
        let listed: Listed = client::send_json(cx, request, FieldMap::default()).await?;
        let transitions = listed.transitions.into_iter().map(|t| told(&declared, input.with_fields, t));
        Ok(Output { transitions: transitions.collect() })
    }
}

fn told(declared: &Fields, with_fields: bool, t: Transition) -> TransitionOut {
    let field = |(id, f): (String, Value)| {
        let allowed = f.get("allowedValues").and_then(Value::as_array);
        let told = ScreenField {
            name: f.get("name").and_then(Value::as_str).map(str::to_owned),
            required: f.get("required").and_then(Value::as_bool).unwrap_or_default(),
            allowed_values: allowed.into_iter().flatten().filter_map(value).collect(),
        };
        (declared.name_of(&id).map_or_else(|| id.clone(), str::to_owned), told)
    };
    TransitionOut {
        id: t.id,
        name: t.name,
        to: t.to.map(Into::into),
        has_screen: t.has_screen,
        available: t.is_available,
        fields: with_fields.then(|| t.fields.unwrap_or_default().into_iter().map(field).collect()),
    }
}

/// The text of an allowed value: a text itself, an option's, or something's name.
fn value(v: &Value) -> Option<String> {
    let text = v.as_str().or_else(|| v.get("value").or_else(|| v.get("name"))?.as_str());
    text.map(str::to_owned)
}
