//! The command line: every command, its help and its examples.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;

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
    /// Call actions
    #[command(subcommand)]
    Action(ActionCommand),
    /// The gateway's own registrations at services
    #[command(subcommand)]
    Apps(AppsCommand),
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
    /// Apply a file that declares apps, connections and flows
    #[command(
        after_help = "The file is TOML with [[apps]], [[connections]] and [[flows]]; docs/gateway.md describes it. A value\n`secret://env/NAME` or `secret://file/PATH` is read from there now and stored sealed.\n\nExample:\n  jackfield apply flows.toml"
    )]
    Apply {
        /// The file; `-` is standard input
        file: PathBuf,
    },
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
}

/// Values of params, as `name=value`.
#[derive(Args, Clone)]
pub(crate) struct SetArgs {
    /// A value, as NAME=VALUE; secrets as NAME=secret://env/VARIABLE, NAME=secret://file/PATH or NAME=- (standard input)
    #[arg(long = "set", value_name = "NAME=VALUE")]
    pub(crate) set: Vec<String>,
    /// What people call it [default: the id]
    #[arg(long)]
    pub(crate) name: Option<String>,
}

/// A new value of a secret.
#[derive(Args, Clone)]
pub(crate) struct SecretArgs {
    /// The id
    pub(crate) id: String,
    /// The secret param
    pub(crate) param: String,
    /// Where the value comes from: secret://env/VARIABLE, secret://file/PATH, or - for standard input
    #[arg(default_value = "-")]
    pub(crate) from: String,
    /// Keep the one before valid for webhooks until `--end-rotation`
    #[arg(long, conflicts_with = "end_rotation")]
    pub(crate) rotate: bool,
    /// End a rotation: only the current one stays valid
    #[arg(long)]
    pub(crate) end_rotation: bool,
    /// Remove it, the one being rotated out included
    #[arg(long, conflicts_with_all = ["rotate", "end_rotation"])]
    pub(crate) remove: bool,
}

#[derive(Subcommand)]
pub(crate) enum AppsCommand {
    /// List the apps
    List,
    /// Show an app
    Show {
        /// The app's id
        id: String,
    },
    /// Make or replace an app
    #[command(
        after_help = "Example:\n  jackfield apps put my-slack-app --connector slack --set signing_secret=secret://env/SLACK_SIGNING_SECRET"
    )]
    Put {
        /// The app's id
        id: String,
        /// The connector's id
        #[arg(long)]
        connector: String,
        #[command(flatten)]
        values: SetArgs,
    },
    /// Set a secret, or rotate it
    Secret(SecretArgs),
    /// Remove an app
    Remove {
        /// The app's id
        id: String,
    },
}

#[derive(Subcommand)]
pub(crate) enum ConnectionsCommand {
    /// List the connections
    List,
    /// Show a connection
    Show {
        /// The connection's id
        id: String,
    },
    /// Make or replace a connection
    #[command(
        after_help = "Examples:\n  jackfield connections put my-slack --connector slack --set bot_token=secret://env/SLACK_BOT_TOKEN --check\n  jackfield connections put my-hook --connector github --set token=secret://file/token.txt --set webhook_secret=-\n  jackfield connections put our-jira --connector jira --set base_url=https://jira.corp.example --set token=- --allow-network 10.20.0.0/16:443"
    )]
    Put {
        /// The connection's id
        id: String,
        /// The connector's id
        #[arg(long)]
        connector: String,
        /// The app that it belongs to
        #[arg(long)]
        app: Option<String>,
        /// An internal network that this connection alone may reach; may be given again. Left out: none
        #[arg(long = "allow-network", value_delimiter = ',', value_name = "CIDR[:PORT]")]
        networks: Vec<String>,
        /// A limit of its calls beside the service's own, such as 100/min or "5/s burst 20"; may be given again. Left out: none
        #[arg(long = "limit", value_name = "LIMIT")]
        limits: Vec<String>,
        /// Take no webhooks and no calls for now
        #[arg(long)]
        disabled: bool,
        /// Check it by a real call afterwards
        #[arg(long)]
        check: bool,
        #[command(flatten)]
        values: SetArgs,
    },
    /// Switch a connection on
    Enable {
        /// The connection's id
        id: String,
    },
    /// Switch a connection off: it takes no webhooks and no calls
    Disable {
        /// The connection's id
        id: String,
    },
    /// Check a connection by a real call to its service
    Check {
        /// The connection's id
        id: String,
    },
    /// Set a secret, or rotate it
    Secret(SecretArgs),
    /// Remove a connection with its secrets
    Remove {
        /// The connection's id
        id: String,
    },
}

#[derive(Subcommand)]
pub(crate) enum FlowsCommand {
    /// List the flows
    List,
    /// Show a flow
    Show {
        /// The flow's id
        id: String,
    },
    /// Make or replace a flow from a JSON or TOML file
    #[command(
        after_help = "The file has `on`, `when` and `do`:\n\n  [on]\n  connector = \"github\"\n  event = \"issues.opened\"\n  [[do]]\n  connection = \"my-slack\"\n  action = \"chat_post_message\"\n  input = { channel = \"C024BE91L\", text = \"{{ event.payload.issue.title | chat_escape }}\" }\n\nExample:\n  jackfield flows put issue-to-slack issue-to-slack.toml"
    )]
    Put {
        /// The flow's id
        id: String,
        /// The file; `-` is standard input
        file: PathBuf,
    },
    /// Switch a flow on
    Enable {
        /// The flow's id
        id: String,
    },
    /// Switch a flow off
    Disable {
        /// The flow's id
        id: String,
    },
    /// Remove a flow; its runs stay
    Remove {
        /// The flow's id
        id: String,
    },
}

/// What a list is narrowed to.
#[derive(Args, Clone, Default)]
pub(crate) struct ListArgs {
    /// Only this connector
    #[arg(long)]
    pub(crate) connector: Option<String>,
    /// Only this connection
    #[arg(long)]
    pub(crate) connection: Option<String>,
    /// Only this trace
    #[arg(long = "trace")]
    pub(crate) trace_id: Option<String>,
    /// Only what is older than this id
    #[arg(long)]
    pub(crate) before: Option<String>,
    /// At most so many, 1 to 1000
    #[arg(long, default_value_t = 20)]
    pub(crate) limit: usize,
}

#[derive(Subcommand)]
pub(crate) enum DeliveriesCommand {
    /// List deliveries, newest first
    List(ListArgs),
    /// Show a delivery with its headers and its body
    Show {
        /// The delivery's id
        id: String,
    },
    /// Show what was refused and why, counted by hour
    Refused,
}

#[derive(Subcommand)]
pub(crate) enum EventsCommand {
    /// List events, newest first
    List {
        #[command(flatten)]
        list: ListArgs,
        /// Only this event type
        #[arg(long = "type")]
        event_type: Option<String>,
    },
    /// Show an event with its payload
    Show {
        /// The event's id
        id: String,
    },
    /// Match an event with the flows again, as if it had just come
    Replay {
        /// The event's id
        id: String,
    },
}

#[derive(Subcommand)]
pub(crate) enum RunsCommand {
    /// List runs, newest first
    List {
        #[command(flatten)]
        list: ListArgs,
        /// Only this flow
        #[arg(long)]
        flow: Option<String>,
        /// Only this state: queued, running, succeeded, failed, parked
        #[arg(long)]
        state: Option<String>,
        /// Only runs of this event
        #[arg(long)]
        event: Option<String>,
    },
    /// Show a run with its attempts and its output
    Show {
        /// The run's id
        id: String,
    },
    /// Try a failed or parked run once more, now
    Retry {
        /// The run's id
        id: String,
    },
    /// Settle a parked run after a look at the service
    #[command(group(clap::ArgGroup::new("found").required(true).args(["done", "given_up"])))]
    Settle {
        /// The run's id
        id: String,
        /// It was done at the service
        #[arg(long)]
        done: bool,
        /// It was not done, and is given up
        #[arg(long)]
        given_up: bool,
    },
}

#[derive(Subcommand)]
pub(crate) enum ConfigCommand {
    /// Check the configuration and show what is in force, and where each value comes from
    Check(ServeArgs),
}
