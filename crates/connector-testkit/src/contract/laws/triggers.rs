//! Laws of triggers: what a genuine delivery is read as.

use connector_core::{
    TraceId, Verification, Verified, Webhook,
    webhook::{Inbound, Incoming, Locator, Proof, TimestampAt, sign, verify},
};
use http::{HeaderName, HeaderValue, Method};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::{
    contract::{
        Bench, Checks, Law, Verdict,
        bench::{default_now, leaked, quietly},
    },
    fixture::{BodyForm, ExpectDelivery, WebhookFixture},
    values::{WebhookKey, webhook_key},
};

pub(in crate::contract) fn checks(b: &Bench, out: &mut Checks) {
    if b.connector.webhook().is_none() {
        return;
    }
    out.add(Law::Identity, "webhooks", None, some_identity);
    type Run = fn(&Delivered<'_>, &mut Verdict);
    for (i, f) in b.fixtures.webhooks.iter().enumerate() {
        let mut laws: Vec<(Law, Run)> = vec![(Law::MutatedBodies, super::mutation::mutated_bodies)];
        match &f.delivery.expect {
            ExpectDelivery::Handshake(_) => laws.push((Law::Handshake, handshake)),
            ExpectDelivery::Event(_) => laws.extend([
                (Law::EventRead, event_read as Run),
                (Law::DeliveryId, delivery_id),
                (Law::Identity, identity),
                (Law::Acknowledgement, acknowledgement),
                (Law::Payload, payload),
                (Law::UnknownEvents, unknown_events),
            ]),
        }
        for (law, run) in laws {
            out.add(law, "webhooks", Some(&f.stem), move |b, v| match Delivered::of(b, i) {
                Ok(d) => run(&d, v),
                Err(e) => v.check(Some(e)),
            });
        }
    }
}

/// A webhook fixture, ready to be delivered.
pub(super) struct Delivered<'a> {
    pub(super) bench: &'a Bench,
    pub(super) fixture: &'a WebhookFixture,
    pub(super) webhook: &'a Webhook,
    /// Unsigned.
    pub(super) inbound: Inbound,
    pub(super) key: WebhookKey,
    pub(super) now: Timestamp,
}

impl<'a> Delivered<'a> {
    pub(super) fn of(bench: &'a Bench, index: usize) -> Result<Self, String> {
        let fixture = bench.fixtures.webhooks.get(index).ok_or("no such fixture")?;
        let webhook = bench.connector.webhook().ok_or("no webhook is declared")?;
        let inbound = inbound(bench, fixture)?;
        let now = body_time(&webhook.verification, &inbound).unwrap_or_else(default_now);
        let key = webhook_key(&webhook.verification, "current")?;
        Ok(Self { bench, fixture, webhook, inbound, key, now })
    }

    /// Signed as the service would, and verified.
    pub(super) fn verified(&self, inbound: &Inbound) -> Result<Verified, String> {
        let mut r = inbound.clone();
        let how = &self.webhook.verification;
        sign(how, &mut r, &self.key.signing, self.now).map_err(|e| e.operator_text().to_owned())?;
        verify(how, r, std::slice::from_ref(&self.key.verifying), self.now).map_err(|e| e.to_string())
    }

    /// The genuine request, verified. Where that fails the law of genuine requests says so, and this one has no place.
    fn genuine(&self, v: &mut Verdict) -> Option<Verified> {
        let verified = self.verified(&self.inbound).ok();
        if verified.is_none() {
            v.not_applicable();
        }
        verified
    }

    fn read(&self, v: &mut Verdict) -> Option<Vec<Incoming>> {
        let verified = self.genuine(v)?;
        match quietly(|| self.webhook.read(&verified)) {
            Ok(Ok(list)) if !list.is_empty() => Some(list),
            // The law of reading says so.
            _ => {
                v.not_applicable();
                None
            }
        }
    }

    pub(super) fn path(&self) -> String {
        format!("fixtures/{}", self.fixture.path)
    }
}

fn inbound(bench: &Bench, f: &WebhookFixture) -> Result<Inbound, String> {
    let d = &f.delivery;
    let values = bench.values(&Map::new());
    let mut headers = http::HeaderMap::new();
    for (name, value) in &d.headers {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|e| e.to_string())?;
        let value = HeaderValue::from_str(&values.put(value)).map_err(|e| e.to_string())?;
        headers.insert(name, value);
    }
    let query = values.put(&d.query);
    let mark = if query.is_empty() { "" } else { "?" };
    let url = format!("https://gateway.example.com/webhooks/{}/c1{mark}{query}", bench.connector.id());
    let method = Method::from_bytes(d.method.as_bytes()).map_err(|e| e.to_string())?;
    let body = d.body.map_texts(&|t| values.put(t)).to_bytes();
    Ok(Inbound::new(method, url, headers, body.into(), default_now()))
}

/// A time that stands in the body is part of the fixture, so the clock is set by it.
fn body_time(how: &Verification, r: &Inbound) -> Option<Timestamp> {
    use connector_core::webhook::TimeUnit;
    let s = match how {
        Verification::Signed(s) => s,
        Verification::AnyOf(all) => return all.iter().find_map(|v| body_time(v, r)),
        _ => return None,
    };
    let rule = s.timestamp.as_ref()?;
    let TimestampAt::Locator(at @ Locator::Body(_)) = &rule.at else { return None };
    let text = at.get(r)?;
    match rule.unit {
        TimeUnit::Seconds => Timestamp::from_second(text.parse().ok()?).ok(),
        TimeUnit::Millis => Timestamp::from_millisecond(text.parse().ok()?).ok(),
        TimeUnit::Iso8601 => text.parse().ok(),
    }
}

fn event_read(d: &Delivered<'_>, v: &mut Verdict) {
    let (Some(verified), Some(want)) = (d.genuine(v), d.fixture.event()) else { return };
    let path = d.path();
    let taken = d.webhook.find_handshake(verified.inbound());
    v.require(taken.is_none(), || format!("{path}: it is taken for a handshake, so the event would be lost"));
    let list = match quietly(|| d.webhook.read(&verified)) {
        Ok(Ok(list)) => list,
        Ok(Err(e)) => return v.check(Some(format!("{path}: it cannot be read: {e}"))),
        Err(m) => return v.check(Some(format!("{path}: reading it panics: {m}"))),
    };
    let Some(first) = list.first() else { return v.check(Some(format!("{path}: it is read as no event"))) };
    v.require(first.event_type == want.event_type, || {
        format!("{path}: the event type should be `{}`, it is `{}`", want.event_type, first.event_type)
    });
    let trigger = d.bench.connector.trigger_for(&first.event_type).map(|t| t.info().name.clone());
    v.require(trigger == want.trigger, || {
        let name = |t: &Option<String>| t.clone().unwrap_or_else(|| "none".into());
        format!("{path}: the trigger should be `{}`, it is `{}`", name(&want.trigger), name(&trigger))
    });
    if let Some(subject) = &want.subject {
        v.require(first.subject.as_ref() == Some(subject), || {
            format!("{path}: the subject should be `{subject}`, it is `{}`", first.subject.as_deref().unwrap_or("none"))
        });
    }
    let values = d.bench.values(&Map::new());
    let shown = leaked(&format!("{verified:?} {first:?}"), &values);
    // A token that the service itself sends in the payload is not ours to hide here; deliveries are kept sealed.
    if !matches!(d.webhook.verification, Verification::Token { at: Locator::Body(_), .. }) {
        v.require(shown.is_empty(), || format!("{path}: what is read shows secret `{}`", shown.join("`, `")));
    }
}

fn delivery_id(d: &Delivered<'_>, v: &mut Verdict) {
    let (Some(verified), Some(want)) = (d.genuine(v), d.fixture.event()) else { return };
    let path = d.path();
    let got = d.webhook.find_delivery_id(verified.inbound());
    v.require(got == want.delivery_id, || {
        let name = |t: &Option<String>| t.clone().unwrap_or_else(|| "none".into());
        format!("{path}: the delivery id should be `{}`, it is `{}`", name(&want.delivery_id), name(&got))
    });
    if want.delivery_id.is_none()
        && let Some(name) = &want.trigger
        && let Some(t) = d.bench.connector.triggers().iter().find(|t| &t.info().name == name)
    {
        v.require(t.info().digest_dedupe, || {
            format!("{path}: without a delivery id a repeated delivery of `{name}` is a second event; declare `dedupe_by_digest()`")
        });
    }
}

fn identity(d: &Delivered<'_>, v: &mut Verdict) {
    let (Some(verified), Some(want)) = (d.genuine(v), d.fixture.event()) else { return };
    if want.identity.is_empty() {
        // Compared where the fixture says it; that at least one does is a check of its own.
        return v.not_applicable();
    }
    for (key, value) in &want.identity {
        let got: Vec<String> = d
            .webhook
            .routes
            .iter()
            .filter(|r| &r.identity == key)
            .filter_map(|r| r.at.get(verified.inbound()))
            .collect();
        v.require(got.first() == Some(value), || {
            format!("{}: identity `{key}` should be `{value}`, found is [{}]", d.path(), got.join(", "))
        });
    }
}

/// Where the app-wide address routes by something, a fixture must show that it is found.
fn some_identity(b: &Bench, v: &mut Verdict) {
    for route in b.connector.webhook().map(|w| w.routes.as_slice()).unwrap_or_default() {
        let shown = b
            .fixtures
            .webhooks
            .iter()
            .filter_map(WebhookFixture::event)
            .any(|e| e.identity.contains_key(&route.identity));
        v.require(shown, || {
            format!(
                "the webhook routes by `{}`, and no fixture says in `expect.identity` what is found",
                route.identity
            )
        });
    }
}

fn acknowledgement(d: &Delivered<'_>, v: &mut Verdict) {
    let (Some(verified), Some(want)) = (d.genuine(v), d.fixture.event()) else { return };
    let trace = TraceId::from_u128(0x0194_6f3e_7c00_7000_8000_0000_0000_0002);
    let got = d.webhook.acknowledgement(verified.inbound(), trace);
    let (status, with_trace) = want.ack.map_or((202, true), |a| (a.status, a.trace));
    v.require(got.status == status, || {
        format!("{}: it should be acknowledged with {status}, it is with {}", d.path(), got.status)
    });
    let there = String::from_utf8_lossy(&got.body).contains(&trace.to_string());
    v.require(there == with_trace, || {
        let word = if with_trace { "lacks" } else { "has" };
        format!("{}: the acknowledgement {word} the trace id", d.path())
    });
}

fn payload(d: &Delivered<'_>, v: &mut Verdict) {
    let Some(want) = d.fixture.event() else { return };
    let Some(name) = &want.trigger else { return v.not_applicable() };
    let Some(t) = d.bench.connector.triggers().iter().find(|t| &t.info().name == name) else {
        return v.not_applicable();
    };
    let Some(list) = d.read(v) else { return };
    for incoming in &list {
        v.check(t.check(&incoming.payload).err().map(|e| format!("{}: {}", d.path(), e.operator_text())));
        match t.info().check_payload(&incoming.payload) {
            Ok(errors) => {
                let all: Vec<String> = errors.iter().map(|e| format!("{} {}", e.pointer, e.message)).collect();
                v.require(all.is_empty(), || {
                    format!(
                        "{}: the payload is not of the schema of `{name}`: {} (a field that may be missing is an `Option` with `skip_serializing_if`)",
                        d.path(),
                        all.join("; ")
                    )
                });
            }
            Err(e) => v.check(Some(format!("{}: {}", d.path(), e.operator_text()))),
        }
    }
}

const UNKNOWN: &str = "jackfield_unknown";

/// Looks for the place that the event type comes from by putting an unknown word into every text of the request.
fn unknown_events(d: &Delivered<'_>, v: &mut Verdict) {
    let Some(want) = d.fixture.event() else { return };
    if want.trigger.is_none() {
        // It is itself of an unknown type; that it is read is the law of reading.
        return v.check(None);
    }
    if d.bench.connector.triggers().iter().any(|t| t.info().events.iter().any(|e| e == "*")) {
        return v.not_applicable();
    }
    if d.genuine(v).is_none() {
        return;
    }
    let mut first_error = None;
    let mut known = 0;
    for candidate in with_unknown_word(&d.inbound) {
        let Ok(verified) = d.verified(&candidate) else { continue };
        match quietly(|| d.webhook.read(&verified)) {
            Ok(Ok(list)) => {
                let Some(i) = list.iter().find(|i| i.event_type != want.event_type) else { continue };
                if d.bench.connector.trigger_for(&i.event_type).is_some() {
                    known += 1;
                    continue;
                }
                return v.require(!i.payload.is_null(), || {
                    format!("{}: the payload of unknown type `{}` is lost", d.path(), i.event_type)
                });
            }
            Ok(Err(e)) => {
                first_error.get_or_insert_with(|| e.to_string());
            }
            Err(m) => return v.check(Some(format!("{}: an unknown word makes reading panic: {m}", d.path()))),
        }
    }
    let other = d.bench.fixtures.webhooks.iter().any(|w| w.event().is_some_and(|e| e.trigger.is_none()));
    if let Some(e) = first_error {
        v.check(Some(format!("{}: an unknown event type is an error: {e}", d.path())));
    } else if known > 0 || other {
        // Every word that changes the type leaves it within a pattern of the trigger (`issues.*`).
        v.not_applicable();
    } else {
        v.check(Some(format!(
            "{}: no way was found to make an unknown event type; add a fixture with `\"trigger\": null`",
            d.path()
        )));
    }
}

/// The request with an unknown word in place of each text: headers, JSON body, form fields, JSON in form fields. Made one
/// by one, since one of the first will mostly do.
fn with_unknown_word(r: &Inbound) -> impl Iterator<Item = Inbound> {
    let headers = r.headers.keys().filter(|n| *n != http::header::CONTENT_TYPE).map(|name| {
        let mut c = r.clone();
        c.headers.insert(name.clone(), HeaderValue::from_static(UNKNOWN));
        c
    });
    let with_body = |body: Vec<u8>| {
        let mut c = r.clone();
        c.set_body(body.into());
        c
    };
    let json = r.json().into_iter().flat_map(unknown_words).map(move |body| with_body(body.to_string().into_bytes()));
    let form = r.form().iter().enumerate().flat_map(|(i, (_, value))| {
        let inner: Option<Value> = serde_json::from_str(value).ok();
        let words: Vec<Value> = inner.iter().flat_map(unknown_words).collect();
        let all = std::iter::once(UNKNOWN.to_owned()).chain(words.into_iter().map(|w| w.to_string()));
        all.map(move |new| (i, new))
    });
    let form = form.map(move |(i, new)| {
        let mut pairs = r.form().to_vec();
        if let Some(p) = pairs.get_mut(i) {
            p.1 = new;
        }
        with_body(BodyForm::Form(pairs).to_bytes())
    });
    headers.chain(json).chain(form)
}

fn unknown_words(body: &Value) -> impl Iterator<Item = Value> {
    let mut at = Vec::new();
    texts("", body, 0, &mut at);
    // What names the type stands near the root, so that comes first.
    at.sort_by_key(|p| p.matches('/').count());
    at.into_iter().take(80).filter_map(|p| {
        let mut spoilt = body.clone();
        *spoilt.pointer_mut(&p)? = json!(UNKNOWN);
        Some(spoilt)
    })
}

fn texts(at: &str, v: &Value, depth: u8, out: &mut Vec<String>) {
    match v {
        Value::String(_) => out.push(at.to_owned()),
        Value::Object(m) if depth < 4 => {
            for (k, x) in m {
                texts(&format!("{at}/{}", connector_core::schema::escape(k)), x, depth + 1, out);
            }
        }
        _ => {}
    }
}

fn handshake(d: &Delivered<'_>, v: &mut Verdict) {
    let ExpectDelivery::Handshake(want) = &d.fixture.delivery.expect else { return };
    let path = d.path();
    let mut r = d.inbound.clone();
    let how = &d.webhook.verification;
    let Some(h) = d.webhook.find_handshake(&r) else {
        return v.check(Some(format!("{path}: no declared handshake takes it")));
    };
    let got = h.answer(&r, Some(&d.key.verifying));
    v.require(got.status == want.status, || {
        format!("{path}: the answer should be {}, it is {}", want.status, got.status)
    });
    let body = String::from_utf8_lossy(&got.body).into_owned();
    let json = |t: &str| serde_json::from_str::<Value>(t).ok().filter(|v| v.is_object());
    let same = body == want.body || json(&body).is_some_and(|b| Some(b) == json(&want.body));
    v.require(same, || format!("{path}: the answer should be `{}`, it is `{body}`", want.body));
    match &h.proof {
        Proof::Verified => {
            let genuine = d.verified(&r);
            v.check(genuine.err().map(|e| format!("{path}: signed as it should be, it is refused: {e}")));
            if matches!(how, Verification::None { .. }) {
                return v.not_applicable();
            }
            let unsigned = verify(how, r.clone(), std::slice::from_ref(&d.key.verifying), d.now);
            v.require(unsigned.is_err(), || format!("{path}: it is answered without proof"));
            match webhook_key(how, "other") {
                Ok(other) if sign(how, &mut r, &other.signing, d.now).is_ok() => {
                    let forged = verify(how, r, std::slice::from_ref(&d.key.verifying), d.now);
                    v.require(forged.is_err(), || format!("{path}: it is answered though the proof is wrong"));
                }
                _ => v.not_applicable(),
            }
        }
        Proof::Token(at, source) => {
            let values = d.bench.values(&Map::new());
            let want = values.canaries.get(source.id());
            v.require(at.get(&r).as_ref() == want, || {
                format!("{path}: its token is not `{{{{secret.{}}}}}`, so it would not be answered", source.id())
            });
        }
        Proof::Nothing => {
            let values = d.bench.values(&Map::new());
            let shown = leaked(&body, &values);
            v.require(shown.is_empty(), || format!("{path}: anybody is told secret `{}`", shown.join("`, `")));
        }
    }
}
