//! Waiting for the caller to give up. Core's flag knows no runtime, so it is looked at now and then.

use std::time::Duration;

use connector_core::Cancel;

/// How often the caller's flag is looked at.
const POLL: Duration = Duration::from_millis(20);

/// Ends when nothing should be waited for any more.
pub(crate) async fn hurried(flag: &Cancel) {
    while !flag.is_hurried() {
        tokio::time::sleep(POLL).await;
    }
}

pub(crate) async fn cancelled(flag: &Cancel) {
    while !flag.is_cancelled() {
        tokio::time::sleep(POLL).await;
    }
}
