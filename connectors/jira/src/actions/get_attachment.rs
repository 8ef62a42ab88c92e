//! `GET /rest/api/3/attachment/{id}`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Method, Result, request::path_segment};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    client::{self, FieldMap},
    model::Attachment,
};

/// Gives the details of an attachment.
pub struct GetAttachment;

/// Which attachment.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The id of the attachment, as `add_attachment` tells it and the issue's field `attachment` lists it.
    #[schemars(length(max = 20), regex(pattern = "^[0-9]+$"))]
    pub attachment_id: String,
}

impl Action for GetAttachment {
    const SPEC: ActionSpec = ActionSpec::new("get_attachment", "Read an attachment's details")
        .summary("Gives the name, size, type and author of an attachment, without its content.")
        .docs("https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-attachments/#api-rest-api-3-attachment-id-get")
        .read()
        .scopes(&["read:jira-work"])
        .examples(&[r#"{"attachment_id": "10000"}"#])
        .anti_examples(&[
            AntiExample {
                input: r#"{"attachment_id": 10000}"#,
                why: "Ids are texts.",
            },
            AntiExample {
                input: r#"{"attachment_id": "picture.jpg"}"#,
                why: "An attachment is found by its id, not by its name.",
            },
        ]);
    type Input = Input;
    type Output = Attachment;

    async fn run(cx: &Cx, input: Input) -> Result<Attachment> {
        details(cx, &input.attachment_id).await
    }
}

/// What Jira tells of an attachment. A Data Center leaves out the id, which the caller knows.
pub(super) async fn details(cx: &Cx, id: &str) -> Result<Attachment> {
    let path = format!("/attachment/{}", path_segment(id));
    let request = client::request(cx, Method::GET, &path)?.endpoint("attachment.get");
    let told: Attachment = client::send_json(cx, request, FieldMap::default()).await?;
    Ok(Attachment { id: told.id.or_else(|| Some(id.to_owned())), ..told })
}
