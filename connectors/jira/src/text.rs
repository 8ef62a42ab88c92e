//! Texts of people in Jira's two forms: the Atlassian Document Format of Jira Cloud, wiki markup of Jira Data Center.
//!
//! What lives here: the way from Markdown and plain text to both, and back. What must not: requests. The readers and writers
//! meet in one model of blocks ([`model`]): [`markdown`], [`adf`] and [`wiki`] know nothing of each other.
//!
//! # Markdown
//!
//! Read are CommonMark's paragraphs, hard breaks, headings 1 to 6, bold, italic, inline code, links, autolinks, bullet and
//! ordered lists with their start, quotations, code blocks with a language, rules, escapes and character references; GitHub's
//! tables, task lists, strikethrough, alerts and bare addresses; `<br>`, and mentions (`[@Name](accountid:…)`). An image is a
//! link, since ADF shows uploaded files alone. All other HTML is text, and so is the target of a link that is not `http`,
//! `https` or `mailto`. What people can rely on stands in the connector's `docs.md`.
//!
//! - **No way loses text.** Where a form has no word for a block, lines say the same; a node that is not known gives its
//!   content, or its name in parentheses. What goes is color, size, underline and alignment, the address of an image within a
//!   link, and the numbers of lists in wiki markup, which all begin with 1.
//! - **What was read stays.** Markdown → ADF → Markdown → ADF gives the same document twice, and the way from another's
//!   document over Markdown ends where the direct one does. Equal texts make equal documents, ids of tasks included.
//! - **Nothing in a text is trusted.** Time is in proportion to length; depth is bounded ([`model`]); no control characters;
//!   what is text never becomes markup.
//!
//! Vendor's pages: <https://developer.atlassian.com/cloud/jira/platform/apis/document/structure/>,
//! <https://jira.atlassian.com/secure/WikiRendererHelpAction.jspa?section=all>.

mod adf;
mod clean;
mod markdown;
mod model;
mod wiki;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use self::markdown::Style;

/// How a text of the input is read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Markdown: CommonMark with tables, task lists and strikethrough; raw HTML stays text. Mentions are written
    /// `[@Name](accountid:5b10ac8d82e05b22cc7d4ef5)`.
    #[default]
    Markdown,
    /// Plain: a blank line begins a paragraph, a single line break breaks the line, and nothing in it is markup.
    Plain,
}

/// What the connection's Jira takes texts in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(dead_code, reason = "actions for Data Center choose the other one")]
pub(crate) enum Dialect {
    /// The Atlassian Document Format: Jira Cloud, REST version 3.
    Adf,
    /// Wiki markup: Jira Data Center, REST version 2.
    Wiki,
}

/// The text in Jira's form: an ADF document, or a JSON string of wiki markup.
pub(crate) fn write(dialect: Dialect, format: Format, text: &str) -> Value {
    match (dialect, format) {
        (Dialect::Adf, Format::Plain) => adf::plain(text),
        (Dialect::Adf, Format::Markdown) => adf::write(&markdown::read(text)),
        (Dialect::Wiki, Format::Plain) => Value::String(wiki::plain(text)),
        (Dialect::Wiki, Format::Markdown) => Value::String(wiki::write(&markdown::read(text))),
    }
}

/// What Jira holds, as Markdown: an ADF object, or a string of wiki markup; `null` is empty.
#[allow(dead_code, reason = "the actions that read call it")]
pub(crate) fn read(value: &Value) -> String {
    markdown::write(&blocks(value), Style::Markdown)
}

/// What Jira holds, as plain text: nothing is escaped, and of the marks only what lists, quotations and tables need is left.
#[allow(dead_code, reason = "the actions that read call it")]
pub(crate) fn read_plain(value: &Value) -> String {
    markdown::write(&blocks(value), Style::Plain)
}

fn blocks(value: &Value) -> Vec<model::Block> {
    match value {
        Value::Object(_) | Value::Array(_) => adf::read(value),
        Value::String(text) => wiki::read(text),
        _ => Vec::new(),
    }
}

/// Whether nothing in the text can be read.
#[allow(dead_code, reason = "the actions that refuse empty texts call it")]
pub(crate) fn is_blank(text: &str) -> bool {
    text.chars().all(clean::is_unseen)
}

#[cfg(test)]
mod tests;
