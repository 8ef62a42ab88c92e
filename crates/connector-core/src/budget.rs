//! Budgets: rate limits as the service counts them, declared by a connector and kept by whatever sends.
//!
//! What lives here: [`Limit`] (`"100/min"`, `"5/s burst 20"`; its reading is in `limit`), what a service counts by ([`BudgetKey`]), the declaration
//! ([`BudgetSpec`], [`BudgetInfo`]) and which budgets one call uses ([`BudgetUse`]). What must not: counting and waiting,
//! which need a clock.

mod limit;

use std::{sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use limit::Limit;

/// The name of the limits that an operator sets for one connection. A connector's own budgets are called otherwise, since
/// budgets are told apart by name.
pub const CONNECTION: &str = "connection";

/// How urgent a call is. Within a budget the more urgent goes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Somebody waits for the answer.
    #[default]
    Interactive,
    /// An event started it.
    EventDriven,
    /// Nobody waits: a backfill, a sync, a check.
    Background,
}

impl Class {
    /// The word for it in logs and metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Interactive => "interactive",
            Self::EventDriven => "event_driven",
            Self::Background => "background",
        }
    }

    /// How long a call of this class waits for its turn at most, unless told.
    pub const fn longest_wait(self) -> Duration {
        Duration::from_secs(match self {
            Self::Interactive => 30,
            Self::EventDriven => 120,
            Self::Background => 600,
        })
    }
}

/// One thing that a service counts by; a budget's key is a list of them. What a connection lacks is its own id instead,
/// so that nothing is shared by mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BudgetKey<S = &'static str> {
    /// The credential in this secret param: connections with the same token share.
    Secret(S),
    /// The value of this param, such as a site's address.
    Param(S),
    /// Who the connection is at the service, as its validator learned, such as `team_id`.
    Identity(S),
    /// The value at this JSON pointer in the action's input, such as `/channel`.
    Input(S),
    /// The endpoint's name: each method of the service has a budget of its own.
    Endpoint,
    /// The connection.
    Connection,
}

impl BudgetKey {
    fn owned(self) -> BudgetKey<String> {
        match self {
            Self::Secret(s) => BudgetKey::Secret(s.to_owned()),
            Self::Param(s) => BudgetKey::Param(s.to_owned()),
            Self::Identity(s) => BudgetKey::Identity(s.to_owned()),
            Self::Input(s) => BudgetKey::Input(s.to_owned()),
            Self::Endpoint => BudgetKey::Endpoint,
            Self::Connection => BudgetKey::Connection,
        }
    }
}

/// Which requests use a budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Applies {
    /// Those of every action, but for actions that name a budget which replaces it.
    ToAll,
    /// Those of actions that name it.
    ToNamed,
}

/// What a request costs of a budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cost {
    /// What the action says; 1 unless told.
    Action,
    /// By what the request does.
    ByMethod {
        /// Of GET, HEAD and OPTIONS.
        read: u32,
        /// Of all others; 0: they use nothing.
        write: u32,
    },
}

/// A budget as its author declares it.
#[derive(Debug, Clone, Copy)]
pub struct BudgetSpec {
    name: &'static str,
    summary: &'static str,
    limits: &'static [&'static str],
    key: &'static [BudgetKey],
    applies: Applies,
    replaces: &'static [&'static str],
    cost: Cost,
    learns: bool,
    only_if: Option<(&'static str, &'static str)>,
}

impl BudgetSpec {
    /// A budget of that name (lower_snake_case) with all its limits at once, such as `&["5/s", "1000/h"]`, that every
    /// request uses. The summary says what the service counts.
    ///
    /// # Panics
    /// At compile time, when a limit cannot be read.
    pub const fn new(name: &'static str, summary: &'static str, limits: &'static [&'static str]) -> Self {
        let mut rest = limits;
        while let [first, others @ ..] = rest {
            assert!(Limit::parse(first).is_ok(), "a limit is written like `100/min` or `5/s burst 20`");
            rest = others;
        }
        Self {
            name,
            summary,
            limits,
            key: &[BudgetKey::Connection],
            applies: Applies::ToAll,
            replaces: &[],
            cost: Cost::Action,
            learns: true,
            only_if: None,
        }
    }

    /// What the service counts by; the connection unless told.
    pub const fn key(mut self, key: &'static [BudgetKey]) -> Self {
        self.key = key;
        self
    }

    /// Only actions that name it use it.
    pub const fn named(mut self) -> Self {
        self.applies = Applies::ToNamed;
        self
    }

    /// Only actions that name it use it, and these budgets are not theirs then: the service counts them elsewhere.
    pub const fn replaces(mut self, budgets: &'static [&'static str]) -> Self {
        self.replaces = budgets;
        self.named()
    }

    /// What a request costs; what its action says unless told.
    pub const fn cost(mut self, cost: Cost) -> Self {
        self.cost = cost;
        self
    }

    /// The rate headers of answers are about another budget.
    pub const fn deaf(mut self) -> Self {
        self.learns = false;
        self
    }

    /// The rate headers of an answer are about this budget only if this header has this value, such as
    /// `x-ratelimit-resource: search`.
    pub const fn learns_if(mut self, header: &'static str, value: &'static str) -> Self {
        self.only_if = Some((header, value));
        self
    }
}

/// A budget's description.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BudgetInfo {
    /// Name, unique in the connector.
    pub name: String,
    /// What the service counts.
    pub summary: String,
    /// The limits; all hold at once.
    pub limits: Vec<Limit>,
    /// What the service counts by.
    pub key: Vec<BudgetKey<String>>,
    /// Which requests use it.
    pub applies: Applies,
    /// The budgets that actions which name this one do not use.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub replaces: Vec<String>,
    /// What a request costs.
    pub cost: Cost,
    /// Whether the rate headers of answers are about it.
    pub learns: bool,
    /// Only answers with this header and value are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub only_if: Option<(String, String)>,
}

impl From<&BudgetSpec> for BudgetInfo {
    fn from(s: &BudgetSpec) -> Self {
        Self {
            name: s.name.to_owned(),
            summary: s.summary.to_owned(),
            // Every text was read once when the const was made.
            limits: s.limits.iter().filter_map(|t| Limit::parse(t).ok()).collect(),
            key: s.key.iter().map(|k| k.owned()).collect(),
            applies: s.applies,
            replaces: s.replaces.iter().map(|n| (*n).to_owned()).collect(),
            cost: s.cost,
            learns: s.learns,
            only_if: s.only_if.map(|(h, v)| (h.to_owned(), v.to_owned())),
        }
    }
}

impl BudgetInfo {
    /// What an operator allows one connection, whatever the service would. No answer is about it.
    pub(crate) fn of_connection(limits: Vec<Limit>) -> Self {
        Self {
            name: CONNECTION.to_owned(),
            summary: "The connection's own limits.".to_owned(),
            limits,
            key: vec![BudgetKey::Connection],
            applies: Applies::ToAll,
            replaces: Vec::new(),
            cost: Cost::Action,
            learns: false,
            only_if: None,
        }
    }
}

/// One part of the key under which a call is counted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum KeyPart {
    /// This text.
    Text(String),
    /// The credential in this secret param, which only the transport can look at.
    Secret(String),
    /// The request's endpoint.
    Endpoint,
}

/// A budget that a call uses.
#[derive(Debug, Clone)]
pub struct BudgetUse {
    /// The budget.
    pub budget: Arc<BudgetInfo>,
    /// Where the call is counted in it.
    pub key: Vec<KeyPart>,
    /// What the action says that each of its requests costs.
    pub action_cost: u32,
}

impl BudgetUse {
    /// What a request with this method costs; 0: nothing.
    pub fn cost(&self, method: &http::Method) -> u32 {
        match self.budget.cost {
            Cost::Action => self.action_cost,
            Cost::ByMethod { read, .. } if method.is_safe() => read,
            Cost::ByMethod { write, .. } => write,
        }
    }
}

/// What an action's declaration says of budgets.
#[derive(Clone, Copy)]
pub(crate) struct Wants<'a, S> {
    pub(crate) budgets: &'a [S],
    pub(crate) cost: u32,
}

/// Whom a call is counted for.
pub(crate) struct Who<'a> {
    pub(crate) connection: &'a str,
    pub(crate) values: &'a Map<String, Value>,
    pub(crate) identity: &'a std::collections::BTreeMap<String, String>,
}

/// The budgets that a call of an action uses, narrow ones (named) first.
pub(crate) fn uses<S: AsRef<str>>(
    declared: &[Arc<BudgetInfo>],
    wants: Wants<'_, S>,
    who: &Who<'_>,
    input: Option<&Value>,
) -> Arc<[BudgetUse]> {
    let named = |b: &BudgetInfo| wants.budgets.iter().any(|n| n.as_ref() == b.name);
    let replaced = |b: &BudgetInfo| declared.iter().any(|by| named(by) && by.replaces.contains(&b.name));
    let mut used: Vec<BudgetUse> = declared
        .iter()
        .filter(|b| named(b) || b.applies == Applies::ToAll && !replaced(b))
        .map(|b| BudgetUse {
            budget: b.clone(),
            key: b.key.iter().map(|k| part(k, who, input)).collect(),
            action_cost: wants.cost,
        })
        .collect();
    used.sort_by_key(|u| !named(&u.budget));
    used.into()
}

fn part(key: &BudgetKey<String>, who: &Who<'_>, input: Option<&Value>) -> KeyPart {
    let own = || format!("connection:{}", who.connection);
    KeyPart::Text(match key {
        BudgetKey::Secret(id) => return KeyPart::Secret(id.clone()),
        BudgetKey::Endpoint => return KeyPart::Endpoint,
        BudgetKey::Connection => own(),
        BudgetKey::Param(id) => who.values.get(id).map_or_else(own, text),
        BudgetKey::Identity(id) => who.identity.get(id).cloned().unwrap_or_else(own),
        // A call without the value is counted with all others without it.
        BudgetKey::Input(pointer) => input.and_then(|i| i.pointer(pointer)).map_or_else(String::new, text),
    })
}

fn text(v: &Value) -> String {
    v.as_str().map_or_else(|| v.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests;
