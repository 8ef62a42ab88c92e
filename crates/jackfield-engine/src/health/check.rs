//! Checks of connections: asked for, and by schedule.

use std::{sync::Arc, time::Duration};

use connector_core::{Class, Connector, Validation};
use jackfield_store::{CheckRecord, Connection, HealthRecord, Outcome};
use jiff::{SignedDuration, Timestamp};

use super::{change::News, hour_of};
use crate::{Engine, Result};

/// How long one check may take in all, however many requests it makes.
const CHECK_TIME: Duration = Duration::from_secs(120);
/// Checks by schedule under way at once.
const AT_ONCE: usize = 4;
/// What a check found holds so long for whoever says that it is gone.
const CHECKED_ANEW: SignedDuration = SignedDuration::from_secs(60);
/// Descriptors are learned anew when they are as old as that.
const DESCRIBED_ANEW: SignedDuration = SignedDuration::from_hours(24);

impl Engine {
    /// Checks a connection by the connector's own validator, and keeps what that learned and how it went. Once it works, its
    /// actions are described anew.
    ///
    /// # Errors
    /// The store's. What the validator found wrong is in the result.
    pub async fn check_connection(&self, id: &str) -> Result<Validation> {
        let found = self.check_as(id, Class::Interactive).await?;
        if found.errors.is_empty() {
            self.describe_if_it_can(id, Class::Interactive).await;
        }
        Ok(found)
    }

    async fn check_as(&self, id: &str, class: Class) -> Result<Validation> {
        let found = match tokio::time::timeout(CHECK_TIME, self.validate_connection(id, class)).await {
            Ok(found) => found?,
            Err(_) => Validation::failed_whole(format!("the check did not end within {} s", CHECK_TIME.as_secs())),
        };
        let connection = self.inner.store.connection(id).await?;
        if self.inner.registry.get(&connection.connector).is_ok_and(|c| c.has_validator()) {
            let now = self.now();
            let check = CheckRecord {
                ok: found.errors.is_empty(),
                at: now,
                since: now,
                errors: found.errors.clone(),
                account: found.account.clone(),
                scopes: found.scopes.clone(),
            };
            self.look_at(id, News { check: Some(check), ..News::default() }).await?;
        }
        Ok(found)
    }

    async fn describe_if_it_can(&self, id: &str, class: Class) {
        // What was known before stays; whoever wants to know why asks for it.
        if let Err(e) = self.describe_as(id, class).await {
            tracing::info!(connection = %id, error = %e, "a connection could not be described");
        }
    }

    /// What the service said is gone: a check decides. Only a param that is wrong agrees; a service that cannot be asked
    /// says nothing.
    pub(super) async fn verify_gone(&self, id: &str, code: String) -> Result<()> {
        let connection = self.inner.store.connection(id).await?;
        let connector = self.inner.registry.get(&connection.connector)?;
        if !connection.enabled || !self.inner.options.disabling.fatal {
            return Ok(());
        }
        if connector.has_validator() {
            // It may say so again and again: once a minute is enough to ask.
            let last = self.inner.store.health(id).await?.and_then(|h| h.check);
            let errors = match last.filter(|c| self.now().duration_since(c.at) < CHECKED_ANEW) {
                Some(check) => check.errors,
                None => self.check_as(id, Class::Background).await?.errors,
            };
            if !errors.iter().any(|e| !e.pointer.is_empty()) {
                tracing::info!(connection = %id, %code, "the service said that it is gone, and the check does not agree");
                return Ok(());
            }
        }
        self.look_at(id, News { fatal: Some(code), ..News::default() }).await
    }

    /// Makes the checks that are due by schedule; gives how many it made. Whoever runs [`Engine::dispatch`] need not call it.
    ///
    /// # Errors
    /// The store's.
    pub async fn run_due_checks(&self) -> Result<usize> {
        use futures_util::{StreamExt as _, stream};
        let interval = self.inner.options.check_interval;
        if interval.is_zero() {
            return Ok(0);
        }
        let now = self.now();
        let healths: std::collections::BTreeMap<String, HealthRecord> =
            self.inner.store.healths().await?.into_iter().collect();
        let since = hour_of(super::before(now, SignedDuration::try_from(interval).unwrap_or(super::KEPT)));
        let worked: std::collections::BTreeMap<String, Timestamp> = self
            .inner
            .store
            .call_sums(None, since)
            .await?
            .into_iter()
            .filter(|t| t.outcome == Outcome::Success)
            .map(|t| (t.connection, t.last_at))
            .collect();
        let mut due = Vec::new();
        for c in self.inner.store.connections().await?.into_iter().filter(|c| c.enabled) {
            let Ok(connector) = self.inner.registry.get(&c.connector) else { continue };
            let checked = healths.get(&c.id).and_then(|h| h.check.as_ref()).map(|check| check.at);
            let last = checked.max(worked.get(&c.id).copied());
            if connector.has_validator() && now >= due_at(&c.id, last, self.inner.vitals.began, interval) {
                due.push((c, connector));
            }
        }
        let count = due.len();
        stream::iter(due).for_each_concurrent(AT_ONCE, |(c, connector)| self.scheduled(c, connector)).await;
        Ok(count)
    }

    async fn scheduled(&self, c: Connection, connector: Arc<Connector>) {
        let Some(_working) = self.inner.vitals.begin(&c.id) else { return };
        let found = match self.check_as(&c.id, Class::Background).await {
            Ok(found) => found,
            Err(e) => {
                tracing::warn!(connection = %c.id, error = %e, "a check could not be made");
                return;
            }
        };
        let described = self.inner.store.descriptors(&c.id).await.ok().flatten().map(|d| d.described_at);
        let old = described.is_none_or(|at| self.now().duration_since(at) > DESCRIBED_ANEW);
        if found.errors.is_empty() && connector.describe().is_some() && old {
            self.describe_if_it_can(&c.id, Class::Background).await;
        }
    }
}

/// When the next check is due: an interval after what was last known, a tenth earlier or later, so that connections that
/// were made together are not checked together; and within an interval after the gateway began, for what it missed.
fn due_at(id: &str, last: Option<Timestamp>, began: Timestamp, interval: Duration) -> Timestamp {
    let digest = ring::digest::digest(&ring::digest::SHA256, id.as_bytes());
    let part = f64::from(digest.as_ref().first().copied().unwrap_or_default()) / 255.0;
    let plus = |at: Timestamp, factor: f64| {
        let pause = SignedDuration::try_from(interval.mul_f64(factor)).unwrap_or(SignedDuration::MAX);
        at.saturating_add(pause).unwrap_or(Timestamp::MAX)
    };
    // Not in its first moments: it may be one of many that start.
    let first = plus(began, 0.1 + 0.9 * part);
    last.map_or(first, |at| plus(at, 0.9 + 0.2 * part).max(first))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checks_are_spread() {
        let (began, interval) = (Timestamp::UNIX_EPOCH, Duration::from_secs(3600));
        let seconds = |id: &str, last: Option<i64>| {
            due_at(id, last.map(|s| Timestamp::UNIX_EPOCH + SignedDuration::from_secs(s)), began, interval).as_second()
        };
        let ids: Vec<String> = (0..200).map(|i| format!("c{i}")).collect();
        let first: Vec<i64> = ids.iter().map(|id| seconds(id, None)).collect();
        assert!(first.iter().all(|s| (360..=3600).contains(s)));
        assert!(first.iter().any(|s| *s < 1000) && first.iter().any(|s| *s > 3000));
        assert!(ids.iter().all(|id| (10_000 + 3240..=10_000 + 3960).contains(&seconds(id, Some(10_000)))));
        assert_eq!(seconds("c1", Some(-100_000)), seconds("c1", None), "what was missed is not made up for at once");
    }
}
