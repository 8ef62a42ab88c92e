//! `DELETE /rest/api/3/issueLink/{linkId}`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Effect, Idempotency, Method, Result, request::path_segment};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::client::{self, FieldMap};

/// Deletes a link.
pub struct DeleteIssueLink;

/// Which link.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The id of the link, as the field `issuelinks` of either issue tells it.
    #[schemars(length(max = 20), regex(pattern = "^[0-9]+$"))]
    pub link_id: String,
}

/// What is so now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Output {
    /// The id of the link.
    pub link_id: String,
    /// Whether it is gone: always true.
    pub deleted: bool,
}

impl Action for DeleteIssueLink {
    const SPEC: ActionSpec = ActionSpec::new("delete_issue_link", "Delete a link")
        .summary("Takes a link between two issues away.")
        .docs("https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-links/#api-rest-api-3-issuelink-linkid-delete")
        .effect(Effect::Destructive, Idempotency::Natural)
        .scopes(&["write:jira-work"])
        .examples(&[r#"{"link_id": "10001"}"#])
        .anti_examples(&[AntiExample {
            input: r#"{"link_id": "ENG-1"}"#,
            why: "A link has an id of its own; the field `issuelinks` of an issue tells it.",
        }]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        let path = format!("/issueLink/{}", path_segment(&input.link_id));
        let request = client::request(cx, Method::DELETE, &path)?.endpoint("issue_link.delete");
        // 404 is also what Jira answers to an account that may not link issues: it does not mean that the link is gone.
        client::send(cx, request, FieldMap::default()).await?;
        Ok(Output { link_id: input.link_id, deleted: true })
    }
}
