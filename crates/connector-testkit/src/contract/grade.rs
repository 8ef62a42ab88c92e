//! Grades: which laws hold of a connector, and where its fixtures come from; kept in a file that is committed.
//!
//! What is in the file changes only when a connector or a law does: no times, no dates, no counts of checks.

use std::{collections::BTreeMap, fs, io, path::Path};

use serde::{Deserialize, Serialize};

use super::{Law, Verdict, census::Census};

/// The command that writes the file.
const COMMAND: &str = "cargo xtask contract --grades";
/// The environment variable that makes a run write the file; its value is `write`.
const VARIABLE: &str = "JACKFIELD_CONTRACT_GRADES";

/// How a connector stands with a law. What weighs more is greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Standing {
    /// It has nothing that the law is about.
    NotApplicable,
    /// It keeps it.
    Held,
    /// It breaks it.
    Broken,
}

impl Standing {
    pub(super) fn of(verdict: &Verdict) -> Self {
        match (verdict.faults.is_empty(), verdict.checked) {
            (false, _) => Self::Broken,
            (true, 0) => Self::NotApplicable,
            (true, _) => Self::Held,
        }
    }
}

/// A connector's grade.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Grade {
    /// How many laws there are.
    laws: usize,
    /// How many of them it keeps.
    held: usize,
    /// Those that it breaks.
    broken: Vec<String>,
    /// Those that are about what it does not have.
    not_applicable: Vec<String>,
    /// How many fixtures it has of each kind of origin.
    fixtures: BTreeMap<String, usize>,
}

impl Grade {
    pub(super) fn of(laws: &BTreeMap<Law, Standing>, fixtures: &BTreeMap<String, usize>) -> Self {
        let standing = |law: &Law| laws.get(law).copied().unwrap_or(Standing::NotApplicable);
        let which = |s: Standing| Law::ALL.iter().filter(move |l| standing(l) == s);
        let named = |s| which(s).map(|l| l.slug().to_owned()).collect();
        Self {
            laws: Law::ALL.len(),
            held: which(Standing::Held).count(),
            broken: named(Standing::Broken),
            not_applicable: named(Standing::NotApplicable),
            fixtures: fixtures.clone(),
        }
    }

    /// In a line: `60 of 62 laws; 2 not applicable; fixtures: 71 % doc-derived, 29 % vendor-published`.
    fn line(&self) -> String {
        let mut out = format!("{} of {} laws", self.held, self.laws);
        if !self.broken.is_empty() {
            out.push_str(&format!("; broken: {}", self.broken.join(", ")));
        }
        if !self.not_applicable.is_empty() {
            out.push_str(&format!("; {} not applicable", self.not_applicable.len()));
        }
        let all: usize = self.fixtures.values().sum();
        let share = |n: usize| (100 * n + all / 2) / all.max(1);
        let shares: Vec<String> = self.fixtures.iter().map(|(kind, n)| format!("{} % {kind}", share(*n))).collect();
        format!("{out}; fixtures: {}", shares.join(", "))
    }
}

/// The file.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Grades {
    generated_by: String,
    connectors: BTreeMap<String, Grade>,
}

fn read(path: &Path) -> Result<Grades, String> {
    match fs::read_to_string(path) {
        Ok(text) => serde_json::from_str(&text).map_err(|e| format!("{}: {e}\nmend: {COMMAND}", path.display())),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(Grades::default()),
        Err(e) => Err(format!("{}: {e}", path.display())),
    }
}

/// Holds what was measured against the file, or writes it there; says each grade. A run of a part of the trials has none.
///
/// # Errors
/// In words with the mend: a grade is not the one in the file, or the file cannot be read or written.
pub(super) fn keep(census: &Census, path: &Path, whole: bool) -> Result<String, String> {
    let write = std::env::var_os(VARIABLE).is_some_and(|v| v == "write");
    if !whole {
        return if write {
            Err(format!("grades are of all trials; run without a filter: {COMMAND}"))
        } else {
            Ok(String::new())
        };
    }
    let measured = census.grades();
    let mut lines: Vec<String> = measured.iter().map(|(id, g)| format!("{id}: {}", g.line())).collect();
    let mut file = read(path)?;
    if write {
        file.generated_by = COMMAND.to_owned();
        file.connectors.extend(measured);
        let text = serde_json::to_string_pretty(&file).map_err(|e| e.to_string())?;
        fs::write(path, text + "\n").map_err(|e| format!("{}: {e}", path.display()))?;
        return Ok(lines.join("\n"));
    }
    let mut wrong = false;
    for (id, grade) in &measured {
        match file.connectors.get(id) {
            Some(kept) if kept == grade => {}
            Some(kept) => {
                wrong = true;
                lines.push(format!("{id}: the grade that is kept is another: {}", kept.line()));
            }
            None => lines.push(format!("{id}: no grade is kept yet; `{COMMAND}` writes it")),
        }
    }
    let text = lines.join("\n");
    if wrong { Err(format!("{text}\nmend: {COMMAND}")) } else { Ok(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(checked: usize, not_applicable: usize, faults: &[&str]) -> Verdict {
        Verdict { faults: faults.iter().map(|f| (*f).to_owned()).collect(), checked, not_applicable }
    }

    #[test]
    fn one_fault_breaks_a_law_and_one_check_makes_it_apply() {
        let mut census = Census::default();
        for (law, v) in [
            (Law::Names, verdict(1, 0, &[])),
            (Law::Names, verdict(0, 1, &[])),
            (Law::Links, verdict(2, 0, &["no"])),
            (Law::Links, verdict(2, 0, &[])),
            (Law::Polling, verdict(0, 1, &[])),
        ] {
            census.count("acme", law, &v);
        }
        let g = census.grades().remove("acme").unwrap();
        assert_eq!((g.held, g.broken.join(" ").as_str()), (1, "links"));
        assert_eq!(g.not_applicable.len(), Law::ALL.len() - 2, "what nobody judged has nothing to hold to");
        assert!(g.line().starts_with(&format!("1 of {} laws; broken: links; ", Law::ALL.len())), "{}", g.line());
    }

    #[test]
    fn another_grade_than_the_one_kept_is_found_and_none_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("grades.json");
        let mut census = Census::default();
        census.count("acme", Law::Names, &verdict(1, 0, &[]));
        let none = keep(&census, &path, true).unwrap();
        assert!(none.contains("no grade is kept yet"), "{none}");
        let mut file = Grades { generated_by: COMMAND.into(), connectors: census.grades() };
        let put = |file: &Grades| fs::write(&path, serde_json::to_string(file).unwrap()).unwrap();
        put(&file);
        assert!(!keep(&census, &path, true).unwrap().contains("kept"));
        file.connectors.get_mut("acme").unwrap().held = 0;
        put(&file);
        let wrong = keep(&census, &path, true).unwrap_err();
        assert!(wrong.contains("mend: cargo xtask contract --grades"), "{wrong}");
        assert_eq!(keep(&census, &path, false), Ok(String::new()), "a part of the trials says nothing of it");
        fs::write(&path, "{").unwrap();
        assert!(keep(&census, &path, true).unwrap_err().contains("mend"));
    }
}
