//! The event `pull_request`.

use connector_core::{TriggerSpec, WebhookTrigger};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::{self, Label, Milestone, Previous, Team, User, events::RepositoryCommon};

/// Something happened to a pull request.
pub struct PullRequest;

/// What happened to which pull request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Payload {
    /// What happened: `opened`, `edited`, `closed` (merged, if `pull_request.merged`), `reopened`, `synchronize`
    /// (pushed to), `ready_for_review`, `converted_to_draft`, `review_requested`, `review_request_removed`, `labeled`,
    /// `unlabeled`, `assigned`, `unassigned`, `milestoned`, `locked`, `auto_merge_enabled`, `enqueued`, `dequeued`, …
    pub action: String,
    /// The pull request's number in the repository.
    pub number: u64,
    /// The pull request as it is now.
    pub pull_request: model::PullRequest,
    /// What it was before, for `edited`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changes: Option<Changes>,
    /// The head's commit before the push, for `synchronize`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// The head's commit after the push, for `synchronize`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// Whose review was asked for or no longer is; not there when it is a team's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requested_reviewer: Option<User>,
    /// Which team's review was asked for or no longer is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requested_team: Option<Team>,
    /// Who was assigned or unassigned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignee: Option<User>,
    /// The label that was added or removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<Label>,
    /// The milestone that was set or removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub milestone: Option<Milestone>,
    /// Why it left the merge queue or is no longer merged by itself, for `dequeued` and `auto_merge_disabled`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Where it happened and who did it.
    #[serde(flatten)]
    pub common: RepositoryCommon,
}

/// What an edit changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Changes {
    /// The title until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Previous>,
    /// The text until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Previous>,
    /// The branch that it went to until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<BaseChange>,
}

/// The branch that a pull request went to before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BaseChange {
    /// The branch until then.
    #[serde(rename = "ref", default, skip_serializing_if = "Option::is_none")]
    pub git_ref: Option<Previous>,
    /// Its newest commit until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha: Option<Previous>,
}

impl WebhookTrigger for PullRequest {
    const SPEC: TriggerSpec = TriggerSpec::new("pull_request", "Pull request changed")
        .summary(
            "A pull request was opened, edited, closed, merged, pushed to, labeled, assigned or otherwise changed.",
        )
        .docs("https://docs.github.com/webhooks/webhook-events-and-payloads#pull_request")
        .events(&["pull_request.*"]);
    type Payload = Payload;
}
