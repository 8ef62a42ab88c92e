//! Slack: the connector's definition, nothing else.
//!
//! Requests and errors are in `client` and `errors`, what Slack sends in [`webhook`], one action or trigger a file in
//! [`actions`] and [`triggers`].

pub mod actions;
mod auth;
mod budgets;
mod chat;
mod client;
mod content;
mod errors;
pub mod events;
pub mod objects;
mod params;
#[cfg(test)]
mod tests;
pub mod triggers;
pub mod webhook;

use connector_core::{Category, ConnectorSpec};

/// The connector.
pub const CONNECTOR: ConnectorSpec = ConnectorSpec::new("slack", "Slack")
    .summary(
        "Post, read and react in Slack channels, upload files, and receive events, slash commands and button clicks.",
    )
    .pages("https://docs.slack.dev/", include_str!("../docs.md"), include_str!("../icon.svg"))
    .categories(&[Category::Chat])
    .params(params::CONNECTION)
    .app_params(params::APP)
    .auth(auth::methods)
    .hosts(&["{base_url}", "hooks.slack.com", "hooks.slack-gov.com"])
    .budgets(budgets::ALL)
    .actions(actions::ALL)
    .triggers(triggers::ALL)
    .capabilities(&[chat::CAPABILITY])
    .webhook(webhook::webhook)
    .validator(client::validate);
