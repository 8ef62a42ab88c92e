//! The types of fields: which form each takes in an input, how Jira takes it, and its flat form in an output.
//!
//! What must not live here: names. A value as an output gives it is always taken by an input too, sprints excepted.

use connector_core::{Cx, request::parse_url};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::time::{iso, jira_time};
use crate::{
    client,
    model::{Account, User},
    text::{self, Format},
};

/// A field's type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// Anything, as Jira has it.
    Any,
    /// One line of text.
    Text,
    /// Text of several lines, in Markdown.
    RichText,
    /// A number.
    Number,
    /// One choice of a list.
    Option,
    /// Several choices of a list.
    Options,
    /// A choice and one below it.
    Cascading,
    /// A person.
    User,
    /// People.
    Users,
    /// A group.
    Group,
    /// Groups.
    Groups,
    /// A version, or anything else with a name.
    Version,
    /// Versions, or anything else with names.
    Versions,
    /// A day.
    Date,
    /// A time.
    #[serde(rename = "datetime")]
    DateTime,
    /// Labels.
    Labels,
    /// A web address.
    Url,
    /// A sprint.
    Sprint,
    /// The epic of an issue.
    EpicLink,
    /// A team of Atlassian's.
    Team,
}

impl Kind {
    const ALL: [Self; 20] = [
        Self::Any,
        Self::Text,
        Self::RichText,
        Self::Number,
        Self::Option,
        Self::Options,
        Self::Cascading,
        Self::User,
        Self::Users,
        Self::Group,
        Self::Groups,
        Self::Version,
        Self::Versions,
        Self::Date,
        Self::DateTime,
        Self::Labels,
        Self::Url,
        Self::Sprint,
        Self::EpicLink,
        Self::Team,
    ];

    /// What a type must be, in words.
    pub(super) fn all() -> String {
        let names = Self::ALL.iter().filter_map(|k| Some(serde_json::to_value(k).ok()?.as_str()?.to_owned()));
        format!("must be one of {}", names.collect::<Vec<_>>().join(", "))
    }

    /// A value of the input as Jira takes it; `null` clears every field. The error says which form is right.
    pub(super) fn write(self, cx: &Cx, format: Format, value: Value) -> Result<Value, String> {
        if value.is_null() {
            return Ok(value);
        }
        let wrong = || format!("must be {}, or null", self.form());
        match self {
            Self::Any => Some(value),
            Self::Text => line(&value, 255).map(Into::into),
            Self::RichText => rich_text(cx, format, value),
            Self::Number => value.is_number().then_some(value),
            Self::Option => chosen(value, "value"),
            Self::Options => each(value, |v| chosen(v, "value")),
            Self::Cascading => cascading(value),
            Self::User => person(cx, value),
            Self::Users => each(value, |v| person(cx, v)),
            Self::Group | Self::Version => chosen(value, "name"),
            Self::Groups | Self::Versions => each(value, |v| chosen(v, "name")),
            Self::Date => value.as_str().filter(|t| is_day(t)).map(Into::into),
            Self::DateTime => value.as_str().and_then(jira_time).map(Into::into),
            Self::Labels => each(value, |v| label(&v)),
            Self::Url => value.as_str().filter(|t| parse_url(t).is_ok()).map(Into::into),
            Self::Sprint => sprint(&value),
            Self::EpicLink => value.as_str().filter(|t| is_key(t)).map(Into::into),
            Self::Team => line(value.get("id").unwrap_or(&value), 255).map(Into::into),
        }
        .ok_or_else(wrong)
    }

    fn form(self) -> &'static str {
        match self {
            Self::Any => "a value as Jira takes it",
            Self::Text => "text of one line with at most 255 characters",
            Self::RichText => "text with at most 32767 characters",
            Self::Number => "a number",
            Self::Option => "the choice's text, or an object with its `id`",
            Self::Options => "a list of choices: texts, or objects with an `id`",
            Self::Cascading => "a list of a choice and the one below it: [\"Blue\", \"Navy\"]",
            Self::User => "an account id (at a Data Center a user name)",
            Self::Users => "a list of account ids (at a Data Center of user names)",
            Self::Group => "the name of a group",
            Self::Groups => "a list of names of groups",
            Self::Version => "a name, or an object with an `id`",
            Self::Versions => "a list of names, or of objects with an `id`",
            Self::Date => "a day such as 2026-12-01",
            Self::DateTime => "a time with its offset, such as 2026-12-01T09:30:00+01:00",
            Self::Labels => "a list of labels without blanks",
            Self::Url => "an absolute http or https address",
            Self::Sprint => "the number of a sprint",
            Self::EpicLink => "the key of an issue, such as ENG-7",
            Self::Team => "the id of a team",
        }
    }

    /// What Jira has, flat; what is of another form than this type's stays as it is.
    pub(super) fn read(self, raw: &Value) -> Value {
        let flat = match self {
            Self::Any | Self::Text | Self::Number | Self::Date | Self::Labels | Self::Url | Self::EpicLink => None,
            Self::RichText => (raw.is_string() || raw.is_object()).then(|| text::read(raw).into()),
            Self::Option => raw.get("value").cloned(),
            Self::Options => list(raw, |v| v.get("value").cloned()),
            Self::Cascading => raw.get("value").map(|parent| {
                let child = raw.pointer("/child/value");
                [Some(parent), child].into_iter().flatten().cloned().collect()
            }),
            Self::User => account(raw),
            Self::Users => list(raw, account),
            Self::Group | Self::Version => raw.get("name").cloned(),
            Self::Groups | Self::Versions => list(raw, |v| v.get("name").cloned()),
            Self::DateTime => raw.as_str().map(|t| iso(t).into()),
            Self::Sprint => list(raw, read_sprint),
            Self::Team => raw.get("id").map(|id| json!({"id": id, "name": raw.get("name")})),
        };
        flat.unwrap_or_else(|| raw.clone())
    }
}

/// One line of text.
fn line(value: &Value, most: usize) -> Option<&str> {
    value.as_str().filter(|t| !t.contains(['\n', '\r']) && t.chars().count() <= most)
}

fn rich_text(cx: &Cx, format: Format, value: Value) -> Option<Value> {
    match value {
        Value::String(t) if text::is_blank(&t) => Some(Value::Null),
        Value::String(t) => (t.chars().count() <= 32767).then(|| client::text(cx, format, &t)),
        // A document of the Atlassian Document Format is taken as it is.
        Value::Object(ref doc) if doc.get("type").is_some_and(|t| t == "doc") && !client::is_data_center(cx) => {
            Some(value)
        }
        _ => None,
    }
}

/// Something of a list by its text, or as Jira names it.
fn chosen(value: Value, by: &str) -> Option<Value> {
    match &value {
        Value::String(t) if !t.trim().is_empty() => Some(json!({ by: t })),
        Value::Object(o) if ["id", by].iter().any(|k| o.get(*k).is_some_and(Value::is_string)) => Some(value),
        _ => None,
    }
}

fn each(value: Value, write: impl Fn(Value) -> Option<Value>) -> Option<Value> {
    match value {
        Value::Array(items) => items.into_iter().map(write).collect(),
        _ => None,
    }
}

fn list(raw: &Value, read: impl Fn(&Value) -> Option<Value>) -> Option<Value> {
    raw.as_array()?.iter().map(read).collect()
}

fn cascading(value: Value) -> Option<Value> {
    match &value {
        Value::Array(path) => {
            let texts: Option<Vec<&str>> = path.iter().map(|v| v.as_str().filter(|t| !t.trim().is_empty())).collect();
            match texts?.as_slice() {
                [parent] => Some(json!({ "value": parent })),
                [parent, child] => Some(json!({"value": parent, "child": {"value": child}})),
                _ => None,
            }
        }
        _ => chosen(value, "value"),
    }
}

fn person(cx: &Cx, value: Value) -> Option<Value> {
    match &value {
        Value::String(id) if !id.trim().is_empty() => Some(client::user(cx, id)),
        Value::Object(o) if o.contains_key("accountId") => Some(value),
        Value::Object(o) => match o.get("id").and_then(Value::as_str) {
            Some(id) => Some(client::user(cx, id)),
            None => (o.contains_key("name") && client::is_data_center(cx)).then_some(value),
        },
        _ => None,
    }
}

fn account(raw: &Value) -> Option<Value> {
    let user: User = serde_json::from_value(raw.clone()).ok()?;
    serde_json::to_value(Account::of(user)?).ok()
}

/// Whether a text is a day of the calendar, such as `2026-12-01`.
fn is_day(text: &str) -> bool {
    text.len() == 10 && jira_time(&format!("{text}T00:00:00Z")).is_some()
}

/// Whether a text is the key of an issue, such as `ENG-7`.
pub(crate) fn is_key(text: &str) -> bool {
    let number = |n: &str| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit());
    text.rsplit_once('-').is_some_and(|(project, n)| {
        number(n)
            && project.starts_with(|c: char| c.is_ascii_alphabetic())
            && project.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    })
}

fn label(value: &Value) -> Option<Value> {
    value.as_str().filter(|t| !t.is_empty() && t.len() <= 255 && !t.contains(char::is_whitespace)).map(Into::into)
}

fn sprint(value: &Value) -> Option<Value> {
    let given = value.as_u64().or_else(|| value.as_str()?.parse().ok());
    given.filter(|n| *n > 0).map(Into::into)
}

/// A sprint as Cloud has it (an object), or as a Data Center does: `…Sprint@1f[id=7,state=ACTIVE,name=Sprint 7,…]`.
fn read_sprint(raw: &Value) -> Option<Value> {
    if raw.is_object() {
        let id = raw.get("id")?.as_u64()?;
        return Some(json!({"id": id, "name": raw.get("name"), "state": raw.get("state")}));
    }
    let (_, inner) = raw.as_str()?.strip_suffix(']')?.split_once('[')?;
    // A name may hold commas: a part without `=` belongs to the one before it.
    let mut found: Vec<(&str, String)> = Vec::new();
    for part in inner.split(',') {
        match (part.split_once('='), found.last_mut()) {
            (Some((key, value)), _) => found.push((key, value.to_owned())),
            (None, Some((_, value))) => {
                value.push(',');
                value.push_str(part);
            }
            (None, None) => {}
        }
    }
    let get = |key: &str| found.iter().find(|(k, _)| *k == key).map(|(_, v)| v.as_str());
    let id: u64 = get("id")?.parse().ok()?;
    Some(json!({"id": id, "name": get("name"), "state": get("state").map(str::to_lowercase)}))
}
