//! How the actions of one connection look: described by its connector, kept, and laid over what the connector declares.
//!
//! What lives here: describing, and the one source of actions that REST, the command line and agents show. What must not:
//! calling actions: a call is judged by the connector's own schema.

use std::{panic::AssertUnwindSafe, time::Duration};

use connector_core::{
    Class, Error, ErrorKind, TraceId,
    describe::{Descriptors, EffectiveAction},
};
use futures_util::FutureExt as _;
use jackfield_store::DescriptorsRecord;
use serde::Serialize;

use crate::{Call, Engine, Result};

/// How long a description may take in all, however many pages are read.
const DESCRIBE_TIME: Duration = Duration::from_secs(60);

/// What describing a connection gave.
#[derive(Debug, Clone, Serialize)]
pub struct Described {
    /// The version of what is kept.
    pub version: u64,
    /// Whether it differs from what was kept before.
    pub changed: bool,
    /// How many actions are described, those that are hidden included.
    pub actions: usize,
    /// The actions that are hidden.
    pub hidden: Vec<String>,
    /// What was cut or left out, and why.
    pub notes: Vec<String>,
}

impl Engine {
    /// Asks the service how a connection's actions look there, and keeps it. What was known before stays when that fails.
    ///
    /// # Errors
    /// `Unsupported` when its connector describes nothing; the service's; `Timeout` after a minute; the store's.
    pub async fn describe_connection(&self, id: &str) -> Result<Described> {
        let Some(found) = self.describe_as(id, Class::Interactive).await? else {
            let connector = self.inner.store.connection(id).await?.connector;
            let text = "the actions of this connector are the same for every connection; there is nothing to describe";
            return Err(Error::new(ErrorKind::Unsupported, text).with_connector(connector).into());
        };
        Ok(found)
    }

    /// The same; none if the connector describes nothing.
    pub(crate) async fn describe_as(&self, id: &str, class: Class) -> Result<Option<Described>> {
        let connection = self.usable(id).await?;
        let connector = self.inner.registry.get(&connection.connector)?;
        let Some(describe) = connector.describe() else { return Ok(None) };
        let call = Call::new(TraceId::new(self.now()), class);
        let cx = self.cx(&connector, &connection, call, self.inner.transport.clone()).await?;
        let asked = AssertUnwindSafe(describe.describe(&cx)).catch_unwind();
        let learned = match tokio::time::timeout(DESCRIBE_TIME, asked).await {
            Ok(Ok(learned)) => learned.map_err(|e| e.with_connector(connector.id().to_owned()))?,
            Ok(Err(_)) => return Err(Error::internal("describing the connection panicked, which is a bug").into()),
            Err(_) => {
                let text = format!("describing the connection did not end within {} s", DESCRIBE_TIME.as_secs());
                return Err(Error::new(ErrorKind::Timeout, text).with_connector(connector.id().to_owned()).into());
            }
        };
        let (learned, mut notes) = learned.bounded();
        notes.extend(learned.unknown_actions(|name| connector.action(name).is_ok()));
        for a in connector.actions().iter().chain(connector.operations()) {
            notes.extend(EffectiveAction::of(a.info(), &learned).1);
        }
        let there = || learned.actions.iter().filter(|a| connector.action(&a.action).is_ok());
        let hidden = there().filter(|a| a.hidden).map(|a| a.action.clone()).collect();
        let actions = there().count();
        // Values may have been changed meanwhile: then this is about another account.
        if self.inner.store.connection(id).await?.updated_at != connection.updated_at {
            let text = "the connection was changed while it was described; describe it again";
            return Err(Error::new(ErrorKind::Conflict, text).into());
        }
        let before = self.inner.store.descriptors(id).await.ok().flatten().map(|d| d.version);
        let version = self.inner.store.put_descriptors(id, learned, self.now()).await?;
        for note in &notes {
            tracing::info!(connection = %id, %note, "a description is not shown as it is");
        }
        Ok(Some(Described { version, changed: before != Some(version), actions, hidden, notes }))
    }

    /// How a connection's actions look, as it was learned; none if that was never learned.
    ///
    /// # Errors
    /// `NotFound`; the store's.
    pub async fn descriptors(&self, id: &str) -> Result<Option<DescriptorsRecord>> {
        self.inner.store.connection(id).await?;
        Ok(self.inner.store.descriptors(id).await?)
    }

    /// The actions and operations of a connection as they are there, those that are of no use there left out: what REST,
    /// the command line and agents show.
    ///
    /// # Errors
    /// `NotFound`; the store's.
    pub async fn actions(&self, id: &str) -> Result<Vec<EffectiveAction>> {
        let (connector, learned) = self.learned(id).await?;
        let all = connector.actions().iter().chain(connector.operations());
        Ok(all.map(|a| EffectiveAction::of(a.info(), &learned).0).filter(|a| !a.hidden).collect())
    }

    /// One action of a connection as it is there, hidden or not.
    ///
    /// # Errors
    /// `NotFound`; `InvalidInput` for an unknown action; the store's.
    pub async fn action(&self, id: &str, name: &str) -> Result<EffectiveAction> {
        let (connector, learned) = self.learned(id).await?;
        Ok(EffectiveAction::of(connector.action(name)?.info(), &learned).0)
    }

    async fn learned(&self, id: &str) -> Result<(std::sync::Arc<connector_core::Connector>, Descriptors)> {
        let connection = self.inner.store.connection(id).await?;
        let connector = self.inner.registry.get(&connection.connector)?;
        let learned = self.inner.store.descriptors(id).await?.map(|d| d.descriptors).unwrap_or_default();
        Ok((connector, learned))
    }
}
