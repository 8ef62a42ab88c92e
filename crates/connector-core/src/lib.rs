//! The vocabulary of Jackfield connectors.
//!
//! One typed definition per service: identity, params, actions, triggers, webhook, capabilities. From it come the Rust
//! API, the JSON Schemas, the forms, REST, the command line, the docs and the contract tests.
//!
//! Architecture invariant: this crate knows no runtime, no HTTP client, no database and no wall clock. What a connector
//! needs from outside comes by [`Cx`].

pub mod action;
mod address;
pub mod auth;
pub mod blob;
pub mod budget;
pub mod capability;
pub mod connector;
pub mod cx;
pub mod describe;
pub mod error;
pub mod event;
pub mod hooks;
pub mod hosts;
pub mod info;
pub mod network;
pub mod page;
pub mod param;
mod redirect;
pub mod registry;
pub mod request;
pub mod retry;
pub mod schema;
pub mod scrub;
pub mod secret;
pub mod signal;
pub mod spec;
pub mod status;
pub mod throttle;
pub mod trace;
pub mod transport;
pub mod trigger;
pub mod webhook;

pub use action::{Action, ActionDef, BoxFuture, Invoke};
pub use auth::AuthMethod;
pub use blob::Blob;
pub use budget::{BudgetInfo, BudgetSpec, Class, Limit};
pub use capability::{CapabilityDef, CapabilityImpl};
pub use connector::{Connector, Validation};
pub use cx::Cx;
pub use error::{Error, ErrorKind, FieldError, Result, RetryAdvice};
pub use event::Event;
pub use param::{DataType, Fieldset, InputType, ParamInfo, ParamSpec, SelectOption};
pub use registry::Registry;
pub use request::{Body, Request, Response};
pub use secret::{Secret, SecretMap, SecretSlot, SecretSource};
pub use spec::{
    ActionSpec, AntiExample, CapabilityKind, CapabilitySpec, Category, ConnectorSpec, Effect, Idempotency, Paging,
    TriggerSpec,
};
pub use trace::TraceId;
pub use transport::{Cancel, Clock, FixedClock, Transport};
pub use trigger::{PollPage, PollTrigger, Polled, Source, TriggerDef, WebhookTrigger};
pub use webhook::{Verification, Verified, Webhook};

// What connector crates use by these names, so that their manifests stay short.
pub use bytes::Bytes;
pub use http::Method;
pub use jiff::Timestamp;
