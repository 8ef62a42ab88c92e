//! The connection's validator: asks GitHub who the token is. What must not live here: what actions need.

use connector_core::{BoxFuture, Cx, ErrorKind, Method, Result, connector::Validation};
use serde::Deserialize;

use super::{request, send, send_json};

/// What `GET /user` tells. <https://docs.github.com/rest/users/users#get-the-authenticated-user>
#[derive(Deserialize)]
struct Account {
    login: String,
    id: u64,
}

/// What `GET /installation/repositories` tells.
#[derive(Deserialize)]
struct Installation {
    #[serde(default)]
    repositories: Vec<crate::model::Repository>,
}

/// Checks new credentials by asking who they are.
pub(crate) fn validate(cx: &Cx) -> BoxFuture<'_, Result<Validation>> {
    Box::pin(check(cx))
}

async fn check(cx: &Cx) -> Result<Validation> {
    let e = match whoami(cx).await {
        Ok(v) => return Ok(v),
        // A GitHub App's installation is nobody: it has repositories, but no user.
        Err(e) if e.kind() == ErrorKind::Permission && e.code().is_none() => match installation(cx).await {
            Ok(v) => return Ok(v),
            Err(_) => e,
        },
        Err(e) => e,
    };
    let not_github = "does not answer like GitHub's API; for GitHub Enterprise Server the address ends in /api/v3";
    Ok(match (e.kind(), e.status()) {
        (ErrorKind::Auth | ErrorKind::Permission, _) => Validation::failed("token", e.caller_text()),
        (ErrorKind::NotFound | ErrorKind::Protocol | ErrorKind::Unsupported, _) => {
            Validation::failed("base_url", not_github)
        }
        (ErrorKind::Refused, _) => Validation::failed("base_url", e.caller_text()),
        (ErrorKind::UpstreamUnavailable | ErrorKind::Timeout, None) => {
            Validation::failed("base_url", format!("cannot be reached: {}", e.caller_text()))
        }
        _ => return Err(e),
    })
}

async fn whoami(cx: &Cx) -> Result<Validation> {
    let response = send(cx, request(cx, Method::GET, "/user")?.endpoint("users/get-authenticated"), &[]).await?;
    let account: Account = response.json()?;
    // Classic tokens only; a fine-grained token's permissions are not told.
    let scopes = response.header("x-oauth-scopes").unwrap_or_default();
    let scopes = scopes.split(',').map(str::trim).filter(|s| !s.is_empty()).map(str::to_owned).collect();
    Ok(Validation::ok(account.login.clone())
        .identity("login", account.login)
        .identity("user_id", account.id.to_string())
        .scopes(scopes))
}

async fn installation(cx: &Cx) -> Result<Validation> {
    let request = request(cx, Method::GET, "/installation/repositories")?
        .query("per_page", "1")
        .endpoint("apps/list-repos-accessible-to-installation");
    let found: Installation = send_json(cx, request, &[]).await?;
    let owner = found.repositories.into_iter().next().and_then(|r| r.owner).map(|o| o.login);
    Ok(match owner {
        Some(login) => Validation::ok(format!("{login} (app installation)")).identity("login", login),
        None => Validation::ok("app installation without repositories"),
    })
}
