//! Triggers: typed events that a service sends (webhook) or that polling finds.
//!
//! What lives here: both shapes and their erasure. What must not: webhook verification ([`crate::webhook`]).

use std::{future::Future, sync::Arc};

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    action::BoxFuture,
    cx::Cx,
    error::{Error, ErrorKind, Result},
    info::TriggerInfo,
    schema::{self, Schema},
    spec::TriggerSpec,
};

/// An event that the service sends by webhook: one type, one file.
pub trait WebhookTrigger: 'static {
    /// Its declaration; [`TriggerSpec::events`] says which event types are this trigger's.
    const SPEC: TriggerSpec;
    /// The payload. Tolerant: name what people use, leave the rest out; the raw payload is kept beside it.
    type Payload: DeserializeOwned + Serialize + JsonSchema + Send;
}

/// An event that polling finds: one type, one file.
pub trait PollTrigger: 'static {
    /// Its declaration.
    const SPEC: TriggerSpec;
    /// The payload, tolerant.
    type Payload: DeserializeOwned + Serialize + JsonSchema + Send;
    /// Where polling stands. It moves in the same transaction as the events it found.
    type Cursor: DeserializeOwned + Serialize + Send;

    /// Looks for what is new since `cursor`; `None` is the first time, when what is old must not become events.
    ///
    /// # Errors
    /// As an action's.
    fn poll(
        cx: &Cx,
        cursor: Option<Self::Cursor>,
    ) -> impl Future<Output = Result<PollPage<Self::Payload, Self::Cursor>>> + Send;
}

/// What one poll found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PollPage<P, C> {
    /// The events, oldest first.
    pub events: Vec<Polled<P>>,
    /// Where polling stands now.
    pub cursor: C,
    /// Whether to poll again at once.
    pub more: bool,
}

/// One event found by polling.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Polled<P> {
    /// The service's id of the event, stable over polls: what dedupe goes by.
    pub id: String,
    /// When it happened, if known.
    pub occurred_at: Option<Timestamp>,
    /// The object that it is about.
    pub subject: Option<String>,
    /// The payload.
    pub payload: P,
}

/// How a trigger's events come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TriggerShape {
    /// The service sends them.
    Webhook,
    /// Polling finds them.
    Poll,
}

type PollFn = for<'a> fn(&'a Cx, Option<Value>) -> BoxFuture<'a, Result<PollPage<Value, Value>>>;

/// A trigger with its type erased: const, function pointers only.
#[derive(Clone, Copy)]
pub struct TriggerDef {
    pub(crate) spec: TriggerSpec,
    schema: fn() -> Value,
    check: fn(&Value) -> Result<()>,
    poll: Option<PollFn>,
}

impl TriggerDef {
    /// Erases a webhook trigger. Generated lists call this.
    pub const fn webhook<T: WebhookTrigger>() -> Self {
        Self { spec: T::SPEC, schema: schema::output_schema::<T::Payload>, check: check::<T::Payload>, poll: None }
    }

    /// Erases a polling trigger. Generated lists call this.
    pub const fn poll<T: PollTrigger>() -> Self {
        Self {
            spec: T::SPEC,
            schema: schema::output_schema::<T::Payload>,
            check: check::<T::Payload>,
            poll: Some(poll_erased::<T>),
        }
    }

    /// The owned form that callers see.
    pub fn into_source(self, connector: &str) -> Arc<dyn Source> {
        let shape = if self.poll.is_some() { TriggerShape::Poll } else { TriggerShape::Webhook };
        let info = TriggerInfo::from_spec(connector, &self.spec, shape, Schema::lazy(self.schema));
        Arc::new(BuiltIn { info: Arc::new(info), check: self.check, poll: self.poll })
    }
}

fn check<P: DeserializeOwned>(payload: &Value) -> Result<()> {
    P::deserialize(payload).map(drop).map_err(|e| Error::protocol(format!("the payload does not decode: {e}")))
}

fn poll_erased<T: PollTrigger>(cx: &Cx, cursor: Option<Value>) -> BoxFuture<'_, Result<PollPage<Value, Value>>> {
    Box::pin(async move {
        let cursor = cursor.map(serde_json::from_value).transpose().map_err(|_| {
            Error::new(ErrorKind::Misconfigured, "the stored polling cursor is not of this trigger's form; reset it")
        })?;
        let page = T::poll(cx, cursor).await?;
        let json = |e: serde_json::Error| Error::internal(format!("a polled event cannot be written as JSON: {e}"));
        let mut events = Vec::with_capacity(page.events.len());
        for e in page.events {
            events.push(Polled {
                id: e.id,
                occurred_at: e.occurred_at,
                subject: e.subject,
                payload: serde_json::to_value(e.payload).map_err(json)?,
            });
        }
        Ok(PollPage { events, cursor: serde_json::to_value(page.cursor).map_err(json)?, more: page.more })
    })
}

struct BuiltIn {
    info: Arc<TriggerInfo>,
    check: fn(&Value) -> Result<()>,
    poll: Option<PollFn>,
}

impl Source for BuiltIn {
    fn info(&self) -> &Arc<TriggerInfo> {
        &self.info
    }

    fn check(&self, payload: &Value) -> Result<()> {
        (self.check)(payload)
    }

    fn poll<'a>(&'a self, cx: &'a Cx, cursor: Option<Value>) -> BoxFuture<'a, Result<PollPage<Value, Value>>> {
        match self.poll {
            Some(f) => f(cx, cursor),
            None => Box::pin(async { Err(not_polled()) }),
        }
    }
}

fn not_polled() -> Error {
    Error::new(ErrorKind::Unsupported, "this trigger is sent by webhook, not polled")
}

/// A trigger as an object, built in or made at run time.
pub trait Source: Send + Sync {
    /// Its owned description.
    fn info(&self) -> &Arc<TriggerInfo>;

    /// Whether the payload decodes into the trigger's type.
    ///
    /// # Errors
    /// `Protocol`, saying where it does not.
    fn check(&self, payload: &Value) -> Result<()>;

    /// Polls once.
    ///
    /// # Errors
    /// `Unsupported` for a webhook trigger; else as an action's.
    fn poll<'a>(&'a self, _cx: &'a Cx, _cursor: Option<Value>) -> BoxFuture<'a, Result<PollPage<Value, Value>>> {
        Box::pin(async { Err(not_polled()) })
    }
}

/// Whether an event type is covered by a pattern: equal, or `issues.*` for `issues` and everything below it.
pub fn event_matches(pattern: &str, event_type: &str) -> bool {
    match pattern.strip_suffix(".*") {
        Some(prefix) => {
            event_type == prefix || event_type.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('.'))
        }
        None => pattern == event_type || pattern == "*",
    }
}

#[cfg(test)]
mod tests {
    use super::event_matches;

    #[test]
    fn patterns() {
        assert!(event_matches("issues.*", "issues.opened"));
        assert!(event_matches("issues.*", "issues"));
        assert!(!event_matches("issues.*", "issues_x.opened"));
        assert!(event_matches("push", "push"));
        assert!(!event_matches("push", "push.x"));
        assert!(event_matches("*", "anything.at.all"));
    }
}
