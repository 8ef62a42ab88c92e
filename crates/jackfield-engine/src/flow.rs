//! Flows: *on* which events, *when* which conditions hold, *do* a step. Checked when they are saved.

use connector_core::{CapabilityKind, Error, Event, FieldError, event::Origin, trigger::event_matches};
use jackfield_store::Flow;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    Engine,
    error::{EngineError, Result},
    expression::{self, Expressions},
    slug,
};

/// Which events start a flow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct On {
    /// The connector's id; `host` for the application's own events.
    pub connector: String,
    /// Only events of this connection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection: Option<String>,
    /// The event type, `issues.*` for all below `issues`, `*` for all.
    pub event: String,
}

/// One step: an action of a connection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// The connection.
    pub connection: String,
    /// The action's name.
    pub action: String,
    /// The action's input; texts may hold templates over `event`.
    #[serde(default)]
    pub input: Value,
}

/// A flow's rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlowDefinition {
    /// Which events.
    pub on: On,
    /// Conditions over `event`; all must hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub when: Vec<String>,
    /// The steps; one for now.
    #[serde(rename = "do")]
    pub steps: Vec<Step>,
}

/// A flow to be saved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlowInput {
    /// Chosen id, unique.
    pub id: String,
    /// What people call it; the id if none is given.
    #[serde(default)]
    pub name: Option<String>,
    /// Whether it runs. Left out: as before, and a new one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// Which events.
    pub on: On,
    /// Conditions over `event`; all must hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub when: Vec<String>,
    /// The steps; one for now.
    #[serde(rename = "do")]
    pub steps: Vec<Step>,
}

/// Longest list of conditions.
const MAX_CONDITIONS: usize = 32;

impl Engine {
    /// Checks a flow and saves it; one of the same id is replaced.
    ///
    /// # Errors
    /// Every failing field at once; the store's.
    pub async fn put_flow(&self, input: FlowInput) -> Result<Flow> {
        slug::check(&input.id)?;
        let definition = FlowDefinition { on: input.on, when: input.when, steps: input.steps };
        let errors = self.check_flow(&definition).await?;
        if !errors.is_empty() {
            return Err(Error::invalid_input(errors).into());
        }
        let now = self.now();
        let before = match self.inner.store.flow(&input.id).await {
            Ok(f) => Some(f),
            Err(jackfield_store::StoreError::NotFound(..)) => None,
            Err(e) => return Err(e.into()),
        };
        let flow = Flow {
            name: input.name.unwrap_or_else(|| input.id.clone()),
            id: input.id,
            enabled: input.enabled.or(before.map(|f| f.enabled)).unwrap_or(true),
            definition: serde_json::to_value(&definition).map_err(|e| Error::internal(e.to_string()))?,
            created_at: now,
            updated_at: now,
        };
        self.inner.store.put_flow(flow.clone()).await?;
        self.inner.wake.notify_one();
        Ok(self.inner.store.flow(&flow.id).await?)
    }

    /// Switches a flow on or off.
    ///
    /// # Errors
    /// The store's.
    pub async fn enable_flow(&self, id: &str, enabled: bool) -> Result<Flow> {
        let flow = self.inner.store.set_flow_enabled(id, enabled, self.now()).await?;
        self.inner.wake.notify_one();
        Ok(flow)
    }

    async fn check_flow(&self, d: &FlowDefinition) -> Result<Vec<FieldError>> {
        let mut errors = Vec::new();
        let mut fail = |at: &str, text: String| errors.push(FieldError::new(at, text));
        if d.on.connector != "host" {
            match self.inner.registry.get(&d.on.connector) {
                Err(e) => fail("/on/connector", e.caller_text().to_owned()),
                Ok(c) => {
                    let known: Vec<String> = c.triggers().iter().flat_map(|t| t.info().events.clone()).collect();
                    // Types that no trigger names are allowed, since they are kept; one whose first word is nearly a known
                    // one is a slip.
                    let covered = known
                        .iter()
                        .any(|k| event_matches(k, &d.on.event) || event_matches(&d.on.event, k.trim_end_matches(".*")));
                    if !covered && let Some(near) = slip(&d.on.event, &known) {
                        fail(
                            "/on/event",
                            format!("no trigger of `{}` has this event type; did you mean `{near}`?", d.on.connector),
                        );
                    }
                }
            }
        }
        if let Some(id) = &d.on.connection {
            match self.inner.store.connection(id).await {
                Ok(c) if c.connector == d.on.connector => {}
                Ok(c) => {
                    fail("/on/connection", format!("is a connection of `{}`, not of `{}`", c.connector, d.on.connector))
                }
                Err(e) => fail("/on/connection", e.to_string()),
            }
        }
        if d.when.len() > MAX_CONDITIONS {
            fail("/when", format!("at most {MAX_CONDITIONS} conditions are allowed"));
        }
        let plain = Expressions::new(None);
        for (i, c) in d.when.iter().enumerate() {
            if let Err(e) = plain.check_condition(c) {
                fail(&format!("/when/{i}"), e);
            }
        }
        if d.steps.len() != 1 {
            fail("/do", format!("must have exactly one step, not {}", d.steps.len()));
        }
        for (i, step) in d.steps.iter().enumerate() {
            errors.extend(self.check_step(step, &format!("/do/{i}")).await?);
        }
        Ok(errors)
    }

    async fn check_step(&self, step: &Step, at: &str) -> Result<Vec<FieldError>> {
        let one = |field: &str, text: String| Ok(vec![FieldError::new(format!("{at}/{field}"), text)]);
        let connection = match self.connection(&step.connection).await {
            Ok(c) => c.connection,
            Err(e) => return one("connection", e.to_string()),
        };
        let connector = self.inner.registry.get(&connection.connector)?;
        let action = match connector.action(&step.action) {
            Ok(a) => a,
            Err(e) => return one("action", e.caller_text().to_owned()),
        };
        let input = if step.input.is_null() { Value::Object(serde_json::Map::new()) } else { step.input.clone() };
        let mut errors = Vec::new();
        let mut dynamic = Vec::new();
        let expressions = Expressions::new(connector.capability(CapabilityKind::Chat));
        walk(&input, String::new(), &mut |pointer, text| {
            if let Err(e) = expressions.check(text) {
                errors.push(FieldError::new(format!("{at}/input{pointer}"), e));
            }
            if text.contains("{{") || text.contains("{%") {
                dynamic.push(pointer.to_owned());
            }
        });
        // What is written out must fit the schema; what a template gives is known only when it runs.
        if let Err(e) = connector.prepare(action.as_ref(), &connection.values, input) {
            let fixed = e.fields().iter().filter(|f| !dynamic.contains(&f.pointer));
            errors.extend(fixed.map(|f| FieldError::new(format!("{at}/input{}", f.pointer), f.message.clone())));
        }
        Ok(errors)
    }

    /// The enabled flows that an event starts, and how many it does not start.
    pub(crate) fn match_flows(&self, event: &Event, flows: &[(Flow, FlowDefinition)]) -> (Vec<(String, Step)>, usize) {
        let plain = Expressions::new(None);
        // Made once and only if a condition is evaluated: payloads can be large.
        let context = std::cell::LazyCell::new(|| expression::context(event));
        let mut matched = Vec::new();
        let mut others = 0;
        // What a service sends for an account that nobody connected (or that is switched off) is kept, and starts nothing.
        let nobodys = event.origin == Origin::Trigger && event.connection.is_none();
        for (flow, d) in flows {
            let on = !nobodys
                && d.on.connector == event.connector
                && d.on.connection.as_ref().is_none_or(|c| event.connection.as_ref() == Some(c))
                && event_matches(&d.on.event, &event.event_type);
            let holds = |c: &String| {
                plain.holds(c, &context).unwrap_or_else(|e| {
                    tracing::warn!(flow = %flow.id, trace_id = %event.trace_id, condition = %c, error = %e, "a condition could not be evaluated and counts as false");
                    false
                })
            };
            match d.steps.first() {
                Some(step) if on && d.when.iter().all(holds) => matched.push((flow.id.clone(), step.clone())),
                _ => others += 1,
            }
        }
        (matched, others)
    }

    /// The enabled flows, parsed.
    pub(crate) async fn enabled_flows(&self) -> Result<Vec<(Flow, FlowDefinition)>> {
        let mut out = Vec::new();
        for flow in self.inner.store.flows().await?.into_iter().filter(|f| f.enabled) {
            match parse(&flow) {
                Ok(d) => out.push((flow, d)),
                Err(e) => tracing::error!(flow = %flow.id, error = %e, "a stored flow cannot be read and is left out"),
            }
        }
        Ok(out)
    }
}

/// The known event type that a mistyped one most likely means: its first word is a slip of the pen away.
fn slip(event: &str, known: &[String]) -> Option<String> {
    let (head, tail) = event.split_once('.').map_or((event, ""), |(h, t)| (h, t));
    let near = known.iter().map(|k| k.trim_end_matches(".*")).filter(|k| {
        let distance = strsim::damerau_levenshtein(head, k);
        distance > 0 && distance <= if head.len() > 6 { 2 } else { 1 }
    });
    near.min_by_key(|k| strsim::damerau_levenshtein(head, k)).map(|k| match tail {
        "" => k.to_owned(),
        t => format!("{k}.{t}"),
    })
}

/// A stored flow's rule.
pub(crate) fn parse(flow: &Flow) -> Result<FlowDefinition> {
    serde_json::from_value(flow.definition.clone())
        .map_err(|e| EngineError::field("/definition", format!("flow `{}` cannot be read: {e}", flow.id)))
}

fn walk(value: &Value, at: String, f: &mut impl FnMut(&str, &str)) {
    match value {
        Value::String(s) => f(&at, s),
        Value::Array(a) => a.iter().enumerate().for_each(|(i, v)| walk(v, format!("{at}/{i}"), f)),
        Value::Object(m) => {
            m.iter().for_each(|(k, v)| walk(v, format!("{at}/{}", connector_core::schema::escape(k)), f))
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::slip;

    #[test]
    fn a_slip_of_the_pen_is_told_from_a_type_that_no_trigger_names() {
        let known: Vec<String> =
            ["issues.*", "issue_comment.*", "push", "ping", "member_joined_channel"].map(Into::into).into();
        assert_eq!(slip("issue.opened", &known).as_deref(), Some("issues.opened"));
        assert_eq!(slip("issuess", &known).as_deref(), Some("issues"));
        assert_eq!(slip("isue_coment.created", &known).as_deref(), Some("issue_comment.created"));
        for other in
            ["release.published", "star.created", "fork", "member_left_channel", "pull_request.opened", "issues.opened"]
        {
            assert_eq!(slip(other, &known), None, "{other}");
        }
    }
}
