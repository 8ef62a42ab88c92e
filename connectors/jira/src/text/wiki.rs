//! Wiki markup, in which Jira Data Center keeps texts.
//!
//! What lives here: writing and reading it. What must not: Markdown, ADF. The vendor's page:
//! <https://jira.atlassian.com/secure/WikiRendererHelpAction.jspa?section=all>.

mod escape;
mod inline;
mod lists;
mod macros;
mod read;
mod tables;
mod write;

pub(super) use escape::plain;
pub(super) use read::read;
pub(super) use write::write;
