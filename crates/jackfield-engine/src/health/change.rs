//! Changes of state, and switching on and off: one at a time, each kept with the event that tells of it.

use connector_core::{Error, auth::TokenStatus};
use jackfield_store::{
    CheckRecord, Connection, DisableRule, DisabledBecause, HealthChange, HealthRecord, HealthState, StoreError,
};

use super::{
    KEPT, before,
    judge::{self, Evidence, RECENT, Recent},
};
use crate::{
    Engine,
    error::{EngineError, Result},
};

/// What is new of a connection when it is looked at.
#[derive(Default)]
pub(super) struct News {
    /// A check was made.
    pub(super) check: Option<CheckRecord>,
    /// The service said that it is gone for good, in this code, and a check agrees.
    pub(super) fatal: Option<String>,
    /// A person switches it on or off.
    pub(super) switch: Option<bool>,
}

/// Whether a change is told. That a connection works of which nothing was known is what everybody expects.
fn is_news(was: HealthState, is: HealthState) -> bool {
    was != is && (was, is) != (HealthState::Unknown, HealthState::Healthy)
}

impl Engine {
    /// Looks at a connection: what is known of it, and what follows.
    pub(super) async fn assess(&self, id: &str, news: News) -> Result<HealthRecord> {
        let mut last = self.inner.vitals.turn.lock().await;
        let store = &self.inner.store;
        let now = self.now();
        let mut connection = store.connection(id).await?;
        let kept = store.health(id).await?;
        let mut record = kept.clone().unwrap_or(HealthRecord {
            state: HealthState::Unknown,
            reason: None,
            since: now,
            check: None,
            disabled_because: None,
            enabled_at: None,
        });
        let was = record.state;
        if let Some(mut check) = news.check {
            if let Some(known) = record.check.as_ref().filter(|k| k.ok == check.ok) {
                check.since = known.since;
            }
            record.check = Some(check);
        }
        let mut enable = news.switch.filter(|on| *on != connection.enabled).map(|on| (on, now));
        if let Some((on, _)) = enable {
            connection.enabled = on;
        }
        // Also where a declaration switched it, and not this engine.
        if connection.enabled && was == HealthState::Disabled {
            record.enabled_at = Some(now);
            record.disabled_because = None;
        }
        let auth = self.auth_of(id).await?;
        let calls = store.calls(id, super::hour_of(before(now, RECENT))).await?;
        let recent = Recent::of(&calls, record.enabled_at);
        if connection.enabled
            && let Some(why) = self.to_disable(&record, news.fatal, auth.as_ref(), &recent, id).await?
        {
            tracing::warn!(connection = %id, rule = why.rule.as_str(), why = %why.text, "a connection is switched off");
            connection.enabled = false;
            enable = Some((false, now));
            record.disabled_because = Some(why);
        }
        let evidence = Evidence {
            enabled: connection.enabled,
            disabled_because: record.disabled_because.as_ref(),
            auth: auth.as_ref(),
            check: record.check.as_ref().filter(|c| record.enabled_at.is_none_or(|at| c.at >= at) || c.ok),
            recent: &recent,
            before: was,
            reason: record.reason.as_deref(),
        };
        (record.state, record.reason) = judge::judge(&evidence);
        let mut events = Vec::new();
        if record.state != was {
            record.since = now;
        }
        if is_news(was, record.state) {
            let affected = self.affected(&connection).await?;
            events.push(self.tell_of(&mut last, &connection, was, &record, &affected).await?);
            tracing::info!(connection = %id, before = was.as_str(), state = record.state.as_str(), reason = record.reason.as_deref(), "the health of a connection changed");
        }
        self.inner.vitals.remember(id, record.state);
        if kept.as_ref() == Some(&record) && enable.is_none() {
            return Ok(record);
        }
        let told = events.last().map(|e| e.id);
        let change = HealthChange { connection: id.to_owned(), record: record.clone(), enable, events };
        store.change_health(change).await?;
        if told.is_some() {
            *last = told;
            self.inner.vitals.told.send_replace(told);
            self.inner.wake.notify_one();
        }
        Ok(record)
    }

    /// What is known of a connection's tokens, if it has any.
    pub(super) async fn auth_of(&self, id: &str) -> Result<Option<TokenStatus>> {
        let all = self.inner.store.token_statuses().await?;
        Ok(all.into_iter().find(|(connection, _)| connection == id).map(|(_, status)| status))
    }

    /// By which rule it is to be switched off, if by any.
    async fn to_disable(
        &self,
        record: &HealthRecord,
        fatal: Option<String>,
        auth: Option<&TokenStatus>,
        recent: &Recent,
        id: &str,
    ) -> Result<Option<DisabledBecause>> {
        let (rules, now) = (&self.inner.options.disabling, self.now());
        if let Some(code) = fatal.filter(|_| rules.fatal) {
            let text = format!("the service says that the account or the app is gone (`{code}`), and the check agrees");
            return Ok(Some(DisabledBecause { rule: DisableRule::Fatal, text, at: now }));
        }
        if let Some(why) = judge::revoked(rules, auth, record.enabled_at, now) {
            return Ok(Some(why));
        }
        // Nothing but failures lately, before a month is read.
        if !rules.week_of_failures || recent.failure == 0 || recent.success > 0 {
            return Ok(None);
        }
        let days = self.inner.store.call_days(Some(id.to_owned()), before(now, KEPT)).await?;
        Ok(judge::week(rules, &days, record.enabled_at, now))
    }

    /// Switches a connection on or off; all else stays as it is. Failures from before it is switched on count no more.
    ///
    /// # Errors
    /// The store's.
    pub async fn enable_connection(&self, id: &str, enabled: bool) -> Result<Connection> {
        self.assess(id, News { switch: Some(enabled), ..News::default() }).await?;
        Ok(self.inner.store.connection(id).await?)
    }

    /// Switches a connection on again. One that the gateway switched off is checked first, where its connector can.
    ///
    /// # Errors
    /// `InvalidInput` with what the check found, if it still does not work: mend that, or use
    /// [`Engine::enable_connection`]. The store's.
    pub async fn enable_when_well(&self, id: &str) -> Result<Connection> {
        let record = self.inner.store.health(id).await?;
        if record.is_some_and(|r| r.disabled_because.is_some()) {
            let found = self.check_connection(id).await?;
            if !found.errors.is_empty() {
                let connector = self.inner.store.connection(id).await?.connector;
                return Err(Error::invalid_input(found.errors).with_connector(connector).into());
            }
        }
        self.enable_connection(id, true).await
    }

    /// Looks at a connection that may be gone by now.
    pub(super) async fn look_at(&self, id: &str, news: News) -> Result<()> {
        match self.assess(id, news).await {
            Ok(_) | Err(EngineError::Store(StoreError::NotFound(..))) => Ok(()),
            Err(e) => Err(e),
        }
    }
}
