//! Changes of connections' health as they come: Server-Sent Events.
//! <https://html.spec.whatwg.org/multipage/server-sent-events.html>
//!
//! What is sent is what is kept: a stream is a place in the list of events and no queue of its own, so a reader that is
//! slow costs no memory, and one that comes back goes on where it was.

use std::{convert::Infallible, time::Duration};

use axum::{
    extract::State,
    response::{
        IntoResponse, Response,
        sse::{Event as Message, Sse},
    },
};
use connector_core::Error;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use jackfield_engine::Engine;
use tokio::sync::{OwnedSemaphorePermit, mpsc, watch};
use uuid::Uuid;

use super::views::EventView;
use crate::{AppState, error::ApiError};

/// Streams open at once.
pub(crate) const STREAMS: usize = 32;
/// How often something is sent, so that both ends and all between know that the other is there.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// How long a reader may take nothing before it is left.
const PATIENCE: Duration = Duration::from_secs(30);
/// Messages made before they are taken.
const AHEAD: usize = 4;
/// Events read at a time.
const BATCH: usize = 20;
/// When a reader that lost the stream should come back.
const COME_BACK: Duration = Duration::from_secs(3);

/// Sends changes of connections' health as they come, as Server-Sent Events: `event` is the type (`connection.health_changed`,
/// `connection.disabled`, `connection.enabled`), `id` the event's id, `data` the event as `GET /v1/events/{id}` gives it.
/// `Last-Event-ID` goes on after that event; without, only what comes from now on is sent. A comment is sent every 15 s.
#[utoipa::path(
    get,
    path = "/v1/health/stream",
    tag = "health",
    params(("Last-Event-ID" = Option<String>, Header, description = "The id of the last event that was read.")),
    responses((status = 200, content_type = "text/event-stream", body = EventView, description = "A stream; each `data` is an event."))
)]
pub(super) async fn stream(State(s): State<AppState>, headers: HeaderMap) -> Result<Response, ApiError> {
    let after = match headers.get("last-event-id").map(HeaderValue::as_bytes).filter(|id| !id.is_empty()) {
        None => s.engine.newest_told().await?,
        Some(id) => {
            let id = Uuid::try_parse_ascii(id);
            Some(id.map_err(|_| Error::invalid_field("/Last-Event-ID", "must be the id of an event, a UUID"))?)
        }
    };
    let Ok(place) = s.streams.clone().try_acquire_owned() else {
        let text = format!("{STREAMS} streams are open already; close one, or ask for GET /v1/health now and then");
        return Err(ApiError::plain(StatusCode::SERVICE_UNAVAILABLE, "unavailable", &text));
    };
    let (send, mut taken) = mpsc::channel(AHEAD);
    let (engine, draining) = (s.engine.clone(), s.draining.clone());
    tokio::spawn(async move { feed(engine, after, send, draining, place).await });
    let messages = futures_util::stream::poll_fn(move |cx| taken.poll_recv(cx).map(|m| m.map(Ok::<_, Infallible>)));
    let mut response = Sse::new(messages).into_response();
    // nginx holds answers back otherwise.
    response.headers_mut().insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    Ok(response)
}

/// Feeds a reader until it goes away, takes nothing for too long, or the gateway stops.
async fn feed(
    engine: Engine,
    mut after: Option<Uuid>,
    send: mpsc::Sender<Message>,
    mut draining: watch::Receiver<bool>,
    _place: OwnedSemaphorePermit,
) {
    let mut told = engine.health_told();
    let hello = Message::default().retry(COME_BACK).comment("changes of connections' health");
    if send.send_timeout(hello, PATIENCE).await.is_err() {
        return;
    }
    loop {
        // Before it is read: what comes meanwhile turns it again.
        told.borrow_and_update();
        let events = match engine.told_after(after, BATCH).await {
            Ok(events) => events,
            Err(e) => {
                tracing::error!(error = %e, "a stream of health ends, since events cannot be read");
                return;
            }
        };
        let more = events.len() == BATCH;
        for event in events {
            let id = event.id;
            let kind = event.event_type.clone();
            let Ok(message) = Message::default().event(kind).id(id.to_string()).json_data(EventView::new(event, true))
            else {
                continue;
            };
            if send.send_timeout(message, PATIENCE).await.is_err() {
                return;
            }
            after = Some(id);
        }
        if more {
            continue;
        }
        let changed = tokio::select! {
            changed = told.changed() => changed.is_ok(),
            () = tokio::time::sleep(HEARTBEAT) => {
                send.send_timeout(Message::default().comment("still here"), PATIENCE).await.is_ok()
            }
            // Also when whoever would say that it stops is gone.
            () = async { drop(draining.wait_for(|stop| *stop).await) } => false,
            () = send.closed() => false,
        };
        if !changed {
            return;
        }
    }
}
