//! Laws of the fixtures themselves: readable, owned, of known origin, without secrets.

use connector_core::trigger::TriggerShape;

use crate::{
    contract::{Bench, Checks, Law, Verdict},
    fixture::{ORIGIN_KINDS, Origin},
    secrets_scan::find_secrets,
};

pub(in crate::contract) fn checks(b: &Bench, out: &mut Checks) {
    out.add(Law::Readable, "fixtures", None, readable);
    out.add(Law::NoOrphans, "fixtures", None, no_orphans);
    out.add(Law::Origins, "fixtures", None, origins);
    out.add(Law::NoSecrets, "fixtures", None, no_secrets);
    for t in b.connector.triggers() {
        let (name, shape) = (t.info().name.clone(), t.info().shape);
        out.add(Law::TriggerFixtures, &format!("triggers::{name}"), None, move |b, v| {
            if shape == TriggerShape::Poll {
                // What polling asks is judged by `Polling`; there is no fixture of it.
                return v.not_applicable();
            }
            let there = b
                .fixtures
                .webhooks
                .iter()
                .any(|w| w.event().is_some_and(|e| e.trigger.as_deref() == Some(name.as_str())));
            v.require(there, || format!("no file in fixtures/webhooks/ expects trigger `{name}`"));
        });
    }
}

fn readable(b: &Bench, v: &mut Verdict) {
    v.check(b.unreadable.as_ref().map(|e| format!("the fixtures cannot be read: {e}")));
    v.require(!b.fixtures.is_empty(), || "it has no fixture at all; see docs/fixtures.md".into());
    for e in &b.fixtures.errors {
        v.check(Some(format!("fixtures/{e}")));
    }
}

fn no_orphans(b: &Bench, v: &mut Verdict) {
    for f in &b.fixtures.actions {
        v.require(b.action(&f.action).is_some(), || format!("fixtures/{}: there is no action `{}`", f.path, f.action));
    }
    for w in &b.fixtures.webhooks {
        let path = &w.path;
        v.require(b.connector.webhook().is_some(), || format!("fixtures/{path}: no webhook is declared"));
        let Some(e) = w.event() else { continue };
        if let Some(t) = &e.trigger {
            let there = b.connector.triggers().iter().any(|x| &x.info().name == t);
            v.require(there, || format!("fixtures/{path}: there is no trigger `{t}`"));
        }
        let name = file_name(&e.event_type);
        let fits = w.stem.strip_prefix(&name).is_some_and(|rest| rest.is_empty() || rest.starts_with("__"));
        v.require(fits, || {
            format!(
                "fixtures/{path}: its event is `{}`, so it should be called {name}.json or {name}__<case>.json",
                e.event_type
            )
        });
    }
}

/// The event type up to the first dot, with characters that file names dislike as `_`.
pub(crate) fn file_name(event_type: &str) -> String {
    let head = event_type.split('.').next().unwrap_or_default();
    head.chars().map(|c| if c.is_ascii_alphanumeric() || matches!(c, '_' | '-') { c } else { '_' }).collect()
}

fn origins(b: &Bench, v: &mut Verdict) {
    for (path, origin) in b.fixtures.origins() {
        match origin {
            None => v.check(Some(format!("fixtures/{path}: it has no `origin`"))),
            Some(o) => v.check(wrong(o).map(|why| format!("fixtures/{path}: {why}"))),
        }
    }
}

fn wrong(o: &Origin) -> Option<String> {
    if !ORIGIN_KINDS.contains(&o.kind.as_str()) {
        return Some(format!("origin kind `{}` is none of {}", o.kind, ORIGIN_KINDS.join(", ")));
    }
    let url = url::Url::parse(&o.source).is_ok_and(|u| u.scheme() == "https" && u.host().is_some());
    // A package with its version: `npm @octokit/webhooks-examples 7.6.1`.
    let package = o.source.split(' ').count() >= 2 && o.source.bytes().any(|b| b.is_ascii_digit());
    if !url && !package {
        return Some(format!("origin source `{}` is neither an https URL nor a package with its version", o.source));
    }
    let date: Result<jiff::civil::Date, _> = o.date.parse();
    (date.is_err() || o.date.len() != 10).then(|| format!("origin date `{}` is no ISO 8601 date", o.date))
}

fn no_secrets(b: &Bench, v: &mut Verdict) {
    for (path, text) in &b.fixtures.texts {
        let found = find_secrets(text);
        v.check((!found.is_empty()).then(|| {
            let list: Vec<String> = found.iter().map(|f| format!("{} `{}`", f.what, f.excerpt(text))).collect();
            format!("fixtures/{path}: it holds what looks like a {}", list.join(", a "))
        }));
    }
}

#[cfg(test)]
mod tests {
    use super::file_name;

    #[test]
    fn event_types_make_file_names() {
        assert_eq!(file_name("issues.opened"), "issues");
        assert_eq!(file_name("jira:issue_created"), "jira_issue_created");
    }
}
