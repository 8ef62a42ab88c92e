//! Apps, connections and flows declared together: applied as a whole, in the order in which they need each other.

use serde::{Deserialize, Serialize};

use crate::{
    AppInput, ConnectionInput, Engine, FlowInput,
    error::{EngineError, Result},
};

/// A declaration of apps, connections and flows.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resources {
    /// Apps.
    #[serde(default)]
    pub apps: Vec<AppInput>,
    /// Connections.
    #[serde(default)]
    pub connections: Vec<ConnectionInput>,
    /// Flows.
    #[serde(default)]
    pub flows: Vec<FlowInput>,
}

/// What became of one resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// `app`, `connection` or `flow`.
    pub kind: &'static str,
    /// Its id.
    pub id: String,
    /// Whether it was there before.
    pub replaced: bool,
}

/// What applying a declaration did. Resources that it does not name stay as they are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Applied {
    /// In the order in which they were applied.
    pub changes: Vec<Change>,
}

impl Engine {
    /// Applies a declaration, one resource after the other. What precedes a failing one stays applied; applying what is
    /// there already changes nothing.
    ///
    /// # Errors
    /// The first failing resource's, its fields below `/apps/0`, `/connections/2` and so on.
    pub async fn apply(&self, resources: Resources) -> Result<Applied> {
        let mut done = Applied::default();
        let store = self.store();
        for (i, a) in resources.apps.into_iter().enumerate() {
            let (id, replaced) = (a.id.clone(), store.app(&a.id).await.is_ok());
            self.put_app(a).await.map_err(|e| below(e, &format!("/apps/{i}")))?;
            done.changes.push(Change { kind: "app", id, replaced });
        }
        for (i, c) in resources.connections.into_iter().enumerate() {
            let (id, replaced) = (c.id.clone(), store.connection(&c.id).await.is_ok());
            self.put_connection(c).await.map_err(|e| below(e, &format!("/connections/{i}")))?;
            done.changes.push(Change { kind: "connection", id, replaced });
        }
        for (i, f) in resources.flows.into_iter().enumerate() {
            let (id, replaced) = (f.id.clone(), store.flow(&f.id).await.is_ok());
            self.put_flow(f).await.map_err(|e| below(e, &format!("/flows/{i}")))?;
            done.changes.push(Change { kind: "flow", id, replaced });
        }
        Ok(done)
    }
}

fn below(e: EngineError, at: &str) -> EngineError {
    match e {
        EngineError::Connector(e) if !e.fields().is_empty() => {
            let fields = e
                .fields()
                .iter()
                .map(|f| connector_core::FieldError::new(format!("{at}{}", f.pointer), f.message.clone()))
                .collect();
            connector_core::Error::invalid_input(fields).into()
        }
        other => other,
    }
}
