//! Fields of issues beyond those that actions name: custom fields under names that a connection declares, fields of
//! Jira's own, and custom fields by id.
//!
//! What lives here: the declaration (the param `custom_fields`) and the way of names. What must not: the form of any one
//! type's values ([`kind`]), requests. Vendor's page:
//! <https://developer.atlassian.com/server/jira/platform/jira-rest-api-examples/#setting-custom-field-data-for-other-field-types>.

mod kind;
mod time;

use std::collections::BTreeMap;

use connector_core::{
    Cx, Error, FieldError, Result,
    schema::{closest, escape},
};
use serde::Deserialize;
use serde_json::{Map, Value};

pub(crate) use kind::{Kind, is_key};
pub(crate) use time::iso;

use crate::text::Format;

/// The connection's param that declares fields.
pub(crate) const PARAM: &str = "custom_fields";
/// No site has more custom fields than this on its screens.
const MAX_DECLARED: usize = 500;

/// Fields of Jira's own that are written by these names, and the form of each. Those that an action has a field for are
/// refused by it.
const SYSTEM: &[(&str, Kind)] = &[
    ("assignee", Kind::User),
    ("components", Kind::Versions),
    ("description", Kind::RichText),
    ("duedate", Kind::Date),
    ("environment", Kind::RichText),
    ("fixVersions", Kind::Versions),
    ("issuerestriction", Kind::Any),
    ("issuetype", Kind::Version),
    ("labels", Kind::Labels),
    ("parent", Kind::Any),
    ("priority", Kind::Version),
    ("project", Kind::Any),
    ("reporter", Kind::User),
    ("resolution", Kind::Version),
    ("security", Kind::Version),
    ("summary", Kind::Text),
    ("timetracking", Kind::Any),
    ("versions", Kind::Versions),
];

/// Names of outputs that are others than Jira's.
const ALIASES: &[(&str, &str)] = &[("due_date", "duedate"), ("issue_type", "issuetype")];

/// A declared field.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Field {
    id: String,
    kind: Kind,
}

/// The custom fields that a connection declares, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Fields {
    declared: BTreeMap<String, Field>,
}

/// A declaration in its long form.
#[derive(Deserialize)]
struct Long {
    id: Value,
    #[serde(rename = "type", default)]
    kind: Option<Value>,
    #[serde(flatten)]
    other: Map<String, Value>,
}

impl Fields {
    /// What the connection declares.
    pub(crate) fn of(cx: &Cx) -> Result<Self> {
        Self::check(cx.value(PARAM)).map_err(|errors| {
            let first = errors.first().map(|e| format!("{}: {}", e.pointer, e.message)).unwrap_or_default();
            Error::misconfigured(format!("the connection's param `{PARAM}` is wrong: {first}")).with_fields(errors)
        })
    }

    /// Reads the param; every fault at its place.
    pub(crate) fn check(param: Option<&Value>) -> Result<Self, Vec<FieldError>> {
        let map = match param {
            None | Some(Value::Null) => return Ok(Self::default()),
            Some(Value::Object(map)) if map.len() <= MAX_DECLARED => map,
            Some(_) => {
                let form = format!(
                    "must be an object of at most {MAX_DECLARED} fields: {{\"story_points\": {{\"id\": \"customfield_10016\", \"type\": \"number\"}}}}"
                );
                return Err(vec![FieldError::new(format!("/{PARAM}"), form)]);
            }
        };
        let mut errors = Vec::new();
        let mut declared: BTreeMap<String, Field> = BTreeMap::new();
        for (name, value) in map {
            let at = format!("/{PARAM}/{}", escape(name));
            match field(name, value) {
                Err((rest, message)) => errors.push(FieldError::new(format!("{at}{rest}"), message)),
                Ok(f) if declared.values().any(|d| d.id == f.id) => {
                    errors.push(FieldError::new(at, "is a field that is declared under another name already"));
                }
                Ok(f) => drop(declared.insert(name.clone(), f)),
            }
        }
        if errors.is_empty() { Ok(Self { declared }) } else { Err(errors) }
    }

    /// The type that the field of this id is declared with.
    pub(crate) fn kind_of(&self, id: &str) -> Option<Kind> {
        self.declared.values().find(|f| f.id == id).map(|f| f.kind)
    }

    /// The name that a field's id is declared under.
    pub(crate) fn name_of(&self, id: &str) -> Option<&str> {
        self.declared.iter().find(|(_, f)| f.id == id).map(|(name, _)| name.as_str())
    }

    /// The ids of all declared fields.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &str> {
        self.declared.values().map(|f| f.id.as_str())
    }

    /// The input's `fields` as Jira takes them: names become ids, values take the form of their type. `own` are Jira's names
    /// of fields that the action has a field for, each with its pointer: those must not come by this way too.
    pub(crate) fn write(
        &self,
        cx: &Cx,
        format: Format,
        given: Map<String, Value>,
        own: &[(&str, &str)],
    ) -> Result<Map<String, Value>> {
        let mut errors = Vec::new();
        let mut out = Map::new();
        for (name, value) in given {
            let written = self.target(&name, own).and_then(|(id, kind)| {
                let value = kind.write(cx, format, value)?;
                match out.insert(id, value) {
                    None => Ok(()),
                    Some(_) => Err("is given twice, by name and by id".to_owned()),
                }
            });
            if let Err(message) = written {
                errors.push(FieldError::new(format!("/fields/{}", escape(&name)), message));
            }
        }
        if errors.is_empty() { Ok(out) } else { Err(Error::invalid_input(errors)) }
    }

    /// The id and form of the field that a name of the input means.
    fn target(&self, name: &str, own: &[(&str, &str)]) -> Result<(String, Kind), String> {
        if let Some(f) = self.declared.get(name) {
            return Ok((f.id.clone(), f.kind));
        }
        let id = alias(name);
        if let Some((_, pointer)) = own.iter().find(|(own, _)| *own == id) {
            return Err(format!("has a place of its own: set `{}`", pointer.trim_start_matches('/')));
        }
        if is_custom_id(id) {
            let declared = self.declared.values().find(|f| f.id == id);
            return Ok((id.to_owned(), declared.map_or(Kind::Any, |f| f.kind)));
        }
        match SYSTEM.iter().find(|(system, _)| *system == id) {
            Some((_, kind)) => Ok((id.to_owned(), *kind)),
            None => Err(self.unknown(name)),
        }
    }

    fn unknown(&self, name: &str) -> String {
        let what = "is no field of Jira's own, no declared field and no id such as customfield_10016";
        let names = || self.declared.keys().map(String::as_str);
        match closest(name, names().chain(SYSTEM.iter().map(|(n, _)| *n))) {
            Some(near) => format!("{what}; did you mean `{near}`?"),
            None if self.declared.is_empty() => format!("{what}; names are declared in the connection's `{PARAM}`"),
            None => format!("{what}; declared are {}", names().take(30).collect::<Vec<_>>().join(", ")),
        }
    }

    /// The ids of the fields that a list of names asks for: `summary`, a declared name, `customfield_10016`, `*all`, each
    /// with `-` before it to leave it out.
    pub(crate) fn select(&self, wanted: &[String]) -> Result<Vec<String>> {
        let mut errors = Vec::new();
        let mut out = Vec::new();
        for (i, text) in wanted.iter().enumerate() {
            let (minus, name) = text.strip_prefix('-').map_or(("", text.as_str()), |rest| ("-", rest));
            match self.selected(name) {
                Ok(id) => out.push(format!("{minus}{id}")),
                Err(message) => errors.push(FieldError::new(format!("/fields/{i}"), message)),
            }
        }
        if errors.is_empty() { Ok(out) } else { Err(Error::invalid_input(errors)) }
    }

    fn selected<'a>(&'a self, name: &'a str) -> Result<&'a str, String> {
        if let Some(f) = self.declared.get(name) {
            return Ok(&f.id);
        }
        let id = alias(name);
        let known = is_custom_id(id) || matches!(id, "*all" | "*navigable") || SYSTEM.iter().any(|(s, _)| *s == id);
        // Jira's own fields are many, and more come; none has anything but letters in its id.
        let letters = !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphabetic());
        let near = || closest(name, self.declared.keys().map(String::as_str)).is_some();
        if known || (letters && !near()) { Ok(id) } else { Err(self.unknown(name)) }
    }

    /// Takes the declared fields out of an issue's fields, flat and under their names.
    pub(crate) fn read(&self, raw: &mut BTreeMap<String, Value>) -> Map<String, Value> {
        let found = self.declared.iter().filter_map(|(name, f)| Some((name.clone(), f.kind.read(&raw.remove(&f.id)?))));
        found.collect()
    }
}

fn alias(name: &str) -> &str {
    ALIASES.iter().find(|(from, _)| *from == name).map_or(name, |(_, to)| to)
}

fn is_custom_id(id: &str) -> bool {
    let digits = id.strip_prefix("customfield_").unwrap_or_default();
    (1..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit())
}

/// One declaration, or where in it the fault is and what.
fn field(name: &str, value: &Value) -> Result<Field, (&'static str, String)> {
    let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if !plain || !name.starts_with(|c: char| c.is_ascii_alphabetic()) || name.len() > 64 {
        return Err(("", "a name is at most 64 letters, digits and underscores, and begins with a letter".to_owned()));
    }
    if is_custom_id(name) || SYSTEM.iter().any(|(s, _)| *s == alias(name)) {
        return Err(("", "a name must be another than the fields of Jira have".to_owned()));
    }
    let (at, id, kind) = match value {
        Value::String(id) => ("", id.clone(), Kind::Any),
        Value::Object(_) => {
            let long: Long = serde_json::from_value(value.clone()).map_err(|_| ("/id", "is required".to_owned()))?;
            if !long.other.is_empty() {
                return Err(("", "has a field beside `id` and `type`".to_owned()));
            }
            let kind = match long.kind {
                None | Some(Value::Null) => Kind::Any,
                Some(k) => serde_json::from_value(k).map_err(|_| ("/type", Kind::all()))?,
            };
            ("/id", long.id.as_str().unwrap_or_default().to_owned(), kind)
        }
        _ => return Err(("", "must be an id, or an object with `id` and `type`".to_owned())),
    };
    if !is_custom_id(&id) {
        return Err((at, "must be the id of a custom field, such as customfield_10016".to_owned()));
    }
    Ok(Field { id, kind })
}

#[cfg(test)]
mod tests;
