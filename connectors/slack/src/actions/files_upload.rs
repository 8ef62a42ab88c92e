//! `files.getUploadURLExternal`, the upload itself, `files.completeUploadExternal`.

use connector_core::{Action, ActionSpec, AntiExample, Blob, Cx, Effect, Error, Idempotency, Method, Request, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::{client, objects::File};

/// Uploads a file and shares it in a channel or thread.
pub struct FilesUpload;

/// The file and where it is shared.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The file's content.
    pub file: Blob,
    /// The file's name with its extension; Slack tells the type by it.
    #[schemars(length(min = 1, max = 255))]
    pub filename: String,
    /// The title that people see; the name unless told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 255))]
    pub title: Option<String>,
    /// The id of the channel to share it in; left out, only the bot can see the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = "^[A-Z][A-Z0-9]{2,}$"))]
    pub channel_id: Option<String>,
    /// The `ts` of a thread's first message, to share it in that thread; needs `channel_id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = "^[0-9]+\\.[0-9]+$"))]
    pub thread_ts: Option<String>,
    /// The text of the message that shares it; needs `channel_id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub initial_comment: Option<String>,
    /// What an image shows, for people who cannot see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 1000))]
    pub alt_txt: Option<String>,
    /// The language of a snippet, such as `python`; makes the file a snippet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub snippet_type: Option<String>,
}

/// The file as Slack keeps it.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
pub struct Output {
    /// The file's id.
    pub file_id: String,
    /// The file, as far as Slack knows it at this moment; shares and previews come later.
    pub files: Vec<File>,
}

#[derive(Deserialize)]
struct Ticket {
    upload_url: String,
    file_id: String,
}

#[derive(Deserialize)]
struct Completed {
    files: Vec<File>,
}

impl Action for FilesUpload {
    const SPEC: ActionSpec = ActionSpec::new("files_upload", "Upload a file")
        .summary("Uploads a file and shares it in a channel or thread.")
        .budgets(&["tier4"])
        .docs("https://docs.slack.dev/messaging/working-with-files#upload")
        .effect(Effect::Write, Idempotency::None)
        .scopes(&["files:write"])
        .examples(&[
            r#"{"file": {"text": "a,b\n1,2\n"}, "filename": "report.csv", "channel_id": "C0NF841BK", "initial_comment": "Last week"}"#,
        ])
        .anti_examples(&[
            AntiExample { input: r#"{"file": "a,b", "filename": "report.csv"}"#, why: "the content says what it is: text, base64 or a handle" },
            AntiExample { input: r#"{"file": {"text": "a"}, "filename": ""}"#, why: "a file has a name" },
        ]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        if input.channel_id.is_none() {
            for (field, given) in [("thread_ts", &input.thread_ts), ("initial_comment", &input.initial_comment)] {
                if given.is_some() {
                    return Err(Error::invalid_field(format!("/{field}"), "needs channel_id"));
                }
            }
        }
        let data = cx.open(&input.file).await?;
        if data.is_empty() {
            return Err(Error::invalid_field("/file", "is empty; Slack takes files of at least one byte"));
        }

        // The first step takes no JSON.
        let form = [
            ("filename", Some(input.filename.clone())),
            ("length", Some(data.len().to_string())),
            ("alt_txt", input.alt_txt),
            ("snippet_type", input.snippet_type),
        ];
        let form = form.into_iter().filter_map(|(k, v)| Some((k.to_owned(), v?))).collect();
        let request = client::request(cx, Method::POST, "files.getUploadURLExternal")?.form(form).prepares();
        let ticket: Ticket = client::call(cx, request).await?;

        // The address is made for this one upload and is its own credential: no token goes there.
        let upload = Request::new(Method::POST, &ticket.upload_url)
            .map_err(|_| Error::protocol("`files.getUploadURLExternal` gave an upload_url that is no URL"))?
            .endpoint("files.upload")
            .given_by_service()
            .prepares()
            .bytes("application/octet-stream", data);
        let uploaded = cx.send(upload).await?;
        if uploaded.status.as_u16() != 200 {
            return Err(client::http_error(cx, &uploaded));
        }

        let mut body = Map::new();
        body.insert("files".into(), json!([{"id": ticket.file_id, "title": input.title.unwrap_or(input.filename)}]));
        let rest = [
            ("channel_id", input.channel_id),
            ("thread_ts", input.thread_ts),
            ("initial_comment", input.initial_comment),
        ];
        body.extend(rest.into_iter().filter_map(|(k, v)| Some((k.to_owned(), Value::from(v?)))));
        let done: Completed = client::call(cx, client::post(cx, "files.completeUploadExternal", &body)?).await?;
        Ok(Output { file_id: ticket.file_id, files: done.files })
    }
}
