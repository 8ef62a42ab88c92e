//! The audit log as a page.

use axum::{
    extract::{Query, State},
    response::Response,
};
use jackfield_store::people::{AuditFilter, AuditKind, AuditLine};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Page, Viewer, failed};
use crate::AppState;

const LINES: usize = 50;

/// What the list is narrowed to. Forms send empty fields; those narrow nothing.
#[derive(Deserialize, Default)]
pub(super) struct Narrowed {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    actor: String,
    #[serde(default)]
    connection: String,
    #[serde(default)]
    before: String,
}

fn some(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

fn row(l: &AuditLine) -> Value {
    let (tone, outcome) = match l.status {
        0 => ("warn", "not known".to_owned()),
        200..=399 => ("good", "done".to_owned()),
        401 | 403 => ("bad", "refused".to_owned()),
        status => ("bad", format!("failed, {status}")),
    };
    let mut row = json!(l);
    if let Some(row) = row.as_object_mut() {
        row.insert("tone".into(), json!(tone));
        row.insert("outcome".into(), json!(outcome));
        row.insert("verb".into(), json!(l.what.split(' ').next()));
    }
    row
}

pub(super) async fn show(State(s): State<AppState>, v: Viewer, Query(q): Query<Narrowed>) -> Response {
    let filter = AuditFilter {
        kind: AuditKind::ALL.into_iter().find(|k| k.as_str() == q.kind),
        actor: some(&q.actor),
        connection: some(&q.connection),
        before: q.before.parse::<Uuid>().ok(),
        limit: LINES,
        ..AuditFilter::default()
    };
    let store = s.engine.store();
    let (lines, people) = match (store.audit(filter).await, store.people().await) {
        (Ok(lines), Ok(people)) => (lines, people),
        (Err(e), _) | (_, Err(e)) => return failed(&s, e),
    };
    let older = lines.last().filter(|_| lines.len() == LINES).map(|l| {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in [("kind", &q.kind), ("actor", &q.actor), ("connection", &q.connection)] {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        format!("/audit?{}", query.append_pair("before", &l.id.to_string()).finish())
    });
    let mut actors = vec![json!({"value": "operator", "label": "the operator"})];
    actors.extend(people.iter().map(|p| json!({"value": format!("person:{}", p.id), "label": p.name})));
    let fields = json!([
        {"id": "kind", "label": "What", "type": "select", "value": q.kind, "options": [
            {"value": "change", "label": "changes"}, {"value": "call", "label": "calls of actions"}, {"value": "sign_in", "label": "signing in and out"}]},
        {"id": "actor", "label": "Who", "type": "select", "value": q.actor, "options": actors},
        {"id": "connection", "label": "Connection", "value": q.connection, "autocomplete": "off"},
    ]);
    let lines: Vec<Value> = lines.iter().map(row).collect();
    Page::new("audit.html", "Audit log")
        .with(json!({"lines": lines, "older": older, "fields": fields}))
        .show(&s, Some(&v))
}
