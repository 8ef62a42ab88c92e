//! Consent in a browser: where to send a person, and what comes back (RFC 6749, 4.1; RFC 7636; RFC 9207).

use connector_core::{Error, Result};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use url::Url;
use zeroize::Zeroizing;

use crate::{Auth, Granted, Party};

/// What must be kept, sealed, until a person comes back. It holds the proof key: it has no `Debug`.
#[derive(Clone, Serialize, Deserialize)]
pub struct Pending {
    pub(crate) state: Zeroizing<String>,
    pub(crate) verifier: Option<Zeroizing<String>>,
    pub(crate) redirect_uri: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) created_at: Timestamp,
}

impl Pending {
    /// Its bytes, to be sealed.
    ///
    /// # Errors
    /// `Internal` if it cannot be written.
    pub fn to_bytes(&self) -> Result<Zeroizing<Vec<u8>>> {
        serde_json::to_vec(self).map(Zeroizing::new).map_err(|e| Error::internal(e.to_string()))
    }

    /// What [`to_bytes`](Self::to_bytes) gave.
    ///
    /// # Errors
    /// `Internal` for anything else.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        serde_json::from_slice(bytes).map_err(|_| Error::internal("what was kept of a consent does not open"))
    }

    /// What comes back with the person, by which a gateway finds what this belongs to. It is worth as much as a password
    /// until then: look it up by its hash, or compare it in constant time.
    pub fn state(&self) -> &str {
        &self.state
    }

    /// The scopes that were asked for.
    pub fn scopes(&self) -> &[String] {
        &self.scopes
    }

    /// When the person was sent.
    pub fn created_at(&self) -> Timestamp {
        self.created_at
    }
}

/// What came back at the redirect address. It has no `Debug`: a code is a secret.
#[derive(Clone, Default, Deserialize)]
pub struct Callback {
    /// The code, if the person consented.
    pub code: Option<String>,
    /// The state, as it was sent.
    pub state: Option<String>,
    /// Why there is no code.
    pub error: Option<String>,
    /// The service's words for that. Whoever made the link wrote them: they are not shown.
    pub error_description: Option<String>,
    /// Who answers (RFC 9207).
    pub iss: Option<String>,
}

impl Auth {
    /// Where to send a person for consent, and what must be kept, sealed, until the person comes back.
    ///
    /// # Errors
    /// `Unsupported` for a method without consent in a browser; `Misconfigured`, naming the field, where the app or the
    /// connection lacks a value.
    pub fn begin(&self, party: &Party, _redirect_uri: &str, _scopes: &[String]) -> Result<(Url, Pending)> {
        Err(party.unfit("is not built yet"))
    }

    /// Takes what came back at the redirect address: checks the state and who answered, and exchanges the code.
    ///
    /// # Errors
    /// `Auth` where the person or the service refused, `Misconfigured` where the service refuses the app,
    /// `UpstreamUnavailable`, `Timeout` or `RateLimited` where trying again may help.
    pub async fn finish(&self, party: &Party, _pending: &Pending, _callback: &Callback) -> Result<Granted> {
        Err(party.unfit("is not built yet"))
    }
}
