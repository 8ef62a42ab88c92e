//! Webhooks: how a service's requests are verified, answered, routed and read.
//!
//! What lives here: the declaration ([`Webhook`]), verification as a pure function ([`verify`]) and its inverse
//! ([`sign`]). What must not: storing, fetching keys, or HTTP serving. A webhook cannot be declared without saying how
//! it is verified, and what reads it only ever gets a [`Verified`].

mod inbound;
mod sign;
#[cfg(test)]
mod vectors;
mod verification;
mod verify;

pub use inbound::{Condition, Inbound, Locator};
pub use sign::sign;
pub use verification::{
    Algorithm, Encoding, Jwt, KeyForm, Part, SignatureForm, Signed, TimeUnit, TimestampAt, TimestampRule, Verification,
};
pub use verify::{Refusal, Verified, signed_bytes, verify};

use http::Method;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{error::Result, secret::Secret, trace::TraceId};

/// Whose secret the key is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeySource {
    /// A secret param of the app: the service signs everything of an app with one secret.
    App(String),
    /// A secret param of the connection.
    Connection(String),
    /// A secret that the service's own handshake supplies, kept under this id with the connection.
    Handshake(String),
}

impl KeySource {
    /// The param id.
    pub fn id(&self) -> &str {
        match self {
            Self::App(id) | Self::Connection(id) | Self::Handshake(id) => id,
        }
    }
}

/// What one delivery says happened.
#[derive(Debug, Clone)]
pub struct Incoming {
    /// The event type, such as `issues.opened`. Unknown types are kept, never an error.
    pub event_type: String,
    /// When it happened, if the service says.
    pub occurred_at: Option<Timestamp>,
    /// The object that it is about, such as `octo/repo#7`.
    pub subject: Option<String>,
    /// The payload as the service sent it.
    pub payload: Value,
}

/// How a verified delivery is read.
#[derive(Clone)]
pub enum Reader {
    /// By a function of the connector.
    Function(fn(&Verified) -> Result<Vec<Incoming>>),
    /// By data: the body is one JSON event whose type is the values of the locators, joined by dots.
    Data {
        /// Where the pieces of the event type stand; those that are not there are left out.
        event_type: Vec<Locator>,
        /// Where the object's id stands.
        subject: Option<Locator>,
    },
}

/// A request that is answered instead of kept: pings and challenges.
#[derive(Debug, Clone)]
pub struct Handshake {
    /// The method it comes by.
    pub method: Method,
    /// What tells it apart.
    pub when: Vec<Condition>,
    /// What it must prove before it is answered.
    pub proof: Proof,
    /// The answer.
    pub answer: Answer,
    /// Where the key stands that this handshake supplies.
    pub supplies_key: Option<Locator>,
}

/// What a handshake must prove.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// It is verified like any delivery.
    Verified,
    /// A token in it equals a secret param (Meta's `hub.verify_token`).
    Token(Locator, KeySource),
    /// Nothing: the answer gives nothing away. A handshake that supplies a key is only taken while none is set.
    Nothing,
}

/// What a handshake is answered with.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// The body.
    pub body: AnswerBody,
    /// A header that is echoed (Asana's `X-Hook-Secret`).
    pub echo_header: Option<String>,
}

/// The body of a handshake's answer.
#[derive(Debug, Clone)]
pub enum AnswerBody {
    /// Nothing.
    Empty,
    /// A value of the request, as plain text.
    Echo(Locator),
    /// Fixed JSON.
    Json(Value),
    /// Zoom's: the plain token and its HMAC-SHA256 in hex under the webhook's key.
    TokenAndHmac(Locator),
}

/// How a kind of delivery is acknowledged once it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledgement {
    /// The kind of request; empty takes all.
    pub when: Vec<Condition>,
    /// Status code.
    pub status: u16,
    /// Whether the body holds the trace id; empty otherwise.
    pub with_trace: bool,
}

/// An HTTP answer, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpAnswer {
    /// Status code.
    pub status: u16,
    /// Content type of the body, if there is one.
    pub content_type: Option<&'static str>,
    /// One more header, if declared.
    pub header: Option<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// How an app-wide address finds its connection: a value of the request equals a value of the connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    /// Where in the request.
    pub at: Locator,
    /// The connection's param, or the identity that its validator learned, of this name.
    pub identity: String,
}

/// A connector's webhook.
#[derive(Clone)]
pub struct Webhook {
    /// How requests are verified.
    pub verification: Verification,
    /// Where the key is kept.
    pub key: KeySource,
    /// Requests that are answered instead of kept.
    pub handshakes: Vec<Handshake>,
    /// Where the service's delivery id stands; the first that is there counts. Empty: no dedupe by id.
    pub delivery_id: Vec<Locator>,
    /// How the app-wide address finds the connection; empty: the service sends to one address a connection.
    pub routes: Vec<Route>,
    /// Acknowledgements that differ from `202` with the trace id; the first that fits counts.
    pub acknowledgements: Vec<Acknowledgement>,
    /// Media types that are taken; others get 415.
    pub media_types: Vec<&'static str>,
    /// Largest body in bytes; larger gets 413.
    pub max_body: usize,
    /// How a delivery is read.
    pub reader: Reader,
}

/// The body cap unless a connector declares another: 1 MiB.
pub const DEFAULT_MAX_BODY: usize = 1 << 20;

impl Webhook {
    /// A webhook of JSON bodies. There is no way to leave the verification out.
    pub fn new(verification: Verification, key: KeySource, reader: Reader) -> Self {
        Self {
            verification,
            key,
            handshakes: Vec::new(),
            delivery_id: Vec::new(),
            routes: Vec::new(),
            acknowledgements: Vec::new(),
            media_types: vec!["application/json"],
            max_body: DEFAULT_MAX_BODY,
            reader,
        }
    }

    /// Adds a handshake.
    #[must_use]
    pub fn handshake(mut self, h: Handshake) -> Self {
        self.handshakes.push(h);
        self
    }

    /// Says where the delivery id stands.
    #[must_use]
    pub fn delivery_id(mut self, at: Locator) -> Self {
        self.delivery_id.push(at);
        self
    }

    /// Says how the app-wide address finds the connection.
    #[must_use]
    pub fn route(mut self, at: Locator, identity: &str) -> Self {
        self.routes.push(Route { at, identity: identity.to_owned() });
        self
    }

    /// Declares another acknowledgement for a kind of request.
    #[must_use]
    pub fn acknowledge(mut self, when: Vec<Condition>, status: u16, with_trace: bool) -> Self {
        self.acknowledgements.push(Acknowledgement { when, status, with_trace });
        self
    }

    /// Takes this media type too.
    #[must_use]
    pub fn media_type(mut self, media_type: &'static str) -> Self {
        self.media_types.push(media_type);
        self
    }

    /// Sets the body cap.
    #[must_use]
    pub fn max_body(mut self, bytes: usize) -> Self {
        self.max_body = bytes;
        self
    }

    /// Whether the declaration is sound. Connectors made at run time are checked when they are built, those compiled in by
    /// the contract suite.
    ///
    /// # Errors
    /// Says what is wrong.
    pub fn check(&self) -> std::result::Result<(), String> {
        check_verification(&self.verification)?;
        for h in &self.handshakes {
            if matches!(h.answer.body, AnswerBody::TokenAndHmac(_)) && h.proof == Proof::Nothing {
                return Err(
                    "a handshake that answers with an HMAC must prove something, or anybody gets anything signed"
                        .into(),
                );
            }
            if h.supplies_key.is_some() && !matches!(self.key, KeySource::Handshake(_)) {
                return Err("a handshake supplies a key, but the key's source is not the handshake".into());
            }
        }
        if matches!(self.key, KeySource::Handshake(_)) && !self.handshakes.iter().any(|h| h.supplies_key.is_some()) {
            return Err("the key comes from a handshake, but no handshake supplies one".into());
        }
        Ok(())
    }

    /// The handshake that this request is, if it is one.
    pub fn find_handshake(&self, r: &Inbound) -> Option<&Handshake> {
        self.handshakes.iter().find(|h| h.method == r.method && h.when.iter().all(|c| c.holds(r)))
    }

    /// The service's id of this delivery.
    pub fn find_delivery_id(&self, r: &Inbound) -> Option<String> {
        self.delivery_id.iter().find_map(|l| l.get(r)).filter(|id| !id.is_empty())
    }

    /// Reads a verified delivery.
    ///
    /// # Errors
    /// `InvalidInput` when the body is not what the service sends at all (not JSON, say).
    pub fn read(&self, v: &Verified) -> Result<Vec<Incoming>> {
        match &self.reader {
            Reader::Function(f) => f(v),
            Reader::Data { event_type, subject } => {
                let r = v.inbound();
                let payload =
                    r.json().cloned().ok_or_else(|| crate::Error::invalid_field("", "the body is not JSON"))?;
                let parts: Vec<String> = event_type.iter().filter_map(|l| l.get(r)).collect();
                let event_type = if parts.is_empty() { "unknown".to_owned() } else { parts.join(".") };
                Ok(vec![Incoming {
                    event_type,
                    occurred_at: None,
                    subject: subject.as_ref().and_then(|l| l.get(r)),
                    payload,
                }])
            }
        }
    }

    /// The answer to a delivery that is kept.
    pub fn acknowledgement(&self, r: &Inbound, trace: TraceId) -> HttpAnswer {
        let found = self.acknowledgements.iter().find(|a| a.when.iter().all(|c| c.holds(r)));
        let (status, with_trace) = found.map_or((202, true), |a| (a.status, a.with_trace));
        if with_trace {
            HttpAnswer {
                status,
                content_type: Some("application/json"),
                header: None,
                body: json!({"trace_id": trace}).to_string().into_bytes(),
            }
        } else {
            HttpAnswer { status, content_type: None, header: None, body: Vec::new() }
        }
    }
}

fn check_verification(v: &Verification) -> std::result::Result<(), String> {
    match v {
        Verification::None { reason, compensation } if reason.trim().is_empty() || compensation.trim().is_empty() => {
            Err("a webhook that is not verified needs a reason and what makes up for it".into())
        }
        Verification::AnyOf(all) if all.is_empty() => Err("`any_of` without a scheme verifies nothing".into()),
        Verification::AnyOf(all) if all.iter().any(|v| matches!(v, Verification::None { .. })) => {
            Err("`any_of` with `none` among its schemes takes everything".into())
        }
        Verification::AnyOf(all) => all.iter().try_for_each(check_verification),
        Verification::Signed(s) if s.parts.is_empty() => Err("a signature over nothing".into()),
        Verification::Signed(s) if s.parts.contains(&Part::Timestamp) && s.timestamp.is_none() => {
            Err("the timestamp is signed, but its place is not declared".into())
        }
        Verification::Signed(s) if s.parts.contains(&Part::Id) && s.id.is_none() => {
            Err("the id is signed, but its place is not declared".into())
        }
        _ => Ok(()),
    }
}

impl Handshake {
    /// A signed POST whose conditions hold, answered with a value of itself (Slack's `url_verification`).
    pub fn echo(when: Vec<Condition>, at: Locator) -> Self {
        Self {
            method: Method::POST,
            when,
            proof: Proof::Verified,
            answer: Answer { status: 200, body: AnswerBody::Echo(at), echo_header: None },
            supplies_key: None,
        }
    }

    /// The answer's bytes. `key` is needed for [`AnswerBody::TokenAndHmac`] only.
    pub fn answer(&self, r: &Inbound, key: Option<&Secret>) -> HttpAnswer {
        let (content_type, body) = match &self.answer.body {
            AnswerBody::Empty => (None, Vec::new()),
            // Plain text and nothing else, so that a challenge can never become markup in somebody's browser.
            AnswerBody::Echo(at) => (Some("text/plain; charset=utf-8"), at.get(r).unwrap_or_default().into_bytes()),
            AnswerBody::Json(v) => (Some("application/json"), v.to_string().into_bytes()),
            AnswerBody::TokenAndHmac(at) => {
                let plain = at.get(r).unwrap_or_default();
                let tag = key.map(|k| {
                    ring::hmac::sign(&ring::hmac::Key::new(ring::hmac::HMAC_SHA256, k.expose()), plain.as_bytes())
                });
                let encrypted = tag.map(|t| hex::encode(t.as_ref())).unwrap_or_default();
                (
                    Some("application/json"),
                    json!({"plainToken": plain, "encryptedToken": encrypted}).to_string().into_bytes(),
                )
            }
        };
        let header = self.answer.echo_header.as_ref().and_then(|h| Some((h.clone(), r.single_header(h)?.to_owned())));
        HttpAnswer { status: self.answer.status, content_type, header, body }
    }
}
