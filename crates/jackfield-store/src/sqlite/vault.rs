//! Named secrets, files, keys.

use async_trait::async_trait;

use super::SqliteStore;
use crate::vault::VaultStore;

#[async_trait]
impl VaultStore for SqliteStore {}
