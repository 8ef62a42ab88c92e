//! Dispatch: events become runs, runs become calls. One task finds work, as many as configured execute it.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Duration,
};

use connector_core::{Cancel, CapabilityKind, Error, ErrorKind, Event, Idempotency, RetryAdvice};
use futures_util::FutureExt as _;
use jackfield_store::{AttemptEnd, NewRun, Run, RunState};
use serde_json::Value;
use tokio::sync::{Semaphore, watch};

use crate::{Engine, Happening, error::Result, expression::Expressions, flow, inbox::new_id};

/// Events matched at once between two looks at the runs.
const BATCH: usize = 256;
/// The longest pause between two attempts.
const MAX_BACKOFF: Duration = Duration::from_secs(3600);
/// How long the dispatcher sleeps at most when nothing wakes it.
const IDLE: Duration = Duration::from_secs(30);

impl Engine {
    /// Settles what an earlier process left behind. Call once, before [`Engine::dispatch`].
    ///
    /// # Errors
    /// The store's.
    pub async fn recover(&self) -> Result<usize> {
        let interrupted = self.inner.store.interrupted_runs().await?;
        let count = interrupted.len();
        for run in interrupted {
            let e = Error::new(ErrorKind::Timeout, "the gateway stopped while this call was under way")
                .with_retry(RetryAdvice::Ambiguous);
            let end = self.judge(&run, Err(e)).await;
            self.inner.store.end_attempt(run.id, end).await?;
        }
        Ok(count)
    }

    /// Dispatches until `stop` turns true; runs under way are then waited for.
    pub async fn dispatch(&self, mut stop: watch::Receiver<bool>) {
        let permits = Arc::new(Semaphore::new(self.inner.options.concurrency));
        let mut audited = tokio::time::Instant::now();
        loop {
            // Not at every turn: whoever knocks must not decide how often the disk is written.
            if audited.elapsed() >= self.inner.options.audit_interval {
                audited = tokio::time::Instant::now();
                if let Err(e) = self.flush_audit().await {
                    tracing::error!(error = %e, "the audit could not be written");
                }
            }
            let worked = match self.step(&permits).await {
                Ok(n) => n > 0,
                Err(e) => {
                    tracing::error!(error = %e, "dispatch failed; it is tried again");
                    tokio::time::sleep(Duration::from_secs(1)).await;
                    false
                }
            };
            if *stop.borrow() {
                break;
            }
            if worked {
                continue;
            }
            let pause = self.pause().await;
            tokio::select! {
                () = self.inner.wake.notified() => {}
                () = tokio::time::sleep(pause) => {}
                _ = stop.changed() => {}
            }
        }
        // Every permit back means that no run is under way.
        let all = u32::try_from(self.inner.options.concurrency).unwrap_or(u32::MAX);
        drop(permits.acquire_many(all).await);
        if let Err(e) = self.flush_audit().await {
            tracing::error!(error = %e, "the audit could not be written");
        }
    }

    /// Until the next run is due or the audit is to be written.
    async fn pause(&self) -> Duration {
        let due = match self.inner.store.next_due().await {
            Ok(Some(at)) => Duration::try_from(at.duration_since(self.now())).unwrap_or(Duration::from_millis(10)),
            _ => IDLE,
        };
        due.min(self.inner.options.audit_interval).max(Duration::from_millis(5))
    }

    /// Matches a batch of events and starts what is due; gives how much was done.
    async fn step(&self, permits: &Arc<Semaphore>) -> Result<usize> {
        let events = self.inner.store.undispatched(BATCH).await?;
        let mut done = events.len();
        if !events.is_empty() {
            let flows = self.enabled_flows().await?;
            for event in events {
                // One event that breaks an expression must not keep all that come after it.
                let found = catch_unwind(AssertUnwindSafe(|| self.match_flows(&event, &flows)));
                let (matched, others) = found.unwrap_or_else(|_| {
                    tracing::error!(event = %event.id, trace_id = %event.trace_id, "matching panicked, which is a bug; the event starts no flow");
                    (Vec::new(), flows.len())
                });
                let now = self.now();
                let runs = matched
                    .iter()
                    .map(|(flow, step)| NewRun {
                        id: new_id(now),
                        flow: flow.clone(),
                        connection: step.connection.clone(),
                        action: step.action.clone(),
                    })
                    .collect();
                self.inner.store.dispatched(event.id, runs, now).await?;
                let flows = matched.into_iter().map(|(f, _)| f).collect();
                self.tell(Happening::Matched { event, flows, others });
            }
        }
        let free = permits.available_permits();
        if free > 0 {
            for run in self.inner.store.claim_runs(free, self.now()).await? {
                done += 1;
                let engine = self.clone();
                let permit = permits.clone().acquire_owned().await;
                tokio::spawn(async move {
                    engine.execute(run).await;
                    drop(permit);
                    engine.inner.wake.notify_one();
                });
            }
        }
        Ok(done)
    }

    async fn execute(&self, run: Run) {
        self.tell(Happening::Calling(run.clone()));
        let began = tokio::time::Instant::now();
        let outcome = AssertUnwindSafe(self.attempt(&run)).catch_unwind().await.unwrap_or_else(|_| {
            // How far it came is unknown.
            Err(Error::internal("the action panicked, which is a bug").with_retry(RetryAdvice::Ambiguous))
        });
        let end = self.judge(&run, outcome).await;
        tracing::info!(
            trace_id = %run.trace_id, run = %run.id, flow = %run.flow, connection = %run.connection, action = %run.action,
            attempt = run.attempts, state = ?end.state, error = end.operator_text.as_deref(), "attempt ended"
        );
        if let Err(e) = self.inner.store.end_attempt(run.id, end.clone()).await {
            // The run stays `Running` and is settled as interrupted at the next start.
            tracing::error!(run = %run.id, error = %e, "the end of an attempt could not be written");
        }
        self.tell(Happening::Ended { run, end, took: began.elapsed() });
    }

    async fn attempt(&self, run: &Run) -> Result<Value, Error> {
        // Nothing was sent yet: what the store cannot give now it may give later.
        let event = self
            .inner
            .store
            .event(run.event)
            .await
            .map_err(|e| Error::internal(e.to_string()).with_retry(RetryAdvice::Safe { after: None }))?;
        let input = self.input_for(run, &event).await?;
        let cancel = Cancel::new();
        let key = run.id.to_string();
        self.call(&run.connection, &run.action, input, run.trace_id, Some(key), cancel).await
    }

    async fn input_for(&self, run: &Run, event: &Event) -> Result<Value, Error> {
        let to_error = |e: crate::EngineError| e.into_error();
        let stored = self.inner.store.flow(&run.flow).await.map_err(|e| to_error(e.into()))?;
        let definition = flow::parse(&stored).map_err(to_error)?;
        let step = definition.steps.into_iter().find(|s| s.connection == run.connection && s.action == run.action);
        let Some(step) = step else {
            return Err(Error::misconfigured(format!(
                "flow `{}` no longer has this step; replay the event to run its present one",
                run.flow
            )));
        };
        let connection = self.inner.store.connection(&step.connection).await.map_err(|e| to_error(e.into()))?;
        let connector = self.inner.registry.get(&connection.connector)?;
        let expressions = Expressions::new(connector.capability(CapabilityKind::Chat));
        let template = if step.input.is_null() { Value::Object(serde_json::Map::new()) } else { step.input };
        expressions.fill(&template, event).map_err(|(at, why)| {
            Error::invalid_field(format!("/do/0/input{at}"), why).with_operator(format!("flow `{}`", run.flow))
        })
    }

    /// What becomes of a run after an attempt: the retry rules, in one place.
    async fn judge(&self, run: &Run, outcome: Result<Value, Error>) -> AttemptEnd {
        let now = self.now();
        let e = match outcome {
            Ok(output) => {
                return AttemptEnd {
                    state: RunState::Succeeded,
                    due_at: None,
                    output: Some(output),
                    error: None,
                    operator_text: None,
                    at: now,
                };
            }
            Err(e) => e,
        };
        let again = run.attempts < self.inner.options.max_attempts;
        let state = match e.retry() {
            RetryAdvice::Safe { .. } if again => RunState::Queued,
            RetryAdvice::Ambiguous => match self.idempotency(run).await {
                // Twice is as once, or the service knows our key: the run's id.
                Some(Idempotency::Natural | Idempotency::Keyed) if again => RunState::Queued,
                Some(Idempotency::Natural | Idempotency::Keyed) => RunState::Failed,
                _ => RunState::Parked,
            },
            _ => RunState::Failed,
        };
        let due_at = (state == RunState::Queued).then(|| {
            let doubled = self
                .inner
                .options
                .first_backoff
                .saturating_mul(1 << run.attempts.saturating_sub(1).min(16))
                .min(MAX_BACKOFF);
            let pause = e.retry().after().map_or(doubled, |after| after.max(doubled));
            now.checked_add(jiff::SignedDuration::try_from(pause).unwrap_or(jiff::SignedDuration::from_secs(60)))
                .unwrap_or(now)
        });
        AttemptEnd {
            state,
            due_at,
            output: None,
            error: Some(e.to_caller_json()),
            operator_text: Some(e.to_string()),
            at: now,
        }
    }

    async fn idempotency(&self, run: &Run) -> Option<Idempotency> {
        let connection = self.inner.store.connection(&run.connection).await.ok()?;
        let connector = self.inner.registry.get(&connection.connector).ok()?;
        connector.action(&run.action).ok().map(|a| a.info().idempotency)
    }

    /// Matches an event with the flows again, as if it had just come.
    ///
    /// # Errors
    /// The store's.
    pub async fn replay(&self, event: uuid::Uuid) -> Result<Event> {
        let found = self.inner.store.event(event).await?;
        self.inner.store.redispatch(event).await?;
        self.inner.wake.notify_one();
        Ok(found)
    }

    /// Takes an event of the host application in.
    ///
    /// # Errors
    /// The store's; nothing is taken unless it is committed.
    pub async fn publish(&self, event: Event) -> Result<()> {
        self.inner.store.keep_event(event).await?;
        self.inner.wake.notify_one();
        Ok(())
    }
}
