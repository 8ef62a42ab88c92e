//! Settings of a connection and of an app, as forms ask for them.

use connector_core::{ParamSpec, SelectOption};

/// The connection's bot or user token.
pub(crate) const BOT_TOKEN: &str = "bot_token";
/// The connection's incoming webhook.
pub(crate) const INCOMING_WEBHOOK_URL: &str = "incoming_webhook_url";
/// Which kind of incoming webhook it is.
pub(crate) const INCOMING_WEBHOOK_KIND: &str = "incoming_webhook_kind";
/// The kind that may choose channel, name and icon per message.
pub(crate) const LEGACY: &str = "legacy";

/// Settings of a connection: one workspace.
pub(crate) const CONNECTION: &[ParamSpec] = &[
    ParamSpec::secret(BOT_TOKEN, "Bot token")
        .description("The bot user OAuth token (begins with xoxb-) from your app's page under “OAuth & Permissions”. All actions but incoming_webhook_post need it.")
        .placeholder("xoxb-…")
        .optional(),
    ParamSpec::secret(INCOMING_WEBHOOK_URL, "Incoming webhook URL")
        .description("The URL from your app's page under “Incoming Webhooks”. Only incoming_webhook_post needs it, and that needs nothing else.")
        .placeholder("https://hooks.slack.com/services/…")
        .optional()
        .url()
        // Anything else would receive messages that are not meant for it.
        .pattern("^https://hooks\\.slack(-gov)?\\.com/services/.+")
        .example("https://hooks.slack.com/services/T00000000/B00000000/"),
    ParamSpec::new(INCOMING_WEBHOOK_KIND, "Kind of incoming webhook")
        .description("An app's webhook posts to the channel it was installed for. One of the legacy “Incoming WebHooks” integration may choose channel, name and icon with each message.")
        .select(&[
            SelectOption { label: "Of an app", value: "app" },
            SelectOption { label: "Legacy integration", value: LEGACY },
        ])
        .default("app"),
    ParamSpec::new("default_channel", "Default channel")
        .description("Where messages go when an action names no channel: the channel's id, from the bottom of its “About” tab.")
        .placeholder("C024BE91L")
        .optional(),
    ParamSpec::new("team_id", "Workspace id")
        .description("The workspace's id (begins with T). Leave it empty: it is learned from the token. If it is given, the token must belong to it.")
        .placeholder("T0G9PQBBK")
        .optional(),
    ParamSpec::new("base_url", "API address")
        .description("Where the Web API is. Change it only for GovSlack: https://slack-gov.com/api.")
        .url()
        .default("https://slack.com/api"),
];

/// Settings of an app: the gateway's own registration at Slack, under “Basic Information”.
pub(crate) const APP: &[ParamSpec] = &[
    ParamSpec::secret("signing_secret", "Signing secret").description(
        "From your app's page under “Basic Information”, “App Credentials”. Slack signs everything it sends with it.",
    ),
    ParamSpec::new("client_id", "Client id")
        .description("From the same place. Needed only when people install the app by OAuth.")
        .placeholder("1234567890.1234567890123")
        .optional(),
    ParamSpec::secret("client_secret", "Client secret")
        .description("From the same place. Needed only when people install the app by OAuth.")
        .optional(),
];
