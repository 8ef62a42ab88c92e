//! Whether the store may still be written.
//!
//! After a failed sync nobody knows what the disk holds: the kernel may have dropped the pages and report success the next
//! time. So nothing is written until a new process has recovered from the log.

use std::sync::OnceLock;

use crate::StoreError;

#[derive(Default)]
pub(super) struct Health(OnceLock<StoreError>);

impl Health {
    /// From now on all writes are refused, until the process is started anew.
    pub(super) fn refuse_writes(&self, cause: &StoreError) {
        tracing::error!(error = %cause, "a sync of the disk failed: the store takes no writes until the gateway is restarted");
        let text = format!("a sync of the disk failed, restart the gateway once the disk is well ({cause})");
        // Set already: the first cause is the one to report.
        let _ = self.0.set(StoreError::Unwritable(text));
    }

    /// Why writes are refused, if they are.
    pub(super) fn refused(&self) -> Option<&StoreError> {
        self.0.get()
    }
}
