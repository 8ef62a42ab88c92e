//! Something that happened: from a trigger, from the host application, or from the gateway itself.

use jiff::Timestamp;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    error::{Error, Result},
    trace::TraceId,
};

/// Where an event comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// A service, by webhook or polling.
    Trigger,
    /// The host application.
    Host,
    /// The gateway itself.
    Gateway,
}

/// An event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Its id, sorted by time.
    pub id: Uuid,
    /// Where it comes from.
    pub origin: Origin,
    /// The connector's id; `host` and `jackfield` for those origins.
    pub connector: String,
    /// The connection it came by, if one was found for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection: Option<String>,
    /// The event type, such as `issues.opened`.
    pub event_type: String,
    /// The trigger that it is decoded by; none for a type that the connector does not know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trigger: Option<String>,
    /// When it happened, if the service says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub occurred_at: Option<Timestamp>,
    /// When the gateway got it.
    pub received_at: Timestamp,
    /// The object that it is about, such as `octo/repo#7`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The payload as the service sent it.
    pub payload: Value,
    /// The trace it began.
    pub trace_id: TraceId,
}

impl Event {
    /// The payload as the trigger's type.
    ///
    /// # Errors
    /// `Protocol`, saying where it does not decode.
    pub fn decode<P: DeserializeOwned>(&self) -> Result<P> {
        P::deserialize(&self.payload)
            .map_err(|e| Error::protocol(format!("the payload of `{}` does not decode: {e}", self.event_type)))
    }
}
