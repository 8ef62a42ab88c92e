//! Holds a connector's fixtures against the vendor's own OpenAPI description.
//!
//! The contract suite shows that a connector sends what its fixtures say. Nothing there shows that the vendor takes it: a
//! fixture written from a wrong memory replays perfectly. This task is the second witness. It reads the vendor's description
//! and the fixtures as text, and says for each action whether they agree, where they differ, and what is explained.
//!
//! What lives here: the order of things. Reading a description is in [`description`] and [`mod@route`], judging in [`request`],
//! [`params`] and [`response`], which rest on the schema walk in [`walk`]; [`report`] and [`page`] say what was found.

mod description;
mod digest;
pub(crate) mod explain;
mod finding;
mod fixture;
mod keywords;
pub(crate) mod page;
mod params;
mod report;
mod request;
mod response;
mod route;
mod walk;

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context as _, Result, anyhow, bail, ensure};

use self::{
    description::Description,
    finding::{Class, Finding},
    fixture::{Exchange, Fixture},
    report::{Report, Row},
    route::{Route, Url, route},
};
use crate::model::{Connector, Workspace};

/// What the command line says.
pub(crate) struct Options {
    pub(crate) connector: String,
    pub(crate) openapi: Vec<PathBuf>,
    pub(crate) source: Vec<String>,
    pub(crate) date: Vec<String>,
    pub(crate) action: Option<String>,
    pub(crate) write: bool,
    pub(crate) json: bool,
    pub(crate) verbose: bool,
}

/// Compares, prints, and with `write` writes the table into the connector's page. Fails when something differs that is not
/// explained, or an explanation explains nothing.
///
/// # Errors
/// When there is no such connector or action, or a file cannot be read or written.
pub(crate) fn run(root: &Path, options: &Options) -> Result<ExitCode> {
    let ws = Workspace::read(root)?;
    let connector = ws.get(&options.connector)?;
    let descriptions = read(options)?;
    let report = compare(root, connector, &descriptions, options.action.as_deref())?;
    if options.json {
        println!("{}", serde_json::to_string_pretty(&report.json())?);
    } else {
        print!("{}", report.text(options.verbose));
    }
    if options.write {
        let file = root.join("connectors").join(&connector.folder).join("docs.md");
        let page = fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))?;
        let page = page::with_section(&page, &report).map_err(|e| anyhow!("{}: {e}", file.display()))?;
        fs::write(&file, page).with_context(|| format!("writing {}", file.display()))?;
        eprintln!("wrote the table into {}", file.display());
    }
    Ok(if report.holds() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn read(options: &Options) -> Result<Vec<Description>> {
    let count = options.openapi.len();
    for (name, given) in [("--source", options.source.len()), ("--date", options.date.len())] {
        ensure!(
            given == 0 || given == count,
            "{name} is given {given} times for {count} descriptions; give it once for each --openapi, in the same order, or not at all"
        );
    }
    let mut sources = options.source.iter().cloned();
    let mut dates = options.date.iter().cloned();
    options.openapi.iter().map(|file| Description::read(file, sources.next(), dates.next())).collect()
}

fn compare<'d>(
    root: &Path,
    connector: &Connector,
    descriptions: &'d [Description],
    only: Option<&str>,
) -> Result<Report<'d>> {
    let explanations = explain::read(&root.join("connectors").join(&connector.folder))?;
    let mut used = vec![false; explanations.len()];
    let mut rows = Vec::new();
    for action in connector.actions.iter().filter(|a| only.is_none_or(|o| o == a.stem)) {
        let fixtures = Fixture::of_action(root, connector, &action.stem)?;
        let mut row = row(&action.stem, &fixtures, descriptions);
        row.judge(&explanations, &mut used);
        rows.push(row);
    }
    if let (Some(only), true) = (only, rows.is_empty()) {
        let known: Vec<&str> = connector.actions.iter().map(|a| a.stem.as_str()).collect();
        bail!("there is no action `{only}`; there are: {}", known.join(", "));
    }
    // Of one action alone, only what is said of that action can be told to be unused.
    let stale = explanations.into_iter().zip(used).filter(|(e, used)| !used && only.is_none_or(|o| e.action == o));
    Ok(Report { connector: connector.folder.clone(), descriptions, rows, stale: stale.map(|(e, _)| e).collect() })
}

fn row(action: &str, fixtures: &[Fixture], descriptions: &[Description]) -> Row {
    let mut row = Row::new(action, fixtures.len());
    for fixture in fixtures {
        for (i, exchange) in fixture.exchanges.iter().enumerate() {
            row.exchanges += 1;
            let found = held(&mut row, fixture, i, exchange, descriptions);
            row.add(&fixture.name, i, found);
        }
    }
    row
}

/// Everything that is found in one exchange.
fn held(
    row: &mut Row,
    fixture: &Fixture,
    index: usize,
    exchange: &Exchange,
    descriptions: &[Description],
) -> Vec<Finding> {
    let given = fixture.was_given(index);
    let nowhere = |address: &str| {
        let (class, text) = if given {
            (Class::Elsewhere, "an earlier answer gave this address")
        } else {
            (Class::Undescribed, "the description has no such path")
        };
        vec![Finding::new(class, format!("{} {address}: {text}", exchange.method))]
    };
    let Some(url) = Url::parse(&exchange.url) else { return nowhere(&exchange.url) };
    let bases: Vec<Url<'_>> = fixture.bases.iter().filter_map(|b| Url::parse(b)).collect();
    match route(descriptions, &exchange.method, &url, &bases) {
        Route::Found { operation, path, served_at } => {
            row.called(&operation);
            let mut found = request::check(&operation, &path, &url, exchange);
            if let Some(at) = served_at.filter(|_| !given) {
                let text =
                    format!("{} {}: is sent to {}; it is served at {at}", operation.method, operation.path, url.host);
                found.push(Finding::new(Class::Differs, text));
            }
            if operation.description.is_bare {
                let text = "the description has no bodies; path, method and parameters alone are compared";
                found.push(Finding::new(Class::Unchecked, text));
            } else {
                found.extend(response::check(&operation, fixture, index));
            }
            found
        }
        Route::Method { path, described } => {
            let methods = finding::listed(described.iter().map(|o| o.method), 8);
            let text = format!("{} {path}: the description has this path with {methods}", exchange.method);
            let mut found = vec![Finding::new(Class::Differs, text)];
            // With one method there is no doubt about what is answered.
            if let [only] = described.as_slice() {
                row.called(only);
                found.extend(response::check(only, fixture, index));
            }
            found
        }
        Route::Nowhere => nowhere(&format!("{}{}", url.host, url.path)),
    }
}

#[cfg(test)]
mod tests;
