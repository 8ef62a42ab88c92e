//! The contract suite: every law over every connector.
//!
//! What lives here: how checks are named, run and counted. What must not: any law; those are in `laws`, a file a
//! family. Trials are called `<connector>::<what>::<law>[::<case>]`, so that a filter picks one connector, one action or
//! one law. Nothing is skipped: a law that has nothing to hold to is counted as not applicable.

mod bench;
mod census;
mod grade;
mod law;
mod laws;
mod page;
mod schema_walk;
mod stage;

use std::{
    path::Path,
    process::ExitCode,
    sync::{Arc, Mutex, PoisonError},
};

use connector_core::{ConnectorSpec, Transport};
use libtest_mimic::{Arguments, Failed, FormatSetting, Trial};

pub(crate) use bench::Bench;
use census::Census;
pub use law::Law;

/// Makes a transport that may reach these internal networks (in its allow-list's form) beside what is open to all. The kit
/// knows none itself: the suite is judged through the one that the gateway uses.
pub type TransportFactory = fn(&[String]) -> connector_core::Result<Arc<dyn Transport>>;

/// A connector to judge.
#[derive(Clone, Copy)]
pub struct Subject {
    /// Its definition.
    pub spec: &'static ConnectorSpec,
    /// Its crate's folder, where `fixtures/` is.
    pub dir: &'static str,
}

/// Everything that a run of the suite is about.
#[derive(Clone, Copy)]
pub struct Suite {
    /// The connectors, in order of id.
    pub subjects: &'static [Subject],
    /// Makes the transports for calls to the hostile fakes.
    pub transport: TransportFactory,
    /// The file with the connectors' grades.
    pub grades: &'static str,
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
    laws::params::checks(bench, &mut checks);
    laws::auth::checks(bench, &mut checks);
    laws::budgets::checks(bench, &mut checks);
    laws::schemas::checks(bench, &mut checks);
    laws::actions::checks(bench, &mut checks);
    laws::faults::checks(bench, &mut checks);
    laws::hostile::checks(bench, &mut checks);
    laws::triggers::checks(bench, &mut checks);
    laws::forgery::checks(bench, &mut checks);
    laws::published::checks(bench, &mut checks);
    laws::secrets::checks(bench, &mut checks);
    laws::fixtures::checks(bench, &mut checks);
    checks.list
}

/// Judges one connector by every law that needs no socket; empty when it keeps them all.
pub fn check(spec: &ConnectorSpec, dir: &Path) -> Vec<Violation> {
    judged(&Bench::new(spec, dir, None), |_| true)
}

/// Judges one connector at a hostile fake of its service, over a real socket and this transport, by the laws that need one.
pub fn check_at_the_wire(spec: &ConnectorSpec, dir: &Path, transport: TransportFactory) -> Vec<Violation> {
    judged(&Bench::new(spec, dir, Some(transport)), Law::needs_a_wire)
}

fn judged(bench: &Bench, of: impl Fn(Law) -> bool) -> Vec<Violation> {
    checks_of(bench)
        .into_iter()
        .filter(|c| of(c.law))
        .flat_map(|c| {
            let (law, subject) = (c.law, c.name);
            (c.run)(bench).faults.into_iter().map(move |detail| Violation { law, subject: subject.clone(), detail })
        })
        .collect()
}

/// Judges every subject as a test binary does: usual arguments, a filter, `--list`; a census and the grades at the end.
///
/// A run of everything is held against the file with the grades. With the environment variable
/// `JACKFIELD_CONTRACT_GRADES=write` it writes that file instead. With `JACKFIELD_CONTRACT_PARAMS=write` it judges nothing, and
/// writes the tables of params on the connectors' pages.
pub fn main(suite: &Suite) -> ExitCode {
    let args = Arguments::from_args();
    if suite.subjects.is_empty() {
        say("the contract suite has no connector to judge: build it with at least one connector's Cargo feature");
        return ExitCode::FAILURE;
    }
    if page::asked() {
        return match page::write(suite.subjects) {
            Ok(text) => {
                say(&text);
                ExitCode::SUCCESS
            }
            Err(text) => {
                say(&text);
                ExitCode::FAILURE
            }
        };
    }
    let census = Arc::new(Mutex::new(Census::default()));
    let mut trials = Vec::new();
    for s in suite.subjects {
        let bench = Arc::new(Bench::new(s.spec, Path::new(s.dir), Some(suite.transport)));
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
    if args.list || args.format == Some(FormatSetting::Json) {
        return conclusion.exit_code();
    }
    let census = census.lock().unwrap_or_else(PoisonError::into_inner);
    say(&census.table());
    let whole = conclusion.num_filtered_out == 0 && conclusion.num_ignored == 0;
    match grade::keep(&census, Path::new(suite.grades), whole) {
        Ok(text) => {
            say(&text);
            conclusion.exit_code()
        }
        Err(text) => {
            say(&text);
            ExitCode::FAILURE
        }
    }
}

#[allow(clippy::print_stdout, reason = "this is a test binary's own output")]
fn say(text: &str) {
    if !text.is_empty() {
        println!("{text}");
    }
}
