//! The command line: every command, its help and its examples.

mod connect;
mod history;
mod people;
mod resources;
mod vault;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;

pub(crate) use connect::{AnswerArgs, ConnectArgs};
pub(crate) use history::{DeliveriesCommand, EventsCommand, ListArgs, RunsCommand};
pub(crate) use people::{AuditCommand, PeopleCommand, TokensCommand};
pub(crate) use resources::{AppsCommand, ConnectionsCommand, FlowsCommand, SecretArgs, SetArgs};
pub(crate) use vault::{BackupArgs, FilesCommand, KeepingArgs, KeysCommand, RestoreArgs, SecretsCommand};

/// One typed definition per service: webhooks in, flows, actions out.
#[derive(Parser)]
#[command(
    name = "jackfield",
    version,
    propagate_version = true,
    arg_required_else_help = true,
    after_help = "Examples:\n  jackfield serve --demo                                   see it work, without an account or a network\n  jackfield connectors list                                what is compiled in\n  jackfield action run my-slack chat_post_message --input '{\"channel\": \"C024BE91L\", \"text\": \"Hello\"}'\n  jackfield runs list --state failed --json | jq .\n\nExit codes: 0 done, 1 failed, 2 wrong usage, 3 the gateway could not be reached."
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command takes.
#[derive(Args, Clone)]
pub(crate) struct Global {
    /// The directory that holds the gateway's state: database, keys, token [default: jackfield-data]
    #[arg(long, global = true, env = "JACKFIELD_STATE_DIR", value_name = "DIR", help_heading = "Global options")]
    pub(crate) state_dir: Option<PathBuf>,
    /// The configuration file [default: jackfield.toml, if it is there]
    #[arg(long, global = true, env = "JACKFIELD_CONFIG", value_name = "FILE", help_heading = "Global options")]
    pub(crate) config: Option<PathBuf>,
    /// Write JSON, for programs
    #[arg(long, global = true, help_heading = "Global options")]
    pub(crate) json: bool,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Run the gateway
    #[command(
        after_help = "Examples:\n  jackfield serve --demo\n  jackfield serve --state-dir /var/lib/jackfield --public-url https://hooks.example.com --apply flows.toml\n\nFlags go before environment variables (JACKFIELD_*), those before the configuration file, that before the defaults.\n`jackfield config check` shows what is in force and where it comes from."
    )]
    Serve(ServeArgs),
    /// Show the running gateway's version and how much it holds
    Status,
    /// The catalog of connectors
    #[command(subcommand)]
    Connectors(ConnectorsCommand),
    /// Call actions, and show those of a connection
    #[command(subcommand, visible_alias = "actions")]
    Action(ActionCommand),
    /// The gateway's own registrations at services
    #[command(subcommand)]
    Apps(AppsCommand),
    /// Connect an account, step by step: settings, consent, check, webhooks at the service
    #[command(
        after_help = "The same steps as on the gateway's pages. What is not given by --set or by an environment variable\n(JACKFIELD_SET_GITHUB_TOKEN=…) is asked for; answers are read line by line where standard input is no terminal.\nIt can be left at any moment and taken up again.\n\nExamples:\n  jackfield connect github\n  jackfield connect github --id work --set token=secret://env/GITHUB_TOKEN --resource acme/shop --trigger issues,push\n  jackfield connect slack --app my-slack-app --method oauth\n  jackfield connect --resume 0193b2c4-7d1e-7a3b-9c55-0e8f6a1d2b3c"
    )]
    Connect(ConnectArgs),
    /// Accounts of connectors
    #[command(subcommand)]
    Connections(ConnectionsCommand),
    /// Rules: on which events, when which conditions hold, do a step
    #[command(subcommand)]
    Flows(FlowsCommand),
    /// Webhooks that were taken in, and those that were refused
    #[command(subcommand)]
    Deliveries(DeliveriesCommand),
    /// What happened
    #[command(subcommand)]
    Events(EventsCommand),
    /// What flows did about it
    #[command(subcommand)]
    Runs(RunsCommand),
    /// Show what services announce about their own API: deprecations, dates of removal, other versions than asked for
    #[command(
        after_help = "Read out of answers in passing (Deprecation, Sunset, Link, Warning: 299, 410, versions), and kept.\n\nExamples:\n  jackfield signals\n  jackfield signals --connector github --json | jq '.items[] | select(.kind == \"sunset\")'"
    )]
    Signals {
        /// Only this connector
        #[arg(long)]
        connector: Option<String>,
    },
    /// Who may sign in with a browser
    #[command(subcommand)]
    People(PeopleCommand),
    /// Tokens of the API for programs
    #[command(subcommand)]
    Tokens(TokensCommand),
    /// Who did what
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Apply a file that declares apps, connections and flows
    #[command(
        after_help = "The file is TOML with [[apps]], [[connections]] and [[flows]]; docs/gateway.md describes it. A value\n`secret://env/NAME` or `secret://file/PATH` is read from there now and stored sealed.\n\nExample:\n  jackfield apply flows.toml"
    )]
    Apply {
        /// The file; `-` is standard input
        file: PathBuf,
    },
    /// Secrets of the gateway that connections refer to by name
    #[command(subcommand)]
    Secrets(SecretsCommand),
    /// Files that params and actions refer to by handle
    #[command(subcommand)]
    Files(FilesCommand),
    /// The master key that everything is sealed with
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Save a copy of all that a gateway keeps, while it runs
    #[command(
        after_help = "The copy is sealed, and the master key is not in it: keep that apart, and both as long as either is of use.\n\nExamples:\n  jackfield backup jackfield-2026-11-24.db\n  jackfield backup /mnt/backup/jackfield.db --force"
    )]
    Backup(BackupArgs),
    /// Put a copy back into a state directory whose gateway does not run
    #[command(
        after_help = "The master key must be there first. Everything is checked before anything is replaced.\n\nExamples:\n  install -D -m 600 key-of-then /var/lib/jackfield/key\n  jackfield restore jackfield-2026-11-24.db --state-dir /var/lib/jackfield"
    )]
    Restore(RestoreArgs),
    /// The configuration
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Print the OpenAPI 3.1 document of the REST API
    Openapi,
    /// Print a completion script for a shell
    #[command(after_help = "Example:\n  jackfield completions bash > /etc/bash_completion.d/jackfield")]
    Completions {
        /// The shell
        shell: Shell,
    },
}

#[derive(Args, Clone, Default)]
pub(crate) struct ServeArgs {
    /// Address to listen on; loopback unless told [default: 127.0.0.1:8080]
    #[arg(long, env = "JACKFIELD_LISTEN", value_name = "ADDR:PORT")]
    pub(crate) listen: Option<String>,
    /// The URL under which services reach this gateway [default: http:// and the listen address]
    #[arg(long, env = "JACKFIELD_PUBLIC_URL", value_name = "URL")]
    pub(crate) public_url: Option<String>,
    /// A proxy whose X-Forwarded-For is believed, as CIDR; may be repeated
    #[arg(long = "trusted-proxy", env = "JACKFIELD_TRUSTED_PROXIES", value_delimiter = ',', value_name = "CIDR")]
    pub(crate) trusted_proxies: Vec<String>,
    /// An internal network that actions may reach, as CIDR with an optional port; may be repeated
    #[arg(long = "allow-network", env = "JACKFIELD_ALLOW_NETWORKS", value_delimiter = ',', value_name = "CIDR[:PORT]")]
    pub(crate) allow_networks: Vec<String>,
    /// A file of apps, connections and flows to apply at start
    #[arg(long, env = "JACKFIELD_APPLY", value_name = "FILE")]
    pub(crate) apply: Option<PathBuf>,
    /// What to log, as tracing filters [default: info]
    #[arg(long, env = "JACKFIELD_LOG", value_name = "FILTER")]
    pub(crate) log: Option<String>,
    /// How logs are written: text or json [default: text]
    #[arg(long, env = "JACKFIELD_LOG_FORMAT", value_name = "FORMAT")]
    pub(crate) log_format: Option<String>,
    /// Who may read GET /metrics: token (of the REST API), open (anybody) or off [default: token]
    #[arg(long, env = "JACKFIELD_METRICS", value_name = "WHO")]
    pub(crate) metrics: Option<String>,
    #[command(flatten)]
    pub(crate) keeping: KeepingArgs,
    /// A host name by which the gateway may be called beside its public URL's, its address and localhost; may be repeated
    #[arg(long = "allowed-host", env = "JACKFIELD_ALLOWED_HOSTS", value_delimiter = ',', value_name = "NAME")]
    pub(crate) allowed_hosts: Vec<String>,
    /// How many days the audit log reaches back [default: 400]
    #[arg(long, env = "JACKFIELD_AUDIT_DAYS", value_name = "DAYS")]
    pub(crate) audit_days: Option<u32>,
    /// How long after the last check or success a connection is checked, such as 1h or 15m; 0 for never [default: 1h]
    #[arg(long, env = "JACKFIELD_CHECK_INTERVAL", value_name = "DURATION")]
    pub(crate) check_interval: Option<String>,
    /// Whether dead connections are switched off by themselves: on or off [default: on]
    #[arg(long, env = "JACKFIELD_AUTO_DISABLE", value_name = "SWITCH")]
    pub(crate) auto_disable: Option<String>,
    /// Start with fake Slack and Jira services, connections and flows, and post a signed GitHub webhook
    #[arg(long)]
    pub(crate) demo: bool,
}

impl ServeArgs {
    /// What the environment alone says: commands that are not `serve` obey the same settings.
    pub(crate) fn from_environment() -> Self {
        #[derive(Parser)]
        struct Alone {
            #[command(flatten)]
            args: ServeArgs,
        }
        Alone::try_parse_from(["jackfield"]).map(|a| a.args).unwrap_or_default()
    }
}

#[derive(Subcommand)]
pub(crate) enum ConnectorsCommand {
    /// List the connectors that are compiled in
    List,
    /// Show a connector, or one of its actions with its fields
    #[command(
        after_help = "Examples:\n  jackfield connectors show slack\n  jackfield connectors show slack chat_post_message"
    )]
    Show {
        /// The connector's id
        id: String,
        /// The action's name
        action: Option<String>,
    },
}

#[derive(Subcommand)]
pub(crate) enum ActionCommand {
    /// Call an action of a connection
    #[command(
        after_help = "Examples:\n  jackfield action run my-slack chat_post_message --input '{\"channel\": \"C024BE91L\", \"text\": \"Hello\"}'\n  jackfield action run my-jira create_issue --input @issue.json\n  echo '{\"summary\": \"Printer on fire\"}' | jackfield action run my-jira create_issue --input -\n  jackfield action run my-github list_issues --input '{\"owner\": \"acme\", \"repo\": \"shop\"}' --all --max 500"
    )]
    Run {
        /// The connection's id
        connection: String,
        /// The action's name
        action: String,
        /// The input as JSON; `@FILE` reads a file, `-` standard input
        #[arg(long, default_value = "{}", value_name = "JSON")]
        input: String,
        /// Read page after page and print the items of all, of an action that comes in pages
        #[arg(long)]
        all: bool,
        /// With --all: at most so many items, 1 to 100000 [default: 1000]
        #[arg(long, requires = "all", value_name = "N")]
        max: Option<usize>,
    },
    /// List the actions of a connection as they are there
    #[command(after_help = "Example:\n  jackfield actions list --connection my-jira")]
    List {
        /// The connection's id
        #[arg(long)]
        connection: String,
    },
    /// Show an action of a connection with its fields as they are there
    #[command(after_help = "Example:\n  jackfield actions show create_issue --connection my-jira")]
    Show {
        /// The action's name
        action: String,
        /// The connection's id
        #[arg(long)]
        connection: String,
    },
}

#[derive(Subcommand)]
pub(crate) enum ConfigCommand {
    /// Check the configuration and show what is in force, and where each value comes from
    Check(ServeArgs),
}
