//! The GitHub connector: github.com, GHE.com and GitHub Enterprise Server, by REST and webhooks.
//!
//! What lives here: the connector's definition. What must not: requests (`client` and the actions), shapes of answers and payloads
//! ([`model`]), the families' words (`forge`, `tracker`).

pub mod actions;
mod auth;
mod budgets;
mod client;
mod family;
mod files;
mod forge;
mod hooks;
mod issues;
pub mod model;
pub mod reviewers;
mod search;
mod tracker;
pub mod triggers;
pub mod webhook;

use connector_core::{CapabilityDef, CapabilityKind, CapabilitySpec, Category, ConnectorSpec, ParamSpec};

/// The connector. Vendor's documentation: <https://docs.github.com/rest>.
pub const CONNECTOR: ConnectorSpec = ConnectorSpec::new("github", "GitHub")
    .summary("Works with GitHub's issues, pull requests, files, builds and releases, and receives the events of repositories, organizations and apps.")
    .pages("https://docs.github.com/rest", include_str!("../docs.md"), include_str!("../icon.svg"))
    .categories(&[Category::Code, Category::Issues])
    .params(PARAMS)
    .app_params(auth::APP)
    .auth(auth::methods)
    .hosts(&["{base_url}"])
    .budgets(budgets::ALL)
    .actions(actions::ALL)
    .triggers(triggers::ALL)
    .capabilities(CAPABILITIES)
    .webhook(webhook::webhook)
    .validator(client::validate)
    .hooks(hooks::make);

const CAPABILITIES: &[CapabilityDef] = &[
    CapabilityDef::new(CapabilitySpec { kind: CapabilityKind::Forge, actions: forge::ACTIONS }, forge::make),
    CapabilityDef::new(CapabilitySpec { kind: CapabilityKind::IssueTracker, actions: tracker::ACTIONS }, tracker::make),
];

const PARAMS: &[ParamSpec] = &[
    ParamSpec::new("base_url", "API address")
        .description(
            "Where the REST API is. github.com: leave it. GitHub Enterprise Server: https://HOST/api/v3. GHE.com: \
             https://api.SUBDOMAIN.ghe.com.",
        )
        .url()
        .default("https://api.github.com")
        .example("https://api.github.com"),
    ParamSpec::secret("token", "Token")
        .description(
            "A fine-grained or classic personal access token, or a token of a GitHub App. Make one under Settings → \
             Developer settings → Personal access tokens.",
        )
        .placeholder("github_pat_…"),
    ParamSpec::secret("webhook_secret", "Webhook secret")
        .description(
            "The secret that you type into the webhook's form on GitHub, or that create_webhook gives it. Needed only to \
             receive events; choose a long random text.",
        )
        .optional(),
    ParamSpec::new("installation_id", "Installation id")
        .description(
            "The id of a GitHub App's installation (the number at the end of its settings address). Deliveries that come to \
             the app's one address find this connection by it.",
        )
        .optional()
        .pattern("^[0-9]{1,20}$")
        .example("5"),
    ParamSpec::new("owner", "Default owner")
        .description("The user or organization whose repositories actions use when they are not told another.")
        .optional()
        .pattern("^[A-Za-z0-9_.-]+$")
        .example("octocat"),
    ParamSpec::new("repo", "Default repository")
        .description("The repository, without its owner, that actions use when they are not told another.")
        .optional()
        .pattern("^[A-Za-z0-9_.-]+$")
        .example("Hello-World"),
];
