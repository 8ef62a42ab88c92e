//! `POST /rest/api/3/issue/{issueIdOrKey}/attachments`.

use connector_core::{
    Action, ActionSpec, AntiExample, Blob, Cx, Effect, Error, ErrorKind, FieldError, Idempotency, Method, Result,
    request::path_segment,
};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    client::{self, FieldMap},
    model::Attachment,
    multipart::FilePart,
};

/// Attaches a file to an issue.
pub struct AddAttachment;

/// The file and the issue it goes to.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The key of the issue, such as `ENG-24`, or its numeric id.
    #[schemars(length(max = 280), regex(pattern = r"^([A-Za-z][A-Za-z0-9_]*-)?[0-9]+$"))]
    pub issue_key: String,
    /// The file's content.
    pub file: Blob,
    /// The file's name with its extension, without a path.
    #[schemars(length(min = 1, max = 255), regex(pattern = r"^[^/\\\x00-\x1f\x7f]+$"))]
    pub filename: String,
    /// Its media type, such as `text/csv`. Default `application/octet-stream`; Jira guesses by the name where that says
    /// nothing.
    #[serde(default)]
    #[schemars(
        length(max = 255),
        regex(pattern = r"^[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+(; ?[a-z]+=[A-Za-z0-9_.-]+)*$")
    )]
    pub content_type: Option<String>,
}

const FIELDS: FieldMap = FieldMap { known: &[("file", "/file"), ("attachment", "/file")], rest: None };

/// Jira names no field when the file, or the issue's files together, are too large.
fn too_large(e: Error) -> Error {
    match (e.kind(), e.status()) {
        (ErrorKind::InvalidInput, Some(413)) => {
            e.with_fields([FieldError::new("/file", "is larger than this Jira takes, or the issue has too many files")])
        }
        _ => e,
    }
}

impl Action for AddAttachment {
    const SPEC: ActionSpec = ActionSpec::new("add_attachment", "Attach a file")
        .summary("Attaches a file to an issue.")
        .budgets(&["issue_writes"])
        .docs("https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-attachments/#api-rest-api-3-issue-issueidorkey-attachments-post")
        .effect(Effect::Write, Idempotency::None)
        .scopes(&["write:jira-work"])
        .examples(&[
            r#"{"issue_key": "ENG-24", "file": {"text": "a,b\n1,2\n"}, "filename": "report.csv", "content_type": "text/csv"}"#,
        ])
        .anti_examples(&[
            AntiExample {
                input: r#"{"issue_key": "ENG-24", "file": "a,b", "filename": "report.csv"}"#,
                why: "The content says what it is: text, base64 or a handle.",
            },
            AntiExample {
                input: r#"{"issue_key": "ENG-24", "file": {"text": "a"}, "filename": "logs/today.txt"}"#,
                why: "A file's name has no path.",
            },
        ]);
    type Input = Input;
    type Output = Attachment;

    async fn run(cx: &Cx, input: Input) -> Result<Attachment> {
        let data = cx.open(&input.file).await?;
        let content_type = input.content_type.as_deref().unwrap_or("application/octet-stream");
        let part = FilePart { field: "file", filename: &input.filename, content_type, data: &data };
        let (content_type, body) = part.encode();
        let path = format!("/issue/{}/attachments", path_segment(&input.issue_key));
        let request = client::request(cx, Method::POST, &path)?
            .endpoint("issue.attachment.add")
            // Without it Jira takes the upload for a forged form.
            .header("x-atlassian-token", "no-check")?
            .bytes(content_type, body.into());
        let made: Vec<Attachment> = client::send_json(cx, request, FIELDS).await.map_err(too_large)?;
        made.into_iter().next().ok_or_else(|| Error::protocol("Jira took the file and names no attachment"))
    }
}
