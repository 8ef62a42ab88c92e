//! Schemas that are made when somebody looks at them: a process has far more of them than it ever needs.

use std::{
    fmt,
    ops::Deref,
    sync::{Arc, LazyLock},
};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

/// A JSON Schema. It is read like the [`Value`] that it is; one that is made from a type is made at the first look and kept.
/// Cheap to clone.
#[derive(Clone)]
pub struct Schema(Form);

#[derive(Clone)]
enum Form {
    Given(Arc<Value>),
    Made(Arc<LazyLock<Value>>, fn() -> Value),
}

impl Schema {
    /// What `make` gives, which must be the same each time; it is asked when somebody looks.
    pub fn lazy(make: fn() -> Value) -> Self {
        Self(Form::Made(Arc::new(LazyLock::new(make)), make))
    }
}

impl From<Value> for Schema {
    fn from(schema: Value) -> Self {
        Self(Form::Given(Arc::new(schema)))
    }
}

impl Deref for Schema {
    type Target = Value;

    fn deref(&self) -> &Value {
        match &self.0 {
            Form::Given(schema) => schema,
            Form::Made(schema, _) => schema,
        }
    }
}

impl fmt::Debug for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl PartialEq for Schema {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl PartialEq<Value> for Schema {
    fn eq(&self, other: &Value) -> bool {
        **self == *other
    }
}

/// Writes the schema as it stands. One that nobody looked at yet is not kept for that: who reads a catalog must not make
/// every schema stay in memory for good.
impl Serialize for Schema {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Form::Made(schema, make) if LazyLock::get(schema).is_none() => make().serialize(s),
            _ => (**self).serialize(s),
        }
    }
}

impl<'de> Deserialize<'de> for Schema {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Value::deserialize(d).map(Self::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn it_is_made_at_the_first_look_and_once() {
        static MADE: AtomicUsize = AtomicUsize::new(0);
        let schema = Schema::lazy(|| {
            MADE.fetch_add(1, Ordering::Relaxed);
            json!({"type": "object"})
        });
        let clone = schema.clone();
        assert_eq!(MADE.load(Ordering::Relaxed), 0);
        assert_eq!(serde_json::to_string(&schema).unwrap(), r#"{"type":"object"}"#);
        assert_eq!(MADE.load(Ordering::Relaxed), 1, "made to be written");
        assert_eq!(clone["type"], "object");
        assert_eq!(schema, clone);
        assert_eq!(schema, json!({"type": "object"}));
        assert_eq!(serde_json::to_value(&schema).unwrap(), *schema);
        assert_eq!(MADE.load(Ordering::Relaxed), 2, "made to be looked at, and kept");
    }

    #[test]
    fn one_that_is_given_is_read_and_written_the_same() {
        let schema: Schema = serde_json::from_str(r#"{"type":"array"}"#).unwrap();
        assert_eq!(schema, Schema::lazy(|| json!({"type": "array"})));
        assert_eq!(serde_json::to_string(&schema).unwrap(), r#"{"type":"array"}"#);
    }
}
