//! Taking tokens back at the service.

use connector_core::{
    Class, Method, Result, Secret,
    auth::{AuthState, BodyForm, Grant, OAuth2, Revocation, TokenRecord},
};
use serde::Serialize;

use crate::{
    Auth, Party,
    failure::{Asked, Failure, Why},
    request::{Ask, Fields, basic, by_client},
};

/// What became of a connection's tokens at the service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Revoked {
    /// The service took them back.
    Done,
    /// There were none.
    Nothing,
    /// The service has no way, or it failed: what a person does instead.
    ByHand {
        /// What to do.
        instead: String,
    },
}

impl Auth {
    /// Takes a connection's tokens back at the service. They are kept, as revoked; forget them by
    /// [`TokenStore::forget_token`](connector_core::auth::TokenStore::forget_token).
    ///
    /// # Errors
    /// The store's; the service's where trying again may help.
    pub async fn revoke(&self, party: &Party) -> Result<Revoked> {
        let oauth = match &party.method.grant {
            Grant::Given => return Ok(by_hand("take back the credentials that were typed in, at the service")),
            Grant::Installation(_) => None,
            grant => grant.oauth(),
        };
        let Some(record) = self.inner.store.token(&party.connection).await? else { return Ok(Revoked::Nothing) };
        if record.status.state == AuthState::Revoked {
            return Ok(Revoked::Nothing);
        }
        let outcome = match oauth {
            None => by_hand("uninstall the app at the service; its token ends within an hour"),
            Some(oauth) => self.revoke_at(party, oauth, &record).await?,
        };
        self.set_revoked(party).await?;
        Ok(outcome)
    }

    async fn revoke_at(&self, party: &Party, oauth: &OAuth2, record: &TokenRecord) -> Result<Revoked> {
        // A service that is shown a token whose time is over knows nothing of the refresh token beside it.
        let by_access = !matches!(oauth.revocation, Revocation::Rfc7009 { .. });
        let is_over = record.status.expires_at.is_some_and(|at| at <= self.now());
        let unknown = || match by_access && is_over && record.tokens.refresh.is_some() {
            true => by_hand(
                "its token had ended, and its refresh token cannot be taken back: remove the app's access there",
            ),
            false => Revoked::Done,
        };
        let mut last = Revoked::Nothing;
        for ask in asks(party, oauth, record).await? {
            match self.ask(party, ask.endpoint("auth.revoke"), Asked::Other, Class::Interactive).await {
                Ok(_) => last = Revoked::Done,
                // What the service does not know any more is taken back already.
                Err(Failure { why: Why::Grant, .. }) => last = unknown(),
                Err(f) if is_unknown(oauth, f.error.status()) => last = unknown(),
                Err(Failure { why: Why::Later { .. }, error }) if !matches!(error.status(), Some(400..=499)) => {
                    return Err(error);
                }
                Err(f) => {
                    let code = f.error.code().map(|c| format!(" ({c})")).unwrap_or_default();
                    let instead =
                        format!("the service did not take the token back{code}: remove the app's access there");
                    return Ok(Revoked::ByHand { instead });
                }
            }
        }
        if let Revocation::Unsupported { instead } = &oauth.revocation {
            let instead = if instead.is_empty() { "remove the app's access at the service" } else { instead };
            return Ok(Revoked::ByHand { instead: instead.to_owned() });
        }
        Ok(last)
    }

    async fn set_revoked(&self, party: &Party) -> Result<()> {
        while let Some(record) = self.inner.store.token(&party.connection).await? {
            let from = record.status.state;
            let mut status = record.status;
            (status.state, status.since, status.reason) =
                (AuthState::Revoked, self.now(), Some("the connection's tokens were taken back here".to_owned()));
            let put = self.inner.store.put_token(&party.connection, record.generation, None, status.clone(), None);
            if put.await?.is_some() {
                self.tell(party, Some(from), Some(status)).await;
                break;
            }
        }
        Ok(())
    }
}

/// Whether a status says that the service does not know the token. 401 does where the token itself is the bearer.
fn is_unknown(oauth: &OAuth2, status: Option<u16>) -> bool {
    let bearer = matches!(oauth.revocation, Revocation::Bearer { .. });
    matches!(status, Some(404 | 422)) || (bearer && status == Some(401))
}

/// The requests that take everything back.
async fn asks(party: &Party, oauth: &OAuth2, record: &TokenRecord) -> Result<Vec<Ask>> {
    // The first is the access token; others may be no tokens at all, such as an address.
    let access: Vec<Secret> = record.tokens.access.iter().take(1).map(|(_, token)| token.clone()).collect();
    let mut all = Vec::new();
    match &oauth.revocation {
        Revocation::Rfc7009 { url } => {
            let (token, hint) = match &record.tokens.refresh {
                Some(refresh) => (Some(refresh), "refresh_token"),
                None => (access.first(), "access_token"),
            };
            let Some(token) = token else { return Ok(all) };
            let mut form = oauth.clone();
            // RFC 7009, 2.1: a form, whatever the token address takes.
            form.token_body = BodyForm::Form;
            let fields = Fields::new(vec![("token_type_hint", hint.to_owned())]).secret("token", token.clone());
            all.push(by_client(party, &form, &party.address(url)?, fields).await?);
        }
        Revocation::Bearer { method, url } => {
            let method = Method::from_bytes(method.as_bytes())
                .map_err(|_| connector_core::Error::internal(format!("`{method}` is no method of HTTP")))?;
            for token in access {
                all.push(Ask::new(method.clone(), &party.address(url)?)?.bearer(token));
            }
        }
        Revocation::ClientBasic { url } => {
            let secret = match &oauth.client_secret_param {
                Some(param) => party.secrets.secret(param).await?,
                None => return Err(party.unfit("takes tokens back with a client secret and has none")),
            };
            let id = party.text(&oauth.client_id_param)?;
            for token in access {
                let fields = Fields::new(Vec::new()).secret("access_token", token);
                let ask = Ask::new(Method::DELETE, &party.address(url)?)?.body(BodyForm::Json, fields);
                all.push(basic(ask, &id, &secret)?);
            }
        }
        _ => {}
    }
    Ok(all)
}

fn by_hand(instead: &str) -> Revoked {
    Revoked::ByHand { instead: instead.to_owned() }
}
