//! What happened: deliveries, refused requests, events, runs.

use axum::{
    Extension,
    extract::{Path, Query, State, rejection::QueryRejection},
};
use base64::Engine as _;
use connector_core::{Error, FieldError, TraceId};
use http::StatusCode;
use jackfield_store::{Filter, RunState};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    Answer, uuid,
    views::{DeliveryView, EventView, ListQuery, Page, RefusedView, RunView},
};
use crate::{
    AppState,
    auth::{Caller, Note},
    error::{ApiError, Json},
};

type Listing = Result<Query<ListQuery>, QueryRejection>;

/// The filter of a list that knows these of the narrower fields; any other would be a filter that does nothing. Whoever is
/// limited to some connections sees one of them at a time.
fn filter(q: Listing, known: &[&str], caller: &Caller) -> Result<Filter, ApiError> {
    let Query(q) = q.map_err(|e| ApiError::plain(StatusCode::BAD_REQUEST, "invalid_input", &e.body_text()))?;
    let mut errors = Vec::new();
    for (name, given) in [
        ("event_type", q.event_type.is_some()),
        ("flow", q.flow.is_some()),
        ("event", q.event.is_some()),
        ("state", q.state.is_some()),
    ] {
        if given && !known.contains(&name) {
            errors.push(FieldError::new(format!("/{name}"), "does not narrow this list"));
        }
    }
    let limit = q.limit.unwrap_or(50);
    if !(1..=1000).contains(&limit) {
        errors.push(FieldError::new("/limit", "must be 1 to 1000"));
    }
    let trace_id = q.trace_id.as_deref().map(str::parse::<TraceId>).transpose().unwrap_or_else(|e| {
        errors.push(FieldError::new("/trace_id", e));
        None
    });
    let state = q.state.map(|s| serde_json::from_value::<RunState>(s.into())).transpose().unwrap_or_else(|_| {
        errors.push(FieldError::new("/state", "must be one of queued, running, succeeded, failed, parked"));
        None
    });
    let connection = match (q.connection, caller.principal.connections()) {
        (None, Some([only])) => Some(only.clone()),
        (None, Some(_)) => {
            let text = "must name one of the connections that the token is limited to";
            errors.push(FieldError::new("/connection", text));
            None
        }
        (given, _) => given,
    };
    if !errors.is_empty() {
        return Err(Error::invalid_input(errors).into());
    }
    if let Some(c) = connection.as_deref().filter(|c| !caller.principal.reaches(c)) {
        return Err(jackfield_store::StoreError::NotFound("connection", c.to_owned()).into());
    }
    Ok(Filter {
        connector: q.connector,
        connection,
        event_type: q.event_type,
        flow: q.flow,
        event: q.event,
        trace_id,
        state,
        before: q.before,
        limit,
    })
}

pub(super) fn page<T, V>(
    items: Vec<T>,
    limit: usize,
    id: impl Fn(&T) -> Uuid,
    view: impl Fn(T) -> V,
) -> axum::Json<Page<V>> {
    let next = (items.len() == limit).then(|| items.last().map(id)).flatten();
    axum::Json(Page { items: items.into_iter().map(view).collect(), next })
}

/// Lists deliveries, newest first.
#[utoipa::path(get, path = "/v1/deliveries", tag = "history", params(ListQuery), responses((status = 200, body = Page<DeliveryView>)))]
pub(super) async fn deliveries(State(s): State<AppState>, caller: Caller, q: Listing) -> Answer<Page<DeliveryView>> {
    let f = filter(q, &[], &caller)?;
    let limit = f.limit;
    Ok(page(s.engine.store().deliveries(f).await?, limit, |d| d.id, DeliveryView::from))
}

/// Shows a delivery with its headers and its raw body.
#[utoipa::path(get, path = "/v1/deliveries/{id}", tag = "history", params(("id" = Uuid, Path, description = "The delivery's id.")), responses((status = 200, body = DeliveryView)))]
pub(super) async fn delivery(
    State(s): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
) -> Answer<DeliveryView> {
    let (d, body) = s.engine.store().delivery(uuid(&id)?).await?;
    caller.reaches(d.connection.as_deref(), "delivery", &id)?;
    let mut view = DeliveryView::from(d);
    match std::str::from_utf8(&body) {
        Ok(t) => view.body_text = Some(t.to_owned()),
        Err(_) => view.body_base64 = Some(base64::prelude::BASE64_STANDARD.encode(&body)),
    }
    Ok(axum::Json(view))
}

/// The audit of refused requests.
#[derive(Serialize, ToSchema)]
pub(super) struct RefusedList {
    /// The lines, newest hour first.
    items: Vec<RefusedView>,
}

/// Lists what was refused, counted by hour. Nothing of a refused request itself is kept.
#[utoipa::path(get, path = "/v1/refused", tag = "history", responses((status = 200, body = RefusedList)))]
pub(super) async fn refused(State(s): State<AppState>) -> Answer<RefusedList> {
    s.engine.flush_audit().await?;
    Ok(axum::Json(RefusedList {
        items: s.engine.store().refusals(1000).await?.into_iter().map(RefusedView::from).collect(),
    }))
}

/// Lists events, newest first.
#[utoipa::path(get, path = "/v1/events", tag = "history", params(ListQuery), responses((status = 200, body = Page<EventView>)))]
pub(super) async fn events(State(s): State<AppState>, caller: Caller, q: Listing) -> Answer<Page<EventView>> {
    let f = filter(q, &["event_type"], &caller)?;
    let limit = f.limit;
    Ok(page(s.engine.store().events(f).await?, limit, |e| e.id, |e| EventView::new(e, false)))
}

/// Shows an event with its payload.
#[utoipa::path(get, path = "/v1/events/{id}", tag = "history", params(("id" = Uuid, Path, description = "The event's id.")), responses((status = 200, body = EventView)))]
pub(super) async fn event(State(s): State<AppState>, caller: Caller, Path(id): Path<String>) -> Answer<EventView> {
    let event = s.engine.store().event(uuid(&id)?).await?;
    caller.reaches(event.connection.as_deref(), "event", &id)?;
    Ok(axum::Json(EventView::new(event, true)))
}

/// Matches an event with the flows again, as if it had just come.
#[utoipa::path(post, path = "/v1/events/{id}/replay", tag = "history", params(("id" = Uuid, Path, description = "The event's id.")), responses((status = 200, body = EventView)))]
pub(super) async fn replay(State(s): State<AppState>, Path(id): Path<String>) -> Answer<EventView> {
    Ok(axum::Json(EventView::new(s.engine.replay(uuid(&id)?).await?, false)))
}

/// Lists runs, newest first.
#[utoipa::path(get, path = "/v1/runs", tag = "history", params(ListQuery), responses((status = 200, body = Page<RunView>)))]
pub(super) async fn runs(State(s): State<AppState>, caller: Caller, q: Listing) -> Answer<Page<RunView>> {
    let f = filter(q, &["event_type", "flow", "event", "state"], &caller)?;
    let limit = f.limit;
    Ok(page(s.engine.store().runs(f).await?, limit, |r| r.id, |r| RunView::new(r, Vec::new())))
}

/// Shows a run with its attempts and its output.
#[utoipa::path(get, path = "/v1/runs/{id}", tag = "history", params(("id" = Uuid, Path, description = "The run's id.")), responses((status = 200, body = RunView)))]
pub(super) async fn run(State(s): State<AppState>, caller: Caller, Path(id): Path<String>) -> Answer<RunView> {
    let (run, tries) = s.engine.store().run(uuid(&id)?).await?;
    caller.reaches(Some(&run.connection), "run", &id)?;
    Ok(axum::Json(RunView::new(run, tries)))
}

/// Whether a run is one of the caller's connections; the audit log names the connection.
async fn within(s: &AppState, caller: &Caller, note: &Note, id: &str) -> Result<(), ApiError> {
    let (run, _) = s.engine.store().run(uuid(id)?).await?;
    note.connection(&run.connection);
    caller.reaches(Some(&run.connection), "run", id)
}

/// Tries a failed or parked run once more, now.
#[utoipa::path(post, path = "/v1/runs/{id}/retry", tag = "history", params(("id" = Uuid, Path, description = "The run's id.")), responses((status = 200, body = RunView)))]
pub(super) async fn retry(
    State(s): State<AppState>,
    caller: Caller,
    Extension(note): Extension<Note>,
    Path(id): Path<String>,
) -> Answer<RunView> {
    within(&s, &caller, &note, &id).await?;
    Ok(axum::Json(RunView::new(s.engine.retry_run(uuid(&id)?).await?, Vec::new())))
}

/// What a person found out about a parked run.
#[derive(serde::Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SettleBody {
    /// Whether it was done at the service.
    done: bool,
}

/// Settles a parked run: it was done at the service, or it was not and is given up.
#[utoipa::path(post, path = "/v1/runs/{id}/settle", tag = "history", params(("id" = Uuid, Path, description = "The run's id.")), request_body = SettleBody, responses((status = 200, body = RunView)))]
pub(super) async fn settle(
    State(s): State<AppState>,
    caller: Caller,
    Extension(note): Extension<Note>,
    Path(id): Path<String>,
    Json(b): Json<SettleBody>,
) -> Answer<RunView> {
    within(&s, &caller, &note, &id).await?;
    Ok(axum::Json(RunView::new(s.engine.settle_run(uuid(&id)?, b.done).await?, Vec::new())))
}
