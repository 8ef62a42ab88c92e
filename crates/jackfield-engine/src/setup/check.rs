//! The step `validate`: tokens that need no person are asked for, then the connector's own check with a real call.

use connector_core::{Error, FieldError};
use jackfield_store::setup::SetupStep;

use super::{draft::Draft, fields, granted, steps};
use crate::{Engine, Result};

impl Engine {
    /// Checks what there is. What is wrong with a param that was typed in makes `parameters` due again.
    pub(super) async fn check(&self, draft: &mut Draft) -> Result<()> {
        draft.i.step = SetupStep::Validate;
        if draft.method().is_some_and(steps::obtains) {
            let party = self.draft_party(draft).await?;
            match self.inner.auth.obtain(&party, &draft.least_scopes()).await {
                Ok(got) => self.take_granted(draft, got)?,
                Err(e) => return Err(self.place(draft, e).into()),
            }
        }
        if draft.connector.has_validator() {
            let cx = self.draft_cx(draft).await?;
            let found = draft.connector.validate(&cx).await;
            if !found.errors.is_empty() {
                return Err(self.place(draft, Error::invalid_input(found.errors)).into());
            }
            draft.i.identity.extend(found.identity);
            draft.i.account = found.account.or(draft.i.account.take());
            if !found.scopes.is_empty() {
                draft.i.scopes = found.scopes;
            }
        }
        self.go_on_from_check(draft).await
    }

    /// Boxed, since the step after may come back here.
    fn go_on_from_check<'a>(&'a self, draft: &'a mut Draft) -> connector_core::BoxFuture<'a, Result<()>> {
        Box::pin(self.go_on(draft))
    }

    /// Errors on fields that were asked for are mended there.
    fn place(&self, draft: &mut Draft, e: Error) -> Error {
        let asked = fields::parameters(&draft.connector, draft.method());
        let about_params = e.fields().iter().any(|f| asked.iter().any(|p| f.pointer == format!("/{}", p.id)));
        if about_params {
            draft.i.step = SetupStep::Parameters;
            return e.with_connector(draft.connector.id().to_owned());
        }
        // A token that was granted has no field of its own.
        let fields: Vec<FieldError> = e.fields().iter().map(|f| FieldError::new("", f.message.clone())).collect();
        if fields.is_empty() { e } else { Error::invalid_input(fields).with_connector(draft.connector.id().to_owned()) }
    }

    /// Keeps what a service granted with the installation.
    pub(super) fn take_granted(&self, draft: &mut Draft, got: connector_auth::Granted) -> Result<()> {
        draft.secrets.granted = Some(granted::write(&got)?);
        draft.secrets.pending = None;
        draft.i.granted = true;
        draft.i.scopes = got.scopes;
        draft.i.identity.extend(got.identity);
        draft.i.values.extend(got.values);
        (draft.i.state_hash, draft.i.browser_hash, draft.i.ticket_hash) = (None, None, None);
        Ok(())
    }
}
