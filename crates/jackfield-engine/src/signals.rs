//! What services announce about their own API: counted in memory by the transport, kept by the store, logged once.

use connector_core::signal::SignalTally;

use crate::{Engine, Result};

/// Most signals of a list.
const MAX_LISTED: usize = 1000;

impl Engine {
    /// Keeps what services announced since the last time, and logs what they had not announced before. The dispatcher does
    /// so every [`audit_interval`](crate::Options::audit_interval); lists do so first; an embedder without a dispatcher does
    /// so before it closes the store.
    ///
    /// # Errors
    /// The store's; the counts are then lost, which is better than letting them grow. Services say it again.
    pub async fn flush_signals(&self) -> Result<()> {
        let tallies = self.inner.options.signals.take();
        if tallies.is_empty() {
            return Ok(());
        }
        for s in self.inner.store.add_signals(tallies).await? {
            tracing::warn!(connector = %s.connector, endpoint = %s.endpoint, kind = s.kind.as_str(), value = %s.value, "the service announces a change of its API");
        }
        Ok(())
    }

    /// What services announced, of one connector or of all, last seen first.
    ///
    /// # Errors
    /// The store's.
    pub async fn signals(&self, connector: Option<String>) -> Result<Vec<SignalTally>> {
        self.flush_signals().await?;
        Ok(self.inner.store.signals(connector, MAX_LISTED).await?)
    }
}
