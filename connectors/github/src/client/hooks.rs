//! Where webhooks are, at a repository or at an organization, and how they are written.

use connector_core::{Error, FieldError, Request, Result, SecretSlot, request::path_segment};
use serde_json::json;

/// The path of the webhooks of `org`, else of the repository, + `rest`. The connection's default repository does not count
/// where an organization is named, and cannot be told from one that the caller named.
pub(crate) fn path(org: Option<&str>, owner: Option<&str>, repo: Option<&str>, rest: &str) -> Result<String> {
    match (org, owner, repo) {
        (Some(org), _, _) => Ok(format!("/orgs/{}/hooks{rest}", path_segment(org))),
        (None, Some(owner), Some(repo)) => Ok(super::repo_path(owner, repo, &format!("/hooks{rest}"))),
        (None, _, _) => Err(Error::invalid_input(
            [("/owner", owner), ("/repo", repo)]
                .into_iter()
                .filter(|(_, given)| given.is_none())
                .map(|(at, _)| FieldError::new(at, "is required unless `org` says whose webhooks they are"))
                .collect(),
        )),
    }
}

/// What a webhook is to be, as the body of a request; it signs with the secret param `secret`.
pub(crate) fn write(request: Request, url: &str, events: &[String], active: bool, secret: &str) -> Request {
    // A form would do as well; certificates are checked, always.
    let config = json!({"url": url, "content_type": "json", "insecure_ssl": "0"});
    request
        .json(json!({"name": "web", "active": active, "events": events, "config": config}))
        // Without a secret nothing is sent: a webhook that does not sign is one that anybody can speak for.
        .secret(SecretSlot::BodyField { name: "/config/secret", secret: secret.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::path;

    #[test]
    fn an_organization_goes_before_a_repository() {
        assert_eq!(path(Some("o"), Some("a"), Some("b"), "").unwrap(), "/orgs/o/hooks");
        assert_eq!(path(None, Some("a"), Some("b"), "/7").unwrap(), "/repos/a/b/hooks/7");
        let e = path(None, Some("a"), None, "").unwrap_err();
        assert_eq!(e.fields().iter().map(|f| f.pointer.as_str()).collect::<Vec<_>>(), ["/repo"]);
    }
}
