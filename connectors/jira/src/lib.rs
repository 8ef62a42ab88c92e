//! The Jira connector: issues by REST version 3 of Jira Cloud and version 2 of Jira Data Center, events by webhook.
//!
//! What lives here: the connector's definition. What must not: requests (`client`), texts (`text`), custom fields
//! (`fields`), payload shapes ([`model`]).

pub mod actions;
mod auth;
mod budgets;
mod client;
mod comments;
mod describe;
mod errors;
mod fields;
mod hooks;
mod jql;
pub mod model;
mod multipart;
mod params;
mod people;
mod search;
pub(crate) mod text;
mod tracker;
mod transitions;
pub mod triggers;
mod validate;
pub mod webhook;
mod worklog;

pub use search::Expand;
pub use text::Format;
pub use worklog::AdjustEstimate;

use connector_core::{Category, ConnectorSpec};

/// The connector. Vendor's documentation: <https://developer.atlassian.com/cloud/jira/platform/rest/v3/>.
pub const CONNECTOR: ConnectorSpec = ConnectorSpec::new("jira", "Jira")
    .summary("Creates, finds, changes and comments issues in Jira Cloud and Data Center, and receives their events.")
    .pages(
        "https://developer.atlassian.com/cloud/jira/platform/rest/v3/",
        include_str!("../docs.md"),
        include_str!("../icon.svg"),
    )
    .categories(&[Category::Issues])
    .params(params::CONNECTION)
    .fieldsets(params::FIELDSETS)
    .app_params(auth::APP)
    .auth(auth::methods)
    .hosts(&["{site}"])
    .budgets(budgets::ALL)
    .actions(actions::ALL)
    .triggers(triggers::ALL)
    .webhook(webhook::webhook)
    .capabilities(&[tracker::CAPABILITY])
    .validator(validate::validate)
    .describe(describe::describe)
    .hooks(hooks::make);
