//! `GET /rest/api/3/attachment/content/{id}`; at a Data Center `/secure/attachment/{id}/{name}`.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use connector_core::{
    Action, ActionSpec, AntiExample, Blob, Cx, Error, Method, Request, Result, request::path_segment,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::get_attachment::details;
use crate::client::{self, FieldMap};

/// Gives the content of an attachment.
pub struct DownloadAttachment;

/// Which attachment.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The id of the attachment, as `add_attachment` tells it and the issue's field `attachment` lists it.
    #[schemars(length(max = 20), regex(pattern = "^[0-9]+$"))]
    pub attachment_id: String,
    /// Refuse files of more bytes than this, before they are fetched. Default and most 10485760 (10 MiB).
    #[serde(default = "most")]
    #[schemars(range(min = 1, max = 10485760))]
    pub max_bytes: u64,
}

/// The file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Output {
    /// Its content: as text if it is UTF-8, else as base64. An input that takes a file takes it as it is.
    pub file: Blob,
    /// Its name.
    pub filename: String,
    /// Its media type, such as `image/png`, as Jira guessed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mime_type: Option<String>,
    /// Its size in bytes.
    pub size: u64,
}

fn most() -> u64 {
    10 << 20
}

/// The request for the content. Cloud is asked not to redirect to its media host; a Data Center has no such resource,
/// and serves files where people download them.
fn content(cx: &Cx, id: &str, filename: &str) -> Result<Request> {
    let id = path_segment(id);
    let request = if client::is_data_center(cx) {
        client::request_plain(cx, Method::GET, &format!("/secure/attachment/{id}/{}", path_segment(filename)))?
    } else {
        client::request_plain(cx, Method::GET, &format!("/rest/api/3/attachment/content/{id}"))?
            .query("redirect", "false")
    };
    request.endpoint("attachment.content").header("accept", "*/*")
}

impl Action for DownloadAttachment {
    const SPEC: ActionSpec = ActionSpec::new("download_attachment", "Download an attachment")
        .summary("Gives the content of an attachment with its name and type.")
        .docs("https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-attachments/#api-rest-api-3-attachment-content-id-get")
        .read()
        .scopes(&["read:jira-work"])
        .examples(&[
            r#"{"attachment_id": "10000"}"#,
            r#"{"attachment_id": "10000", "max_bytes": 1000000}"#,
        ])
        .anti_examples(&[
            AntiExample {
                input: r#"{"attachment_id": "picture.jpg"}"#,
                why: "An attachment is found by its id, not by its name.",
            },
            AntiExample {
                input: r#"{"attachment_id": "10000", "max_bytes": 100000000}"#,
                why: "Files are given in one piece, 10 MiB at most.",
            },
        ]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        let details = details(cx, &input.attachment_id).await?;
        if details.size.is_some_and(|size| size > input.max_bytes) {
            return Err(Error::invalid_field("/max_bytes", "the attachment is larger; get_attachment tells its size"));
        }
        let data =
            client::send(cx, content(cx, &input.attachment_id, &details.filename)?, FieldMap::default()).await?.body;
        let size = data.len() as u64;
        // A page to log in, or the beginning of a file, must not pass for the file.
        if details.size.is_some_and(|told| told != size) {
            return Err(Error::protocol("Jira sent another number of bytes than the attachment has"));
        }
        let file = match String::from_utf8(data.to_vec()) {
            Ok(text) => Blob::Text(text),
            Err(e) => Blob::Base64(BASE64_STANDARD.encode(e.as_bytes())),
        };
        Ok(Output { file, filename: details.filename, mime_type: details.mime_type, size })
    }
}
