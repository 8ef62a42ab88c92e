//! Named secrets, files, and the keys that all of them are sealed with.

use async_trait::async_trait;

/// Keeps named secrets and files, and changes the key that they are sealed with.
#[async_trait]
pub trait VaultStore: Send + Sync {}
