//! Counts of calls by hour, checks of connections, descriptors.

use async_trait::async_trait;

use super::SqliteStore;
use crate::vitals::VitalsStore;

#[async_trait]
impl VitalsStore for SqliteStore {}
