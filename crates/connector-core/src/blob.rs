//! Files as inputs and outputs of actions: given in place, or by a handle that a store opens.

use async_trait::async_trait;
use base64::Engine as _;
use bytes::Bytes;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};

/// A file's content: exactly one of text, base64, handle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Blob {
    /// The content as text.
    Text(String),
    /// The content as base64 with padding.
    Base64(String),
    /// The handle of a blob that the gateway or the application keeps.
    Handle(String),
}

/// Opens blobs by handle.
#[async_trait]
pub trait BlobStore: Send + Sync {
    /// The content.
    ///
    /// # Errors
    /// `NotFound` for an unknown handle.
    async fn open(&self, handle: &str) -> Result<Bytes>;
}

impl Blob {
    pub(crate) async fn open(&self, store: Option<&dyn BlobStore>) -> Result<Bytes> {
        match self {
            Self::Text(t) => Ok(Bytes::copy_from_slice(t.as_bytes())),
            Self::Base64(b) => base64::prelude::BASE64_STANDARD
                .decode(b)
                .map(Bytes::from)
                .map_err(|_| Error::new(ErrorKind::InvalidInput, "the file's content is not valid base64")),
            Self::Handle(h) => match store {
                Some(s) => s.open(h).await,
                None => Err(Error::new(
                    ErrorKind::Unsupported,
                    "this caller keeps no files; give the content as text or base64",
                )),
            },
        }
    }
}
