//! Core's forms as this frame's fields, and what browsers send as the values of params.

use base64::Engine as _;
use connector_core::param::form::{Control, Field, Form};
use serde_json::{Map, Value, json};

use crate::auth::{Fields, Upload};

fn kind(c: Control) -> &'static str {
    match c {
        Control::Text => "text",
        Control::Email => "email",
        Control::Url => "url",
        Control::Number => "number",
        Control::TextArea => "textarea",
        Control::SecretFile | Control::Files => "file",
        Control::Password => "password",
        Control::Select => "select",
        Control::Checkbox => "checkbox",
    }
}

/// A field of the frame. `given`: what was typed and was wrong somewhere; never a secret.
pub(super) fn field(f: &Field, given: Option<&Fields>) -> Value {
    let typed = given.filter(|_| !f.secret).and_then(|g| g.get(&f.id));
    let value = typed.map(str::to_owned).or_else(|| f.value.clone());
    let help = match (&f.example, f.help.is_empty()) {
        (Some(e), false) if f.placeholder.is_empty() && f.options.is_empty() => format!("{} For example: {e}", f.help),
        _ => f.help.clone(),
    };
    json!({
        "id": f.id, "label": f.label, "help": help, "type": kind(f.control), "required": f.required,
        "options": f.options, "value": value, "secret": f.secret, "secret_set": f.set, "error": f.error,
        "placeholder": f.placeholder, "autocomplete": f.autocomplete, "visible_if": f.visible_if,
        "multiple": f.control == Control::Files, "minlength": f.min_length, "maxlength": f.max_length,
    })
}

/// The groups of a form, each with its fields.
pub(super) fn groups(form: &Form, given: Option<&Fields>) -> Vec<Value> {
    let group = |g: &connector_core::param::form::Group| json!({"title": g.title, "description": g.description, "fields": g.fields.iter().map(|f| field(f, given)).collect::<Vec<_>>()});
    form.groups.iter().map(group).collect()
}

fn file(upload: &Upload) -> Value {
    let data = base64::prelude::BASE64_STANDARD.encode(&upload.content);
    json!({"name": upload.name, "type": upload.media_type, "data": data})
}

/// What a browser sent, as values of these fields. A box that is not ticked is not sent, and means no.
pub(super) fn values(form: &Form, sent: &Fields) -> Map<String, Value> {
    let mut out = Map::new();
    for f in form.fields() {
        let text = sent.get(&f.id);
        match (f.control, text) {
            (Control::Checkbox, text) => {
                out.insert(f.id.clone(), Value::Bool(text.is_some()));
            }
            (Control::SecretFile, _) => {
                out.extend(sent.files(&f.id).next().map(|upload| (f.id.clone(), file(upload))));
            }
            (Control::Files, _) => {
                let files: Vec<Value> = sent.files(&f.id).map(file).collect();
                // None chosen leaves what is there.
                if !files.is_empty() {
                    out.insert(f.id.clone(), Value::Array(files));
                }
            }
            (_, None) => {}
            (_, Some(text)) => {
                out.insert(f.id.clone(), Value::String(text.to_owned()));
            }
        }
    }
    out
}
