//! Removing a connection, with what was made for it at the service.

use connector_auth::Revoked;
use connector_core::{Class, Connector, Cx, Error, TraceId};
use jackfield_store::{Connection, setup::HookState};
use serde::Serialize;

use crate::{Call, Engine, Result};

/// Something at the service that could not be undone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Left {
    /// What is still there.
    pub what: String,
    /// Why.
    pub why: String,
    /// What a person can do about it.
    pub mend: String,
}

/// What removing a connection did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Removed {
    /// The connection.
    pub id: String,
    /// The resources whose webhooks were removed.
    pub webhooks: Vec<String>,
    /// Whether its tokens were taken back at the service.
    pub tokens_revoked: bool,
    /// What could not be undone.
    pub left: Vec<Left>,
}

impl Engine {
    /// Removes a connection: its webhooks at the service, its tokens there, then the connection with its secrets. What it
    /// received stays. What cannot be undone at the service is told and stops nothing; with `keep_remote` the service is not
    /// asked at all.
    ///
    /// # Errors
    /// `NotFound`; the store's.
    pub async fn remove_connection(&self, id: &str, keep_remote: bool) -> Result<Removed> {
        let store = self.store();
        let connection = store.connection(id).await?;
        let mut done = Removed { id: id.to_owned(), ..Removed::default() };
        match self.registry().get(&connection.connector) {
            Ok(connector) => {
                self.remove_hooks(&connector, id, keep_remote, &mut done).await?;
                self.take_back(&connector, &connection, keep_remote, &mut done).await?;
            }
            Err(_) => done.left.push(Left {
                what: "webhooks and tokens at the service, if there are any".into(),
                why: format!("this gateway has no connector `{}` any more", connection.connector),
                mend: "remove them in the service's settings".into(),
            }),
        }
        store.delete_connection(id).await?;
        store.forget_token(id).await?;
        Ok(done)
    }

    async fn remove_hooks(&self, connector: &Connector, id: &str, keep: bool, done: &mut Removed) -> Result<()> {
        let name = &connector.info().name;
        for hook in self.store().hooks(id).await? {
            let label = hook.resource.label.clone();
            // One that could not be made is not there.
            if hook.hook.is_none() && hook.state == HookState::Failed {
                continue;
            }
            let outcome = if keep { Err(kept()) } else { self.remove_hook(connector, hook).await? };
            match outcome {
                Ok(()) => done.webhooks.push(label),
                Err(e) => done.left.push(Left {
                    what: format!("the webhook of {label}"),
                    why: e.caller_text().to_owned(),
                    mend: format!("delete it in the settings of {label} at {name}: it is the one to an address that ends in /webhooks/{}/{id}", connector.id()),
                }),
            }
        }
        Ok(())
    }

    async fn take_back(&self, connector: &Connector, c: &Connection, keep: bool, done: &mut Removed) -> Result<()> {
        if self.store().token(&c.id).await?.is_none() {
            return Ok(());
        }
        let by_hand = format!("take the access back in the account's settings at {}", connector.info().name);
        let left = |why: String, mend: String| Left { what: "the access that was granted".into(), why, mend };
        if keep {
            done.left.push(left(kept().caller_text().to_owned(), by_hand));
            return Ok(());
        }
        let party = match self.party(connector, c).await {
            Ok(Some(party)) => party,
            Ok(None) => return Ok(()),
            Err(e) => {
                done.left.push(left(e.into_error().caller_text().to_owned(), by_hand));
                return Ok(());
            }
        };
        match self.inner.auth.revoke(&party).await {
            Ok(Revoked::Done) => done.tokens_revoked = true,
            Ok(Revoked::Nothing) => {}
            Ok(Revoked::ByHand { instead }) => {
                let mend = if instead.is_empty() { by_hand } else { instead };
                done.left.push(left("the service has no way to take it back, or refused".into(), mend));
            }
            Err(e) => done.left.push(left(e.caller_text().to_owned(), by_hand)),
        }
        Ok(())
    }

    /// A context for calls of a connection, whether it is enabled or not.
    pub(super) async fn connection_cx(&self, connector: &Connector, connection: &Connection) -> Result<Cx> {
        let call = Call::new(TraceId::new(self.now()), Class::Interactive);
        self.cx(connector, connection, call, self.inner.transport.clone()).await
    }
}

fn kept() -> Error {
    Error::new(connector_core::ErrorKind::Cancelled, "the service was not asked, as you wished")
}
