//! The owned descriptions that every caller sees, whether a definition is const or made at run time.
//!
//! What lives here: [`ConnectorInfo`], [`ActionInfo`], [`TriggerInfo`]. They are serialized as they stand for catalogs,
//! REST and docs. What must not: anything that can be called.

use std::sync::OnceLock;

use serde::Serialize;
use serde_json::Value;

use crate::{
    auth::AuthMethod,
    budget::BudgetInfo,
    error::{Error, ErrorKind, FieldError, Result},
    param::{FieldsetInfo, ParamInfo},
    schema::{Schema, Validator},
    spec::{ActionSpec, CapabilityKind, Category, Effect, Idempotency, TriggerSpec},
    trigger::{TriggerShape, event_matches},
    webhook::Verification,
};

pub use crate::page::PagingInfo;

/// An input that must not validate, with the reason.
#[derive(Debug, Clone, Serialize)]
pub struct AntiExampleInfo {
    /// The input.
    pub input: Value,
    /// Why it is wrong.
    pub why: String,
}

/// A field whose default is a value of the connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DefaultInfo {
    /// Top-level input field.
    pub field: String,
    /// The connection's param.
    pub param: String,
}

/// An action's description.
#[derive(Serialize)]
pub struct ActionInfo {
    /// The connector's id.
    pub connector: String,
    /// Name, unique in the connector.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// What it does, in a sentence.
    pub summary: String,
    /// The vendor's page.
    pub docs_url: String,
    /// What it does to the service.
    pub effect: Effect,
    /// What happens when it is done twice.
    pub idempotency: Idempotency,
    /// Scopes it needs.
    pub scopes: Vec<String>,
    /// Hosts beside the connector's own.
    pub hosts: Vec<String>,
    /// What each of its requests costs of the budgets.
    pub cost: u32,
    /// The budgets that it uses beside those that are for all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub budgets: Vec<String>,
    /// Whether looking for an earlier call sees what was done a moment ago.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub finds_at_once: bool,
    /// How its results come in pages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paging: Option<PagingInfo>,
    /// Fields whose default is a value of the connection.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub defaults: Vec<DefaultInfo>,
    /// Inputs that validate.
    pub examples: Vec<Value>,
    /// Inputs that do not.
    pub anti_examples: Vec<AntiExampleInfo>,
    /// JSON Schema of the input.
    pub input_schema: Schema,
    /// JSON Schema of the output.
    pub output_schema: Schema,
    #[serde(skip)]
    input_validator: OnceLock<Result<Validator, String>>,
    #[serde(skip)]
    output_validator: OnceLock<Result<Validator, String>>,
}

impl ActionInfo {
    /// A description with the given schemas and nothing else told: a write that is not idempotent.
    pub fn new(connector: &str, name: &str, input_schema: impl Into<Schema>, output_schema: impl Into<Schema>) -> Self {
        let spec = &ActionSpec::new("", "");
        Self::from_spec_texts(connector, name, spec, input_schema.into(), output_schema.into())
    }

    pub(crate) fn from_spec(connector: &str, s: &ActionSpec, input_schema: Schema, output_schema: Schema) -> Self {
        Self::from_spec_texts(connector, s.name, s, input_schema, output_schema)
    }

    fn from_spec_texts(
        connector: &str,
        name: &str,
        s: &ActionSpec,
        input_schema: Schema,
        output_schema: Schema,
    ) -> Self {
        // An example that is no JSON becomes a string, which the contract suite's examples law then names.
        let json = |t: &str| serde_json::from_str(t).unwrap_or_else(|_| Value::String(t.to_owned()));
        Self {
            connector: connector.to_owned(),
            name: name.to_owned(),
            title: s.title.to_owned(),
            summary: s.summary.to_owned(),
            docs_url: s.docs_url.to_owned(),
            effect: s.effect,
            idempotency: s.idempotency,
            scopes: s.scopes.iter().map(|t| (*t).to_owned()).collect(),
            hosts: s.hosts.iter().map(|t| (*t).to_owned()).collect(),
            cost: s.cost,
            budgets: s.budgets.iter().map(|t| (*t).to_owned()).collect(),
            finds_at_once: s.finds_at_once,
            paging: PagingInfo::of(s),
            defaults: s
                .defaults
                .iter()
                .map(|(f, p)| DefaultInfo { field: (*f).to_owned(), param: (*p).to_owned() })
                .collect(),
            examples: s.examples.iter().map(|t| json(t)).collect(),
            anti_examples: s
                .anti_examples
                .iter()
                .map(|a| AntiExampleInfo { input: json(a.input), why: a.why.to_owned() })
                .collect(),
            input_schema,
            output_schema,
            input_validator: OnceLock::new(),
            output_validator: OnceLock::new(),
        }
    }

    /// Every failing field of an input; the schema is compiled once.
    ///
    /// # Errors
    /// `Internal` when the schema itself is wrong.
    pub fn check_input(&self, input: &Value) -> Result<Vec<FieldError>> {
        check(&self.input_validator, &self.input_schema, input)
    }

    /// Every failing field of an output.
    ///
    /// # Errors
    /// `Internal` when the schema itself is wrong.
    pub fn check_output(&self, output: &Value) -> Result<Vec<FieldError>> {
        check(&self.output_validator, &self.output_schema, output)
    }
}

fn check(cell: &OnceLock<Result<Validator, String>>, schema: &Schema, value: &Value) -> Result<Vec<FieldError>> {
    match cell.get_or_init(|| Validator::new(schema.clone())) {
        Ok(v) => Ok(v.check(value)),
        Err(e) => Err(Error::internal(format!("a schema does not compile: {e}"))),
    }
}

/// A trigger's description.
#[derive(Serialize)]
pub struct TriggerInfo {
    /// The connector's id.
    pub connector: String,
    /// Name, unique in the connector.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// When it happens, in a sentence.
    pub summary: String,
    /// The vendor's page.
    pub docs_url: String,
    /// How its events come.
    pub shape: TriggerShape,
    /// The event types it stands for, `x.*` for all below `x`.
    pub events: Vec<String>,
    /// Scopes that the service wants before it sends this.
    pub scopes: Vec<String>,
    /// Whether equal bodies are one event, since the service sends no delivery id.
    pub digest_dedupe: bool,
    /// Polled every so many seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval_secs: Option<u32>,
    /// JSON Schema of the payload.
    pub payload_schema: Schema,
    #[serde(skip)]
    validator: OnceLock<Result<Validator, String>>,
}

impl TriggerInfo {
    /// A description with the given payload schema and nothing else told.
    pub fn new(connector: &str, name: &str, shape: TriggerShape, payload_schema: impl Into<Schema>) -> Self {
        let mut info = Self::from_spec(connector, &TriggerSpec::new("", ""), shape, payload_schema.into());
        info.name = name.to_owned();
        info.events = vec![name.to_owned()];
        info
    }

    pub(crate) fn from_spec(connector: &str, s: &TriggerSpec, shape: TriggerShape, payload_schema: Schema) -> Self {
        let events = if s.events.is_empty() {
            vec![s.name.to_owned()]
        } else {
            s.events.iter().map(|t| (*t).to_owned()).collect()
        };
        Self {
            connector: connector.to_owned(),
            name: s.name.to_owned(),
            title: s.title.to_owned(),
            summary: s.summary.to_owned(),
            docs_url: s.docs_url.to_owned(),
            shape,
            events,
            scopes: s.scopes.iter().map(|t| (*t).to_owned()).collect(),
            digest_dedupe: s.digest_dedupe,
            interval_secs: s.interval_secs,
            payload_schema,
            validator: OnceLock::new(),
        }
    }

    /// Whether an event type is this trigger's.
    pub fn takes(&self, event_type: &str) -> bool {
        self.events.iter().any(|p| event_matches(p, event_type))
    }

    /// Every failing field of a payload.
    ///
    /// # Errors
    /// `Internal` when the schema itself is wrong.
    pub fn check_payload(&self, payload: &Value) -> Result<Vec<FieldError>> {
        check(&self.validator, &self.payload_schema, payload)
    }
}

/// A capability's description.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CapabilityInfo {
    /// Which.
    pub kind: CapabilityKind,
    /// The actions it rests on.
    pub actions: Vec<String>,
}

/// A connector's description.
#[derive(Debug, Clone, Serialize)]
pub struct ConnectorInfo {
    /// Stable id.
    pub id: String,
    /// The service's own name.
    pub name: String,
    /// One sentence.
    pub summary: String,
    /// The vendor's API documentation.
    pub docs_url: String,
    /// The connector's own page, Markdown.
    #[serde(skip)]
    pub docs: String,
    /// The icon, SVG text.
    #[serde(skip)]
    pub icon: String,
    /// What the service is for.
    pub categories: Vec<Category>,
    /// Settings of a connection.
    pub params: Vec<ParamInfo>,
    /// The version of the params.
    pub params_version: u32,
    /// The groups that forms show the params in.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fieldsets: Vec<FieldsetInfo>,
    /// How connections come to their credentials.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub auth: Vec<AuthMethod>,
    /// Settings of an app.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub app_params: Vec<ParamInfo>,
    /// Hosts that it may reach.
    pub hosts: Vec<String>,
    /// The service's rate limits.
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "plainly")]
    pub budgets: Vec<std::sync::Arc<BudgetInfo>>,
    /// What it can stand in for.
    pub capabilities: Vec<CapabilityInfo>,
    /// How its webhooks are verified.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verification: Option<Verification>,
    /// Errors that say that the account, the app or the credential is gone for good.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fatal: Vec<FatalInfo>,
}

/// An error that says that the account, the app or the credential is gone for good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FatalInfo {
    /// The error's kind.
    pub kind: ErrorKind,
    /// The service's own code.
    pub code: String,
}

impl FatalInfo {
    /// Whether an error is this one.
    pub fn is(&self, e: &Error) -> bool {
        e.kind() == self.kind && e.code() == Some(self.code.as_str())
    }
}

fn plainly<S: serde::Serializer>(budgets: &[std::sync::Arc<BudgetInfo>], s: S) -> Result<S::Ok, S::Error> {
    s.collect_seq(budgets.iter().map(AsRef::as_ref))
}
