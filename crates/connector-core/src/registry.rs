//! The connectors that are there: those compiled in and those that the application registers.

use std::{
    collections::BTreeMap,
    sync::{Arc, RwLock},
};

use crate::{
    connector::{Connector, Layer},
    error::{Error, ErrorKind, Result},
    schema::closest,
    spec::ConnectorSpec,
};

/// A set of connectors, listed by id. Clones share it.
#[derive(Clone, Default)]
pub struct Registry {
    inner: Arc<RwLock<BTreeMap<String, Arc<Connector>>>>,
    layers: Vec<Layer>,
    /// Every connector that a Cargo feature would bring, compiled in or not: (id, feature).
    known: &'static [(&'static str, &'static str)],
}

impl Registry {
    /// An empty registry.
    pub fn new() -> Self {
        Self::default()
    }

    /// A registry of built-in connectors; `known` names every connector that exists and its Cargo feature. The generated
    /// facade calls this.
    pub fn of(specs: &[&ConnectorSpec], known: &'static [(&'static str, &'static str)]) -> Self {
        let map = specs.iter().map(|s| (s.id().to_owned(), Arc::new(Connector::from(*s)))).collect();
        Self { inner: Arc::new(RwLock::new(map)), layers: Vec::new(), known }
    }

    /// A registry of the same connectors with every action wrapped in the layer, and every one that is registered there
    /// later. What the two register later, they do not share.
    #[must_use]
    pub fn layered(&self, layer: Layer) -> Self {
        let map = self.inner.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        let map = map.iter().map(|(id, c)| (id.clone(), Arc::new(c.layered(&layer)))).collect();
        let mut layers = self.layers.clone();
        layers.push(layer);
        Self { inner: Arc::new(RwLock::new(map)), layers, known: self.known }
    }

    /// Adds a connector; it then appears in every list.
    ///
    /// # Errors
    /// `Conflict` when a connector of that id is there.
    pub fn register(&self, connector: Connector) -> Result<Arc<Connector>> {
        let mut map = self.inner.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        let id = connector.id().to_owned();
        if map.contains_key(&id) {
            return Err(Error::new(
                ErrorKind::Conflict,
                format!("a connector with the id `{id}` is registered already; give this one another id"),
            ));
        }
        let connector = Arc::new(self.layers.iter().fold(connector, |c, layer| c.layered(layer)));
        map.insert(id, connector.clone());
        Ok(connector)
    }

    /// The connector of that id.
    ///
    /// # Errors
    /// `InvalidInput` with the code `INVALID_ARGUMENT`: names those that are there, and the Cargo feature that would
    /// bring one that is not compiled in.
    pub fn get(&self, id: &str) -> Result<Arc<Connector>> {
        let map = self.inner.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(c) = map.get(id) {
            return Ok(c.clone());
        }
        let shown: String = id.chars().take(64).filter(|c| !c.is_control()).collect();
        let list = map.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
        let there = if list.is_empty() { "none is compiled in".to_owned() } else { format!("compiled in: {list}") };
        let text = match self.known.iter().find(|(k, _)| *k == id) {
            Some((_, feature)) => {
                format!("connector `{shown}` is not compiled in; build with the Cargo feature `{feature}` ({there})")
            }
            None => {
                let all = map.keys().map(String::as_str).chain(self.known.iter().map(|(k, _)| *k));
                let hint = closest(id, all).map_or_else(String::new, |n| format!("; did you mean `{n}`?"));
                format!("there is no connector `{shown}`{hint} ({there})")
            }
        };
        Err(Error::new(ErrorKind::InvalidInput, text).with_code("INVALID_ARGUMENT"))
    }

    /// All connectors, alphabetically by id.
    pub fn list(&self) -> Vec<Arc<Connector>> {
        self.inner.read().unwrap_or_else(std::sync::PoisonError::into_inner).values().cloned().collect()
    }
}
