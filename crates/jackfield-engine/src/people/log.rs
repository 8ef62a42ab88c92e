//! The audit log's keeping: how far back it reaches, and how long it may grow.

use std::time::Duration;

use jiff::SignedDuration;

use crate::{Engine, error::Result};

/// Lines of each kind that are kept at most.
const MOST: u64 = 200_000;
/// How often old lines are forgotten.
const PRUNE_EVERY: Duration = Duration::from_secs(3600);

impl Engine {
    /// Forgets lines of the audit log that are older than [`Options::audit_kept`](crate::Options::audit_kept), and the oldest
    /// beyond 200000 of each kind.
    ///
    /// # Errors
    /// The store's.
    pub async fn prune_audit(&self) -> Result<()> {
        let kept = SignedDuration::try_from(self.inner.options.audit_kept).unwrap_or(SignedDuration::MAX);
        let before = self.now().saturating_sub(kept).unwrap_or(jiff::Timestamp::MIN);
        while self.store().prune_audit(before, MOST).await? {}
        Ok(())
    }

    /// Keeps the audit log within its bounds, now and every hour; ends when `stop` turns true.
    pub async fn keep_audit(&self, mut stop: tokio::sync::watch::Receiver<bool>) {
        loop {
            if let Err(e) = self.prune_audit().await {
                tracing::warn!(error = %e, "old lines of the audit log could not be forgotten; tried again in an hour");
            }
            tokio::select! {
                () = tokio::time::sleep(PRUNE_EVERY) => {}
                _ = stop.wait_for(|s| *s) => return,
            }
        }
    }
}
