//! `auth.test`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{client, objects::Identity};

/// Tells which workspace and user the token belongs to and which scopes it has.
pub struct AuthTest;

/// Nothing.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {}

/// Who the token is and what it may do.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
pub struct Output {
    /// Who the token is.
    #[serde(flatten)]
    pub identity: Identity,
    /// The scopes that the token has.
    #[serde(default)]
    pub scopes: Vec<String>,
}

impl Action for AuthTest {
    const SPEC: ActionSpec = ActionSpec::new("auth_test", "Test the token")
        .summary("Tells which workspace and user the token belongs to and which scopes it has.")
        .budgets(&["special"])
        .docs("https://docs.slack.dev/reference/methods/auth.test")
        .read()
        .examples(&[r#"{}"#])
        .anti_examples(&[AntiExample {
            input: r#"{"token": "x"}"#,
            why: "the token is the connection's, never an input",
        }]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        let Input {} = input;
        let (body, response) = client::answer(cx, client::post(cx, "auth.test", &json!({}))?).await?;
        let identity = client::decode("auth.test", body)?;
        Ok(Output { identity, scopes: client::granted_scopes(&response) })
    }
}
