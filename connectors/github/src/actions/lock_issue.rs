//! `PUT /repos/{owner}/{repo}/issues/{issue_number}/lock`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Effect, Idempotency, Method, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{client, issues, model};

/// Locks the conversation of an issue or a pull request.
pub struct LockIssue;

/// Why a conversation is locked; GitHub shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum LockReason {
    /// It went off the topic.
    #[serde(rename = "off-topic")]
    OffTopic,
    /// It got too heated.
    #[serde(rename = "too heated")]
    TooHeated,
    /// It is resolved.
    #[serde(rename = "resolved")]
    Resolved,
    /// It is spam.
    #[serde(rename = "spam")]
    Spam,
}

/// Which conversation, and why.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The user or organization whose repository it is.
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+$"))]
    pub owner: String,
    /// The repository's name without the owner.
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+$"))]
    pub repo: String,
    /// The number of the issue or pull request.
    #[schemars(range(min = 1))]
    pub issue_number: u64,
    /// Why: `off-topic`, `too heated`, `resolved` or `spam`; GitHub shows no reason unless told.
    #[serde(default)]
    pub lock_reason: Option<LockReason>,
}

impl Action for LockIssue {
    const SPEC: ActionSpec = ActionSpec::new("lock_issue", "Lock an issue")
        .summary("Locks the conversation of an issue or a pull request: only people who can push comment from then on.")
        .docs("https://docs.github.com/rest/issues/issues#lock-an-issue")
        // What is locked stays locked.
        .effect(Effect::Write, Idempotency::Natural)
        .scopes(&["repo"])
        // A write costs five points of the secondary limit, a read one.
        .cost(5)
        .defaults(&[("owner", "owner"), ("repo", "repo")])
        .examples(&[r#"{"owner": "octocat", "repo": "Hello-World", "issue_number": 1347, "lock_reason": "off-topic"}"#])
        .anti_examples(&[AntiExample {
            input: r#"{"owner": "octocat", "repo": "Hello-World", "issue_number": 1347, "lock_reason": "too_heated"}"#,
            why: "GitHub writes this reason with a blank: `too heated`.",
        }]);
    type Input = Input;
    type Output = model::Locked;

    async fn run(cx: &Cx, input: Input) -> Result<model::Locked> {
        let path = issues::path(&input.owner, &input.repo, input.issue_number, "/lock");
        let mut request = client::request(cx, Method::PUT, &path)?.endpoint("issues/lock");
        if let Some(reason) = input.lock_reason {
            request = request.json(json!({"lock_reason": reason}));
        }
        client::send(cx, request, &[("lock_reason", "/lock_reason")]).await?;
        Ok(model::Locked { locked: true })
    }
}
