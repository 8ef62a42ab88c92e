//! `GET /rest/api/3/field`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Method, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    client::{self, FieldMap},
    fields::Fields,
    model::{Field, RawField},
};

/// Lists the fields of issues.
pub struct ListFields;

/// Which fields.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Only fields whose name holds this text, whatever its case.
    #[serde(default)]
    #[schemars(length(min = 1, max = 255))]
    pub query: Option<String>,
    /// `true`: only custom fields. `false`: only Jira's own. Both unless told.
    #[serde(default)]
    pub custom: Option<bool>,
}

/// The fields.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Output {
    /// The fields that the account may see.
    pub fields: Vec<Field>,
}

impl Action for ListFields {
    const SPEC: ActionSpec = ActionSpec::new("list_fields", "List fields")
        .summary("Lists the fields of issues with ids and types, to declare custom fields in the connection.")
        .docs("https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-fields/#api-rest-api-3-field-get")
        .read()
        .scopes(&["read:jira-work"])
        .examples(&[r#"{}"#, r#"{"query": "story points", "custom": true}"#])
        .anti_examples(&[AntiExample { input: r#"{"custom": "yes"}"#, why: "`custom` is true or false." }]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        let declared = Fields::of(cx)?;
        let request = client::request(cx, Method::GET, "/field")?.endpoint("field.list");
        // Jira gives them all at once and chooses none.
        let all: Vec<RawField> = client::send_json(cx, request, FieldMap::default()).await?;
        let words = input.query.as_deref().map(str::to_lowercase);
        let named = |f: &RawField| words.as_deref().is_none_or(|w| f.name.to_lowercase().contains(w));
        let fields = all.into_iter().filter(named).map(|raw| Field::of(&declared, raw));
        Ok(Output { fields: fields.filter(|f| input.custom.is_none_or(|c| c == f.custom)).collect() })
    }
}
