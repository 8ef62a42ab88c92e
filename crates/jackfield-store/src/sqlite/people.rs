//! People, sessions, API tokens, the audit log.

use async_trait::async_trait;

use super::SqliteStore;
use crate::people::PeopleStore;

#[async_trait]
impl PeopleStore for SqliteStore {}
