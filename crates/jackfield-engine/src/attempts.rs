//! Attempts: which are under way, how long they may take, and whether anything of them left the machine.
//!
//! What lives here: carrying one attempt out. What must not: when it begins, and what becomes of its run.

use std::{
    collections::BTreeMap,
    panic::AssertUnwindSafe,
    pin::pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use connector_core::{
    Cancel, Class, Error, ErrorKind, Request, Response, RetryAdvice, Transport, transport::CallContext,
};
use futures_util::FutureExt as _;
use jackfield_store::Run;
use serde_json::Value;
use tokio::time::timeout;
use uuid::Uuid;

use crate::{Call, Engine, error::EngineError};

/// How long an attempt may go on after its time, if it does not only wait.
const GRACE: Duration = Duration::from_secs(5);

/// The attempts under way, so that a process that stops need not wait for those that wait themselves.
#[derive(Default)]
pub(crate) struct Attempts(Mutex<(bool, BTreeMap<Uuid, Cancel>)>);

impl Attempts {
    /// Lists an attempt until what is returned is dropped.
    fn list(&self, run: Uuid, cancel: &Cancel) -> Listed<'_> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.0 {
            cancel.hurry();
        }
        all.1.insert(run, cancel.clone());
        Listed { all: self, run }
    }

    /// From now on no attempt waits for a turn or before it is repeated: it ends, and its run is queued again.
    pub(crate) fn hurry(&self) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.0 = true;
        all.1.values().for_each(Cancel::hurry);
    }

    /// From now on attempts may wait again.
    pub(crate) fn resume(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).0 = false;
    }
}

/// An attempt that is listed.
struct Listed<'a> {
    all: &'a Attempts,
    run: Uuid,
}

impl Drop for Listed<'_> {
    fn drop(&mut self) {
        self.all.0.lock().unwrap_or_else(PoisonError::into_inner).1.remove(&self.run);
    }
}

/// What came of an attempt.
pub(crate) struct Outcome {
    pub(crate) result: Result<Value, Error>,
    /// It was told to wait no longer, and nothing had left the machine.
    hurried_unsent: bool,
}

impl Outcome {
    /// One that counts.
    pub(crate) fn of(result: Result<Value, Error>) -> Self {
        Self { result, hurried_unsent: false }
    }

    /// Whether it ended because it should wait no longer, before anything left the machine.
    pub(crate) fn waited_only(&self) -> bool {
        self.hurried_unsent && matches!(&self.result, Err(e) if matches!(e.retry(), RetryAdvice::Safe { .. }))
    }
}

impl Engine {
    /// One attempt, bounded in time; a panic in it is an outcome too.
    pub(crate) async fn try_once(&self, run: &Run) -> Outcome {
        let cancel = Cancel::new();
        let _listed = self.inner.attempts.list(run.id, &cancel);
        let way_out = Arc::new(WayOut { inner: self.inner.transport.clone(), used: AtomicBool::new(false) });
        let mut attempt = pin!(AssertUnwindSafe(self.attempt(run, cancel.clone(), way_out.clone())).catch_unwind());
        let mut ended = timeout(self.inner.options.attempt_time, &mut attempt).await;
        if ended.is_err() {
            cancel.hurry();
            ended = timeout(GRACE, &mut attempt).await;
        }
        // How far it came is unknown in the last two cases.
        let result = match ended {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => {
                Err(Error::internal("the action panicked, which is a bug").with_retry(RetryAdvice::Ambiguous))
            }
            Err(_) => {
                cancel.cancel();
                let text = format!("the action did not end within {} s", self.inner.options.attempt_time.as_secs());
                Err(Error::new(ErrorKind::Timeout, text).with_retry(RetryAdvice::Ambiguous))
            }
        };
        Outcome { result, hurried_unsent: cancel.is_hurried() && !way_out.used.load(Ordering::Acquire) }
    }

    async fn attempt(&self, run: &Run, cancel: Cancel, way_out: Arc<WayOut>) -> Result<Value, Error> {
        let event = self.inner.store.event(run.event).await.map_err(|e| EngineError::from(e).into_error())?;
        let input = self.input_for(run, &event).await?;
        let call = Call { key: Some(run.id.to_string()), cancel, ..Call::new(run.trace_id, Class::EventDriven) };
        self.call_through(way_out, &run.connection, &run.action, input, call).await
    }
}

/// The transport of one attempt, which notes whether anything left the machine by it.
struct WayOut {
    inner: Arc<dyn Transport>,
    used: AtomicBool,
}

#[async_trait::async_trait]
impl Transport for WayOut {
    async fn send(&self, request: Request, context: &CallContext) -> Result<Response, Error> {
        let result = self.inner.send(request, context).await;
        if !matches!(&result, Err(e) if e.is_unsent()) {
            self.used.store(true, Ordering::Release);
        }
        result
    }
}
