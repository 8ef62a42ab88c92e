//! Bounds: what a service says of itself is shown to people and to language models, so there is an end to it.

use serde_json::{Map, Value};

use super::{ActionOverride, Descriptors, FieldOverride};
use crate::param::OptionInfo;

/// Largest descriptors of one connection, as JSON, in bytes.
pub const MAX_BYTES: usize = 256 << 10;
/// Most options of one field.
pub const MAX_OPTIONS: usize = 500;
/// Most actions that are named.
const MAX_ACTIONS: usize = 500;
/// Most fields of one action, and of all together.
const MAX_FIELDS: usize = 300;
/// Longest pointer of a field.
const MAX_POINTER: usize = 300;
/// Longest label and option.
const MAX_LABEL: usize = 200;
/// Longest description.
const MAX_TEXT: usize = 2000;
/// How deep the schema of a field may nest.
const MAX_DEPTH: usize = 5;
/// Most properties of one object in the schema of a field.
const MAX_PROPERTIES: usize = 100;
/// Most notes.
const MAX_NOTES: usize = 50;

/// What a schema of a field may say: of which kind values are. What refuses values (`enum`, `pattern`, `maximum`) or
/// points elsewhere (`$ref`) is not among it.
const SCALARS: [&str; 3] = ["title", "description", "format"];

impl Descriptors {
    /// The same within the bounds, and a note for each thing that was cut or left out: at most 256 KiB, 500 options a field,
    /// texts of one line without control characters, schemas that say only of which kind values are, nothing that has the
    /// form of a credential.
    pub fn bounded(self) -> (Self, Vec<String>) {
        let mut notes = Notes(Vec::new());
        let mut left = MAX_BYTES;
        let mut out = Self { fields: fields("", self.fields, &mut left, &mut notes), actions: Vec::new() };
        if self.actions.len() > MAX_ACTIONS {
            notes.add(format!("only {MAX_ACTIONS} of {} actions are described", self.actions.len()));
        }
        for a in self.actions.into_iter().take(MAX_ACTIONS) {
            let Some(action) = text(&a.action, MAX_LABEL).filter(|n| *n == a.action) else {
                notes.add("an action's name is too long or no name, and is left out".to_owned());
                continue;
            };
            let mut kept = ActionOverride {
                hidden: a.hidden,
                title: a.title.and_then(|t| text(&t, MAX_LABEL)),
                summary: a.summary.and_then(|t| text(&t, MAX_TEXT)),
                action,
                fields: Vec::new(),
            };
            if !take(&mut left, &kept) {
                notes.add(format!(
                    "`{}` and what follows is left out: together it is more than {MAX_BYTES} bytes",
                    kept.action
                ));
                break;
            }
            kept.fields = fields(&kept.action, a.fields, &mut left, &mut notes);
            out.actions.push(kept);
        }
        (out, notes.0)
    }
}

struct Notes(Vec<String>);

impl Notes {
    fn add(&mut self, note: String) {
        if self.0.len() < MAX_NOTES {
            self.0.push(note);
        }
    }
}

/// Takes what something is as JSON from what is left, if there is enough.
fn take(left: &mut usize, what: &impl serde::Serialize) -> bool {
    // The comma that follows it counts too, and what stands around all.
    let bytes = serde_json::to_vec(what).map_or(usize::MAX, |json| json.len().saturating_add(64));
    match left.checked_sub(bytes) {
        Some(rest) => {
            *left = rest;
            true
        }
        None => false,
    }
}

fn fields(action: &str, given: Vec<FieldOverride>, left: &mut usize, notes: &mut Notes) -> Vec<FieldOverride> {
    let mut out = Vec::new();
    if given.len() > MAX_FIELDS {
        notes.add(format!("only {MAX_FIELDS} of {} fields of `{action}` are described", given.len()));
    }
    for f in given.into_iter().take(MAX_FIELDS) {
        if !f.field.starts_with('/') || f.field.len() > MAX_POINTER || f.field.chars().any(char::is_control) {
            notes.add(format!("a field of `{action}` is named by no JSON pointer, and is left out"));
            continue;
        }
        let count = f.options.len();
        let options: Vec<OptionInfo> = f.options.into_iter().filter_map(option).take(MAX_OPTIONS).collect();
        if options.len() < count {
            notes.add(format!("`{}` of `{action}` has {} of {count} options", f.field, options.len()));
        }
        let mut kept = FieldOverride {
            label: f.label.and_then(|t| text(&t, MAX_LABEL)),
            description: f.description.and_then(|t| text(&t, MAX_TEXT)),
            schema: f.schema.as_ref().and_then(|s| schema(s, MAX_DEPTH)),
            options,
            field: f.field,
        };
        if !take(left, &kept) {
            kept.options.clear();
            if !take(left, &kept) {
                notes.add(format!(
                    "`{}` of `{action}` is left out: together it is more than {MAX_BYTES} bytes",
                    kept.field
                ));
                continue;
            }
            notes.add(format!(
                "`{}` of `{action}` is without its options: together it is more than {MAX_BYTES} bytes",
                kept.field
            ));
        }
        out.push(kept);
    }
    out
}

/// An option whose value is not one is of no use: it is left out, not cut.
fn option(o: OptionInfo) -> Option<OptionInfo> {
    let value = text(&o.value, MAX_LABEL).filter(|v| *v == o.value)?;
    let label = text(&o.label, MAX_LABEL).unwrap_or_else(|| value.clone());
    Some(OptionInfo { label, value })
}

/// A text of one line, cut at its bound; none if it is empty or has the form of a credential.
fn text(given: &str, most: usize) -> Option<String> {
    let line: String = given.chars().map(|c| if c.is_control() { ' ' } else { c }).take(most).collect();
    let line = line.trim();
    (!line.is_empty() && !looks_secret(line)).then(|| line.to_owned())
}

/// Whether a text holds what has the form of a credential. It is better to leave out a label that has it than to show one.
fn looks_secret(text: &str) -> bool {
    const HEADS: [&str; 15] = [
        "xoxb-",
        "xoxp-",
        "xoxa-",
        "xoxe",
        "xapp-",
        "ghp_",
        "gho_",
        "ghu_",
        "ghs_",
        "ghr_",
        "github_pat_",
        "ATATT3",
        "sk_live_",
        "glpat-",
        "AKIA",
    ];
    let long = |rest: &str| {
        let body: String =
            rest.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')).collect();
        body.len() >= 16 && body.bytes().any(|b| b.is_ascii_digit())
    };
    HEADS.iter().any(|head| text.match_indices(head).any(|(at, _)| text.get(at + head.len()..).is_some_and(long)))
        || text.contains("-----BEGIN ") && text.contains("PRIVATE KEY")
        || text.split_whitespace().any(|word| word.starts_with("eyJ") && word.matches('.').count() >= 2 && long(word))
}

fn schema(given: &Value, depth: usize) -> Option<Value> {
    let given = given.as_object()?;
    let depth = depth.checked_sub(1)?;
    let mut out = Map::new();
    if let Some(kind) = given.get("type").and_then(types) {
        out.insert("type".into(), kind);
    }
    for key in SCALARS {
        if let Some(said) = given.get(key).and_then(Value::as_str).and_then(|t| text(t, MAX_TEXT)) {
            out.insert(key.into(), said.into());
        }
    }
    if let Some(items) = given.get("items").and_then(|s| schema(s, depth)) {
        out.insert("items".into(), items);
    }
    if let Some(properties) = given.get("properties").and_then(Value::as_object) {
        let kept: Map<String, Value> = properties
            .iter()
            .filter(|(name, _)| text(name, MAX_LABEL).as_ref() == Some(name))
            .filter_map(|(name, s)| Some((name.clone(), schema(s, depth)?)))
            .take(MAX_PROPERTIES)
            .collect();
        out.insert("properties".into(), kept.into());
    }
    Some(out.into())
}

/// `type` as JSON Schema knows it.
fn types(given: &Value) -> Option<Value> {
    let known = |v: &Value| {
        matches!(v.as_str(), Some("string" | "number" | "integer" | "boolean" | "object" | "array" | "null"))
    };
    let is = match given {
        Value::Array(all) => !all.is_empty() && all.len() <= 7 && all.iter().all(known),
        one => known(one),
    };
    is.then(|| given.clone())
}
