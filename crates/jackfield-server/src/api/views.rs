//! What the API answers with. Secrets are write-only: a view names those that are set.

use connector_core::Event;
use jackfield_store::{App, Attempt, Connection, Delivery, Flow, Refused, Run};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// An app: the gateway's own registration at a service.
#[derive(Serialize, ToSchema)]
pub(super) struct AppView {
    /// Its id.
    pub(super) id: String,
    /// The connector's id.
    pub(super) connector: String,
    /// What people call it.
    pub(super) name: String,
    /// Values that are no secrets.
    #[schema(value_type = Object)]
    pub(super) values: Map<String, Value>,
    /// The names of the secrets that are set.
    pub(super) secrets: Vec<String>,
    /// Where the service sends everything of this app.
    pub(super) webhook_url: Option<String>,
    /// When it was made.
    pub(super) created_at: Timestamp,
    /// When it was last changed.
    pub(super) updated_at: Timestamp,
}

impl AppView {
    pub(super) fn new(a: App, secrets: Vec<String>, webhook_url: Option<String>) -> Self {
        Self {
            id: a.id,
            connector: a.connector,
            name: a.name,
            values: a.values,
            secrets,
            webhook_url,
            created_at: a.created_at,
            updated_at: a.updated_at,
        }
    }
}

/// A connection: one account of a connector.
#[derive(Serialize, ToSchema)]
pub(super) struct ConnectionView {
    /// Its id.
    pub(super) id: String,
    /// The connector's id.
    pub(super) connector: String,
    /// What people call it.
    pub(super) name: String,
    /// The app that it belongs to.
    pub(super) app: Option<String>,
    /// Whether it takes webhooks and calls.
    pub(super) enabled: bool,
    /// Values that are no secrets.
    #[schema(value_type = Object)]
    pub(super) values: Map<String, Value>,
    /// The names of the secrets that are set.
    pub(super) secrets: Vec<String>,
    /// Internal networks that its calls may reach beside those that are open to all.
    pub(super) networks: Vec<String>,
    /// Limits of its calls beside the service's own.
    pub(super) limits: Vec<String>,
    /// Who it is at the service, as its check learned.
    pub(super) identity: std::collections::BTreeMap<String, String>,
    /// What people recognize the account by.
    pub(super) account: Option<String>,
    /// Why it cannot be used, as the error that a call gives: its values are of another version of the connector's params, and
    /// the fields that it names must be filled in again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub(super) misconfigured: Option<Value>,
    /// Where the service sends its webhooks, if the connector takes any.
    pub(super) webhook_url: Option<String>,
    /// When it was made.
    pub(super) created_at: Timestamp,
    /// When it was last changed.
    pub(super) updated_at: Timestamp,
}

impl ConnectionView {
    pub(super) fn new(c: Connection, secrets: Vec<String>, webhook_url: Option<String>) -> Self {
        Self {
            id: c.id,
            connector: c.connector,
            name: c.name,
            app: c.app,
            enabled: c.enabled,
            values: c.values,
            secrets,
            networks: c.networks,
            limits: c.limits,
            identity: c.identity,
            account: c.account,
            misconfigured: None,
            webhook_url,
            created_at: c.created_at,
            updated_at: c.updated_at,
        }
    }
}

/// A flow: on which events, when which conditions hold, do a step.
#[derive(Serialize, ToSchema)]
pub(super) struct FlowView {
    /// Its id.
    pub(super) id: String,
    /// What people call it.
    pub(super) name: String,
    /// Whether it runs.
    pub(super) enabled: bool,
    /// The rule: `on`, `when`, `do`.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    pub(super) definition: Value,
    /// When it was made.
    pub(super) created_at: Timestamp,
    /// When it was last changed.
    pub(super) updated_at: Timestamp,
}

impl From<Flow> for FlowView {
    fn from(f: Flow) -> Self {
        Self {
            id: f.id,
            name: f.name,
            enabled: f.enabled,
            definition: f.definition,
            created_at: f.created_at,
            updated_at: f.updated_at,
        }
    }
}

/// A kept delivery.
#[derive(Serialize, ToSchema)]
pub(super) struct DeliveryView {
    /// Its id.
    pub(super) id: Uuid,
    /// Its trace.
    pub(super) trace_id: String,
    /// The connector's id.
    pub(super) connector: String,
    /// The app whose key it was verified with.
    pub(super) app: Option<String>,
    /// The connection that it was routed to.
    pub(super) connection: Option<String>,
    /// Method.
    pub(super) method: String,
    /// Path.
    pub(super) path: String,
    /// Headers, shared secrets redacted; not in lists.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) headers: Vec<(String, String)>,
    /// The body's length in bytes.
    pub(super) body_bytes: u64,
    /// The body, if it is UTF-8; not in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) body_text: Option<String>,
    /// The body in base64, if it is not UTF-8; not in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) body_base64: Option<String>,
    /// How it was verified; `none` included.
    pub(super) verified_by: String,
    /// What it was deduplicated by.
    pub(super) dedupe_key: Option<String>,
    /// How many further times it came.
    pub(super) duplicates: u64,
    /// When it was received.
    pub(super) received_at: Timestamp,
    /// The events that it made.
    pub(super) events: Vec<EventRef>,
}

/// An event of a delivery.
#[derive(Serialize, ToSchema)]
pub(super) struct EventRef {
    /// Its id.
    pub(super) id: Uuid,
    /// Its type.
    pub(super) event_type: String,
}

impl From<Delivery> for DeliveryView {
    fn from(d: Delivery) -> Self {
        Self {
            id: d.id,
            trace_id: d.trace_id.to_string(),
            connector: d.connector,
            app: d.app,
            connection: d.connection,
            method: d.method,
            path: d.path,
            headers: d.headers,
            body_bytes: d.body_bytes,
            body_text: None,
            body_base64: None,
            verified_by: d.verified_by,
            dedupe_key: d.dedupe_key,
            duplicates: d.duplicates,
            received_at: d.received_at,
            events: d.events.into_iter().map(|(id, event_type)| EventRef { id, event_type }).collect(),
        }
    }
}

/// An event.
#[derive(Serialize, ToSchema)]
pub(super) struct EventView {
    /// Its id.
    id: Uuid,
    /// `trigger`, `host` or `gateway`.
    origin: String,
    /// The connector's id.
    connector: String,
    /// The connection that it came by.
    connection: Option<String>,
    /// The event type.
    event_type: String,
    /// The trigger that decodes it; none for a type that the connector does not know.
    trigger: Option<String>,
    /// When it happened, if the service says.
    occurred_at: Option<Timestamp>,
    /// When the gateway got it.
    received_at: Timestamp,
    /// The object that it is about.
    subject: Option<String>,
    /// Its trace.
    trace_id: String,
    /// The payload as the service sent it; not in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    payload: Option<Value>,
}

impl EventView {
    pub(super) fn new(e: Event, with_payload: bool) -> Self {
        Self {
            id: e.id,
            origin: serde_json::to_value(e.origin).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default(),
            connector: e.connector,
            connection: e.connection,
            event_type: e.event_type,
            trigger: e.trigger,
            occurred_at: e.occurred_at,
            received_at: e.received_at,
            subject: e.subject,
            trace_id: e.trace_id.to_string(),
            payload: with_payload.then_some(e.payload),
        }
    }
}

/// A run: one execution of a flow for one event.
#[derive(Serialize, ToSchema)]
pub(super) struct RunView {
    /// Its id.
    id: Uuid,
    /// The flow.
    flow: String,
    /// The event.
    event: Uuid,
    /// The event's trace.
    trace_id: String,
    /// The connection whose action is called.
    connection: String,
    /// The action's name.
    action: String,
    /// `queued`, `running`, `succeeded`, `failed`, or `parked`: the outcome is unknown and a person decides.
    state: String,
    /// Attempts begun.
    attempts: u32,
    /// When the next attempt is due.
    due_at: Timestamp,
    /// When it was made.
    created_at: Timestamp,
    /// When it ended.
    finished_at: Option<Timestamp>,
    /// The last attempt's error.
    #[schema(value_type = Option<Object>)]
    error: Option<Value>,
    /// The action's output; not in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    output: Option<Value>,
    /// Its attempts; not in lists.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tries: Vec<AttemptView>,
}

/// One try of a run.
#[derive(Serialize, ToSchema)]
pub(super) struct AttemptView {
    /// 1 for the first.
    number: u32,
    /// When it began.
    started_at: Timestamp,
    /// When it ended.
    finished_at: Option<Timestamp>,
    /// The error as callers see it.
    #[schema(value_type = Option<Object>)]
    error: Option<Value>,
    /// The error as operators see it.
    operator_text: Option<String>,
}

impl RunView {
    pub(super) fn new(r: Run, tries: Vec<Attempt>) -> Self {
        Self {
            id: r.id,
            flow: r.flow,
            event: r.event,
            trace_id: r.trace_id.to_string(),
            connection: r.connection,
            action: r.action,
            state: serde_json::to_value(r.state).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default(),
            attempts: r.attempts,
            due_at: r.due_at,
            created_at: r.created_at,
            finished_at: r.finished_at,
            error: r.error,
            output: r.output,
            tries: tries
                .into_iter()
                .map(|a| AttemptView {
                    number: a.number,
                    started_at: a.started_at,
                    finished_at: a.finished_at,
                    error: a.error,
                    operator_text: a.operator_text,
                })
                .collect(),
        }
    }
}

/// A line of the audit of refused requests.
#[derive(Serialize, ToSchema)]
pub(super) struct RefusedView {
    /// The connector, or `(unknown)`.
    connector: String,
    /// The connection, or `(unknown)`; empty for an app-wide address.
    target: String,
    /// The status it was answered with.
    status: u16,
    /// Why.
    reason: String,
    /// The hour that this line counts.
    hour: Timestamp,
    /// How often.
    count: u64,
    /// The first in that hour.
    first_at: Timestamp,
    /// The last in that hour.
    last_at: Timestamp,
}

impl From<Refused> for RefusedView {
    fn from(r: Refused) -> Self {
        Self {
            connector: r.key.connector,
            target: r.key.target,
            status: r.key.status,
            reason: r.key.reason,
            hour: r.hour,
            count: r.count,
            first_at: r.first_at,
            last_at: r.last_at,
        }
    }
}

/// What a list is narrowed to. Lists are newest first.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ListQuery {
    /// Only this connector.
    pub(super) connector: Option<String>,
    /// Only this connection.
    pub(super) connection: Option<String>,
    /// Only this event type.
    pub(super) event_type: Option<String>,
    /// Only this flow.
    pub(super) flow: Option<String>,
    /// Only runs of this event.
    pub(super) event: Option<Uuid>,
    /// Only runs of this state.
    pub(super) state: Option<String>,
    /// Only this trace.
    pub(super) trace_id: Option<String>,
    /// Only what is older than this id: the last one of the page before.
    pub(super) before: Option<Uuid>,
    /// At most so many, 1 to 1000; 50 unless told.
    pub(super) limit: Option<usize>,
}

/// A page of a list.
#[derive(Serialize, ToSchema)]
pub(super) struct Page<T> {
    /// The items, newest first.
    pub(super) items: Vec<T>,
    /// Give this as `before` for the next page; none at the end.
    pub(super) next: Option<Uuid>,
}
