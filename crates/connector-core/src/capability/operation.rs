//! A family's methods as things that are called by name with JSON: schemas and an object that every caller of actions
//! can take, so that a flow, REST, the command line and agents need to know nothing about families.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    action::{BoxFuture, Invoke},
    cx::Cx,
    error::{Error, Result},
    info::ActionInfo,
    schema::{self, Schema},
    spec::{CapabilityKind, Effect, Idempotency},
};

/// A call under way.
pub(super) type BoxedCall<'a> = BoxFuture<'a, Result<Value>>;

type RunFn<T> = for<'a> fn(&'a T, &'a Cx, Value) -> BoxedCall<'a>;

/// One method of the family `T`, erased: const, function pointers only.
pub(super) struct Operation<T: ?Sized + 'static> {
    name: &'static str,
    title: &'static str,
    summary: &'static str,
    effect: (Effect, Idempotency),
    input_schema: fn() -> Value,
    output_schema: fn() -> Value,
    run: RunFn<T>,
}

impl<T: ?Sized> Operation<T> {
    pub(super) const fn new<I: JsonSchema, O: JsonSchema>(
        name: &'static str,
        title: &'static str,
        summary: &'static str,
        effect: (Effect, Idempotency),
        run: RunFn<T>,
    ) -> Self {
        Self {
            name,
            title,
            summary,
            effect,
            input_schema: schema::input_schema::<I>,
            output_schema: schema::output_schema::<O>,
            run,
        }
    }
}

/// The input of a method.
pub(super) fn input<T: DeserializeOwned>(v: Value) -> Result<T> {
    serde_json::from_value(v)
        .map_err(|_| Error::invalid_field("", "does not have the form that the operation's input schema describes"))
}

/// The output of a method.
pub(super) fn call<T: Serialize>(made: Result<T>) -> Result<Value> {
    serde_json::to_value(made?).map_err(|e| Error::internal(format!("the output cannot be written as JSON: {e}")))
}

/// All methods of one implementation, as actions.
pub(super) fn all<T: ?Sized + Send + Sync>(
    connector: &str,
    kind: CapabilityKind,
    made: &Arc<T>,
    operations: &'static [Operation<T>],
) -> Vec<Arc<dyn Invoke>> {
    let bound = operations.iter().map(|o| {
        let name = format!("{}.{}", kind.as_str(), o.name);
        let (input, output) = (Schema::lazy(o.input_schema), Schema::lazy(o.output_schema));
        let mut info = ActionInfo::new(connector, &name, input, output);
        o.title.clone_into(&mut info.title);
        o.summary.clone_into(&mut info.summary);
        (info.effect, info.idempotency) = o.effect;
        Arc::new(Bound { info: Arc::new(info), made: made.clone(), run: o.run }) as Arc<dyn Invoke>
    });
    bound.collect()
}

/// A method of one implementation.
struct Bound<T: ?Sized + 'static> {
    info: Arc<ActionInfo>,
    made: Arc<T>,
    run: RunFn<T>,
}

impl<T: ?Sized + Send + Sync> Invoke for Bound<T> {
    fn info(&self) -> &Arc<ActionInfo> {
        &self.info
    }

    fn invoke<'a>(&'a self, cx: &'a Cx, input: Value) -> BoxFuture<'a, Result<Value>> {
        (self.run)(&self.made, cx, input)
    }
}
