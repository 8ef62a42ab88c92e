//! Settings of a connection, as forms ask for them. Those of an app are in `auth`.

use connector_core::{
    Fieldset, ParamSpec,
    param::{Mistaken, TokenShape},
};

/// How forms group the settings.
pub(crate) const FIELDSETS: &[Fieldset] = &[
    Fieldset { id: "account", title: "Account", description: "Who acts, and at which GitHub." },
    Fieldset { id: "defaults", title: "Defaults", description: "What actions use when they are not told another." },
    Fieldset { id: "events", title: "Events", description: "How it is known that what comes in is GitHub's." },
];

/// Servers of some age give tokens without any mark, so that only what is surely none is refused.
/// <https://docs.github.com/authentication/keeping-your-account-and-data-secure/about-authentication-to-github#githubs-token-formats>
const TOKEN: TokenShape = TokenShape {
    prefixes: &[],
    mistaken: &[
        Mistaken { prefix: "ghr_", words: "is a refresh token; give an access token" },
        Mistaken { prefix: "-----BEGIN", words: "is a private key; give a token" },
        Mistaken { prefix: "ssh-", words: "is an SSH key; give a personal access token" },
        Mistaken { prefix: "Iv1.", words: "is the client id of an app; give a token" },
        Mistaken { prefix: "Iv23", words: "is the client id of an app; give a token" },
        Mistaken { prefix: "https://", words: "is an address; give a token" },
    ],
};

/// A name as it stands in addresses.
const NAME: &str = "^[A-Za-z0-9_.-]+$";
const BOTH: (&str, &str) = ("octocat/Hello-World", "It names owner and repository, which have a field each.");

/// Settings of a connection: one account.
pub(crate) const CONNECTION: &[ParamSpec] = &[
    ParamSpec::new("base_url", "API address")
        .description(
            "Where the REST API is. github.com: leave it. GitHub Enterprise Server: https://HOST/api/v3. GHE.com: \
             https://api.SUBDOMAIN.ghe.com.",
        )
        .url()
        .default("https://api.github.com")
        .example("https://api.github.com")
        .anti_example("github.example.com", "It lacks https:// and, for a GitHub Enterprise Server, /api/v3.")
        .fieldset("account"),
    ParamSpec::secret("token", "Token")
        .description(
            "A fine-grained or classic personal access token, or a token of a GitHub App. Make one under Settings → \
             Developer settings → Personal access tokens.",
        )
        .placeholder("github_pat_…")
        .token(TOKEN)
        .anti_example("ghr_1", "It is a refresh token.")
        .fieldset("account"),
    ParamSpec::secret("webhook_secret", "Webhook secret")
        .description(
            "The secret that you type into the webhook's form on GitHub, or that create_webhook gives it. Needed only to \
             receive events; choose a long random text.",
        )
        .optional()
        .fieldset("events"),
    ParamSpec::new("installation_id", "Installation id")
        .description(
            "The id of a GitHub App's installation (the number at the end of its settings address). Deliveries that come to \
             the app's one address find this connection by it.",
        )
        .optional()
        .placeholder("12345678")
        .pattern("^[0-9]{1,20}$")
        .pattern_hint("the number at the end of the address of the installation's settings")
        .example("5")
        .anti_example("https://github.com/settings/installations/5", "It is the whole address; the number is enough.")
        .fieldset("events"),
    ParamSpec::new("owner", "Default owner")
        .description("The user or organization whose repositories actions use when they are not told another.")
        .optional()
        .placeholder("octocat")
        .pattern(NAME)
        .pattern_hint("the name of a user or an organization as it stands in addresses")
        .example("octocat")
        .anti_example(BOTH.0, BOTH.1)
        .live("list_repositories", "/repositories", "/owner/login", "/owner/login")
        .fieldset("defaults"),
    ParamSpec::new("repo", "Default repository")
        .description("The repository, without its owner, that actions use when they are not told another.")
        .optional()
        .placeholder("Hello-World")
        .pattern(NAME)
        .pattern_hint("the name of a repository, without its owner, as it stands in addresses")
        .example("Hello-World")
        .anti_example(BOTH.0, BOTH.1)
        .live("list_repositories", "/repositories", "/name", "/full_name")
        .fieldset("defaults"),
];
