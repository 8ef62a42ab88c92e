//! Wiki markup, in which Jira Data Center keeps texts.
//!
//! What lives here: writing and reading it. What must not: Markdown, ADF. The vendor's page:
//! <https://jira.atlassian.com/secure/WikiRendererHelpAction.jspa?section=all>.

mod escape;

pub(super) use escape::plain;
