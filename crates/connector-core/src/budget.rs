//! Budgets: rate limits as the service counts them, declared by a connector and kept by whatever sends.
//!
//! What lives here: [`Limit`] (`"100/min"`, `"5/s burst 20"`), what a service counts by ([`BudgetKey`]), the declaration
//! ([`BudgetSpec`], [`BudgetInfo`]) and which budgets one call uses ([`BudgetUse`]). What must not: counting and waiting,
//! which need a clock.

use std::{fmt, str::FromStr, sync::Arc, time::Duration};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

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

/// A rate limit: so many in a window, or a rate with a burst.
///
/// - `"100/min"`: at most 100 in **any** minute.
/// - `"5/s burst 20"`: a bucket of 20 that is refilled with 5 a second.
/// - `"100/10s"`: at most 100 in any ten seconds.
///
/// Units: `s`, `min`, `h`, `d`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Limit {
    count: u32,
    window_secs: u32,
    burst: Option<u32>,
}

impl Limit {
    /// Reads a limit. For consts: a wrong text in a [`BudgetSpec`] does not compile.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub const fn parse(text: &str) -> Result<Self, &'static str> {
        let b = text.as_bytes();
        let (count, at) = number(b, 0);
        if count == 0 {
            return Err("begins with how many, a number from 1 on");
        }
        let at = spaces(b, at);
        if at >= b.len() || byte(b, at) != b'/' {
            return Err("has `/` and a unit after the number");
        }
        let at = spaces(b, at + 1);
        let (many, at) = number(b, at);
        let (unit, at) = match unit(b, at) {
            Some(found) => found,
            None => return Err("has one of the units s, min, h, d after the `/`"),
        };
        let window_secs = match unit.checked_mul(if many == 0 { 1 } else { many }) {
            Some(w) => w,
            None => return Err("has a window that is too long"),
        };
        let at = spaces(b, at);
        if at == b.len() {
            return Ok(Self { count, window_secs, burst: None });
        }
        let at = match word(b, at, b"burst") {
            Some(at) => spaces(b, at),
            None => return Err("may only have `burst` and a number after the unit"),
        };
        let (burst, at) = number(b, at);
        if burst == 0 || at != b.len() {
            return Err("has a number from 1 on after `burst`, and nothing more");
        }
        Ok(Self { count, window_secs, burst: Some(burst) })
    }

    /// How many in a window.
    pub const fn count(self) -> u32 {
        self.count
    }

    /// The window.
    pub const fn window(self) -> Duration {
        Duration::from_secs(self.window_secs as u64)
    }

    /// The bucket's size, where the limit is a rate with a burst.
    pub const fn burst(self) -> Option<u32> {
        self.burst
    }

    /// The same window and burst with another number: what a service's own headers say the limit is.
    #[must_use]
    pub const fn with_count(self, count: u32) -> Self {
        Self { count: if count == 0 { 1 } else { count }, ..self }
    }

    /// How it is kept by a bucket that starts full: its size, and the time in which one is refilled.
    ///
    /// Where the service counts windows, a full bucket and what is refilled meanwhile must not exceed the window
    /// together, so the bucket is a tenth of the limit and the refill a little slower than the limit (and 2 % on top, since
    /// requests may arrive closer together than they left).
    pub fn pace(self) -> (u32, Duration) {
        match self.burst {
            Some(burst) => (burst, self.window() / self.count),
            None => {
                let bucket = (self.count / 10).max(1);
                (bucket, (self.window() / (self.count - bucket + 1)).mul_f64(1.02))
            }
        }
    }
}

const fn byte(b: &[u8], at: usize) -> u8 {
    match b.split_at(at).1 {
        [first, ..] => *first,
        [] => 0,
    }
}

const fn number(b: &[u8], mut at: usize) -> (u32, usize) {
    let mut n: u32 = 0;
    while at < b.len() && byte(b, at).is_ascii_digit() {
        n = n.saturating_mul(10).saturating_add((byte(b, at) - b'0') as u32);
        at += 1;
    }
    (n, at)
}

const fn spaces(b: &[u8], mut at: usize) -> usize {
    while at < b.len() && byte(b, at) == b' ' {
        at += 1;
    }
    at
}

const fn word(b: &[u8], at: usize, word: &[u8]) -> Option<usize> {
    let mut i = 0;
    while i < word.len() {
        if at + i >= b.len() || byte(b, at + i) != byte(word, i) {
            return None;
        }
        i += 1;
    }
    Some(at + word.len())
}

const fn unit(b: &[u8], at: usize) -> Option<(u32, usize)> {
    if let Some(at) = word(b, at, b"min") {
        return Some((60, at));
    }
    if let Some(at) = word(b, at, b"s") {
        return Some((1, at));
    }
    if let Some(at) = word(b, at, b"h") {
        return Some((3600, at));
    }
    match word(b, at, b"d") {
        Some(at) => Some((86_400, at)),
        None => None,
    }
}

impl FromStr for Limit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::parse(text)
            .map_err(|why| format!("`{text}` is no limit: a limit {why}, such as `100/min` or `5/s burst 20`"))
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (n, unit) = match self.window_secs {
            s if s.is_multiple_of(86_400) => (s / 86_400, "d"),
            s if s.is_multiple_of(3600) => (s / 3600, "h"),
            s if s.is_multiple_of(60) => (s / 60, "min"),
            s => (s, "s"),
        };
        match n {
            1 => write!(f, "{}/{unit}", self.count)?,
            n => write!(f, "{}/{n}{unit}", self.count)?,
        }
        match self.burst {
            Some(b) => write!(f, " burst {b}"),
            None => Ok(()),
        }
    }
}

impl Serialize for Limit {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
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
    fn to_owned(self) -> BudgetKey<String> {
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
    /// Those of every action.
    ToAll,
    /// Those of actions that name no budget.
    ToTheRest,
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

    /// Which requests use it; all unless told.
    pub const fn applies(mut self, applies: Applies) -> Self {
        self.applies = applies;
        self
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
            key: s.key.iter().map(|k| k.to_owned()).collect(),
            applies: s.applies,
            cost: s.cost,
            learns: s.learns,
            only_if: s.only_if.map(|(h, v)| (h.to_owned(), v.to_owned())),
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
    let mut used: Vec<BudgetUse> = declared
        .iter()
        .filter(|b| match b.applies {
            Applies::ToAll => true,
            Applies::ToTheRest => wants.budgets.is_empty(),
            Applies::ToNamed => named(b),
        })
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
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn limits_are_read_and_written_back() {
        for (text, count, secs, burst) in [
            ("100/min", 100, 60, None),
            ("5/s burst 20", 5, 1, Some(20)),
            ("100/10s", 100, 10, None),
            ("5000/h", 5000, 3600, None),
            ("1/d", 1, 86_400, None),
        ] {
            let limit: Limit = text.parse().unwrap();
            assert_eq!((limit.count(), limit.window().as_secs(), limit.burst()), (count, secs, burst), "{text}");
            assert_eq!(limit.to_string(), text);
            assert_eq!(serde_json::from_value::<Limit>(json!(text)).unwrap(), limit);
        }
        assert_eq!("7 / 2 min".parse::<Limit>().unwrap().to_string(), "7/2min");
        for (text, words) in [
            ("", "begins with how many"),
            ("0/s", "begins with how many"),
            ("-1/s", "begins with how many"),
            ("5", "`/` and a unit"),
            ("5/week", "units s, min, h, d"),
            ("5/s bust 3", "may only have `burst`"),
            ("5/s burst", "number from 1 on after `burst`"),
            ("5/s burst 3 4", "nothing more"),
            ("5/99999999d", "too long"),
        ] {
            let e = text.parse::<Limit>().unwrap_err();
            assert!(e.contains(words), "{text}: {e}");
        }
    }

    /// A bucket kept as [`Limit::pace`] says never lets more through than the limit in any window.
    #[test]
    fn no_window_is_overrun() {
        for text in ["1/min", "2/s", "20/min", "50/min", "100/10s", "5000/h", "900/min"] {
            let limit: Limit = text.parse().unwrap();
            let (bucket, refill) = limit.pace();
            // The worst window begins with a full bucket and takes each refill at once.
            let refilled = (limit.window().as_secs_f64() / refill.as_secs_f64()).ceil() as u32 - 1;
            assert!(bucket + refilled <= limit.count(), "{text}: {bucket} + {refilled}");
            assert!(f64::from(bucket + refilled) >= 0.85 * f64::from(limit.count()) - 1.0, "{text} wastes too much");
        }
        let (bucket, refill) = "5/s burst 20".parse::<Limit>().unwrap().pace();
        assert_eq!((bucket, refill), (20, Duration::from_millis(200)));
    }

    #[test]
    fn a_call_uses_what_its_action_names_and_what_is_for_all() {
        const TIER: BudgetSpec = BudgetSpec::new("tier", "A tier.", &["20/min"])
            .key(&[BudgetKey::Identity("team"), BudgetKey::Endpoint])
            .applies(Applies::ToNamed);
        const REST: BudgetSpec =
            BudgetSpec::new("rest", "The rest.", &["5000/h"]).key(&[BudgetKey::Secret("token")]).applies(Applies::ToTheRest);
        const ALL: BudgetSpec = BudgetSpec::new("all", "All.", &["900/min"])
            .key(&[BudgetKey::Param("site"), BudgetKey::Input("/to")])
            .cost(Cost::ByMethod { read: 1, write: 5 });
        let declared: Vec<Arc<BudgetInfo>> = [ALL, REST, TIER].iter().map(|s| Arc::new(s.into())).collect();
        let (values, identity) = (Map::new(), [("team".to_owned(), "T1".to_owned())].into());
        let who = Who { connection: "c1", values: &values, identity: &identity };
        let input = json!({"to": 7});
        let names = |used: &[BudgetUse]| used.iter().map(|u| u.budget.name.clone()).collect::<Vec<_>>();

        let used = uses(&declared, Wants { budgets: &["tier"], cost: 3 }, &who, Some(&input));
        assert_eq!(names(&used), ["tier", "all"]);
        assert_eq!(used[0].key, [KeyPart::Text("T1".into()), KeyPart::Endpoint]);
        assert_eq!(used[1].key, [KeyPart::Text("connection:c1".into()), KeyPart::Text("7".into())]);
        assert_eq!((used[0].cost(&http::Method::POST), used[1].cost(&http::Method::POST)), (3, 5));
        assert_eq!(used[1].cost(&http::Method::GET), 1);

        let used = uses::<&str>(&declared, Wants { budgets: &[], cost: 1 }, &who, None);
        assert_eq!(names(&used), ["all", "rest"]);
        assert_eq!(used[1].key, [KeyPart::Secret("token".into())]);
        assert_eq!(used[0].key[1], KeyPart::Text(String::new()));
    }
}
