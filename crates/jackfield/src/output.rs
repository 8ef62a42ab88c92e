//! How results are shown: tables where people look, JSON where programs read.

use std::{io::Write as _, process::ExitCode};

use comfy_table::{ContentArrangement, Table, presets};
use serde_json::Value;

/// The gateway answered with an error.
#[derive(Debug, thiserror::Error)]
#[error("{}", text(.0))]
pub(crate) struct ApiFailure(pub(crate) Value);

/// The gateway could not be reached.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Unreachable(pub(crate) String);

fn text(body: &Value) -> String {
    let e = &body["error"];
    let str = |v: &Value| v.as_str().map(str::to_owned);
    let mut out = str(&e["message"]).unwrap_or_else(|| body.to_string());
    if let Some(c) = str(&e["connector"]) {
        out = format!("{c}: {out}");
    }
    // The message lists the fields for callers that read nothing else; here each has a line of its own.
    if e["fields"].as_array().is_some_and(|f| !f.is_empty())
        && let Some((head, _)) = out.split_once(" is not valid: ")
    {
        out = format!("{head} is not valid");
    }
    for f in e["fields"].as_array().into_iter().flatten() {
        let at = str(&f["pointer"]).filter(|p| !p.is_empty()).unwrap_or_else(|| "(input)".into());
        out.push_str(&format!("\n  {at}: {}", str(&f["message"]).unwrap_or_default()));
    }
    if let Some(t) = str(&body["trace_id"]) {
        out.push_str(&format!("\n  trace {t}"));
    }
    out
}

/// Writes an error; gives the exit code.
pub(crate) fn fail(e: &anyhow::Error, json: bool) -> ExitCode {
    let mut err = std::io::stderr().lock();
    let _ = match e.downcast_ref::<ApiFailure>() {
        Some(ApiFailure(body)) if json => writeln!(err, "{body}"),
        _ if json => writeln!(err, "{}", serde_json::json!({"error": {"kind": "failed", "message": format!("{e:#}")}})),
        _ => writeln!(err, "error: {e:#}"),
    };
    ExitCode::from(if e.is::<Unreachable>() { 3 } else { 1 })
}

/// Writes a line. A reader that went away (`| head`) is no error.
pub(crate) fn line(text: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}

/// Writes a remark about what standard output holds.
pub(crate) fn note(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "note: {text}");
}

/// Writes JSON, indented.
pub(crate) fn json(v: &Value) {
    line(&serde_json::to_string_pretty(v).unwrap_or_default());
}

/// A table. Columns are (heading, JSON pointer); an empty list says so.
pub(crate) fn table(items: &[Value], columns: &[(&str, &str)], none: &str) {
    if items.is_empty() {
        line(none);
        return;
    }
    let mut t = Table::new();
    t.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    // Into a file or a pipe lines stay whole; on a terminal they are folded to its width.
    if let Some((width, _)) = terminal_size::terminal_size_of(std::io::stdout()) {
        t.set_width(width.0);
    }
    t.set_header(columns.iter().map(|(h, _)| *h));
    for item in items {
        t.add_row(columns.iter().map(|(_, p)| cell(item.pointer(p))));
    }
    line(&t.to_string());
}

/// Name and value, one a line.
pub(crate) fn record(rows: &[(&str, String)]) {
    let width = rows.iter().map(|(k, _)| k.chars().count()).max().unwrap_or(0);
    for (k, v) in rows.iter().filter(|(_, v)| !v.is_empty()) {
        let indented = v.replace('\n', &format!("\n{}", " ".repeat(width + 2)));
        line(&format!("{k:width$}  {indented}"));
    }
}

/// A value as a person reads it.
pub(crate) fn cell(v: Option<&Value>) -> String {
    let raw = match v {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(s)) => short_time(s),
        Some(Value::Array(a)) => a.iter().map(|v| cell(Some(v))).collect::<Vec<_>>().join(", "),
        Some(Value::Object(o)) => o.iter().map(|(k, v)| format!("{k}={}", cell(Some(v)))).collect::<Vec<_>>().join(" "),
        Some(v) => v.to_string(),
    };
    // What comes from services goes to a terminal: escape sequences must not.
    raw.chars().map(|c| if c.is_control() && c != '\n' { '·' } else { c }).collect()
}

/// Times without their fractions.
fn short_time(s: &str) -> String {
    match s.parse::<jiff::Timestamp>() {
        Ok(t) => t.round(jiff::Unit::Second).map_or_else(|_| s.to_owned(), |t| t.to_string()),
        Err(_) => s.to_owned(),
    }
}
