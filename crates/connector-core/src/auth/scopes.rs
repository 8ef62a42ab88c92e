//! The least scopes: what enabled actions and triggers need, as one auth method names it.

use serde::{Deserialize, Serialize};

use crate::{auth::AuthMethod, connector::Connector};

/// How a method names scopes, and which hold others.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scopes {
    /// A scope as actions declare it (`read:*`: all that begin so) and what this method calls it; empty: it asks for none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<(String, String)>,
    /// A scope, and those that come with it: they need not be asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holds: Vec<(String, Vec<String>)>,
}

impl Scopes {
    fn name(&self, scope: &str) -> Option<String> {
        let fits = |pattern: &str| match pattern.strip_suffix('*') {
            Some(begin) => scope.starts_with(begin),
            None => scope == pattern,
        };
        match self.names.iter().find(|(pattern, _)| fits(pattern)) {
            Some((_, name)) if name.is_empty() => None,
            Some((_, name)) => Some(name.clone()),
            None => Some(scope.to_owned()),
        }
    }

    /// Whether one scope comes with another.
    pub fn holds(&self, scope: &str, other: &str) -> bool {
        self.holds.iter().any(|(s, held)| s == scope && held.iter().any(|h| h == other))
    }

    /// Those of `wanted` that `granted` does not have, in whatever order.
    pub fn missing(&self, wanted: &[String], granted: &[String]) -> Vec<String> {
        let has = |w: &String| granted.iter().any(|g| g == w || self.holds(g, w));
        wanted.iter().filter(|w| !has(w)).cloned().collect()
    }
}

impl Connector {
    /// The least scopes that a connection by this method needs for these actions and triggers (unknown names need none),
    /// those included that the method always asks for: sorted, and without what comes with another.
    pub fn least_scopes<S: AsRef<str>>(&self, method: &AuthMethod, actions: &[S], triggers: &[S]) -> Vec<String> {
        let named = |list: &[S], name: &str| list.iter().any(|n| n.as_ref() == name);
        let of_actions = self.actions().iter().filter(|a| named(actions, &a.info().name)).flat_map(|a| &a.info().scopes);
        let of_triggers =
            self.triggers().iter().filter(|t| named(triggers, &t.info().name)).flat_map(|t| &t.info().scopes);
        let mut all: Vec<String> = of_actions.chain(of_triggers).filter_map(|s| method.scopes.name(s)).collect();
        all.extend(method.grant.oauth().map(|o| o.fixed_scopes.clone()).unwrap_or_default());
        all.sort();
        all.dedup();
        let covered = |scope: &String| all.iter().any(|other| other != scope && method.scopes.holds(other, scope));
        all.iter().filter(|s| !covered(s)).cloned().collect()
    }
}
