//! Named secrets, files, the master key, copies of the store.

use axum::{
    body::Body,
    extract::{Path, Query, Request, State, rejection::QueryRejection},
    response::{IntoResponse, Response},
};
use connector_core::{FieldError, Secret};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use jackfield_engine::{BackupInfo, Engine, NamedSecretInfo};
use jackfield_store::{FileInfo, KeyInfo, KeySource, KeyStatus, MAX_FILE};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{Answer, resources::Done, stream::Parts};
use crate::{
    AppState,
    error::{ApiError, Json},
};

/// A new value of a named secret.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NamedSecretBody {
    /// The value, at most 64 KiB. It is never shown again.
    value: String,
}

/// A secret of the gateway, without its value.
#[derive(Serialize, ToSchema)]
pub(super) struct NamedSecretView {
    /// Its name: params refer to it as `secret://` and this.
    name: String,
    /// When it was first set.
    created_at: Timestamp,
    /// When it was last set.
    updated_at: Timestamp,
    /// The params that refer to it: `app/ID/PARAM`, `connection/ID/PARAM`.
    used_by: Vec<String>,
}

impl From<NamedSecretInfo> for NamedSecretView {
    fn from(n: NamedSecretInfo) -> Self {
        let s = n.secret;
        Self { name: s.name, created_at: s.created_at, updated_at: s.updated_at, used_by: n.used_by }
    }
}

/// Lists the gateway's named secrets, without their values.
#[utoipa::path(get, path = "/v1/secrets", tag = "secrets", responses((status = 200, body = Vec<NamedSecretView>)))]
pub(super) async fn list_secrets(State(s): State<AppState>) -> Answer<Vec<NamedSecretView>> {
    Ok(axum::Json(s.engine.named_secrets().await?.into_iter().map(NamedSecretView::from).collect()))
}

/// Sets a named secret. What refers to it uses the new value from its next call on.
#[utoipa::path(put, path = "/v1/secrets/{name}", tag = "secrets", params(("name" = String, Path, description = "Its name.")), request_body = NamedSecretBody, responses((status = 200, body = Done)))]
pub(super) async fn put_secret(
    State(s): State<AppState>,
    Path(name): Path<String>,
    Json(b): Json<NamedSecretBody>,
) -> Answer<Done> {
    s.engine.put_named_secret(&name, Secret::from(b.value)).await?;
    Ok(axum::Json(Done { id: name }))
}

/// Removes a named secret that nothing refers to.
#[utoipa::path(delete, path = "/v1/secrets/{name}", tag = "secrets", params(("name" = String, Path, description = "Its name.")), responses((status = 200, body = Done)))]
pub(super) async fn remove_secret(State(s): State<AppState>, Path(name): Path<String>) -> Answer<Done> {
    s.engine.store().remove_named_secret(&name).await?;
    Ok(axum::Json(Done { id: name }))
}

/// A kept file, without its content.
#[derive(Serialize, ToSchema)]
pub(super) struct FileView {
    /// Its handle, for params and for inputs of actions (`{"handle": …}`).
    id: String,
    /// What it is called.
    name: String,
    /// Its media type.
    media_type: String,
    /// Its length in bytes.
    size: u64,
    /// SHA-256 of the content, hexadecimal; of an encrypted one it is not told.
    sha256: Option<String>,
    /// Whether it is a secret: never shown again.
    encrypted: bool,
    /// The connection that it is removed with.
    connection: Option<String>,
    /// When it was kept.
    created_at: Timestamp,
}

impl From<FileInfo> for FileView {
    fn from(f: FileInfo) -> Self {
        Self {
            id: f.id,
            name: f.name,
            media_type: f.media_type,
            size: f.size,
            sha256: f.sha256,
            encrypted: f.encrypted,
            connection: f.connection,
            created_at: f.created_at,
        }
    }
}

/// What is said of a file that is sent.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct FileQuery {
    /// What it is called.
    name: String,
    /// Whether it is a secret: kept for params, and never shown again.
    #[serde(default)]
    encrypted: bool,
    /// The connection that it belongs to: it is removed with it.
    connection: Option<String>,
}

/// Lists the kept files, newest first, at most 1000.
#[utoipa::path(get, path = "/v1/files", tag = "files", responses((status = 200, body = Vec<FileView>)))]
pub(super) async fn list_files(State(s): State<AppState>) -> Answer<Vec<FileView>> {
    Ok(axum::Json(s.engine.store().files().await?.into_iter().map(FileView::from).collect()))
}

/// Keeps a file of at most 10 MiB: the body is its content, `Content-Type` its media type.
#[utoipa::path(post, path = "/v1/files", tag = "files", params(FileQuery), request_body(content = Vec<u8>, content_type = "application/octet-stream"), responses((status = 200, body = FileView)))]
pub(super) async fn put_file(
    State(s): State<AppState>,
    query: Result<Query<FileQuery>, QueryRejection>,
    request: Request,
) -> Answer<FileView> {
    let Query(q) = query.map_err(|e| ApiError::plain(StatusCode::BAD_REQUEST, "invalid_input", &e.body_text()))?;
    let media_type = request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok());
    let media_type = media_type.unwrap_or("application/octet-stream").to_owned();
    let content = match Limited::new(request.into_body(), MAX_FILE).collect().await {
        Ok(c) => c.to_bytes(),
        Err(e) if e.is::<LengthLimitError>() => {
            let text = format!("the file is larger than {MAX_FILE} bytes; send a smaller one");
            return Err(ApiError::plain(StatusCode::PAYLOAD_TOO_LARGE, "invalid_input", &text));
        }
        Err(_) => return Err(ApiError::plain(StatusCode::BAD_REQUEST, "invalid_input", "the body ended too early")),
    };
    Ok(axum::Json(s.engine.put_file(q.name, media_type, q.encrypted, q.connection, content).await?.into()))
}

/// Gives a file's content. An encrypted one is refused.
#[utoipa::path(get, path = "/v1/files/{id}", tag = "files", params(("id" = String, Path, description = "The file's handle.")), responses((status = 200, description = "The content.", body = Vec<u8>, content_type = "application/octet-stream")))]
pub(super) async fn get_file(State(s): State<AppState>, Path(id): Path<String>) -> Result<Response, ApiError> {
    let (_, content) = s.engine.file(&id).await?;
    // Whoever sent it chose its name and its type: a browser must neither show it nor believe either.
    Ok((download(), content).into_response())
}

fn download() -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox; default-src 'none'"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers
}

/// Removes a file that no param refers to.
#[utoipa::path(delete, path = "/v1/files/{id}", tag = "files", params(("id" = String, Path, description = "The file's handle.")), responses((status = 200, body = Done)))]
pub(super) async fn remove_file(State(s): State<AppState>, Path(id): Path<String>) -> Answer<Done> {
    s.engine.store().remove_file(&id).await?;
    Ok(axum::Json(Done { id }))
}

/// A master key: what it is called, and nothing of it.
#[derive(Serialize, ToSchema)]
pub(super) struct KeyView {
    /// Its id.
    id: String,
    /// Where it is kept: `file`, `file:PATH`, `env`, `vault:MOUNT/NAME`.
    source: String,
    /// When it was made, or first used here.
    made_at: Timestamp,
}

impl From<KeyInfo> for KeyView {
    fn from(k: KeyInfo) -> Self {
        Self { id: k.id, source: k.source, made_at: k.made_at }
    }
}

/// The change from one master key to the next.
#[derive(Serialize, ToSchema)]
pub(super) struct RotationView {
    /// The key that is being replaced. It is still needed.
    from: KeyView,
    /// Secrets that are sealed under the new one already.
    done: u64,
    /// All of them.
    total: u64,
    /// When it began.
    since: Timestamp,
}

/// The master keys.
#[derive(Serialize, ToSchema)]
pub(super) struct KeysView {
    /// What new secrets are sealed with.
    current: KeyView,
    /// The change that is under way, if one is.
    rotation: Option<RotationView>,
}

impl From<KeyStatus> for KeysView {
    fn from(k: KeyStatus) -> Self {
        let rotation =
            k.rotation.map(|r| RotationView { from: r.from.into(), done: r.done, total: r.total, since: r.since });
        Self { current: k.current.into(), rotation }
    }
}

/// Where the next master key is to be kept.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RotateBody {
    /// `file`, `file:PATH`, `env`, `vault:MOUNT/NAME`. Left out: where the current one is.
    #[serde(default)]
    to: Option<String>,
}

/// Shows which master key the secrets are sealed with, and how far its change is.
#[utoipa::path(get, path = "/v1/keys", tag = "keys", responses((status = 200, body = KeysView)))]
pub(super) async fn keys(State(s): State<AppState>) -> Answer<KeysView> {
    Ok(axum::Json(s.engine.store().keys().await?.into()))
}

/// Begins to replace the master key; secrets follow in the background. Asked for again meanwhile, it goes on.
#[utoipa::path(post, path = "/v1/keys/rotate", tag = "keys", request_body = RotateBody, responses((status = 200, body = KeysView)))]
pub(super) async fn rotate_key(State(s): State<AppState>, Json(b): Json<RotateBody>) -> Answer<KeysView> {
    let to = match b.to.map(|text| text.parse::<KeySource>()).transpose() {
        Ok(to) => to,
        Err(wrong) => return Err(connector_core::Error::invalid_input(vec![FieldError::new("/to", wrong)]).into()),
    };
    Ok(axum::Json(s.engine.rotate_key(to).await?.into()))
}

/// A copy of the store that can be fetched for an hour.
#[derive(Serialize, ToSchema)]
pub(super) struct BackupView {
    /// What it is fetched by.
    id: Uuid,
    /// Its length in bytes.
    bytes: u64,
    /// SHA-256 of its content, hexadecimal.
    sha256: String,
    /// The ids of the master keys that open it. They are not in it.
    keys: Vec<String>,
    /// When it was taken: what was acknowledged before is in it.
    taken_at: Timestamp,
}

impl From<BackupInfo> for BackupView {
    fn from(b: BackupInfo) -> Self {
        Self { id: b.id, bytes: b.bytes, sha256: b.sha256, keys: b.keys, taken_at: b.taken_at }
    }
}

/// Takes a copy of the whole store while everything goes on. There is one at a time; an earlier one is let go.
#[utoipa::path(post, path = "/v1/backups", tag = "backups", responses((status = 200, body = BackupView)))]
pub(super) async fn take_backup(State(s): State<AppState>) -> Answer<BackupView> {
    Ok(axum::Json(s.engine.take_backup().await?.into()))
}

/// Downloads the copy, or with `Range: bytes=FIRST-LAST` (or `FIRST-`) a part of it.
#[utoipa::path(get, path = "/v1/backups/{id}", tag = "backups", params(("id" = Uuid, Path, description = "The copy's id.")), responses((status = 200, description = "The copy: an SQLite database whose contents are sealed.", body = Vec<u8>, content_type = "application/octet-stream"), (status = 206, description = "The part that was asked for.", body = Vec<u8>, content_type = "application/octet-stream")))]
pub(super) async fn get_backup(
    State(s): State<AppState>,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let info = s.engine.backup(id)?;
    let range = headers.get(header::RANGE).and_then(|v| v.to_str().ok());
    let (status, first, end) = match range.map(|text| part(text, info.bytes)) {
        None => (StatusCode::OK, 0, info.bytes),
        Some(Some((first, end))) => (StatusCode::PARTIAL_CONTENT, first, end),
        Some(None) => {
            let text = format!("`Range` must be bytes=FIRST-LAST within {} bytes", info.bytes);
            return Err(ApiError::plain(StatusCode::RANGE_NOT_SATISFIABLE, "invalid_input", &text));
        }
    };
    let mut headers = download();
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(end - first));
    if status == StatusCode::PARTIAL_CONTENT
        && let Ok(range) = HeaderValue::from_str(&format!("bytes {first}-{}/{}", end - 1, info.bytes))
    {
        headers.insert(header::CONTENT_RANGE, range);
    }
    let body = Body::new(Parts::start(first, end, {
        let engine: Engine = s.engine.clone();
        move |offset, length| {
            let engine = engine.clone();
            async move { engine.backup_part(id, offset, length).await }
        }
    }));
    Ok((status, headers, body).into_response())
}

/// The first byte of a range and the one behind its last.
fn part(range: &str, bytes: u64) -> Option<(u64, u64)> {
    let (first, last) = range.strip_prefix("bytes=")?.split_once('-')?;
    let first: u64 = first.parse().ok()?;
    let end = match last {
        "" => bytes,
        last => last.parse::<u64>().ok()?.checked_add(1)?.min(bytes),
    };
    (first < end).then_some((first, end))
}

/// Lets the copy go, which frees its place on the disk.
#[utoipa::path(delete, path = "/v1/backups/{id}", tag = "backups", params(("id" = Uuid, Path, description = "The copy's id.")), responses((status = 200, body = Done)))]
pub(super) async fn drop_backup(State(s): State<AppState>, Path(id): Path<Uuid>) -> Answer<Done> {
    s.engine.drop_backup(id)?;
    Ok(axum::Json(Done { id: id.to_string() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_within_bounds() {
        assert_eq!(part("bytes=0-9", 100), Some((0, 10)));
        assert_eq!(part("bytes=90-", 100), Some((90, 100)));
        assert_eq!(part("bytes=90-18446744073709551614", 100), Some((90, 100)));
        for wrong in
            ["bytes=100-", "bytes=9-8", "bytes=-5", "bytes=0-18446744073709551615", "lines=0-9", "bytes=a-b", ""]
        {
            assert_eq!(part(wrong, 100), None, "{wrong}");
        }
        assert_eq!(part("bytes=0-", 0), None);
    }
}
