//! `GET /rate_limit`.

use std::collections::BTreeMap;

use connector_core::{Action, ActionSpec, AntiExample, Cx, Method, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::client;

/// Tells how many calls the token has left.
pub struct GetRateLimit;

/// Nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {}

/// What is left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Output {
    /// Whether the server limits calls at all. GitHub Enterprise Server does not unless its administrator says so.
    pub limited: bool,
    /// The limits by what they are for: `core` is all of REST but what has one of its own, such as `search`,
    /// `code_search` and `graphql`. Empty where there is no limit.
    pub resources: BTreeMap<String, RateLimit>,
}

/// One limit, and how much of it is left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RateLimit {
    /// Most calls in the window.
    pub limit: u64,
    /// Calls made in this window.
    #[serde(default)]
    pub used: u64,
    /// Calls that are left in this window.
    pub remaining: u64,
    /// When the next window begins, in seconds since 1970.
    pub reset: u64,
}

#[derive(Deserialize)]
struct Overview {
    resources: BTreeMap<String, RateLimit>,
}

impl Action for GetRateLimit {
    const SPEC: ActionSpec = ActionSpec::new("get_rate_limit", "Get the rate limit")
        .summary("Tells how many calls the token has left and when the count begins anew; asking costs none of them.")
        .cost(0)
        .docs("https://docs.github.com/rest/rate-limit/rate-limit#get-rate-limit-status-for-the-authenticated-user")
        .read()
        .examples(&["{}"])
        .anti_examples(&[AntiExample { input: r#"{"resource": "core"}"#, why: "GitHub tells of all limits at once." }]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, _input: Input) -> Result<Output> {
        let request = client::request(cx, Method::GET, "/rate_limit")?.endpoint("rate-limit/get");
        match client::ask(cx, request, 404, &[]).await? {
            Ok(response) => Ok(Output { limited: true, resources: response.json::<Overview>()?.resources }),
            // How GitHub Enterprise Server says that it does not limit.
            Err(e) if e.operator_text().contains("Rate limiting is not enabled") => {
                Ok(Output { limited: false, resources: BTreeMap::new() })
            }
            Err(e) => Err(e),
        }
    }
}
