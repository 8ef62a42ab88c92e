//! What people call repositories and pull requests by: `owner/repo`, `owner/repo#7`.
//!
//! What must not live here: anything that calls.

use std::fmt;

use connector_core::{Cx, Error, Result};

/// A repository's name in its two parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RepoName {
    pub(crate) owner: String,
    pub(crate) repo: String,
}

impl fmt::Display for RepoName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.owner, self.repo)
    }
}

impl RepoName {
    /// The repository of that name; the connection's default if there is none. `pointer` is the field it comes from.
    pub(crate) fn of(cx: &Cx, name: Option<&str>, pointer: &str) -> Result<Self> {
        let Some(name) = name else {
            return match (cx.param_opt("owner"), cx.param_opt("repo")) {
                (Some(owner), Some(repo)) => Ok(Self { owner: owner.to_owned(), repo: repo.to_owned() }),
                _ => Err(Error::invalid_field(
                    pointer,
                    "names no repository, and the connection has no default one (params `owner` and `repo`)",
                )),
            };
        };
        Self::parse(name)
            .ok_or_else(|| Error::invalid_field(pointer, "is not a repository's name: write it as `owner/repo`"))
    }

    fn parse(name: &str) -> Option<Self> {
        let (owner, repo) = name.split_once('/')?;
        // What GitHub allows in names, and what the actions' own schemas do.
        let part = |p: &str| {
            !matches!(p, "" | "." | "..")
                && p.len() <= 100
                && p.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'))
        };
        (part(owner) && part(repo)).then(|| Self { owner: owner.to_owned(), repo: repo.to_owned() })
    }
}

/// The repository and number that a key such as `owner/repo#7` names; `#7` is in the connection's default repository.
pub(crate) fn key(cx: &Cx, key: &str) -> Result<(RepoName, u64)> {
    let wrong = || Error::invalid_field("/key", "is not a key: write it as `owner/repo#7`");
    let (name, number) = key.rsplit_once('#').ok_or_else(wrong)?;
    let number = number.parse().ok().filter(|n| *n > 0).ok_or_else(wrong)?;
    let repo = match name {
        "" => RepoName::of(cx, None, "/key")?,
        name => RepoName::parse(name).ok_or_else(wrong)?,
    };
    Ok((repo, number))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use connector_testkit::canned;
    use serde_json::json;

    use super::*;

    #[test]
    fn keys_are_read_as_people_write_them() {
        let (cx, _) = canned::cx(&crate::CONNECTOR, json!({"owner": "octocat", "repo": "Hello-World"}), vec![]);
        let (repo, number) = key(&cx, "octo-org/a.b_c#7").unwrap();
        assert_eq!((repo.to_string().as_str(), number), ("octo-org/a.b_c", 7));
        assert_eq!(key(&cx, "#12").unwrap().0.to_string(), "octocat/Hello-World");
        for wrong in ["", "7", "#", "#0", "#x", "a#1", "a/b/c#1", "a/..#1", "a b/c#1", "a/b#-1", "/b#1"] {
            let e = key(&cx, wrong).unwrap_err();
            assert_eq!(e.fields().first().unwrap().pointer, "/key", "{wrong}");
        }
        let (bare, _) = canned::cx(&crate::CONNECTOR, json!({"owner": "octocat"}), vec![]);
        assert_eq!(key(&bare, "#12").unwrap_err().fields().first().unwrap().pointer, "/key");
        assert_eq!(RepoName::of(&bare, None, "/repository").unwrap_err().fields().len(), 1);
        assert!(RepoName::of(&bare, Some("octocat"), "/repository").is_err());
    }
}
