//! Consent in a browser: where to send a person, and what comes back (RFC 6749, 4.1; RFC 7636; RFC 9207).

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use connector_core::{
    Class, Error, ErrorKind, Result, Secret,
    auth::{OAuth2, Pkce},
};
use jiff::{SignedDuration, Timestamp};
use ring::{
    digest,
    rand::{SecureRandom as _, SystemRandom},
};
use serde::{Deserialize, Serialize};
use url::Url;
use zeroize::Zeroizing;

use crate::{
    Auth, Granted, Party, answer,
    failure::{self, Asked, Failure},
    request::{Fields, by_client},
};

/// How long a person may take.
const LONGEST: SignedDuration = SignedDuration::from_hours(1);
/// Longest code that is looked at.
const MAX_CODE: usize = 8 << 10;

/// So many random bytes as text for an address.
pub(crate) fn random(bytes: usize) -> Result<Zeroizing<String>> {
    let mut made = Zeroizing::new(vec![0_u8; bytes]);
    SystemRandom::new().fill(&mut made).map_err(|_| Error::internal("the system gives no random numbers"))?;
    Ok(Zeroizing::new(BASE64_URL_SAFE_NO_PAD.encode(&*made)))
}

/// What must be kept, sealed, until a person comes back. It holds the proof key: it has no `Debug`.
#[derive(Clone, Serialize, Deserialize)]
pub struct Pending {
    pub(crate) state: Zeroizing<String>,
    pub(crate) verifier: Option<Zeroizing<String>>,
    pub(crate) redirect_uri: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) created_at: Timestamp,
}

impl Pending {
    /// Its bytes, to be sealed.
    ///
    /// # Errors
    /// `Internal` if it cannot be written.
    pub fn to_bytes(&self) -> Result<Zeroizing<Vec<u8>>> {
        serde_json::to_vec(self).map(Zeroizing::new).map_err(|e| Error::internal(e.to_string()))
    }

    /// What [`to_bytes`](Self::to_bytes) gave.
    ///
    /// # Errors
    /// `Internal` for anything else.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        serde_json::from_slice(bytes).map_err(|_| Error::internal("what was kept of a consent does not open"))
    }

    /// What comes back with the person, by which a gateway finds what this belongs to. It is worth as much as a password
    /// until then: look it up by its hash, or compare it in constant time.
    pub fn state(&self) -> &str {
        &self.state
    }

    /// The scopes that were asked for.
    pub fn scopes(&self) -> &[String] {
        &self.scopes
    }

    /// When the person was sent.
    pub fn created_at(&self) -> Timestamp {
        self.created_at
    }
}

/// What came back at the redirect address. It has no `Debug`: a code is a secret.
#[derive(Clone, Default, Deserialize)]
pub struct Callback {
    /// The code, if the person consented.
    pub code: Option<String>,
    /// The state, as it was sent.
    pub state: Option<String>,
    /// Why there is no code.
    pub error: Option<String>,
    /// The service's words for that. Whoever made the link wrote them: they are not shown.
    pub error_description: Option<String>,
    /// Who answers (RFC 9207).
    pub iss: Option<String>,
}

impl Auth {
    /// Where to send a person for consent, and what must be kept, sealed, until the person comes back.
    ///
    /// # Errors
    /// `Unsupported` for a method without consent in a browser; `Misconfigured`, naming the field, where the app or the
    /// connection lacks a value.
    pub fn begin(&self, party: &Party, redirect_uri: &str, scopes: &[String]) -> Result<(Url, Pending)> {
        let oauth = party.consent()?;
        let scopes = with_fixed(oauth, scopes);
        let (state, verifier) = (random(32)?, (oauth.pkce == Pkce::S256).then(|| random(32)).transpose()?);
        let mut url = party.address(&oauth.authorize_url)?;
        {
            let mut query = url.query_pairs_mut();
            query.append_pair("response_type", "code");
            query.append_pair("client_id", &party.text(&oauth.client_id_param)?);
            query.append_pair("redirect_uri", redirect_uri);
            query.append_pair("state", &state);
            for (param, list) in scope_params(oauth, &scopes) {
                query.append_pair(param, &list);
            }
            if let Some(verifier) = &verifier {
                let hash = digest::digest(&digest::SHA256, verifier.as_bytes());
                query.append_pair("code_challenge", &BASE64_URL_SAFE_NO_PAD.encode(hash));
                query.append_pair("code_challenge_method", "S256");
            }
            for (name, value) in &oauth.authorize_params {
                query.append_pair(name, value);
            }
        }
        let pending = Pending { state, verifier, redirect_uri: redirect_uri.to_owned(), scopes, created_at: self.now() };
        Ok((url, pending))
    }

    /// Takes what came back at the redirect address: checks the state and who answered, and exchanges the code.
    ///
    /// # Errors
    /// `Auth` where the person or the service refused, `Misconfigured` where the service refuses the app,
    /// `UpstreamUnavailable`, `Timeout` or `RateLimited` where trying again may help.
    pub async fn finish(&self, party: &Party, pending: &Pending, callback: &Callback) -> Result<Granted> {
        let oauth = party.consent()?;
        let refuse = |text: &str| Err(party.name(Error::new(ErrorKind::Auth, text)));
        let state = callback.state.as_deref().unwrap_or_default();
        if !Secret::from(pending.state.as_str()).eq_constant_time(state.as_bytes()) {
            return refuse("what came back does not belong to this consent: begin again in the same browser");
        }
        if self.now().duration_since(pending.created_at) > LONGEST {
            return refuse("the consent took longer than an hour; begin again");
        }
        if let Some(iss) = &callback.iss
            && !is_issuer(party, oauth, iss)?
        {
            return refuse("another service than the one that was asked has answered; begin again");
        }
        if let Some(error) = callback.error.as_deref().filter(|e| !e.is_empty()) {
            return Err(party.name(Failure::of_consent(&failure::clean_code(error)).error));
        }
        let Some(code) = callback.code.as_deref().filter(|c| !c.is_empty() && c.len() <= MAX_CODE) else {
            return refuse("the service sent the person back without a code; begin again");
        };
        let mut fields = Fields::new(vec![
            ("grant_type", "authorization_code".to_owned()),
            ("redirect_uri", pending.redirect_uri.clone()),
        ])
        .secret("code", Secret::from(code));
        if let Some(verifier) = &pending.verifier {
            fields = fields.secret("code_verifier", Secret::from(verifier.as_str()));
        }
        let ask = by_client(party, oauth, &party.address(&oauth.token_url)?, fields).await?.endpoint("auth.token");
        let body = self.ask(party, ask, Asked::Code, Class::Interactive).await?;
        let mut granted = answer::granted(oauth, &body, self.now()).map_err(|f| party.name(f.error))?;
        // RFC 6749, 5.1: what is left out is what was asked for.
        if granted.scopes.is_empty() {
            granted.scopes = pending.scopes.clone();
        }
        Ok(granted)
    }
}

/// The scopes with those that every connection needs.
pub(crate) fn with_fixed(oauth: &OAuth2, scopes: &[String]) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for scope in scopes.iter().chain(&oauth.fixed_scopes) {
        if !all.contains(scope) {
            all.push(scope.clone());
        }
    }
    all
}

/// The parameters that carry scopes: those of a group in one of their own, without what tells them apart.
pub(crate) fn scope_params<'a>(oauth: &'a OAuth2, scopes: &[String]) -> Vec<(&'a str, String)> {
    let group = oauth.scope_group.as_ref();
    let own = |s: &String| group.and_then(|g| s.strip_prefix(&g.prefix)).map(str::to_owned);
    let grouped: Vec<String> = scopes.iter().filter_map(own).collect();
    let others: Vec<String> = scopes.iter().filter(|s| own(s).is_none()).cloned().collect();
    let mut params = Vec::new();
    if !others.is_empty() {
        params.push((oauth.scope_param.as_str(), others.join(&oauth.scope_separator)));
    }
    if let Some(group) = group.filter(|_| !grouped.is_empty()) {
        params.push((group.param.as_str(), grouped.join(&oauth.scope_separator)));
    }
    params
}

/// Whether `iss` is the one that was asked (RFC 9207): by its name where that is declared, else by the origin of the consent.
fn is_issuer(party: &Party, oauth: &OAuth2, iss: &str) -> Result<bool> {
    let Ok(said) = Url::parse(iss) else { return Ok(false) };
    Ok(match &oauth.issuer {
        Some(issuer) => party.address(issuer)?.as_str().trim_end_matches('/') == iss.trim_end_matches('/'),
        None => said.origin() == party.address(&oauth.authorize_url)?.origin(),
    })
}
