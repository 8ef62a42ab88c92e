//! Installations under way, and the webhooks that were made at services.

use async_trait::async_trait;

/// Keeps installations under way and webhooks at services.
#[async_trait]
pub trait SetupStore: Send + Sync {}
