//! What is told of connections: the gateway's own events, which flows match like any other.

use connector_core::{Event, TraceId, event::Origin};
use jackfield_store::{Connection, Filter, HealthRecord, HealthState};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use tokio::sync::watch;
use uuid::Uuid;

use super::Affected;
use crate::{Engine, Result, inbox::new_id};

/// What stands as `connector` in the gateway's own events, and in the `on` of flows for them.
pub const GATEWAY: &str = "jackfield";
/// The state of a connection changed, neither to nor from `disabled`. That one works of which nothing was known is no news.
pub const HEALTH_CHANGED: &str = "connection.health_changed";
/// A connection was switched off, by a person or by the gateway.
pub const DISABLED: &str = "connection.disabled";
/// A connection was switched on.
pub const ENABLED: &str = "connection.enabled";

/// The types of what is told of connections. Each change is one event.
pub(crate) const TYPES: [&str; 3] = [HEALTH_CHANGED, DISABLED, ENABLED];

/// Most events that are read again for one who comes back.
const MISSED: usize = 1000;

/// Whether an event tells of a connection's health.
fn is_ours(event: &Event) -> bool {
    event.origin == Origin::Gateway && TYPES.contains(&event.event_type.as_str())
}

/// The payload of what is told of a connection.
#[derive(Serialize)]
struct Told<'a> {
    connection: &'a str,
    connector: &'a str,
    name: &'a str,
    state: HealthState,
    before: HealthState,
    reason: Option<&'a str>,
    since: Timestamp,
    affected: &'a Affected,
    #[serde(skip_serializing_if = "Option::is_none")]
    because: Option<&'static str>,
}

/// The JSON Schemas of the gateway's own events' payloads, by type.
pub fn event_schemas() -> Vec<(&'static str, Value)> {
    let states: Vec<&str> = HealthState::ALL.iter().map(|s| s.as_str()).collect();
    let of = |what: &str, more: &[(&str, Value)]| {
        let mut schema = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "description": what,
            "properties": {
                "connection": {"type": "string", "description": "The connection's id."},
                "connector": {"type": "string", "description": "Its connector's id."},
                "name": {"type": "string", "description": "What people call it."},
                "state": {"enum": states, "description": "How it is now."},
                "before": {"enum": states, "description": "How it was."},
                "reason": {"type": ["string", "null"], "description": "Why, for people."},
                "since": {"type": "string", "format": "date-time", "description": "Since when it is so."},
                "affected": {
                    "type": "object",
                    "description": "What depends on it.",
                    "properties": {
                        "flows": {"type": "array", "items": {"type": "string"}, "description": "The enabled flows that call it."},
                        "feeds": {
                            "type": "array",
                            "description": "The enabled flows that its events start.",
                            "items": {
                                "type": "object",
                                "properties": {"flow": {"type": "string"}, "event": {"type": "string"}},
                                "required": ["flow", "event"],
                            },
                        },
                    },
                    "required": ["flows", "feeds"],
                },
            },
            "required": ["connection", "connector", "name", "state", "before", "reason", "since", "affected"],
        });
        if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
            properties.extend(more.iter().map(|(k, v)| ((*k).to_owned(), v.clone())));
        }
        schema
    };
    let because = json!({
        "enum": ["person", "fatal", "week_of_failures"],
        "description": "A person, or the rule by which the gateway did it.",
    });
    vec![
        (HEALTH_CHANGED, of("The state of a connection changed, neither to nor from `disabled`.", &[])),
        (DISABLED, of("A connection was switched off.", &[("because", because)])),
        (ENABLED, of("A connection was switched on.", &[])),
    ]
}

impl Engine {
    /// The event that tells of a change. `last` is the id of the one before: ids grow, so that whoever comes back with one
    /// misses none.
    pub(super) async fn tell_of(
        &self,
        last: &mut Option<Uuid>,
        connection: &Connection,
        before: HealthState,
        record: &HealthRecord,
        affected: &Affected,
    ) -> Result<Event> {
        let now = self.now();
        let event_type = match (before, record.state) {
            (_, HealthState::Disabled) => DISABLED,
            (HealthState::Disabled, _) => ENABLED,
            _ => HEALTH_CHANGED,
        };
        let because = record.disabled_because.as_ref().map_or("person", |b| b.rule.as_str());
        let told = Told {
            connection: &connection.id,
            connector: &connection.connector,
            name: &connection.name,
            state: record.state,
            before,
            reason: record.reason.as_deref(),
            since: record.since,
            affected,
            because: (event_type == DISABLED).then_some(because),
        };
        if last.is_none() {
            *last = self.newest_told().await?;
        }
        let id = new_id(now);
        // Two in one millisecond, or a clock that was set back.
        let id = last.filter(|l| *l >= id).map_or(id, |l| Uuid::from_u128(l.as_u128().saturating_add(1)));
        Ok(Event {
            id,
            origin: Origin::Gateway,
            connector: GATEWAY.to_owned(),
            connection: Some(connection.id.clone()),
            event_type: event_type.to_owned(),
            trigger: None,
            occurred_at: Some(now),
            received_at: now,
            subject: Some(connection.id.clone()),
            payload: serde_json::to_value(&told).map_err(|e| connector_core::Error::internal(e.to_string()))?,
            trace_id: TraceId::new(now),
        })
    }

    /// The id of the newest event that tells of a connection's health.
    ///
    /// # Errors
    /// The store's.
    pub async fn newest_told(&self) -> Result<Option<Uuid>> {
        Ok(self.told().await?.first().map(|e| e.id))
    }

    /// Newest first, payloads left out.
    async fn told(&self) -> Result<Vec<Event>> {
        let filter = Filter { connector: Some(GATEWAY.to_owned()), limit: MISSED, ..Filter::default() };
        let mut events = self.inner.store.events(filter).await?;
        events.retain(is_ours);
        Ok(events)
    }

    /// What was told of connections' health after the event of that id, oldest first, at most `limit`; none: from the
    /// beginning of what is still looked at, the last 1000 events of the gateway.
    ///
    /// # Errors
    /// The store's.
    pub async fn told_after(&self, after: Option<Uuid>, limit: usize) -> Result<Vec<Event>> {
        let mut out = Vec::new();
        for head in self.told().await?.into_iter().rev().filter(|e| after.is_none_or(|a| e.id > a)).take(limit) {
            out.push(self.inner.store.event(head.id).await?);
        }
        Ok(out)
    }

    /// Turns to the id of each event that tells of a connection's health, as it is kept by this process.
    pub fn health_told(&self) -> watch::Receiver<Option<Uuid>> {
        self.inner.vitals.told.subscribe()
    }
}
