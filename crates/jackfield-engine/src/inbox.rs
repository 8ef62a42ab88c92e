//! The inbox: lookup, handshake, verification, dedupe, commit, acknowledgement, in this order. Nothing is acknowledged
//! before it is committed, and nothing unverified is kept.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use connector_core::{
    Connector, Error, Event, Secret, TraceId,
    event::Origin,
    webhook::{Handshake, HttpAnswer, Inbound, Incoming, KeySource, Proof, Verified, Webhook, verify},
};
use http::Method;
use jackfield_store::{App, Connection, NewDelivery, Owner, RefusalKey};
use serde_json::Value;
use uuid::Uuid;

use crate::{Engine, Happening, error::Result};

/// Where a request was sent to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// The connector's id.
    pub connector: String,
    /// The connection's id; none for the app-wide address.
    pub connection: Option<String>,
}

/// What the sender is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// As the connector declares.
    Http(HttpAnswer),
    /// Refused with this status; the reason is in the audit, not in the answer.
    Refused(u16),
    /// The store cannot write now: come again.
    Unavailable,
}

/// A webhook's address resolved, before the body is read: so that the body's cap is known.
pub struct Target {
    connector: Arc<Connector>,
    connection: Option<Connection>,
    address: Address,
}

impl Target {
    /// The cap of the body in bytes.
    pub fn max_body(&self) -> usize {
        self.connector.webhook().map_or(0, |w| w.max_body)
    }

    /// The address.
    pub fn address(&self) -> &Address {
        &self.address
    }
}

impl Engine {
    /// Resolves an address; `None` is a 404, counted in the audit.
    ///
    /// # Errors
    /// The store's.
    pub async fn resolve(&self, address: Address) -> Result<Option<Target>> {
        let known = self.inner.registry.get(&address.connector).ok().filter(|c| c.webhook().is_some());
        let Some(connector) = known else {
            // The name comes from whoever knocks: it is not kept.
            self.refuse(
                &Address { connector: "(unknown)".into(), connection: None },
                404,
                "no such connector, or it takes no webhooks",
            );
            return Ok(None);
        };
        let connection = match &address.connection {
            None => None,
            Some(id) => match self.inner.store.connection(id).await {
                Ok(c) if c.connector == address.connector && c.enabled => Some(c),
                Ok(_) => {
                    self.refuse(&address, 404, "the connection is disabled or belongs to another connector");
                    return Ok(None);
                }
                Err(jackfield_store::StoreError::NotFound(..)) => {
                    self.refuse(
                        &Address { connector: address.connector, connection: Some("(unknown)".into()) },
                        404,
                        "no such connection",
                    );
                    return Ok(None);
                }
                Err(e) => return Err(e.into()),
            },
        };
        Ok(Some(Target { connector, connection, address }))
    }

    /// Counts a refused request in the audit.
    pub fn refuse(&self, address: &Address, status: u16, reason: &str) {
        self.inner.audit.count(
            RefusalKey {
                connector: address.connector.clone(),
                target: address.connection.clone().unwrap_or_default(),
                status,
                reason: reason.to_owned(),
            },
            self.now(),
        );
    }

    /// Takes a request in.
    ///
    /// # Errors
    /// The store's, except that it cannot write, which is an [`Answer::Unavailable`].
    pub async fn receive(&self, target: &Target, inbound: Inbound) -> Result<Answer> {
        match self.take_in(target, inbound).await {
            Err(e) if e.is_unavailable() => {
                // Counted and told once an interval: a line for each would fill a disk that is full already.
                self.refuse(&target.address, 503, &e.to_string());
                Ok(Answer::Unavailable)
            }
            other => other,
        }
    }

    async fn take_in(&self, target: &Target, inbound: Inbound) -> Result<Answer> {
        let Some(webhook) = target.connector.webhook() else { return Ok(Answer::Refused(404)) };
        let refused = |status: u16, reason: &str| {
            self.refuse(&target.address, status, reason);
            Ok(Answer::Refused(status))
        };
        let handshake = webhook.find_handshake(&inbound);
        if handshake.is_none() && inbound.method != Method::POST {
            return refused(405, "the connector takes deliveries by POST only");
        }
        if handshake.is_none() && !webhook.media_types.iter().any(|t| *t == inbound.media_type()) {
            return refused(415, "the connector does not take this media type");
        }
        let candidates = self.candidates(target, webhook.key.id(), &webhook.key).await?;
        if let Some(h) = handshake {
            return self.shake_hands(target, webhook, h, &inbound, &candidates).await;
        }
        let mut first = None;
        let mut fitting = None;
        for c in candidates {
            match verify(&webhook.verification, inbound.clone(), &c.keys, self.now()) {
                Ok(v) => {
                    fitting = Some((v, c.app));
                    break;
                }
                Err(e) => {
                    first.get_or_insert(e);
                }
            }
        }
        let Some((verified, app)) = fitting else {
            let reason = first.map_or_else(|| "no key is set for this webhook".to_owned(), |e| e.to_string());
            return refused(401, &reason);
        };
        let connection = match self.whose(target, webhook, verified.inbound(), app.as_ref()).await? {
            Whose::Connection(id) => Some(id),
            Whose::Nobody => None,
        };
        self.keep(target, webhook, verified, app, connection).await.map(Answer::Http)
    }

    /// Answers a handshake, if it proves what it must.
    async fn shake_hands(
        &self,
        target: &Target,
        webhook: &Webhook,
        h: &Handshake,
        inbound: &Inbound,
        candidates: &[Candidate],
    ) -> Result<Answer> {
        let refused = |reason: &str| {
            self.refuse(&target.address, 401, reason);
            Ok(Answer::Refused(401))
        };
        // The key that an answer may be made with is the one that fitted, never another one's.
        let mut key = None;
        let proved = match &h.proof {
            Proof::Nothing => true,
            Proof::Token(at, source) => {
                let given = at.get(inbound).unwrap_or_default();
                let holders = self.candidates(target, source.id(), source).await?;
                holders.iter().flat_map(|c| &c.keys).any(|k| !k.is_empty() && k.eq_constant_time(given.as_bytes()))
            }
            Proof::Verified => {
                candidates.iter().any(|c| match verify(&webhook.verification, inbound.clone(), &c.keys, self.now()) {
                    Ok(v) => {
                        key = c.keys.get(v.key_index());
                        true
                    }
                    Err(_) => false,
                })
            }
        };
        if !proved {
            return refused("a handshake that does not prove where it comes from");
        }
        if let Some(at) = &h.supplies_key {
            let Some(connection) = &target.connection else {
                return refused("a handshake that supplies a key to an app-wide address, where nobody is to keep it");
            };
            let Some(supplied) = at.get(inbound).filter(|k| !k.trim().is_empty()) else {
                return refused("a handshake that supplies an empty key");
            };
            let owner = Owner::Connection(connection.id.clone());
            if !self.inner.store.set_secret_if_absent(&owner, webhook.key.id(), Secret::from(supplied)).await? {
                return refused("a handshake that supplies a key, though one is set; remove that one first");
            }
            tracing::info!(connection = %connection.id, "a handshake supplied the webhook's key");
        }
        Ok(Answer::Http(h.answer(inbound, key)))
    }

    async fn keep(
        &self,
        target: &Target,
        webhook: &Webhook,
        verified: Verified,
        app: Option<App>,
        connection: Option<String>,
    ) -> Result<HttpAnswer> {
        let now = self.now();
        let inbound = verified.inbound();
        let connector = &target.connector;
        // A reader that panics would make the service send the same delivery again and again.
        let read = catch_unwind(AssertUnwindSafe(|| webhook.read(&verified)));
        let incoming =
            read.unwrap_or_else(|_| Err(Error::internal("reading it panicked, which is a bug"))).unwrap_or_else(|e| {
                // It is verified, so it is kept; what it says is for a person to find out.
                tracing::warn!(connector = connector.id(), error = %e, "a verified delivery could not be read");
                vec![Incoming {
                    event_type: "unreadable".into(),
                    occurred_at: None,
                    subject: None,
                    payload: Value::Null,
                }]
            });
        let secret_places = webhook.verification.sensitive_pointers();
        let trace_id = TraceId::new(now);
        let events: Vec<Event> = incoming
            .into_iter()
            .map(|mut i| {
                for place in &secret_places {
                    if let Some(v) = i.payload.pointer_mut(place) {
                        *v = Value::String("[redacted]".into());
                    }
                }
                i
            })
            .map(|i| Event {
                id: new_id(now),
                origin: Origin::Trigger,
                connector: connector.id().to_owned(),
                connection: connection.clone(),
                trigger: connector.trigger_for(&i.event_type).map(|t| t.info().name.clone()),
                event_type: bounded(&i.event_type),
                occurred_at: i.occurred_at,
                received_at: now,
                subject: i.subject.as_deref().map(bounded),
                payload: i.payload,
                trace_id,
            })
            .collect();
        let dedupe_key =
            webhook
                .find_delivery_id(inbound)
                .map(|id| {
                    if id.len() <= MAX_NAME {
                        format!("id:{id}")
                    } else {
                        format!("id-sha256:{}", sha256(id.as_bytes()))
                    }
                })
                .or_else(|| digest_key(connector, &events, &inbound.body));
        let sensitive = webhook.verification.sensitive_headers();
        let headers = inbound
            .headers
            .iter()
            .map(|(n, v)| {
                let shown = if sensitive.iter().any(|s| s == n.as_str()) {
                    "[redacted]".into()
                } else {
                    String::from_utf8_lossy(v.as_bytes()).into_owned()
                };
                (n.as_str().to_owned(), shown)
            })
            .collect();
        let event_types: Vec<String> = events.iter().map(|e| e.event_type.clone()).collect();
        let receipt = self
            .inner
            .store
            .keep(NewDelivery {
                id: new_id(now),
                trace_id,
                connector: connector.id().to_owned(),
                app: app.map(|a| a.id),
                connection,
                method: inbound.method.to_string(),
                path: path_of(&target.address, &inbound.path_tail),
                headers,
                body: inbound.body.clone(),
                verified_by: verified.method().to_owned(),
                dedupe_key,
                received_at: now,
                events,
            })
            .await?;
        let answer = webhook.acknowledgement(inbound, receipt.trace_id);
        if !receipt.duplicate {
            self.inner.wake.notify_one();
        }
        tracing::info!(trace_id = %receipt.trace_id, connector = connector.id(), duplicate = receipt.duplicate, events = ?event_types, "kept");
        self.tell(Happening::Kept {
            receipt,
            connector: connector.id().to_owned(),
            verified_by: verified.method().to_owned(),
            event_types,
        });
        Ok(answer)
    }

    /// The secrets that a source names at this address, each with the app that owns it. At a connection's own address: the
    /// one who should own it first, else the other of connection and app. At an app-wide one: those of every app.
    async fn candidates(&self, target: &Target, id: &str, source: &KeySource) -> Result<Vec<Candidate>> {
        let store = &self.inner.store;
        let Some(c) = &target.connection else {
            let mut out = Vec::new();
            for app in store.apps().await?.into_iter().filter(|a| a.connector == target.address.connector) {
                let keys = store.secrets(&Owner::App(app.id.clone()), id).await?;
                if !keys.is_empty() {
                    out.push(Candidate { keys, app: Some(app) });
                }
            }
            return Ok(out);
        };
        let own = store.secrets(&Owner::Connection(c.id.clone()), id).await?;
        let app = match &c.app {
            Some(a) => {
                let keys = store.secrets(&Owner::App(a.clone()), id).await?;
                Some(Candidate { keys, app: Some(store.app(a).await?) })
            }
            None => None,
        };
        let own = Candidate { keys: own, app: None };
        let order = match source {
            KeySource::App(_) => [app, Some(own)],
            KeySource::Connection(_) | KeySource::Handshake(_) => [Some(own), app],
        };
        // None at all is still a candidate: a webhook that is not verified needs no key.
        let found = order.into_iter().flatten().find(|c| !c.keys.is_empty());
        Ok(vec![found.unwrap_or(Candidate { keys: Vec::new(), app: None })])
    }

    /// Whose delivery it is. What an app's key verified is anybody's of that app: the delivery itself says whose, even at
    /// a connection's own address. A connection whose identity is not known yet gets what comes to its address.
    async fn whose(&self, target: &Target, webhook: &Webhook, inbound: &Inbound, app: Option<&App>) -> Result<Whose> {
        let at_own = target.connection.as_ref();
        let own = || at_own.map_or(Whose::Nobody, |c| Whose::Connection(c.id.clone()));
        let Some(app) = app else { return Ok(own()) };
        let said: Vec<(&str, String)> =
            webhook.routes.iter().filter_map(|r| Some((r.identity.as_str(), r.at.get(inbound)?))).collect();
        let known = |c: &Connection, name: &str| {
            c.identity.get(name).cloned().or_else(|| c.values.get(name).and_then(Value::as_str).map(str::to_owned))
        };
        if said.is_empty() || at_own.is_some_and(|c| said.iter().all(|(name, _)| known(c, name).is_none())) {
            return Ok(own());
        }
        let mut all: Vec<Connection> = self.connections().await?.into_iter().map(|c| c.connection).collect();
        all.retain(|c| {
            c.connector == target.address.connector && c.enabled && c.app.as_deref() == Some(app.id.as_str())
        });
        // The routes stand in order of precedence: a workspace's own connection goes before the organization's.
        let found = said.iter().find_map(|(name, value)| all.iter().find(|c| known(c, name).as_ref() == Some(value)));
        Ok(found.map_or(Whose::Nobody, |c| Whose::Connection(c.id.clone())))
    }
}

enum Whose {
    Connection(String),
    /// Nobody's yet: kept all the same, and no flow runs for it.
    Nobody,
}

struct Candidate {
    keys: Vec<Secret>,
    app: Option<App>,
}

/// A service without delivery ids: equal bodies are one event, only where every trigger concerned opts in.
fn digest_key(connector: &Connector, events: &[Event], body: &[u8]) -> Option<String> {
    let opted = |e: &Event| connector.trigger_for(&e.event_type).is_some_and(|t| t.info().digest_dedupe);
    (!events.is_empty() && events.iter().all(opted)).then(|| format!("sha256:{}", sha256(body)))
}

/// Longest event type, subject and delivery id that are kept as they are: they stand in indexes, lists and logs, and the
/// sender decides how long they are.
const MAX_NAME: usize = 256;

fn bounded(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(MAX_NAME).collect()
}

fn sha256(bytes: &[u8]) -> String {
    hex::encode(ring::digest::digest(&ring::digest::SHA256, bytes))
}

/// The path for the record, without a tail, which may hold a token.
fn path_of(address: &Address, tail: &str) -> String {
    let mut path = format!("/webhooks/{}", address.connector);
    if let Some(c) = &address.connection {
        path.push('/');
        path.push_str(c);
    }
    if !tail.is_empty() {
        path.push_str("/…");
    }
    path
}

pub(crate) fn new_id(now: jiff::Timestamp) -> Uuid {
    let ms = u64::try_from(now.as_millisecond()).unwrap_or(0);
    Uuid::new_v7(uuid::Timestamp::from_unix_time(ms / 1000, u32::try_from(ms % 1000).unwrap_or(0) * 1_000_000, 0, 0))
}
