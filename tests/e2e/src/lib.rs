//! What crosses crates: the binary, really run.
