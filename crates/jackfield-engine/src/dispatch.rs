//! Dispatch: events become runs, runs become calls. One task finds work, as many as configured execute it.

use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use connector_core::{CapabilityKind, Error, ErrorKind, Event, Idempotency, RetryAdvice, retry::Next};
use jackfield_store::{AttemptEnd, NewRun, Run, RunState, StoreError};
use jiff::SignedDuration;
use serde_json::Value;
use tokio::sync::{Semaphore, watch};
use uuid::Uuid;

use crate::{
    Engine, Happening,
    attempts::Outcome,
    error::{EngineError, Result},
    expression::Expressions,
    flow,
    inbox::new_id,
};

/// Events matched at once between two looks at the runs.
const BATCH: usize = 64;
/// How long the dispatcher sleeps at most when nothing wakes it.
const IDLE: Duration = Duration::from_secs(30);
/// The longest pause between two attempts, whatever a service asks for.
const LONGEST_PAUSE: Duration = Duration::from_secs(24 * 3600);

/// What is under way: runs by connection, so that a slow service does not take every place.
#[derive(Clone, Default)]
struct Busy(Arc<Mutex<BTreeMap<String, usize>>>);

impl Busy {
    fn snapshot(&self) -> BTreeMap<String, usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn add(&self, connection: &str) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(connection.to_owned()).or_default() += 1;
    }

    fn remove(&self, connection: &str) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(n) = all.get_mut(connection) {
            *n -= 1;
            if *n == 0 {
                all.remove(connection);
            }
        }
    }
}

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
            let end = self.judge(&run, Outcome::of(Err(e))).await;
            self.inner.store.end_attempt(run.id, end).await?;
        }
        Ok(count)
    }

    /// Dispatches until `stop` turns true; runs under way are then waited for.
    ///
    /// # Errors
    /// When the store lost a sync: nothing it says can be relied on until the process is started again.
    pub async fn dispatch(&self, mut stop: watch::Receiver<bool>) -> Result<()> {
        self.inner.attempts.resume();
        let permits = Arc::new(Semaphore::new(self.inner.options.concurrency));
        let busy = Busy::default();
        let tending = tokio::spawn({
            let (engine, stop) = (self.clone(), stop.clone());
            async move { engine.tend_tokens(stop).await }
        });
        let watcher = tokio::spawn({
            let (engine, stop) = (self.clone(), stop.clone());
            async move { engine.watch_health(stop).await }
        });
        let mut audited = tokio::time::Instant::now();
        loop {
            // Not at every turn: whoever knocks must not decide how often the disk is written.
            if audited.elapsed() >= self.inner.options.audit_interval {
                audited = tokio::time::Instant::now();
                self.write_audit().await;
            }
            let worked = match self.step(&permits, &busy).await {
                Ok(n) => n > 0,
                Err(EngineError::Store(StoreError::SyncLost)) => {
                    tending.abort();
                    watcher.abort();
                    return Err(StoreError::SyncLost.into());
                }
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
            let pause = self.pause(&permits).await;
            tokio::select! {
                () = self.inner.wake.notified() => {}
                () = tokio::time::sleep(pause) => {}
                _ = stop.changed() => {}
            }
        }
        tending.abort();
        watcher.abort();
        self.inner.attempts.hurry();
        // Every permit back means that no run is under way.
        let all = u32::try_from(self.inner.options.concurrency).unwrap_or(u32::MAX);
        drop(permits.acquire_many(all).await);
        self.write_audit().await;
        Ok(())
    }

    async fn write_audit(&self) {
        if let Err(e) = self.flush_audit().await {
            tracing::error!(error = %e, "the audit could not be written");
        }
        if let Err(e) = self.flush_signals().await {
            tracing::error!(error = %e, "what services announced could not be written");
        }
        if let Err(e) = self.flush_calls().await {
            tracing::error!(error = %e, "the counts of calls could not be written");
        }
        self.sweep_now_and_then().await;
    }

    /// Until the next run is due or the audit is to be written. With every place taken only an end makes work possible,
    /// and that wakes.
    async fn pause(&self, permits: &Semaphore) -> Duration {
        let longest = self.inner.options.audit_interval.min(IDLE);
        if permits.available_permits() == 0 {
            return longest;
        }
        match self.inner.store.next_due().await {
            Ok(Some(at)) => {
                let until = Duration::try_from(at.duration_since(self.now())).unwrap_or(Duration::ZERO);
                // Due, and not claimed: its connection has all the places it may have.
                if until.is_zero() { longest.min(Duration::from_millis(250)) } else { until.min(longest) }
            }
            _ => longest,
        }
    }

    /// Matches a batch of events and starts what is due; gives how much was done.
    async fn step(&self, permits: &Arc<Semaphore>, busy: &Busy) -> Result<usize> {
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
            let per_connection = (self.inner.options.concurrency / 4).max(1);
            for run in self.inner.store.claim_runs(free, per_connection, &busy.snapshot(), self.now()).await? {
                done += 1;
                busy.add(&run.connection);
                let (engine, busy) = (self.clone(), busy.clone());
                let permit = permits.clone().acquire_owned().await;
                tokio::spawn(async move {
                    let connection = run.connection.clone();
                    engine.execute(run).await;
                    busy.remove(&connection);
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
        let outcome = self.try_once(&run).await;
        let end = self.judge(&run, outcome).await;
        tracing::info!(
            trace_id = %run.trace_id, run = %run.id, flow = %run.flow, connection = %run.connection, action = %run.action,
            attempt = run.attempts, state = ?end.state, error = end.operator_text.as_deref(), "attempt ended"
        );
        self.write_end(&run, &end).await;
        self.tell(Happening::Ended { run, end, took: began.elapsed() });
    }

    /// Writes how an attempt ended, again and again while the store cannot: the outcome is known only here, and a run
    /// that was done must not be taken for one that was interrupted.
    async fn write_end(&self, run: &Run, end: &AttemptEnd) {
        let mut pause = Duration::from_millis(100);
        loop {
            match self.inner.store.end_attempt(run.id, end.clone()).await {
                Err(e @ (StoreError::Unwritable(_) | StoreError::Other(_))) if pause < Duration::from_secs(120) => {
                    tracing::error!(run = %run.id, error = %e, "the end of an attempt could not be written; it is tried again");
                    tokio::time::sleep(pause).await;
                    pause *= 2;
                }
                Err(e) => {
                    // The run stays `Running` and is settled as interrupted at the next start.
                    tracing::error!(run = %run.id, error = %e, "the end of an attempt could not be written");
                    return;
                }
                Ok(()) => return,
            }
        }
    }

    pub(crate) async fn input_for(&self, run: &Run, event: &Event) -> Result<Value, Error> {
        let to_error = |e: EngineError| e.into_error();
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
            let e = Error::invalid_field(format!("/do/0/input{at}"), why);
            let operator = format!("flow `{}`: {}; nothing was sent", run.flow, e.caller_text());
            e.with_operator(operator)
        })
    }

    /// What becomes of a run after an attempt: the retry rules, in one place.
    async fn judge(&self, run: &Run, outcome: Outcome) -> AttemptEnd {
        let now = self.now();
        let waited_only = outcome.waited_only();
        let e = match outcome.result {
            Ok(output) => {
                return AttemptEnd {
                    state: RunState::Succeeded,
                    due_at: None,
                    output: Some(output),
                    error: None,
                    operator_text: None,
                    at: now,
                    counts: true,
                };
            }
            Err(e) => e,
        };
        let due_after = |pause: Duration| {
            // What is due later than a day and an hour from now is taken for the doing of a clock that was set back.
            let pause = SignedDuration::try_from(pause.min(LONGEST_PAUSE)).unwrap_or(SignedDuration::from_secs(60));
            now.checked_add(pause).unwrap_or(now)
        };
        let asked = e.retry().after().unwrap_or_default();
        let scheduled =
            usize::try_from(run.attempts.saturating_sub(1)).ok().and_then(|i| self.inner.options.retries.get(i));
        let again = scheduled.is_some();
        // Of an action that is not there any more nothing is known; a run's id is its key.
        let idempotency = self.idempotency(run).await.unwrap_or(Idempotency::None);
        let state = match Next::of(idempotency, true, &e) {
            Next::Repeat(_) if again => RunState::Queued,
            // The call itself looked already, and could not tell.
            Next::Park | Next::LookFirst => RunState::Parked,
            Next::Repeat(_) | Next::Fail => RunState::Failed,
        };
        let due_at = (state == RunState::Queued).then(|| {
            // Whichever is longer: what rests for a minute at a time (a host that fails, a budget) must not use up in minutes
            // the attempts that are meant for days.
            let ours = spread(*scheduled.unwrap_or(&Duration::ZERO), run.id, run.attempts);
            due_after(asked.max(ours))
        });
        // It has only waited: it goes on where it stood, and loses no place in its schedule.
        let (state, due_at) = if waited_only { (RunState::Queued, Some(due_after(asked))) } else { (state, due_at) };
        AttemptEnd {
            state,
            due_at,
            output: None,
            error: Some(e.to_caller_json()),
            operator_text: Some(e.to_string()),
            at: now,
            counts: !waited_only,
        }
    }

    async fn idempotency(&self, run: &Run) -> Option<Idempotency> {
        let connection = self.inner.store.connection(&run.connection).await.ok()?;
        let connector = self.inner.registry.get(&connection.connector).ok()?;
        connector.action(&run.action).ok().map(|a| a.info().idempotency)
    }

    /// Matches an event with the flows again, as if it had just come: every flow that it starts makes a new run.
    ///
    /// # Errors
    /// The store's.
    pub async fn replay(&self, event: Uuid) -> Result<Event> {
        let found = self.inner.store.event(event).await?;
        self.inner.store.redispatch(event).await?;
        self.inner.wake.notify_one();
        Ok(found)
    }

    /// Tries a failed or parked run once more, now.
    ///
    /// # Errors
    /// `Conflict` when it is neither; the store's.
    pub async fn retry_run(&self, run: Uuid) -> Result<Run> {
        let run = self.inner.store.requeue_run(run, self.now()).await?;
        self.inner.wake.notify_one();
        Ok(run)
    }

    /// Settles a parked run by a person's word: whether it was done at the service.
    ///
    /// # Errors
    /// `Conflict` when it is not parked; the store's.
    pub async fn settle_run(&self, run: Uuid, was_done: bool) -> Result<Run> {
        let state = if was_done { RunState::Succeeded } else { RunState::Failed };
        Ok(self.inner.store.settle_run(run, state, self.now()).await?)
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

/// The pause, up to a fifth longer or shorter, so that what failed together does not come back together. Decided by the
/// run and the attempt: no randomness is needed.
fn spread(pause: Duration, run: Uuid, attempt: u32) -> Duration {
    let digest = ring::digest::digest(&ring::digest::SHA256, format!("{run}/{attempt}").as_bytes());
    let byte = f64::from(digest.as_ref().first().copied().unwrap_or(128));
    pause.mul_f64(0.8 + 0.4 * byte / 255.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_are_spread_by_a_fifth_and_the_same_for_the_same_attempt() {
        let pause = Duration::from_secs(100);
        let all: Vec<Duration> = (0..200).map(|i| spread(pause, Uuid::from_u128(7), i)).collect();
        assert!(all.iter().all(|p| (80..=120).contains(&p.as_secs())));
        assert!(all.iter().any(|p| p.as_secs() < 90) && all.iter().any(|p| p.as_secs() > 110));
        assert_eq!(spread(pause, Uuid::from_u128(7), 3), spread(pause, Uuid::from_u128(7), 3));
    }
}
