//! Shapes that only webhook payloads have: those of more than one event, and those too large for a trigger's own file.
//!
//! What must not live here: what answers have too ([`crate::model`]), and what only one event has and is small
//! ([`crate::triggers`]).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Account, Installation, Organization, Previous, Repository, User};

mod deployments;
mod discussions;
mod installations;
mod security;

pub use deployments::{Deployment, DeploymentStatus};
pub use discussions::{Category, Discussion, DiscussionComment};
pub use installations::InstallationDetails;
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

    use super::RepositoryCommon;
    use crate::model::{PullRequestEnd, Release};

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
        let head: PullRequestEnd = serde_json::from_value(head).unwrap();
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
