//! Actions: the typed trait that authors implement and the object-safe one that everybody calls.
//!
//! What lives here: the one erasure point, [`ActionDef::of`]. Layers wrap `dyn Invoke`, so that no product of actions
//! and layers is ever compiled.

use std::{future::Future, pin::Pin, sync::Arc};

use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    cx::Cx,
    error::{Error, ErrorKind, Result, RetryAdvice},
    info::ActionInfo,
    schema::{self, Schema},
    spec::{ActionSpec, Idempotency},
};

/// A boxed future that borrows what it was made from.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A typed call to a service: one type, one file.
///
/// ```
/// use connector_core::{Action, ActionSpec, Cx, Result};
/// use schemars::JsonSchema;
/// use serde::{Deserialize, Serialize};
///
/// /// Greets somebody.
/// pub struct Greet;
///
/// /// Whom to greet.
/// #[derive(Deserialize, JsonSchema)]
/// #[serde(deny_unknown_fields)]
/// pub struct Input {
///     /// The name.
///     name: String,
/// }
///
/// /// The greeting.
/// #[derive(Serialize, JsonSchema)]
/// pub struct Output {
///     /// The text.
///     text: String,
/// }
///
/// impl Action for Greet {
///     const SPEC: ActionSpec = ActionSpec::new("greet", "Greet").summary("Greets somebody by name.").read();
///     type Input = Input;
///     type Output = Output;
///     async fn run(_cx: &Cx, input: Input) -> Result<Output> {
///         Ok(Output { text: format!("Hello, {}!", input.name) })
///     }
/// }
/// ```
pub trait Action: 'static {
    /// Its declaration.
    const SPEC: ActionSpec;
    /// What it takes. Strict: `#[serde(deny_unknown_fields)]`; doc comments become the schema's descriptions.
    type Input: DeserializeOwned + JsonSchema + Send;
    /// What it gives. Tolerant: what the service adds tomorrow must not break it.
    type Output: Serialize + JsonSchema + Send;

    /// Makes the call. All I/O goes through `cx`.
    ///
    /// # Errors
    /// Whatever the service or the transport says, mapped to one of the normalized kinds.
    fn run(cx: &Cx, input: Self::Input) -> impl Future<Output = Result<Self::Output>> + Send;

    /// Looks whether a call with this input was done already: for [`Idempotency::Emulated`](crate::Idempotency).
    ///
    /// # Errors
    /// `Unsupported` unless the action implements it; else as [`run`](Self::run).
    fn find(_cx: &Cx, _input: Self::Input) -> impl Future<Output = Result<Option<Self::Output>>> + Send {
        async { Err(Error::new(ErrorKind::Unsupported, "this action cannot look for an earlier call")) }
    }
}

type RunFn = for<'a> fn(&'a Cx, Value) -> BoxFuture<'a, Result<Value>>;
type FindFn = for<'a> fn(&'a Cx, Value) -> BoxFuture<'a, Result<Option<Value>>>;

/// An action with its type erased: const, function pointers only.
#[derive(Clone, Copy)]
pub struct ActionDef {
    pub(crate) spec: ActionSpec,
    input_schema: fn() -> Value,
    output_schema: fn() -> Value,
    run: RunFn,
    find: FindFn,
}

impl ActionDef {
    /// Erases `A`. Generated lists call this; nothing else needs to.
    pub const fn of<A: Action>() -> Self {
        Self {
            spec: A::SPEC,
            input_schema: schema::input_schema::<A::Input>,
            output_schema: schema::output_schema::<A::Output>,
            run: run_erased::<A>,
            find: find_erased::<A>,
        }
    }

    /// The owned form that callers see.
    pub fn into_invoke(self, connector: &str) -> Arc<dyn Invoke> {
        let schemas = (Schema::lazy(self.input_schema), Schema::lazy(self.output_schema));
        let info = ActionInfo::from_spec(connector, &self.spec, schemas.0, schemas.1);
        Arc::new(BuiltIn { info: Arc::new(info), run: self.run, find: self.find })
    }
}

fn run_erased<A: Action>(cx: &Cx, input: Value) -> BoxFuture<'_, Result<Value>> {
    Box::pin(async move { to_value(A::run(cx, from_value(input)?).await?) })
}

fn find_erased<A: Action>(cx: &Cx, input: Value) -> BoxFuture<'_, Result<Option<Value>>> {
    Box::pin(async move { A::find(cx, from_value(input)?).await?.map(to_value).transpose() })
}

fn from_value<T: DeserializeOwned>(v: Value) -> Result<T> {
    // The schema was checked before, so this only meets what a schema cannot say. serde's text may quote the value.
    serde_json::from_value(v)
        .map_err(|_| Error::invalid_field("", "does not have the form that the action's input schema describes"))
}

fn to_value<T: Serialize>(v: T) -> Result<Value> {
    serde_json::to_value(v).map_err(|e| Error::internal(format!("the output cannot be written as JSON: {e}")))
}

struct BuiltIn {
    info: Arc<ActionInfo>,
    run: RunFn,
    find: FindFn,
}

impl Invoke for BuiltIn {
    fn info(&self) -> &Arc<ActionInfo> {
        &self.info
    }

    fn invoke<'a>(&'a self, cx: &'a Cx, input: Value) -> BoxFuture<'a, Result<Value>> {
        if self.info.idempotency != Idempotency::None {
            return (self.run)(cx, input);
        }
        // That its last request had no effect says nothing of those before it: with one of them done, the call as a whole
        // must not be repeated.
        Box::pin(async move {
            let cx = cx.watched();
            (self.run)(&cx, input).await.map_err(|e| match e.retry() {
                RetryAdvice::Safe { .. } if cx.has_written() => e.with_retry(RetryAdvice::Ambiguous),
                _ => e,
            })
        })
    }

    fn find<'a>(&'a self, cx: &'a Cx, input: Value) -> BoxFuture<'a, Result<Option<Value>>> {
        (self.find)(cx, input)
    }
}

/// An action as an object: built in, from an OpenAPI document, from an MCP server. No caller can tell them apart.
pub trait Invoke: Send + Sync {
    /// Its owned description.
    fn info(&self) -> &Arc<ActionInfo>;

    /// Makes the call with an input that was validated already; see [`Connector::call`](crate::Connector::call).
    ///
    /// # Errors
    /// As the action's own.
    fn invoke<'a>(&'a self, cx: &'a Cx, input: Value) -> BoxFuture<'a, Result<Value>>;

    /// Looks for an earlier call with this input.
    ///
    /// # Errors
    /// `Unsupported` where the action cannot.
    fn find<'a>(&'a self, _cx: &'a Cx, _input: Value) -> BoxFuture<'a, Result<Option<Value>>> {
        Box::pin(async { Err(Error::new(ErrorKind::Unsupported, "this action cannot look for an earlier call")) })
    }
}
