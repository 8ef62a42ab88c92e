//! `connectors/<id>/agreement.json`: why a difference is right all the same.

use std::{collections::BTreeSet, fs, path::Path};

use anyhow::{Context as _, Result};
use serde::Deserialize;

/// Where the explanations of a connector stand, below its folder.
pub(crate) const FILE: &str = "agreement.json";
/// In place of an action's name: every action.
const ANY: &str = "*";

/// Why a finding is no mistake of ours.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Explanation {
    /// An action's name, or `*` for what holds for every one.
    pub(crate) action: String,
    /// A part of the finding's text, such as `request body /markdown_text`.
    pub(crate) what: String,
    /// The reason, in words for the people who read the connector's page, with the vendor's page where there is one.
    pub(crate) why: String,
}

impl Explanation {
    pub(super) fn covers(&self, action: &str, text: &str) -> bool {
        (self.action == action || self.action == ANY) && text.contains(&self.what)
    }
}

/// The explanations of a connector; none where there is no file.
///
/// # Errors
/// When the file is not a list of `{action, what, why}`.
pub(super) fn read(dir: &Path) -> Result<Vec<Explanation>> {
    let path = dir.join(FILE);
    if !path.exists() {
        return Ok(Vec::new());
    }
    let text = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    parse(&text).with_context(|| path.display().to_string())
}

/// Reads the text of such a file.
///
/// # Errors
/// When it is no list of `{action, what, why}`, or a text in it is blank.
pub(crate) fn parse(text: &str) -> Result<Vec<Explanation>> {
    let all: Vec<Explanation> =
        serde_json::from_str(text).context("it is no list of {\"action\", \"what\", \"why\"}")?;
    for e in &all {
        let blank = [&e.action, &e.what, &e.why].iter().any(|t| t.trim().is_empty());
        anyhow::ensure!(!blank, "an explanation of `{}` has a blank text; say what it explains, and why", e.action);
    }
    Ok(all)
}

/// The actions that the explanations name and that are not there.
pub(crate) fn strangers<'e>(all: &'e [Explanation], actions: &BTreeSet<&str>) -> Vec<&'e str> {
    all.iter().map(|e| e.action.as_str()).filter(|a| *a != ANY && !actions.contains(a)).collect()
}
