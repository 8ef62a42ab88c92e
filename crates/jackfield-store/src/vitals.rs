//! How connections fare: calls counted by hour, what is known of each connection's health, and what its actions look like.
//!
//! What lives here: the records and the trait. What must not: judging, which is the engine's.

use async_trait::async_trait;
use connector_core::{Event, FieldError, describe::Descriptors};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Result;

/// How a call ended, as health sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It did what was asked.
    Success,
    /// It was ended before or by us, or the request itself was wrong: neither the service nor the credentials were at fault.
    Halted,
    /// The service or the credentials failed.
    Failure,
}

/// What is counted together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct CallKey {
    /// The connection.
    pub connection: String,
    /// The action.
    pub action: String,
    /// The hour (start of it).
    pub hour: Timestamp,
    /// How it ended.
    pub outcome: Outcome,
    /// The error's kind; empty for a success.
    pub kind: String,
}

/// Calls counted together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CallTally {
    /// What they have in common.
    #[serde(flatten)]
    pub key: CallKey,
    /// How many.
    pub count: u64,
    /// When the last of them ended.
    pub last_at: Timestamp,
}

/// Calls of one connection in one UTC day that ended the same way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DayTally {
    /// The connection.
    pub connection: String,
    /// The day (start of it, UTC).
    pub day: Timestamp,
    /// How they ended.
    pub outcome: Outcome,
    /// How many.
    pub count: u64,
    /// When the last of them ended.
    pub last_at: Timestamp,
}

/// How a connection is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HealthState {
    /// It works.
    Healthy,
    /// It works in part: some calls fail, or renewing its credentials does.
    Degraded,
    /// It does not work.
    Failing,
    /// Nothing is known yet.
    #[default]
    Unknown,
    /// It is switched off, by a person or by the gateway.
    Disabled,
}

impl HealthState {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Healthy, Self::Degraded, Self::Failing, Self::Unknown, Self::Disabled];

    /// Its name, as it is written everywhere.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::Degraded => "degraded",
            Self::Failing => "failing",
            Self::Unknown => "unknown",
            Self::Disabled => "disabled",
        }
    }
}

/// What a check of a connection found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckRecord {
    /// Whether it works.
    pub ok: bool,
    /// When it was checked.
    pub at: Timestamp,
    /// Since when checks find the same, well or not.
    pub since: Timestamp,
    /// What is wrong, by param; empty if it works.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// What people recognize the account by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The scopes that were granted, where the service says.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<String>,
}

/// By which rule the gateway switched a connection off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DisableRule {
    /// The service says that the account or the app is gone, or the credentials were taken back.
    Fatal,
    /// A week of nothing but failures.
    WeekOfFailures,
}

impl DisableRule {
    /// Its name, as it is written everywhere.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fatal => "fatal",
            Self::WeekOfFailures => "week_of_failures",
        }
    }
}

/// Why the gateway switched a connection off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DisabledBecause {
    /// By which rule.
    pub rule: DisableRule,
    /// In words, for people.
    pub text: String,
    /// When.
    pub at: Timestamp,
}

/// What is known of a connection's health.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HealthRecord {
    /// How it is.
    pub state: HealthState,
    /// Why, for people; none where the state says all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Since when it is so.
    pub since: Timestamp,
    /// The last check.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check: Option<CheckRecord>,
    /// Why the gateway switched it off; none if a person did, or it is on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled_because: Option<DisabledBecause>,
    /// When it was last switched on: failures before count no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled_at: Option<Timestamp>,
}

/// A change of what is known of a connection's health, kept as one.
#[derive(Debug, Clone)]
pub struct HealthChange {
    /// The connection.
    pub connection: String,
    /// What is known now.
    pub record: HealthRecord,
    /// Switches the connection on or off, and sets its `updated_at`; none leaves it.
    pub enable: Option<(bool, Timestamp)>,
    /// What is told of it, to be matched with flows.
    pub events: Vec<Event>,
}

/// How one connection's actions look, as it was learned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DescriptorsRecord {
    /// Counts changes, from 1: it grows only when what is described differs.
    pub version: u64,
    /// When it was last described.
    pub described_at: Timestamp,
    /// What was learned.
    pub descriptors: Descriptors,
}

/// Keeps counts and checks of connections, and their descriptors. All of it goes with the connection.
#[async_trait]
pub trait VitalsStore: Send + Sync {
    /// Adds counts of calls. Those of a connection that is not there any more are dropped.
    async fn add_calls(&self, tallies: Vec<CallTally>) -> Result<()>;
    /// Counts by hour since then, oldest hour first, of one connection.
    async fn calls(&self, connection: &str, since: Timestamp) -> Result<Vec<CallTally>>;
    /// Counts by UTC day since then, of one connection or of all: by connection, oldest day first.
    async fn call_days(&self, connection: Option<String>, since: Timestamp) -> Result<Vec<DayTally>>;
    /// The sums of calls since then by connection and outcome, as one tally each, whose day is `since`; of one connection or
    /// of all.
    async fn call_sums(&self, connection: Option<String>, since: Timestamp) -> Result<Vec<DayTally>>;
    /// Of each connection (or of one) the failure that was counted last, since then.
    async fn last_failures(&self, connection: Option<String>, since: Timestamp) -> Result<Vec<CallTally>>;
    /// Forgets the counts of hours before then, a bounded number at a time. Returns whether there may be more.
    async fn forget_calls(&self, before: Timestamp) -> Result<bool>;
    /// What is known of a connection's health; none if nothing is.
    async fn health(&self, connection: &str) -> Result<Option<HealthRecord>>;
    /// What is known of all connections' health, by connection.
    async fn healths(&self) -> Result<Vec<(String, HealthRecord)>>;
    /// Keeps a change with its events, in one transaction. `NotFound` if the connection is not there.
    async fn change_health(&self, change: HealthChange) -> Result<()>;
    /// How a connection's actions look; none if that was never learned.
    async fn descriptors(&self, connection: &str) -> Result<Option<DescriptorsRecord>>;
    /// Keeps how a connection's actions look: with the next version if that differs from what is kept, else with the new
    /// time. Returns the version. `NotFound` if the connection is not there.
    async fn put_descriptors(&self, connection: &str, descriptors: Descriptors, at: Timestamp) -> Result<u64>;
}
