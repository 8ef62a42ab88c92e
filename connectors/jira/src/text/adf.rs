//! The Atlassian Document Format, in which Jira Cloud keeps texts.
//!
//! What lives here: documents from blocks, and blocks from documents. What must not: Markdown, wiki markup. The vendor's pages:
//! <https://developer.atlassian.com/cloud/jira/platform/apis/document/structure/>; its schema is the package
//! `@atlaskit/adf-schema`, against which the tests check every document made here.

mod nodes;
mod plain;
mod read;
mod write;

pub(super) use plain::plain;
pub(super) use read::read;
pub(super) use write::write;
