//! `users.lookupByEmail`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{client, objects::User};

/// Finds the user who has an e-mail address.
pub struct UsersLookupByEmail;

/// Whose address.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The e-mail address.
    #[schemars(email)]
    pub email: String,
}

/// The user.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
pub struct Output {
    /// The user.
    pub user: User,
    /// What else Slack says.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl Action for UsersLookupByEmail {
    const SPEC: ActionSpec = ActionSpec::new("users_lookup_by_email", "Find a user by e-mail")
        .summary("Finds the user who has an e-mail address.")
        .budgets(&["tier3"])
        .docs("https://docs.slack.dev/reference/methods/users.lookupByEmail")
        .read()
        .scopes(&["users:read.email"])
        .examples(&[r#"{"email": "spengler@ghostbusters.example.com"}"#])
        .anti_examples(&[AntiExample { input: r#"{"email": "spengler"}"#, why: "that is no e-mail address" }]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        client::call(cx, client::get(cx, "users.lookupByEmail")?.query("email", &input.email)).await
    }
}
