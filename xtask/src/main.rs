//! The workspace's own tasks. Text in, text out: nothing here depends on the workspace's other crates, so that
//! `cargo xtask codegen` is quick and works while they do not compile.
#![allow(clippy::print_stdout, reason = "a command line tool prints")]

mod agree;
mod arch;
mod capture;
mod catalog;
mod contract;
mod encoding;
mod generate;
mod grades;
mod layout;
mod model;
mod rules;
mod scaffold;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod testing;
mod text;

use std::{
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use anyhow::Result;
use clap::{Parser, Subcommand};

/// The workspace's own tasks.
#[derive(Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    after_help = "Examples:
  cargo xtask codegen                            write what is generated from the connectors' files
  cargo xtask codegen --check                    say what differs, write nothing
  cargo xtask new-connector acme --name Acme     a complete connector, green at once
  cargo xtask new-action acme create_item        one action with its fixtures
  cargo xtask new-trigger acme item_deleted      one webhook trigger with its fixture
  cargo xtask contract acme                      the contract suite of one connector alone
  cargo xtask contract --grades                  the whole suite, and which laws hold written down
  cargo xtask capture acme --delivery 0199…      a received request as a fixture
  cargo xtask agree acme --openapi acme.json     its fixtures against the vendor's OpenAPI description
  cargo xtask arch                               the architecture's arrows and invariants"
)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Write the connectors' lists, the facade, the contract suite's entries and the catalog.
    Codegen {
        /// Write nothing; fail when a file differs, naming it.
        #[arg(long)]
        check: bool,
    },
    /// Write a new connector that compiles and passes the contract suite at once.
    #[command(after_help = "Example:\n  cargo xtask new-connector acme_crm --name \"Acme CRM\"")]
    NewConnector {
        /// Its id, lower_snake_case; never changes.
        id: String,
        /// The service's own name; made from the id unless given.
        #[arg(long)]
        name: Option<String>,
    },
    /// Add an action to a connector, with its fixtures.
    NewAction {
        /// The connector's id.
        connector: String,
        /// The action's name, lower_snake_case, such as `create_item`.
        name: String,
    },
    /// Add a webhook trigger to a connector, with its fixture.
    NewTrigger {
        /// The connector's id.
        connector: String,
        /// The trigger's name, lower_snake_case, such as `item_deleted`.
        name: String,
    },
    /// Run the contract suite, of one connector alone or of all.
    #[command(after_help = "Examples:
  cargo xtask contract
  cargo xtask contract slack
  cargo xtask contract slack webhook
  cargo xtask contract --grades         and keep what they are graded in crates/connectors/grades.json
  cargo xtask contract --params         write the tables of params on the connectors' pages, and judge nothing")]
    Contract {
        /// Write the grades, which are of all trials, and what is generated from them.
        #[arg(long, conflicts_with = "filter")]
        grades: bool,
        /// Write the tables of params on the connectors' pages, and judge nothing.
        #[arg(long, conflicts_with_all = ["grades", "filter"])]
        params: bool,
        /// The connector's id; all connectors unless given.
        id: Option<String>,
        /// Only trials whose name holds this; other options of the suite may follow too.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        filter: Vec<String>,
    },
    /// Turn a request that the gateway received into a webhook fixture, secrets removed.
    #[command(after_help = "Examples:
  cargo xtask capture github --delivery 0199b1c2-…
  jackfield deliveries show 0199b1c2-… --json | cargo xtask capture github --case by_bot
  cargo xtask capture github --from delivery.json --event issues.opened --force")]
    Capture {
        /// The connector's id.
        connector: String,
        /// The event type; what the gateway made of the delivery unless given.
        #[arg(long)]
        event: Option<String>,
        /// The case that the file's name ends with, such as `by_bot`.
        #[arg(long)]
        case: Option<String>,
        /// A file with what `jackfield deliveries show <id> --json` prints; `-` is standard input.
        #[arg(long, conflicts_with = "delivery")]
        from: Option<String>,
        /// A delivery's id, to be asked from the gateway's own command line.
        #[arg(long)]
        delivery: Option<String>,
        /// Where it comes from, as the fixture's origin says it.
        #[arg(long)]
        origin_source: Option<String>,
        /// Replace a fixture that is there.
        #[arg(long)]
        force: bool,
    },
    /// Hold a connector's fixtures against the vendor's OpenAPI description (2.0, 3.0 or 3.1, in JSON).
    #[command(
        after_help = "Every request and answer of fixtures/actions is compared. What is sent and described nowhere, or is of
another type, differs; what an answer merely lacks or adds is counted. A difference that is right is explained in
connectors/<id>/agreement.json, a list of {\"action\", \"what\" (a part of the finding's text), \"why\"}. It fails when
anything differs, or is not described, without an explanation, and when an explanation explains nothing.

Examples:
  cargo xtask agree slack --openapi slack_web_openapi_v2.json
  cargo xtask agree jira --openapi platform.json --openapi software.json --action create_issue --verbose
  cargo xtask agree github --openapi api.github.com.json --json
  cargo xtask agree github --openapi api.github.com.json --source 'npm @octokit/openapi 23.0.2' --date 2026-11-02 --write"
    )]
    Agree {
        /// The connector's id.
        connector: String,
        /// A description; several are tried in this order.
        #[arg(long, value_name = "FILE", required = true)]
        openapi: Vec<PathBuf>,
        /// Where the description is from, for the page; once for each `--openapi`.
        #[arg(long, value_name = "TEXT")]
        source: Vec<String>,
        /// The description's own date, for the page; once for each `--openapi`.
        #[arg(long, value_name = "YYYY-MM-DD")]
        date: Vec<String>,
        /// Compare this action alone.
        #[arg(long, value_name = "NAME", conflicts_with = "write")]
        action: Option<String>,
        /// Write the table into the connector's docs.md, too.
        #[arg(long)]
        write: bool,
        /// Print JSON.
        #[arg(long)]
        json: bool,
        /// Print what is explained or merely counted, too, and every place of it.
        #[arg(long, short, conflicts_with = "json")]
        verbose: bool,
    },
    /// Check the arrows between crates and the invariants of the architecture.
    Arch,
}

fn main() -> ExitCode {
    match run(Cli::parse(), &root()) {
        Ok(code) => code,
        Err(e) => {
            eprintln!("error: {e:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli, root: &Path) -> Result<ExitCode> {
    match cli.task {
        Task::Codegen { check } => generate::report(&generate::run(root, check)?, check)?,
        Task::NewConnector { id, name } => scaffold::connector(root, &id, name.as_deref())?,
        Task::NewAction { connector, name } => scaffold::action(root, &connector, &name)?,
        Task::NewTrigger { connector, name } => scaffold::trigger(root, &connector, &name)?,
        Task::Contract { id, params: true, .. } => return contract::tables(root, id.as_deref()),
        Task::Contract { id, grades, filter, .. } => return contract::run(root, id.as_deref(), grades, &filter),
        Task::Capture { connector, event, case, from, delivery, origin_source, force } => {
            capture::run(root, &capture::Options { connector, event, case, from, delivery, origin_source, force })?;
        }
        Task::Agree { connector, openapi, source, date, action, write, json, verbose } => {
            let options = agree::Options { connector, openapi, source, date, action, write, json, verbose };
            return agree::run(root, &options);
        }
        Task::Arch => arch::run(root)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The workspace's root: the folder above this package.
fn root() -> PathBuf {
    // Cargo tells at run time, so that a copied tree works on itself; a binary run by hand knows where it was built.
    let package = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    let package = PathBuf::from(package);
    package.parent().map_or(package.clone(), Path::to_path_buf)
}

/// The cargo that runs this task, in the workspace's root.
fn cargo(root: &Path) -> Command {
    let mut c = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    c.current_dir(root);
    // What cargo told this task about its own package would look like a changed environment to build scripts, and
    // everything that has one would be built again.
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") || text == "CARGO_PRIMARY_PACKAGE" {
            c.env_remove(&name);
        }
    }
    c
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_sound() {
        super::Cli::command().debug_assert();
    }
}
