//! Expressions over an event: conditions and inputs. A template gives text; a template that is one expression and
//! nothing else keeps the expression's type.
//!
//! What lives here: the sandbox around minijinja. What must not: anything that reaches outside the event.

use std::sync::Arc;

use connector_core::{CapabilityImpl, Event, capability::Chat};
use minijinja::{
    Environment, ErrorKind, UndefinedBehavior, Value as Jinja,
    value::{Serde, ValueKind},
};
use serde_json::{Map, Value};

/// Instructions that one expression may take.
const FUEL: u64 = 50_000;
/// Longest text that a template may give: no service takes more in one field.
const MAX_TEXT: usize = 1 << 20;
/// Longest template.
const MAX_SOURCE: usize = 64 << 10;

/// An environment for the expressions of one step; `chat` makes `chat_escape` fit the service that is written to.
pub(crate) struct Expressions {
    env: Environment<'static>,
}

impl Expressions {
    pub(crate) fn new(chat: Option<&CapabilityImpl>) -> Self {
        let mut env = Environment::new();
        env.set_undefined_behavior(UndefinedBehavior::Strict);
        env.set_fuel(Some(FUEL));
        env.set_recursion_limit(64);
        // Python's `True` and `None` mean nothing to the services that are written to.
        env.set_formatter(|out, _state, value| {
            match value.kind() {
                ValueKind::String => out.write_str(value.as_str().unwrap_or_default())?,
                ValueKind::Undefined => return Err(minijinja::ErrorKind::UndefinedError.into()),
                ValueKind::None => {}
                _ => {
                    let text = serde_json::to_string(value)
                        .map_err(|e| minijinja::Error::new(minijinja::ErrorKind::BadSerialization, e.to_string()))?;
                    out.write_str(&text)?;
                }
            }
            Ok(())
        });
        let chat: Option<Arc<dyn Chat>> = match chat {
            Some(CapabilityImpl::Chat(c)) => Some(c.clone()),
            _ => None,
        };
        env.add_filter("chat_escape", move |text: &str| {
            chat.as_ref().map_or_else(|| text.to_owned(), |c| c.escape(text))
        });
        Self { env }
    }

    /// Whether a text can be compiled; says where it cannot.
    pub(crate) fn check(&self, source: &str) -> Result<(), String> {
        bounded(source)?;
        match whole(source) {
            Some(e) => self.env.compile_expression(e).map(drop),
            None => self.env.template_from_str(source).map(drop),
        }
        .map_err(|e| describe(&e))?;
        self.check_names(source)
    }

    /// Whether every filter, function and test that is reached without an event is there. The compiler takes any name, so
    /// the template is tried on nothing, where all that is missing is forgiven.
    fn check_names(&self, source: &str) -> Result<(), String> {
        let mut env = self.env.clone();
        env.set_undefined_behavior(UndefinedBehavior::Chainable);
        env.set_formatter(|_, _, _| Ok(()));
        let nothing = Jinja::from(Serde(serde_json::json!({ "event": {} })));
        match env.render_str(source, nothing) {
            Err(e)
                if matches!(
                    e.kind(),
                    ErrorKind::UnknownFilter | ErrorKind::UnknownFunction | ErrorKind::UnknownTest
                ) =>
            {
                Err(describe(&e))
            }
            _ => Ok(()),
        }
    }

    /// Whether a condition can be compiled.
    pub(crate) fn check_condition(&self, source: &str) -> Result<(), String> {
        bounded(source)?;
        self.env.compile_expression(source).map(drop).map_err(|e| describe(&e))?;
        self.check_names(&format!("{{{{ {source} }}}}"))
    }

    /// Whether a condition holds.
    pub(crate) fn holds(&self, source: &str, context: &Jinja) -> Result<bool, String> {
        let value = self.env.compile_expression(source).and_then(|e| e.eval(context)).map_err(|e| describe(&e))?;
        Ok(value.is_true())
    }

    /// Fills every template of a JSON value in.
    pub(crate) fn fill(&self, value: &Value, event: &Event) -> Result<Value, (String, String)> {
        self.fill_at(value, &context(event), String::new())
    }

    fn fill_at(&self, value: &Value, context: &Jinja, at: String) -> Result<Value, (String, String)> {
        Ok(match value {
            Value::String(s) => self.evaluate(s, context).map_err(|e| (at, e))?,
            Value::Array(a) => Value::Array(
                a.iter()
                    .enumerate()
                    .map(|(i, v)| self.fill_at(v, context, format!("{at}/{i}")))
                    .collect::<Result<_, _>>()?,
            ),
            Value::Object(m) => {
                let mut out = Map::new();
                for (k, v) in m {
                    out.insert(
                        k.clone(),
                        self.fill_at(v, context, format!("{at}/{}", connector_core::schema::escape(k)))?,
                    );
                }
                Value::Object(out)
            }
            other => other.clone(),
        })
    }

    fn evaluate(&self, source: &str, context: &Jinja) -> Result<Value, String> {
        if !source.contains("{{") && !source.contains("{%") {
            return Ok(Value::String(source.to_owned()));
        }
        if let Some(e) = whole(source) {
            let value =
                self.env.compile_expression(e).and_then(|c| c.eval(context)).map_err(|err| not_there(&err, e))?;
            if value.is_undefined() {
                return Err(format!("`{e}` is not in this event; where that can be, add `| default('…')`"));
            }
            return serde_json::to_value(&value).map_err(|e| e.to_string());
        }
        let text = self.env.render_str(source, context).map_err(|e| not_there(&e, source))?;
        if text.len() > MAX_TEXT {
            return Err(format!("gives a text of {} bytes; at most {MAX_TEXT} are allowed", text.len()));
        }
        Ok(Value::String(text))
    }
}

fn bounded(source: &str) -> Result<(), String> {
    if source.len() > MAX_SOURCE {
        return Err(format!("is longer than {MAX_SOURCE} bytes"));
    }
    Ok(())
}

/// The expression, if the template is one expression and nothing else.
fn whole(source: &str) -> Option<&str> {
    let inner = source.trim().strip_prefix("{{")?.strip_suffix("}}")?;
    if inner.contains("{{") || inner.contains("}}") || inner.contains("{%") {
        return None;
    }
    // A `-` that touches the braces cuts white space; any other is a sign.
    let inner = inner.strip_prefix('-').unwrap_or(inner);
    Some(inner.strip_suffix('-').unwrap_or(inner).trim())
}

/// What expressions see of an event.
pub(crate) fn context(event: &Event) -> Jinja {
    let mut e = serde_json::to_value(event).unwrap_or_default();
    if let Some(m) = e.as_object_mut() {
        // `event.type` reads better in a flow than `event.event_type`; both work.
        m.insert("type".into(), event.event_type.clone().into());
    }
    Jinja::from(Serde(serde_json::json!({ "event": e })))
}

/// An error while an event is filled in, with the template: its author has not the event before them.
fn not_there(e: &minijinja::Error, source: &str) -> String {
    let shown: String = source.chars().take(200).collect();
    match e.kind() {
        ErrorKind::UndefinedError => {
            format!("something in `{shown}` is not in this event; where that can be, add `| default('…')`")
        }
        _ => format!("{} in `{shown}`", describe(e)),
    }
}

fn describe(e: &minijinja::Error) -> String {
    let mut text = e.kind().to_string();
    if let Some(d) = e.detail() {
        text = format!("{text}: {d}");
    }
    if let Some(line) = e.line().filter(|l| *l > 1) {
        text = format!("{text} (line {line})");
    }
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    fn event() -> Event {
        serde_json::from_value(json!({
            "id": "018f0000-0000-7000-8000-000000000000", "origin": "trigger", "connector": "github", "event_type": "issues.opened",
            "received_at": "2026-01-01T00:00:00Z", "trace_id": "00000000000000000000000000000001",
            "payload": {"issue": {"title": "a <b>", "number": 7, "labels": ["x", "y"], "locked": false, "body": null}}
        }))
        .unwrap()
    }

    #[test]
    fn a_whole_expression_keeps_its_type() {
        let e = Expressions::new(None);
        let filled = e
            .fill(&json!({"n": "{{ event.payload.issue.number }}", "l": "{{event.payload.issue.labels}}", "t": "#{{ event.payload.issue.number }} {{ event.payload.issue.locked }}", "plain": "x", "deep": [{"k": "{{ event.type }}"}]}), &event())
            .unwrap();
        assert_eq!(
            filled,
            json!({"n": 7, "l": ["x", "y"], "t": "#7 false", "plain": "x", "deep": [{"k": "issues.opened"}]})
        );
    }

    #[test]
    fn a_sign_is_no_white_space_control() {
        let e = Expressions::new(None);
        let filled =
            e.fill(&json!(["{{ -event.payload.issue.number }}", "{{- event.payload.issue.number -}}"]), &event());
        assert_eq!(filled.unwrap(), json!([-7, 7]));
    }

    #[test]
    fn what_is_not_there_is_an_error_with_its_place() {
        let e = Expressions::new(None);
        let (at, why) = e.fill(&json!({"a": {"b/c": "{{ event.payload.isue.title }}"}}), &event()).unwrap_err();
        assert_eq!(at, "/a/b~1c");
        assert!(why.contains("`event.payload.isue.title` is not in this event") && why.contains("default"), "{why}");
        assert!(e.fill(&json!("{{ event.payload.nothing }}"), &event()).is_err());
        assert!(e.fill(&json!("x {{ event.payload.nothing }}"), &event()).is_err());
    }

    #[test]
    fn endless_work_is_cut() {
        let e = Expressions::new(None);
        let source = json!("{% for i in range(9999) %}{% for j in range(9999) %}x{% endfor %}{% endfor %}");
        assert!(e.fill(&source, &event()).unwrap_err().1.contains("fuel"));
    }

    #[test]
    fn conditions() {
        let e = Expressions::new(None);
        let c = context(&event());
        assert!(e.holds("event.payload.issue.number > 3 and 'x' in event.payload.issue.labels", &c).unwrap());
        assert!(!e.holds("event.payload.issue.locked", &c).unwrap());
        assert!(e.check_condition("event.payload.(").is_err());
        assert!(e.check("{{ event.payload").is_err());
        assert!(e.check("a {{ event.payload.x.y | nofilter }}").unwrap_err().contains("nofilter"));
        assert!(e.check("{{ event.payload.x | default('a') | upper }} {{ event.type }}").is_ok());
        assert!(e.check_condition("event.payload.x is nosuchtest").is_err());
        assert!(e.check_condition("event.payload.items | length > 0").is_ok());
    }
}
