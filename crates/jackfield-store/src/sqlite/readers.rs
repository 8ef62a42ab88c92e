//! The reading connections: a few, opened when needed, each used by one blocking task at a time.
//!
//! What lives here: the pool. What must not: queries, or anything that writes (the connections cannot).

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use rusqlite::{Connection, OpenFlags};
use tokio::sync::Semaphore;

use super::{
    fail::{Done, Fail},
    open::BUSY_TIMEOUT,
    writer::closed,
};
use crate::{Result, StoreError};

const CONNECTIONS: usize = 4;

#[derive(Clone)]
pub(super) struct Readers(Arc<Pool>);

struct Pool {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
    permits: Arc<Semaphore>,
}

impl Readers {
    pub(super) fn new(path: &Path) -> Self {
        Self(Arc::new(Pool {
            path: path.to_owned(),
            idle: Mutex::new(Vec::with_capacity(CONNECTIONS)),
            permits: Arc::new(Semaphore::new(CONNECTIONS)),
        }))
    }

    /// Runs `work` on a thread for blocking work. It sees everything that was acknowledged before this call.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Done<T> + Send + 'static,
    ) -> Result<T> {
        let permit = Arc::clone(&self.0.permits).acquire_owned().await.map_err(|_| closed())?;
        let pool = Arc::clone(&self.0);
        let task = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let db = match pool.take() {
                Some(db) => db,
                None => pool.open()?,
            };
            // One snapshot for all of its statements.
            let done = (|| {
                let snapshot = db.unchecked_transaction()?;
                let done = work(&db);
                snapshot.finish()?;
                done
            })();
            pool.put_back(db);
            done
        });
        match task.await {
            Ok(done) => done.map_err(|fail: Fail| fail.error),
            Err(e) if e.is_panic() => Err(StoreError::Other("reading panicked, which is a bug".into())),
            Err(_) => Err(closed()),
        }
    }

    /// Waits until each read that is under way now has ended, and with it what it saw.
    pub(super) async fn wait_for_those_under_way(&self) -> Result<()> {
        let all = u32::try_from(CONNECTIONS).unwrap_or(u32::MAX);
        self.0.permits.acquire_many(all).await.map(drop).map_err(|_| closed())
    }

    /// Waits for reads under way, then closes the connections. Further reads fail.
    pub(super) async fn close(&self) {
        let all = u32::try_from(CONNECTIONS).unwrap_or(u32::MAX);
        let under_way = self.0.permits.acquire_many(all).await;
        self.close_idle();
        drop(under_way);
    }

    /// Closes without waiting: a read under way closes its connection itself.
    pub(super) fn close_idle(&self) {
        self.0.permits.close();
        self.0.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl Pool {
    fn take(&self) -> Option<Connection> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    fn put_back(&self, db: Connection) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        // Asked under the lock, so that none is put back after `close_idle` took them out.
        if !self.permits.is_closed() {
            idle.push(db);
        }
    }

    fn open(&self) -> Done<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let db = Connection::open_with_flags(&self.path, flags)?;
        db.busy_timeout(BUSY_TIMEOUT)?;
        db.set_prepared_statement_cache_capacity(64);
        Ok(db)
    }
}
