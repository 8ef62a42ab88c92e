//! The gateway in one binary: `jackfield serve`, and every task of the server from the command line.
//!
//! What lives here: arguments, configuration, output, the demonstration. What must not: what the gateway does, which is
//! the engine's and the server's; commands are requests to the same REST API, over the wire while a gateway runs and in
//! this process while none does.

mod args;
mod backend;
mod commands;
mod config;
mod demo;
mod demo_fixtures;
mod harden;
mod keys;
mod metrics;
mod output;
mod prompt;
mod references;
mod serve;
mod state;
mod vault;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    // Before a secret is read.
    let hardened = harden::no_core_dumps();
    let cli = args::Cli::parse();
    let json = cli.global.json;
    if let Err(e) = hardened {
        return output::fail(&e, json);
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(r) => r,
        Err(e) => return output::fail(&anyhow::Error::new(e).context("cannot start the runtime"), json),
    };
    match runtime.block_on(commands::run(cli)) {
        Ok(code) => code,
        Err(e) => output::fail(&e, json),
    }
}
