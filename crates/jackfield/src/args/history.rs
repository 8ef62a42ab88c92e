//! What happened: deliveries, events, runs.

use clap::{Args, Subcommand};

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
