//! Tokens in memory: for applications that keep none, and for tests.

/// Tokens in memory.
#[derive(Default)]
pub struct MemoryTokens;
