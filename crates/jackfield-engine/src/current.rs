//! Connections as the connectors of today read them: values that an older version of a connector's params cleaned are
//! migrated when they are read, and stored so once.
//!
//! What must not live here: the migration itself, which is the connector's ([`Connector::migrate_values`]).

use connector_core::{Connector, Error};
use jackfield_store::{Connection, Owner};

use crate::{
    Engine,
    error::{EngineError, Result},
};

/// A connection with values of the present version, or with why it has none.
#[derive(Debug, Clone)]
pub struct Current {
    /// The connection. With `outdated`, its values are as they are stored.
    pub connection: Connection,
    /// Why it cannot be used: `Misconfigured`, with every field that must be filled in again.
    pub outdated: Option<Error>,
}

impl Engine {
    /// A connection, migrated.
    ///
    /// # Errors
    /// The store's.
    pub async fn connection(&self, id: &str) -> Result<Current> {
        self.migrated(self.inner.store.connection(id).await?).await
    }

    /// All connections by id, migrated.
    ///
    /// # Errors
    /// The store's.
    pub async fn connections(&self) -> Result<Vec<Current>> {
        let mut all = Vec::new();
        for c in self.inner.store.connections().await? {
            all.push(self.migrated(c).await?);
        }
        Ok(all)
    }

    /// A connection whose values its connector can read.
    ///
    /// # Errors
    /// `NotFound`; `Misconfigured` naming every field that must be filled in again; the store's.
    pub(crate) async fn usable(&self, id: &str) -> Result<Connection, Error> {
        let found = self.connection(id).await.map_err(EngineError::into_error)?;
        match found.outdated {
            None => Ok(found.connection),
            Some(e) => Err(e),
        }
    }

    async fn migrated(&self, connection: Connection) -> Result<Current> {
        let present = |connection| Ok(Current { connection, outdated: None });
        // A connector that is not there any more is told where it is called.
        let Ok(connector) = self.inner.registry.get(&connection.connector) else { return present(connection) };
        if connection.params_version == connector.info().params_version {
            return present(connection);
        }
        let set = self.set_secrets(&connector, &connection).await?;
        let set: Vec<&str> = set.iter().map(String::as_str).collect();
        let values = match connector.migrate_values(connection.params_version, &connection.values, &set) {
            Ok(Some(values)) => values,
            Ok(None) => return present(connection),
            Err(e) => return Ok(Current { connection, outdated: Some(e) }),
        };
        let version = connector.info().params_version;
        let (id, since) = (&connection.id, connection.updated_at);
        if self.inner.store.migrate_values(id, since, values.clone(), version).await? {
            tracing::info!(connection = %id, from = connection.params_version, to = version, "values were migrated");
            return present(Connection { values, params_version: version, ..connection });
        }
        // Somebody saved it, or another reader migrated it, meanwhile: what is stored now counts.
        let now = self.inner.store.connection(id).await?;
        if now.params_version == version {
            return present(now);
        }
        present(Connection { values, params_version: version, ..now })
    }

    /// The secrets that need not be typed in again. Those of a connection that was made by an auth method come from that.
    async fn set_secrets(&self, connector: &Connector, connection: &Connection) -> Result<Vec<String>> {
        if connection.auth.is_some() {
            return Ok(connector.info().params.iter().filter(|p| p.is_secret()).map(|p| p.id.clone()).collect());
        }
        Ok(self.inner.store.secret_names(&Owner::Connection(connection.id.clone())).await?)
    }
}
