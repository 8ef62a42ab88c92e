//! What crosses crates: the binary, really run, spoken to over the wire.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    unreachable_pub,
    missing_docs
)]

mod browser;
mod cli;
mod connect;
mod effects;
mod flows;
mod gateway;
mod health;
mod ingest;
mod inputs;
mod kill;
mod observed;
mod pages;
mod params;
mod people;
mod rest;
mod secrets;
mod tokens;
mod vault;
