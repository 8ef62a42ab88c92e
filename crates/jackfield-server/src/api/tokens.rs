//! Tokens of the API.

use axum::extract::{Path, State};
use jackfield_engine::people::TokenInput;
use jackfield_store::people::{ApiToken, Scope};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Answer, uuid};
use crate::{AppState, auth::Caller, error::Json};

/// What a token allows.
#[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum ScopeName {
    /// See what is there and what happened.
    Read,
    /// Call actions, try runs again, replay events.
    Act,
    /// Change connections, apps, flows, people.
    Manage,
}

impl From<ScopeName> for Scope {
    fn from(s: ScopeName) -> Self {
        match s {
            ScopeName::Read => Self::Read,
            ScopeName::Act => Self::Act,
            ScopeName::Manage => Self::Manage,
        }
    }
}

impl From<Scope> for ScopeName {
    fn from(s: Scope) -> Self {
        match s {
            Scope::Read => Self::Read,
            Scope::Act => Self::Act,
            Scope::Manage => Self::Manage,
        }
    }
}

/// A token, without its secret.
#[derive(Serialize, ToSchema)]
pub(super) struct TokenView {
    /// Its id.
    id: Uuid,
    /// Whose it is; none: made by the operator.
    person: Option<Uuid>,
    /// What it is for.
    name: String,
    /// What it begins with.
    prefix: String,
    /// What it allows; never more than its owner may.
    scopes: Vec<ScopeName>,
    /// The connections that it is limited to; none: all.
    connections: Option<Vec<String>>,
    /// When it was made.
    created_at: Timestamp,
    /// When it ends; none: never.
    expires_at: Option<Timestamp>,
    /// When it was revoked.
    revoked_at: Option<Timestamp>,
    /// When it was last used, to a minute.
    used_at: Option<Timestamp>,
}

impl From<ApiToken> for TokenView {
    fn from(t: ApiToken) -> Self {
        Self {
            id: t.id,
            person: t.person,
            name: t.name,
            prefix: t.prefix,
            scopes: t.scopes.into_iter().map(ScopeName::from).collect(),
            connections: t.connections,
            created_at: t.created_at,
            expires_at: t.expires_at,
            revoked_at: t.revoked_at,
            used_at: t.used_at,
        }
    }
}

/// A token to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TokenBody {
    /// What it is for.
    name: String,
    /// What it is to allow.
    scopes: Vec<ScopeName>,
    /// The connections that it is limited to. Left out: all.
    #[serde(default)]
    connections: Option<Vec<String>>,
    /// When it is to end. Left out: never.
    #[serde(default)]
    expires_at: Option<Timestamp>,
}

/// A token that was just made.
#[derive(Serialize, ToSchema)]
pub(super) struct TokenMade {
    /// The secret. It is shown once.
    token: String,
    /// What is kept of it.
    #[serde(flatten)]
    kept: TokenView,
}

/// Lists tokens, newest first: one's own, or with `manage` everybody's.
#[utoipa::path(get, path = "/v1/tokens", tag = "people", responses((status = 200, body = Vec<TokenView>)))]
pub(super) async fn list(State(s): State<AppState>, caller: Caller) -> Answer<Vec<TokenView>> {
    Ok(axum::Json(s.engine.api_tokens(&caller.principal).await?.into_iter().map(TokenView::from).collect()))
}

/// Makes a token. It allows at most what whoever makes it may; tokens without `manage` make none.
#[utoipa::path(post, path = "/v1/tokens", tag = "people", request_body = TokenBody, responses((status = 200, body = TokenMade)))]
pub(super) async fn create(State(s): State<AppState>, caller: Caller, Json(b): Json<TokenBody>) -> Answer<TokenMade> {
    let input = TokenInput {
        name: b.name,
        scopes: b.scopes.into_iter().map(Scope::from).collect(),
        connections: b.connections,
        expires_at: b.expires_at,
    };
    let (kept, secret) = s.engine.make_token(&caller.principal, input).await?;
    let token = secret.expose_str().unwrap_or_default().to_owned();
    Ok(axum::Json(TokenMade { token, kept: kept.into() }))
}

/// Revokes a token, at once and for good: one's own, or with `manage` anybody's.
#[utoipa::path(delete, path = "/v1/tokens/{id}", tag = "people", params(("id" = Uuid, Path, description = "The token's id.")), responses((status = 200, body = TokenView)))]
pub(super) async fn revoke(State(s): State<AppState>, caller: Caller, Path(id): Path<String>) -> Answer<TokenView> {
    Ok(axum::Json(s.engine.revoke_token(&caller.principal, uuid(&id)?).await?.into()))
}
