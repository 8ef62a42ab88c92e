//! The step `consent`: a person agrees at the service, in a browser or with a code on another device.
//!
//! In a browser the consent is bound to the browser that began it: it holds a random value as a cookie, we hold its hash, and
//! what comes back from another browser is refused. So nobody can have somebody else's account connected by sending them a
//! link, nor theirs by making them open an answer. A consent that the terminal asked for begins with a one-time address
//! (a ticket) that a person opens, which says what will be connected before it sends them on.

use connector_auth::{Callback, Device, Pending};
use connector_core::{Error, ErrorKind, FieldError, Secret, auth::Grant};
use jackfield_store::setup::{OfferedSite, SetupStep};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use uuid::Uuid;

use super::{
    Progress,
    draft::{self, Draft},
    granted,
};
use crate::{Engine, Result};

/// A consent that was begun is waited for so long.
const PATIENCE: SignedDuration = SignedDuration::from_mins(30);

/// What a person does at the service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Consent {
    /// Consents in a browser.
    Browser {
        /// Whether a browser was sent there and is waited for.
        waiting: bool,
    },
    /// Types a code on any device.
    Device {
        /// The code; none before it was asked for.
        user_code: Option<String>,
        /// Where it is typed.
        verification_uri: Option<String>,
        /// The same with the code in it already.
        verification_uri_complete: Option<String>,
        /// When the code ends.
        expires_at: Option<Timestamp>,
        /// Seconds between two looks whether the person has consented.
        interval: u32,
    },
}

/// Where a browser is sent, and what it must hold until it comes back.
pub struct ConsentStart {
    /// The service's page.
    pub url: String,
    /// For a cookie of this browser alone.
    pub browser: Secret,
}

/// The right to begin one consent in some browser.
pub struct Ticket {
    /// The installation's id and a random value: the end of an address. Worth as much as a password until it is used.
    pub ticket: String,
}

fn nobody_waits() -> Error {
    let text = "nobody waits for this answer: the consent was finished already, was begun again, or took too long";
    Error::new(ErrorKind::NotFound, text)
}

impl Engine {
    /// What a person does, in this step.
    pub(super) fn consent_view(&self, draft: &Draft) -> Option<Consent> {
        if draft.i.step != SetupStep::Consent {
            return None;
        }
        match &draft.method()?.grant {
            Grant::DeviceCode(_) => {
                let device = draft.secrets.pending.as_ref().and_then(|p| Device::from_bytes(p.expose()).ok());
                Some(Consent::Device {
                    user_code: device.as_ref().map(|d| d.user_code.clone()),
                    verification_uri: device.as_ref().map(|d| d.verification_uri.clone()),
                    verification_uri_complete: device.as_ref().and_then(|d| d.verification_uri_complete.clone()),
                    expires_at: device.as_ref().map(|d| d.expires_at),
                    interval: device.map_or(5, |d| d.interval),
                })
            }
            _ => Some(Consent::Browser { waiting: self.is_awaited(draft) }),
        }
    }

    fn is_awaited(&self, draft: &Draft) -> bool {
        let pending = draft.secrets.pending.as_ref().and_then(|p| Pending::from_bytes(p.expose()).ok());
        pending.is_some_and(|p| self.now().duration_since(p.created_at()) < PATIENCE)
    }

    /// The step's own form: asks for a device code, or whether the person has consented on their device. In a browser there
    /// is nothing to send: the person goes to the service by [`Engine::begin_consent`].
    pub(super) async fn ask_consent(&self, draft: &mut Draft) -> Result<()> {
        if draft.i.granted {
            return self.go_on(draft).await;
        }
        let is_device = draft.method().is_some_and(|m| matches!(m.grant, Grant::DeviceCode(_)));
        if !is_device {
            return Ok(());
        }
        let party = self.draft_party(draft).await?;
        let under_way = match &draft.secrets.pending {
            Some(kept) => Some(Device::from_bytes(kept.expose())?).filter(|d| d.expires_at > self.now()),
            None => None,
        };
        let Some(mut device) = under_way else {
            let device = self.inner.auth.device_begin(&party, &draft.least_scopes()).await?;
            draft.secrets.pending = Some(Secret::new(device.to_bytes()?.to_vec()));
            return Ok(());
        };
        let polled = self.inner.auth.device_poll(&party, &mut device).await;
        draft.secrets.pending = Some(Secret::new(device.to_bytes()?.to_vec()));
        match polled {
            Ok(None) => Ok(()),
            Ok(Some(got)) => self.granted(draft, got).await,
            Err(e) => {
                // The code is worth nothing any more where the person refused, or it ended.
                if e.kind() == ErrorKind::Auth {
                    draft.secrets.pending = None;
                }
                Err(e.into())
            }
        }
    }

    /// Sends a browser to the service. Who calls this has made sure that the browser is one of somebody who may.
    ///
    /// # Errors
    /// `Conflict` if it is not this step's turn; `Misconfigured` where the app or the gateway lacks a value.
    pub async fn begin_consent(&self, id: Uuid) -> Result<ConsentStart> {
        self.in_turn(id, move |engine| async move { engine.lead_to_consent(id).await }).await
    }

    async fn lead_to_consent(&self, id: Uuid) -> Result<ConsentStart> {
        let mut draft = self.draft(id).await?;
        if draft.i.step != SetupStep::Consent {
            return Err(Error::new(
                ErrorKind::Conflict,
                "consent is not the step that is due; go back to the installation",
            )
            .into());
        }
        let redirect = format!("{}/oauth/callback", self.public_url()?);
        let party = self.draft_party(&draft).await?;
        let (url, pending) = self.inner.auth.begin(&party, &redirect, &draft.least_scopes())?;
        let browser = draft::random()?;
        draft.i.state_hash = Some(draft::hash(pending.state()));
        draft.i.browser_hash = Some(draft::hash(&browser));
        draft.i.ticket_hash = None;
        draft.i.errors.clear();
        draft.secrets.pending = Some(Secret::new(pending.to_bytes()?.to_vec()));
        self.keep_draft(&mut draft).await?;
        Ok(ConsentStart { url: url.into(), browser: Secret::from(browser) })
    }

    /// The right to begin the consent in some browser, for an address that the terminal shows. An earlier one is void.
    ///
    /// # Errors
    /// As [`Engine::begin_consent`].
    pub async fn consent_ticket(&self, id: Uuid) -> Result<Ticket> {
        self.public_url()?;
        let mut draft = self.draft(id).await?;
        if draft.i.step != SetupStep::Consent {
            return Err(Error::new(ErrorKind::Conflict, "consent is not the step that is due").into());
        }
        let random = draft::random()?;
        draft.i.ticket_hash = Some(draft::hash(&random));
        self.keep_draft(&mut draft).await?;
        Ok(Ticket { ticket: format!("{}.{random}", id.simple()) })
    }

    /// The installation that a ticket is of; looking does not use it up.
    ///
    /// # Errors
    /// `NotFound` for one that is void, without a word on why.
    pub async fn ticket(&self, ticket: &str) -> Result<Progress> {
        let void = || {
            Error::new(ErrorKind::NotFound, "this address was used already or is too old; begin again where you got it")
        };
        let (id, random) = ticket.split_once('.').ok_or_else(void)?;
        let id = Uuid::try_parse(id).map_err(|_| void())?;
        let draft = self.draft(id).await.map_err(|_| void())?;
        if !draft::is_hash_of(draft.i.ticket_hash.as_deref(), random) || draft.i.step != SetupStep::Consent {
            return Err(void().into());
        }
        self.show(&draft).await
    }

    /// Takes what came back at the redirect address. `browser`: what the browser holds, see [`ConsentStart::browser`]. Gives
    /// the installation, whose page shows how it went.
    ///
    /// # Errors
    /// `NotFound` for what nobody waits for; `Refused` for another browser than the one that was sent; else what the service
    /// or the check says, which the installation keeps too.
    pub async fn consent_callback(&self, callback: Callback, browser: Option<&str>) -> Result<Uuid> {
        let state = callback.state.as_deref().filter(|s| s.len() <= 512).ok_or_else(nobody_waits)?;
        let all = self.store().installations().await?;
        let found = all.iter().find(|i| draft::is_hash_of(i.state_hash.as_deref(), state)).ok_or_else(nobody_waits)?;
        let (id, browser) = (found.id, browser.map(str::to_owned));
        self.in_turn(id, move |engine| async move { engine.came_back(id, callback, browser.as_deref()).await }).await
    }

    async fn came_back(&self, id: Uuid, callback: Callback, browser: Option<&str>) -> Result<Uuid> {
        let mut draft = self.draft(id).await?;
        let state = callback.state.as_deref().unwrap_or_default();
        if !draft::is_hash_of(draft.i.state_hash.as_deref(), state) {
            return Err(nobody_waits().into());
        }
        if !browser.is_some_and(|b| draft::is_hash_of(draft.i.browser_hash.as_deref(), b)) {
            let text = "this consent was begun in another browser; finish it there, or begin again here";
            return Err(Error::new(ErrorKind::Refused, text).into());
        }
        let pending = draft.secrets.pending.as_ref().ok_or_else(nobody_waits)?;
        let pending = Pending::from_bytes(pending.expose())?;
        // A code is exchanged once. Whoever comes second with it finds nobody waiting.
        (draft.i.state_hash, draft.i.browser_hash, draft.secrets.pending) = (None, None, None);
        draft.i.errors.clear();
        self.keep_draft(&mut draft).await?;
        let party = self.draft_party(&draft).await?;
        let done = match self.inner.auth.finish(&party, &pending, &callback).await {
            Ok(got) => self.granted(&mut draft, got).await,
            Err(e) => Err(e.into()),
        };
        if let Err(e) = &done {
            let e = e.clone().into_error();
            draft.i.errors = match e.fields() {
                [] => vec![FieldError::new("", e.caller_text())],
                fields => fields.to_vec(),
            };
        }
        let id = draft.i.id;
        self.keep_draft(&mut draft).await?;
        Ok(id)
    }

    /// Keeps what was granted, learns the sites of the account, and goes on.
    async fn granted(&self, draft: &mut Draft, got: connector_auth::Granted) -> Result<()> {
        self.take_granted(draft, got)?;
        draft.i.step = SetupStep::Consent;
        // What was granted is granted once: it is kept before anything else is asked.
        self.keep_draft(draft).await?;
        self.learn_sites(draft).await?;
        self.go_on(draft).await
    }

    async fn learn_sites(&self, draft: &mut Draft) -> Result<()> {
        let Some(sealed) = &draft.secrets.granted else { return Ok(()) };
        let (party, got) = (self.draft_party(draft).await?, granted::read(sealed)?);
        let sites = self.inner.auth.sites(&party, &got).await?;
        if let [only] = sites.as_slice() {
            draft.i.values.extend(only.values.clone());
        }
        draft.i.sites = sites.into_iter().map(|s| OfferedSite { id: s.id, label: s.label, values: s.values }).collect();
        Ok(())
    }
}
