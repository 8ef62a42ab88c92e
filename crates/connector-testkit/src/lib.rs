//! Fixtures, the replay transport, the fake service and the laws of the contract suite.
//!
//! A connector's fixtures are real exchanges with its service. From them come the replay (every request compared whole),
//! the fault injection, the forged webhooks and the fake service of the demonstration. Nothing in it is opted into: a
//! connector that is compiled in is judged by every law.
//!
//! Architecture invariant: of this project's crates only `connector-core` is used here.

pub mod canned;
pub mod contract;
pub mod fake;
pub mod fixture;
pub mod replay;
pub mod secrets_scan;
pub mod values;
