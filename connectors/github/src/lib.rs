//! The GitHub connector: github.com, GHE.com and GitHub Enterprise Server, by REST and webhooks.
//!
//! What lives here: the connector's definition. What must not: requests (`client` and the actions), shapes of answers and payloads
//! ([`model`]), the families' words (`forge`, `tracker`).

pub mod actions;
mod auth;
mod budgets;
mod client;
mod describe;
mod family;
mod files;
mod forge;
mod hooks;
mod issues;
pub mod model;
mod params;
pub mod reviewers;
mod search;
mod tracker;
pub mod triggers;
pub mod webhook;

use connector_core::{CapabilityDef, CapabilityKind, CapabilitySpec, Category, ConnectorSpec};

/// The connector. Vendor's documentation: <https://docs.github.com/rest>.
pub const CONNECTOR: ConnectorSpec = ConnectorSpec::new("github", "GitHub")
    .summary("Works with GitHub's issues, pull requests, files, builds and releases, and receives the events of repositories, organizations and apps.")
    .pages("https://docs.github.com/rest", include_str!("../docs.md"), include_str!("../icon.svg"))
    .categories(&[Category::Code, Category::Issues])
    .params(params::CONNECTION)
    .fieldsets(params::FIELDSETS)
    .app_params(auth::APP)
    .auth(auth::methods)
    .hosts(&["{base_url}"])
    .budgets(budgets::ALL)
    .actions(actions::ALL)
    .triggers(triggers::ALL)
    .capabilities(CAPABILITIES)
    .webhook(webhook::webhook)
    .validator(client::validate)
    .describe(describe::describe)
    .hooks(hooks::make);

const CAPABILITIES: &[CapabilityDef] = &[
    CapabilityDef::new(CapabilitySpec { kind: CapabilityKind::Forge, actions: forge::ACTIONS }, forge::make),
    CapabilityDef::new(CapabilitySpec { kind: CapabilityKind::IssueTracker, actions: tracker::ACTIONS }, tracker::make),
];
