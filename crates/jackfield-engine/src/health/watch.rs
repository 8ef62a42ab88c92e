//! What goes on beside the dispatcher: states looked at, checks made, old counts forgotten, the gauge set.

use std::{collections::BTreeMap, time::Duration};

use jackfield_store::{HealthState, Outcome, StoreError};
use tokio::{sync::watch, time::Instant};

use super::{KEPT, before, change::News, hour_of, judge::RECENT};
use crate::{Engine, Result, error::EngineError};

/// How often all connections are looked at.
const ALL: Duration = Duration::from_secs(60);
/// The shortest pause between two looks.
const SHORTEST: Duration = Duration::from_millis(50);
/// Name of the gauge.
const CONNECTIONS: &str = "jackfield_connections";

impl Engine {
    /// Looks after connections until `stop` turns true.
    pub(crate) async fn watch_health(&self, mut stop: watch::Receiver<bool>) {
        metrics::describe_gauge!(CONNECTIONS, "connections by state of their health");
        let mut looked: Option<Instant> = None;
        let pause = self.inner.options.audit_interval.max(SHORTEST);
        while !*stop.borrow() {
            let mut done = self.tend().await;
            if looked.is_none_or(|at| at.elapsed() >= ALL) {
                looked = Some(Instant::now());
                done = done.and(self.tend_all().await);
                // Checks wait for services: what changed meanwhile is looked at all the same.
                let engine = self.clone();
                tokio::spawn(async move {
                    if let Err(e) = engine.run_due_checks().await {
                        tracing::error!(error = %e, "checks could not be made");
                    }
                });
            }
            if let Err(e) = done {
                tracing::error!(error = %e, "the health of connections could not be kept");
            }
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                _ = stop.changed() => {}
            }
        }
    }

    /// Writes what was counted and looks at the connections whose state may be another by that. Whoever runs
    /// [`Engine::dispatch`] need not call it.
    ///
    /// # Errors
    /// The store's.
    pub async fn tend(&self) -> Result<()> {
        let (changed, fatal) = self.inner.vitals.counts.take_changed();
        self.flush_calls().await?;
        for id in changed {
            self.look_at(&id, News::default()).await?;
        }
        for (id, code) in fatal {
            let engine = self.clone();
            tokio::spawn(async move {
                let Some(_working) = engine.inner.vitals.begin(&id) else { return };
                match engine.verify_gone(&id, code).await {
                    Ok(()) | Err(EngineError::Store(StoreError::NotFound(..))) => {}
                    Err(e) => tracing::error!(connection = %id, error = %e, "what is gone could not be checked"),
                }
            });
        }
        Ok(())
    }

    /// Looks at all connections whose state may be another by now, forgets old counts, and sets the gauge. Whoever runs
    /// [`Engine::dispatch`] need not call it.
    ///
    /// # Errors
    /// The store's.
    pub async fn tend_all(&self) -> Result<()> {
        let store = &self.inner.store;
        let now = self.now();
        let mut states: BTreeMap<String, HealthState> =
            store.healths().await?.into_iter().map(|(id, r)| (id, r.state)).collect();
        let tokens: BTreeMap<_, _> = store.token_statuses().await?.into_iter().collect();
        let recent = store.call_sums(None, hour_of(before(now, RECENT))).await?;
        let mut gauge: BTreeMap<HealthState, u32> = HealthState::ALL.map(|s| (s, 0)).into();
        let connections = store.connections().await?;
        self.inner.vitals.forget_all_but(|id| connections.iter().any(|c| c.id == id));
        for c in connections {
            let state = states.remove(&c.id).unwrap_or_default();
            let called = |outcome| recent.iter().any(|t| t.connection == c.id && t.outcome == outcome);
            let look = match state {
                HealthState::Disabled => c.enabled,
                HealthState::Healthy => {
                    !c.enabled
                        || called(Outcome::Failure)
                        || tokens.get(&c.id).is_some_and(|t| t.state != connector_core::auth::AuthState::Healthy)
                }
                _ => true,
            };
            if look {
                self.look_at(&c.id, News::default()).await?;
            }
            let state = if look { self.inner.vitals.state(&c.id).unwrap_or(state) } else { state };
            self.inner.vitals.remember(&c.id, state);
            *gauge.entry(state).or_default() += 1;
        }
        for (state, count) in gauge {
            metrics::gauge!(CONNECTIONS, "state" => state.as_str()).set(f64::from(count));
        }
        while store.forget_calls(before(now, KEPT)).await? {}
        Ok(())
    }
}
