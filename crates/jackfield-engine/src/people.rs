//! People: who they are, how they sign in, what their tokens may do, and the audit log's keeping.
//!
//! What lives here: the rules (roles, passwords, how long codes and sessions live, how often one may try). What must not:
//! cookies, headers, pages, which are the server's; what is kept, which is the store's.

mod codes;
mod invitations;
mod log;
mod password;
mod persons;
mod principal;
mod sessions;
mod throttle;
mod tokens;

use connector_core::{Error, ErrorKind};

pub use codes::Code;
pub use invitations::{Acceptance, Invited};
pub use password::{MAX_PASSWORD, MIN_PASSWORD};
pub use persons::{PersonChange, PersonInput};
pub use principal::{Actor, Principal};
pub use sessions::{SESSION_IDLE, SESSION_LASTS, SignIn, SignedIn};
pub use tokens::{BadToken, TokenInput};

use crate::EngineError;

/// What the rules remember while the process runs.
#[derive(Default)]
pub(crate) struct Desk {
    hasher: password::Hasher,
    tries: throttle::Tries,
}

/// Somebody may not do this.
fn refused(text: &str) -> EngineError {
    Error::new(ErrorKind::Refused, text.to_owned()).into()
}
