//! What is kept, as plain records. Secrets, bodies, payloads and outputs are sealed at rest; here they are in the clear.

use std::collections::BTreeMap;

use bytes::Bytes;
use connector_core::{Event, TraceId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

/// The gateway's own registration at a service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct App {
    /// Chosen id, unique, `[a-z0-9_-]+`.
    pub id: String,
    /// The connector's id.
    pub connector: String,
    /// What people call it.
    pub name: String,
    /// Cleaned values that are no secrets.
    pub values: Map<String, Value>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// One account of a connector.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Connection {
    /// Chosen id, unique, `[a-z0-9_-]+`.
    pub id: String,
    /// The connector's id.
    pub connector: String,
    /// What people call it.
    pub name: String,
    /// The app it belongs to, if it does.
    pub app: Option<String>,
    /// Cleaned values that are no secrets.
    pub values: Map<String, Value>,
    /// Internal networks that its calls may reach beside those that are open to all; see [`connector_core::network::Allow`].
    #[serde(default)]
    pub networks: Vec<String>,
    /// Limits of its calls beside the service's own; see [`connector_core::Limit`].
    #[serde(default)]
    pub limits: Vec<String>,
    /// Who it is at the service, as its validator learned.
    pub identity: BTreeMap<String, String>,
    /// What people recognize the account by.
    pub account: Option<String>,
    /// Whether it takes webhooks and calls.
    pub enabled: bool,
    /// The auth method that it was connected by, see [`connector_core::AuthMethod`]; none: its params were typed in.
    #[serde(default)]
    pub auth: Option<String>,
    /// The version of the connector's params that its values were cleaned by.
    #[serde(default = "first")]
    pub params_version: u32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

fn first() -> u32 {
    1
}

/// A named rule: on, when, do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Flow {
    /// Chosen id, unique, `[a-z0-9_-]+`.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Whether it runs.
    pub enabled: bool,
    /// The rule as the engine understands it.
    pub definition: Value,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// Whose secret it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Owner {
    /// An app's.
    App(String),
    /// A connection's.
    Connection(String),
}

/// An accepted inbound request, to be kept with its events in one transaction.
#[derive(Debug, Clone)]
pub struct NewDelivery {
    /// Its id (UUID version 7).
    pub id: Uuid,
    /// The trace it begins.
    pub trace_id: TraceId,
    /// The connector's id.
    pub connector: String,
    /// The app whose key it was verified with, if it was an app's.
    pub app: Option<String>,
    /// The connection it was routed to, if one was found.
    pub connection: Option<String>,
    /// Method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// Headers, shared secrets redacted already.
    pub headers: Vec<(String, String)>,
    /// The raw body.
    pub body: Bytes,
    /// How it was verified; `none` included.
    pub verified_by: String,
    /// What it is deduplicated by; `None`: it is not. It is unique within the connector and the owner of the key that it was
    /// verified with: the app if there is one, else the connection. An app's delivery sent again is a duplicate even if it
    /// is routed elsewhere by then.
    pub dedupe_key: Option<String>,
    /// When it was received.
    pub received_at: Timestamp,
    /// What it says happened. `received_at`, `connector`, `connection` and `trace_id` are the delivery's.
    pub events: Vec<Event>,
}

/// What became of a delivery that was to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The delivery's id: the first one's, if this is a duplicate.
    pub delivery: Uuid,
    /// The trace id: the first one's, if this is a duplicate.
    pub trace_id: TraceId,
    /// Whether it was there already.
    pub duplicate: bool,
}

/// A kept delivery without its body.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Delivery {
    /// Its id.
    pub id: Uuid,
    /// Its trace.
    pub trace_id: TraceId,
    /// The connector's id.
    pub connector: String,
    /// The app whose key it was verified with.
    pub app: Option<String>,
    /// The connection it was routed to.
    pub connection: Option<String>,
    /// Method.
    pub method: String,
    /// Path and query; `(unreadable)` if it does not open.
    pub path: String,
    /// Headers, shared secrets redacted. Empty in lists.
    pub headers: Vec<(String, String)>,
    /// The body's length in bytes.
    pub body_bytes: u64,
    /// How it was verified.
    pub verified_by: String,
    /// What it was deduplicated by, see [`NewDelivery::dedupe_key`].
    pub dedupe_key: Option<String>,
    /// How many further times it came.
    pub duplicates: u64,
    /// When it was received.
    pub received_at: Timestamp,
    /// The events it made: (id, event type).
    pub events: Vec<(Uuid, String)>,
}

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// Waits for its (next) attempt.
    Queued,
    /// An attempt is under way.
    Running,
    /// Done.
    Succeeded,
    /// Given up, with a reason.
    Failed,
    /// The outcome of an attempt is unknown and it must not be repeated blindly; a person decides.
    Parked,
}

/// A run to be made.
#[derive(Debug, Clone)]
pub struct NewRun {
    /// Its id (UUID version 7).
    pub id: Uuid,
    /// The flow.
    pub flow: String,
    /// The connection whose action is called.
    pub connection: String,
    /// The action's name.
    pub action: String,
}

/// One execution of a flow for one event.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Run {
    /// Its id.
    pub id: Uuid,
    /// The flow.
    pub flow: String,
    /// The event.
    pub event: Uuid,
    /// The event's trace.
    pub trace_id: TraceId,
    /// The connection whose action is called.
    pub connection: String,
    /// The action's name.
    pub action: String,
    /// How far it is.
    pub state: RunState,
    /// Attempts begun.
    pub attempts: u32,
    /// When the next attempt is due.
    pub due_at: Timestamp,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// The last attempt's error as callers see it. Absent if it does not open.
    pub error: Option<Value>,
    /// The action's output, once it succeeded. Absent in lists, and if it does not open.
    pub output: Option<Value>,
}

/// One try of a run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Attempt {
    /// 1 for the first.
    pub number: u32,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended; none while it runs or when the gateway was killed in it.
    pub finished_at: Option<Timestamp>,
    /// The error as callers see it.
    pub error: Option<Value>,
    /// The error as operators see it.
    pub operator_text: Option<String>,
}

/// How an attempt ended.
#[derive(Debug, Clone)]
pub struct AttemptEnd {
    /// The run's state now.
    pub state: RunState,
    /// When the next attempt is due, if the state is `Queued`.
    pub due_at: Option<Timestamp>,
    /// The action's output.
    pub output: Option<Value>,
    /// The error as callers see it.
    pub error: Option<Value>,
    /// The error as operators see it.
    pub operator_text: Option<String>,
    /// When it ended.
    pub at: Timestamp,
    /// Whether it counts. `false` takes it back, as if it had not begun: the run is `Queued` again with the attempts and the
    /// error that it had before, and of the rest only `due_at` is kept.
    pub counts: bool,
}

/// What was refused, counted: nothing of the request itself is kept.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct RefusalKey {
    /// The connector, or `(unknown)`.
    pub connector: String,
    /// The connection or app, or `(unknown)`; empty for an app-wide address.
    pub target: String,
    /// The status it was answered with.
    pub status: u16,
    /// Why, for operators.
    pub reason: String,
}

/// A line of the audit of refused requests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Refused {
    /// What was refused and why.
    #[serde(flatten)]
    pub key: RefusalKey,
    /// The hour this line counts (start of it).
    pub hour: Timestamp,
    /// How often.
    pub count: u64,
    /// The first in that hour.
    pub first_at: Timestamp,
    /// The last in that hour.
    pub last_at: Timestamp,
}

/// What a list is narrowed to. Lists are newest first.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only this connector.
    pub connector: Option<String>,
    /// Only this connection.
    pub connection: Option<String>,
    /// Only this event type (events).
    pub event_type: Option<String>,
    /// Only this flow (runs).
    pub flow: Option<String>,
    /// Only this event (runs).
    pub event: Option<Uuid>,
    /// Only this trace.
    pub trace_id: Option<TraceId>,
    /// Only this state (runs).
    pub state: Option<RunState>,
    /// Only what is older than this id.
    pub before: Option<Uuid>,
    /// At most so many; the store caps it at 1000. 0, the default, is the cap.
    pub limit: usize,
}
