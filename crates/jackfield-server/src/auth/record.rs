//! The line of the audit log that a request leaves.

use std::sync::{Arc, Mutex, PoisonError};

use http::{StatusCode, request::Parts};
use jackfield_engine::people::Actor;
use jackfield_store::people::{AuditKind, AuditLine};
use serde_json::Value;
use uuid::Uuid;

use super::{Caller, Fields, browser::CSRF_FIELD};
use crate::{
    AppState,
    access::{Reach, Rule},
};

/// Names of fields in a line, and the length of each and of the path.
const MAX_FIELDS: usize = 50;
const MAX_NAME: usize = 64;
const MAX_PATH: usize = 300;

#[derive(Default)]
struct Noted {
    fields: Vec<String>,
    actor: Option<(Actor, String)>,
    connection: Option<String>,
}

/// What a handler knows of its request beyond the address. Handlers of writing requests find it among the extensions.
#[derive(Clone, Default)]
pub(crate) struct Note(Arc<Mutex<Noted>>);

impl Note {
    fn with(&self, f: impl FnOnce(&mut Noted)) {
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// The names of the fields that a JSON body gives: its own, and those of its `values`. Never what they hold.
    pub(crate) fn fields_of(&self, body: &[u8]) {
        let Ok(Value::Object(body)) = serde_json::from_slice(body) else { return };
        for (name, value) in &body {
            match value.as_object().filter(|_| name == "values") {
                Some(values) => values.keys().for_each(|k| self.field(&format!("values.{k}"))),
                None => self.field(name),
            }
        }
    }

    /// The names of the fields that a form gives, but for those that are the pages' own.
    pub(super) fn form(&self, form: &Fields) {
        let given = form.iter().map(|(n, _)| n).filter(|n| ![CSRF_FIELD, "code", "next"].contains(n));
        given.for_each(|n| self.field(n));
    }

    /// The name of a field.
    pub(crate) fn field(&self, name: &str) {
        let name: String = name.chars().filter(|c| !c.is_control()).take(MAX_NAME).collect();
        self.with(|n| {
            if n.fields.len() < MAX_FIELDS && !n.fields.contains(&name) {
                n.fields.push(name);
            }
        });
    }

    /// Who it was, where that shows only meanwhile: whoever signs in.
    pub(crate) fn actor(&self, actor: Actor, name: &str) {
        self.with(|n| n.actor = Some((actor, name.to_owned())));
    }

    /// The connection, where the path does not name it.
    pub(crate) fn connection(&self, id: &str) {
        self.with(|n| n.connection = Some(id.to_owned()));
    }
}

/// A line that is not written yet. If it is dropped before its end is known (the caller hung up), it is written as it is.
pub(super) struct Pending {
    s: AppState,
    line: Option<AuditLine>,
    note: Note,
}

/// Begins the line of a request.
pub(super) fn begin(s: &AppState, rule: &Rule, parts: &Parts, caller: &Caller, id: Option<String>) -> Pending {
    let by_path = rule.reach == Reach::Connection || rule.path.starts_with("/v1/connections/{id}");
    let line = AuditLine {
        id: Uuid::now_v7(),
        at: s.engine.now(),
        kind: rule.kind,
        actor: caller.principal.actor.to_string(),
        actor_name: caller.principal.name.clone(),
        via: if caller.browser.is_some() || rule.is_page() { "page" } else { "api" }.to_owned(),
        from: caller.from.map(|ip| ip.to_string()).unwrap_or_default(),
        what: format!("{} {}", rule.method, rule.path),
        target: parts.uri.path().chars().take(MAX_PATH).collect(),
        connection: id.filter(|_| by_path).map(|id| id.chars().take(MAX_NAME).collect()),
        fields: Vec::new(),
        status: 0,
        trace_id: caller.trace.to_string(),
    };
    Pending { s: s.clone(), line: Some(line), note: Note::default() }
}

impl Pending {
    pub(super) fn note(&self) -> Note {
        self.note.clone()
    }

    /// The line with what the handler noted; none, if it leaves none.
    fn take(&mut self) -> Option<AuditLine> {
        let mut line = self.line.take()?;
        let mut noted = self.note.0.lock().unwrap_or_else(PoisonError::into_inner);
        if line.kind == AuditKind::Change {
            line.fields = std::mem::take(&mut noted.fields);
        }
        if let Some((actor, name)) = noted.actor.take() {
            (line.actor, line.actor_name) = (actor.to_string(), name);
        }
        // What strangers do must not fill the log.
        if line.actor == Actor::Nobody.to_string() {
            return None;
        }
        line.connection = noted.connection.take().or(line.connection);
        Some(line)
    }

    /// Writes the line, with the status that the request ended with.
    pub(super) async fn end(mut self, status: StatusCode) {
        if let Some(mut line) = self.take() {
            line.status = status.as_u16();
            write(&self.s, line).await;
        }
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        if let (Some(line), Ok(runtime)) = (self.take(), tokio::runtime::Handle::try_current()) {
            let s = self.s.clone();
            runtime.spawn(async move { write(&s, line).await });
        }
    }
}

async fn write(s: &AppState, line: AuditLine) {
    let (what, trace) = (line.what.clone(), line.trace_id.clone());
    if let Err(e) = s.engine.store().add_audit(line).await {
        tracing::error!(error = %e, %what, trace_id = %trace, "a line of the audit log could not be written");
    }
}
