//! `DELETE /repos/{owner}/{repo}/issues/{issue_number}/labels/{name}`.

use connector_core::{
    Action, ActionSpec, AntiExample, Cx, Effect, Error, Idempotency, Method, Result, request::path_segment,
};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{client, issues, model};

/// Removes a label from an issue or a pull request.
pub struct RemoveLabel;

/// Which label, and from what.
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
    /// The label's name. The repository keeps the label.
    // `.` and `..` cannot stand in a path.
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^(\.{3,}|.*[^.].*)$"))]
    pub name: String,
}

impl Action for RemoveLabel {
    const SPEC: ActionSpec = ActionSpec::new("remove_label", "Remove a label")
        .summary("Removes a label from an issue or a pull request, and gives the labels that remain.")
        .docs("https://docs.github.com/rest/issues/labels#remove-a-label-from-an-issue")
        .effect(Effect::Write, Idempotency::Natural)
        .scopes(&["repo"])
        // A write costs five points of the secondary limit, a read one.
        .cost(5)
        .defaults(&[("owner", "owner"), ("repo", "repo")])
        .examples(&[r#"{"owner": "octocat", "repo": "Hello-World", "issue_number": 1347, "name": "help wanted"}"#])
        .anti_examples(&[AntiExample {
            input: r#"{"owner": "octocat", "repo": "Hello-World", "issue_number": 1347, "labels": ["bug"]}"#,
            why: "It removes one label, by `name`; `set_labels` sets all of them.",
        }]);
    type Input = Input;
    type Output = model::IssueLabels;

    async fn run(cx: &Cx, input: Input) -> Result<model::IssueLabels> {
        // Callers from Rust come past the schema, and without a name the path would mean all labels.
        let name = Some(path_segment(&input.name)).filter(|n| !n.is_empty());
        let name =
            name.ok_or_else(|| Error::invalid_field("/name", "names no label: `.`, `..` and nothing are none"))?;
        let labels = issues::path(&input.owner, &input.repo, input.issue_number, "/labels");
        let path = format!("{labels}/{name}");
        let request = client::request(cx, Method::DELETE, &path)?.endpoint("issues/remove-label");
        match client::ask(cx, request, 404, &[]).await? {
            Ok(answer) => Ok(model::IssueLabels { labels: answer.json()? }),
            // It has no such label (any more), or GitHub hides that there is no such issue, or that the token may not
            // change it. Its labels tell: if the label is not among them, what was wanted is so.
            Err(_) => remaining(cx, &labels, &input.name).await,
        }
    }
}

/// The labels of an issue that does not have the label `name`.
async fn remaining(cx: &Cx, path: &str, name: &str) -> Result<model::IssueLabels> {
    // An issue has at most 100 labels.
    let request =
        client::request(cx, Method::GET, path)?.query("per_page", "100").endpoint("issues/list-labels-on-issue");
    let labels: Vec<model::RepositoryLabel> = client::send_json(cx, request, &[]).await?;
    // GitHub knows labels whatever their case.
    if labels.iter().any(|l| l.name.to_lowercase() == name.to_lowercase()) {
        return Err(client::hidden_refusal("the issue has the label, and the connection's token may not remove it"));
    }
    Ok(model::IssueLabels { labels })
}
