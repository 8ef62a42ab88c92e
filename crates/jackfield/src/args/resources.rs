//! What is configured: apps, connections, flows.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// Values of params, as `name=value`.
#[derive(Args, Clone)]
pub(crate) struct SetArgs {
    /// A value, as NAME=VALUE; secrets as NAME=secret://env/VARIABLE, NAME=secret://file/PATH or NAME=- (standard input).
    /// What is not given here is taken from the environment, from JACKFIELD_SET_CONNECTOR_NAME
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
    /// Say what to register at a service, and what to paste where
    #[command(after_help = "Example:\n  jackfield apps guide slack")]
    Guide {
        /// The connector's id
        connector: String,
    },
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
        after_help = "Examples:\n  jackfield connections put my-slack --connector slack --set bot_token=secret://env/SLACK_BOT_TOKEN --check\n  jackfield connections put my-hook --connector github --set token=secret://file/token.txt --set webhook_secret=-\n  jackfield connections put our-jira --connector jira --set site=https://jira.corp.example --set deployment=data_center --set api_token=- --allow-network 10.20.0.0/16:443"
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
    /// Switch a connection on; one that the gateway switched off is checked first
    Enable {
        /// The connection's id
        id: String,
        /// Without a check
        #[arg(long)]
        force: bool,
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
    /// Show how a connection's credentials are: state, reason, end, scopes, and what depends on them
    #[command(
        after_help = "Examples:\n  jackfield connections auth my-jira\n  jackfield connections auth my-jira --refresh"
    )]
    Auth {
        /// The connection's id
        id: String,
        /// Renew its tokens first
        #[arg(long)]
        refresh: bool,
    },
    /// Show how connections are: state, calls, last failure; of one also by day and by action
    #[command(
        after_help = "Calls are shown as success/halted/failure: halted ones were ended before or by the gateway, or were wrong\nthemselves. DAYS has a mark a day, today last: its calls, ✗ for nothing but failures, · for no calls.\n\nExamples:\n  jackfield connections health\n  jackfield connections health my-slack\n  jackfield connections health --json | jq '.items[] | select(.state == \"failing\") | .id'"
    )]
    Health {
        /// The connection's id; left out: all
        id: Option<String>,
    },
    /// Ask the service how a connection's actions look there: channels, repositories, fields
    #[command(
        after_help = "Done after each check too. Examples:\n  jackfield connections describe my-jira\n  jackfield actions show create_issue --connection my-jira"
    )]
    Describe {
        /// The connection's id
        id: String,
    },
    /// Set a secret, or rotate it
    Secret(SecretArgs),
    /// List what a param may be set to, by asking the service where it suggests values
    #[command(
        after_help = "Examples:\n  jackfield connections options my-jira project_key\n  jackfield connections options my-github repo --search docs"
    )]
    Options {
        /// The connection's id
        id: String,
        /// The param
        param: String,
        /// Only those whose value or label holds this text
        #[arg(long, value_name = "TEXT")]
        search: Option<String>,
    },
    /// Change a connection step by step, as `jackfield connect` does; it stays as it is until the change was checked
    #[command(
        after_help = "Examples:\n  jackfield connections update work\n  jackfield connections update work --set token=secret://env/NEW_TOKEN --no-input"
    )]
    Update {
        /// The connection's id
        id: String,
        #[command(flatten)]
        answers: super::AnswerArgs,
    },
    /// Remove a connection with its secrets, its webhooks at the service and the access that was granted
    #[command(
        after_help = "What could not be undone at the service is listed, with what to do about it.\n\nExample:\n  jackfield connections remove work"
    )]
    Remove {
        /// The connection's id
        id: String,
        /// Leave what is at the service as it is: webhooks and tokens
        #[arg(long, visible_alias = "force")]
        keep_remote: bool,
    },
    /// List a connection's webhooks at its service
    Hooks {
        /// The connection's id
        id: String,
    },
    /// List installations that are under way
    Installations,
    /// Give an installation up
    Cancel {
        /// The installation's id
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
