//! Settings of a connection and of an app, as forms ask for them.

use connector_core::{
    Fieldset, ParamSpec, SelectOption,
    param::{Mistaken, TokenShape},
};

/// The connection's bot token.
pub(crate) const BOT_TOKEN: &str = "bot_token";
/// The connection's incoming webhook.
pub(crate) const INCOMING_WEBHOOK_URL: &str = "incoming_webhook_url";
/// Which kind of incoming webhook it is.
pub(crate) const INCOMING_WEBHOOK_KIND: &str = "incoming_webhook_kind";
/// The kind that may choose channel, name and icon per message.
pub(crate) const LEGACY: &str = "legacy";

/// How forms group the settings.
pub(crate) const FIELDSETS: &[Fieldset] = &[
    Fieldset { id: "account", title: "Account", description: "Who acts in which workspace." },
    Fieldset {
        id: "incoming",
        title: "Incoming webhook",
        description: "Another way to post, into one channel. It needs no token.",
    },
    Fieldset { id: "defaults", title: "Defaults", description: "What actions use when they are not told another." },
    Fieldset { id: "events", title: "Events", description: "How it is known that what comes in is Slack's." },
    Fieldset { id: "install", title: "Installation by OAuth", description: "How people install the app by a click." },
];

const APP_LEVEL: &str =
    "is an app-level token, which the Web API takes for sockets only; give the bot token, which begins with xoxb-";

/// A bot token begins with `xoxb-`, a person's with `xoxp-`, where tokens rotate with `xoxe.` before. What else begins alike is told apart here, before
/// Slack says no more than that it is invalid. <https://docs.slack.dev/authentication/tokens>
const BOT: TokenShape = TokenShape {
    prefixes: &[],
    mistaken: &[
        Mistaken { prefix: "xoxe-", words: "is a refresh token; give the bot token itself" },
        Mistaken { prefix: "xapp-", words: APP_LEVEL },
        Mistaken {
            prefix: "https://hooks.slack",
            words: "is the URL of an incoming webhook, which has a field of its own; give the bot token, or leave it empty",
        },
    ],
};

/// A signing secret has no mark of its own; tokens have.
const SIGNING: TokenShape = TokenShape {
    prefixes: &[],
    mistaken: &[Mistaken {
        prefix: "xox",
        words: "is a token; the signing secret stands under “Basic Information”, “App Credentials”",
    }],
};

/// Settings of a connection: one workspace.
pub(crate) const CONNECTION: &[ParamSpec] = &[
    ParamSpec::secret(BOT_TOKEN, "Bot token")
        .description("The bot user OAuth token (begins with xoxb-) from your app's page under “OAuth & Permissions”. A user token (begins with xoxp-) works as well: actions then act as that person. All actions but incoming_webhook_post need it.")
        .placeholder("xoxb-…")
        .token(BOT)
        .anti_example("xapp-1-A111-222-abc", "It is an app-level token.")
        .fieldset("account")
        .optional(),
    ParamSpec::secret(INCOMING_WEBHOOK_URL, "Incoming webhook URL")
        .description("The URL from your app's page under “Incoming Webhooks”. Only incoming_webhook_post needs it, and that needs nothing else.")
        .placeholder("https://hooks.slack.com/services/…")
        .optional()
        .url()
        // Anything else would receive messages that are not meant for it.
        .pattern("^https://hooks\\.slack(-gov)?\\.com/services/.+")
        .pattern_hint("the URL of an incoming webhook, which begins with https://hooks.slack.com/services/")
        .example("https://hooks.slack.com/services/T00000000/B00000000/")
        .anti_example("https://example.slack.com/archives/C024BE91L", "It is the address of a channel.")
        .fieldset("incoming"),
    ParamSpec::new(INCOMING_WEBHOOK_KIND, "Kind of incoming webhook")
        .description("An app's webhook posts to the channel it was installed for. One of the legacy “Incoming WebHooks” integration may choose channel, name and icon with each message.")
        .select(&[
            SelectOption { label: "Of an app", value: "app" },
            SelectOption { label: "Legacy integration", value: LEGACY },
        ])
        .default("app")
        .fieldset("incoming"),
    ParamSpec::new("default_channel", "Default channel")
        .description("Where messages go when an action names no channel: the channel's id, from the bottom of its “About” tab.")
        .placeholder("C024BE91L")
        .live("conversations_list", "/channels", "/id", "/name")
        .fieldset("defaults")
        .optional(),
    ParamSpec::new("team_id", "Workspace id")
        .description("The workspace's id (begins with T). Leave it empty: it is learned from the token. If it is given, the token must belong to it.")
        .placeholder("T0G9PQBBK")
        .upper()
        .pattern("^[TE][A-Z0-9]*$")
        .pattern_hint("the id of a workspace, which begins with T, or of an organization, which begins with E")
        .example("T0G9PQBBK")
        .anti_example("my-workspace", "It is the workspace's name in its address, and not its id.")
        .fieldset("account")
        .optional(),
    ParamSpec::new("base_url", "API address")
        .description("Where the Web API is. Change it only for GovSlack: https://slack-gov.com/api.")
        .url()
        .fieldset("account")
        .default("https://slack.com/api")
        .anti_example("slack.com/api", "It lacks https://."),
];

/// Settings of an app: the gateway's own registration at Slack, under “Basic Information”.
pub(crate) const APP: &[ParamSpec] = &[
    ParamSpec::secret("signing_secret", "Signing secret")
        .description(
            "From your app's page under “Basic Information”, “App Credentials”. Slack signs everything it sends with it.",
        )
        .token(SIGNING)
        .anti_example("xoxb-1-2-3", "It is a token.")
        .fieldset("events"),
    ParamSpec::new("client_id", "Client id")
        .description("From the same place. Needed only when people install the app by OAuth.")
        .placeholder("1234567890.1234567890123")
        .fieldset("install")
        .optional(),
    ParamSpec::secret("client_secret", "Client secret")
        .description("From the same place. Needed only when people install the app by OAuth.")
        .fieldset("install")
        .optional(),
];
