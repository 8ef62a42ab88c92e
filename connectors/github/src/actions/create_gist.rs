//! `POST /gists`.

use std::collections::BTreeMap;

use connector_core::{Action, ActionSpec, AntiExample, Cx, Effect, Idempotency, Method, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    client::{self, FieldMap},
    model,
};

/// Creates a gist.
pub struct CreateGist;

/// A new gist.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The files by name, such as `{"hello.py": {"content": "print('Hello')"}}`. The name says the language; names such as
    /// `gistfile1` are GitHub's own.
    #[schemars(extend("minProperties" = 1, "maxProperties" = 300))]
    pub files: BTreeMap<String, File>,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// List it and let it be found; false unless told. It cannot be made secret again, and a secret one is seen by everybody
    /// who has its address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public: Option<bool>,
}

/// A file's content.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// The text.
    #[schemars(length(min = 1))]
    pub content: String,
}

const FIELDS: FieldMap = &[("files", "/files"), ("description", "/description"), ("public", "/public")];

impl Action for CreateGist {
    const SPEC: ActionSpec = ActionSpec::new("create_gist", "Create a gist")
        .summary("Creates a gist of one or more text files, secret unless told.")
        .budgets(&["content"])
        .docs("https://docs.github.com/rest/gists/gists#create-a-gist")
        .effect(Effect::Write, Idempotency::None)
        .scopes(&["gist"])
        // A write costs five points of the secondary limit, a read one.
        .cost(5)
        .examples(&[r#"{"files": {"hello.py": {"content": "print('Hello')"}}, "description": "Says hello"}"#])
        .anti_examples(&[
            AntiExample { input: r#"{"files": {}}"#, why: "A gist has at least one file." },
            AntiExample {
                input: r#"{"files": {"hello.py": "print('Hello')"}}"#,
                why: "A file is an object with its `content`.",
            },
        ]);
    type Input = Input;
    type Output = model::Gist;

    async fn run(cx: &Cx, input: Input) -> Result<model::Gist> {
        let request =
            client::request(cx, Method::POST, "/gists")?.endpoint("gists/create").json(client::json_of(&input, &[])?);
        client::send_json(cx, request, FIELDS).await
    }
}
