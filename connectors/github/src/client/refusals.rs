//! Refusals that one endpoint reads closer: reasons that GitHub gives in a sentence alone, without a code or a field, and
//! sometimes under a status that says something else (a workflow that still runs is a 403); and those that need a second
//! look. What must not live here: the sentences themselves; they are their endpoints'.

use connector_core::{Cx, Error, ErrorKind, FieldError, Request, Response, Result};
use serde::Deserialize;

use super::FieldMap;

/// What one of GitHub's sentences means.
pub(crate) struct Sentence {
    /// Words that stand in GitHub's message.
    says: &'static str,
    kind: ErrorKind,
    /// What the caller is told: the reason and the mend.
    text: &'static str,
    code: Option<&'static str>,
    pointer: Option<&'static str>,
}

impl Sentence {
    /// Where GitHub's message holds `says`, the error is of `kind` and tells the caller `text`.
    pub(crate) const fn new(says: &'static str, kind: ErrorKind, text: &'static str) -> Self {
        Self { says, kind, text, code: None, pointer: None }
    }

    /// … with this code.
    pub(crate) const fn code(mut self, code: &'static str) -> Self {
        self.code = Some(code);
        self
    }

    /// … about this field.
    pub(crate) const fn at(mut self, pointer: &'static str) -> Self {
        self.pointer = Some(pointer);
        self
    }
}

/// The error that `known` has for what GitHub said, else `e` itself.
pub(crate) fn reword(e: Error, known: &[Sentence]) -> Error {
    use ErrorKind::{Conflict, InvalidInput, NotFound, Permission};
    if !matches!(e.kind(), Conflict | InvalidInput | NotFound | Permission) {
        return e;
    }
    // The operator's text, since the caller's no longer has the message where a header names a missing permission, and
    // GitHub sends that header whether or not the permission is what is missing.
    let Some(s) = known.iter().find(|s| e.operator_text().contains(s.says)) else { return e };
    let mut new = reworded(&e, s.kind, s.text);
    if let Some(code) = s.code {
        new = new.with_code(code);
    }
    new.with_fields(s.pointer.map(|p| FieldError::new(p, s.text)))
}

/// The same failure in other words: kind and text are new, the rest (status, operator's text) stays.
pub(crate) fn reworded(e: &Error, kind: ErrorKind, text: &str) -> Error {
    let new = Error::new(kind, text).with_operator(e.operator_text());
    match e.status() {
        Some(status) => new.with_status(status),
        None => new,
    }
}

/// What GitHub says in a refusal. Before an action builds on a refusal it reads it: one without GitHub's words comes from
/// something on the way and proves nothing, which is a `Protocol` error.
pub(crate) fn refusal(response: &Response) -> Result<String> {
    #[derive(Deserialize)]
    struct Refusal {
        message: String,
    }
    Ok(response.json::<Refusal>()?.message)
}

/// Sends a request whose refusal with this status needs a second look: gives the answer, or, within, that refusal. A limit
/// needs none, whatever its status.
pub(crate) async fn ask(cx: &Cx, request: Request, status: u16, fields: FieldMap) -> Result<Result<Response, Error>> {
    let response = cx.send(request).await?;
    if response.status.is_success() {
        return Ok(Ok(response));
    }
    let error = super::error(&response, cx.now(), fields);
    if response.status.as_u16() != status || error.kind() == ErrorKind::RateLimited {
        return Err(error);
    }
    refusal(&response)?;
    Ok(Err(error))
}

/// Looks whether something is there: nothing where GitHub itself answers 404.
pub(crate) async fn look(cx: &Cx, request: Request) -> Result<Option<Response>> {
    Ok(ask(cx, request, 404, &[]).await?.ok())
}

/// GitHub answers 404 for what is there and the token may not change.
pub(crate) fn hidden_refusal(what: &str) -> Error {
    Error::new(ErrorKind::Permission, what.to_owned()).with_status(404)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: &[Sentence] =
        &[Sentence::new("already running", ErrorKind::Conflict, "it runs; wait").code("running").at("/run_id")];

    #[test]
    fn a_known_sentence_decides_and_others_stay() {
        let said = |kind, text: &str| Error::new(kind, "refused").with_status(403).with_operator(text);
        let e = reword(said(ErrorKind::Permission, "HTTP 403: This workflow is already running"), KNOWN);
        assert_eq!((e.kind(), e.code(), e.status()), (ErrorKind::Conflict, Some("running"), Some(403)));
        assert!(e.caller_text() == "it runs; wait" && e.operator_text().contains("This workflow"));
        assert_eq!(e.fields().first().map(|f| f.pointer.as_str()), Some("/run_id"));
        assert_eq!(reword(said(ErrorKind::Permission, "no"), KNOWN).kind(), ErrorKind::Permission);
        // A limit is a limit, whatever its text says.
        let limited = reword(said(ErrorKind::RateLimited, "already running"), KNOWN);
        assert_eq!(limited.kind(), ErrorKind::RateLimited);
    }
}
