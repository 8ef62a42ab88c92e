//! Saving the connection, and the end.

use connector_core::{Error, ErrorKind, auth::Grant};
use jackfield_store::{
    Connection, StoreError,
    setup::{InstallationSecrets, SetupStep},
};

use super::{draft::Draft, granted};
use crate::{Engine, Result};

impl Engine {
    /// Saves what was checked: of a change, the connection was as before until now. The connection, its tokens and the
    /// installation are written one after the other; a process that dies between them leaves an installation to be given up.
    pub(super) async fn save(&self, draft: &mut Draft) -> Result<()> {
        let store = self.store();
        let i = &draft.i;
        let before = match store.connection(&i.connection).await {
            Ok(c) => Some(c),
            Err(StoreError::NotFound(..)) => None,
            Err(e) => return Err(e.into()),
        };
        match &before {
            Some(c) if !i.update && !i.applied => {
                let text = format!("a connection `{}` was made meanwhile; go back and choose another id", c.id);
                return Err(Error::new(ErrorKind::Conflict, text).into());
            }
            None if i.update || i.applied => {
                let text = "the connection was removed meanwhile; begin a new one";
                return Err(Error::new(ErrorKind::Conflict, text).into());
            }
            _ => {}
        }
        let now = self.now();
        let connection = Connection {
            id: i.connection.clone(),
            connector: i.connector.clone(),
            name: i.name.clone(),
            app: i.app.clone(),
            values: i.values.clone(),
            networks: i.networks.clone(),
            limits: i.limits.clone(),
            identity: i.identity.clone(),
            account: i.account.clone(),
            enabled: before.as_ref().is_none_or(|b| b.enabled),
            auth: i.method.clone(),
            params_version: draft.connector.info().params_version,
            created_at: before.as_ref().map_or(now, |b| b.created_at),
            updated_at: now,
        };
        store.put_connection(connection, draft.secrets.secrets.clone()).await?;
        let mut forget = false;
        match &draft.secrets.granted {
            Some(sealed) => {
                let party = self.draft_party(draft).await?;
                self.inner.auth.keep(&party, granted::read(sealed)?).await?;
                // From now on the connection's own are renewed; these would grow old.
                forget = true;
            }
            // Tokens of an earlier consent would go before what was typed in.
            None if draft.method().is_none_or(|m| m.grant == Grant::Given) => {
                store.forget_token(&draft.i.connection).await?;
            }
            None => {}
        }
        if forget {
            draft.secrets.granted = None;
        }
        draft.i.applied = true;
        Ok(())
    }

    /// The end: the connection is saved if it was not yet, and the installation keeps no secrets any more.
    pub(super) async fn finish(&self, draft: &mut Draft) -> Result<()> {
        if !draft.i.applied {
            self.save(draft).await?;
        }
        draft.i.step = SetupStep::Done;
        draft.i.errors.clear();
        (draft.i.state_hash, draft.i.browser_hash, draft.i.ticket_hash) = (None, None, None);
        draft.secrets = InstallationSecrets::default();
        Ok(())
    }
}
