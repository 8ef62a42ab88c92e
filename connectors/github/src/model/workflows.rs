//! GitHub Actions: workflows, their runs and jobs, in answers and in payloads.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{PullRequestRef, PushedCommit, RepositoryRef, User};

/// A workflow of GitHub Actions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Workflow {
    /// Its numeric id.
    pub id: u64,
    /// Its name.
    pub name: String,
    /// Its file, such as `.github/workflows/ci.yml`.
    pub path: String,
    /// `active`, `disabled_manually`, `disabled_inactivity`, `deleted`, …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Its file's page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub html_url: Option<String>,
    /// A picture of its state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub badge_url: Option<String>,
}

/// A run of a workflow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WorkflowRun {
    /// Its numeric id.
    pub id: u64,
    /// Its id in GraphQL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node_id: Option<String>,
    /// The workflow's name, or its file where it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What the run is called in lists: its commit's or pull request's title, or the workflow's `run-name`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_title: Option<String>,
    /// The workflow's numeric id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workflow_id: Option<u64>,
    /// The workflow's file, such as `.github/workflows/ci.yml`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Its number among the workflow's runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_number: Option<u64>,
    /// Which attempt it is; a run that is repeated keeps its id and number. From 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_attempt: Option<u64>,
    /// What started it: `push`, `pull_request`, `schedule`, `workflow_dispatch`, …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// How far it is: `requested`, `queued`, `pending`, `waiting`, `in_progress` or `completed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// How it ended: `success`, `failure`, `cancelled`, `timed_out`, `action_required`, `neutral`, `skipped`, `stale`,
    /// `startup_failure`; none until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conclusion: Option<String>,
    /// The branch that it runs on; none for what has no branch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head_branch: Option<String>,
    /// The commit that it runs on.
    pub head_sha: String,
    /// That commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head_commit: Option<PushedCommit>,
    /// Where that commit is: a fork for a pull request from one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head_repository: Option<RepositoryRef>,
    /// The pull requests with this head; none for those from forks.
    #[serde(default, deserialize_with = "super::list", skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Option<Vec<Option<PullRequestRef>>>")]
    pub pull_requests: Vec<PullRequestRef>,
    /// Who started the first attempt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<User>,
    /// Who started this attempt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub triggering_actor: Option<User>,
    /// The check suite that it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check_suite_id: Option<u64>,
    /// Its page.
    pub html_url: String,
    /// When it was made, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    /// When this attempt started, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_started_at: Option<String>,
    /// When it was last changed, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<String>,
}

/// A job of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WorkflowJob {
    /// Its numeric id.
    pub id: u64,
    /// Its id in GraphQL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node_id: Option<String>,
    /// The run that it belongs to.
    pub run_id: u64,
    /// Which attempt of the run. From 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_attempt: Option<u64>,
    /// The workflow's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workflow_name: Option<String>,
    /// Its name, with its values of the matrix.
    pub name: String,
    /// `queued`, `waiting`, `pending`, `in_progress` or `completed`.
    pub status: String,
    /// How it ended: `success`, `failure`, `cancelled`, `skipped`, `timed_out`, …; none until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conclusion: Option<String>,
    /// The branch that it runs on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head_branch: Option<String>,
    /// The commit that it runs on.
    pub head_sha: String,
    /// What the job asks of a runner (`runs-on`), such as `ubuntu-latest` or `self-hosted`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
    /// The runner that took it; none until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runner_id: Option<u64>,
    /// That runner's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runner_name: Option<String>,
    /// That runner's group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runner_group_id: Option<u64>,
    /// That group's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runner_group_name: Option<String>,
    /// Its steps, as far as they are known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Step>,
    /// Its page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub html_url: Option<String>,
    /// When it was made, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    /// When it started, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<String>,
    /// When it ended, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<String>,
}

/// A step of a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Step {
    /// Its place in the job. From 1.
    pub number: u64,
    /// Its name.
    pub name: String,
    /// `queued`, `pending`, `in_progress` or `completed`.
    pub status: String,
    /// How it ended: `success`, `failure`, `cancelled`, `skipped`; none until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conclusion: Option<String>,
    /// When it started, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<String>,
    /// When it ended, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<String>,
}
