//! The sites of an account, of which the connection takes one.

use connector_core::{Class, Error, Method, Result, request::path_segment};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Auth, Granted, Party, failure::Asked, request::Ask};

/// Most sites that are shown.
const MAX_SITES: usize = 500;

/// A site of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    /// The service's id of it.
    pub id: String,
    /// What people know it by.
    pub label: String,
    /// The values of the connection that choosing it fills.
    pub values: Map<String, Value>,
}

impl Auth {
    /// The sites of the account, for a method that has a choice; empty for one that has none.
    ///
    /// # Errors
    /// As [`Auth::finish`]; `Permission` for an account without any site that this app may use.
    pub async fn sites(&self, party: &Party, granted: &Granted) -> Result<Vec<Site>> {
        let Some(choice) = party.method.grant.oauth().and_then(|o| o.site_choice.as_ref()) else {
            return Ok(Vec::new());
        };
        let Some((_, token)) = granted.tokens.access.first() else {
            return Err(party.name(Error::internal("sites are asked for with an access token, and there is none")));
        };
        let ask = Ask::new(Method::GET, &party.address(&choice.url)?)?.bearer(token.clone()).endpoint("auth.sites");
        let body = self.ask(party, ask, Asked::Other, Class::Interactive).await?;
        let text = |item: &Value, pointer: &str| match item.pointer(pointer) {
            Some(Value::String(s)) if !s.is_empty() && s.len() <= 512 => Some(s.clone()),
            Some(Value::Number(n)) => Some(n.to_string()),
            _ => None,
        };
        let mut sites: Vec<Site> = Vec::new();
        for item in body.as_array().into_iter().flatten().take(MAX_SITES) {
            let Some(id) = text(item, &choice.id) else { continue };
            // A service lists a site once for each product that was granted.
            if sites.iter().any(|s| s.id == id) {
                continue;
            }
            let label = text(item, &choice.label).unwrap_or_else(|| id.clone());
            let value = choice.value.replace("{id}", &path_segment(&id));
            sites.push(Site { id, label, values: Map::from_iter([(choice.param.clone(), value.into())]) });
        }
        if sites.is_empty() {
            let text = "the account has no site that this app may use; choose one at the service when it asks, and connect again";
            return Err(party.name(Error::new(connector_core::ErrorKind::Permission, text)));
        }
        Ok(sites)
    }
}
