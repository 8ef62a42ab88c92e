//! Giving an installation up.

use uuid::Uuid;

use super::remove::Removed;
use crate::{Engine, Result};

impl Engine {
    /// Gives an installation up: its secrets are forgotten, and a connection that it had saved while its webhooks were still
    /// being made is removed again, with those. One that is done, and a change that was saved, stay as they are: only the
    /// installation is forgotten.
    ///
    /// # Errors
    /// `NotFound`; the store's.
    pub async fn cancel_installation(&self, id: Uuid) -> Result<Removed> {
        self.in_turn(id, move |engine| async move { engine.give_up(id).await }).await
    }

    async fn give_up(&self, id: Uuid) -> Result<Removed> {
        let draft = self.draft(id).await?;
        let half_made = draft.i.applied && !draft.i.update && draft.i.step < jackfield_store::setup::SetupStep::Done;
        let mut done = Removed { id: draft.i.connection.clone(), ..Removed::default() };
        if half_made {
            match self.remove_connection(&draft.i.connection, false).await {
                Ok(removed) => done = removed,
                Err(e) if super::begin::is_missing(&e.clone().into_error()) => {}
                Err(e) => return Err(e),
            }
        }
        self.store().delete_installation(id).await?;
        Ok(done)
    }
}
