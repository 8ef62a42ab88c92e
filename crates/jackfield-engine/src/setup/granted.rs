//! What a service granted, as it is kept sealed until the connection is saved.

use std::collections::BTreeMap;

use connector_auth::Granted;
use connector_core::{Error, Secret, auth::TokenSet};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::Result;

#[derive(Serialize, Deserialize)]
struct Written {
    access: Vec<(String, Vec<u8>)>,
    refresh: Option<Vec<u8>>,
    expires_at: Option<Timestamp>,
    scopes: Vec<String>,
    identity: BTreeMap<String, String>,
    values: Map<String, Value>,
}

/// To be sealed.
pub(super) fn write(g: &Granted) -> Result<Secret> {
    let written = Written {
        access: g.tokens.access.iter().map(|(id, s)| (id.clone(), s.expose().to_vec())).collect(),
        refresh: g.tokens.refresh.as_ref().map(|s| s.expose().to_vec()),
        expires_at: g.expires_at,
        scopes: g.scopes.clone(),
        identity: g.identity.clone(),
        values: g.values.clone(),
    };
    Ok(Secret::new(serde_json::to_vec(&written).map_err(|e| Error::internal(e.to_string()))?))
}

/// What was sealed.
pub(super) fn read(sealed: &Secret) -> Result<Granted> {
    let w: Written = serde_json::from_slice(sealed.expose())
        .map_err(|_| Error::internal("what was kept of a consent does not open"))?;
    Ok(Granted {
        tokens: TokenSet {
            access: w.access.into_iter().map(|(id, bytes)| (id, Secret::new(bytes))).collect(),
            refresh: w.refresh.map(Secret::new),
        },
        expires_at: w.expires_at,
        scopes: w.scopes,
        identity: w.identity,
        values: w.values,
    })
}
