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
mod metrics;
mod output;
mod prompt;
mod references;
mod serve;
mod state;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    let cli = args::Cli::parse();
    let json = cli.global.json;
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(r) => r,
        Err(e) => return output::fail(&anyhow::Error::new(e).context("cannot start the runtime"), json),
    };
    match runtime.block_on(commands::run(cli)) {
        Ok(code) => code,
        Err(e) => output::fail(&e, json),
    }
}
