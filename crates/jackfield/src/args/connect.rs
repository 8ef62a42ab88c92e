//! Connecting, step by step.

use clap::Args;

/// A new connection, or one that was left half made.
#[derive(Args, Clone)]
pub(crate) struct ConnectArgs {
    /// The connector's id; left out with --resume
    #[arg(required_unless_present = "resume")]
    pub(crate) connector: Option<String>,
    /// The id that the connection is to have
    #[arg(long)]
    pub(crate) id: Option<String>,
    /// The app that it belongs to
    #[arg(long)]
    pub(crate) app: Option<String>,
    /// How to connect, where the connector has several ways; `jackfield connectors show` lists them
    #[arg(long)]
    pub(crate) method: Option<String>,
    /// An internal network that this connection alone may reach; may be given again
    #[arg(long = "allow-network", value_delimiter = ',', value_name = "CIDR[:PORT]")]
    pub(crate) networks: Vec<String>,
    /// A limit of its calls beside the service's own, such as 100/min; may be given again
    #[arg(long = "limit", value_name = "LIMIT")]
    pub(crate) limits: Vec<String>,
    /// Go on with an installation that was left
    #[arg(long, value_name = "ID", conflicts_with_all = ["connector", "id", "app", "method", "networks", "limits"])]
    pub(crate) resume: Option<String>,
    #[command(flatten)]
    pub(crate) answers: AnswerArgs,
}

/// Answers that need not be asked for.
#[derive(Args, Clone)]
pub(crate) struct AnswerArgs {
    #[command(flatten)]
    pub(crate) values: super::SetArgs,
    /// What is to send events, such as a repository; may be given again
    #[arg(long = "resource", value_name = "RESOURCE")]
    pub(crate) resources: Vec<String>,
    /// A trigger whose events are wanted; may be given again
    #[arg(long = "trigger", value_name = "TRIGGER", value_delimiter = ',')]
    pub(crate) triggers: Vec<String>,
    /// Make no webhooks at the service
    #[arg(long, conflicts_with_all = ["resources", "triggers"])]
    pub(crate) no_webhooks: bool,
    /// Ask nothing: what is not given keeps its value or its default
    #[arg(long)]
    pub(crate) no_input: bool,
}
