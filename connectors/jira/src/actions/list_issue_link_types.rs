//! `GET /rest/api/3/issueLinkType`.

use connector_core::{Action, ActionSpec, Cx, Method, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    client::{self, FieldMap},
    model::LinkType,
};

/// Gives the types of links.
pub struct ListIssueLinkTypes;

/// Nothing is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {}

/// All types.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Output {
    /// The types; a link of type `Blocks` from ENG-1 to ENG-2 says "ENG-1 (outward) ENG-2".
    pub issue_link_types: Vec<LinkType>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct All {
    issue_link_types: Vec<LinkType>,
}

impl Action for ListIssueLinkTypes {
    const SPEC: ActionSpec = ActionSpec::new("list_issue_link_types", "List types of links")
        .summary("Gives the types of links that issues can have, with their words in both directions.")
        .docs("https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-link-types/#api-rest-api-3-issuelinktype-get")
        .read()
        .scopes(&["read:jira-work"])
        .examples(&[r#"{}"#]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        let Input {} = input;
        let request = client::request(cx, Method::GET, "/issueLinkType")?.endpoint("issue_link_type.list");
        let all: All = client::send_json(cx, request, FieldMap::default()).await?;
        Ok(Output { issue_link_types: all.issue_link_types })
    }
}
