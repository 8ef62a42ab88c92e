//! What the gateway keeps, behind one trait: SQLite embedded, secrets and bodies sealed.
//!
//! What lives here: records, the [`Store`] trait, its SQLite implementation, sealing. What must not: deciding anything
//! (matching, retrying, verifying), which is the engine's.

pub mod model;
pub mod people;
mod schema;
mod seal;
pub mod setup;
mod sqlite;
pub mod vault;
pub mod vitals;

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use bytes::Bytes;
use connector_core::{
    Event, Secret,
    signal::{SignalTally, UpstreamSignal},
};
use jiff::Timestamp;
use serde_json::{Map, Value};
use uuid::Uuid;

pub use connector_core::auth::TokenStore;
pub use model::*;
pub use people::PeopleStore;
pub use seal::KeyFile;
pub use setup::SetupStore;
pub use sqlite::SqliteStore;
pub use vault::VaultStore;
pub use vitals::VitalsStore;

/// Result with the store's [`StoreError`].
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

/// What can go wrong in a store.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// There is one of that id already.
    #[error("{0} `{1}` exists already")]
    Exists(&'static str, String),
    /// There is none of that id.
    #[error("there is no {0} `{1}`")]
    NotFound(&'static str, String),
    /// Something else still needs it.
    #[error("{0} `{1}` is still used by {2}")]
    InUse(&'static str, String, String),
    /// The state directory is held by a running gateway.
    #[error("the state directory is in use by another gateway process")]
    Locked,
    /// The database was written by a newer version.
    #[error("the database has schema version {found}; this version knows up to {known}: use a newer jackfield")]
    Newer {
        /// The database's.
        found: i64,
        /// Ours.
        known: i64,
    },
    /// The key does not open what is stored.
    #[error("the key file does not open this database; restore the key that it was made with")]
    WrongKey,
    /// What was asked for does not fit the state that something is in.
    #[error("{0}")]
    Conflict(String),
    /// What is to be kept cannot be kept as it is.
    #[error("{0}")]
    Invalid(String),
    /// A sync of the disk failed. What the disk holds and what reads show from then on may differ, so every call fails
    /// until a new process has opened the store. The log names the cause.
    #[error(
        "a sync of the disk failed and nothing is kept any more: restart the gateway process once the disk is well"
    )]
    SyncLost,
    /// The disk is full or refuses to write.
    #[error("the store cannot write: {0}")]
    Unwritable(String),
    /// Anything else.
    #[error("the store failed: {0}")]
    Other(String),
}

/// What the gateway keeps. All of it is durable when a call returns: a power cut takes nothing that was acknowledged.
///
/// A row that is damaged stops nobody else's: lists leave out a value that does not open (or, where there is no place for
/// its absence, the row) and log its id; what is asked for by its id alone is an error. Every call fails with `SyncLost`
/// after a sync of the disk has failed.
#[async_trait]
pub trait Store: TokenStore + PeopleStore + VitalsStore + SetupStore + VaultStore + Send + Sync {
    // --- apps, connections, flows: put makes or replaces (created_at of a replaced one is kept).

    /// All apps, by id.
    async fn apps(&self) -> Result<Vec<App>>;
    /// One app.
    async fn app(&self, id: &str) -> Result<App>;
    /// Makes or replaces an app and sets the given secrets (others stay), in one transaction. A secret that is the
    /// current one already changes nothing, in a rotation neither; another one becomes the only one.
    async fn put_app(&self, app: App, secrets: Vec<(String, Secret)>) -> Result<()>;
    /// Removes an app with its secrets; `InUse` while a connection belongs to it.
    async fn delete_app(&self, id: &str) -> Result<()>;
    /// All connections, by id.
    async fn connections(&self) -> Result<Vec<Connection>>;
    /// One connection.
    async fn connection(&self, id: &str) -> Result<Connection>;
    /// Makes or replaces a connection and sets the given secrets (others stay), in one transaction. A secret that is the
    /// current one already changes nothing, in a rotation neither; another one becomes the only one.
    async fn put_connection(&self, connection: Connection, secrets: Vec<(String, Secret)>) -> Result<()>;
    /// Sets what a validator learned, if the connection is still as it was at `unchanged_since` (its `updated_at`); nothing
    /// else changes, `updated_at` included. Returns whether it did: `false` if the connection was changed since or is gone.
    async fn learn(
        &self,
        connection: &str,
        unchanged_since: Timestamp,
        identity: BTreeMap<String, String>,
        account: Option<String>,
    ) -> Result<bool>;
    /// Sets the values and their version, if the connection is still as it was at `unchanged_since` (its `updated_at`);
    /// nothing else changes, `updated_at` included. Returns whether it did, as [`Store::learn`].
    async fn migrate_values(
        &self,
        connection: &str,
        unchanged_since: Timestamp,
        values: Map<String, Value>,
        params_version: u32,
    ) -> Result<bool>;
    /// Removes a connection with its secrets; what it received stays.
    async fn delete_connection(&self, id: &str) -> Result<()>;
    /// All flows, by id.
    async fn flows(&self) -> Result<Vec<Flow>>;
    /// One flow.
    async fn flow(&self, id: &str) -> Result<Flow>;
    /// Makes or replaces a flow.
    async fn put_flow(&self, flow: Flow) -> Result<()>;
    /// Switches a flow on or off and sets its `updated_at`; nothing else changes. Returns it as it is then.
    async fn set_flow_enabled(&self, id: &str, enabled: bool, at: Timestamp) -> Result<Flow>;
    /// Removes a flow; its runs stay.
    async fn delete_flow(&self, id: &str) -> Result<()>;

    // --- secrets

    /// Sets a secret. With `rotate`, the one before stays valid beside it, see [`Store::secrets`]; the same rotation asked
    /// for again changes nothing. Without, it is the only one, even in a rotation. `NotFound` if its owner is not there.
    async fn set_secret(&self, owner: &Owner, name: &str, secret: Secret, rotate: bool) -> Result<()>;
    /// Sets a secret if its owner has none of that name, at once with looking. Returns whether it did. `NotFound` if its
    /// owner is not there.
    async fn set_secret_if_absent(&self, owner: &Owner, name: &str, secret: Secret) -> Result<bool>;
    /// Removes a secret, the one before included; `NotFound` if there is none.
    async fn remove_secret(&self, owner: &Owner, name: &str) -> Result<()>;
    /// The secret and, while rotating, the one before: current first. Empty when there is none.
    async fn secrets(&self, owner: &Owner, name: &str) -> Result<Vec<Secret>>;
    /// The names of an owner's secrets.
    async fn secret_names(&self, owner: &Owner) -> Result<Vec<String>>;
    /// Ends a rotation: only the current one stays.
    async fn end_rotation(&self, owner: &Owner, name: &str) -> Result<()>;

    // --- deliveries and events

    /// Keeps a delivery with its events, deduplicated, in one transaction that is synced before this returns. `Unwritable`
    /// also if the store is so busy that it finds no place in the queue for 2 s.
    async fn keep(&self, delivery: NewDelivery) -> Result<Receipt>;
    /// Keeps an event that no delivery brought (host, gateway, replayed fixture). `Invalid` if its payload nests deeper
    /// than 100 arrays and objects, which would not be read back.
    async fn keep_event(&self, event: Event) -> Result<()>;
    /// Deliveries, newest first, headers left out.
    async fn deliveries(&self, filter: Filter) -> Result<Vec<Delivery>>;
    /// One delivery with its headers and its raw body.
    async fn delivery(&self, id: Uuid) -> Result<(Delivery, Bytes)>;
    /// Events, newest first, payloads left out (`null`).
    async fn events(&self, filter: Filter) -> Result<Vec<Event>>;
    /// One event with its payload.
    async fn event(&self, id: Uuid) -> Result<Event>;
    /// Adds counts to the audit of refused requests.
    async fn add_refusals(&self, counts: Vec<(RefusalKey, u64, Timestamp)>) -> Result<()>;
    /// The audit of refused requests, newest hour first.
    async fn refusals(&self, limit: usize) -> Result<Vec<Refused>>;
    /// Adds counts to what services announced about their own API. Returns the signals that were not there. Of one endpoint
    /// [`MAX_PER_ENDPOINT`](connector_core::signal::MAX_PER_ENDPOINT) are kept, those seen last; one that pushes out another
    /// is not returned.
    async fn add_signals(&self, tallies: Vec<SignalTally>) -> Result<Vec<UpstreamSignal>>;
    /// What services announced, of one connector or of all, last seen first; at most `limit` and 1000.
    async fn signals(&self, connector: Option<String>, limit: usize) -> Result<Vec<SignalTally>>;

    // --- dispatch

    /// Events not dispatched yet, oldest first, with their payloads: as many as there are up to `limit`, 1000 and 16 MiB of
    /// payloads, but at least one. One that cannot be read is marked dispatched, logged and left out.
    async fn undispatched(&self, limit: usize) -> Result<Vec<Event>>;
    /// Marks an event dispatched and makes its runs, in one transaction.
    async fn dispatched(&self, event: Uuid, runs: Vec<NewRun>, at: Timestamp) -> Result<()>;
    /// Marks an event undispatched, so that it is matched again (replay).
    async fn redispatch(&self, event: Uuid) -> Result<()>;
    /// Takes due runs, at most `limit` and 1000: each becomes `Running` with a new attempt.
    ///
    /// No connection comes to have more than `per_connection` under way; `busy` says how many it has. The connections with
    /// the fewest under way go first, in turns where they are equal, so that none waits for another one's backlog; within
    /// one, what is due first goes first.
    ///
    /// No delay is longer than 24 h, so a run due more than 25 h after `now` was queued by a clock that has been set back
    /// since: it counts as due, after those that are. A run that cannot be read becomes `Failed` with the reason, and is
    /// logged and left out.
    async fn claim_runs(
        &self,
        limit: usize,
        per_connection: usize,
        busy: &BTreeMap<String, usize>,
        now: Timestamp,
    ) -> Result<Vec<Run>>;
    /// Ends a run's attempt: the one under way; `NotFound` if none is (it ended before). A `Queued` end without a time is
    /// due at once. That of an attempt that an earlier process was killed in keeps no `finished_at`.
    async fn end_attempt(&self, run: Uuid, end: AttemptEnd) -> Result<()>;
    /// Runs that were `Running` when the process before this one ended. To be called once, before claiming. One that cannot
    /// be read becomes `Failed` with the reason, and is logged and left out.
    async fn interrupted_runs(&self) -> Result<Vec<Run>>;
    /// Makes a `Failed` or `Parked` run `Queued` again, due at `at`; `Conflict` in any other state. Its error stays until
    /// its next attempt ends. Returns it without its output.
    async fn requeue_run(&self, run: Uuid, at: Timestamp) -> Result<Run>;
    /// Ends a `Parked` run as a person decided: `Succeeded` or `Failed` (`Invalid` for another state), finished at `at`;
    /// `Conflict` if it is not parked. The error that it was parked with stays. Returns it without its output.
    async fn settle_run(&self, run: Uuid, state: RunState, at: Timestamp) -> Result<Run>;
    /// When the next queued run is due, if there is one. It may lie in the past (its connection is busy) or, after the
    /// clock was set back, too far in the future, see [`Store::claim_runs`]: wait a bounded time only.
    async fn next_due(&self) -> Result<Option<Timestamp>>;
    /// Runs, newest first, outputs left out.
    async fn runs(&self, filter: Filter) -> Result<Vec<Run>>;
    /// One run with its attempts.
    async fn run(&self, id: Uuid) -> Result<(Run, Vec<Attempt>)>;

    // --- settings and numbers

    /// A setting of the gateway itself.
    async fn setting(&self, name: &str) -> Result<Option<Value>>;
    /// Sets it.
    async fn put_setting(&self, name: &str, value: Value) -> Result<()>;
    /// Row counts by table, for `status` and tests.
    async fn counts(&self) -> Result<BTreeMap<String, u64>>;
    /// Writes and reads a row: whether the store works now.
    async fn ready(&self) -> Result<()>;
    /// Commits what is under way, checkpoints and closes. Further calls fail.
    async fn close(&self) -> Result<()>;
}

/// A shared store.
pub type SharedStore = Arc<dyn Store>;
