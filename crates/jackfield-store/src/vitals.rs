//! How connections fare: calls counted by hour, checks, and what a connection's actions look like.

use async_trait::async_trait;

/// Keeps counts and checks of connections.
#[async_trait]
pub trait VitalsStore: Send + Sync {}
