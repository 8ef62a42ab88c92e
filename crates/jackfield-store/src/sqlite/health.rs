//! Whether the store may still be used.
//!
//! After a failed sync nobody knows what the disk holds: the kernel may have dropped the pages and report success the next
//! time, and a page read again may be an older one. So nothing is written or read until a new process has recovered from
//! the log.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::{Result, StoreError};

#[derive(Default)]
pub(super) struct Health {
    lost: AtomicBool,
}

impl Health {
    /// A sync failed: from now on everything is refused, until the process is started anew.
    pub(super) fn lose(&self, cause: &StoreError) {
        if !self.lost.swap(true, Ordering::SeqCst) {
            tracing::error!(error = %cause, "a sync of the disk failed: the store refuses everything until the gateway is restarted");
        }
    }

    /// `SyncLost`, once a sync has failed.
    pub(super) fn check(&self) -> Result<()> {
        if self.lost.load(Ordering::SeqCst) { Err(StoreError::SyncLost) } else { Ok(()) }
    }
}
