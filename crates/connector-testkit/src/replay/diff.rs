//! Compares what left with what the fixture says, in words that tell where and what.
//!
//! What lives here: requests and JSON values. Secrets are shown as the placeholder they stand for.

use std::collections::BTreeMap;

use base64::Engine as _;
use connector_core::request::Filled;
use serde_json::Value;
use url::Url;

use crate::{
    fixture::{BodyForm, RequestFixture},
    values::TestValues,
};

/// Most differences that one comparison lists.
const MOST: usize = 12;

/// Every difference between a request and its fixture; empty when there is none.
pub(super) fn compare_request(want: &RequestFixture, got: &Filled, values: &TestValues) -> Vec<String> {
    let mut out = Vec::new();
    if want.method != got.method.as_str() {
        out.push(format!("method: the fixture has {}, {} was sent", want.method, got.method));
    }
    compare_url(&want.url, &got.url, values, &mut out);
    compare_headers(want, got, values, &mut out);
    compare_body(want, got, values, &mut out);
    out.truncate(MOST);
    out
}

/// A URL with its secrets as placeholders.
pub(super) fn shown_url(url: &Url, values: &TestValues) -> String {
    shown(url.as_str(), values)
}

fn shown(text: &str, values: &TestValues) -> String {
    values.canaries.iter().fold(text.to_owned(), |t, (id, value)| t.replace(value, &format!("{{{{secret.{id}}}}}")))
}

fn compare_url(want: &str, got: &Url, values: &TestValues, out: &mut Vec<String>) {
    let want = match Url::parse(&values.put(want)) {
        Ok(u) => u,
        Err(e) => {
            out.push(format!("url: the fixture's is no absolute URL ({e})"));
            return;
        }
    };
    let base = |u: &Url| {
        let mut u = u.clone();
        u.set_query(None);
        u.set_fragment(None);
        u
    };
    let (wb, gb) = (base(&want), base(got));
    if wb != gb {
        out.push(format!("url: the fixture has {}, {} was sent", shown_url(&wb, values), shown_url(&gb, values)));
    }
    let pairs = |u: &Url| {
        let mut p: Vec<(String, String)> = u.query_pairs().into_owned().collect();
        p.sort();
        p
    };
    compare_pairs("query parameter", &pairs(&want), &pairs(got), values, out);
}

/// Compares sorted lists of pairs as multisets.
fn compare_pairs(
    what: &str,
    want: &[(String, String)],
    got: &[(String, String)],
    values: &TestValues,
    out: &mut Vec<String>,
) {
    let group = |list: &[(String, String)]| {
        let mut m: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (n, v) in list {
            m.entry(n.clone()).or_default().push(v.clone());
        }
        m
    };
    let (want, got) = (group(want), group(got));
    for (name, w) in &want {
        match got.get(name) {
            None => out.push(format!("{what} `{name}`: the fixture has it, it was not sent")),
            Some(g) if g != w => out.push(format!(
                "{what} `{name}`: the fixture has `{}`, `{}` was sent",
                shown(&w.join("`, `"), values),
                shown(&g.join("`, `"), values)
            )),
            Some(_) => {}
        }
    }
    for (name, g) in got.iter().filter(|(n, _)| !want.contains_key(*n)) {
        out.push(format!(
            "{what} `{name}`: `{}` was sent, the fixture does not have it",
            shown(&g.join("`, `"), values)
        ));
    }
}

fn compare_headers(want: &RequestFixture, got: &Filled, values: &TestValues, out: &mut Vec<String>) {
    let want: Vec<(String, String)> = want.headers.iter().map(|(n, v)| (n.clone(), basic(&values.put(v)))).collect();
    let mut sent: Vec<(String, String)> = got
        .headers
        .iter()
        .map(|(n, v)| (n.as_str().to_owned(), String::from_utf8_lossy(v.as_bytes()).into_owned()))
        .collect();
    sent.sort();
    compare_pairs("header", &want, &sent, values, out);
}

/// `Basic user:password` in a fixture stands for its base64 form: a secret inside base64 could not be written otherwise.
pub(crate) fn basic(value: &str) -> String {
    match value.strip_prefix("Basic ") {
        Some(pair) if pair.contains(':') => {
            format!("Basic {}", base64::prelude::BASE64_STANDARD.encode(pair.as_bytes()))
        }
        _ => value.to_owned(),
    }
}

fn compare_body(want: &RequestFixture, got: &Filled, values: &TestValues, out: &mut Vec<String>) {
    let text = || String::from_utf8_lossy(&got.body).into_owned();
    match want.body.map_texts(&|t| values.put(t)) {
        BodyForm::Empty => {
            if !got.body.is_empty() {
                out.push(format!("body: the fixture has none, {} bytes were sent", got.body.len()));
            }
        }
        BodyForm::Json(w) => match serde_json::from_slice::<Value>(&got.body) {
            Ok(g) => {
                let mut found = Vec::new();
                compare_json(&w, &g, &mut found);
                out.extend(found.into_iter().map(|d| format!("body {}", shown(&d, values))));
            }
            Err(_) => out.push("body: the fixture has JSON, something else was sent".into()),
        },
        BodyForm::Form(mut w) => {
            let mut g: Vec<(String, String)> = url::form_urlencoded::parse(&got.body).into_owned().collect();
            w.sort();
            g.sort();
            compare_pairs("form field", &w, &g, values, out);
        }
        BodyForm::Text(w) => {
            if w.as_bytes() != got.body.as_ref() {
                out.push(format!(
                    "body: the fixture has `{}`, `{}` was sent",
                    shown(&w, values),
                    shown(&text(), values)
                ));
            }
        }
        BodyForm::Bytes(w) => {
            if w != got.body.as_ref() {
                out.push(format!("body: the fixture has {} bytes, {} others were sent", w.len(), got.body.len()));
            }
        }
    }
}

/// Every place where two JSON values differ, each as `<pointer>: …`.
pub fn compare_json(want: &Value, got: &Value, out: &mut Vec<String>) {
    walk("", want, got, true, out);
}

/// Every place where `got` does not hold what `want` lists: objects may hold more, arrays are equal item by item.
pub fn contains(want: &Value, got: &Value) -> Vec<String> {
    let mut out = Vec::new();
    walk("", want, got, false, &mut out);
    out.truncate(MOST);
    out
}

fn walk(at: &str, want: &Value, got: &Value, exact: bool, out: &mut Vec<String>) {
    let place = || if at.is_empty() { "(root)".to_owned() } else { at.to_owned() };
    match (want, got) {
        (Value::Object(w), Value::Object(g)) => {
            for (k, wv) in w {
                let here = format!("{at}/{}", connector_core::schema::escape(k));
                match g.get(k) {
                    Some(gv) => walk(&here, wv, gv, exact, out),
                    None => out.push(format!("{here}: the fixture has {}, it is not there", brief(wv))),
                }
            }
            if exact {
                for (k, gv) in g.iter().filter(|(k, _)| !w.contains_key(*k)) {
                    let here = format!("{at}/{}", connector_core::schema::escape(k));
                    out.push(format!("{here}: is {}, the fixture does not have it", brief(gv)));
                }
            }
        }
        (Value::Array(w), Value::Array(g)) => {
            if w.len() != g.len() {
                out.push(format!("{}: the fixture has {} items, there are {}", place(), w.len(), g.len()));
            }
            for (i, (wv, gv)) in w.iter().zip(g).enumerate() {
                walk(&format!("{at}/{i}"), wv, gv, exact, out);
            }
        }
        (w, g) if same_scalar(w, g) => {}
        (w, g) => out.push(format!("{}: the fixture has {}, it is {}", place(), brief(w), brief(g))),
    }
}

/// Numbers are equal by value: `1` and `1.0` are one number in JSON.
fn same_scalar(w: &Value, g: &Value) -> bool {
    w == g
        || matches!((w, g), (Value::Number(a), Value::Number(b)) if a.as_f64() == b.as_f64() && (a.is_f64() || b.is_f64()))
}

fn brief(v: &Value) -> String {
    let text = v.to_string();
    if text.chars().count() > 120 { format!("{}…", text.chars().take(120).collect::<String>()) } else { text }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    #[test]
    fn differences_name_their_place() {
        let mut d = Vec::new();
        compare_json(&json!({"a": [1, {"b": 2}], "c": 1}), &json!({"a": [1, {"b": 3}], "d/e": 1}), &mut d);
        assert_eq!(
            d,
            [
                "/a/1/b: the fixture has 2, it is 3",
                "/c: the fixture has 1, it is not there",
                "/d~1e: is 1, the fixture does not have it"
            ]
        );
        assert!(contains(&json!({"a": 1}), &json!({"a": 1.0, "b": 2})).is_empty());
        assert_eq!(contains(&json!({"a": [1]}), &json!({"a": [1, 2]})).len(), 1);
    }

    #[test]
    fn a_basic_pair_is_encoded() {
        assert_eq!(basic("Basic a:b"), "Basic YTpi");
        assert_eq!(basic("Basic YTpi"), "Basic YTpi");
    }
}
