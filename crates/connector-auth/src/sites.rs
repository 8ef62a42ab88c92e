//! The sites of an account, of which the connection takes one.

use connector_core::Result;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Auth, Granted, Party};

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
    /// As [`Auth::finish`].
    pub async fn sites(&self, party: &Party, _granted: &Granted) -> Result<Vec<Site>> {
        Err(party.unfit("is not built yet"))
    }
}
