//! Errors as callers of the API get them: one JSON form, the right status, no operator text.

use axum::{
    extract::{FromRequest, Request},
    response::{IntoResponse, Response},
};
use connector_core::{Error, ErrorKind, TraceId};
use http::{HeaderValue, StatusCode, header};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use jackfield_engine::EngineError;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use utoipa::ToSchema;

/// Largest body of a REST request.
pub(crate) const MAX_BODY: usize = 16 << 20;

/// The body of every error.
#[derive(Serialize, ToSchema)]
pub(crate) struct ErrorBody {
    /// What went wrong.
    error: ErrorDetail,
    /// The trace, where a call was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    trace_id: Option<String>,
}

/// What went wrong.
#[derive(Serialize, ToSchema)]
pub(crate) struct ErrorDetail {
    /// The normalized kind, such as `invalid_input`, `not_found`, `rate_limited`.
    kind: String,
    /// What to do, in words.
    message: String,
    /// The connector, when the error is its service's.
    #[serde(skip_serializing_if = "Option::is_none")]
    connector: Option<String>,
    /// The service's own code, or `INVALID_ARGUMENT` for an unknown name.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    /// Every failing field.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fields: Vec<FieldDetail>,
    /// Whether the same call may be made again.
    #[serde(skip_serializing_if = "Option::is_none")]
    retry: Option<Value>,
}

/// One failing field.
#[derive(Serialize, ToSchema)]
pub(crate) struct FieldDetail {
    /// JSON pointer of the field.
    pointer: String,
    /// What is wrong and what would be right.
    message: String,
}

pub(crate) struct ApiError {
    status: StatusCode,
    retry_after: Option<u64>,
    body: Box<ErrorBody>,
}

impl ApiError {
    pub(crate) fn plain(status: StatusCode, kind: &str, message: &str) -> Self {
        let error = ErrorDetail {
            kind: kind.into(),
            message: message.into(),
            connector: None,
            code: None,
            fields: Vec::new(),
            retry: None,
        };
        Self { status, retry_after: None, body: Box::new(ErrorBody { error, trace_id: None }) }
    }

    pub(crate) fn traced(mut self, trace: TraceId) -> Self {
        self.body.trace_id = Some(trace.to_string());
        self
    }

    /// The status that it is answered with.
    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }

    /// What it says.
    pub(crate) fn text(&self) -> String {
        self.body.error.message.clone()
    }

    /// The failing fields: JSON pointer and text.
    pub(crate) fn fields(&self) -> Vec<(String, String)> {
        self.body.error.fields.iter().map(|f| (f.pointer.clone(), f.message.clone())).collect()
    }

    fn too_large() -> Self {
        Self::plain(
            StatusCode::PAYLOAD_TOO_LARGE,
            "invalid_input",
            &format!("the body is larger than {MAX_BODY} bytes; send a smaller one"),
        )
    }
}

/// The status of an error's kind. Failures of a service's own are 502 and its like, so that a caller can tell them from
/// a fault of the call.
fn status_for(e: &Error) -> StatusCode {
    match e.kind() {
        ErrorKind::InvalidInput if e.code() == Some("INVALID_ARGUMENT") => StatusCode::BAD_REQUEST,
        ErrorKind::InvalidInput | ErrorKind::Misconfigured => StatusCode::UNPROCESSABLE_ENTITY,
        ErrorKind::NotFound => StatusCode::NOT_FOUND,
        ErrorKind::Conflict => StatusCode::CONFLICT,
        ErrorKind::RateLimited | ErrorKind::Quota => StatusCode::TOO_MANY_REQUESTS,
        ErrorKind::Refused => StatusCode::FORBIDDEN,
        ErrorKind::Unsupported => StatusCode::NOT_IMPLEMENTED,
        ErrorKind::Timeout => StatusCode::GATEWAY_TIMEOUT,
        ErrorKind::Auth | ErrorKind::Permission | ErrorKind::UpstreamUnavailable | ErrorKind::Protocol => {
            StatusCode::BAD_GATEWAY
        }
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl From<Error> for ApiError {
    fn from(e: Error) -> Self {
        let status = status_for(&e);
        if status.is_server_error() {
            tracing::warn!(error = %e, "a call failed");
        }
        let error = ErrorDetail {
            kind: e.kind().as_str().into(),
            message: e.caller_text().into(),
            connector: e.connector().map(Into::into),
            code: e.code().map(Into::into),
            fields: e
                .fields()
                .iter()
                .map(|f| FieldDetail { pointer: f.pointer.clone(), message: f.message.clone() })
                .collect(),
            retry: serde_json::to_value(e.retry()).ok(),
        };
        Self {
            status,
            retry_after: e.retry().after().map(|d| d.as_secs_f64().ceil() as u64),
            body: Box::new(ErrorBody { error, trace_id: None }),
        }
    }
}

impl From<EngineError> for ApiError {
    fn from(e: EngineError) -> Self {
        if e.is_unavailable() {
            tracing::error!(error = %e, "the store failed");
            let mut out = Self::plain(
                StatusCode::SERVICE_UNAVAILABLE,
                "unavailable",
                "the gateway cannot read or write its store now; try again",
            );
            out.retry_after = Some(5);
            return out;
        }
        e.into_error().into()
    }
}

impl From<jackfield_store::StoreError> for ApiError {
    fn from(e: jackfield_store::StoreError) -> Self {
        EngineError::from(e).into()
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut r = (self.status, axum::Json(*self.body)).into_response();
        if let Some(s) = self.retry_after {
            r.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(s));
        }
        r
    }
}

/// A JSON body of a known type. What does not fit is an error that names the field.
pub(crate) struct Json<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _state: &S) -> Result<Self, ApiError> {
        let note = request.extensions().get::<crate::auth::Note>().cloned();
        let bytes = match Limited::new(request.into_body(), MAX_BODY).collect().await {
            Ok(b) => b.to_bytes(),
            Err(e) if e.is::<LengthLimitError>() => return Err(ApiError::too_large()),
            Err(_) => {
                return Err(ApiError::plain(StatusCode::BAD_REQUEST, "invalid_input", "the body ended too early"));
            }
        };
        if let Some(note) = note {
            note.fields_of(&bytes);
        }
        let mut d = serde_json::Deserializer::from_slice(&bytes);
        match serde_path_to_error::deserialize(&mut d).map(Json) {
            Ok(v) => match d.end() {
                Ok(()) => Ok(v),
                Err(_) => Err(ApiError::plain(
                    StatusCode::BAD_REQUEST,
                    "invalid_input",
                    "the body holds more than one JSON value",
                )),
            },
            Err(e) => Err(not_json(&e)),
        }
    }
}

fn not_json(e: &serde_path_to_error::Error<serde_json::Error>) -> ApiError {
    let inner = e.inner();
    if !inner.is_data() {
        let text = format!("the body is not JSON: line {}, column {}", inner.line(), inner.column());
        return ApiError::plain(StatusCode::BAD_REQUEST, "invalid_input", &text);
    }
    let pointer: String = e
        .path()
        .iter()
        .map(|s| match s {
            serde_path_to_error::Segment::Seq { index } => format!("/{index}"),
            serde_path_to_error::Segment::Map { key } => format!("/{}", connector_core::schema::escape(key)),
            _ => String::new(),
        })
        .collect();
    // serde's words name the field and its type, and may quote the value: a name from our own structs stays, a value goes.
    let words = inner.to_string();
    let words = words.split(" at line ").next().unwrap_or_default();
    let message = match words.split_once("invalid type: ") {
        Some((_, rest)) => format!("must be {}", rest.rsplit_once("expected ").map_or("of another type", |(_, t)| t)),
        None if words.starts_with("invalid value") => "has a value that is not allowed".into(),
        None => words.to_owned(),
    };
    Error::invalid_field(pointer, message).into()
}
