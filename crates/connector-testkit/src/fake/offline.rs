//! The fake without a network: the contract suite asks it whether it would answer what the connector sends.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use connector_core::{Connector, Error, Request, Response, Result, Transport, transport::CallContext};
use serde_json::{Map, Value};

use super::{
    route::{Mismatch, Routes},
    values_at,
};
use crate::{fixture::FixtureSet, values::TestValues};

const ORIGIN: &str = "http://fake.example";

/// A transport that ends in the fake's routes.
pub(crate) struct Offline {
    routes: Arc<Routes>,
    violations: Mutex<Vec<String>>,
}

impl Offline {
    /// What the fake of this connector answers to.
    pub(crate) fn routes(connector: &Connector, fixtures: &FixtureSet) -> Routes {
        Routes::of(connector, fixtures, ORIGIN, &values_at(connector, ORIGIN, &Map::new()))
    }

    /// A fake with these routes that has refused nothing yet.
    pub(crate) fn new(routes: Arc<Routes>) -> Self {
        Self { routes, violations: Mutex::default() }
    }

    /// A connection that leads to it.
    pub(crate) fn values(connector: &Connector, overrides: &Map<String, Value>) -> TestValues {
        values_at(connector, ORIGIN, overrides)
    }

    /// What it refused since it was last asked.
    pub(crate) fn take_violations(&self) -> Vec<String> {
        std::mem::take(&mut self.violations.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
impl Transport for Offline {
    async fn send(&self, request: Request, context: &CallContext) -> Result<Response> {
        let f = request.fill(context.secrets.as_ref()).await?;
        if !f.url.as_str().starts_with(ORIGIN) {
            let text = format!(
                "{} {}: this URL is written into the connector, so no fake can stand in for it",
                f.method,
                f.url.path()
            );
            self.violations.lock().unwrap_or_else(PoisonError::into_inner).push(text.clone());
            return Err(Error::new(connector_core::ErrorKind::Refused, text));
        }
        let place = format!("{} {}", f.method, f.url.path());
        let request = wiremock::Request { url: f.url, method: f.method, headers: f.headers, body: f.body.to_vec() };
        match self.routes.answer(&request) {
            Ok(a) => a.response(),
            Err(Mismatch { text, .. }) => {
                let text = format!("{place}: {text}");
                self.violations.lock().unwrap_or_else(PoisonError::into_inner).push(text.clone());
                Err(Error::new(connector_core::ErrorKind::Refused, text))
            }
        }
    }
}
