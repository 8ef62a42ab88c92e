//! The installation pipeline: how a connection is made and changed step by step, and how it is removed.
//!
//! Choose → parameters → consent → site → validate → resources → webhooks → done. The steps belong to the connector: one
//! without OAuth has no consent, one that makes no webhooks at its service has none to make. Each step checks and keeps what
//! it was given; an installation can be taken up again by its id, after a restart too, and one may go back until the
//! connection is saved.
//!
//! What must not live here: pages and prompts, which show [`Progress`]; requests to token addresses (`connector-auth`).
//!
//! - **When the connection is saved.** Once its credentials were checked and it is known what is to send events, and before
//!   the first webhook is made: a service that tries its new webhook at once finds somebody who can verify it. A change of a
//!   connection works on a copy until then.
//! - **Doing a step twice is as once.** Webhooks are looked for by their address first; a write that another one overtook is
//!   refused (`Conflict`).

mod apply;
mod begin;
mod cancel;
mod check;
mod consent;
mod draft;
mod fields;
mod granted;
mod guide;
mod hooks;
mod remove;
mod show;
mod steps;
mod turn;

use std::collections::BTreeMap;

use connector_core::{FieldError, param::form::Form};
use jackfield_store::setup::SetupStep;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

pub use consent::{Consent, ConsentStart, Ticket};
pub use guide::{AppGuide, GuideLine};
pub use remove::{Left, Removed};

/// An installation that nobody goes on with is forgotten after so long.
pub(crate) const LASTS: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Resources that one connection may have a webhook at each of.
pub(crate) const MAX_RESOURCES: usize = 100;

/// What an installation begins with. What is not told here is asked for in the first step.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Begin {
    /// The connector's id.
    pub connector: String,
    /// The id that the connection is to have.
    pub id: Option<String>,
    /// What people call it; the id if none is given.
    pub name: Option<String>,
    /// The app that it belongs to.
    pub app: Option<String>,
    /// The auth method.
    pub method: Option<String>,
    /// Internal networks that its calls may reach beside those that are open to all.
    pub networks: Vec<String>,
    /// Limits of its calls beside the service's own.
    pub limits: Vec<String>,
}

/// A step, as a person sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StepView {
    /// Its name.
    pub step: SetupStep,
    /// What people call it.
    pub title: &'static str,
    /// Whether it lies behind.
    pub done: bool,
    /// Whether it is the one that is due.
    pub current: bool,
}

/// Several of which some are chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Choice {
    /// The field's name when the form is sent: a list of values.
    pub id: &'static str,
    /// What people call it.
    pub label: String,
    /// What to know before choosing.
    pub help: String,
    /// What there is.
    pub options: Vec<ChoiceOption>,
    /// Whether the list was cut: more can be named by hand.
    pub more: bool,
    /// What is wrong with the choice.
    pub error: Option<String>,
}

/// One of several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChoiceOption {
    /// What is sent.
    pub value: String,
    /// What people see.
    pub label: String,
    /// Whether it is chosen.
    pub chosen: bool,
}

/// A webhook at the service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HookView {
    /// What sends its events.
    pub resource: String,
    /// `installing`, `installed`, `removing` or `failed`.
    pub state: &'static str,
    /// Why it failed.
    pub error: Option<String>,
    /// The triggers whose events it sends.
    pub triggers: Vec<String>,
    /// Since when it is so.
    pub at: Timestamp,
}

/// A text that a person puts into a page of the service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Paste {
    /// What the service calls it.
    pub label: String,
    /// Where it goes.
    pub place: String,
    /// The text.
    pub value: String,
}

/// Where an installation stands, and what its next step asks.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Progress {
    /// Its id.
    pub id: Uuid,
    /// The connector's id.
    pub connector: String,
    /// What people call the connector.
    pub connector_name: String,
    /// The connection's id; empty until it was chosen.
    pub connection: String,
    /// What people call it.
    pub name: String,
    /// Whether it changes a connection that is there.
    pub update: bool,
    /// The app.
    pub app: Option<String>,
    /// The auth method.
    pub method: Option<String>,
    /// The step that is due.
    pub step: SetupStep,
    /// All its steps.
    pub steps: Vec<StepView>,
    /// What the step asks for.
    pub form: Form,
    /// What the step lets choose several of.
    pub choices: Vec<Choice>,
    /// What was wrong when the step was last tried.
    pub errors: Vec<FieldError>,
    /// The least scopes for what it will be used for.
    pub scopes: Vec<String>,
    /// Those of them that the service did not grant, where it says.
    pub missing_scopes: Vec<String>,
    /// What a person does at the service, in the step `consent`.
    pub consent: Option<Consent>,
    /// Webhooks at the service.
    pub hooks: Vec<HookView>,
    /// What a person puts into pages of the service.
    pub paste: Vec<Paste>,
    /// What people recognize the account by.
    pub account: Option<String>,
    /// Who it is at the service.
    pub identity: BTreeMap<String, String>,
    /// Who began it; none: the operator's own token.
    pub started_by: Option<String>,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When it is forgotten, unless it is done before.
    pub expires_at: Timestamp,
}

/// What a step is given: the fields of its form, texts or what they stand for.
pub type StepInput = Map<String, Value>;
