//! How routes are learned: which segments of a path are variable, and which URLs of an answer lead back to the fake.
//!
//! What must not live here: answering, which is `route`'s.

use std::collections::BTreeSet;

use connector_core::Effect;
use serde_json::Value;
use url::Url;

use super::{ORIGIN, rehome};
use crate::{
    fixture::{ActionFixture, Exchange, FixtureSet, RequestFixture},
    replay::basic,
    values::TestValues,
};

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Segment {
    Literal(String),
    Variable,
}

/// One request of one fixture, its secrets in place, moved to the fake's origin.
pub(super) struct Seen<'a> {
    pub(super) fixture: &'a ActionFixture,
    pub(super) exchange: &'a Exchange,
    pub(super) request: RequestFixture,
    pub(super) url: Url,
    pub(super) segments: Vec<Segment>,
    /// What the action does to the service.
    pub(super) effect: Effect,
}

/// The segments of a path, decoded.
pub(super) fn pieces(path: &str) -> Vec<String> {
    path.split('/').skip(1).map(percent_decode).collect()
}

fn percent_decode(p: &str) -> String {
    // A form decoder reads `+` as a blank, which a path does not mean.
    url::form_urlencoded::parse(format!("x={}", p.replace('+', "%2B").replace('&', "%26")).as_bytes())
        .next()
        .map_or_else(String::new, |(_, v)| v.into_owned())
}

/// Reads one exchange: `values` are the fake's connection, `own` the fixture's.
pub(super) fn see<'a>(
    f: &'a ActionFixture,
    e: &'a Exchange,
    effect: Effect,
    values: &TestValues,
    own: &TestValues,
) -> Option<Seen<'a>> {
    let url = Url::parse(&rehome(ORIGIN, &own.put(&e.request.url))).ok()?;
    let mut variable = BTreeSet::new();
    scalars_of(&f.call.input, &mut variable);
    for v in own.values.values() {
        // A URL's own path is part of every route, not a variable of it.
        if v.as_str().is_none_or(|s| !s.contains("://")) {
            scalars_of(v, &mut variable);
        }
    }
    let segments = pieces(url.path())
        .into_iter()
        .map(|p| if variable.contains(&p) { Segment::Variable } else { Segment::Literal(p) })
        .collect();
    let mut request = e.request.clone();
    request.body = request.body.map_texts(&|t| values.put(t));
    for v in request.headers.values_mut() {
        *v = basic(&values.put(v));
    }
    Some(Seen { fixture: f, exchange: e, request, url, segments, effect })
}

/// Every scalar in a value as text, and the pieces of those with slashes (`octocat/Hello-World`).
fn scalars_of(v: &Value, out: &mut BTreeSet<String>) {
    match v {
        Value::String(s) => {
            if s.len() >= 2 {
                out.extend(s.split('/').filter(|p| !p.is_empty()).map(str::to_owned));
                out.insert(s.clone());
            }
        }
        Value::Number(n) => drop(out.insert(n.to_string())),
        Value::Array(a) => a.iter().for_each(|x| scalars_of(x, out)),
        Value::Object(m) => m.values().for_each(|x| scalars_of(x, out)),
        Value::Bool(_) | Value::Null => {}
    }
}

/// A segment that is variable in one request is variable in all that have the same other segments. The other way round
/// proves nothing: `/issues/{}/comments` and `/issues/comments/{}` are two routes.
pub(super) fn vary(seen: &mut [Seen<'_>]) {
    let mut templates: Vec<(String, Vec<Segment>)> = Vec::new();
    for s in seen.iter() {
        let template = (s.request.method.clone(), s.segments.clone());
        // The fixtures of one route say the same over and over.
        if !templates.contains(&template) {
            templates.push(template);
        }
    }
    for s in seen {
        for (method, other) in &templates {
            if *method != s.request.method || other.len() != s.segments.len() {
                continue;
            }
            if covers(other, &s.segments) {
                s.segments.clone_from(other);
            }
        }
    }
}

/// Whether every path of `special` is one of `general` too.
fn covers(general: &[Segment], special: &[Segment]) -> bool {
    general.iter().zip(special).all(|(g, s)| *g == Segment::Variable || g == s)
}

/// Every URL that the fixtures send requests to: where an answer holds one of them it leads back to the fake.
pub(super) fn request_urls(fixtures: &FixtureSet) -> BTreeSet<String> {
    let all = fixtures.actions.iter().flat_map(|f| f.call.exchanges.iter());
    all.map(|e| e.request.url.clone()).filter(|u| !u.contains("{{")).collect()
}

/// Whether a text of an answer leads to one of these URLs: it is one, or a template (RFC 6570) of one whose query it leaves
/// open, such as `…/assets{?name,label}`.
pub(super) fn leads_here(text: &str, urls: &BTreeSet<String>) -> bool {
    let without_query = |u: &str| u.split_once('?').map_or(u.len(), |(path, _)| path.len());
    let template = text.split_once("{?").map(|(path, _)| path);
    urls.contains(text) || template.is_some_and(|t| urls.iter().any(|u| u.get(..without_query(u)) == Some(t)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(path: &str) -> Vec<Segment> {
        path.split('/').map(|p| if p == "{}" { Segment::Variable } else { Segment::Literal(p.to_owned()) }).collect()
    }

    #[test]
    fn a_route_takes_in_what_is_more_special_and_nothing_beside_it() {
        let covers = |general: &str, special: &str| covers(&route(general), &route(special));
        assert!(covers("issues/{}/comments", "issues/7/comments"));
        assert!(covers("issues/{}", "issues/{}"));
        assert!(!covers("issues/{}/comments", "issues/comments/{}"));
        assert!(!covers("issues/comments/{}", "issues/{}/comments"));
    }

    #[test]
    fn a_template_leads_where_its_request_goes() {
        let urls = BTreeSet::from(["https://up.example/a?name=x".to_owned(), "https://up.example/b".to_owned()]);
        for (text, here) in [
            ("https://up.example/b", true),
            ("https://up.example/a{?name,label}", true),
            ("https://up.example/b{?name}", true),
            ("https://up.example/a", false),
            ("https://up.example/c{?name}", false),
        ] {
            assert_eq!(leads_here(text, &urls), here, "{text}");
        }
    }
}
