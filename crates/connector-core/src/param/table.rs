//! Params as a Markdown table, for the pages of connectors. What must not live here: any other part of a page.

use std::fmt::Write as _;

use super::{DataType, InputType, ParamInfo, as_text};

/// A row for each param: id, what it is called and means, whether it must be given, what it takes.
pub fn markdown(params: &[ParamInfo]) -> String {
    let mut out = "| param | what it is | needed | takes |\n|---|---|---|---|\n".to_owned();
    for p in params {
        let what = format!("**{}.** {}", p.label, p.description);
        let _ = writeln!(out, "| `{}` | {} | {} | {} |", p.id, cell(&what), cell(&needed(p)), cell(&takes(p)));
    }
    out
}

fn needed(p: &ParamInfo) -> String {
    let when = p.visible_if.as_ref().map(|v| {
        let values: Vec<String> = v.values.iter().map(|v| format!("`{v}`")).collect();
        format!("with `{}` {}", v.param, values.join(" or "))
    });
    match (p.is_required(), when) {
        (true, None) => "yes".to_owned(),
        (true, Some(when)) => when,
        (false, None) => "no".to_owned(),
        (false, Some(when)) => format!("no; only {when}"),
    }
}

fn takes(p: &ParamInfo) -> String {
    let mut parts = Vec::new();
    if p.is_secret() {
        parts.push("a secret".to_owned());
    }
    let options: Vec<String> = p.options.iter().map(|o| format!("`{}` ({})", o.value, o.label)).collect();
    parts.push(match (p.input_type, p.data_type, p.format.as_deref()) {
        _ if !options.is_empty() => options.join(" or "),
        (InputType::Files, ..) => "files".to_owned(),
        (InputType::EncryptedFile, ..) => "a file".to_owned(),
        (_, DataType::Number, _) => "a number".to_owned(),
        (_, DataType::Int, _) => "a whole number".to_owned(),
        (_, DataType::Bool, _) => "yes or no".to_owned(),
        (_, DataType::Json, _) => "JSON".to_owned(),
        (_, DataType::Column, _) => "a field of the event, as a JSON pointer".to_owned(),
        (_, _, Some("uri")) => "a URL".to_owned(),
        (_, _, Some("email")) => "an e-mail address".to_owned(),
        (_, _, Some("hostname")) => "a host".to_owned(),
        _ if !p.pattern_hint.is_empty() => p.pattern_hint.clone(),
        _ => "text".to_owned(),
    });
    match (p.min, p.max) {
        (Some(min), Some(max)) => parts.push(format!("{min} to {max}")),
        (Some(min), None) => parts.push(format!("at least {min}")),
        (None, Some(max)) => parts.push(format!("at most {max}")),
        (None, None) => {}
    }
    if let Some(live) = &p.live {
        parts.push(format!("suggested by `{}`", live.action));
    }
    match (&p.default, &p.example) {
        (Some(d), _) => parts.push(format!("`{}` unless told", as_text(d))),
        (None, Some(e)) if !p.is_secret() && p.options.is_empty() => parts.push(format!("such as `{}`", as_text(e))),
        _ => {}
    }
    parts.join("; ")
}

/// A text that cannot break out of its table cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}
