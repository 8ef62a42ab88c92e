//! Requests to token addresses: written as the service wants them, sent by the transport itself.
//!
//! They do not go through [`connector_core::Cx`]: that cuts echoes of a request's secrets out of answers, and an unchanged
//! refresh token in an answer is no echo.

use std::sync::Arc;

use connector_core::{
    Class, Error, Method, Request, Response, Secret, SecretMap, SecretSlot, SecretSource, TraceId,
    auth::{BodyForm, ClientAuth, OAuth2},
    scrub,
    transport::CallContext,
};
use serde_json::{Map, Value};
use url::Url;

use crate::{
    Auth, Party,
    failure::{self, Asked, Failure},
};

/// Most bytes of an answer.
const MAX_ANSWER: usize = 1 << 20;

/// A request with its secrets beside it.
pub(crate) struct Ask {
    pub(crate) request: Request,
    pub(crate) secrets: SecretMap,
}

/// The body of a request to a token address.
pub(crate) struct Fields {
    plain: Vec<(&'static str, String)>,
    secret: Vec<(&'static str, Secret)>,
}

impl Fields {
    pub(crate) fn new(plain: Vec<(&'static str, String)>) -> Self {
        Self { plain, secret: Vec::new() }
    }

    pub(crate) fn secret(mut self, name: &'static str, secret: Secret) -> Self {
        self.secret.push((name, secret));
        self
    }
}

impl Ask {
    pub(crate) fn new(method: Method, url: &Url) -> Result<Self, Error> {
        let request = Request::new(method, url.as_str())?.header("accept", "application/json")?;
        Ok(Self { request, secrets: SecretMap::new() })
    }

    pub(crate) fn slot(mut self, slot: SecretSlot, secret: Secret) -> Self {
        self.secrets = self.secrets.with(slot.secret_id(), secret);
        self.request = self.request.secret(slot);
        self
    }

    pub(crate) fn bearer(self, token: Secret) -> Self {
        let slot = SecretSlot::Header { name: "authorization", prefix: "Bearer ", secret: "token".into() };
        self.slot(slot, token)
    }

    pub(crate) fn body(mut self, form: BodyForm, fields: Fields) -> Self {
        self.request = match form {
            BodyForm::Form => {
                self.request.form(fields.plain.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
            }
            BodyForm::Json => {
                let map: Map<String, Value> =
                    fields.plain.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
                self.request.json(Value::Object(map))
            }
        };
        for (name, secret) in fields.secret {
            self = self.slot(SecretSlot::BodyField { name, secret: name.to_owned() }, secret);
        }
        self
    }

    pub(crate) fn endpoint(mut self, name: &'static str) -> Self {
        self.request = self.request.endpoint(name);
        self
    }
}

/// As RFC 6749, 2.3.1 wants both halves of Basic.
fn form_encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// The client's secret as Basic, with the client's id as user.
pub(crate) fn basic(ask: Ask, id: &str, secret: &Secret) -> Result<Ask, Error> {
    let text = secret.expose_str().ok_or_else(|| Error::misconfigured("the app's client secret is not text"))?;
    let slot = SecretSlot::Basic { user: form_encoded(id), secret: "client_secret".into() };
    Ok(ask.slot(slot, Secret::from(form_encoded(text))))
}

/// A request with the client's id and secret where the service wants them.
pub(crate) async fn by_client(party: &Party, oauth: &OAuth2, url: &Url, mut fields: Fields) -> Result<Ask, Error> {
    let id = party.text(&oauth.client_id_param)?;
    let secret = match &oauth.client_secret_param {
        Some(param) if oauth.client_auth != ClientAuth::Public => {
            Some(party.secrets.secret(param).await.map_err(|e| party.name(e))?)
        }
        _ => None,
    };
    let ask = Ask::new(Method::POST, url)?;
    match (oauth.client_auth, secret) {
        (ClientAuth::Basic, Some(secret)) => basic(ask.body(oauth.token_body, fields), &id, &secret),
        (_, secret) => {
            fields.plain.push(("client_id", id));
            if let Some(secret) = secret {
                fields = fields.secret("client_secret", secret);
            }
            Ok(ask.body(oauth.token_body, fields))
        }
    }
}

impl Auth {
    /// Sends a request to the host in its own address and gives the answer, whatever it says.
    pub(crate) async fn send(&self, party: &Party, ask: Ask, class: Class) -> Result<Response, Failure> {
        let host = ask.request.url().and_then(Url::host_str).map(str::to_owned);
        let secrets: Arc<dyn SecretSource> = Arc::new(ask.secrets);
        let mut context =
            CallContext::new(&party.connector, host.into_iter().collect(), TraceId::new(self.inner.clock.now()));
        context.connection = party.connection.as_str().into();
        context.action = "auth".into();
        context.class = class;
        context.networks = party.networks.clone().into();
        context.secrets = secrets;
        context.timeout = self.inner.options.request_time;
        context.max_response_bytes = MAX_ANSWER;
        self.inner.transport.send(ask.request, &context).await.map_err(|e| Failure::of_transport(party.name(e)))
    }

    /// Sends a request and gives the answer's JSON, if it is a success.
    pub(crate) async fn ask(&self, party: &Party, ask: Ask, asked: Asked, class: Class) -> Result<Value, Failure> {
        let (slots, secrets) = (ask.request.slots().to_vec(), ask.secrets.clone());
        let response = self.send(party, ask, class).await?;
        let body = read(&response);
        let words = body.as_ref().and_then(failure::words);
        let success = response.status.is_success();
        match (body, words) {
            (Some(body), None) if success => Ok(body),
            (_, words) => {
                let words = match words {
                    // A service that quotes what it was sent must not bring it into a log.
                    Some((code, description)) => {
                        let source: Arc<dyn SecretSource> = Arc::new(secrets);
                        let mut clean = scrub::clean(&source, &slots, vec![code, description]).await.into_iter();
                        Some((clean.next().unwrap_or_default(), clean.next().unwrap_or_default()))
                    }
                    None => None,
                };
                let words = words.as_ref().map(|(code, text)| (code.as_str(), text.as_str()));
                let mut failure = Failure::of(asked, &response, words, self.now());
                failure.error = party.name(failure.error);
                Err(failure)
            }
        }
    }
}

/// The body as JSON; a form, as some old services answer with, becomes an object.
fn read(response: &Response) -> Option<Value> {
    if response.body.is_empty() {
        return response.status.is_success().then(|| Value::Object(Map::new()));
    }
    if response.header("content-type").is_some_and(|t| t.starts_with("application/x-www-form-urlencoded")) {
        let pairs = url::form_urlencoded::parse(&response.body);
        return Some(Value::Object(pairs.map(|(k, v)| (k.into_owned(), Value::from(v.into_owned()))).collect()));
    }
    serde_json::from_slice(&response.body).ok()
}
