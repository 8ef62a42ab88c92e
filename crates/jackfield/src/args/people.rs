//! Who may: people, tokens of the API, the audit log.

use clap::{Args, Subcommand, ValueEnum};

/// What a person may do.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum RoleArg {
    /// See
    Viewer,
    /// See, and call actions
    Member,
    /// Everything
    Admin,
}

impl RoleArg {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Member => "member",
            Self::Admin => "admin",
        }
    }
}

/// What a token allows.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum ScopeArg {
    /// See what is there and what happened
    Read,
    /// Call actions, try runs again, replay events
    Act,
    /// Change connections, apps, flows, people
    Manage,
}

impl ScopeArg {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Act => "act",
            Self::Manage => "manage",
        }
    }
}

#[derive(Subcommand)]
pub(crate) enum PeopleCommand {
    /// List the people who may sign in
    List,
    /// Add a person; prints a link by which they set a password
    #[command(
        after_help = "Examples:\n  jackfield people add ada@example.com --name \"Ada Lovelace\" --role member\n  jackfield people add ada@example.com --admin --password          asks for the password\n  jackfield people add ada@example.com --admin --password < file   reads it from standard input"
    )]
    Add {
        /// The e-mail address, by which they sign in
        email: String,
        /// What others call them [default: the address]
        #[arg(long, default_value = "", hide_default_value = true)]
        name: String,
        /// What they may do
        #[arg(long, value_enum, default_value = "member", conflicts_with = "admin")]
        role: RoleArg,
        /// The same as --role admin
        #[arg(long)]
        admin: bool,
        /// Set a password now: asked for at a terminal, else read from standard input
        #[arg(long)]
        password: bool,
    },
    /// Make a link by which somebody sets a password: the first administrator, or a person who forgot theirs
    #[command(
        visible_alias = "reset",
        after_help = "A link is good once and for a day; one made before is no longer good.\n\nExamples:\n  jackfield people invite                     the first administrator, while nobody is there\n  jackfield people invite ada@example.com"
    )]
    Invite {
        /// The e-mail address; left out: the first administrator
        email: Option<String>,
    },
    /// Change what a person may do, or what they are called
    Change {
        /// The e-mail address
        email: String,
        /// What they may do
        #[arg(long, value_enum)]
        role: Option<RoleArg>,
        /// What others call them
        #[arg(long)]
        name: Option<String>,
        /// The new e-mail address
        #[arg(long)]
        new_email: Option<String>,
    },
    /// Keep a person out: signed out now, and their tokens are refused
    Disable {
        /// The e-mail address
        email: String,
    },
    /// Let a person in again
    Enable {
        /// The e-mail address
        email: String,
    },
    /// List where people are signed in
    Sessions {
        /// Only this person's, by e-mail address
        email: Option<String>,
    },
    /// Sign a person out everywhere
    SignOut {
        /// The e-mail address
        email: String,
    },
    /// Remove a person with their sessions and tokens
    Remove {
        /// The e-mail address
        email: String,
    },
}

#[derive(Subcommand)]
pub(crate) enum TokensCommand {
    /// List the tokens of the API
    List,
    /// Make a token; it is shown once
    #[command(
        after_help = "Examples:\n  jackfield tokens create dashboard --scope read\n  jackfield tokens create support-bot --scope read --scope act --connection my-slack --expires 90d"
    )]
    Create {
        /// What it is for
        name: String,
        /// What it allows; may be given again
        #[arg(long = "scope", value_enum, required = true, value_name = "SCOPE")]
        scopes: Vec<ScopeArg>,
        /// Only this connection; may be given again. Left out: all
        #[arg(long = "connection", value_name = "ID")]
        connections: Vec<String>,
        /// When it ends: in so many hours or days (12h, 90d), or at a time (2027-01-31T00:00:00Z). Left out: never
        #[arg(long, value_name = "WHEN")]
        expires: Option<String>,
    },
    /// Revoke a token, at once and for good
    Revoke {
        /// The token's id, or what it begins with
        id: String,
    },
}

/// What the audit log is narrowed to.
#[derive(Args, Clone)]
pub(crate) struct AuditArgs {
    /// Only this kind: change, call, sign_in
    #[arg(long)]
    pub(crate) kind: Option<String>,
    /// Only this actor: operator, person:ID, token:ID
    #[arg(long)]
    pub(crate) actor: Option<String>,
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
pub(crate) enum AuditCommand {
    /// List who did what, newest first: every change and every call of an action
    #[command(
        after_help = "Examples:\n  jackfield audit list --kind change\n  jackfield audit list --connection my-slack --json | jq '.items[] | select(.status >= 400)'"
    )]
    List(AuditArgs),
}
