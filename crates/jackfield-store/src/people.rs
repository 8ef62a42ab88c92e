//! People, their sessions, tokens of the API, and the audit log of what was done.

use async_trait::async_trait;

/// Keeps who may do what, and who did what.
#[async_trait]
pub trait PeopleStore: Send + Sync {}
