//! `GET /users/{username}`, `GET /user`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Method, Result, request::path_segment};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{client, model};

/// Gives a user's, an organization's or a bot's profile.
pub struct GetUser;

/// Whose profile.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The login, without `@`, such as `octocat` or `dependabot[bot]`; left out: who the token is.
    #[serde(default)]
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+(\[bot\])?$"))]
    pub username: Option<String>,
}

impl Action for GetUser {
    const SPEC: ActionSpec = ActionSpec::new("get_user", "Get a user")
        .summary("Gives the profile of a user, an organization or a bot; without a login, of the token's user.")
        .docs("https://docs.github.com/rest/users/users#get-a-user")
        .read()
        .examples(&[r#"{"username": "octocat"}"#, r#"{}"#])
        .anti_examples(&[AntiExample { input: r#"{"username": "@octocat"}"#, why: "The login stands without `@`." }]);
    type Input = Input;
    type Output = model::Profile;

    async fn run(cx: &Cx, input: Input) -> Result<model::Profile> {
        let request = match &input.username {
            Some(login) => client::request(cx, Method::GET, &format!("/users/{}", path_segment(login)))?
                .endpoint("users/get-by-username"),
            None => client::request(cx, Method::GET, "/user")?.endpoint("users/get-authenticated"),
        };
        client::send_json(cx, request, &[]).await
    }
}
