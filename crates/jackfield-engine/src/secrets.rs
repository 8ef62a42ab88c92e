//! The secrets of one connection as a transport gets them: its own, else its app's.

use std::collections::BTreeMap;

use async_trait::async_trait;
use connector_core::{Result, Secret, SecretSource, secret::missing_secret};
use jackfield_store::{Owner, SharedStore};

use crate::{References, error::EngineError};

/// Looks secrets up at the last moment; holds only their names.
pub(crate) struct StoredSecrets {
    store: SharedStore,
    owners: BTreeMap<String, Owner>,
    references: References,
}

impl StoredSecrets {
    /// The secrets of a connection and of the app that it belongs to; the connection's own come first.
    pub(crate) async fn of(
        store: &SharedStore,
        references: &References,
        connection: &str,
        app: Option<&str>,
    ) -> jackfield_store::Result<Self> {
        let mut owners = BTreeMap::new();
        let app = app.map(|a| Owner::App(a.to_owned()));
        for owner in app.into_iter().chain([Owner::Connection(connection.to_owned())]) {
            for name in store.secret_names(&owner).await? {
                owners.insert(name, owner.clone());
            }
        }
        Ok(Self { store: store.clone(), owners, references: references.clone() })
    }
}

#[async_trait]
impl SecretSource for StoredSecrets {
    async fn secret(&self, id: &str) -> Result<Secret> {
        let owner = self.owners.get(id).ok_or_else(|| missing_secret(id))?;
        let found = self.store.secrets(owner, id).await.map_err(|e| EngineError::from(e).into_error())?;
        let found = found.into_iter().next().ok_or_else(|| missing_secret(id))?;
        self.references.follow(&self.store, found).await
    }

    fn has(&self, id: &str) -> bool {
        self.owners.contains_key(id)
    }
}
