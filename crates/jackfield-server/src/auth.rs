//! The bearer token of the REST API.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use base64::Engine as _;
use http::{HeaderValue, StatusCode, header};
use ring::{digest, rand::SecureRandom};
use subtle::ConstantTimeEq;

use crate::{AppState, error::ApiError};

/// The token that the REST API asks for; only its hash is held.
#[derive(Clone)]
pub struct ApiToken([u8; 32]);

impl ApiToken {
    /// The token in the clear as it stands in its file; blanks around it do not count.
    pub fn new(token: &str) -> Self {
        Self(hash(token.trim().as_bytes()))
    }

    /// A new random token: 32 bytes, base64url.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn generate() -> Result<String, ring::error::Unspecified> {
        let mut bytes = [0u8; 32];
        ring::rand::SystemRandom::new().fill(&mut bytes)?;
        Ok(format!("jf_{}", base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(bytes)))
    }

    // Hashes are compared, so that neither the place of the first difference nor the length shows in the time taken.
    fn is(&self, given: &str) -> bool {
        self.0.ct_eq(&hash(given.as_bytes())).into()
    }
}

fn hash(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    out
}

pub(crate) async fn require(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let given = request.headers().get(header::AUTHORIZATION).and_then(|v| v.to_str().ok());
    let token = given
        .and_then(|v| v.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, t)| t.trim());
    if token.is_some_and(|t| state.token.is(t)) {
        return next.run(request).await;
    }
    let text = match token {
        Some(_) => "the bearer token is not this gateway's; it stands in the file `token` in the state directory",
        None => {
            "a bearer token is needed: `Authorization: Bearer …`; it stands in the file `token` in the state directory"
        }
    };
    let mut response = ApiError::plain(StatusCode::UNAUTHORIZED, "unauthorized", text).into_response();
    response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    response
}
