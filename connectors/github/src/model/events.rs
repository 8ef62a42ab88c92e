//! Shapes of webhook payloads that more than one event has, and those too large for a trigger's own file. They are
//! apart from the shapes of REST answers, since payloads know more and require other fields.
//!
//! What must not live here: what only one event has and is small ([`crate::triggers`]).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Installation, Organization, Previous, Repository, User};

mod builds;
mod deployments;
mod discussions;
mod installations;
mod pulls;
mod releases;
mod security;

pub use builds::{
    App, CheckOutput, CheckRun, CheckSuite, PullRequestRef, RefAndSha, Step, Workflow, WorkflowJob, WorkflowRun,
};
pub use deployments::{Deployment, DeploymentStatus};
pub use discussions::{Category, Discussion, DiscussionComment};
pub use installations::InstallationDetails;
pub use pulls::{AutoMerge, PullRequest, PullRequestBranch, Review, ReviewComment};
pub use releases::{Asset, Release};
pub use security::{
    Advisory, AlertInstance, AlertLocation, AlertMessage, AlertRule, AlertTool, CodeScanningAlert, Cvss, Cwe,
    DependabotAlert, Dependency, Identifier, Package, PatchedVersion, Reference, SecretScanningAlert, Vulnerability,
};

/// What the payloads of events in a repository have in common.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RepositoryCommon {
    /// Where it happened.
    pub repository: Repository,
    /// The repository's organization, if it belongs to one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<Organization>,
    /// The enterprise, if the webhook is an enterprise's or the organization belongs to one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enterprise: Option<Enterprise>,
    /// The app's installation, if the delivery came by a GitHub App.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub installation: Option<Installation>,
    /// Who did it; not there for GitHub's own doings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender: Option<User>,
}

/// What payloads have in common, where the event may be outside of any repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Common {
    /// Where it happened, if in a repository.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repository: Option<Repository>,
    /// The repository's organization, if it belongs to one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<Organization>,
    /// The enterprise, if the webhook is an enterprise's or the organization belongs to one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enterprise: Option<Enterprise>,
    /// The app's installation, if the delivery came by a GitHub App.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub installation: Option<Installation>,
    /// Who did it; not there for GitHub's own doings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender: Option<User>,
}

/// An enterprise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Enterprise {
    /// Its numeric id.
    pub id: u64,
    /// Its name in addresses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slug: Option<String>,
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// A user, a team or an enterprise: something that has a login or a slug.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Account {
    /// Its numeric id, unique among its kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<u64>,
    /// A user's or an organization's name at GitHub.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login: Option<String>,
    /// A team's or an enterprise's name in addresses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slug: Option<String>,
    /// Its name for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `User`, `Organization` or `Bot`, for what has a login.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Its page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub html_url: Option<String>,
}

/// A team of an organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Team {
    /// Its numeric id.
    pub id: u64,
    /// Its name.
    pub name: String,
    /// Its name in addresses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slug: Option<String>,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Who sees it: `secret` or `closed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub privacy: Option<String>,
    /// What it may do in repositories unless told otherwise, such as `pull`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permission: Option<String>,
    /// Its page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub html_url: Option<String>,
}

/// A repository in few words: events of installations tell its `full_name`, those of builds its `url`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RepositoryRef {
    /// Its numeric id, which survives renames.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<u64>,
    /// Its name without the owner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Owner and name, such as `octocat/Hello-World`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub full_name: Option<String>,
    /// Whether it is private.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub private: Option<bool>,
    /// The repository in the API.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// A commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Commit {
    /// Its SHA.
    pub id: String,
    /// The SHA of its tree.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tree_id: Option<String>,
    /// Its message, all lines.
    pub message: String,
    /// When it was committed, ISO 8601 with the committer's offset.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<String>,
    /// Its page; for `push` only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Whether it was not in the repository before; for `push` only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distinct: Option<bool>,
    /// Who wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<Person>,
    /// Who committed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub committer: Option<Person>,
    /// Paths that it added; for `push` only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub added: Vec<String>,
    /// Paths that it changed; for `push` only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub modified: Vec<String>,
    /// Paths that it removed; for `push` only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<String>,
}

/// A person as git knows them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Person {
    /// The name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The login, if GitHub knows one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// When they did it, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
}

/// What an edit of a text changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BodyChanges {
    /// The text until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Previous>,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use serde_json::{Value, json};

    use super::{PullRequestBranch, Release, RepositoryCommon};

    /// A whole payload of the parts that GitHub always sends.
    fn release(assets: Value) -> Value {
        json!({"id": 1, "tag_name": "v1", "draft": false, "prerelease": false, "html_url": "https://github.com/o/r", "assets": assets})
    }

    #[test]
    fn a_list_may_be_null_or_hold_nulls() {
        let assets = |assets: Value| serde_json::from_value::<Release>(release(assets)).unwrap().assets.len();
        assert_eq!(assets(json!([null, {"id": 1, "name": "a.zip"}])), 1);
        assert_eq!(assets(Value::Null), 0);
        assert_eq!(assets(json!([])), 0);
        let strange = serde_json::from_value::<Release>(release(json!([{"id": "one"}])));
        assert!(strange.is_err(), "an item of another shape is no null");
    }

    #[test]
    fn the_head_of_a_deleted_fork_has_no_repository() {
        let head = json!({"label": null, "ref": "topic", "sha": "a", "user": null, "repo": null});
        let head: PullRequestBranch = serde_json::from_value(head).unwrap();
        assert_eq!((head.git_ref.as_str(), head.repo, head.user), ("topic", None, None));
    }

    #[test]
    fn what_payloads_have_in_common_stands_beside_the_rest() {
        #[derive(serde::Serialize, serde::Deserialize)]
        struct Payload {
            action: String,
            #[serde(flatten)]
            common: RepositoryCommon,
        }
        let flat = json!({
            "action": "started",
            "repository": {"id": 1, "name": "r", "full_name": "o/r", "private": true},
            "sender": {"login": "mia", "id": 2},
        });
        let payload: Payload = serde_json::from_value(flat.clone()).unwrap();
        assert_eq!(payload.common.repository.full_name, "o/r");
        assert_eq!(serde_json::to_value(payload).unwrap(), flat);
        let nowhere = serde_json::from_value::<Payload>(json!({"action": "started"}));
        assert!(nowhere.is_err_and(|e| e.to_string().contains("repository")));
    }
}
