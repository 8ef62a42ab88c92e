//! GitHub as an issue tracker: containers are `owner/repo`, keys are `owner/repo#7`. It rests on the two actions and
//! adds nothing but that reading.

use std::sync::Arc;

use connector_core::{
    Action, CapabilityImpl, Cx, Error, Result,
    capability::{IssueRef, IssueTracker, NewIssue},
};

use crate::actions::{AddComment, CreateIssue, add_comment, create_issue};

struct Tracker;

/// The capability's implementation.
pub(crate) fn make() -> CapabilityImpl {
    CapabilityImpl::IssueTracker(Arc::new(Tracker))
}

#[async_trait::async_trait]
impl IssueTracker for Tracker {
    async fn create_issue(&self, cx: &Cx, issue: NewIssue) -> Result<IssueRef> {
        let (owner, repo) = container(cx, issue.container.as_deref())?;
        let input = create_issue::Input {
            owner: owner.clone(),
            repo: repo.clone(),
            title: issue.title,
            body: issue.body,
            labels: issue.labels,
            ..Default::default()
        };
        let made = CreateIssue::run(cx, input).await?;
        Ok(IssueRef { key: format!("{owner}/{repo}#{}", made.number), url: Some(made.html_url) })
    }

    async fn add_comment(&self, cx: &Cx, key: &str, text: &str) -> Result<String> {
        let unreadable =
            || Error::invalid_field("/key", "must be of the form owner/repo#7, or #7 in the default repository");
        let (repository, number) = key.rsplit_once('#').unwrap_or(("", key));
        let issue_number: u64 = number.parse().map_err(|_| unreadable())?;
        let (owner, repo) = container(cx, Some(repository).filter(|r| !r.is_empty()))?;
        let input = add_comment::Input { owner, repo, issue_number, body: text.to_owned() };
        Ok(AddComment::run(cx, input).await?.id.to_string())
    }
}

/// Owner and repository; what is not told is the connection's default.
fn container(cx: &Cx, told: Option<&str>) -> Result<(String, String)> {
    let (owner, repo) = match told.map(|t| t.split_once('/').ok_or(t)) {
        None => (cx.param("owner")?, cx.param("repo")?),
        Some(Ok(pair)) => pair,
        Some(Err(repo)) => (cx.param("owner")?, repo),
    };
    if owner.is_empty() || repo.is_empty() || repo.contains('/') {
        return Err(Error::invalid_field("/container", "must be of the form owner/repo"));
    }
    Ok((owner.to_owned(), repo.to_owned()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]

    use connector_core::ErrorKind;
    use serde_json::{Value, json};

    use super::*;
    use connector_testkit::canned::{block_on, cx, response};

    fn answer() -> Value {
        json!({"id": 1, "number": 7, "title": "t", "state": "open", "html_url": "https://github.com/o/r/issues/7"})
    }

    #[test]
    fn an_issue_goes_to_its_container_or_to_the_default_one() {
        for (told, values, want) in [
            (Some("o/r"), json!({}), "/repos/o/r/issues"),
            (Some("r"), json!({"owner": "o"}), "/repos/o/r/issues"),
            (None, json!({"owner": "o", "repo": "d"}), "/repos/o/d/issues"),
        ] {
            let (cx, sent) = cx(&crate::CONNECTOR, values, vec![Ok(response(201, &[], answer()))]);
            let issue = NewIssue { container: told.map(Into::into), title: "t".into(), ..Default::default() };
            let made = block_on(Tracker.create_issue(&cx, issue)).unwrap();
            assert!(made.key.starts_with("o/") && made.key.ends_with("#7"));
            assert_eq!(sent.take()[0].url().unwrap().path(), want);
        }
    }

    #[test]
    fn a_key_is_read_back() {
        let comment = || Ok(response(201, &[], json!({"id": 5, "html_url": "https://github.com/o/r/issues/7#c"})));
        for (key, values) in [("o/r#7", json!({})), ("#7", json!({"owner": "o", "repo": "r"}))] {
            let (cx, sent) = cx(&crate::CONNECTOR, values, vec![comment()]);
            assert_eq!(block_on(Tracker.add_comment(&cx, key, "hi")).unwrap(), "5");
            assert_eq!(sent.take()[0].url().unwrap().path(), "/repos/o/r/issues/7/comments");
        }
        for bad in ["o/r", "o/r#x", "o/r/x#7", "/r#7"] {
            let (cx, sent) = cx(&crate::CONNECTOR, json!({}), vec![]);
            let e = block_on(Tracker.add_comment(&cx, bad, "hi")).unwrap_err();
            assert_eq!((e.kind(), sent.take().len()), (ErrorKind::InvalidInput, 0), "{bad}");
        }
    }
}
