//! `DELETE /rest/api/3/attachment/{id}`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Effect, Idempotency, Method, Result, request::path_segment};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::client::{self, FieldMap};

/// Deletes an attachment.
pub struct DeleteAttachment;

/// Which attachment.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The id of the attachment, as `add_attachment` tells it and the issue's field `attachment` lists it.
    #[schemars(length(max = 20), regex(pattern = "^[0-9]+$"))]
    pub attachment_id: String,
}

/// What is so now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Output {
    /// The id of the attachment.
    pub attachment_id: String,
    /// Whether it is gone: always true.
    pub deleted: bool,
}

impl Action for DeleteAttachment {
    const SPEC: ActionSpec = ActionSpec::new("delete_attachment", "Delete an attachment")
        .summary("Deletes an attachment of an issue for good.")
        .docs("https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-attachments/#api-rest-api-3-attachment-id-delete")
        .effect(Effect::Destructive, Idempotency::Natural)
        .scopes(&["write:jira-work"])
        .examples(&[r#"{"attachment_id": "10000"}"#])
        .anti_examples(&[AntiExample {
            input: r#"{"attachment_id": "picture.jpg"}"#,
            why: "An attachment is found by its id, not by its name.",
        }]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        let path = format!("/attachment/{}", path_segment(&input.attachment_id));
        let request = client::request(cx, Method::DELETE, &path)?.endpoint("attachment.delete");
        // 404 is also what Jira answers when attachments are switched off, so that it does not mean that the file is gone.
        client::send(cx, request, FieldMap::default()).await?;
        Ok(Output { attachment_id: input.attachment_id, deleted: true })
    }
}
