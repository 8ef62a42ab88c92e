//! Consent on another device, with a code that a person types there (RFC 8628).

use connector_core::{Error, Result};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{Auth, Granted, Party};

/// A consent on another device, under way. It holds the device code: it has no `Debug`, and is kept sealed.
#[derive(Clone, Serialize, Deserialize)]
pub struct Device {
    pub(crate) device_code: Zeroizing<String>,
    /// What the person types.
    pub user_code: String,
    /// Where.
    pub verification_uri: String,
    /// Where, with the code in it already.
    pub verification_uri_complete: Option<String>,
    /// When the code ends.
    pub expires_at: Timestamp,
    /// Seconds between two questions.
    pub interval: u32,
    /// Before this moment nothing is asked.
    pub next_at: Timestamp,
    /// The scopes that were asked for.
    pub scopes: Vec<String>,
}

impl Device {
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
}

impl Auth {
    /// Asks for a code that a person types on another device.
    ///
    /// # Errors
    /// As [`Auth::finish`].
    pub async fn device_begin(&self, party: &Party, _scopes: &[String]) -> Result<Device> {
        Err(party.unfit("is not built yet"))
    }

    /// Asks whether the person has consented; none: not yet, or it is too early to ask ([`Device::next_at`]). Keep the
    /// device after each call: the service may ask for longer pauses.
    ///
    /// # Errors
    /// As [`Auth::finish`].
    pub async fn device_poll(&self, party: &Party, _device: &mut Device) -> Result<Option<Granted>> {
        Err(party.unfit("is not built yet"))
    }
}
