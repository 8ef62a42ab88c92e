//! Cleaning: from what was given to what is stored, or every wrong field at once.

use std::collections::BTreeSet;

use jsonschema::PatternOptions;
use serde_json::{Map, Value};

use super::{DataType, InputType, ParamInfo, as_text, checks, file, pointer, schema};
use crate::{
    error::FieldError,
    schema::{MAX_FIELD_ERRORS, Validator},
    secret::Secret,
};

/// Most bytes of one value as JSON; files have a bound of their own, [`file::MAX_FILE_BYTES`].
pub const MAX_VALUE_BYTES: usize = 64 << 10;

/// Values as they are stored: cleaned, with defaults, secrets apart.
#[derive(Default)]
pub struct Cleaned {
    /// Everything that is no secret.
    pub values: Map<String, Value>,
    /// The secrets, by param id. That of an encrypted file is its content.
    pub secrets: Vec<(String, Secret)>,
}

/// Whether a param is asked for with these values, given or stored; what is left out counts with its default. A param that
/// depends on one that is not asked for is not asked for either.
pub fn is_visible(params: &[ParamInfo], param: &ParamInfo, values: &Map<String, Value>) -> bool {
    let mut at = param;
    // As many steps as there are params: a declaration that goes round ends too.
    for _ in 0..=params.len() {
        let Some(when) = &at.visible_if else { return true };
        let Some(other) = params.iter().find(|p| p.id == when.param) else { return false };
        let value = match values.get(&other.id) {
            // What was given as text is what it will be stored as.
            Some(v) => parse(other.data_type, other.input_type, v).ok().filter(|v| !is_blank(v)),
            None => None,
        };
        let Some(value) = value.or_else(|| other.default.clone()) else { return false };
        if !when.values.contains(&as_text(&value)) {
            return false;
        }
        at = other;
    }
    false
}

/// A form sends an empty field for "not given".
fn is_blank(value: &Value) -> bool {
    value.is_null() || value == "" || value.as_array().is_some_and(Vec::is_empty)
}

/// Validates and normalizes given values: blanks around text are cut, text is parsed into the param's data type, URLs,
/// hosts and letters get their canonical form, defaults are filled in, secrets are taken apart. What is not visible is
/// neither required nor kept.
///
/// `kept` names secrets that are stored already and may be left out (an update).
///
/// # Errors
/// Every failing field at once. Values never appear in the messages.
pub fn clean(params: &[ParamInfo], given: &Map<String, Value>, kept: &[&str]) -> Result<Cleaned, Vec<FieldError>> {
    let mut errors = Errors::default();
    unknown(params, given, &mut errors);
    let visible: Vec<&ParamInfo> = params.iter().filter(|p| is_visible(params, p, given)).collect();
    let mut values = Map::new();
    for p in &visible {
        match given.get(&p.id).map(|v| normalize(p, v)) {
            Some(Ok(v)) if !is_blank(&v) => {
                values.insert(p.id.clone(), v);
            }
            Some(Err(e)) => errors.add(e),
            // Not given: its default, if it has one.
            _ => {
                if let Some(d) = &p.default {
                    values.insert(p.id.clone(), d.clone());
                }
            }
        }
    }
    let required = visible
        .iter()
        .filter(|p| p.is_required() && !kept.contains(&p.id.as_str()))
        .map(|p| p.id.as_str())
        .filter(|id| !errors.at.contains(&pointer(id)))
        .collect();
    let declared = |e: String| vec![FieldError::new("", format!("the params' own declaration is wrong: {e}"))];
    let validator = Validator::new(schema::judged(&visible, required)).map_err(declared)?;
    for e in validator.check(&Value::Object(values.clone())) {
        errors.add(e);
    }
    for p in &visible {
        if let (Some(Value::String(text)), Some(pattern)) = (values.get(&p.id), &p.pattern)
            && !errors.at.contains(&pointer(&p.id))
            && !matches(pattern, text).map_err(declared)?
        {
            errors.add(FieldError::new(pointer(&p.id), misfit(p)));
        }
    }
    if !errors.list.is_empty() {
        errors.list.sort_by(|a, b| a.pointer.cmp(&b.pointer));
        return Err(errors.list);
    }
    Ok(apart(params, values))
}

/// What was found wrong: of each place one thing, so that nobody reads two errors for one mistake.
#[derive(Default)]
struct Errors {
    list: Vec<FieldError>,
    at: BTreeSet<String>,
}

impl Errors {
    fn add(&mut self, e: FieldError) {
        if self.list.len() < MAX_FIELD_ERRORS && self.at.insert(e.pointer.clone()) {
            self.list.push(e);
        }
    }
}

/// Names that no param has: the schema of all params tells them, with the nearest that there is.
fn unknown(params: &[ParamInfo], given: &Map<String, Value>, errors: &mut Errors) {
    let strange: Map<String, Value> =
        given.iter().filter(|(id, _)| !params.iter().any(|p| &p.id == *id)).map(|(k, _)| (k.clone(), Value::Null)).collect();
    if strange.is_empty() {
        return;
    }
    let all: Vec<&ParamInfo> = params.iter().collect();
    if let Ok(validator) = Validator::new(schema::judged(&all, Vec::new())) {
        for e in validator.check(&Value::Object(strange)) {
            errors.add(e);
        }
    }
}

/// Linear-time matching with a bounded program, as everywhere: patterns of run-time connectors come from outside.
fn matches(pattern: &str, text: &str) -> Result<bool, String> {
    let schema = serde_json::json!({"pattern": pattern});
    jsonschema::draft202012::options()
        .with_pattern_options(PatternOptions::regex().size_limit(1 << 20))
        .build(&schema)
        .map(|v| v.is_valid(&Value::String(text.to_owned())))
        .map_err(|e| e.to_string())
}

fn misfit(p: &ParamInfo) -> String {
    match (&p.pattern, p.example.as_ref().map(as_text)) {
        _ if !p.pattern_hint.is_empty() => format!("must be {}", p.pattern_hint),
        (_, Some(example)) if !p.is_secret() => format!("does not have the right form; right is, for example, {example}"),
        (Some(pattern), _) => format!("does not have the form `{pattern}`"),
        (None, _) => "does not have the right form".to_owned(),
    }
}

/// A value in the form in which it is stored, as far as the value alone tells.
fn normalize(p: &ParamInfo, value: &Value) -> Result<Value, FieldError> {
    let wrong = |why: String| FieldError::new(pointer(&p.id), why);
    let value = parse(p.data_type, p.input_type, value).map_err(wrong)?;
    if matches!(p.input_type, InputType::Files | InputType::EncryptedFile) {
        return Ok(value);
    }
    if serde_json::to_vec(&value).is_ok_and(|text| text.len() > MAX_VALUE_BYTES) {
        return Err(wrong(format!("is too large: at most {} KiB are kept", MAX_VALUE_BYTES >> 10)));
    }
    let Value::String(text) = &value else { return Ok(value) };
    if text.is_empty() {
        return Ok(value);
    }
    if text.contains('\0') {
        return Err(wrong("holds a control character".to_owned()));
    }
    if let Some(shape) = &p.token {
        let mistaken = shape.mistaken.iter().map(|(prefix, words)| (prefix.as_str(), words.as_str()));
        checks::token_of(&p.id, text, shape.prefixes.iter().map(String::as_str), mistaken)?;
    }
    let text = match p.format.as_deref() {
        // A secret is sent as it was given; only its form is checked.
        Some("uri") if p.is_secret() => checks::url(&p.id, text).map(|_| text.clone())?,
        Some("uri") => checks::canonical_url(&p.id, text)?,
        Some("hostname") => checks::host(&p.id, text)?,
        Some("email") => checks::email(&p.id, text).map(|()| text.clone())?,
        _ => text.clone(),
    };
    if p.data_type == DataType::Column && !text.starts_with('/') {
        return Err(wrong("must name a field of the event by a JSON pointer, such as /issue/title".to_owned()));
    }
    Ok(Value::String(p.case.of(&text)))
}

/// Reads a value into its data type. Forms and command lines give everything as text.
///
/// # Errors
/// Says what it must be.
pub(super) fn parse(data: DataType, input: InputType, value: &Value) -> Result<Value, String> {
    match (input, value) {
        (_, Value::Null) => return Ok(Value::Null),
        (InputType::Files, _) => return files(value),
        (InputType::EncryptedFile, _) => return encrypted(value),
        _ => {}
    }
    let Value::String(text) = value else {
        return Ok(match (data, value.as_f64()) {
            // 7.0 is a whole number too, and is kept as one.
            (DataType::Int, Some(n)) if !value.is_i64() && !value.is_u64() => schema::number(n),
            _ => value.clone(),
        });
    };
    let text = text.trim();
    if text.is_empty() {
        return Ok(Value::Null);
    }
    match data {
        DataType::String | DataType::Column => Ok(Value::String(text.to_owned())),
        DataType::Json => checks::json("", text).map_err(|e| e.message),
        DataType::Bool => match text.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "1" => Ok(Value::Bool(true)),
            "false" | "no" | "off" | "0" => Ok(Value::Bool(false)),
            _ => Err("must be yes or no".to_owned()),
        },
        DataType::Int => text
            .parse::<i64>()
            .map(Value::from)
            .or_else(|_| text.parse::<u64>().map(Value::from))
            .map_err(|_| "must be a whole number".to_owned()),
        DataType::Number => text
            .parse::<i64>()
            .map(Value::from)
            .ok()
            .or_else(|| text.parse::<f64>().ok().and_then(serde_json::Number::from_f64).map(Value::Number))
            .ok_or_else(|| "must be a number, such as 20 or 0.5".to_owned()),
    }
}

/// One file or several, each in the form in which it is kept.
fn files(value: &Value) -> Result<Value, String> {
    // Programs and command lines give the list as JSON text.
    let parsed = match value {
        Value::String(text) if text.trim().is_empty() => return Ok(Value::Null),
        Value::String(text) => checks::json("", text).map_err(|e| e.message)?,
        other => other.clone(),
    };
    let list = match parsed {
        Value::Array(list) => list,
        one => vec![one],
    };
    if list.len() > file::MAX_FILES {
        return Err(format!("must be at most {} files", file::MAX_FILES));
    }
    let read = |v: &Value| file::read(v).and_then(|f| serde_json::to_value(f).map_err(|e| e.to_string()));
    list.iter().map(read).collect::<Result<Vec<_>, _>>().map(Value::Array)
}

/// An encrypted file: its content as text, or a file in place. What is kept is the content alone.
fn encrypted(value: &Value) -> Result<Value, String> {
    match value {
        Value::String(text) if text.len() > file::MAX_FILE_BYTES => Err(file::too_large()),
        // A key file's own line breaks are a part of it.
        Value::String(text) => Ok(Value::String(text.clone())),
        other => {
            let read = file::read(other)?;
            let content = read.content().ok_or("must be given with its content, as `data`")?;
            let text = String::from_utf8(content).map_err(|_| "must be a text file, such as a PEM key")?;
            Ok(Value::String(text))
        }
    }
}

/// Takes the secrets out of clean values.
fn apart(params: &[ParamInfo], values: Map<String, Value>) -> Cleaned {
    let mut cleaned = Cleaned { values, secrets: Vec::new() };
    for p in params.iter().filter(|p| p.is_secret()) {
        if let Some(value) = cleaned.values.remove(&p.id) {
            cleaned.secrets.push((p.id.clone(), Secret::from(as_text(&value))));
        }
    }
    cleaned
}
