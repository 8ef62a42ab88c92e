//! Holds a JSON value against a schema.
//!
//! The walk is our own and not a JSON Schema validator's, for three reasons. A description rarely says
//! `additionalProperties: false`, so what matters most, a property that no branch describes, is no error of any schema: it
//! has to be reckoned over all branches that apply, the way `unevaluatedProperties` would. Vendors write two closed objects
//! below one `allOf`, which no value fits, and mean their union. And the three versions of OpenAPI differ from JSON Schema
//! and from each other (`nullable`, `exclusiveMinimum: true`, `discriminator`, `readOnly`); reading those as they are is less
//! than translating thirteen megabytes of them first.
//!
//! What lives here: composition, properties and what is described by none. What a single value must be is in
//! [`super::keywords`].

mod shape;

use serde_json::{Map, Value};

use self::shape::{Object, Outcome, unknown};
use super::{
    description::Description,
    finding::{Class, join, listed},
    keywords,
};

/// Who sends the value: it decides about `readOnly`, `writeOnly` and what a missing property means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    Request,
    Response,
}

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The value is not what is described.
    Wrong,
    /// A required property is missing.
    Missing,
    /// A property that nothing describes.
    Unknown,
    /// A property that is not named, in an object that the description leaves open although it names others.
    Unnamed,
    /// The schema says something that is not understood here.
    Unchecked,
}

/// One thing that is wrong, with the JSON pointer where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) kind: Kind,
    pub(super) at: String,
    pub(super) text: String,
}

impl Fault {
    pub(super) fn new(kind: Kind, at: &str, text: impl Into<String>) -> Self {
        Self { kind, at: at.to_owned(), text: text.into() }
    }

    /// A value that is wrong as a whole.
    pub(super) fn wrong(text: &str) -> Self {
        Self::new(Kind::Wrong, "", text)
    }

    /// What it means: all that is sent must be described; an answer may lack or add something, and what the description
    /// leaves open it describes.
    pub(super) fn class(&self, direction: Direction) -> Option<Class> {
        use Direction::{Request, Response};
        Some(match (self.kind, direction) {
            (Kind::Wrong, _) | (Kind::Missing | Kind::Unknown, Request) => Class::Differs,
            (Kind::Missing, Response) => Class::Abridged,
            (Kind::Unknown, Response) | (Kind::Unnamed, Request) => Class::Extra,
            (Kind::Unnamed, Response) => return None,
            (Kind::Unchecked, _) => Class::Unchecked,
        })
    }
}

/// Holds a value against a schema.
pub(super) fn hold(doc: &Description, schema: &Value, value: &Value, direction: Direction) -> Vec<Fault> {
    let mut walk = Walk { doc, direction, open: Vec::new() };
    let Outcome { mut faults, shape } = walk.apply(schema, value, "");
    unknown(&shape, value, "", &mut |at, object| {
        let (kind, text) = match object.open {
            false if object.named.is_empty() => (Kind::Unknown, "is described nowhere; no property is".to_owned()),
            false => (Kind::Unknown, format!("is described nowhere; described are {}", listed(&object.named, 8))),
            true => (Kind::Unnamed, "is named nowhere; the description lets any name stand here".to_owned()),
        };
        faults.push(Fault::new(kind, at, text));
    });
    faults
}

struct Walk<'d> {
    doc: &'d Description,
    direction: Direction,
    /// The schemas that are being applied, each with the pointer it is applied at: a reference back to one of them at the
    /// same place says nothing new, and following it would never end.
    open: Vec<(*const Value, String)>,
}

impl<'d> Walk<'d> {
    fn apply(&mut self, schema: &'d Value, value: &Value, at: &str) -> Outcome {
        let mut out = Outcome::default();
        let Some(s) = schema.as_object() else {
            if schema == &Value::Bool(false) {
                out.faults.push(Fault::new(Kind::Wrong, at, "may not be there"));
            }
            return out;
        };
        let here = (std::ptr::from_ref(schema), at.to_owned());
        if self.open.contains(&here) || value.is_null() && keywords::is_nullable(s) {
            return out;
        }
        self.open.push(here);
        self.object_schema(s, value, at, &mut out);
        self.open.pop();
        out
    }

    fn object_schema(&mut self, s: &'d Map<String, Value>, value: &Value, at: &str, out: &mut Outcome) {
        if let Some(reference) = s.get("$ref").and_then(Value::as_str) {
            match self.doc.target(reference) {
                Some(target) => out.merge(self.apply(target, value, at)),
                None => out.faults.push(Fault::new(
                    Kind::Unchecked,
                    at,
                    format!("the description refers to `{reference}`, which is not in it"),
                )),
            }
        }
        if let Some(fault) = keywords::type_fault(s, value, at) {
            // Whatever else the schema says is about a value of another type.
            return out.faults.push(fault);
        }
        keywords::check(s, value, at, &mut out.faults);
        match value {
            Value::Object(map) => self.properties(s, map, at, out),
            Value::Array(items) => self.items(s, items, at, out),
            _ => {}
        }
        for branch in s.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            out.merge(self.apply(branch, value, at));
        }
        let chosen = self.discriminated(s, value);
        if let Some(target) = chosen {
            out.merge(self.apply(target, value, at));
        }
        for key in ["oneOf", "anyOf"] {
            if let (None, Some(branches)) = (chosen, s.get(key).and_then(Value::as_array)) {
                out.merge(self.alternatives(branches, value, at));
            }
        }
        if let Some(branches) = self.list_of_alternatives(s, value) {
            out.merge(self.alternatives(branches, value, at));
        }
        self.conditions(s, value, at, out);
    }

    /// Slack's description writes alternatives as a list below `items`, which OpenAPI 2.0 has no meaning for.
    fn list_of_alternatives(&self, s: &'d Map<String, Value>, value: &Value) -> Option<&'d Vec<Value>> {
        let list = s.get("items").and_then(Value::as_array).filter(|_| self.doc.is_v2())?;
        let of_items = value.is_array() && s.get("type").and_then(Value::as_str) == Some("array");
        (!of_items).then_some(list)
    }

    fn conditions(&mut self, s: &'d Map<String, Value>, value: &Value, at: &str, out: &mut Outcome) {
        if let Some(not) = s.get("not")
            && !self.apply(not, value, at).faults.iter().any(|f| self.is_hard(f))
        {
            out.faults.push(Fault::new(Kind::Wrong, at, "fits what the description excludes with `not`"));
        }
        if let Some(test) = s.get("if") {
            let met = self.apply(test, value, at);
            let holds = !met.faults.iter().any(|f| self.is_hard(f));
            if holds {
                out.describe(met.shape);
            }
            if let Some(branch) = s.get(if holds { "then" } else { "else" }) {
                out.merge(self.apply(branch, value, at));
            }
        }
    }

    fn is_hard(&self, fault: &Fault) -> bool {
        fault.kind == Kind::Wrong || (fault.kind == Kind::Missing && self.direction == Direction::Request)
    }

    /// The one schema that a `discriminator` chooses, if the value has what it asks for.
    fn discriminated(&self, s: &Map<String, Value>, value: &Value) -> Option<&'d Value> {
        let discriminator = s.get("discriminator")?;
        let name = discriminator.as_str().or_else(|| discriminator.get("propertyName")?.as_str())?;
        let tag = value.get(name)?.as_str()?;
        let mapped = discriminator.get("mapping").and_then(|m| m.get(tag)).and_then(Value::as_str);
        let named = |n: &str| {
            let folder = if self.doc.is_v2() { "#/definitions/" } else { "#/components/schemas/" };
            self.doc.target(&format!("{folder}{n}"))
        };
        match mapped {
            Some(m) => self.doc.target(m).or_else(|| named(m)),
            None => named(tag),
        }
    }

    /// `anyOf` and `oneOf` alike: what is described by any branch that fits is described. When none fits, the closest one
    /// speaks.
    fn alternatives(&mut self, branches: &'d [Value], value: &Value, at: &str) -> Outcome {
        let mut tried: Vec<Outcome> = branches.iter().map(|b| self.apply(b, value, at)).collect();
        for (outcome, branch) in tried.iter_mut().zip(branches) {
            // A branch that asks for an object and says nothing of its properties takes any.
            if value.is_object()
                && !outcome.shape.get(at).is_some_and(|o| o.structured)
                && self.doc.resolve(branch).as_object().is_some_and(|s| keywords::types(s).contains(&"object"))
            {
                outcome.shape.entry(at.to_owned()).or_default().open = true;
            }
        }
        let rank = |o: &Outcome| {
            let wrong = o.faults.iter().filter(|f| self.is_hard(f)).count();
            // A branch of another type is the farthest.
            let elsewhere = o.faults.iter().any(|f| f.kind == Kind::Wrong && f.at == at);
            let mut loose = o.faults.len() - wrong;
            unknown(&o.shape, value, at, &mut |_, _| loose += 1);
            (wrong > 0, elsewhere, wrong, loose)
        };
        let Some(best) = (0..tried.len()).min_by_key(|i| tried.get(*i).map(rank)) else { return Outcome::default() };
        let none_fits = tried.get(best).is_some_and(|o| rank(o).0);
        let closed = tried.iter().all(|o| rank(o).1);
        let mut out = Outcome::default();
        if none_fits && closed && branches.len() > 1 {
            // Of another kind altogether: each branch says what it would take.
            let mut wants: Vec<String> =
                tried.iter().filter_map(|o| o.faults.first().map(|f| f.text.clone())).collect();
            wants.dedup();
            let text = format!("fits none of {} alternatives: {}", branches.len(), wants.join("; or "));
            out.faults.push(Fault::new(Kind::Wrong, at, text));
            return out;
        }
        for (i, outcome) in tried.into_iter().enumerate() {
            let fits = !outcome.faults.iter().any(|f| self.is_hard(f));
            if i == best {
                let label = branches.get(i).and_then(|b| b.get("$ref")).and_then(Value::as_str);
                out.faults.extend(outcome.faults.into_iter().map(|mut f| {
                    if none_fits && branches.len() > 1 {
                        let name = label.and_then(|l| l.rsplit('/').next()).map(|n| format!(", `{n}`"));
                        f.text +=
                            &format!(" (the closest of {} alternatives{})", branches.len(), name.unwrap_or_default());
                    }
                    f
                }));
                out.describe(outcome.shape);
            } else if fits {
                out.describe(outcome.shape);
            }
        }
        out
    }

    fn items(&mut self, s: &'d Map<String, Value>, items: &[Value], at: &str, out: &mut Outcome) {
        let first = s.get("prefixItems").and_then(Value::as_array);
        // See `list_of_alternatives`; in a list they are those of each item.
        let alternatives = s.get("items").and_then(Value::as_array).filter(|_| keywords::types(s).contains(&"array"));
        for (i, item) in items.iter().enumerate() {
            let here = join(at, &i.to_string());
            if let Some(schema) = first.and_then(|f| f.get(i)) {
                out.merge(self.apply(schema, item, &here));
            } else if let Some(branches) = alternatives {
                out.merge(self.alternatives(branches, item, &here));
            } else if let Some(schema) = s.get("items") {
                out.merge(self.apply(schema, item, &here));
            }
        }
    }

    fn properties(&mut self, s: &'d Map<String, Value>, map: &Map<String, Value>, at: &str, out: &mut Outcome) {
        let named = s.get("properties").and_then(Value::as_object);
        let patterns = s.get("patternProperties").and_then(Value::as_object);
        let rest = s.get("additionalProperties").or_else(|| s.get("unevaluatedProperties"));
        let mut object = Object {
            structured: named.is_some_and(|n| !n.is_empty()) || rest == Some(&Value::Bool(false)),
            open: rest == Some(&Value::Bool(true)) || rest.is_some_and(|r| r.as_object().is_some_and(Map::is_empty)),
            named: named.into_iter().flat_map(Map::keys).cloned().collect(),
        };
        for (key, value) in map {
            let here = join(at, key);
            let mut described = false;
            if let Some(schema) = named.and_then(|n| n.get(key)) {
                described = true;
                self.direction_of(schema, &here, out);
                out.merge(self.apply(schema, value, &here));
            }
            for (pattern, schema) in patterns.into_iter().flatten() {
                if keywords::matches(pattern, key) == Some(true) {
                    described = true;
                    object.named.insert(key.clone());
                    out.merge(self.apply(schema, value, &here));
                }
            }
            if let (false, Some(schema)) = (described, rest.filter(|r| r.as_object().is_some_and(|o| !o.is_empty()))) {
                object.named.insert(key.clone());
                out.merge(self.apply(schema, value, &here));
            }
        }
        self.required(s, named, map, at, out);
        if object.structured || object.open || !object.named.is_empty() {
            out.describe([(at.to_owned(), object)].into());
        }
    }

    fn required(
        &self,
        s: &'d Map<String, Value>,
        named: Option<&'d Map<String, Value>>,
        map: &Map<String, Value>,
        at: &str,
        out: &mut Outcome,
    ) {
        let other = match self.direction {
            Direction::Request => "readOnly",
            Direction::Response => "writeOnly",
        };
        let all = s.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        let lacking = all
            .filter(|name| !map.contains_key(*name))
            .filter(|name| !named.and_then(|n| n.get(*name)).is_some_and(|p| self.has_flag(p, other)));
        let lacking: Vec<&str> = lacking.collect();
        if !lacking.is_empty() {
            out.faults.push(Fault::new(Kind::Missing, at, format!("lacks {}", listed(lacking, usize::MAX - 1))));
        }
    }

    /// Whether a property goes the other way only.
    fn direction_of(&self, schema: &Value, at: &str, out: &mut Outcome) {
        match self.direction {
            Direction::Request if self.has_flag(schema, "readOnly") => {
                out.faults.push(Fault::new(Kind::Wrong, at, "is sent, but the description calls it read-only"));
            }
            Direction::Response if self.has_flag(schema, "writeOnly") => {
                out.faults.push(Fault::new(Kind::Unknown, at, "is answered, but the description calls it write-only"));
            }
            _ => {}
        }
    }

    fn has_flag(&self, schema: &Value, flag: &str) -> bool {
        let set = |s: &Value| s.get(flag).and_then(Value::as_bool) == Some(true);
        set(schema) || set(self.doc.resolve(schema))
    }
}

#[cfg(test)]
mod tests;
