//! The Jira connector: issues by REST version 3 of Jira Cloud and version 2 of Jira Data Center, events by webhook.
//!
//! What lives here: the connector's definition. What must not: requests (`client`), texts (`text`), custom fields
//! (`fields`), payload shapes ([`model`]).

pub mod actions;
mod auth;
mod budgets;
mod client;
mod comments;
mod errors;
mod fields;
mod hooks;
mod jql;
pub mod model;
mod multipart;
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

use connector_core::{
    Category, ConnectorSpec, ParamSpec, SelectOption,
    param::{DataType, InputType},
};

/// The connector. Vendor's documentation: <https://developer.atlassian.com/cloud/jira/platform/rest/v3/>.
pub const CONNECTOR: ConnectorSpec = ConnectorSpec::new("jira", "Jira")
    .summary("Creates, finds, changes and comments issues in Jira Cloud and Data Center, and receives their events.")
    .pages(
        "https://developer.atlassian.com/cloud/jira/platform/rest/v3/",
        include_str!("../docs.md"),
        include_str!("../icon.svg"),
    )
    .categories(&[Category::Issues])
    .params(PARAMS)
    .app_params(auth::APP)
    .auth(auth::methods)
    .hosts(&["{site}"])
    .budgets(budgets::ALL)
    .actions(actions::ALL)
    .triggers(triggers::ALL)
    .webhook(webhook::webhook)
    .capabilities(&[tracker::CAPABILITY])
    .validator(validate::validate)
    .hooks(hooks::make);

const PARAMS: &[ParamSpec] = &[
    ParamSpec::new("site", "Site")
        .description(
            "The address of your Jira, without the API's path: https://example.atlassian.net. For a scoped API token or \
             an OAuth token: https://api.atlassian.com/ex/jira/CLOUD_ID. Data Center: https://HOST, with the context \
             path if it has one.",
        )
        .url()
        .placeholder("https://example.atlassian.net")
        .example("https://example.atlassian.net"),
    ParamSpec::new("deployment", "Kind of Jira")
        .description("Jira Cloud, or a Jira Data Center (or Server) of your own.")
        .select(&[
            SelectOption { label: "Cloud", value: client::CLOUD },
            SelectOption { label: "Data Center", value: client::DATA_CENTER },
        ])
        .default(client::CLOUD),
    ParamSpec::new("email", "E-mail")
        .description(
            "Cloud: the Atlassian account that the API token belongs to. Leave it empty for an OAuth access token and a \
             service account's token. A Data Center needs none.",
        )
        .optional()
        .pattern("^[^@:\\s]+@[^@:\\s]+$")
        .example("mia@example.com"),
    ParamSpec::secret("api_token", "API token").description(
        "Cloud: make one at https://id.atlassian.com/manage-profile/security/api-tokens; it expires after a year at most. \
         Data Center: a personal access token, from your profile there.",
    ),
    ParamSpec::new("project_key", "Default project")
        .description("The key of the project, such as ENG, that new issues go to when an action is not told another.")
        .optional()
        .pattern("^[A-Za-z][A-Za-z0-9_]*$")
        .example("ENG"),
    ParamSpec::new("custom_fields", "Custom fields")
        .description(
            "Names for custom fields, so that actions take and give them by these: each name with the field's id and, if \
             its values are to be checked and flat, its type.",
        )
        .data(DataType::Json)
        .input(InputType::TextArea)
        .optional()
        .example(
            r#"{"story_points": {"id": "customfield_10016", "type": "number"}, "team": {"id": "customfield_10001", "type": "option"}}"#,
        ),
    ParamSpec::secret("webhook_secret", "Webhook secret")
        .description(
            "The secret that you type into the webhook's form in Jira. Needed only to receive events; choose a long \
             random text.",
        )
        .optional(),
];
