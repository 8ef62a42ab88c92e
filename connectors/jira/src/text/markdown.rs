//! Markdown: CommonMark with the tables, task lists, strikethrough and alerts of GitHub's.
//!
//! What lives here: reading it, on the parser of `pulldown-cmark`, and writing it, by hand. What must not: ADF, wiki markup.

mod escape;
mod inline;
mod read;
mod write;

pub(super) use read::read;
pub(super) use write::{Style, write};
