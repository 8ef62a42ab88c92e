//! The connectors' grades as `cargo xtask contract --grades` keeps them: read here, made by the contract suite.

use std::{collections::BTreeMap, fs, io, path::Path};

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};

/// Where they are kept, relative to the root.
pub(crate) const FILE: &str = "crates/connectors/grades.json";
/// The command that writes them.
pub(crate) const COMMAND: &str = "cargo xtask contract --grades";

/// One connector's grade.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Grade {
    /// How many laws there are.
    pub(crate) laws: usize,
    /// How many of them it keeps.
    pub(crate) held: usize,
    /// Those that it breaks.
    pub(crate) broken: Vec<String>,
    /// Those that are about what it does not have.
    pub(crate) not_applicable: Vec<String>,
    /// How many fixtures it has of each kind of origin.
    pub(crate) fixtures: BTreeMap<String, usize>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    generated_by: String,
    connectors: BTreeMap<String, Grade>,
}

/// The grades by connector; none where there is no file yet.
///
/// # Errors
/// When the file cannot be read or is something else.
pub(crate) fn read(root: &Path) -> Result<BTreeMap<String, Grade>> {
    match fs::read_to_string(root.join(FILE)) {
        Ok(text) => {
            let file: File = serde_json::from_str(&text).with_context(|| format!("reading {FILE}\nmend: {COMMAND}"))?;
            Ok(file.connectors)
        }
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(BTreeMap::new()),
        Err(e) => Err(e).with_context(|| format!("reading {FILE}")),
    }
}

/// Takes the grades out whose connectors are gone.
///
/// # Errors
/// When the file cannot be read or written.
pub(crate) fn keep_only(root: &Path, known: &dyn Fn(&str) -> bool) -> Result<()> {
    let all = read(root)?;
    let count = all.len();
    let connectors: BTreeMap<_, _> = all.into_iter().filter(|(id, _)| known(id)).collect();
    if connectors.len() == count {
        return Ok(());
    }
    let text = serde_json::to_string_pretty(&File { generated_by: COMMAND.to_owned(), connectors })?;
    fs::write(root.join(FILE), text + "\n").with_context(|| format!("writing {FILE}"))
}

impl Grade {
    /// In a table's cell: `60 of 62`, with what is broken.
    pub(crate) fn cell(&self) -> String {
        let applying = self.laws.saturating_sub(self.not_applicable.len());
        let held = format!("{} of {applying}", self.held);
        if self.broken.is_empty() { held } else { format!("{held}; broken: {}", self.broken.join(", ")) }
    }

    /// Where its fixtures come from: `70 % doc-derived, 30 % vendor-published`.
    pub(crate) fn origins(&self) -> String {
        let all: usize = self.fixtures.values().sum();
        let share = |n: &usize| (100 * n + all / 2) / all.max(1);
        let parts: Vec<String> = self.fixtures.iter().map(|(kind, n)| format!("{} % {kind}", share(n))).collect();
        parts.join(", ")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_grade_is_said_in_a_cell() {
        let grade = Grade {
            laws: 63,
            held: 60,
            broken: vec!["links".into()],
            not_applicable: vec!["polling".into(), "handshake".into()],
            fixtures: BTreeMap::from([("doc-derived".into(), 2), ("vendor-published".into(), 1)]),
        };
        assert_eq!(grade.cell(), "60 of 61; broken: links");
        assert_eq!(grade.origins(), "67 % doc-derived, 33 % vendor-published");
    }

    #[test]
    fn grades_of_what_is_gone_go_too() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("crates/connectors")).unwrap();
        let grade = r#"{"laws": 2, "held": 1, "broken": [], "not_applicable": ["x"], "fixtures": {"recorded": 3}}"#;
        let text = format!("{{\"generated_by\": \"x\", \"connectors\": {{\"acme\": {grade}, \"gone\": {grade}}}}}");
        fs::write(dir.path().join(FILE), text).unwrap();
        let before = read(dir.path()).unwrap();
        keep_only(dir.path(), &|id| id == "acme").unwrap();
        let after = read(dir.path()).unwrap();
        assert_eq!(after.keys().collect::<Vec<_>>(), ["acme"]);
        assert_eq!(after.get("acme"), before.get("acme"));
    }

    #[test]
    fn no_file_is_no_grade_and_another_file_is_an_error() {
        let dir = tempfile::tempdir().unwrap();
        assert!(read(dir.path()).unwrap().is_empty());
        fs::create_dir_all(dir.path().join("crates/connectors")).unwrap();
        fs::write(dir.path().join(FILE), "{}").unwrap();
        assert!(format!("{:#}", read(dir.path()).unwrap_err()).contains("mend: cargo xtask contract --grades"));
    }
}
