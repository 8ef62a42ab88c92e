//! The contract suite: every law over every connector.
//!
//! What lives here: how checks are named, run and counted. What must not: any law; those are in `laws`, a file a
//! family. Trials are called `<connector>::<what>::<law>[::<case>]`, so that a filter picks one connector, one action or
//! one law. Nothing is skipped: a law that has nothing to hold to is counted as not applicable.

mod bench;
mod law;
mod laws;
mod schema_walk;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    process::ExitCode,
    sync::{Arc, Mutex, PoisonError},
};

use connector_core::ConnectorSpec;
use libtest_mimic::{Arguments, Failed, FormatSetting, Trial};

pub(crate) use bench::Bench;
pub use law::Law;

/// A connector to judge.
#[derive(Clone, Copy)]
pub struct Subject {
    /// Its definition.
    pub spec: &'static ConnectorSpec,
    /// Its crate's folder, where `fixtures/` is.
    pub dir: &'static str,
}

/// A law that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Which.
    pub law: Law,
    /// Of what: the trial's name.
    pub subject: String,
    /// Where and how, and what would mend it.
    pub detail: String,
}

impl std::fmt::Display for Violation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} [{}]: {}", self.subject, self.law, self.detail)
    }
}

/// What one check found.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    faults: Vec<String>,
    checked: usize,
    not_applicable: usize,
}

impl Verdict {
    /// Counts one thing that was looked at, with its fault if it has one.
    pub(crate) fn check(&mut self, fault: Option<String>) {
        self.checked += 1;
        self.faults.extend(fault);
    }

    /// Counts one thing that was looked at: `ok`, or the fault.
    pub(crate) fn require(&mut self, ok: bool, fault: impl FnOnce() -> String) {
        self.check((!ok).then(fault));
    }

    /// Counts one thing that this connector has no place for.
    pub(crate) fn not_applicable(&mut self) {
        self.not_applicable += 1;
    }
}

type Run = Box<dyn FnOnce(&Bench) -> Verdict + Send>;

/// One law over one thing.
pub(crate) struct Check {
    law: Law,
    name: String,
    run: Run,
}

/// The checks of one connector, as they are put together.
pub(crate) struct Checks {
    connector: String,
    list: Vec<Check>,
}

impl Checks {
    /// Adds a check: `what` is such as `actions::post`, `case` a fixture's.
    pub(crate) fn add(
        &mut self,
        law: Law,
        what: &str,
        case: Option<&str>,
        run: impl FnOnce(&Bench, &mut Verdict) + Send + 'static,
    ) {
        let case = case.map_or_else(String::new, |c| format!("::{c}"));
        self.list.push(Check {
            law,
            name: format!("{}::{what}::{}{case}", self.connector, law.slug()),
            run: Box::new(move |bench| {
                let mut verdict = Verdict::default();
                run(bench, &mut verdict);
                verdict
            }),
        });
    }
}

fn checks_of(bench: &Bench) -> Vec<Check> {
    let mut checks = Checks { connector: bench.connector.id().to_owned(), list: Vec::new() };
    laws::spec::checks(bench, &mut checks);
    laws::budgets::checks(bench, &mut checks);
    laws::schemas::checks(bench, &mut checks);
    laws::actions::checks(bench, &mut checks);
    laws::faults::checks(bench, &mut checks);
    laws::triggers::checks(bench, &mut checks);
    laws::forgery::checks(bench, &mut checks);
    laws::published::checks(bench, &mut checks);
    laws::secrets::checks(bench, &mut checks);
    laws::fixtures::checks(bench, &mut checks);
    checks.list
}

/// Judges one connector by every law; empty when it keeps them all.
pub fn check(spec: &ConnectorSpec, dir: &Path) -> Vec<Violation> {
    let bench = Bench::new(spec, dir);
    checks_of(&bench)
        .into_iter()
        .flat_map(|c| {
            let (law, subject) = (c.law, c.name);
            (c.run)(&bench).faults.into_iter().map(move |detail| Violation { law, subject: subject.clone(), detail })
        })
        .collect()
}

/// Judges every subject as a test binary does: usual arguments, a filter, `--list`; a census at the end.
pub fn main(subjects: &[Subject]) -> ExitCode {
    let args = Arguments::from_args();
    if subjects.is_empty() {
        say("the contract suite has no connector to judge: build it with at least one connector's Cargo feature");
        return ExitCode::FAILURE;
    }
    let census = Arc::new(Mutex::new(Census::default()));
    let mut trials = Vec::new();
    for s in subjects {
        let bench = Arc::new(Bench::new(s.spec, Path::new(s.dir)));
        census.lock().unwrap_or_else(PoisonError::into_inner).enter(&bench);
        for c in checks_of(&bench) {
            let (bench, census) = (bench.clone(), census.clone());
            trials.push(Trial::test(c.name.clone(), move || {
                let verdict = (c.run)(&bench);
                census.lock().unwrap_or_else(PoisonError::into_inner).count(bench.connector.id(), c.law, &verdict);
                if verdict.faults.is_empty() {
                    return Ok(());
                }
                Err(Failed::from(format!("{}\n  - {}", c.law.sentence(), verdict.faults.join("\n  - "))))
            }));
        }
    }
    let must_match = std::env::var_os("JACKFIELD_CONTRACT_FILTER_MUST_MATCH").is_some();
    let conclusion = libtest_mimic::run(&args, trials);
    if must_match && !args.list && conclusion.num_passed + conclusion.num_failed == 0 {
        say("no trial has that in its name, so nothing was judged; `-- --list` shows the names");
        return ExitCode::FAILURE;
    }
    if !args.list && args.format != Some(FormatSetting::Json) {
        say(&census.lock().unwrap_or_else(PoisonError::into_inner).table());
    }
    conclusion.exit_code()
}

#[allow(clippy::print_stdout, reason = "this is a test binary's own output")]
fn say(text: &str) {
    println!("{text}");
}

/// What was judged, for the table at the end.
#[derive(Default)]
struct Census {
    rows: BTreeMap<String, Row>,
}

#[derive(Default)]
struct Row {
    actions: usize,
    triggers: usize,
    fixtures: usize,
    laws: BTreeSet<Law>,
    checked: usize,
    not_applicable: usize,
    broken: BTreeSet<Law>,
    origins: BTreeMap<String, usize>,
}

impl Census {
    fn enter(&mut self, bench: &Bench) {
        let mut row = Row {
            actions: bench.connector.actions().len(),
            triggers: bench.connector.triggers().len(),
            fixtures: bench.fixtures.len(),
            ..Row::default()
        };
        for (_, origin) in bench.fixtures.origins() {
            *row.origins.entry(origin.map_or_else(|| "none".into(), |o| o.kind.clone())).or_default() += 1;
        }
        self.rows.insert(bench.connector.id().to_owned(), row);
    }

    fn count(&mut self, connector: &str, law: Law, verdict: &Verdict) {
        let row = self.rows.entry(connector.to_owned()).or_default();
        row.laws.insert(law);
        row.checked += verdict.checked;
        row.not_applicable += verdict.not_applicable;
        if !verdict.faults.is_empty() {
            row.broken.insert(law);
        }
    }

    fn table(&self) -> String {
        let mut lines = vec![
            ["connector", "actions", "triggers", "fixtures", "laws", "checks", "n/a", "broken", "origins"]
                .map(str::to_owned),
        ];
        for (id, r) in &self.rows {
            let origins: Vec<String> = r.origins.iter().map(|(k, n)| format!("{n} {k}")).collect();
            lines.push([
                id.clone(),
                r.actions.to_string(),
                r.triggers.to_string(),
                r.fixtures.to_string(),
                format!("{}/{}", r.laws.len(), Law::ALL.len()),
                r.checked.to_string(),
                r.not_applicable.to_string(),
                r.broken.len().to_string(),
                origins.join(", "),
            ]);
        }
        let mut widths = [0usize; 9];
        for line in &lines {
            for (w, cell) in widths.iter_mut().zip(line) {
                *w = (*w).max(cell.len());
            }
        }
        let row = |line: &[String; 9]| {
            let cells: Vec<String> = line.iter().zip(widths).map(|(c, w)| format!("{c:<w$}")).collect();
            cells.join("  ").trim_end().to_owned()
        };
        lines.iter().map(row).collect::<Vec<_>>().join("\n") + "\n"
    }
}
