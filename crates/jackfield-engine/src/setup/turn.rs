//! One at a time, and to the end: two who press a button at once, and one who closes the window in the middle.
//!
//! A step speaks to the service before it writes what came of it. So the second of two gets `Conflict` before anything is
//! sent, and what has begun goes on when whoever asked for it hangs up.

use std::{future::Future, sync::PoisonError};

use connector_core::{Error, ErrorKind};
use uuid::Uuid;

use crate::{Engine, Result};

/// The right to go on with an installation, until it is dropped.
pub(super) struct Turn {
    engine: Engine,
    id: Uuid,
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.engine.inner.turns.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
    }
}

impl Engine {
    fn turn(&self, id: Uuid) -> Result<Turn> {
        if self.inner.turns.lock().unwrap_or_else(PoisonError::into_inner).insert(id) {
            return Ok(Turn { engine: self.clone(), id });
        }
        Err(Error::new(ErrorKind::Conflict, "a step of this installation is under way; wait for its end").into())
    }

    /// Does something with an installation, alone and to its end.
    pub(super) async fn in_turn<T, F>(&self, id: Uuid, work: impl FnOnce(Self) -> F) -> Result<T>
    where
        T: Send + 'static,
        F: Future<Output = Result<T>> + Send + 'static,
    {
        let turn = self.turn(id)?;
        let work = work(self.clone());
        let done = tokio::spawn(async move {
            let done = work.await;
            drop(turn);
            done
        });
        done.await.unwrap_or_else(|_| Err(Error::internal("a step of an installation ended early").into()))
    }
}
