//! The audit of refused requests: counted in memory, written at most once an interval, bounded in keys. Nothing of a
//! refused request is kept, so that whoever knocks cannot fill the disk.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use jackfield_store::RefusalKey;
use jiff::Timestamp;

use crate::Engine;

/// Most distinct lines between two writes; further ones are counted together.
const MAX_KEYS: usize = 256;

#[derive(Default)]
pub(crate) struct Audit {
    counts: Mutex<HashMap<RefusalKey, (u64, Timestamp)>>,
}

impl Audit {
    pub(crate) fn count(&self, key: RefusalKey, at: Timestamp) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let key = if counts.len() >= MAX_KEYS && !counts.contains_key(&key) {
            RefusalKey {
                connector: "(other)".into(),
                target: String::new(),
                status: key.status,
                reason: "more kinds of refusal than are counted apart".into(),
            }
        } else {
            key
        };
        let entry = counts.entry(key).or_insert((0, at));
        entry.0 += 1;
        entry.1 = at;
    }

    fn take(&self) -> Vec<(RefusalKey, u64, Timestamp)> {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.drain().map(|(k, (n, at))| (k, n, at)).collect()
    }
}

impl Engine {
    /// Writes what was refused since the last time. The dispatcher does so every interval; lists do so first.
    ///
    /// # Errors
    /// The store's; the counts are then lost, which is better than letting them grow.
    pub async fn flush_audit(&self) -> crate::Result<()> {
        let counts = self.inner.audit.take();
        if !counts.is_empty() {
            for (key, n, _) in &counts {
                tracing::warn!(connector = %key.connector, target = %key.target, status = key.status, reason = %key.reason, count = n, "refused");
            }
            self.inner.store.add_refusals(counts).await?;
        }
        Ok(())
    }
}
