//! What a service granted, and the grants that need no person.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use connector_core::{
    Class, Error, Method, Result, Secret, SecretSource,
    auth::{Grant, TokenSet},
};
use http::HeaderName;
use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::{
    Auth, Party, answer,
    consent::{scope_params, with_fixed},
    failure::{Asked, Failure},
    jwt,
    request::{Ask, Fields, by_client},
};

/// What a service granted.
#[derive(Clone, Default)]
pub struct Granted {
    /// The tokens.
    pub tokens: TokenSet,
    /// When the access token ends; none: the service names no end.
    pub expires_at: Option<Timestamp>,
    /// The scopes that were granted, where the service says.
    pub scopes: Vec<String>,
    /// Who it was granted to, as far as the answer says.
    pub identity: BTreeMap<String, String>,
    /// Values of the connection that the answer fills.
    pub values: Map<String, Value>,
}

impl Granted {
    /// Secrets for calls before the tokens are kept: these tokens, and for all else `rest`.
    pub fn over(&self, rest: Arc<dyn SecretSource>) -> Arc<dyn SecretSource> {
        Arc::new(Over { access: self.tokens.access.clone(), rest })
    }
}

struct Over {
    access: Vec<(String, Secret)>,
    rest: Arc<dyn SecretSource>,
}

#[async_trait]
impl SecretSource for Over {
    async fn secret(&self, id: &str) -> Result<Secret> {
        match self.access.iter().find(|(param, _)| param == id) {
            Some((_, token)) => Ok(token.clone()),
            None => self.rest.secret(id).await,
        }
    }

    fn has(&self, id: &str) -> bool {
        self.access.iter().any(|(param, _)| param == id) || self.rest.has(id)
    }
}

impl Auth {
    /// Tokens for a method that needs no person: client credentials, a signed JWT, an app's installation.
    ///
    /// # Errors
    /// `Unsupported` for a method that needs a person; the service's, see [`Auth::finish`].
    pub async fn obtain(&self, party: &Party, scopes: &[String]) -> Result<Granted> {
        Ok(self.obtained(party, scopes, Class::Interactive).await?)
    }

    pub(crate) async fn obtained(&self, party: &Party, scopes: &[String], class: Class) -> Result<Granted, Failure> {
        let ours = |e: Error| Failure::of_transport(party.name(e));
        let (oauth, assertion) = match &party.method.grant {
            Grant::ClientCredentials(oauth) => (oauth, None),
            Grant::JwtBearer { oauth, jwt } => (oauth, Some(jwt)),
            Grant::Installation(_) => return self.of_installation(party, class).await,
            _ => return Err(ours(party.unfit("needs a person's consent"))),
        };
        let url = party.address(&oauth.token_url).map_err(ours)?;
        let scopes = with_fixed(oauth, scopes);
        let lists = scope_params(oauth, &scopes);
        let list = lists.first().map(|(_, list)| list.clone());
        let kind = match assertion {
            None => "client_credentials",
            Some(_) => "urn:ietf:params:oauth:grant-type:jwt-bearer",
        };
        let mut plain = vec![("grant_type", kind.to_owned())];
        plain.extend(list.clone().map(|list| ("scope", list)));
        let mut fields = Fields::new(plain);
        let ask = match assertion {
            None => by_client(party, oauth, &url, fields).await.map_err(ours)?,
            Some(jwt) => {
                let signed = jwt::signed(party, jwt, Some(url.as_str()), list.as_deref(), self.now());
                fields = fields.secret("assertion", signed.await.map_err(ours)?);
                // What is signed says who the app is (RFC 7523, 2.1).
                Ask::new(Method::POST, &url).map_err(ours)?.body(oauth.token_body, fields)
            }
        };
        let body = self.ask(party, ask.endpoint("auth.token"), Asked::Own, class).await?;
        let mut granted = answer::granted(oauth, &body, self.now())?;
        if granted.scopes.is_empty() {
            granted.scopes = scopes;
        }
        Ok(granted)
    }

    async fn of_installation(&self, party: &Party, class: Class) -> Result<Granted, Failure> {
        let ours = |e: Error| Failure::of_transport(party.name(e));
        let Grant::Installation(installation) = &party.method.grant else {
            return Err(ours(party.unfit("is not an app's installation")));
        };
        let signed = jwt::signed(party, &installation.jwt, None, None, self.now()).await.map_err(ours)?;
        let url = party.address(&installation.token_url).map_err(ours)?;
        let mut ask = Ask::new(Method::POST, &url).map_err(ours)?.bearer(signed).endpoint("auth.installation");
        for (name, value) in &installation.headers {
            let unsound = |_| ours(Error::internal(format!("`{name}` is no header's name")));
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(unsound)?;
            ask.request = ask.request.header_named(name, value).map_err(ours)?;
        }
        let body = self.ask(party, ask, Asked::Own, class).await?;
        answer::of_installation(installation, &body, self.now())
    }
}
