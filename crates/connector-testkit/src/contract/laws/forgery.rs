//! Laws of verification: each fixture is signed by the suite and then spoilt in every way there is. What a scheme has no
//! place for (a time that is not signed) is counted as not applicable, never left out in silence.

use base64::Engine as _;
use connector_core::{
    Secret, Verification,
    webhook::{Encoding, Inbound, Jwt, Locator, Part, SignatureForm, Signed, TimestampAt, sign, verify},
};
use http::{HeaderName, HeaderValue};
use jiff::{SignedDuration, Timestamp};

use super::triggers::Delivered;
use crate::{
    contract::{Bench, Checks, Law, Verdict},
    values::{WebhookKey, webhook_key},
};

pub(in crate::contract) fn checks(b: &Bench, out: &mut Checks) {
    if b.connector.webhook().is_none() {
        return;
    }
    type Run = fn(&Case<'_>, &mut Verdict);
    let laws: [(Law, Run); 5] = [
        (Law::Genuine, genuine),
        (Law::Forged, forged),
        (Law::BodyBound, body_bound),
        (Law::Fresh, fresh),
        (Law::Rotation, rotation),
    ];
    for (i, f) in b.fixtures.webhooks.iter().enumerate() {
        for (law, run) in laws {
            out.add(law, "webhooks", Some(&f.stem), move |b, v| each_scheme(b, i, run, v));
        }
    }
}

/// Runs a law for every scheme that the service may use.
fn each_scheme(b: &Bench, i: usize, run: fn(&Case<'_>, &mut Verdict), v: &mut Verdict) {
    let d = match Delivered::of(b, i) {
        Ok(d) => d,
        Err(e) => return v.check(Some(e)),
    };
    let whole = &d.webhook.verification;
    let schemes: Vec<&Verification> = match whole {
        Verification::AnyOf(all) => all.iter().collect(),
        one => vec![one],
    };
    for scheme in schemes {
        let keys = webhook_key(scheme, "current").and_then(|k| Ok((k, webhook_key(scheme, "other")?)));
        match keys {
            Ok((key, other)) => run(&Case { d: &d, whole, scheme, key, other }, v),
            Err(e) => v.check(Some(e)),
        }
    }
}

struct Case<'a> {
    d: &'a Delivered<'a>,
    /// What the gateway checks by.
    whole: &'a Verification,
    /// What this request is signed by.
    scheme: &'a Verification,
    key: WebhookKey,
    other: WebhookKey,
}

impl Case<'_> {
    fn signed(&self, key: &WebhookKey, now: Timestamp) -> Result<Inbound, String> {
        let mut r = self.d.inbound.clone();
        sign(self.scheme, &mut r, &key.signing, now).map_err(|e| e.operator_text().to_owned())?;
        Ok(r)
    }

    fn accepted(&self, r: Inbound, now: Timestamp) -> bool {
        verify(self.whole, r, std::slice::from_ref(&self.key.verifying), now).is_ok()
    }

    /// Signed, spoilt, and refused as it must be.
    fn refuses(&self, what: &str, v: &mut Verdict, spoil: impl FnOnce(&mut Inbound) -> bool) {
        let Ok(mut r) = self.signed(&self.key, self.d.now) else { return v.not_applicable() };
        if !spoil(&mut r) {
            return v.not_applicable();
        }
        let accepted = self.accepted(r, self.d.now);
        v.require(!accepted, || format!("fixtures/{}: {what} is accepted", self.d.fixture.path));
    }

    /// Where the proof stands, and what stands before it.
    fn proof(&self) -> Option<(Locator, String)> {
        match self.scheme {
            Verification::Signed(s) => Some((
                s.signature.clone(),
                match &s.form {
                    SignatureForm::Prefixed(p) | SignatureForm::List(_, p) => p.clone(),
                    SignatureForm::Pairs(k) => format!("{k}="),
                },
            )),
            Verification::Token { at, prefix } => Some((at.clone(), prefix.clone())),
            Verification::Jwt(Jwt { at, prefix, .. }) => Some((at.clone(), prefix.clone())),
            Verification::Basic => Some((Locator::header("authorization"), "Basic ".into())),
            Verification::AnyOf(_) | Verification::None { .. } => None,
        }
    }

    fn signed_scheme(&self) -> Option<&Signed> {
        match self.scheme {
            Verification::Signed(s) => Some(s),
            _ => None,
        }
    }
}

fn genuine(c: &Case<'_>, v: &mut Verdict) {
    let path = &c.d.fixture.path;
    let r = match c.signed(&c.key, c.d.now) {
        Ok(r) => r,
        Err(e) => return v.check(Some(format!("fixtures/{path}: it cannot be signed: {e}"))),
    };
    let w = c.d.webhook;
    v.require(r.body.len() <= w.max_body, || format!("fixtures/{path}: it is larger than the webhook's cap"));
    let media = r.media_type();
    let has_body = !r.body.is_empty();
    v.require(!has_body || w.media_types.contains(&media.as_str()), || {
        format!("fixtures/{path}: media type `{media}` is not taken ({})", w.media_types.join(", "))
    });
    let found = verify(c.whole, r, std::slice::from_ref(&c.key.verifying), c.d.now);
    v.check(found.err().map(|e| format!("fixtures/{path}: signed as it should be, it is refused: {e}")));
}

fn forged(c: &Case<'_>, v: &mut Verdict) {
    let Some((at, prefix)) = c.proof() else { return v.not_applicable() };
    c.refuses("a request without proof", v, |r| put(r, &at, None));
    c.refuses("an empty proof", v, |r| put(r, &at, Some("")));
    c.refuses("a proof that is only its prefix", v, |r| put(r, &at, Some(&prefix)));
    match c.signed(&c.other, c.d.now) {
        Ok(r) => {
            let accepted = c.accepted(r, c.d.now);
            v.require(!accepted, || format!("fixtures/{}: a proof by another key is accepted", c.d.fixture.path));
        }
        Err(_) => v.not_applicable(),
    }
    for cut in [1, 4, 16] {
        c.refuses(&format!("a proof that lacks its last {cut} characters"), v, |r| {
            let Some(text) = at.get(r) else { return false };
            // Padding says nothing: without it the signature is still whole.
            let text = text.trim_end_matches('=');
            let end = text.len().saturating_sub(cut);
            text.get(..end).is_some_and(|short| !short.is_empty() && put(r, &at, Some(short)))
        });
    }
    c.refuses("a proof with an altered character", v, |r| {
        let Some(text) = at.get(r) else { return false };
        // Not the last one: its low bits may stand for nothing in base64.
        let Some(i) = text.len().checked_sub(6) else { return false };
        let mut bytes = text.into_bytes();
        if let Some(b) = bytes.get_mut(i) {
            *b = if *b == b'a' { b'b' } else { b'a' };
        }
        String::from_utf8(bytes).is_ok_and(|t| put(r, &at, Some(&t)))
    });
    c.refuses("a doubled proof header", v, |r| doubled(r, &at));
    if let Some(s) = c.signed_scheme() {
        c.refuses("a proof in another encoding", v, |r| {
            at.get(r).and_then(|t| recoded(s, &t, &prefix)).is_some_and(|t| put(r, &at, Some(&t)))
        });
        if let Some(rule) = &s.timestamp
            && let TimestampAt::Locator(time_at) = &rule.at
        {
            c.refuses("a doubled time header", v, |r| doubled(r, time_at));
        }
    } else {
        v.not_applicable();
    }
}

/// The signature with its bytes written the other way.
fn recoded(s: &Signed, text: &str, prefix: &str) -> Option<String> {
    let start = if prefix.is_empty() { 0 } else { text.rfind(prefix)? + prefix.len() };
    let (head, sig) = text.split_at_checked(start)?;
    let b64 = base64::prelude::BASE64_STANDARD;
    let new = match s.encoding {
        Encoding::Hex => b64.encode(hex::decode(sig).ok()?),
        Encoding::Base64 => hex::encode(b64.decode(sig).ok()?),
    };
    Some(format!("{head}{new}"))
}

fn doubled(r: &mut Inbound, at: &Locator) -> bool {
    let Locator::Header(name) = at else { return false };
    let (Ok(name), Some(value)) = (HeaderName::from_bytes(name.as_bytes()), r.headers.get(name).cloned()) else {
        return false;
    };
    r.headers.append(name, value);
    true
}

/// Puts a text where the locator points, or takes away what is there. `false` where that cannot be done.
fn put(r: &mut Inbound, at: &Locator, value: Option<&str>) -> bool {
    match at {
        Locator::Header(name) => {
            let Ok(name) = HeaderName::from_bytes(name.as_bytes()) else { return false };
            r.headers.remove(&name);
            match value.map(HeaderValue::from_str) {
                Some(Ok(v)) => {
                    r.headers.insert(name, v);
                    true
                }
                Some(Err(_)) => false,
                None => true,
            }
        }
        Locator::Query(name) => {
            let mut pairs: Vec<(String, String)> =
                url::form_urlencoded::parse(r.query.as_bytes()).into_owned().filter(|(n, _)| n != name).collect();
            pairs.extend(value.map(|v| (name.clone(), v.to_owned())));
            r.query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
            let base = r.public_url.split('?').next().unwrap_or_default().to_owned();
            r.public_url = if r.query.is_empty() { base } else { format!("{base}?{}", r.query) };
            true
        }
        Locator::PathTail => {
            r.path_tail = value.unwrap_or_default().to_owned();
            true
        }
        Locator::Body(pointer) => {
            let Some(mut body) = r.json().cloned() else { return false };
            match body.pointer_mut(pointer) {
                Some(slot) => *slot = value.map_or(serde_json::Value::Null, Into::into),
                None => return false,
            }
            r.set_body(body.to_string().into());
            true
        }
        Locator::Form(field) => {
            let mut pairs: Vec<(String, String)> = r.form().iter().filter(|(n, _)| n != field).cloned().collect();
            pairs.extend(value.map(|v| (field.clone(), v.to_owned())));
            let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
            r.set_body(body.into());
            true
        }
        Locator::FormJson(..) | Locator::Origin(_) => false,
    }
}

fn body_bound(c: &Case<'_>, v: &mut Verdict) {
    // A token or a JWT proves the sender, not the body: the service offers no more.
    let Some(s) = c.signed_scheme() else { return v.not_applicable() };
    let covers = |p: &Part| matches!(p, Part::Body | Part::SortedForm);
    if !s.parts.iter().any(covers) && s.body_hash_query.is_none() {
        let fields = s.parts.iter().any(|p| matches!(p, Part::BodyField(_)));
        v.require(fields, || {
            format!(
                "fixtures/{}: the signature covers nothing of the body, so anybody could alter it",
                c.d.fixture.path
            )
        });
        return v.not_applicable();
    }
    let len = c.d.inbound.body.len();
    if len == 0 {
        return v.not_applicable();
    }
    for at in [0, len / 4, len / 2, len * 3 / 4, len - 1] {
        c.refuses(&format!("a body altered at byte {at}"), v, |r| {
            let mut body = r.body.to_vec();
            match body.get_mut(at) {
                Some(b) => *b ^= 1,
                None => return false,
            }
            r.set_body(body.into());
            true
        });
    }
    c.refuses("a body with one more byte", v, |r| {
        let mut body = r.body.to_vec();
        body.push(b'x');
        r.set_body(body.into());
        true
    });
    c.refuses("an empty body", v, |r| {
        r.set_body(bytes::Bytes::new());
        true
    });
}

fn fresh(c: &Case<'_>, v: &mut Verdict) {
    let path = &c.d.fixture.path;
    // (how long before now it was signed, whether it must be accepted)
    let times: Vec<(i64, bool)> = match c.scheme {
        Verification::Signed(s) => match s.timestamp.as_ref().and_then(|t| t.tolerance_secs) {
            Some(t) => {
                let t = i64::from(t);
                vec![(t, true), (-t, true), (t + 1, false), (-t - 1, false), (t + 86_400, false)]
            }
            None => return v.not_applicable(),
        },
        Verification::Jwt(j) => {
            let l = i64::from(j.leeway_secs);
            // A token of ours lives for a minute.
            vec![(60 + l, true), (-l, true), (61 + l, false), (-l - 1, false)]
        }
        _ => return v.not_applicable(),
    };
    let Ok(r) = c.signed(&c.key, c.d.now) else { return v.not_applicable() };
    for (age, must) in times {
        let Ok(now) = c.d.now.checked_add(SignedDuration::from_secs(age)) else { continue };
        let accepted = c.accepted(r.clone(), now);
        v.require(accepted == must, || {
            let word = if accepted { "accepted" } else { "refused" };
            format!("fixtures/{path}: a request signed {age} s before now is {word}")
        });
    }
    if let Some(s) = c.signed_scheme()
        && let Some(rule) = &s.timestamp
    {
        let TimestampAt::Locator(at) = &rule.at else { return };
        c.refuses("a time that was moved after signing", v, |r| {
            let Some(text) = at.get(r) else { return false };
            match text.parse::<i64>() {
                Ok(n) => put(r, at, Some(&(n + 1).to_string())),
                Err(_) => false,
            }
        });
    }
}

fn rotation(c: &Case<'_>, v: &mut Verdict) {
    let path = &c.d.fixture.path;
    if matches!(c.scheme, Verification::None { .. }) {
        return v.not_applicable();
    }
    let now = c.d.now;
    let keys = [c.key.verifying.clone(), c.other.verifying.clone()];
    for (i, key) in [&c.key, &c.other].into_iter().enumerate() {
        let Ok(r) = c.signed(key, now) else { return v.not_applicable() };
        let got = verify(c.whole, r, &keys, now);
        let index = got.as_ref().ok().map(connector_core::Verified::key_index);
        v.require(index == Some(i), || {
            format!("fixtures/{path}: while keys are rotated, key {} is not accepted", i + 1)
        });
    }
    let Ok(r) = c.signed(&c.key, now) else { return v.not_applicable() };
    for (what, keys) in [("no key", Vec::new()), ("an empty key", vec![Secret::from("")])] {
        let refused = verify(c.whole, r.clone(), &keys, now).is_err();
        v.require(refused, || format!("fixtures/{path}: with {what} it is accepted"));
    }
}
