//! Forms as data: what is asked, in which order and groups, what was given, what is wrong with it.
//!
//! The one source of the HTML form, the terminal's questions and the pages that explain a connector, so that all three ask
//! the same in the same words. What must not live here: how any of them looks. A secret's value is never in a form, whoever
//! gives it.

use serde::Serialize;
use serde_json::{Map, Value};

use super::{DataType, FieldsetInfo, InputType, LiveInfo, OptionInfo, ParamInfo, VisibleInfo, as_text, is_visible};
use crate::error::FieldError;

/// What a form is filled with.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filled<'a> {
    /// Values as they were typed or are stored; those of secrets are passed over.
    pub values: Option<&'a Map<String, Value>>,
    /// The secrets that are set already: they may be left out.
    pub set: &'a [String],
    /// What is wrong, by [`FieldError::pointer`]: `/site`, or `/values/site` as an answer of the gateway names it.
    pub errors: &'a [FieldError],
}

/// A form.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Form {
    /// The connector's id.
    pub connector: String,
    /// The groups, in order. None is empty.
    pub groups: Vec<Group>,
    /// What is wrong with the whole, or with a field that is not asked for.
    pub errors: Vec<String>,
}

/// A group of fields.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Group {
    /// The fieldset's id; empty for the params that name none.
    pub id: String,
    /// What stands above; empty for the params that name no fieldset.
    pub title: String,
    /// What to know before filling it in.
    pub description: String,
    /// The fields, in order. A group may have fields none of which is visible now.
    pub fields: Vec<Field>,
}

/// What a field is shown as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Control {
    /// One line of text.
    Text,
    /// One line: an e-mail address.
    Email,
    /// One line: a URL.
    Url,
    /// One line: a number.
    Number,
    /// Several lines.
    TextArea,
    /// One line that is not shown while typed.
    Password,
    /// One of the options.
    Select,
    /// Yes or no.
    Checkbox,
    /// Files.
    Files,
    /// One file, which is never shown again.
    SecretFile,
}

/// A field.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Field {
    /// The param's id: the field's name when the form is sent.
    pub id: String,
    /// What people call it.
    pub label: String,
    /// What it is and where to find it.
    pub help: String,
    /// What an empty field shows.
    pub placeholder: String,
    /// What it is shown as.
    pub control: Control,
    /// The choices of a select.
    pub options: Vec<OptionInfo>,
    /// The service's own suggestions, which need a connection that works.
    pub live: Option<LiveInfo>,
    /// Whether a value must be given now: it is asked for, and none is set.
    pub required: bool,
    /// Whether its value is a secret.
    pub secret: bool,
    /// Whether a secret is set already.
    pub set: bool,
    /// What was given, is stored, or is the default, as text. Never that of a secret or a file.
    pub value: Option<String>,
    /// The names of the files that are stored.
    pub files: Vec<String>,
    /// What is wrong with it, to stand after its label.
    pub error: Option<String>,
    /// When it is asked for; always if there is none.
    pub visible_if: Option<VisibleInfo>,
    /// Whether it is asked for with the values given.
    pub visible: bool,
    /// A value that is right.
    pub example: Option<String>,
    /// A regular expression, and what it wants, in words that stand after “must be”.
    pub pattern: Option<String>,
    /// What the pattern wants.
    pub pattern_hint: String,
    /// The least number.
    pub min: Option<f64>,
    /// The greatest number.
    pub max: Option<f64>,
    /// The fewest characters.
    pub min_length: Option<u32>,
    /// The most characters.
    pub max_length: Option<u32>,
    /// HTML's `autocomplete`: what a browser may fill in by itself.
    pub autocomplete: &'static str,
    /// HTML's `inputmode`: which keyboard a phone shows.
    pub inputmode: &'static str,
    /// The environment variable that programs give it by, see [`env_name`].
    pub env: String,
}

impl Form {
    /// The form of these params, filled.
    pub fn new(connector: &str, params: &[ParamInfo], fieldsets: &[FieldsetInfo], filled: Filled<'_>) -> Self {
        let nothing = Map::new();
        let values = filled.values.unwrap_or(&nothing);
        let of = |fieldset: Option<&str>| -> Vec<Field> {
            let named = |p: &&ParamInfo| {
                let known = fieldsets.iter().find(|f| f.id == p.fieldset).map(|f| f.id.as_str());
                known == fieldset
            };
            params.iter().filter(named).map(|p| field(connector, params, p, values, &filled)).collect()
        };
        let none = Group { id: String::new(), title: String::new(), description: String::new(), fields: of(None) };
        let groups = std::iter::once(none)
            .chain(fieldsets.iter().map(|f| Group {
                id: f.id.clone(),
                title: f.title.clone(),
                description: f.description.clone(),
                fields: of(Some(&f.id)),
            }))
            .filter(|g| !g.fields.is_empty())
            .collect();
        let shown = |e: &FieldError| params.iter().any(|p| rest_of(e, &p.id).is_some() && is_visible(params, p, values));
        let errors = filled.errors.iter().filter(|e| !shown(e)).map(about_whole).collect();
        Self { connector: connector.to_owned(), groups, errors }
    }

    /// All fields, in order.
    pub fn fields(&self) -> impl Iterator<Item = &Field> {
        self.groups.iter().flat_map(|g| &g.fields)
    }

    /// The fields that are asked for now, in order.
    pub fn asked(&self) -> impl Iterator<Item = &Field> {
        self.fields().filter(|f| f.visible)
    }
}

fn field(
    connector: &str,
    params: &[ParamInfo],
    p: &ParamInfo,
    values: &Map<String, Value>,
    filled: &Filled<'_>,
) -> Field {
    let set = p.is_secret() && filled.set.contains(&p.id);
    let visible = is_visible(params, p, values);
    let given = values.get(&p.id).or(p.default.as_ref());
    let shown = !p.is_secret() && p.input_type != InputType::Files;
    let error: Vec<String> = filled.errors.iter().filter_map(|e| Some((e, rest_of(e, &p.id)?))).map(about).collect();
    let control = control(p);
    Field {
        id: p.id.clone(),
        label: p.label.clone(),
        help: p.description.clone(),
        placeholder: p.placeholder.clone(),
        control,
        options: p.options.clone(),
        live: p.live.clone(),
        required: visible && p.is_required() && !set,
        secret: p.is_secret(),
        set,
        value: given.filter(|v| shown && !v.is_null()).map(|v| typed(p, v)),
        files: names(p, given),
        error: (!error.is_empty()).then(|| error.join("; ")),
        visible_if: p.visible_if.clone(),
        visible,
        example: p.example.as_ref().filter(|_| shown).map(as_text),
        pattern: p.pattern.clone(),
        pattern_hint: p.pattern_hint.clone(),
        min: p.min,
        max: p.max,
        min_length: p.min_length,
        max_length: p.max_length,
        autocomplete: match (p.is_secret(), control) {
            // What a browser has kept for this site is a password of the gateway, not of the service.
            (true, _) => "new-password",
            (_, Control::Email) => "email",
            (_, Control::Url) => "url",
            _ => "off",
        },
        inputmode: match (control, p.data_type) {
            (Control::Email, _) => "email",
            (Control::Url, _) => "url",
            (Control::Number, DataType::Int) => "numeric",
            (Control::Number, _) => "decimal",
            _ => "text",
        },
        env: env_name(connector, &p.id),
    }
}

fn control(p: &ParamInfo) -> Control {
    match (p.input_type, p.data_type, p.format.as_deref()) {
        (InputType::Password, ..) => Control::Password,
        (InputType::EncryptedFile, ..) => Control::SecretFile,
        (InputType::Files, ..) => Control::Files,
        (InputType::Select, ..) => Control::Select,
        (_, DataType::Bool, _) => Control::Checkbox,
        (InputType::TextArea, ..) | (_, DataType::Json, _) => Control::TextArea,
        (_, DataType::Int | DataType::Number, _) => Control::Number,
        (_, _, Some("email")) => Control::Email,
        (_, _, Some("uri")) => Control::Url,
        _ => Control::Text,
    }
}

/// A value as a person would have typed it.
fn typed(p: &ParamInfo, value: &Value) -> String {
    match (p.data_type, value) {
        // What does not parse comes back as it was typed, to be mended.
        (DataType::Json, Value::String(text)) => text.clone(),
        (DataType::Json, value) => serde_json::to_string_pretty(value).unwrap_or_default(),
        _ => as_text(value),
    }
}

fn names(p: &ParamInfo, given: Option<&Value>) -> Vec<String> {
    if p.input_type != InputType::Files {
        return Vec::new();
    }
    let list = given.and_then(Value::as_array).into_iter().flatten();
    list.filter_map(|f| f.pointer("/name").and_then(Value::as_str)).map(str::to_owned).collect()
}

/// What an error's pointer says below a param, if the error is the param's.
fn rest_of<'a>(e: &'a FieldError, id: &str) -> Option<&'a str> {
    let own = |pointer: &'a str| {
        let rest = pointer.strip_prefix('/')?.strip_prefix(id)?;
        (rest.is_empty() || rest.starts_with('/')).then_some(rest)
    };
    own(&e.pointer).or_else(|| own(e.pointer.strip_prefix("/values")?))
}

fn about((e, rest): (&FieldError, &str)) -> String {
    if rest.is_empty() { e.message.clone() } else { format!("`{}` {}", rest.trim_start_matches('/'), e.message) }
}

fn about_whole(e: &FieldError) -> String {
    match e.pointer.trim_start_matches("/values").trim_start_matches('/') {
        "" => e.message.clone(),
        field => format!("`{field}` {}", e.message),
    }
}

/// The environment variable that programs give a param by: `JACKFIELD_SET_GITHUB_TOKEN`.
pub fn env_name(connector: &str, param: &str) -> String {
    format!("JACKFIELD_SET_{}_{}", connector.to_ascii_uppercase(), param.to_ascii_uppercase())
}

/// The option that gives a param on the command line: `--set site=VALUE`, for a secret by reference.
pub fn flag(param: &ParamInfo) -> String {
    let value = if param.is_secret() { "secret://env/NAME" } else { "VALUE" };
    format!("--set {}={value}", param.id)
}
