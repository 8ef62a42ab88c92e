//! Where webhooks are: at a repository or at an organization.

use connector_core::{Error, FieldError, Result, request::path_segment};

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
