//! The one thread that writes, and how work reaches it.
//!
//! What lives here: group commit. Jobs wait in a bounded channel; the thread takes up to 256 at a time into one transaction,
//! each in a savepoint of its own, commits, and only then answers. What must not: SQL of any table.

use std::{
    any::Any,
    fs, io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, PoisonError},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use jiff::Timestamp;
use rusqlite::{Connection, wal::CheckpointMode};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

use super::{
    checkpoint::Checkpointer,
    fail::{Done, Fail},
    health::Health,
    prune,
};
use crate::{Result, StoreError};

/// How many jobs may wait.
const QUEUE: usize = 1024;
/// How many jobs share a transaction at most.
const GROUP: usize = 256;
/// How many KiB of bodies may wait, so that a stalled disk does not fill the memory: 256 MiB.
const WAITING_KIB: u32 = 256 * 1024;
/// How long a sender that waits for its acknowledgement is kept waiting for a place in the queue.
const PATIENCE: Duration = Duration::from_secs(2);
const PRUNE_EVERY: Duration = Duration::from_secs(60 * 60);

/// The error of every call after `close`.
pub(super) fn closed() -> StoreError {
    StoreError::Other("the store is closed".into())
}

/// What is to be written, with somebody waiting for the outcome.
trait Job: Send {
    /// Does it, inside a savepoint.
    fn run(&mut self, db: &Connection) -> Done<()>;
    /// Tells the outcome, or that of the whole group `instead`.
    fn answer(self: Box<Self>, instead: Option<&StoreError>);
}

struct Work<F, T> {
    work: Option<F>,
    done: Option<Result<T>>,
    tell: oneshot::Sender<Result<T>>,
    _weight: Option<OwnedSemaphorePermit>,
}

impl<T: Send, F: FnOnce(&Connection) -> Done<T> + Send> Job for Work<F, T> {
    fn run(&mut self, db: &Connection) -> Done<()> {
        let Some(work) = self.work.take() else { return Ok(()) };
        let done = catch_unwind(AssertUnwindSafe(|| work(db))).unwrap_or_else(|panic| Err(panicked(panic.as_ref())));
        match done {
            Ok(value) => {
                self.done = Some(Ok(value));
                Ok(())
            }
            Err(fail) => {
                self.done = Some(Err(fail.error.clone()));
                Err(fail)
            }
        }
    }

    fn answer(self: Box<Self>, instead: Option<&StoreError>) {
        let outcome = match (instead, self.done) {
            (Some(error), _) => Err(error.clone()),
            (None, Some(done)) => done,
            (None, None) => Err(closed()),
        };
        // Nobody may be waiting any more; the work is done all the same.
        let _ = self.tell.send(outcome);
    }
}

fn panicked(panic: &(dyn Any + Send)) -> Fail {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    tracing::error!(panic = text, "a write panicked, which is a bug; it was undone");
    StoreError::Other("writing panicked, which is a bug; nothing was changed".into()).into()
}

/// The way to the writing thread.
pub(super) struct Writer {
    queue: Mutex<Option<mpsc::Sender<Box<dyn Job>>>>,
    weights: Arc<Semaphore>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    /// Starts the thread. It holds `lock` until its connection is closed.
    pub(super) fn start(
        db: Connection,
        checkpoints: Connection,
        health: Arc<Health>,
        lock: Option<fs::File>,
    ) -> io::Result<Self> {
        let checkpointer = Checkpointer::start(checkpoints, Arc::clone(&health))?;
        let (queue, jobs) = mpsc::channel(QUEUE);
        let mut this = Thread { db, checkpointer, health, pruned: Instant::now(), prune_more: false };
        let thread = thread::Builder::new().name("store-writer".into()).spawn(move || {
            this.work(jobs);
            // In this order: the log is moved, the connection closed, and only then may another process come.
            drop(this);
            drop(lock);
        })?;
        Ok(Self {
            queue: Mutex::new(Some(queue)),
            weights: Arc::new(Semaphore::new(WAITING_KIB as usize)),
            thread: Mutex::new(Some(thread)),
        })
    }

    fn queue(&self) -> Result<mpsc::Sender<Box<dyn Job>>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).clone().ok_or_else(closed)
    }

    /// Runs `work` in a transaction and returns once it is durable. Waits for as long as the queue is full.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Done<T> + Send + 'static,
    ) -> Result<T> {
        let (job, told) = job(work, None);
        self.queue()?.send(job).await.map_err(|_| closed())?;
        told.await.map_err(|_| closed())?
    }

    /// The same, for `bytes` that somebody outside waits to have acknowledged: a full queue is an answer, not a wait.
    pub(super) async fn run_or_refuse<T: Send + 'static>(
        &self,
        bytes: usize,
        work: impl FnOnce(&Connection) -> Done<T> + Send + 'static,
    ) -> Result<T> {
        let busy = || StoreError::Unwritable(format!("busy: no place in the queue for {} s", PATIENCE.as_secs()));
        let queue = self.queue()?;
        let kib = u32::try_from(bytes / 1024 + 1).unwrap_or(WAITING_KIB).min(WAITING_KIB);
        let (place, weight) = tokio::time::timeout(PATIENCE, async {
            let weight = Arc::clone(&self.weights).acquire_many_owned(kib).await.map_err(|_| closed())?;
            let place = queue.reserve().await.map_err(|_| closed())?;
            Ok::<_, StoreError>((place, weight))
        })
        .await
        .map_err(|_| busy())??;
        let (job, told) = job(work, Some(weight));
        place.send(job);
        told.await.map_err(|_| closed())?
    }

    /// Takes no more work; what waits is done.
    pub(super) fn stop(&self) -> Option<JoinHandle<()>> {
        drop(self.queue.lock().unwrap_or_else(PoisonError::into_inner).take());
        self.thread.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

type Told<T> = oneshot::Receiver<Result<T>>;

fn job<T: Send + 'static>(
    work: impl FnOnce(&Connection) -> Done<T> + Send + 'static,
    weight: Option<OwnedSemaphorePermit>,
) -> (Box<dyn Job>, Told<T>) {
    let (tell, told) = oneshot::channel();
    (Box::new(Work { work: Some(work), done: None, tell, _weight: weight }), told)
}

struct Thread {
    // Before the connection, so that its last checkpoint is done while that is open.
    checkpointer: Checkpointer,
    db: Connection,
    health: Arc<Health>,
    pruned: Instant,
    prune_more: bool,
}

impl Thread {
    fn work(&mut self, mut jobs: mpsc::Receiver<Box<dyn Job>>) {
        let mut group = Vec::with_capacity(GROUP);
        while jobs.blocking_recv_many(&mut group, GROUP) > 0 {
            let failed = self.write(&mut group).err();
            for job in group.drain(..) {
                job.answer(failed.as_ref());
            }
            self.tell_checkpointer();
        }
    }

    /// Writes a group. An error is that of every job in it, and nothing was written.
    fn write(&mut self, group: &mut [Box<dyn Job>]) -> Result<()> {
        self.health.check()?;
        let written = self.transaction(group);
        written.map_err(|Fail { error, sync_lost, .. }| {
            if !self.db.is_autocommit()
                && let Err(e) = self.execute("ROLLBACK")
            {
                tracing::error!(error = %e.error, "a failed transaction could not be rolled back");
            }
            if sync_lost {
                self.health.lose(&error);
            }
            self.health.check().err().unwrap_or(error)
        })
    }

    fn transaction(&mut self, group: &mut [Box<dyn Job>]) -> Done<()> {
        self.execute("BEGIN IMMEDIATE")?;
        for job in group {
            self.savepoint(|db| job.run(db))?;
        }
        if self.prune_more || self.pruned.elapsed() >= PRUNE_EVERY {
            self.pruned = Instant::now();
            self.prune_more = false;
            let mut more = false;
            self.savepoint(|db| {
                more = prune::prune(db, Timestamp::now()).inspect_err(
                    |e| tracing::warn!(error = %e.error, "old dedupe keys could not be pruned; tried again in an hour"),
                )?;
                Ok(())
            })?;
            self.prune_more = more;
        }
        self.execute("COMMIT")
    }

    /// Runs `work`; if it fails, undoes it alone. An error is one that took the whole transaction with it.
    fn savepoint(&self, work: impl FnOnce(&Connection) -> Done<()>) -> Done<()> {
        self.execute("SAVEPOINT job")?;
        if let Err(failed) = work(&self.db) {
            // A full disk or an I/O error may have rolled back everything; after a lost sync nothing may go on.
            if failed.sync_lost || self.db.is_autocommit() {
                return Err(failed);
            }
            self.execute("ROLLBACK TO job")?;
        }
        self.execute("RELEASE job")
    }

    fn execute(&self, sql: &str) -> Done<()> {
        self.db.prepare_cached(sql).and_then(|mut s| s.execute([])).map(drop).map_err(Fail::from)
    }

    fn tell_checkpointer(&mut self) {
        // Does nothing but count the pages of the log.
        match self.db.wal_checkpoint_v2(None::<&str>, CheckpointMode::NOOP) {
            Ok((pages, moved)) => self.checkpointer.log_has(pages, moved),
            Err(e) => tracing::warn!(error = %e, "the log of the store could not be measured"),
        }
    }
}
