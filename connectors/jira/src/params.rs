//! Settings of a connection, as forms ask for them. Those of an app are in `auth`.

use connector_core::{
    Fieldset, ParamSpec, SelectOption,
    param::{Mistaken, TokenShape},
};

use crate::client;

/// How forms group the settings.
pub(crate) const FIELDSETS: &[Fieldset] = &[
    Fieldset { id: "account", title: "Account", description: "Which Jira, and who acts there." },
    Fieldset { id: "defaults", title: "Defaults", description: "What actions use when they are not told another." },
    Fieldset { id: "events", title: "Events", description: "How it is known that what comes in is Jira's." },
];

/// Jira's tokens have had several forms, so that only what is surely none is refused.
const TOKEN: TokenShape = TokenShape {
    prefixes: &[],
    mistaken: &[Mistaken { prefix: "https://", words: "is an address; give the token that was made there" }],
};

/// Settings of a connection: one site.
pub(crate) const CONNECTION: &[ParamSpec] = &[
    ParamSpec::new("site", "Site")
        .description(
            "The address of your Jira, without the API's path: https://example.atlassian.net. For a scoped API token or \
             an OAuth token: https://api.atlassian.com/ex/jira/CLOUD_ID. Data Center: https://HOST, with the context \
             path if it has one.",
        )
        .url()
        .placeholder("https://example.atlassian.net")
        .example("https://example.atlassian.net")
        .anti_example("example.atlassian.net", "It lacks https://.")
        .fieldset("account"),
    ParamSpec::new("deployment", "Kind of Jira")
        .description("Jira Cloud, or a Jira Data Center (or Server) of your own.")
        .select(&[
            SelectOption { label: "Cloud", value: client::CLOUD },
            SelectOption { label: "Data Center", value: client::DATA_CENTER },
        ])
        .default(client::CLOUD)
        .fieldset("account"),
    ParamSpec::new("email", "E-mail")
        .description(
            "The Atlassian account that the API token belongs to. Leave it empty for an OAuth access token and a service \
             account's token.",
        )
        .optional()
        .email()
        .placeholder("mia@example.com")
        .example("mia@example.com")
        .anti_example("Mia Krystof", "It is a name; the account is known by its e-mail address.")
        .visible_if("deployment", &[client::CLOUD])
        .fieldset("account"),
    ParamSpec::secret("api_token", "API token")
        .description(
            "Cloud: make one at https://id.atlassian.com/manage-profile/security/api-tokens; it expires after a year at \
             most. Data Center: a personal access token, from your profile there.",
        )
        .token(TOKEN)
        .anti_example("Bearer abc", "The token alone is wanted, without the word before it.")
        .fieldset("account"),
    ParamSpec::new("project_key", "Default project")
        .description("The key of the project, such as ENG, that new issues go to when an action is not told another.")
        .optional()
        .placeholder("ENG")
        // Keys are made of capitals, and Jira shows them so; people type them as they like.
        .upper()
        .pattern("^[A-Za-z][A-Za-z0-9_]*$")
        .pattern_hint("the key of a project: the letters and digits before the number of an issue")
        .example("ENG")
        .anti_example("Engineering team", "It is the project's name; the key is what stands before an issue's number.")
        .live("list_projects", "/projects", "/key", "/name")
        .live_search("query")
        .fieldset("defaults"),
    ParamSpec::new("custom_fields", "Custom fields")
        .description(
            "Names for custom fields, so that actions take and give them by these: each name with the field's id and, if \
             its values are to be checked and flat, its type.",
        )
        .json()
        .optional()
        .example(
            r#"{"story_points": {"id": "customfield_10016", "type": "number"}, "team": {"id": "customfield_10001", "type": "option"}}"#,
        )
        .anti_example("story_points=customfield_10016", "It is no JSON.")
        .fieldset("defaults"),
    ParamSpec::secret("webhook_secret", "Webhook secret")
        .description(
            "The secret that you type into the webhook's form in Jira. Needed only to receive events; choose a long \
             random text.",
        )
        .optional()
        .fieldset("events"),
];
