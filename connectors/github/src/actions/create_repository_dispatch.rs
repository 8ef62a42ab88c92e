//! `POST /repos/{owner}/{repo}/dispatches`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Effect, Error, Idempotency, Method, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::client::{self, FieldMap};

/// Sends an event of one's own to a repository.
pub struct CreateRepositoryDispatch;

/// GitHub wants less than this of a payload.
const MOST_BYTES: usize = 64 * 1024;

/// An event of one's own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The user or organization whose repository it is.
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+$"))]
    pub owner: String,
    /// The repository's name without the owner.
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+$"))]
    pub repo: String,
    /// The event's name; workflows choose by it (`on.repository_dispatch.types`).
    #[schemars(length(min = 1, max = 100))]
    pub event_type: String,
    /// What the event carries, as JSON: at most 10 fields at its top, less than 64 KB in all. Workflows read it as
    /// `github.event.client_payload`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("maxProperties" = 10))]
    pub client_payload: Option<Map<String, Value>>,
}

/// What GitHub said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Output {
    /// True: GitHub took the event. Whether a workflow waits for it is not told.
    pub dispatched: bool,
}

const FIELDS: FieldMap = &[("event_type", "/event_type"), ("client_payload", "/client_payload")];

impl Action for CreateRepositoryDispatch {
    const SPEC: ActionSpec = ActionSpec::new("create_repository_dispatch", "Send a repository event")
        .summary("Sends an event of your own to a repository; workflows with the trigger `repository_dispatch` start.")
        .docs("https://docs.github.com/rest/repos/repos#create-a-repository-dispatch-event")
        .effect(Effect::Write, Idempotency::None)
        .scopes(&["repo"])
        // A write costs five points of the secondary limit, a read one.
        .cost(5)
        .defaults(&[("owner", "owner"), ("repo", "repo")])
        .examples(&[
            r#"{"owner": "octocat", "repo": "Hello-World", "event_type": "ticket-closed", "client_payload": {"ticket": "ENG-7"}}"#,
        ])
        .anti_examples(&[
            AntiExample {
                input: r#"{"owner": "octocat", "repo": "Hello-World", "event_type": "ticket-closed", "client_payload": "ENG-7"}"#,
                why: "The payload is an object.",
            },
            AntiExample {
                input: r#"{"owner": "octocat", "repo": "Hello-World", "event_type": "x", "client_payload": {"a": 1, "b": 2, "c": 3, "d": 4, "e": 5, "f": 6, "g": 7, "h": 8, "i": 9, "j": 10, "k": 11}}"#,
                why: "GitHub takes ten fields at the payload's top; put more into an object below.",
            },
        ]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        if client::body(&input.client_payload)?.to_string().len() >= MOST_BYTES {
            return Err(Error::invalid_field("/client_payload", "is too large: as JSON it must have less than 64 KB"));
        }
        let request = client::request(cx, Method::POST, &client::repo_path(&input.owner, &input.repo, "/dispatches"))?
            .endpoint("repos/create-dispatch-event")
            .json(client::json_of(&input, &["owner", "repo"])?);
        client::send(cx, request, FIELDS).await?;
        Ok(Output { dispatched: true })
    }
}
