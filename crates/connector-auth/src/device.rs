//! Consent on another device, with a code that a person types there (RFC 8628).

use connector_core::{
    Class, Error, Result, Secret,
    auth::{Grant, OAuth2},
    request::parse_url,
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use zeroize::Zeroizing;

use crate::{
    Auth, Granted, Party, answer,
    consent::{scope_params, with_fixed},
    failure::{Asked, Failure, Why},
    request::{Fields, by_client},
};

/// Seconds between two questions unless the service says otherwise (RFC 8628, 3.2).
const INTERVAL: u32 = 5;
/// Longest pause that a service may ask for, in seconds.
const LONGEST_INTERVAL: u32 = 120;
/// Longest life of a code.
const LONGEST: i64 = 3600;

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
    pub async fn device_begin(&self, party: &Party, scopes: &[String]) -> Result<Device> {
        let oauth = device_of(party)?;
        let Some(template) = &oauth.device_url else { return Err(party.unfit("names no address for device codes")) };
        let scopes = with_fixed(oauth, scopes);
        // Scopes are of one group here: RFC 8628 has one parameter for them.
        let plain = scope_params(oauth, &scopes).into_iter().take(1).map(|(_, list)| ("scope", list)).collect();
        let ask = by_client(party, oauth, &party.address(template)?, Fields::new(plain)).await?.endpoint("auth.device");
        let body = self.ask(party, ask, Asked::Device, Class::Interactive).await?;
        let text = |name: &str| body.get(name).and_then(Value::as_str).filter(|t| !t.is_empty() && t.len() <= 4096);
        let missing = |what: &str| party.name(Failure::incomplete(what).error);
        let address = |name: &str| text(name).filter(|t| parse_url(t).is_ok()).map(str::to_owned);
        let now = self.now();
        let seconds = |name: &str| body.get(name).and_then(Value::as_i64);
        let life = seconds("expires_in").unwrap_or(900).clamp(1, LONGEST);
        let interval = seconds("interval").and_then(|i| u32::try_from(i).ok()).unwrap_or(INTERVAL);
        let mut device = Device {
            device_code: Zeroizing::new(text("device_code").ok_or_else(|| missing("device code"))?.to_owned()),
            user_code: text("user_code").ok_or_else(|| missing("user code"))?.to_owned(),
            // Google says `verification_url`.
            verification_uri: address("verification_uri")
                .or_else(|| address("verification_url"))
                .ok_or_else(|| missing("address for the code"))?,
            verification_uri_complete: address("verification_uri_complete"),
            expires_at: now.checked_add(SignedDuration::from_secs(life)).unwrap_or(now),
            interval: interval.clamp(1, LONGEST_INTERVAL),
            next_at: now,
            scopes,
        };
        device.rest(now);
        Ok(device)
    }

    /// Asks whether the person has consented; none: not yet, or it is too early to ask ([`Device::next_at`]). Keep the
    /// device after each call: the service may ask for longer pauses.
    ///
    /// # Errors
    /// As [`Auth::finish`].
    pub async fn device_poll(&self, party: &Party, device: &mut Device) -> Result<Option<Granted>> {
        let oauth = device_of(party)?;
        let now = self.now();
        if now >= device.expires_at {
            let text = "the code was not typed in time; begin again";
            return Err(party.name(Error::new(connector_core::ErrorKind::Auth, text)));
        }
        if now < device.next_at {
            return Ok(None);
        }
        let grant = "urn:ietf:params:oauth:grant-type:device_code".to_owned();
        let fields = Fields::new(vec![("grant_type", grant)])
            .secret("device_code", Secret::from(device.device_code.as_str()));
        let ask = by_client(party, oauth, &party.address(&oauth.token_url)?, fields).await?.endpoint("auth.token");
        match self.ask(party, ask, Asked::Device, Class::Interactive).await {
            Ok(body) => {
                let mut granted = answer::granted(oauth, &body, self.now()).map_err(|f| party.name(f.error))?;
                if granted.scopes.is_empty() {
                    granted.scopes = device.scopes.clone();
                }
                Ok(Some(granted))
            }
            Err(Failure { why, error }) => {
                match why {
                    Why::Pending => {}
                    // RFC 8628, 3.5: for this and all later questions.
                    Why::SlowDown => device.slower(INTERVAL),
                    // A lost answer or a service that is down for a moment ends nothing (3.5, exponential backoff).
                    Why::Later { .. } => device.slower(device.interval),
                    _ => return Err(error),
                }
                device.rest(self.now());
                Ok(None)
            }
        }
    }
}

impl Device {
    fn slower(&mut self, by: u32) {
        self.interval = self.interval.saturating_add(by).min(LONGEST_INTERVAL);
    }

    fn rest(&mut self, now: Timestamp) {
        self.next_at = now.checked_add(SignedDuration::from_secs(self.interval.into())).unwrap_or(now);
    }
}

fn device_of(party: &Party) -> Result<&OAuth2> {
    match &party.method.grant {
        Grant::DeviceCode(oauth) => Ok(oauth),
        _ => Err(party.unfit("is not one in which a person consents on another device")),
    }
}
