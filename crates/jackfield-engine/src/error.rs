//! What can go wrong in the engine: a connector's error or the store's.

use connector_core::{Error, ErrorKind, RetryAdvice};
use jackfield_store::StoreError;

/// Result with [`EngineError`].
pub type Result<T, E = EngineError> = std::result::Result<T, E>;

/// An engine's error.
#[derive(Debug, Clone, thiserror::Error)]
pub enum EngineError {
    /// From a connector, or in its form.
    #[error("{0}")]
    Connector(#[from] Error),
    /// From the store.
    #[error("{0}")]
    Store(#[from] StoreError),
}

impl EngineError {
    /// Wrong input in one field.
    pub fn field(pointer: &str, message: impl Into<String>) -> Self {
        Error::invalid_field(pointer, message).into()
    }

    /// The error in the form that callers see.
    pub fn into_error(self) -> Error {
        match self {
            Self::Connector(e) => e,
            Self::Store(e) => {
                let text = e.to_string();
                match e {
                    StoreError::NotFound(..) => Error::new(ErrorKind::NotFound, text),
                    StoreError::Exists(..) | StoreError::InUse(..) | StoreError::Conflict(_) => {
                        Error::new(ErrorKind::Conflict, text)
                    }
                    StoreError::Invalid(_) => Error::new(ErrorKind::InvalidInput, text),
                    // What the store cannot give now it may give later, and nothing was sent yet.
                    _ => Error::internal(text).with_retry(RetryAdvice::Safe { after: None }),
                }
            }
        }
    }

    /// Whether the store could not write: the caller should come again later.
    pub fn is_unavailable(&self) -> bool {
        matches!(self, Self::Store(StoreError::Unwritable(_) | StoreError::SyncLost | StoreError::Other(_)))
    }
}
