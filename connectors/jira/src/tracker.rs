//! Jira as an issue tracker: containers are project keys, keys are issue keys. It rests on the two actions and adds only
//! what makes another tracker's texts fit: one line of title, labels without blanks.

use std::sync::Arc;

use connector_core::{
    Action, CapabilityImpl, Cx, Result,
    capability::{IssueRef, IssueTracker, NewIssue},
};

use crate::actions::{AddComment, CreateIssue, add_comment, create_issue};

/// Jira takes no longer summary.
const MAX_SUMMARY: usize = 255;

struct Tracker;

/// The capability's implementation.
pub(crate) fn make() -> CapabilityImpl {
    CapabilityImpl::IssueTracker(Arc::new(Tracker))
}

#[async_trait::async_trait]
impl IssueTracker for Tracker {
    async fn create_issue(&self, cx: &Cx, issue: NewIssue) -> Result<IssueRef> {
        let project_key = match issue.container {
            Some(key) => key,
            None => cx.param("project_key")?.to_owned(),
        };
        let mut input = create_issue::Input::new(project_key, summary(&issue.title));
        input.description = issue.body;
        input.labels = issue.labels.iter().map(|l| label(l)).filter(|l| !l.is_empty()).collect();
        let made = CreateIssue::run(cx, input).await?;
        Ok(IssueRef { key: made.key, url: made.url })
    }

    async fn add_comment(&self, cx: &Cx, key: &str, text: &str) -> Result<String> {
        let input = add_comment::Input { issue_key: key.to_owned(), body: text.to_owned() };
        Ok(AddComment::run(cx, input).await?.id)
    }
}

/// One line, no longer than Jira takes.
fn summary(title: &str) -> String {
    let line = title.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= MAX_SUMMARY {
        return line;
    }
    line.chars().take(MAX_SUMMARY - 1).chain(['…']).collect()
}

/// Jira's labels hold no blanks.
fn label(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]

    use connector_core::ErrorKind;
    use serde_json::json;

    use super::*;
    use connector_testkit::canned::{block_on, cx, response, sent_json};

    #[test]
    fn another_trackers_issue_is_made_to_fit() {
        let made =
            json!({"id": "10000", "key": "ENG-24", "self": "https://example.atlassian.net/rest/api/3/issue/10000"});
        let values = json!({"site": "https://example.atlassian.net", "project_key": "ENG"});
        let (cx, sent) = cx(&crate::CONNECTOR, values, vec![Ok(response(201, &[], made))]);
        let issue = NewIssue {
            container: None,
            title: format!("two\nlines {}", "x".repeat(300)),
            body: Some("text".into()),
            labels: vec!["help wanted".into(), " ".into()],
        };
        let made = block_on(Tracker.create_issue(&cx, issue)).unwrap();
        assert_eq!(
            (made.key.as_str(), made.url.as_deref()),
            ("ENG-24", Some("https://example.atlassian.net/browse/ENG-24"))
        );
        let body = sent_json(&sent.take()[0]);
        assert_eq!(body["fields"]["project"], json!({"key": "ENG"}));
        assert_eq!(body["fields"]["labels"], json!(["help-wanted"]));
        let summary = body["fields"]["summary"].as_str().unwrap();
        assert!(summary.starts_with("two lines x") && summary.chars().count() == MAX_SUMMARY);
    }

    #[test]
    fn without_a_project_the_missing_param_is_named() {
        let (cx, sent) = cx(&crate::CONNECTOR, json!({"site": "https://example.atlassian.net"}), vec![]);
        let e = block_on(Tracker.create_issue(&cx, NewIssue { title: "t".into(), ..Default::default() })).unwrap_err();
        assert_eq!((e.kind(), e.fields()[0].pointer.as_str()), (ErrorKind::Misconfigured, "/project_key"));
        assert!(sent.take().is_empty());
    }
}
