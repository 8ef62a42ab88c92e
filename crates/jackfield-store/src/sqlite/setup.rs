//! Installations under way, webhooks at services.

use async_trait::async_trait;

use super::SqliteStore;
use crate::setup::SetupStore;

#[async_trait]
impl SetupStore for SqliteStore {}
