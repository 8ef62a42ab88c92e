//! What the bodies of one route look like: keys and JSON types that the fixtures show, and which keys are always there.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// The union of some JSON values.
#[derive(Debug, Clone, Default)]
pub(super) struct Shape {
    types: BTreeSet<&'static str>,
    fields: BTreeMap<String, Field>,
    items: Option<Box<Shape>>,
    /// How many objects were learned from; a field that as many had is always there.
    objects: usize,
}

#[derive(Debug, Clone, Default)]
struct Field {
    shape: Shape,
    seen: usize,
}

fn type_of(v: &Value) -> &'static str {
    connector_core::schema::type_name(v)
}

impl Shape {
    /// Takes a value in. `firm`: it is of a success, so that what it lacks is not needed; else it only widens.
    pub(super) fn learn(&mut self, v: &Value, firm: bool) {
        self.types.insert(type_of(v));
        match v {
            Value::Object(m) => {
                self.objects += usize::from(firm);
                for (k, x) in m {
                    let f = self.fields.entry(k.clone()).or_default();
                    f.seen += usize::from(firm);
                    f.shape.learn(x, firm);
                }
            }
            Value::Array(a) => {
                let items = self.items.get_or_insert_with(Box::default);
                a.iter().for_each(|x| items.learn(x, firm));
            }
            _ => {}
        }
    }

    /// How a value differs, if it does.
    pub(super) fn difference(&self, v: &Value) -> Option<String> {
        self.at("", v)
    }

    fn at(&self, at: &str, v: &Value) -> Option<String> {
        let place = || if at.is_empty() { "the body".to_owned() } else { format!("body field `{at}`") };
        if !self.types.contains(type_of(v)) {
            let want: Vec<&str> = self.types.iter().copied().collect();
            return Some(format!("{} must be {}, not {}", place(), want.join(" or "), type_of(v)));
        }
        match v {
            Value::Object(m) => {
                for (k, x) in m {
                    let here = format!("{at}/{k}");
                    match self.fields.get(k) {
                        Some(f) => {
                            if let Some(d) = f.shape.at(&here, x) {
                                return Some(d);
                            }
                        }
                        None => return Some(format!("body field `{here}` is in no fixture of this route")),
                    }
                }
                let missing =
                    self.fields.iter().find(|(k, f)| f.seen == self.objects && self.objects > 0 && !m.contains_key(*k));
                missing.map(|(k, _)| format!("body field `{at}/{k}` is missing"))
            }
            Value::Array(a) => {
                let items = self.items.as_ref()?;
                // An empty array in every fixture tells nothing of its items.
                if items.types.is_empty() {
                    return None;
                }
                a.iter().enumerate().find_map(|(i, x)| items.at(&format!("{at}/{i}"), x))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_union_is_what_is_taken() {
        let mut s = Shape::default();
        s.learn(&json!({"a": 1, "b": "x", "c": [{"d": true}]}), true);
        s.learn(&json!({"a": 2}), true);
        s.learn(&json!({"a": "odd", "e": null}), false);
        assert_eq!(s.difference(&json!({"a": 1})), None);
        assert_eq!(s.difference(&json!({"a": "x", "e": null, "c": [{"d": false}]})), None);
        for (v, words) in [
            (json!({"b": "x"}), "`/a` is missing"),
            (json!({"a": 1, "z": 1}), "`/z` is in no fixture"),
            (json!({"a": 1, "b": 2}), "`/b` must be a string, not a number"),
            (json!({"a": 1, "c": [{"d": 1}]}), "`/c/0/d` must be a boolean"),
            (json!([]), "the body must be an object"),
        ] {
            assert!(s.difference(&v).is_some_and(|d| d.contains(words)), "{v}: {:?}", s.difference(&v));
        }
    }
}
