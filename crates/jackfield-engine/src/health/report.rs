//! Reports: how connections are and were, for people and programs.

use std::collections::BTreeMap;

use connector_core::auth::TokenStatus;
use jackfield_store::{
    CallTally, CheckRecord, Connection, DayTally, DisabledBecause, HealthRecord, HealthState, Outcome,
};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::{KEPT, before, day_of, hour_of};
use crate::{Engine, Result, flow::FlowDefinition};

/// Days of a summary, today included.
const DAYS: i64 = 14;
/// Days of a detail, today included.
const ALL_DAYS: i64 = 30;

/// Calls by how they ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Sums {
    /// Did what was asked.
    pub success: u64,
    /// Ended before or by us, or wrong themselves.
    pub halted: u64,
    /// The service or the credentials failed.
    pub failure: u64,
}

impl Sums {
    fn add(&mut self, outcome: Outcome, count: u64) {
        let sum = match outcome {
            Outcome::Success => &mut self.success,
            Outcome::Halted => &mut self.halted,
            Outcome::Failure => &mut self.failure,
        };
        *sum = sum.saturating_add(count);
    }

    fn of<'a>(tallies: impl Iterator<Item = &'a DayTally>) -> Self {
        let mut out = Self::default();
        tallies.for_each(|t| out.add(t.outcome, t.count));
        out
    }
}

/// The calls of an hour or a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HourCounts {
    /// Its start.
    pub at: Timestamp,
    /// How they ended.
    #[serde(flatten)]
    pub sums: Sums,
}

/// The calls of an action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ActionCounts {
    /// The action.
    pub action: String,
    /// How they ended.
    #[serde(flatten)]
    pub sums: Sums,
    /// How many ended with each kind of error.
    pub kinds: BTreeMap<String, u64>,
    /// When the last one ended.
    pub last_at: Timestamp,
}

/// The failure that was counted last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LastFailure {
    /// The action.
    pub action: String,
    /// The error's kind.
    pub kind: String,
    /// When.
    pub at: Timestamp,
}

/// How a connection's tokens are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AuthHealth {
    /// The auth method.
    pub method: String,
    /// How they are.
    pub state: &'static str,
    /// Why.
    pub reason: Option<String>,
    /// Since when.
    pub since: Timestamp,
    /// When the access token ends.
    pub expires_at: Option<Timestamp>,
    /// Scopes that were granted.
    pub scopes: Vec<String>,
}

impl From<TokenStatus> for AuthHealth {
    fn from(s: TokenStatus) -> Self {
        Self {
            method: s.method,
            state: s.state.as_str(),
            reason: s.reason,
            since: s.since,
            expires_at: s.expires_at,
            scopes: s.scopes,
        }
    }
}

/// An enabled flow that a connection's events start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Feeds {
    /// The flow.
    pub flow: String,
    /// The event types that start it, as it says.
    pub event: String,
}

/// What depends on a connection.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Affected {
    /// The enabled flows that call it.
    pub flows: Vec<String>,
    /// The enabled flows that its events start.
    pub feeds: Vec<Feeds>,
}

impl Affected {
    fn of(connection: &Connection, flows: &[(jackfield_store::Flow, FlowDefinition)]) -> Self {
        let mut out = Self::default();
        for (flow, d) in flows {
            if d.steps.iter().any(|s| s.connection == connection.id) {
                out.flows.push(flow.id.clone());
            }
            if d.on.connector == connection.connector && d.on.connection.as_ref().is_none_or(|c| *c == connection.id) {
                out.feeds.push(Feeds { flow: flow.id.clone(), event: d.on.event.clone() });
            }
        }
        out
    }
}

/// How a connection is.
#[derive(Debug, Clone, Serialize)]
pub struct ConnectionHealth {
    /// Its id.
    pub id: String,
    /// The connector's id.
    pub connector: String,
    /// What people call it.
    pub name: String,
    /// Whether it takes webhooks and calls.
    pub enabled: bool,
    /// How it is.
    pub state: HealthState,
    /// Why.
    pub reason: Option<String>,
    /// Since when; none where nothing was ever known.
    pub since: Option<Timestamp>,
    /// Why the gateway switched it off; none if a person did, or it is on.
    pub disabled_because: Option<DisabledBecause>,
    /// The last check.
    pub check: Option<CheckRecord>,
    /// Its tokens, if it has any.
    pub auth: Option<AuthHealth>,
    /// What depends on it.
    pub affected: Affected,
    /// The calls of the last 24 hours, whole hours counted.
    pub last_24h: Sums,
    /// The calls of the last 7 days, whole hours counted.
    pub last_7d: Sums,
    /// The calls by UTC day, oldest first, days without calls included; today is the last.
    pub days: Vec<HourCounts>,
    /// The last failure that was counted.
    pub last_failure: Option<LastFailure>,
}

/// How a connection is, with all that was counted.
#[derive(Debug, Clone, Serialize)]
pub struct HealthDetail {
    /// How it is.
    #[serde(flatten)]
    pub summary: ConnectionHealth,
    /// The calls by hour, oldest first; hours without calls are left out.
    pub hours: Vec<HourCounts>,
    /// The calls by action, by name.
    pub actions: Vec<ActionCounts>,
}

/// What a report of one connection is made of.
struct Parts {
    record: Option<HealthRecord>,
    auth: Option<TokenStatus>,
    affected: Affected,
    day: Sums,
    week: Sums,
    days: Vec<DayTally>,
    last_failure: Option<CallTally>,
}

impl Engine {
    /// How all connections are, by id.
    ///
    /// # Errors
    /// The store's.
    pub async fn health(&self) -> Result<Vec<ConnectionHealth>> {
        self.reports(None, DAYS).await
    }

    /// How a connection is and was, of one action or of all.
    ///
    /// # Errors
    /// `NotFound`; the store's.
    pub async fn connection_health(&self, id: &str, action: Option<&str>) -> Result<HealthDetail> {
        let found = self.inner.store.connection(id).await?;
        let summary = self.reports(Some(found), ALL_DAYS).await?.pop();
        let summary = summary.ok_or_else(|| connector_core::Error::internal("a report of one connection is empty"))?;
        let mut hours: BTreeMap<Timestamp, Sums> = BTreeMap::new();
        let mut actions: BTreeMap<String, ActionCounts> = BTreeMap::new();
        let calls = self.inner.store.calls(id, before(self.now(), KEPT)).await?;
        for t in calls.into_iter().filter(|t| action.is_none_or(|a| a == t.key.action)) {
            hours.entry(t.key.hour).or_default().add(t.key.outcome, t.count);
            let a = actions.entry(t.key.action.clone()).or_insert_with(|| ActionCounts {
                action: t.key.action,
                sums: Sums::default(),
                kinds: BTreeMap::new(),
                last_at: t.last_at,
            });
            a.sums.add(t.key.outcome, t.count);
            a.last_at = a.last_at.max(t.last_at);
            if !t.key.kind.is_empty() {
                *a.kinds.entry(t.key.kind).or_default() += t.count;
            }
        }
        Ok(HealthDetail {
            summary,
            hours: hours.into_iter().map(|(at, sums)| HourCounts { at, sums }).collect(),
            actions: actions.into_values().collect(),
        })
    }

    async fn reports(&self, one: Option<Connection>, days: i64) -> Result<Vec<ConnectionHealth>> {
        self.flush_calls().await?;
        let (store, now) = (&self.inner.store, self.now());
        let only = one.as_ref().map(|c| c.id.clone());
        let mut records: BTreeMap<String, HealthRecord> = match &only {
            Some(id) => store.health(id).await?.map(|r| (id.clone(), r)).into_iter().collect(),
            None => store.healths().await?.into_iter().collect(),
        };
        let mut tokens: BTreeMap<String, TokenStatus> = store.token_statuses().await?.into_iter().collect();
        let flows = self.enabled_flows().await?;
        let first = day_of(before(now, SignedDuration::from_hours(24 * (days - 1))));
        let since = |hours: i64| hour_of(before(now, SignedDuration::from_hours(hours)));
        let mut by_day = grouped(store.call_days(only.clone(), first).await?);
        let mut last_day = grouped(store.call_sums(only.clone(), since(24)).await?);
        let mut last_week = grouped(store.call_sums(only.clone(), since(7 * 24)).await?);
        let failures = store.last_failures(only, before(now, KEPT)).await?;
        let mut failures: BTreeMap<String, CallTally> =
            failures.into_iter().map(|t| (t.key.connection.clone(), t)).collect();
        let connections = match one {
            Some(c) => vec![c],
            None => store.connections().await?,
        };
        let report = |c: Connection| {
            let parts = Parts {
                record: records.remove(&c.id),
                auth: tokens.remove(&c.id),
                affected: Affected::of(&c, &flows),
                day: Sums::of(last_day.remove(&c.id).unwrap_or_default().iter()),
                week: Sums::of(last_week.remove(&c.id).unwrap_or_default().iter()),
                days: by_day.remove(&c.id).unwrap_or_default(),
                last_failure: failures.remove(&c.id),
            };
            summary(c, parts, first, days)
        };
        Ok(connections.into_iter().map(report).collect())
    }

    /// What depends on a connection.
    pub(super) async fn affected(&self, connection: &Connection) -> Result<Affected> {
        Ok(Affected::of(connection, &self.enabled_flows().await?))
    }
}

fn grouped(tallies: Vec<DayTally>) -> BTreeMap<String, Vec<DayTally>> {
    let mut out: BTreeMap<String, Vec<DayTally>> = BTreeMap::new();
    for t in tallies {
        out.entry(t.connection.clone()).or_default().push(t);
    }
    out
}

fn summary(c: Connection, p: Parts, first: Timestamp, days: i64) -> ConnectionHealth {
    let day = |i: i64| {
        let at = first.saturating_add(SignedDuration::from_hours(24 * i)).unwrap_or(first);
        HourCounts { at, sums: Sums::of(p.days.iter().filter(|t| t.day == at)) }
    };
    let days = (0..days).map(day).collect();
    // What a declaration switched a moment ago was not looked at yet.
    let record = p.record;
    let state = match &record {
        _ if !c.enabled => HealthState::Disabled,
        Some(r) if r.state != HealthState::Disabled => r.state,
        _ => HealthState::Unknown,
    };
    let looked = record.as_ref().filter(|r| r.state == state);
    ConnectionHealth {
        state,
        reason: looked.and_then(|r| r.reason.clone()),
        since: looked.map(|r| r.since),
        disabled_because: record.as_ref().and_then(|r| r.disabled_because.clone()).filter(|_| !c.enabled),
        check: record.and_then(|r| r.check),
        auth: p.auth.map(Into::into),
        affected: p.affected,
        last_24h: p.day,
        last_7d: p.week,
        days,
        last_failure: p.last_failure.map(|t| LastFailure { action: t.key.action, kind: t.key.kind, at: t.last_at }),
        id: c.id,
        connector: c.connector,
        name: c.name,
        enabled: c.enabled,
    }
}
