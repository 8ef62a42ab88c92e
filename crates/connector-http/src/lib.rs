//! The one guarded way out: the only crate that knows an HTTP client.
