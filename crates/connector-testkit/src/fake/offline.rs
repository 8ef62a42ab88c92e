//! The fake without a network: the contract suite asks it whether it would answer what the connector sends.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use connector_core::{Connector, Error, ErrorKind, Request, Response, Result, Transport, transport::CallContext};
use serde_json::{Map, Value};

use super::{
    ORIGIN,
    route::{Asked, Mismatch, Routes},
    values_at,
};
use crate::values::TestValues;

/// A request that the routes answered.
pub(crate) struct Answered {
    /// Method and path.
    pub(crate) place: String,
    /// Whether it changed something.
    pub(crate) effect: bool,
    /// The answer's body.
    pub(crate) body: Bytes,
}

/// A transport that ends in the fake's routes.
pub(crate) struct Offline {
    routes: Arc<Routes>,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    violations: Vec<String>,
    answered: Vec<Answered>,
}

impl Offline {
    /// A fake with these routes that has refused nothing yet.
    pub(crate) fn new(routes: Arc<Routes>) -> Self {
        Self { routes, seen: Mutex::default() }
    }

    /// A connection that leads to it.
    pub(crate) fn values(connector: &Connector, overrides: &Map<String, Value>) -> TestValues {
        values_at(connector, ORIGIN, overrides)
    }

    /// What it refused since it was last asked.
    pub(crate) fn take_violations(&self) -> Vec<String> {
        std::mem::take(&mut self.seen().violations)
    }

    /// What it answered since it was last asked.
    pub(crate) fn take_answered(&self) -> Vec<Answered> {
        std::mem::take(&mut self.seen().answered)
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn refuse(&self, text: String) -> Error {
        self.seen().violations.push(text.clone());
        Error::new(ErrorKind::Refused, text)
    }
}

#[async_trait]
impl Transport for Offline {
    async fn send(&self, request: Request, context: &CallContext) -> Result<Response> {
        let f = request.fill(context.secrets.as_ref()).await?;
        let place = format!("{} {}", f.method, f.url.path());
        if !f.url.as_str().starts_with(ORIGIN) {
            return Err(
                self.refuse(format!("{place}: this URL is written into the connector, so no fake can stand in for it"))
            );
        }
        let asked = Asked { method: f.method, url: f.url, headers: f.headers, body: f.body };
        match self.routes.take(&asked) {
            Ok(route) => {
                let response = route.answer(&asked).response()?;
                let effect = route.changes() && response.status.as_u16() < 400;
                self.seen().answered.push(Answered { place, effect, body: response.body.clone() });
                Ok(response)
            }
            Err(Mismatch { text, .. }) => Err(self.refuse(format!("{place}: {text}"))),
        }
    }
}
