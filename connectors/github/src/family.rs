//! What the two families share: the names that people call repositories, issues and pull requests by (`owner/repo`,
//! `owner/repo#7`), people, and marks of pages.
//!
//! What must not live here: anything that calls.

use std::fmt;

use connector_core::{Cx, Error, Result, capability::Person};

use crate::model;

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
    /// The repository that is told as `owner/repo`, or as `repo` alone for one of the connection's default owner; the
    /// connection's default where none is told. `pointer` is the field it comes from.
    pub(crate) fn of(cx: &Cx, told: Option<&str>, pointer: &str) -> Result<Self> {
        Self::read(cx, told, pointer, "is not a repository's name: write it as `owner/repo`")
    }

    fn read(cx: &Cx, told: Option<&str>, pointer: &str, form: &str) -> Result<Self> {
        let default = |param| {
            let none = "names no repository, and the connection has no default one (params `owner` and `repo`)";
            cx.param_opt(param).ok_or_else(|| Error::invalid_field(pointer, none))
        };
        let (owner, repo) = match told.map(|t| t.split_once('/').ok_or(t)) {
            None => (default("owner")?, default("repo")?),
            Some(Ok(pair)) => pair,
            // Its form goes before the default owner, who may be missing.
            Some(Err(repo)) if is_name(repo) => (default("owner")?, repo),
            Some(Err(_)) => return Err(Error::invalid_field(pointer, form)),
        };
        // Both go into searches as well, where any other character might end the name.
        if is_name(owner) && is_name(repo) {
            Ok(Self { owner: owner.to_owned(), repo: repo.to_owned() })
        } else {
            Err(Error::invalid_field(pointer, form))
        }
    }
}

/// What GitHub allows in names, and what the actions' own schemas do.
fn is_name(part: &str) -> bool {
    !matches!(part, "" | "." | "..")
        && part.len() <= 100
        && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'))
}

/// The repository and number that a key such as `owner/repo#7` names; `#7` is in the connection's default repository.
pub(crate) fn key(cx: &Cx, key: &str) -> Result<(RepoName, u64)> {
    const FORM: &str = "is not a key: write it as `owner/repo#7`, or as `#7` in the connection's default repository";
    let wrong = || Error::invalid_field("/key", FORM);
    let (name, number) = key.rsplit_once('#').ok_or_else(wrong)?;
    // `parse` alone would take `+7`.
    let digits = number.bytes().all(|b| b.is_ascii_digit());
    let number = number.parse().ok().filter(|n| digits && *n > 0).ok_or_else(wrong)?;
    Ok((RepoName::read(cx, Some(name).filter(|n| !n.is_empty()), "/key", FORM)?, number))
}

/// Somebody: the login is what people see and what assigning takes. A GitHub App's account is a `Bot`.
pub(crate) fn person(user: model::User) -> Person {
    let bot = user.kind.map(|k| k == "Bot");
    Person { id: user.login.clone(), name: Some(user.login), email: None, bot }
}

/// A page's number, as it went out in `next`.
pub(crate) fn page(cursor: Option<&str>) -> Result<Option<u32>> {
    let wrong = || Error::invalid_field("/cursor", "is not the `next` of the page before");
    cursor.map(|c| c.parse().ok().filter(|n| *n > 0).ok_or_else(wrong)).transpose()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use connector_testkit::canned;
    use serde_json::json;

    use super::*;

    fn at<T>(found: Result<T>) -> String {
        found.err().unwrap().fields().first().unwrap().pointer.clone()
    }

    #[test]
    fn keys_are_read_as_people_write_them() {
        let (cx, _) = canned::cx(&crate::CONNECTOR, json!({"owner": "octocat", "repo": "Hello-World"}), vec![]);
        let (repo, number) = key(&cx, "octo-org/a.b_c#7").unwrap();
        assert_eq!((repo.to_string().as_str(), number), ("octo-org/a.b_c", 7));
        assert_eq!(key(&cx, "#12").unwrap().0.to_string(), "octocat/Hello-World");
        assert_eq!(key(&cx, "Spoon-Knife#12").unwrap().0.to_string(), "octocat/Spoon-Knife");
        for wrong in [
            "", "7", "#", "#0", "#x", "a b#1", "a/b/c#1", "a/..#1", "..#1", "a b/c#1", "a/b#-1", "a/b#+1", "/b#1",
            "b/#1",
        ] {
            assert_eq!(at(key(&cx, wrong)), "/key", "{wrong}");
        }
        assert_eq!(RepoName::of(&cx, Some("r"), "/repository").unwrap().to_string(), "octocat/r");
    }

    #[test]
    fn what_is_not_told_must_be_the_connections() {
        let (bare, _) = canned::cx(&crate::CONNECTOR, json!({"owner": "octocat"}), vec![]);
        assert_eq!(at(key(&bare, "#12")), "/key");
        assert_eq!(at(RepoName::of(&bare, None, "/repository")), "/repository");
        // The params' own pattern takes dots.
        let (dots, _) = canned::cx(&crate::CONNECTOR, json!({"owner": "octocat", "repo": ".."}), vec![]);
        assert_eq!(at(RepoName::of(&dots, None, "/repository")), "/repository");
    }

    #[test]
    fn a_mark_is_a_pages_number() {
        assert_eq!((page(None).unwrap(), page(Some("2")).unwrap()), (None, Some(2)));
        for wrong in ["", "0", "x", "-1"] {
            assert_eq!(at(page(Some(wrong))), "/cursor");
        }
    }
}
