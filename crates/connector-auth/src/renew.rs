//! Renewal.

use connector_core::Result;

use crate::{Auth, Party};

pub(crate) type Flight = ();

impl Auth {
    /// The service refused an access token (401): renews at once, if the refused one is still the one that is kept. Gives
    /// whether there is another one now, with which the call may be made again.
    ///
    /// `refused`: [`Credentials`](crate::Credentials)' mark of it.
    ///
    /// # Errors
    /// As [`Auth::credentials`].
    pub async fn refused(&self, party: &Party, _refused: u64) -> Result<bool> {
        Err(party.unfit("is not built yet"))
    }
}
