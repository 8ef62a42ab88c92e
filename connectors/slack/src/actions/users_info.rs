//! `users.info`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{client, objects::User};

/// Gives one user by id.
pub struct UsersInfo;

/// Which user.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The user's id.
    #[schemars(regex(pattern = "^[UW][A-Z0-9]{2,}$"))]
    pub user: String,
    /// Whether the user's language is given.
    #[serde(default)]
    pub include_locale: Option<bool>,
}

/// The user.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
pub struct Output {
    /// The user; the e-mail address only with the scope `users:read.email`.
    pub user: User,
    /// What else Slack says.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl Action for UsersInfo {
    const SPEC: ActionSpec = ActionSpec::new("users_info", "Get a user")
        .summary("Gives one user by id.")
        .budgets(&["tier4"])
        .docs("https://docs.slack.dev/reference/methods/users.info")
        .read()
        .scopes(&["users:read"])
        .examples(&[r#"{"user": "W012A3CDE"}"#])
        .anti_examples(&[AntiExample {
            input: r#"{"user": "spengler"}"#,
            why: "user is an id; find one by e-mail with users_lookup_by_email",
        }]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        let request =
            client::get(cx, "users.info")?.query("user", &input.user).query_opt("include_locale", input.include_locale);
        client::call(cx, request).await
    }
}
