//! What the schemas that apply to a value say about its objects, gathered over all branches, and what is left over.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Fault;
use crate::agree::finding::join;

/// What the schemas that apply say about the objects of a value, by pointer.
pub(super) type Shape = BTreeMap<String, Object>;

#[derive(Debug, Clone, Default)]
pub(super) struct Object {
    /// The properties of the value that something describes, and all that are named.
    pub(super) named: BTreeSet<String>,
    /// Whether something says what properties there are at all; else the object is free.
    pub(super) structured: bool,
    /// Whether something lets any other property stand.
    pub(super) open: bool,
}

#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub(super) faults: Vec<Fault>,
    pub(super) shape: Shape,
}

impl Outcome {
    pub(super) fn merge(&mut self, other: Self) {
        self.faults.extend(other.faults);
        self.describe(other.shape);
    }

    pub(super) fn describe(&mut self, shape: Shape) {
        for (at, object) in shape {
            let mine = self.shape.entry(at).or_default();
            mine.named.extend(object.named);
            mine.structured |= object.structured;
            mine.open |= object.open;
        }
    }
}

/// Calls `found` for each property that nothing describes, with what is known of its object.
pub(super) fn unknown(shape: &Shape, value: &Value, at: &str, found: &mut dyn FnMut(&str, &Object)) {
    match value {
        Value::Object(map) => {
            let Some(object) = shape.get(at) else { return };
            for (key, child) in map {
                let here = join(at, key);
                if object.named.contains(key) {
                    unknown(shape, child, &here, found);
                } else if object.structured {
                    found(&here, object);
                }
            }
        }
        Value::Array(items) => {
            for (i, item) in items.iter().enumerate() {
                unknown(shape, item, &join(at, &i.to_string()), found);
            }
        }
        _ => {}
    }
}
