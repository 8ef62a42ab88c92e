//! A request as a connector describes it, and the answer it gets.
//!
//! What lives here: [`Request`], [`Response`], and [`Request::fill`], the one function that puts secrets into their
//! slots. What must not: sending. That is a [`Transport`](crate::transport::Transport)'s.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use crate::{
    error::{Error, ErrorKind, FieldError, Result},
    secret::{SecretSlot, SecretSource},
};

pub use crate::address::{parse_url, path_segment};

/// What a request carries.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub enum Body {
    /// Nothing.
    #[default]
    Empty,
    /// JSON, sent as `application/json; charset=utf-8`.
    Json(Value),
    /// `application/x-www-form-urlencoded` pairs.
    Form(Vec<(String, String)>),
    /// Bytes with their content type.
    Bytes {
        /// The `Content-Type` header.
        content_type: String,
        /// The bytes as they go out.
        data: Bytes,
    },
}

/// A request with slots where secrets go.
#[derive(Debug, Clone)]
pub struct Request {
    method: Method,
    pub(crate) url: Option<Url>,
    pub(crate) headers: HeaderMap,
    body: Body,
    pub(crate) slots: Vec<SecretSlot>,
    endpoint: &'static str,
    pub(crate) trusted_host: bool,
    redirects: u8,
}

impl Request {
    /// A request to an absolute URL.
    ///
    /// # Errors
    /// `InvalidInput` when `url` is not an absolute http or https URL, holds credentials or a control character.
    pub fn new(method: Method, url: &str) -> Result<Self> {
        Ok(Self { method, url: Some(parse_url(url)?), ..Self::blank() })
    }

    /// A request whose whole URL is the secret param `secret`.
    pub fn to_secret_url(method: Method, secret: impl Into<String>) -> Self {
        Self { method, slots: vec![SecretSlot::Url { secret: secret.into() }], ..Self::blank() }
    }

    fn blank() -> Self {
        Self {
            method: Method::GET,
            url: None,
            headers: HeaderMap::new(),
            body: Body::Empty,
            slots: Vec::new(),
            endpoint: "",
            trusted_host: false,
            redirects: 0,
        }
    }

    /// Names the endpoint for logs, metrics and drift signals, such as `chat.postMessage`. Never holds values.
    #[must_use]
    pub fn endpoint(mut self, name: &'static str) -> Self {
        self.endpoint = name;
        self
    }

    /// Adds a header. A header that holds a secret is a slot, see [`secret`](Self::secret).
    ///
    /// # Errors
    /// `InvalidInput` when the value cannot stand in a header (a line break, for one).
    pub fn header(mut self, name: &'static str, value: &str) -> Result<Self> {
        self.headers.append(HeaderName::from_static(name), header_value(name, value)?);
        Ok(self)
    }

    /// Sets a header whose name is data, in place of what is there.
    ///
    /// # Errors
    /// As [`header`](Self::header).
    pub fn header_named(mut self, name: HeaderName, value: &str) -> Result<Self> {
        let value = header_value(name.as_str(), value)?;
        self.headers.insert(name, value);
        Ok(self)
    }

    /// Adds a query parameter.
    #[must_use]
    pub fn query(mut self, name: &str, value: &str) -> Self {
        if let Some(url) = &mut self.url {
            url.query_pairs_mut().append_pair(name, value);
        }
        self
    }

    /// Adds a query parameter if there is a value.
    #[must_use]
    pub fn query_opt(self, name: &str, value: Option<impl ToString>) -> Self {
        match value {
            Some(v) => self.query(name, &v.to_string()),
            None => self,
        }
    }

    /// Sets a JSON body.
    #[must_use]
    pub fn json(mut self, body: Value) -> Self {
        self.body = Body::Json(body);
        self
    }

    /// Sets a form body.
    #[must_use]
    pub fn form(mut self, pairs: Vec<(String, String)>) -> Self {
        self.body = Body::Form(pairs);
        self
    }

    /// Sets a body of bytes.
    #[must_use]
    pub fn bytes(mut self, content_type: impl Into<String>, data: Bytes) -> Self {
        self.body = Body::Bytes { content_type: content_type.into(), data };
        self
    }

    /// Adds a slot that the transport fills.
    #[must_use]
    pub fn secret(mut self, slot: SecretSlot) -> Self {
        self.slots.push(slot);
        self
    }

    /// Marks a URL that the service itself just gave us in an authenticated answer (an upload address, a next page):
    /// its host need not be among the declared ones. The guard still judges its address.
    #[must_use]
    pub fn given_by_service(mut self) -> Self {
        self.trusted_host = true;
        self
    }

    /// Follows up to so many redirects. Only a GET or HEAD without a body is sent elsewhere, never to a lower scheme; at
    /// another origin without its credentials, and only where the connector may go. Each hop has the call's time and caps.
    #[must_use]
    pub fn follow_redirects(mut self, most: u8) -> Self {
        self.redirects = most;
        self
    }

    /// How many redirects it follows.
    pub fn redirects(&self) -> u8 {
        self.redirects
    }

    /// The method.
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// The URL; `None` while it is a secret.
    pub fn url(&self) -> Option<&Url> {
        self.url.as_ref()
    }

    /// The headers, those left out that slots fill.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// What it carries.
    pub fn body(&self) -> &Body {
        &self.body
    }

    /// The endpoint's name; empty if the connector gave none.
    pub fn endpoint_name(&self) -> &'static str {
        self.endpoint
    }

    /// Whether the host need not be declared, see [`given_by_service`](Self::given_by_service).
    pub fn is_given_by_service(&self) -> bool {
        self.trusted_host
    }

    /// The slots still to be filled.
    pub fn slots(&self) -> &[SecretSlot] {
        &self.slots
    }

    /// Puts the secrets in. Only a transport calls this, as the last step before the bytes leave.
    ///
    /// # Errors
    /// `Misconfigured` when a secret is missing or cannot stand where it should (a line break in a header).
    pub async fn fill(mut self, secrets: &dyn SecretSource) -> Result<Filled> {
        let mut body_fields = Vec::new();
        for slot in std::mem::take(&mut self.slots) {
            let id = slot.secret_id().to_owned();
            let secret = secrets.secret(&id).await?;
            if secret.is_empty() {
                return Err(crate::secret::missing_secret(&id));
            }
            let text = || secret.expose_str().ok_or_else(|| unusable(&id, "is not text"));
            match slot {
                SecretSlot::Header { name, prefix, .. } => {
                    let value = zeroize::Zeroizing::new(format!("{prefix}{}", text()?));
                    self.set_sensitive(HeaderName::from_static(name), &value, &id)?;
                }
                SecretSlot::Basic { user, .. } => {
                    use base64::Engine as _;
                    let pair = zeroize::Zeroizing::new(format!("{user}:{}", text()?));
                    let value = zeroize::Zeroizing::new(format!(
                        "Basic {}",
                        base64::prelude::BASE64_STANDARD.encode(pair.as_bytes())
                    ));
                    self.set_sensitive(http::header::AUTHORIZATION, &value, &id)?;
                }
                SecretSlot::Query { name, .. } => {
                    if let Some(url) = &mut self.url {
                        url.query_pairs_mut().append_pair(name, text()?);
                    }
                }
                SecretSlot::Path { placeholder, .. } => {
                    if let Some(url) = &mut self.url {
                        let path = url.path().replace(placeholder, &path_segment(text()?));
                        url.set_path(&path);
                    }
                }
                SecretSlot::BodyField { name, .. } => body_fields.push((name, text()?.to_owned())),
                SecretSlot::Url { .. } => {
                    self.url =
                        Some(parse_url(text()?).map_err(|_| unusable(&id, "is not an absolute http or https URL"))?);
                }
            }
        }
        let Some(url) = self.url else {
            return Err(Error::internal("a request without a URL"));
        };
        for (name, value) in body_fields {
            match &mut self.body {
                Body::Json(json) => insert(json, name, value)?,
                Body::Form(pairs) => pairs.push((name.to_owned(), value)),
                _ => return Err(no_place(name)),
            }
        }
        let (content_type, body) = match self.body {
            Body::Empty => (None, Bytes::new()),
            Body::Json(v) => (Some("application/json; charset=utf-8".to_owned()), Bytes::from(v.to_string())),
            Body::Form(pairs) => {
                let mut s = url::form_urlencoded::Serializer::new(String::new());
                s.extend_pairs(pairs);
                (Some("application/x-www-form-urlencoded".to_owned()), Bytes::from(s.finish()))
            }
            Body::Bytes { content_type, data } => (Some(content_type), data),
        };
        if let Some(ct) = content_type
            && !self.headers.contains_key(http::header::CONTENT_TYPE)
        {
            let value = HeaderValue::from_str(&ct)
                .map_err(|_| Error::invalid_field("", "the content type holds characters that headers may not"))?;
            self.headers.insert(http::header::CONTENT_TYPE, value);
        }
        Ok(Filled {
            method: self.method,
            url,
            headers: self.headers,
            body,
            given_by_service: self.trusted_host,
            endpoint: self.endpoint,
        })
    }

    fn set_sensitive(&mut self, name: HeaderName, value: &str, id: &str) -> Result<()> {
        let mut v = HeaderValue::from_str(value).map_err(|_| unusable(id, "holds characters that headers may not"))?;
        v.set_sensitive(true);
        self.headers.insert(name, v);
        Ok(())
    }
}

fn header_value(name: &str, value: &str) -> Result<HeaderValue> {
    HeaderValue::from_str(value).map_err(|_| {
        let text = format!("the value for header `{name}` holds characters that headers may not");
        Error::new(ErrorKind::InvalidInput, text)
    })
}

/// Puts a value into a JSON body: at a top-level name, or at a pointer whose objects are there.
fn insert(body: &mut Value, name: &str, value: String) -> Result<()> {
    let (parent, key) = name.rsplit_once('/').unwrap_or(("", name));
    let Some(Value::Object(map)) = body.pointer_mut(parent) else { return Err(no_place(name)) };
    map.insert(key.to_owned(), Value::String(value));
    Ok(())
}

fn no_place(name: &str) -> Error {
    Error::internal(format!("slot for body field `{name}` in a body that has no place for it"))
}

fn unusable(id: &str, why: &str) -> Error {
    Error::misconfigured(format!("the secret param `{id}` {why}; set it again"))
        .with_fields([FieldError::new(format!("/{id}"), why)])
}

/// A request with its secrets in place. It has no `Debug`; it exists only inside a transport.
pub struct Filled {
    /// The method.
    pub method: Method,
    /// The full URL, secrets included.
    pub url: Url,
    /// Headers, secrets included (marked sensitive).
    pub headers: HeaderMap,
    /// The body's bytes.
    pub body: Bytes,
    /// Whether the host need not be declared.
    pub given_by_service: bool,
    /// The endpoint's name.
    pub endpoint: &'static str,
}

/// The service's answer, its body read to the end within the transport's cap.
#[derive(Clone)]
pub struct Response {
    /// Status code.
    pub status: StatusCode,
    /// Headers.
    pub headers: HeaderMap,
    /// The body after decompression.
    pub body: Bytes,
}

impl std::fmt::Debug for Response {
    // Bodies hold customers' data and are not for logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

impl Response {
    /// A header's value as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|v| v.to_str().ok())
    }

    /// The body as JSON of a known type.
    ///
    /// # Errors
    /// `Protocol`, with the place but not the content, when it is not.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_slice(&self.body).map_err(|e| {
            Error::protocol(format!(
                "HTTP {} with {} bytes of `{}` that are not the expected JSON: {:?} at line {} column {}",
                self.status.as_u16(),
                self.body.len(),
                self.header("content-type").unwrap_or("no content type"),
                e.classify(),
                e.line(),
                e.column()
            ))
            .with_status(self.status.as_u16())
        })
    }

    /// The body as text, with broken UTF-8 replaced, cut to `max` characters: for error texts.
    pub fn text_excerpt(&self, max: usize) -> String {
        String::from_utf8_lossy(&self.body).chars().take(max).filter(|c| !c.is_control()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::SecretMap;

    #[tokio::test]
    async fn slots_are_filled_and_debug_shows_none() {
        let r = Request::new(Method::POST, "https://api.example/bot__t__/send")
            .unwrap()
            .json(serde_json::json!({"a": 1}))
            .secret(SecretSlot::Header { name: "authorization", prefix: "Bearer ", secret: "token".into() })
            .secret(SecretSlot::Path { placeholder: "__t__", secret: "token".into() })
            .secret(SecretSlot::Query { name: "k", secret: "token".into() })
            .secret(SecretSlot::BodyField { name: "s", secret: "token".into() });
        assert!(!format!("{r:?}").contains("CANARY"));
        let f = r.fill(&SecretMap::new().with("token", "CANARY/1")).await.unwrap();
        assert_eq!(f.headers["authorization"], "Bearer CANARY/1");
        assert_eq!(f.url.as_str(), "https://api.example/botCANARY%2F1/send?k=CANARY%2F1");
        assert_eq!(&f.body[..], br#"{"a":1,"s":"CANARY/1"}"#);
        assert!(!format!("{:?}", f.headers).contains("CANARY"));
    }

    #[tokio::test]
    async fn a_body_field_may_lie_deeper() {
        let fill = |name: &'static str, body: Value| {
            let r = Request::new(Method::POST, "https://api.example/").unwrap().json(body);
            let r = r.secret(SecretSlot::BodyField { name, secret: "token".into() });
            async move { r.fill(&SecretMap::new().with("token", "CANARY")).await.map(|f| f.body) }
        };
        let got = fill("/config/secret", serde_json::json!({"config": {"url": "u"}})).await.unwrap();
        assert_eq!(&got[..], br#"{"config":{"secret":"CANARY","url":"u"}}"#);
        for (name, body) in [("/config/secret", serde_json::json!({})), ("secret", serde_json::json!([]))] {
            let e = fill(name, body).await.unwrap_err();
            assert!(e.kind() == ErrorKind::Internal && !format!("{e:?}").contains("CANARY"), "{name}");
        }
    }

    #[tokio::test]
    async fn an_unusable_secret_is_named_not_shown() {
        let make = || {
            Request::new(Method::GET, "https://api.example/").unwrap().secret(SecretSlot::Header {
                name: "authorization",
                prefix: "Bearer ",
                secret: "token".into(),
            })
        };
        let e = make().fill(&SecretMap::new().with("token", "CANARY\r\nx: y")).await.err().unwrap();
        assert_eq!(e.kind(), ErrorKind::Misconfigured);
        assert!(e.to_string().contains("`token`") && !format!("{e:?}").contains("CANARY"));
        let e = make().fill(&SecretMap::new().with("token", "")).await.err().unwrap();
        assert_eq!(e.fields()[0].pointer, "/token");
    }
}
