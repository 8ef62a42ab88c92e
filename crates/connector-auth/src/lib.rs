//! How connections come to their tokens and keep them: consent, grants, renewal.
//!
//! What lives here: requests to token addresses, the state machine of a token's life, and what holds a connection's
//! credentials for its calls. It is a library: an application can use it without the gateway. What must not: an HTTP client
//! (requests go through a [`connector_core::Transport`]), a database (tokens are kept by a
//! [`connector_core::auth::TokenStore`]), pages.
