//! Moves what was committed from the write-ahead log into the database, beside the writer: the tail of a write's latency is
//! the checkpoint, so no write waits for one unless the log outgrows it.
//!
//! What lives here: the checkpointing thread and its connection. What must not: when to ask for one, which is the writer's.

use std::{
    io,
    sync::{Arc, mpsc},
    thread::{self, JoinHandle},
};

use rusqlite::{Connection, wal::CheckpointMode};

use super::{fail::Fail, health::Health};

/// Pages (of 4 KiB) in the log beyond the last checkpoint at which the next one is begun: 4 MiB.
const SOFT: i32 = 1024;
/// Pages in the log at which the writer waits for a checkpoint, so that the log can begin anew: 16 MiB. Without it a writer
/// that never pauses never lets the log begin anew. Waiting early and shortly beats late and long, and overwriting a small
/// log syncs faster than extending a large one: measured, 16 MiB has half the 99th percentile of 64 MiB.
const HARD: i32 = 4 * 1024;

enum Ask {
    Soon,
    AndTell(mpsc::SyncSender<()>),
}

/// The writer's end.
pub(super) struct Checkpointer {
    asks: Option<mpsc::SyncSender<Ask>>,
    thread: Option<JoinHandle<()>>,
    /// When to wait next.
    hard: i32,
}

impl Checkpointer {
    pub(super) fn start(db: Connection, health: Arc<Health>) -> io::Result<Self> {
        // One ask may wait while one is worked on; more would say the same.
        let (asks, asked) = mpsc::sync_channel(1);
        let thread =
            thread::Builder::new().name("store-checkpoint".into()).spawn(move || work(&db, &asked, &health))?;
        Ok(Self { asks: Some(asks), thread: Some(thread), hard: HARD })
    }

    /// To be told by the writer, between two transactions, how many pages the log has and how many of
    /// them are in the database already.
    pub(super) fn log_has(&mut self, pages: i32, moved: i32) {
        let Some(asks) = &self.asks else { return };
        if pages >= self.hard {
            let (tell, told) = mpsc::sync_channel(1);
            if asks.send(Ask::AndTell(tell)).is_ok() {
                // An error means that the thread is gone, which `work` has reported.
                let _ = told.recv();
            }
            // A long read can keep the log from beginning anew: then waiting at each commit would help nobody.
            self.hard = pages.saturating_add(HARD);
            return;
        }
        if pages < HARD {
            self.hard = HARD;
        }
        if pages.saturating_sub(moved) >= SOFT {
            // Full: one is waiting already.
            let _ = asks.try_send(Ask::Soon);
        }
    }
}

impl Drop for Checkpointer {
    /// Moves all and empties the log.
    fn drop(&mut self) {
        self.asks = None;
        if let Some(Err(_)) = self.thread.take().map(JoinHandle::join) {
            tracing::error!("the store's checkpointing thread panicked; the log is moved at the next start");
        }
    }
}

fn work(db: &Connection, asked: &mpsc::Receiver<Ask>, health: &Health) {
    while let Ok(ask) = asked.recv() {
        checkpoint(db, CheckpointMode::PASSIVE, health);
        if let Ask::AndTell(tell) = ask {
            // The writer may have been stopped meanwhile.
            let _ = tell.send(());
        }
    }
    checkpoint(db, CheckpointMode::TRUNCATE, health);
}

fn checkpoint(db: &Connection, mode: CheckpointMode, health: &Health) {
    if health.check().is_err() {
        return;
    }
    match db.wal_checkpoint_v2(None::<&str>, mode) {
        Ok(_) => {}
        Err(e) => {
            let fail = Fail::from(e);
            // What is in the log is durable all the same; it only grows until a checkpoint succeeds.
            tracing::warn!(error = %fail.error, "a checkpoint of the store failed");
            if fail.sync_lost {
                health.lose(&fail.error);
            }
        }
    }
}
