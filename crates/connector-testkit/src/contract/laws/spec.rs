//! Laws of what is declared: names, texts, capabilities, webhook. Schemas and params have files of their own.

use std::collections::{BTreeMap, BTreeSet};

use connector_core::{
    connector::is_id,
    hosts::{Declared, Piece},
    trigger::{TriggerShape, event_matches},
    webhook::{KeySource, Proof, Verification},
};
use serde_json::json;

use crate::contract::{Bench, Checks, Law, Verdict};

pub(in crate::contract) fn checks(_: &Bench, out: &mut Checks) {
    type Run = fn(&Bench, &mut Verdict);
    let all: [(Law, Run); 11] = [
        (Law::Names, names),
        (Law::Summaries, summaries),
        (Law::Links, links),
        (Law::Icon, icon),
        (Law::DocsPage, docs_page),
        (Law::Content, content),
        (Law::Capabilities, capabilities),
        (Law::Hosts, hosts),
        (Law::WebhookDeclared, webhook),
        (Law::EventPatterns, event_patterns),
        (Law::Effects, effects),
    ];
    for (law, run) in all {
        out.add(law, "spec", None, run);
    }
}

fn names(b: &Bench, v: &mut Verdict) {
    let c = &b.connector;
    let mut lists: Vec<(&str, Vec<&str>)> = vec![
        ("connector", vec![c.id()]),
        ("action", c.actions().iter().map(|a| a.info().name.as_str()).collect()),
        ("trigger", c.triggers().iter().map(|t| t.info().name.as_str()).collect()),
    ];
    lists.push(("param", c.info().params.iter().map(|p| p.id.as_str()).collect()));
    lists.push(("app param", c.info().app_params.iter().map(|p| p.id.as_str()).collect()));
    // Secrets of connection and app are found by id alone, the connection's own first: an id that both have is one secret
    // that either may hold.
    for p in &c.info().params {
        let app = c.info().app_params.iter().find(|a| a.id == p.id);
        v.require(app.is_none_or(|a| a.is_secret() && p.is_secret()), || {
            format!("`{}` is a param of both connection and app, and not a secret in both", p.id)
        });
    }
    for (what, list) in lists {
        let mut seen = BTreeSet::new();
        for name in list {
            v.require(is_id(name), || format!("{what} `{name}` is not lower_snake_case"));
            v.require(seen.insert(name), || format!("{what} `{name}` is declared twice"));
        }
    }
}

fn summaries(b: &Bench, v: &mut Verdict) {
    let c = &b.connector;
    let info = c.info();
    let mut all = vec![("the connector".to_owned(), info.name.as_str(), info.summary.as_str())];
    all.extend(c.actions().iter().map(|a| {
        let i = a.info();
        (format!("action `{}`", i.name), i.title.as_str(), i.summary.as_str())
    }));
    all.extend(c.triggers().iter().map(|t| {
        let i = t.info();
        (format!("trigger `{}`", i.name), i.title.as_str(), i.summary.as_str())
    }));
    for (what, title, summary) in all {
        v.require(!title.trim().is_empty(), || format!("{what} has no title"));
        v.check(not_a_sentence(summary).map(|why| format!("{what}: the summary {why}: `{summary}`")));
    }
    v.require(!info.categories.is_empty(), || "the connector has no category".into());
}

fn not_a_sentence(text: &str) -> Option<&'static str> {
    if text.trim().is_empty() {
        return Some("is empty");
    }
    if text.trim() != text || text.contains('\n') {
        return Some("has blanks around it or a line break");
    }
    if !text.ends_with('.') {
        return Some("does not end with a full stop");
    }
    if text.chars().count() > 200 {
        return Some("is longer than 200 characters");
    }
    // A vendor's own lower-case name (`npm`) may begin a sentence only if it says so with a capital elsewhere.
    if !text.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit()) {
        return Some("does not begin with a capital");
    }
    (!text.trim_end_matches('.').contains(' ')).then_some("is one word")
}

fn links(b: &Bench, v: &mut Verdict) {
    let c = &b.connector;
    let mut all = vec![("the connector".to_owned(), c.info().docs_url.as_str())];
    all.extend(c.actions().iter().map(|a| (format!("action `{}`", a.info().name), a.info().docs_url.as_str())));
    all.extend(c.triggers().iter().map(|t| (format!("trigger `{}`", t.info().name), t.info().docs_url.as_str())));
    for (what, url) in all {
        let ok =
            url::Url::parse(url).is_ok_and(|u| u.scheme() == "https" && u.host_str().is_some_and(|h| h.contains('.')));
        v.require(ok, || format!("{what}: docs URL `{url}` is not an absolute https URL"));
    }
}

fn icon(b: &Bench, v: &mut Verdict) {
    let svg = b.connector.info().icon.trim();
    let lower = svg.to_ascii_lowercase();
    v.require(lower.contains("<svg") && lower.ends_with("</svg>"), || "the icon is not SVG text".into());
    let view_box = lower.split_once("viewbox").and_then(|(_, rest)| {
        let quote = rest.find(['"', '\''])?;
        let rest = rest.get(quote + 1..)?;
        let numbers: Vec<f64> = rest
            .get(..rest.find(['"', '\''])?)?
            .split([' ', ','])
            .filter(|n| !n.is_empty())
            .filter_map(|n| n.parse().ok())
            .collect();
        match numbers.as_slice() {
            [_, _, w, h] if w == h && *w > 0.0 => Some(()),
            _ => None,
        }
    });
    v.require(view_box.is_some(), || "the icon has no square `viewBox`".into());
    let handler = lower.split([' ', '\n', '\t', '"', '\'']).any(|w| w.starts_with("on") && w.contains('='));
    for bad in ["<script", "javascript:", "<foreignobject", "<image", "<!entity", "<iframe", "@import"] {
        v.require(!lower.contains(bad), || format!("the icon holds `{bad}`"));
    }
    v.require(!handler, || "the icon holds an event handler".into());
    let outside =
        lower.split("href").skip(1).any(|rest| !rest.trim_start_matches(['=', ' ', '"', '\'']).starts_with('#'));
    v.require(!outside, || "the icon refers to something outside of itself".into());
}

fn docs_page(b: &Bench, v: &mut Verdict) {
    let c = &b.connector;
    let docs = &c.info().docs;
    v.require(docs.trim().len() >= 40, || "the connector's page (docs.md) is empty".into());
    let names = c
        .actions()
        .iter()
        .map(|a| ("action", a.info().name.clone()))
        .chain(c.triggers().iter().map(|t| ("trigger", t.info().name.clone())));
    for (what, name) in names {
        v.require(names_word(docs, &name), || format!("the connector's page does not name {what} `{name}`"));
    }
    let lower = docs.to_lowercase();
    for cap in &c.info().capabilities {
        let name = json!(cap.kind).as_str().unwrap_or_default().to_owned();
        let there = names_word(&lower, &name) || lower.contains(&name.replace('_', " "));
        v.require(there, || format!("the connector's page does not name capability `{name}`"));
    }
    v.check(crate::contract::page::fault(docs, c.info()));
}

/// Whether `name` stands in `text` as a word of its own.
fn names_word(text: &str, name: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(name).any(|(at, _)| {
        let before = text.get(..at).and_then(|t| t.chars().next_back());
        let after = text.get(at + name.len()..).and_then(|t| t.chars().next());
        !before.is_some_and(part) && !after.is_some_and(part)
    })
}

fn content(b: &Bench, v: &mut Verdict) {
    let some = !b.connector.actions().is_empty() || !b.connector.triggers().is_empty();
    v.require(some, || "it has neither an action nor a trigger".into());
}

fn capabilities(b: &Bench, v: &mut Verdict) {
    let mut seen = BTreeSet::new();
    for cap in &b.connector.info().capabilities {
        let kind = cap.kind;
        v.require(seen.insert(kind), || format!("capability {kind:?} is declared twice"));
        let there = b.connector.capability(kind).is_some();
        v.require(there, || format!("capability {kind:?} is declared, its implementation is of another kind"));
        v.require(!cap.actions.is_empty(), || format!("capability {kind:?} rests on no action"));
        for a in &cap.actions {
            v.require(b.action(a).is_some(), || {
                format!("capability {kind:?} rests on action `{a}`, which is not there")
            });
        }
    }
    if b.connector.info().capabilities.is_empty() {
        v.not_applicable();
    }
}

fn hosts(b: &Bench, v: &mut Verdict) {
    let c = &b.connector;
    if c.actions().is_empty() {
        return v.not_applicable();
    }
    let all: Vec<&String> = c.info().hosts.iter().chain(c.actions().iter().flat_map(|a| &a.info().hosts)).collect();
    v.require(!all.is_empty(), || "it has actions and declares no host".into());
    let param = |id: &str| c.info().params.iter().find(|p| p.id == id && !p.is_secret());
    for h in all {
        match Declared::read(h) {
            Some(Declared::OfUrl(id)) => {
                let url = param(id).is_some_and(|p| p.format.as_deref() == Some("uri"));
                v.require(url, || format!("host `{h}`: `{id}` is no URL param of the connection"));
            }
            Some(Declared::Name(pieces)) => {
                let mut name = String::new();
                for piece in &pieces {
                    match piece {
                        Piece::Text(text) => name.push_str(text),
                        Piece::Param(id) => {
                            v.require(param(id).is_some(), || {
                                format!("host `{h}`: `{id}` is no param of the connection")
                            });
                            name.push('x');
                        }
                    }
                }
                let name = name.strip_prefix("*.").unwrap_or(&name);
                let ok = name.contains('.')
                    && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'.' || b == b'-');
                v.require(ok, || format!("host `{h}` is no lower-case host name, `*.name` or name with `{{param}}`"));
                // Whoever fills the params in must not choose the domain, or the declaration would say nothing.
                let fixed = !matches!(pieces.last(), Some(Piece::Param(_)));
                v.require(fixed, || format!("host `{h}` ends in a param; write the service's domain after it"));
            }
            None => v.require(false, || format!("host `{h}`: its braces do not fit")),
        }
    }
}

fn webhook(b: &Bench, v: &mut Verdict) {
    let c = &b.connector;
    let by_webhook = c.triggers().iter().filter(|t| t.info().shape == TriggerShape::Webhook).count();
    let Some(w) = c.webhook() else {
        v.require(by_webhook == 0, || format!("{by_webhook} triggers come by webhook, and no webhook is declared"));
        return;
    };
    v.require(by_webhook > 0, || "a webhook is declared, and no trigger comes by it".into());
    reasons(&w.verification, v);
    let sound = w.check();
    v.require(sound.is_ok(), || sound.err().unwrap_or_default());
    if !matches!(w.verification, Verification::None { .. }) {
        key(b, &w.key, "the webhook's key", v);
    }
    for h in &w.handshakes {
        if let Proof::Token(_, source) = &h.proof {
            key(b, source, "a handshake's token", v);
        }
        v.require(!h.when.is_empty() || h.method != http::Method::POST, || {
            "a handshake without conditions would answer every delivery".into()
        });
    }
    v.require(w.max_body > 0 && w.max_body <= 64 << 20, || format!("a body cap of {} bytes is none", w.max_body));
    v.require(!w.media_types.is_empty(), || "it takes no media type".into());
}

fn reasons(how: &Verification, v: &mut Verdict) {
    match how {
        Verification::None { reason, compensation } => {
            v.require(reason.trim().len() >= 10, || "nothing is verified, and no reason is given".into());
            v.require(compensation.trim().len() >= 10, || "nothing is verified, and nothing makes up for it".into());
        }
        Verification::AnyOf(all) => {
            v.require(all.len() >= 2, || "`AnyOf` of fewer than two schemes".into());
            for inner in all {
                v.require(!matches!(inner, Verification::None { .. }), || {
                    "`AnyOf` with `None` in it verifies nothing".into()
                });
                reasons(inner, v);
            }
        }
        Verification::Signed(s) => v.require(!s.parts.is_empty(), || "the signature signs nothing".into()),
        _ => v.require(true, String::new),
    }
}

fn key(b: &Bench, source: &KeySource, what: &str, v: &mut Verdict) {
    let (list, place) = match source {
        KeySource::App(_) => (&b.connector.info().app_params, "app params"),
        KeySource::Connection(_) => (&b.connector.info().params, "connection params"),
        KeySource::Handshake(id) => {
            let supplied = b.connector.webhook().is_some_and(|w| w.handshakes.iter().any(|h| h.supplies_key.is_some()));
            v.require(supplied, || format!("{what} `{id}` comes by handshake, and no handshake supplies a key"));
            return;
        }
    };
    let id = source.id();
    let ok = list.iter().any(|p| p.id == id && p.is_secret());
    v.require(ok, || format!("{what} `{id}` is no secret among the {place}"));
}

fn event_patterns(b: &Bench, v: &mut Verdict) {
    let mut owner: BTreeMap<&str, &str> = BTreeMap::new();
    let triggers = b.connector.triggers();
    for t in triggers {
        for pattern in &t.info().events {
            let other = owner.insert(pattern, &t.info().name);
            v.require(other.is_none(), || {
                format!("event `{pattern}` belongs to `{}` and to `{}`", other.unwrap_or_default(), t.info().name)
            });
        }
    }
    for (pattern, name) in &owner {
        for (wide, by) in owner.iter().filter(|(w, by)| *w != pattern && *by != name) {
            let example = pattern.strip_suffix(".*").unwrap_or(pattern);
            v.require(!event_matches(wide, example), || {
                format!("event `{pattern}` of `{name}` is also taken by `{wide}` of `{by}`")
            });
        }
    }
    if triggers.is_empty() {
        v.not_applicable();
    }
}

fn effects(b: &Bench, v: &mut Verdict) {
    use connector_core::{Effect, Idempotency};
    for a in b.connector.actions() {
        let i = a.info();
        v.require(i.effect != Effect::Read || i.idempotency == Idempotency::Natural, || {
            format!("action `{}` reads only, so doing it twice is as once: declare it `read()`", i.name)
        });
        v.require(i.cost > 0 || i.effect == Effect::Read, || {
            format!("action `{}` writes and costs nothing of the budgets; only a read may be free", i.name)
        });
        v.require(!i.finds_at_once || i.idempotency == Idempotency::Emulated, || {
            format!("action `{}` looks for earlier calls at once, and is not emulated", i.name)
        });
        if i.idempotency == Idempotency::Emulated {
            super::actions::find_is_there(b, a.as_ref(), v);
        }
    }
    if b.connector.actions().is_empty() {
        v.not_applicable();
    }
}
