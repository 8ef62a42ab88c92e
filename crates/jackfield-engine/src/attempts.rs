//! Which attempts are under way.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use connector_core::Cancel;
use uuid::Uuid;

/// The attempts under way, so that a process that stops need not wait for those that wait themselves.
#[derive(Default)]
pub(crate) struct Attempts(Mutex<(bool, BTreeMap<Uuid, Cancel>)>);

impl Attempts {
    /// Lists an attempt until what is returned is dropped.
    pub(crate) fn list(&self, run: Uuid, cancel: &Cancel) -> Listed<'_> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.0 {
            cancel.hurry();
        }
        all.1.insert(run, cancel.clone());
        Listed { all: self, run }
    }

    /// From now on no attempt waits for a turn or before it is repeated: it ends, and its run is queued again.
    pub(crate) fn hurry(&self) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.0 = true;
        all.1.values().for_each(Cancel::hurry);
    }
}

/// An attempt that is listed.
pub(crate) struct Listed<'a> {
    all: &'a Attempts,
    run: Uuid,
}

impl Drop for Listed<'_> {
    fn drop(&mut self) {
        self.all.0.lock().unwrap_or_else(PoisonError::into_inner).1.remove(&self.run);
    }
}
