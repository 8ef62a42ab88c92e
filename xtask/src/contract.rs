//! Runs the contract suite, of one connector alone or of all.

use std::{path::Path, process::ExitCode};

use anyhow::{Context as _, Result, bail};

use crate::{cargo, grades, model::Workspace};

/// Runs the suite and passes its exit code on; with `write` it writes the grades, and what is generated from them.
///
/// # Errors
/// When there is no such connector, or cargo cannot be started.
pub(crate) fn run(root: &Path, id: Option<&str>, write: bool, filter: &[String]) -> Result<ExitCode> {
    // The suite's own options follow the connector's name, and these are none of them.
    if let Some(ours) = filter.iter().find(|f| matches!(f.as_str(), "--grades" | "--params")) {
        bail!("`{ours}` stands before the connector's name: cargo xtask contract {ours} [id]");
    }
    let ws = Workspace::read(root)?;
    if let Some(id) = id {
        ws.get(id)?;
    }
    // A file that the generated lists do not name yet would not be judged, in silence.
    let changed = crate::generate::run(root, true)?.changed;
    if let Some(first) = changed.first() {
        bail!(
            "{} and {} more are not what the tree says\nmend: cargo xtask codegen",
            first.display(),
            changed.len() - 1
        );
    }
    let mut suite = cargo(root);
    // Nothing matched is nothing judged.
    suite.args(arguments(id, filter)).env("JACKFIELD_CONTRACT_FILTER_MUST_MATCH", "1");
    if write {
        grades::keep_only(root, &|id| ws.get(id).is_ok())?;
        suite.env("JACKFIELD_CONTRACT_GRADES", "write");
    }
    let status = suite.status().context("starting cargo")?;
    if write {
        crate::generate::report(&crate::generate::run(root, false)?, false)?;
    }
    Ok(code(status))
}

/// Has the suite write the tables of params on the connectors' pages, since only what is compiled knows the params.
///
/// # Errors
/// When there is no such connector, or cargo cannot be started.
pub(crate) fn tables(root: &Path, id: Option<&str>) -> Result<ExitCode> {
    if let Some(id) = id {
        Workspace::read(root)?.get(id)?;
    }
    let mut suite = cargo(root);
    suite.args(arguments(id, &[])).env("JACKFIELD_CONTRACT_PARAMS", "write");
    Ok(code(suite.status().context("starting cargo")?))
}

/// A process that a signal ended has no code.
fn code(status: std::process::ExitStatus) -> ExitCode {
    ExitCode::from(status.code().and_then(|c| u8::try_from(c).ok()).unwrap_or(1))
}

fn arguments(id: Option<&str>, filter: &[String]) -> Vec<String> {
    let mut all: Vec<String> = ["test", "-p", "contract-suite"].map(str::to_owned).into();
    if let Some(id) = id {
        all.extend(["--no-default-features", "--features", id].map(str::to_owned));
    }
    all.extend(["--test", "contract", "--"].map(str::to_owned));
    all.extend(filter.iter().cloned());
    all
}

#[cfg(test)]
mod tests {
    use super::arguments;

    #[test]
    fn one_connector_is_compiled_alone() {
        assert_eq!(
            arguments(Some("slack"), &["webhook".into()]).join(" "),
            "test -p contract-suite --no-default-features --features slack --test contract -- webhook"
        );
        assert_eq!(arguments(None, &[]).join(" "), "test -p contract-suite --test contract --");
    }
}
