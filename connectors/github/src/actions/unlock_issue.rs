//! `DELETE /repos/{owner}/{repo}/issues/{issue_number}/lock`.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Effect, Idempotency, Method, Result};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{client, issues, model};

/// Unlocks the conversation of an issue or a pull request.
pub struct UnlockIssue;

/// Which conversation.
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
}

impl Action for UnlockIssue {
    const SPEC: ActionSpec = ActionSpec::new("unlock_issue", "Unlock an issue")
        .summary("Unlocks the conversation of an issue or a pull request, so that everybody can comment again.")
        .docs("https://docs.github.com/rest/issues/issues#unlock-an-issue")
        // Only the lock is deleted; unlocking what is not locked is 204 as well.
        .effect(Effect::Write, Idempotency::Natural)
        .scopes(&["repo"])
        // A write costs five points of the secondary limit, a read one.
        .cost(5)
        .defaults(&[("owner", "owner"), ("repo", "repo")])
        .examples(&[r#"{"owner": "octocat", "repo": "Hello-World", "issue_number": 1347}"#])
        .anti_examples(&[AntiExample {
            input: r#"{"owner": "octocat", "repo": "Hello-World", "issue_number": 0}"#,
            why: "Issues are numbered from 1.",
        }]);
    type Input = Input;
    type Output = model::Locked;

    async fn run(cx: &Cx, input: Input) -> Result<model::Locked> {
        let path = issues::path(&input.owner, &input.repo, input.issue_number, "/lock");
        client::send(cx, client::request(cx, Method::DELETE, &path)?.endpoint("issues/unlock"), &[]).await?;
        Ok(model::Locked { locked: false })
    }
}
