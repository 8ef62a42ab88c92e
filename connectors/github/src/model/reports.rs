//! What a caller writes into a check run: strict.

use connector_core::{Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How far a check run is, as a caller says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CheckStatus {
    /// It waits to begin.
    Queued,
    /// It runs.
    InProgress,
    /// It has ended; a conclusion is needed.
    Completed,
}

/// How a check run ended, as a caller says it. (`stale` is GitHub's own to set.)
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CheckConclusion {
    /// Somebody must do something, see `details_url`.
    ActionRequired,
    /// It was cancelled.
    Cancelled,
    /// It failed.
    Failure,
    /// Neither good nor bad.
    Neutral,
    /// It went well.
    Success,
    /// It was skipped.
    Skipped,
    /// It took too long.
    TimedOut,
}

/// GitHub wants to know how a check run ended as soon as it has.
///
/// # Errors
/// `InvalidInput` where that is missing.
pub(crate) fn needs_conclusion(
    status: Option<CheckStatus>,
    has_end: bool,
    conclusion: Option<CheckConclusion>,
) -> Result<()> {
    if conclusion.is_none() && (has_end || status == Some(CheckStatus::Completed)) {
        return Err(Error::invalid_field("/conclusion", "is required beside `completed_at` or the status `completed`"));
    }
    Ok(())
}

/// What a check run found, as a caller writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckReport {
    /// The title.
    #[schemars(length(min = 1))]
    pub title: String,
    /// The summary in Markdown.
    #[schemars(length(max = 65535))]
    pub summary: String,
    /// The details in Markdown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 65535))]
    pub text: Option<String>,
    /// Remarks on lines of code, at most 50 a call. An update adds to those that are there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 50))]
    pub annotations: Vec<Annotation>,
    /// Images that the pull request shows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub images: Vec<CheckImage>,
}

/// How bad a remark is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AnnotationLevel {
    /// For information.
    Notice,
    /// Somebody should look.
    Warning,
    /// It is wrong.
    Failure,
}

/// A remark on lines of code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Annotation {
    /// The file's path from the root, such as `src/main.rs`.
    #[schemars(length(min = 1))]
    pub path: String,
    /// The first line; the file's first is 1.
    #[schemars(range(min = 1))]
    pub start_line: u32,
    /// The last line.
    #[schemars(range(min = 1))]
    pub end_line: u32,
    /// The first column, from 1; only where first and last line are the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub start_column: Option<u32>,
    /// The last column; only where first and last line are the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub end_column: Option<u32>,
    /// How bad it is.
    pub annotation_level: AnnotationLevel,
    /// The remark, at most 64 KB.
    #[schemars(length(min = 1, max = 65536))]
    pub message: String,
    /// Its title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 255))]
    pub title: Option<String>,
    /// More about it, at most 64 KB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 65536))]
    pub raw_details: Option<String>,
}

/// An image in a check's report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckImage {
    /// What it shows, for people who cannot see it.
    #[schemars(length(min = 1))]
    pub alt: String,
    /// Where it is.
    #[schemars(url)]
    pub image_url: String,
    /// A line below it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
}

/// A button on the check run's page. A click comes back as event `check_run.requested_action`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckButton {
    /// What stands on it.
    #[schemars(length(min = 1, max = 20))]
    pub label: String,
    /// What it does.
    #[schemars(length(min = 1, max = 40))]
    pub description: String,
    /// What the event will call it.
    #[schemars(length(min = 1, max = 20))]
    pub identifier: String,
}
