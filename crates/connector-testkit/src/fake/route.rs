//! What the fake answers to: routes learned from the requests of fixtures.
//!
//! A path segment is variable where it differs between fixtures or is a value of the input or the connection; the rest
//! must be as it is. Requests of success fixtures say what is needed, those of error fixtures only what else may come.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use connector_core::{Connector, Effect, ErrorKind};
use http::{HeaderMap, Method};
use serde_json::{Map, Value};
use url::Url;

use super::{
    ORIGIN,
    answer::Answer,
    learn::{Seen, Segment, leads_here, pieces, request_urls, see, vary},
    rehome,
    shape::Shape,
    values_at,
};
use crate::{
    fixture::{BodyForm, ExpectCall, FixtureSet},
    values::TestValues,
};

/// A request as it came.
#[derive(Clone)]
pub(crate) struct Asked {
    pub(crate) method: Method,
    /// Its origin is [`ORIGIN`], wherever the fake stands.
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// Why a request is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// The status it is refused with.
    pub status: u16,
    /// The difference, in words.
    pub text: String,
}

/// An example of a route: what was sent, what came back.
struct Example {
    scalars: BTreeMap<String, Value>,
    answer: Answer,
    body: Option<Value>,
}

pub(super) struct Route {
    method: String,
    segments: Vec<Segment>,
    /// Names that every success sends, and all names that are sent.
    query: (BTreeSet<String>, BTreeSet<String>),
    /// Names that every success sends.
    headers: BTreeSet<String>,
    authorization: BTreeSet<String>,
    content_types: BTreeSet<String>,
    json: Option<Shape>,
    form: Option<Shape>,
    other_body: bool,
    no_body: bool,
    examples: Vec<Example>,
    rate_limited: Option<Answer>,
    /// How the service refuses a credential here.
    unauthorized: Option<Answer>,
    /// Whether an action that changes something sends this, and whether one that only reads does.
    written: bool,
    read: bool,
}

/// All routes of one service.
pub(crate) struct Routes {
    routes: Vec<Route>,
}

impl Routes {
    /// Learns from every fixture of an action.
    pub(crate) fn of(connector: &Connector, fixtures: &FixtureSet) -> Self {
        let values = values_at(connector, ORIGIN, &Map::new());
        let urls = request_urls(fixtures);
        let mut seen: Vec<Seen<'_>> = Vec::new();
        // Most fixtures have the same connection, and cleaning its values compiles a schema.
        let mut connections: BTreeMap<String, TestValues> = BTreeMap::new();
        for f in &fixtures.actions {
            let Ok(action) = connector.action(&f.action) else { continue };
            // What this connection of the fixture has may differ from what the fake's has; both are variable.
            let key = serde_json::to_string(&f.call.values).unwrap_or_default();
            let own = connections.entry(key).or_insert_with(|| TestValues::of(connector, &f.call.values).0);
            for e in f.call.exchanges.iter() {
                seen.extend(see(f, e, action.info().effect, &values, own));
            }
        }
        vary(&mut seen);
        let mut routes: Vec<Route> = Vec::new();
        // Successes first: they say what is needed before errors widen it.
        seen.sort_by_key(|s| !s.fixture.is_success());
        for s in &seen {
            let at = routes.iter().position(|r| r.method == s.request.method && r.segments == s.segments);
            let route = match at {
                Some(i) => routes.get_mut(i),
                None => {
                    routes.push(Route::new(s));
                    routes.last_mut()
                }
            };
            if let Some(route) = route {
                route.learn(s, &urls);
            }
        }
        // A route that only errors know is one that nobody succeeds on; its answers are those errors.
        Self { routes }
    }

    /// The route of a request, whatever else is wrong with it.
    pub(super) fn find(&self, r: &Asked) -> Result<&Route, Mismatch> {
        let path = pieces(r.url.path());
        let mut fitting: Vec<&Route> = self.routes.iter().filter(|x| x.fits(&path)).collect();
        if fitting.is_empty() {
            return Err(Mismatch {
                status: 404,
                text: "no fixture of the connector sends anything to this path".into(),
            });
        }
        // The most exact route first: `/issues/search` before `/issues/{}`.
        fitting.sort_by_key(|x| x.segments.iter().filter(|s| **s == Segment::Variable).count());
        fitting.iter().copied().find(|x| x.method == r.method.as_str()).ok_or_else(|| {
            let methods: Vec<&str> = fitting.iter().map(|x| x.method.as_str()).collect();
            Mismatch { status: 405, text: format!("the fixtures send {} to this path", methods.join(", ")) }
        })
    }

    /// The route of a request that is as it should be.
    pub(super) fn take(&self, r: &Asked) -> Result<&Route, Mismatch> {
        let route = self.find(r)?;
        route.check(r)?;
        Ok(route)
    }
}

impl Route {
    fn new(s: &Seen<'_>) -> Self {
        Self {
            method: s.request.method.clone(),
            segments: s.segments.clone(),
            query: Default::default(),
            headers: BTreeSet::new(),
            authorization: BTreeSet::new(),
            content_types: BTreeSet::new(),
            json: None,
            form: None,
            other_body: false,
            no_body: false,
            examples: Vec::new(),
            rate_limited: None,
            unauthorized: None,
            written: false,
            read: false,
        }
    }

    fn learn(&mut self, s: &Seen<'_>, urls: &BTreeSet<String>) {
        let success = s.fixture.is_success();
        self.written |= s.effect != Effect::Read;
        self.read |= s.effect == Effect::Read;
        let names: BTreeSet<String> = s.url.query_pairs().map(|(n, _)| n.into_owned()).collect();
        let headers: BTreeSet<String> = s.request.headers.keys().cloned().collect();
        if success {
            let first = self.examples.is_empty();
            if first {
                self.query.0.clone_from(&names);
                self.headers.clone_from(&headers);
            } else {
                self.query.0.retain(|n| names.contains(n));
                self.headers.retain(|n| headers.contains(n));
            }
        }
        self.query.1.extend(names);
        self.authorization.extend(s.request.headers.get("authorization").cloned());
        self.content_types.extend(s.request.headers.get("content-type").map(|c| media(c)));
        match &s.request.body {
            BodyForm::Json(v) => self.json.get_or_insert_default().learn(v, success),
            BodyForm::Form(pairs) => {
                let v = Value::Object(pairs.iter().map(|(n, v)| (n.clone(), Value::from(v.as_str()))).collect());
                self.form.get_or_insert_default().learn(&v, success);
            }
            BodyForm::Text(_) | BodyForm::Bytes(_) => self.other_body = true,
            BodyForm::Empty => self.no_body = true,
        }
        let status = s.exchange.response.status;
        // An exchange of an error fixture that went well (the first of two, say) is as good as one of a success.
        let failed_here = !success && s.fixture.call.exchanges.last().is_some_and(|l| std::ptr::eq(l, s.exchange));
        if s.fixture.is_rate_limited() && status == 429 && self.rate_limited.is_none() {
            self.rate_limited = Some(Answer::of(&s.exchange.response));
        }
        let refused = matches!(&s.fixture.call.expect, ExpectCall::Error(e) if e.kind == ErrorKind::Auth);
        if failed_here && refused && self.unauthorized.is_none() {
            self.unauthorized = Some(Answer::of(&s.exchange.response));
        }
        if !failed_here || self.examples.is_empty() && !s.fixture.is_rate_limited() {
            let body = match &s.exchange.response.body {
                BodyForm::Json(v) => Some(crate::fixture::map_texts(v, &|t| {
                    if leads_here(t, urls) { rehome(ORIGIN, t) } else { t.to_owned() }
                })),
                _ => None,
            };
            let scalars = request_scalars(&s.request.body, &s.url);
            self.examples.push(Example { scalars, answer: Answer::of(&s.exchange.response), body });
        }
    }

    /// The answer of the route's own `rate_limited` fixture.
    pub(super) fn rate_limited(&self, retry_after: Option<u64>) -> Option<Answer> {
        let mut answer = self.rate_limited.clone()?;
        if let Some(s) = retry_after {
            answer.headers.insert("retry-after".into(), s.to_string());
        }
        Some(answer)
    }

    /// The answer to a credential that is no longer one.
    pub(super) fn unauthorized(&self) -> Answer {
        self.unauthorized.clone().unwrap_or_else(|| Answer::plain(401, "these credentials are not valid"))
    }

    /// Whether taking this request changes something at the service: an action that writes sends it, none that only reads
    /// does, and its method is not one that reads.
    pub(super) fn changes(&self) -> bool {
        self.written && !self.read && !matches!(self.method.as_str(), "GET" | "HEAD" | "OPTIONS")
    }

    fn fits(&self, path: &[String]) -> bool {
        self.segments.len() == path.len()
            && self.segments.iter().zip(path).all(|(s, p)| match s {
                Segment::Literal(l) => l == p,
                Segment::Variable => !p.is_empty(),
            })
    }

    fn check(&self, r: &Asked) -> Result<(), Mismatch> {
        let bad = |status, text: String| Err(Mismatch { status, text });
        for name in &self.headers {
            if !r.headers.contains_key(name) {
                return bad(if name == "authorization" { 401 } else { 400 }, format!("header `{name}` is missing"));
            }
        }
        if let Some(given) = r.headers.get("authorization") {
            let text = String::from_utf8_lossy(given.as_bytes()).into_owned();
            if !self.authorization.contains(&text) {
                return bad(401, "the authorization is not the one that this service gave out".into());
            }
        }
        let names: BTreeSet<String> = r.url.query_pairs().map(|(n, _)| n.into_owned()).collect();
        if let Some(n) = self.query.0.iter().find(|n| !names.contains(*n)) {
            return bad(400, format!("query parameter `{n}` is missing"));
        }
        if let Some(n) = names.iter().find(|n| !self.query.1.contains(*n)) {
            return bad(400, format!("query parameter `{n}` is in no fixture of this route"));
        }
        if r.body.is_empty() {
            let needs = !self.no_body && (self.json.is_some() || self.form.is_some());
            return if needs { bad(400, "the body is missing".into()) } else { Ok(()) };
        }
        let given =
            r.headers.get("content-type").map(|v| media(&String::from_utf8_lossy(v.as_bytes()))).unwrap_or_default();
        if !self.content_types.is_empty() && !self.content_types.contains(&given) {
            let want: Vec<&str> = self.content_types.iter().map(String::as_str).collect();
            return bad(415, format!("the content type is `{given}`, the fixtures send {}", want.join(" or ")));
        }
        let difference = if self.other_body {
            None
        } else if given == "application/x-www-form-urlencoded" {
            let pairs = url::form_urlencoded::parse(&r.body).into_owned();
            let v = Value::Object(pairs.map(|(n, v)| (n, Value::from(v))).collect());
            self.form.as_ref().and_then(|s| s.difference(&v))
        } else {
            match (&self.json, serde_json::from_slice::<Value>(&r.body)) {
                (Some(s), Ok(v)) => s.difference(&v),
                (Some(_), Err(_)) => Some("the body is not JSON".into()),
                (None, _) => Some("the fixtures of this route send no body".into()),
            }
        };
        difference.map_or(Ok(()), |text| bad(400, text))
    }

    /// The answer of the most alike example, with what the request says in place of what the fixture's request said.
    pub(super) fn answer(&self, r: &Asked) -> Answer {
        let body = match serde_json::from_slice::<Value>(&r.body) {
            Ok(v) => BodyForm::Json(v),
            Err(_) => BodyForm::Form(url::form_urlencoded::parse(&r.body).into_owned().collect()),
        };
        let sent = request_scalars(&body, &r.url);
        let alike = |e: &Example| e.scalars.iter().filter(|(k, v)| sent.get(*k) == Some(*v)).count();
        let missing = |e: &Example| e.scalars.keys().filter(|k| !sent.contains_key(*k)).count();
        // A refusal that a success gets over (a 404 on its way) is nobody's usual answer.
        let well = |e: &Example| e.answer.status < 400;
        // The first of equals: fixtures come in order of name, and `success` is before `success__more`.
        let best = self.examples.iter().rev().max_by_key(|e| (alike(e), std::cmp::Reverse(missing(e)), well(e)));
        let Some(best) = best else {
            return Answer { status: 200, headers: BTreeMap::new(), body: Vec::new() };
        };
        let mut answer = best.answer.clone();
        if let Some(mut body) = best.body.clone() {
            echo(&mut body, &best.scalars, &sent);
            answer.body = body.to_string().into_bytes();
        }
        answer
    }
}

fn media(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Scalars of a request by key: query, form and JSON fields, those nearer the root first.
fn request_scalars(body: &BodyForm, url: &Url) -> BTreeMap<String, Value> {
    let mut out: BTreeMap<String, Value> =
        url.query_pairs().map(|(n, v)| (n.into_owned(), Value::from(v.into_owned()))).collect();
    match body {
        BodyForm::Form(pairs) => out.extend(pairs.iter().map(|(n, v)| (n.clone(), Value::from(v.as_str())))),
        BodyForm::Json(Value::Object(m)) => json_scalars(m, &mut out),
        _ => {}
    }
    out
}

fn json_scalars(m: &Map<String, Value>, out: &mut BTreeMap<String, Value>) {
    for (k, v) in m.iter().filter(|(_, v)| v.is_string() || v.is_number() || v.is_boolean()) {
        out.entry(k.clone()).or_insert_with(|| v.clone());
    }
    for inner in m.values().filter_map(Value::as_object) {
        json_scalars(inner, out);
    }
}

/// Keys whose value says what an object is, not what somebody wrote.
const DISCRIMINATORS: [&str; 11] =
    ["type", "id", "key", "number", "ok", "kind", "state", "status", "object", "url", "error"];

/// Puts what was sent under a key in place of what the answer has under that key.
fn echo(v: &mut Value, fixture: &BTreeMap<String, Value>, sent: &BTreeMap<String, Value>) {
    match v {
        Value::Array(a) => a.iter_mut().for_each(|x| echo(x, fixture, sent)),
        Value::Object(m) => {
            for (k, x) in m.iter_mut() {
                if x.is_object() || x.is_array() {
                    echo(x, fixture, sent);
                } else if let Some(new) = sent.get(k)
                    && std::mem::discriminant(new) == std::mem::discriminant(x)
                    && (fixture.get(k) == Some(x) || (fixture.contains_key(k) && !DISCRIMINATORS.contains(&k.as_str())))
                {
                    *x = new.clone();
                }
            }
        }
        _ => {}
    }
}
